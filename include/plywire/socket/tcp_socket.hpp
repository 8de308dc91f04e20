// A TCP connection as an application holds it.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/machine/connection_info.hpp>
#include <plywire/machine/keep_alive.hpp>
#include <plywire/machine/reports.hpp>
#include <plywire/machine/states.hpp>
#include <plywire/protocols/endpoint.hpp>
#include <plywire/protocols/layer.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/socket_error.hpp>
#include <plywire/protocols/tcp_settings.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>

namespace plywire {

// Owns one connection of a host's TCP `Layer`; the host must outlive it. Move-only. An empty or closed socket answers
// socket_error::closed. No call blocks, and none sends by itself: what it leads to goes out with the host's next
// transmit(). Not for two threads.
template <class Layer>
class tcp_socket {
public:
    constexpr tcp_socket() = default;
    // Takes over a connection that the layer handed out.
    constexpr tcp_socket(Layer& of, pool_id id)
        : layer_(&of)
        , id_(id) {}
    constexpr tcp_socket(tcp_socket&& other) noexcept
        : layer_(std::exchange(other.layer_, nullptr))
        , id_(std::exchange(other.id_, {})) {}
    constexpr tcp_socket& operator=(tcp_socket&& other) noexcept {
        if (this != &other) {
            close();
            layer_ = std::exchange(other.layer_, nullptr);
            id_ = std::exchange(other.id_, {});
        }
        return *this;
    }
    // close().
    constexpr ~tcp_socket() { close(); }

    // Whether it holds a connection, living or dead.
    constexpr explicit operator bool() const { return layer_ != nullptr; }

