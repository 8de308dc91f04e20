// A TCP port that an application listens on.
#pragma once

#include <plywire/socket/tcp_socket.hpp>

#include <cstdint>
#include <expected>
#include <utility>

namespace plywire {

// Owns one listener of a host's TCP `Layer`; the host must outlive it. Move-only. Not for two threads.
template <class Layer>
class tcp_listener {
public:
    constexpr tcp_listener() = default;
    // Takes over a listener that the layer handed out.
    constexpr tcp_listener(Layer& of, pool_id id)
        : layer_(&of)
        , id_(id) {}
    constexpr tcp_listener(tcp_listener&& other) noexcept
        : layer_(std::exchange(other.layer_, nullptr))
        , id_(std::exchange(other.id_, {})) {}
    constexpr tcp_listener& operator=(tcp_listener&& other) noexcept {
        if (this != &other) {
            close();
            layer_ = std::exchange(other.layer_, nullptr);
            id_ = std::exchange(other.id_, {});
        }
        return *this;
    }
    // close().
    constexpr ~tcp_listener() { close(); }

    constexpr explicit operator bool() const { return layer_ != nullptr; }

    // The oldest connection that waits; would_block when none does. It may have ended meanwhile: its calls say so.
    [[nodiscard]] constexpr std::expected<tcp_socket<Layer>, socket_error> accept() {
        if (layer_ == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        auto const id = layer_->accept(id_);
        if (!id) {
            return std::unexpected(id.error());
        }
        return tcp_socket<Layer>(*layer_, *id);
    }

    // Accepts no more; connections that nobody has accepted are reset.
    constexpr void close() {
        if (layer_ != nullptr) {
            layer_->close_listener(id_, layer_->now());
            layer_ = nullptr;
            id_ = {};
        }
    }

    // 0 when it is closed.
    constexpr std::uint16_t port() const { return layer_ == nullptr ? std::uint16_t{0} : layer_->listener_port(id_); }
    // What ready_event::id is compared with, where ready_event::listener is true.
    constexpr pool_id id() const { return id_; }

private:
    Layer* layer_ = nullptr;
    pool_id id_{};
};

} // namespace plywire
