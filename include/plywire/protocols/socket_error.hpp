// What a socket call answers when it does not do what it was asked for.
#pragma once

#include <plywire/machine/errors.hpp>

#include <cstdint>
#include <string_view>

namespace plywire {

enum class socket_error : std::uint8_t {
    would_block,   // not now: nothing to read, no room to write; the socket will be handed out as ready
    end_of_stream, // the peer has sent its last octet, and it has been read
    refused,       // the peer answered that nobody listens
    reset,         // the peer or this host aborted the connection
    timed_out,     // the peer no longer answers
    unreachable,   // there is no way to the address, or the network said so
    closing,       // this side has said that it sends no more
    not_connected, // there is no peer yet, or no more
    closed,        // the handle names nothing: it was closed, moved from, or never opened
    in_use,        // the port, or the pair of endpoints, belongs to another socket
    no_room,       // all connections, sockets or ports are in use
    too_long,      // the datagram is larger than a packet can be
    not_local,     // the local address that was asked for is none of this host's
    invalid,       // an argument that is never legal, such as port 0 to connect to
};

// A few words for people.
constexpr std::string_view name_of(socket_error e) {
    switch (e) {
    case socket_error::would_block: return "would block";
    case socket_error::end_of_stream: return "end of stream";
    case socket_error::refused: return "connection refused";
    case socket_error::reset: return "connection reset";
    case socket_error::timed_out: return "timed out";
    case socket_error::unreachable: return "unreachable";
    case socket_error::closing: return "closing";
    case socket_error::not_connected: return "not connected";
    case socket_error::closed: return "closed";
    case socket_error::in_use: return "in use";
    case socket_error::no_room: return "no room";
    case socket_error::too_long: return "too long";
    case socket_error::not_local: return "not an address of this host";
    case socket_error::invalid: return "invalid argument";
    }
    return "?";
}

// The machine's errors in a socket's words.
constexpr socket_error to_socket_error(tcp::error e) {
    switch (e) {
    case tcp::error::would_block: return socket_error::would_block;
    case tcp::error::end_of_stream: return socket_error::end_of_stream;
    case tcp::error::refused: return socket_error::refused;
    case tcp::error::unreachable: return socket_error::unreachable;
    case tcp::error::reset: return socket_error::reset;
    case tcp::error::timed_out: return socket_error::timed_out;
    case tcp::error::closing: return socket_error::closing;
    case tcp::error::already_open: return socket_error::in_use;
    case tcp::error::invalid_port: return socket_error::invalid;
    case tcp::error::not_connected:
    case tcp::error::none: break;
    }
    return socket_error::not_connected;
}

} // namespace plywire
