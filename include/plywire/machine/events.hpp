// What can happen to a connection, where in the processing of a segment it is noticed, and on what condition.
// Read RFC 9293 section 3.10 first.
#pragma once

#include <cstdint>
#include <string_view>

namespace plywire::tcp {

// What a move of the state machine answers to (RFC 9293 section 3.10: user calls, segments, time-outs).
enum class event : std::uint8_t {
    open_passive, // user call OPEN, waiting for a peer
    open_active,  // user call OPEN with a peer
    close,        // user call CLOSE
    abort,        // user call ABORT
    finish_sent,  // everything queued before a CLOSE has been sent, and the FIN now too
    segment,      // a segment arrived
    gave_up,      // the peer has not answered for as long as the policy waits (R2, user time-out)
    unreachable,  // the network says for good that the peer cannot be reached (RFC 9293 section 3.9.2.2)
    time_over,    // 2 MSL in TIME-WAIT, or the bound of FIN-WAIT-2 when nobody uses the connection any more
};

// A few words for people.
constexpr std::string_view name_of(event e) {
    switch (e) {
    case event::open_passive: return "passive OPEN";
    case event::open_active: return "active OPEN";
    case event::close: return "CLOSE";
    case event::abort: return "ABORT";
    case event::finish_sent: return "FIN sent";
    case event::segment: return "a segment arrived";
    case event::gave_up: return "the peer does not answer";
    case event::unreachable: return "the network cannot reach the peer";
    case event::time_over: return "the time is over";
    }
    return "?";
}

// The steps of RFC 9293 section 3.10.7.4 in which a segment is looked at; `none` for everything but segments. In LISTEN
// and SYN-SENT the order is another (3.10.7.2, 3.10.7.3), the names mean the same.
enum class step : std::uint8_t {
    none,
    crossing,       // before the first: the SYN,ACK of a simultaneous open
    sequence_check, // first
    reset,          // second
    security,       // third
    synchronize,    // fourth
    acknowledgment, // fifth
    urgent,         // sixth
    text,           // seventh
    finish,         // eighth
};

// What is looked at in the step, as the RFC calls it.
constexpr std::string_view name_of(step s) {
    switch (s) {
    case step::none: return "none";
    case step::crossing: return "crossing SYN,ACK";
    case step::sequence_check: return "sequence number";
    case step::reset: return "RST";
    case step::security: return "security";
    case step::synchronize: return "SYN";
    case step::acknowledgment: return "ACK";
    case step::urgent: return "URG";
    case step::text: return "text";
    case step::finish: return "FIN";
    }
    return "?";
}

// The condition that tells rows of one state, step and event apart.
enum class guard : std::uint8_t {
    always,
    opened_passively,       // the connection came from LISTEN
    opened_actively,        // it came from SYN-SENT
    close_pending,          // CLOSE was called before the connection was established
    with_acknowledgment,    // the segment has an acceptable ACK
    without_acknowledgment, // it has none
    finish_acknowledged,    // the segment acknowledges our FIN
    nothing_unsent,         // all data before the FIN has been sent at least once
    nobody_reads,           // the application has gone
};

} // namespace plywire::tcp
