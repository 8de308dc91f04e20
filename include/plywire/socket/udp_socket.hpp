// A UDP port that an application sends and receives with.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/protocols/endpoint.hpp>
#include <plywire/protocols/layer.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/socket_error.hpp>
#include <plywire/protocols/udp_layer.hpp>

#include <cstdint>
#include <expected>
#include <utility>

namespace plywire {

// Owns one UDP socket of a `Host`, which must outlive it; move-only. Not for two threads.
template <class Host>
class udp_socket {
public:
    constexpr udp_socket() = default;
    // Takes over a socket that the layer handed out.
    constexpr udp_socket(Host& on, pool_id id)
        : host_(&on)
        , id_(id) {}
    constexpr udp_socket(udp_socket&& other) noexcept
        : host_(std::exchange(other.host_, nullptr))
        , id_(std::exchange(other.id_, {})) {}
    constexpr udp_socket& operator=(udp_socket&& other) noexcept {
        if (this != &other) {
            close();
            host_ = std::exchange(other.host_, nullptr);
            id_ = std::exchange(other.id_, {});
        }
        return *this;
    }
    // close().
    constexpr ~udp_socket() { close(); }

    constexpr explicit operator bool() const { return host_ != nullptr; }

    // Sends a datagram at once, into the device's own buffer. would_block while the device is full, too_long beyond
    // the MTU less 28 octets, unreachable when there is no way.
    [[nodiscard]] constexpr std::expected<void, socket_error> send_to(bytes_view payload, endpoint const& to) {
        if (host_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        return layer().send_to(*host_, id_, payload, to);
    }

    // The oldest datagram that waits, cut to `room`; would_block when there is none.
    [[nodiscard]] constexpr std::expected<udp::received_datagram, socket_error> receive_from(mutable_bytes room) {
        if (host_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        return layer().receive_from(id_, room);
    }

    // Gives the port back; what waits is lost.
    constexpr void close() {
        if (host_ != nullptr) {
            layer().close(id_);
            host_ = nullptr;
            id_ = {};
        }
    }

    // 0 when it is closed.
    constexpr std::uint16_t port() const { return host_ == nullptr ? std::uint16_t{0} : layer().port(id_); }
    constexpr std::uint32_t index() const { return id_.index; }
    constexpr pool_id id() const { return id_; }

private:
    constexpr auto& layer() const { return host_->template layer<udp::tag>(); }

    Host* host_ = nullptr;
    pool_id id_{};
};

} // namespace plywire
