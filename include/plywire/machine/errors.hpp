// Why a user call was not carried out, or why a connection has ended. The kinds that RFC 9293 section 3.9.1 tells
// apart.
#pragma once

#include <cstdint>
#include <string_view>

namespace plywire::tcp {

enum class error : std::uint8_t {
    none,          // nothing went wrong
    would_block,   // nothing to read yet
    end_of_stream, // the peer has sent its FIN and everything before it has been read
    refused,       // the peer answered our SYN with RST
    unreachable,   // the network does not let our SYN through to the peer
    reset,         // the peer sent RST, or this side aborted
    timed_out,     // the peer did not answer for as long as the policy waits
    closing,       // CLOSE has been called: nothing more can be sent
    not_connected, // CLOSED or LISTEN: there is no peer
    already_open,  // OPEN of a connection that is not CLOSED
    invalid_port,  // port 0
};

// A few words for people.
constexpr std::string_view name_of(error e) {
    switch (e) {
    case error::none: return "no error";
    case error::would_block: return "would block";
    case error::end_of_stream: return "end of stream";
    case error::refused: return "connection refused";
    case error::unreachable: return "peer unreachable";
    case error::reset: return "connection reset";
    case error::timed_out: return "connection timed out";
    case error::closing: return "connection closing";
    case error::not_connected: return "connection does not exist";
    case error::already_open: return "connection already exists";
    case error::invalid_port: return "invalid port";
    }
    return "?";
}

} // namespace plywire::tcp
