// A connection and a listener as the TCP layer keeps them: the machine, and its places in the layer's tables.
#pragma once

#include <plywire/machine/connection.hpp>
#include <plywire/protocols/endpoint.hpp>
#include <plywire/protocols/hash_index.hpp>
#include <plywire/protocols/index_list.hpp>
#include <plywire/protocols/tcp_settings.hpp>
#include <plywire/protocols/timer_wheel.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// Who waits for a connection.
enum class role : std::uint8_t {
    own,       // a socket holds it
    half_open, // a listener: the handshake is not complete
    queued,    // a listener: complete, nobody has accepted it yet
    orphan,    // nobody: it finishes by itself and is then forgotten
};

template <class Policies>
struct entry {
    connection<Policies> machine{};
    endpoint local{};
    endpoint remote{};
    chain_link chain{}; // in the table of four-tuples
    timer_link timer{};
    list_link sending{}; // wants room in the device
    list_link event{};   // to be handed out as ready
    list_link place{};   // in its listener's list
    std::uint32_t listener = no_index;
    tcp::role role = role::orphan;
    bool in_table = false;
    packet_marks marks{};
};

struct listener_entry {
    std::uint16_t port = 0;
    packet_marks marks{};
    ipv4::address address{}; // unspecified: any
    std::uint32_t backlog = 0;
    chain_link chain{};
    list_link event{};
    index_list half_open{};
    index_list queued{}; // oldest first
};

// What a socket's owner can see of a connection: whoever holds it is told when this changes for the better.
struct outlook {
    tcp::state state;
    bool writable;
    std::size_t unread;
    bool has_advice;
};

template <class Policies>
constexpr outlook look_at(connection<Policies> const& machine) {
    return {machine.current_state(), machine.writable(), machine.unread(), machine.has_advice()};
}

} // namespace plywire::tcp
