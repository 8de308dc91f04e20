// A plywire host as the sockets of packetdrill's scripts see it: a few TCP calls and a device whose packets are handed
// over one by one. Which policies are behind it is decided when it is made.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/machine/connection_info.hpp>
#include <plywire/machine/errors.hpp>
#include <plywire/machine/fast_open.hpp>
#include <plywire/machine/keep_alive.hpp>
#include <plywire/machine/settings.hpp>
#include <plywire/protocols/endpoint.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/socket_error.hpp>
#include <plywire/protocols/tcp_settings.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace plywire::packetdrill {

using packet = std::vector<std::byte>;

// What a script may say about the host before it is made.
struct host_settings {
    ipv4::address address{};
    tcp::settings tcp{.secret = {0x706c7977697265, 0x7061636b65747321}};
    bool timestamps = true;
    bool window_scaling = true;
    bool selective_acknowledgments = true;
};

// What the socket calls need to know of a connection.
struct connection_facts {
    bool exists = false;
    bool readable = false;
    bool writable = false;
    tcp::error failure = tcp::error::none;
    tcp::connection_info info{};
};

// Options of a socket that take effect at once.
struct tuning {
    bool no_delay = false;
    bool cork = false;
    duration user_timeout{}; // zero: the policies'
    std::optional<tcp::keep_alive_settings> keep_alive{};
};

class tcp_host {
public:
    template <class Answer>
    using maybe = std::expected<Answer, socket_error>;

    tcp_host() = default;
    tcp_host(tcp_host const&) = delete;
    tcp_host& operator=(tcp_host const&) = delete;
    virtual ~tcp_host() = default;

    // ---- driving ----
    virtual void poll(instant now) = 0;
    virtual instant deadline() const = 0;
    virtual void arrives(packet octets) = 0;
    // The oldest packet sent; empty when there is none.
    virtual packet take() = 0;
    // Whether the device takes no packets.
    virtual void set_full(bool full) = 0;
    // The largest segment of connections that are made from now on.
    virtual void limit_segments(std::uint16_t octets) = 0;

    // ---- sockets ----
    virtual maybe<pool_id> listen(std::uint16_t port, tcp::listen_options const& options) = 0;
    virtual maybe<pool_id> accept(pool_id listener) = 0;
    virtual void close_listener(pool_id listener) = 0;
    virtual maybe<pool_id> connect(endpoint const& to, std::uint16_t local_port) = 0;
    virtual maybe<std::size_t> send(pool_id connection, bytes_view octets) = 0;
    virtual maybe<std::size_t> receive(pool_id connection, mutable_bytes room) = 0;
    virtual maybe<void> shutdown(pool_id connection) = 0;
    virtual void close(pool_id connection) = 0;
    virtual void abort(pool_id connection) = 0;
    virtual void tune(pool_id connection, tuning const& wanted) = 0;
    // Whether the next send() will soon be followed by another.
    virtual void expect_more(pool_id connection, bool on) = 0;
    // Before the SYN has left: it shows this cookie, or asks for one.
    virtual void open_fast(pool_id connection, tcp::fast_open_cookie const& cookie) = 0;
    // What the peer has given.
    virtual std::optional<tcp::fast_open_cookie> given_cookie(pool_id connection) = 0;
    virtual connection_facts facts(pool_id connection) = 0;
    virtual endpoint local(pool_id connection) = 0;
    virtual endpoint remote(pool_id connection) = 0;
};

// A host that behaves as `personality` does: "linux", "freebsd", or plywire's own ways.
std::unique_ptr<tcp_host> make_host(std::string_view personality, host_settings const& settings);

} // namespace plywire::packetdrill
