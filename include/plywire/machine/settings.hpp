// What the caller decides about a connection, and what a connection tells about itself.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/states.hpp>

#include <cstdint>

namespace plywire::tcp {

// What a segment may bear when nobody has said anything (RFC 9293 MUST-15, IPv4).
inline constexpr std::uint16_t default_segment_size = 536;
// No path is so narrow that less is sensible: IPv4 hosts take packets of 576 octets, but paths of 68 exist; Linux stops
// at 48. A smaller announcement counts as this, and one of 0 as none.
inline constexpr std::uint16_t smallest_segment_size = 48;
// The largest shift of a window (RFC 7323 section 2.3).
inline constexpr std::uint8_t largest_window_scale = 14;

// What a buffer may hold, in octets: the largest window of RFC 7323 section 2.3.
inline constexpr std::uint32_t largest_buffer = std::uint32_t{1} << 30;

// Given before OPEN.
struct connection_settings {
    // Octets of text and options that the path carries: its MTU less 40 for IPv4. Announced, and never exceeded.
    std::uint16_t maximum_segment_size = 1460;
    // Capacities in octets, for buffers whose storage takes one at run time; rounded up to a power of two, at
    // most largest_buffer.
    std::uint32_t send_buffer = 64 * 1024;
    std::uint32_t receive_buffer = 64 * 1024;
    // The caller's secret offset of the timestamp clock (RFC 7323 section 5.4).
    std::uint32_t timestamp_offset = 0;
    // True: short segments leave at once even when others are in flight (RFC 9293 MUST-17: Nagle can be switched off).
    bool no_delay = false;
};

// RFC 9293 section 3.10.6, STATUS. Octets unless it says otherwise.
struct connection_info {
    state current = state::closed;
    sequence send_unacknowledged{};   // SND.UNA
    sequence send_next{};             // SND.NXT: after the last octet ever sent
    sequence receive_next{};          // RCV.NXT
    std::uint32_t send_window = 0;    // SND.WND, scaled up
    std::uint32_t receive_window = 0; // RCV.WND, what the peer may still send
    std::uint32_t congestion_window = 0;
    std::uint32_t slow_start_threshold = 0;
    std::uint32_t segment_size = 0;   // text in a full segment of ours
    std::uint32_t unsent = 0;         // queued, not sent
    std::uint32_t unacknowledged = 0; // queued or sent, not acknowledged
    std::uint32_t unread = 0;         // received, not read
    duration smoothed_round_trip{};
    duration round_trip_variation{};
    duration retransmission_timeout{};
    std::uint32_t retransmissions = 0;     // segments sent again since OPEN
    std::uint8_t send_window_scale = 0;    // bits
    std::uint8_t receive_window_scale = 0; // bits
    bool in_recovery = false;
    bool timestamps = false;
    bool selective_acknowledgments = false;
};

} // namespace plywire::tcp