    // Octets taken, at least 1 (0 only of 0). would_block when the buffer is full, closing after shutdown(), else why
    // the connection ended. Before the connection is established octets wait in the buffer.
    [[nodiscard]] constexpr std::expected<std::size_t, socket_error> send(bytes_view octets) {
        if (layer_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        return layer_->send(id_, octets, layer_->now());
    }

    // Octets put to the front of `room`, at least 1. would_block when none are there yet, end_of_stream after the
    // last, else why the connection ended: reset, timed_out, refused, unreachable.
    [[nodiscard]] constexpr std::expected<std::size_t, socket_error> receive(mutable_bytes room) {
        if (layer_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        return layer_->receive(id_, room, layer_->now());
    }

    // Half-close: the peer will read the end of the stream after what has been sent; reading goes on.
    // not_connected before the peer has answered, closing when it has been called before.
    constexpr std::expected<void, socket_error> shutdown() {
        if (layer_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        return layer_->shutdown(id_, layer_->now());
    }

    // Gives the connection back: what was sent still goes out, then it ends (before the peer has answered it ends at
    // once); when octets are unread it is reset instead (RFC 2525 2.17). The socket is empty from now on.
    [[gnu::noinline]] constexpr void close() {
        if (layer_ != nullptr) {
            layer_->close(id_, layer_->now());
            forget();
        }
    }

    // Gives the connection back and resets it; what was not delivered is lost.
    constexpr void abort() {
        if (layer_ != nullptr) {
            layer_->abort(id_, layer_->now());
            forget();
        }
    }

    // Nagle's algorithm off (true) or on, as it is at first (RFC 9293 3.7.4).
    constexpr void set_no_delay(bool on) {
        if (layer_ != nullptr) {
            layer_->set_no_delay(id_, on, layer_->now());
        }
    }

    // The code point and the hops of its packets from now on (RFC 9293 MUST-48, MUST-49). invalid for a code point
    // beyond 63.
    constexpr std::expected<void, socket_error> set_marks(tcp::packet_marks const& marks) {
        if (layer_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        return layer_->set_marks(id_, marks);
    }

    // As send(), for octets that the peer's application should know of before those that it has not read: the urgent
    // pointer then says where they end (RFC 9293 3.8.5). RFC 6093: for protocols that have it, not for new ones.
    [[nodiscard]] constexpr std::expected<std::size_t, socket_error> send_urgent(bytes_view octets) {
        if (layer_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        return layer_->send_urgent(id_, octets, layer_->now());
    }

    // How many octets are to be read until the end of what the peer called urgent; 0 when nothing is.
    constexpr std::uint32_t urgent_left() const {
        auto const* const m = machine();
        return m == nullptr ? 0 : m->urgent_left();
    }

    // Corked, only full segments leave; what is less leaves when the cork is taken out, at shutdown() and close(), or a
    // little later by itself.
    constexpr void set_cork(bool on) {
        change([&](auto& machine) { machine.set_cork(on, layer_->now()); });
    }

    // Probes of an idle peer, as they are off at first (RFC 9293 MUST-24 to MUST-27); nullopt: off.
    constexpr void set_keep_alive(std::optional<tcp::keep_alive_settings> const& wanted) {
        change([&](auto& machine) { machine.set_keep_alive(wanted, layer_->now()); });
    }

    // How long the peer may leave anything unacknowledged before the connection fails with timed_out: tcp::forever for
    // never, zero for what the policies say (RFC 9293 MUST-21).
    constexpr void set_user_timeout(duration length) {
        change([&](auto& machine) { machine.set_user_timeout(length, layer_->now()); });
    }

    // What close() does with what has not been acknowledged: nullopt delivers it as long as the policies have patience,
    // zero resets at once, else a reset comes after that long at the latest.
    constexpr void set_linger(std::optional<duration> longest) {
        change([&](auto& machine) { machine.set_linger(longest); });
    }

    // What has happened to the connection without ending it: ICMP errors, a peer that does not answer, urgent data; each
    // kind once until it is told (RFC 9293 MUST-47). The socket is handed out as ready when there is some.
    constexpr std::optional<tcp::advice> next_advice() {
        return layer_ == nullptr ? std::nullopt : layer_->next_advice(id_);
    }

    // CLOSED for an empty socket.
    constexpr tcp::state state() const {
        auto const* const m = machine();
        return m == nullptr ? tcp::state::closed : m->current_state();
    }

    // Whether receive() would answer something else than would_block: octets, the end, or an error.
    constexpr bool readable() const {
        auto const* const m = machine();
        return m == nullptr || m->readable();
    }

    // Whether send() would take an octet.
    constexpr bool writable() const {
        auto const* const m = machine();
        return m != nullptr && m->writable();
    }

    // Octets that wait to be read.
    constexpr std::size_t unread() const {
        auto const* const m = machine();
        return m == nullptr ? 0 : m->unread();
    }

    // Octets that were sent and that the peer has not acknowledged.
    constexpr std::size_t unacknowledged() const {
        auto const* const m = machine();
        return m == nullptr ? 0 : m->unacknowledged();
    }

    // What the machine knows about the connection (RFC 9293 3.10.6, STATUS); all zero for an empty socket.
    constexpr tcp::connection_info info() const {
        auto const* const m = machine();
        return m == nullptr ? tcp::connection_info{} : m->info();
    }

    constexpr endpoint peer() const { return layer_ == nullptr ? endpoint{} : layer_->remote(id_); }
    constexpr endpoint local() const { return layer_ == nullptr ? endpoint{} : layer_->local(id_); }

    // A small number that no other living connection of the host has: an index for the application's own tables.
    constexpr std::uint32_t index() const { return id_.index; }
    // What ready_event::id is compared with.
    constexpr pool_id id() const { return id_; }

private:
    constexpr void forget() {
        layer_ = nullptr;
        id_ = {};
    }
    template <class Change>
    constexpr void change(Change const& what) {
        if (layer_ != nullptr) {
            layer_->change_machine(id_, layer_->now(), what);
        }
    }
    constexpr auto const* machine() const { return layer_ == nullptr ? nullptr : layer_->machine(id_); }

    Layer* layer_ = nullptr;
    pool_id id_{};
};

} // namespace plywire
