// What the caller decides about a connection.
#pragma once

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

} // namespace plywire::tcp
