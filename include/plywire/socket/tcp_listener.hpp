// A TCP port that an application listens on.
#pragma once

#include <plywire/socket/tcp_socket.hpp>

#include <cstdint>
#include <expected>
#include <utility>

namespace plywire {

// Owns one listener of a `Host`, which must outlive it; move-only. Not for two threads.
template <class Host>
class tcp_listener {
public:
    constexpr tcp_listener() = default;
    // Takes over a listener that the layer handed out.
    constexpr tcp_listener(Host& on, pool_id id)
        : host_(&on)
        , id_(id) {}
    constexpr tcp_listener(tcp_listener&& other) noexcept
        : host_(std::exchange(other.host_, nullptr))
        , id_(std::exchange(other.id_, {})) {}
    constexpr tcp_listener& operator=(tcp_listener&& other) noexcept {
        if (this != &other) {
            close();
            host_ = std::exchange(other.host_, nullptr);
            id_ = std::exchange(other.id_, {});
        }
        return *this;
    }
    // close().
    constexpr ~tcp_listener() { close(); }

    constexpr explicit operator bool() const { return host_ != nullptr; }

    // The oldest connection that waits; would_block when none does. It may have ended meanwhile: its calls say so.
    [[nodiscard]] constexpr std::expected<tcp_socket<Host>, socket_error> accept() {
        if (host_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        auto const id = layer().accept(id_);
        if (!id) {
            return std::unexpected(id.error());
        }
        return tcp_socket<Host>(*host_, *id);
    }

    // Accepts no more; connections that nobody has accepted are reset.
    constexpr void close() {
        if (host_ != nullptr) {
            layer().close_listener(id_, host_->now());
            host_ = nullptr;
            id_ = {};
        }
    }

    // 0 when it is closed.
    constexpr std::uint16_t port() const { return host_ == nullptr ? std::uint16_t{0} : layer().listener_port(id_); }
    // What ready_event::id is compared with, where ready_event::listener is true.
    constexpr pool_id id() const { return id_; }

private:
    constexpr auto& layer() const { return host_->template layer<tcp::tag>(); }

    Host* host_ = nullptr;
    pool_id id_{};
};

} // namespace plywire
