// What an application asks of a host: `h.tcp()`, `h.udp()` and `h.icmp()`. Each is a pointer to the host, made when
// asked.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/protocols/endpoint.hpp>
#include <plywire/protocols/icmpv4_layer.hpp>
#include <plywire/protocols/tcp_settings.hpp>
#include <plywire/socket/tcp_listener.hpp>
#include <plywire/socket/tcp_socket.hpp>
#include <plywire/socket/udp_socket.hpp>

#include <cstdint>
#include <expected>
#include <optional>

namespace plywire {

using connect_options = tcp::connect_options;

// TCP of a host.
template <class Host>
class tcp_service {
public:
    constexpr explicit tcp_service(Host& on)
        : host_(on) {}

    // Accepts connections to a port. in_use when another listener has it, not_local for an address that is not this
    // host's, invalid for port 0 and for marks that do not exist, no_room.
    [[nodiscard]] constexpr std::expected<typename Host::tcp_listener, socket_error>
    listen(std::uint16_t port, tcp::listen_options options = {}) const {
        auto const id = layer().listen(host_, port, options);
        if (!id) {
            return std::unexpected(id.error());
        }
        return typename Host::tcp_listener(layer(), *id);
    }

    // Begins a connection and returns at once, in SYN-SENT; the socket is handed out as ready when that changes.
    // in_use when this pair of endpoints has a connection, unreachable without a route or to a group, not_local for a
    // local address that is not this host's, invalid for port 0 and for marks that do not exist, no_room when the
    // connections or the ports are used up.
    [[nodiscard]] constexpr std::expected<typename Host::tcp_socket, socket_error>
    connect(endpoint const& to, connect_options options = {}) const {
        auto const id = layer().connect(host_, to, options);
        if (!id) {
            return std::unexpected(id.error());
        }
        return typename Host::tcp_socket(layer(), *id);
    }

    // The next listener or connection with news, once for all that happened since it was last handed out: read, write
    // and accept until would_block, or come back unasked.
    constexpr std::optional<tcp::ready_event> next_ready() const { return layer().next_ready(); }

    constexpr tcp::statistics const& statistics() const { return layer().statistics(); }
    // Connections in any state, TIME-WAIT included.
    constexpr std::uint32_t connections() const { return layer().connections(); }
    constexpr std::uint32_t half_open() const { return layer().half_open(); }
    // TIME-WAITs that nobody holds any more.
    constexpr std::uint32_t time_waits() const { return layer().time_waits(); }

private:
    constexpr auto& layer() const { return host_.template layer<tcp::tag>(); }

    Host& host_;
};

// UDP of a host.
template <class Host>
class udp_service {
public:
    constexpr explicit udp_service(Host& on)
        : host_(on) {}

    // Opens a port; 0: one that is free. in_use, no_room.
    [[nodiscard]] constexpr std::expected<udp_socket<Host>, socket_error> bind(std::uint16_t port) const {
        auto const id = layer().bind(port);
        if (!id) {
            return std::unexpected(id.error());
        }
        return udp_socket<Host>(host_, *id);
    }

    // The next socket into which datagrams were put since it was last handed out.
    constexpr std::optional<pool_id> next_ready() const {
        std::uint32_t const index = layer().next_ready();
        return index == no_index ? std::nullopt : std::optional(layer().id_of(index));
    }

    constexpr udp::statistics const& statistics() const { return layer().statistics(); }
    constexpr std::uint32_t sockets() const { return layer().sockets(); }

private:
    constexpr auto& layer() const { return host_.template layer<udp::tag>(); }

    Host& host_;
};

// ICMP of a host.
template <class Host>
class icmp_service {
public:
    constexpr explicit icmp_service(Host& on)
        : host_(on) {}

    // Sends an echo request at once. would_block while the device is full, too_long beyond the MTU less 28 octets,
    // unreachable when there is no way.
    [[nodiscard]] constexpr std::expected<void, socket_error> ping(ipv4::address to, std::uint16_t identifier,
                                                                   std::uint16_t sequence, bytes_view payload) const {
        return layer().ping(host_, to, identifier, sequence, payload);
    }

    // The oldest answer to a ping that has not been handed out. A few are kept.
    constexpr std::optional<icmpv4::echo_reply> next_reply() const { return layer().next_reply(); }

    constexpr icmpv4::statistics const& statistics() const { return layer().statistics(); }

private:
    constexpr auto& layer() const { return host_.template layer<icmpv4::tag>(); }

    Host& host_;
};

} // namespace plywire
