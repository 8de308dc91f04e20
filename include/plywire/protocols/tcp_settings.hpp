// What the TCP layer of a host is told, what it counts, and the names that its policies may have besides the machine's.
#pragma once

#include <plywire/headers/ipv4_address.hpp>
#include <plywire/machine/initial_sequence.hpp>
#include <plywire/machine/settings.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/secret.hpp>

#include <cstdint>

namespace plywire::tcp {

struct settings {
    // Initial sequence numbers, ports and the hash of the connection table depend on it.
    plywire::secret secret;
    // The largest segment, in octets of text; lowered to what the device's MTU allows.
    std::uint16_t maximum_segment_size = 65'535;
    // Buffers and options of each connection. Its segment size and timestamp offset are the layer's business.
    connection_settings connection{};
    // Connections of all listeners together whose handshake is not complete. A SYN beyond them is answered by a cookie;
    // where the policies have no cookies, it ends the listener's oldest, and is dropped when the listener has none.
    std::uint32_t most_half_open = 1024;
    // TIME-WAITs of connections that nobody holds any more, 48 octets each; the oldest makes way for one beyond them.
    std::uint32_t most_time_waits = 16'384;
    // Ports that connect() chooses from, both inclusive (RFC 6056 3.2: the largest range there is). Ports that are
    // listened on are left out.
    std::uint16_t first_ephemeral_port = 1024;
    std::uint16_t last_ephemeral_port = 65'535;
};

// What the packets of a connection say about how they are to be carried (RFC 9293 3.9.1.9 and 3.9.2).
struct packet_marks {
    std::uint8_t diffserv = 0;     // the code point, 0 to 63
    std::uint8_t time_to_live = 0; // 0: the host's
};

// How a listener behaves.
struct listen_options {
    // Connections that wait to complete their handshake or to be accepted; at least 1. A SYN beyond them is answered by
    // a cookie, which needs no memory (RFC 4987 3.6); it is dropped when so many are complete. Where the policies have
    // no cookies, a SYN beyond them ends the one whose handshake has lasted longest.
    std::uint32_t backlog = 16;
    // Takes connections to this address of the host only; unspecified: to any (RFC 9293 MUST-43).
    ipv4::address local_address{};
    packet_marks marks{};
};

// How a connection is opened.
struct connect_options {
    // 0: one that is free.
    std::uint16_t local_port = 0;
    // An address of this host; unspecified: the one by which the peer is reached (RFC 9293 MUST-43 and MUST-44).
    ipv4::address local_address{};
    packet_marks marks{};
};

struct statistics {
    std::uint64_t received = 0;  // segments that were handed to a connection or a listener
    std::uint64_t malformed = 0; // truncated, a wrong data offset, or port 0
    std::uint64_t bad_checksum = 0;
    std::uint64_t to_group = 0;      // to a broadcast or multicast address (RFC 9293 MUST-57)
    std::uint64_t no_connection = 0; // for no connection and no listener
    std::uint64_t sent = 0;
    std::uint64_t resets_sent = 0;        // in answer to segments without a connection
    std::uint64_t resets_dropped = 0;     // the device was full
    std::uint64_t answers_sent = 0;       // of TIME-WAITs, without a connection in memory
    std::uint64_t answers_dropped = 0;    // the device was full
    std::uint64_t opened = 0;             // by this host
    std::uint64_t accepted = 0;           // handshakes completed with a listener
    std::uint64_t listener_full = 0;      // SYNs dropped: the backlog is full of complete connections
    std::uint64_t half_open_full = 0;     // SYNs dropped: settings::most_half_open
    std::uint64_t half_open_ended = 0;    // handshakes given up for newer SYNs: either bound
    std::uint64_t cookies_sent = 0;       // SYNs answered by a cookie
    std::uint64_t cookies_accepted = 0;   // connections made of a cookie that came back
    std::uint64_t no_room = 0;            // connections refused: the pool is full
    std::uint64_t time_wait_ended = 0;    // TIME-WAITs cut short because room was needed
    std::uint64_t time_wait_reopened = 0; // TIME-WAITs ended by a new SYN (RFC 6191)
    std::uint64_t network_errors = 0;     // ICMP errors about a connection of this host, most of them passed over

    friend constexpr bool operator==(statistics const&, statistics const&) = default;
};

// What next_ready() hands out.
struct ready_event {
    pool_id id{};
    bool listener = false; // accept() has something; else a connection's data, room, state or error has changed
};

// Where a layer keeps its connections if its policies do not name `connections`.
using default_connections = slab_pool<65'536>;
// Where a layer keeps its listeners if its policies do not name `listeners`.
using default_listeners = slab_pool<1024>;

namespace detail {

template <class Policies>
consteval auto choose_connections() {
    if constexpr (requires { typename Policies::connections; }) {
        return typename Policies::connections{};
    } else {
        return default_connections{};
    }
}

template <class Policies>
consteval auto choose_listeners() {
    if constexpr (requires { typename Policies::listeners; }) {
        return typename Policies::listeners{};
    } else {
        return default_listeners{};
    }
}

template <class Policies>
consteval auto choose_time_waits() {
    if constexpr (requires { typename Policies::time_waits; }) {
        return typename Policies::time_waits{};
    } else if constexpr (requires { typename Policies::connections; }) {
        return typename Policies::connections{};
    } else {
        return default_connections{};
    }
}

template <class Policies>
consteval bool choose_cookies() {
    if constexpr (requires { Policies::syn_cookies; }) {
        return Policies::syn_cookies;
    } else {
        return true;
    }
}

template <class Policies>
struct choose_initial_sequence {
    using type = initial_sequence_generator;
};
template <class Policies>
    requires requires { typename Policies::initial_sequence_numbers; }
struct choose_initial_sequence<Policies> {
    using type = typename Policies::initial_sequence_numbers;
};

} // namespace detail

// The pool of a layer's connections: `using connections = fixed_pool<8>;` in its policies, or the default.
template <class Policies>
using connections_of = decltype(detail::choose_connections<Policies>());
// The pool of a layer's TIME-WAITs that nobody holds: `using time_waits = fixed_pool<100>;` in its policies, or as many
// as its connections.
template <class Policies>
using time_waits_of = decltype(detail::choose_time_waits<Policies>());
// Whether SYNs beyond what may be half-open are answered by cookies: `static constexpr bool syn_cookies = false;` in
// its policies, or true.
template <class Policies>
inline constexpr bool uses_syn_cookies = detail::choose_cookies<Policies>();
// The pool of a layer's listeners: `using listeners = fixed_pool<2>;` in its policies, or the default.
template <class Policies>
using listeners_of = decltype(detail::choose_listeners<Policies>());
// What chooses initial sequence numbers: made from the key of settings::secret, called like an
// initial_sequence_generator.
template <class Policies>
using initial_sequence_of = typename detail::choose_initial_sequence<Policies>::type;

} // namespace plywire::tcp
