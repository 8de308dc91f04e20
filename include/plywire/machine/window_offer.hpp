// The window of a SYN, and by how much later ones are shifted. Read RFC 7323 section 2 first.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// What a window offer must answer: how much of a receive buffer is announced with the SYN, and the least shift that the
// window scale option asks for (where the buffer needs more, it is more; at most 14).
template <class T>
concept window_offer = requires(std::uint32_t octets) {
    { T::first(octets, octets) } -> std::same_as<std::uint32_t>; // capacity; text in a full segment, not 0
    { T::least_shift } -> std::convertible_to<std::uint8_t>;
};

// As much as there is room for and 16 bits can say; no larger shift than is needed.
struct whole_window {
    static constexpr std::uint8_t least_shift = 0;
    static constexpr std::uint32_t first(std::uint32_t capacity, std::uint32_t) {
        return std::min<std::uint32_t>(capacity, 0xffff);
    }
};

// A whole number of segments, and a shift that buffers of 6 MiB, to which Linux lets them grow, need: 64240 and 7 on
// Ethernet.
struct linux_window {
    static constexpr std::uint8_t least_shift = 7;
    static constexpr std::uint32_t first(std::uint32_t capacity, std::uint32_t segment_size) {
        std::uint32_t const most = std::min<std::uint32_t>(capacity, 0xffff);
        return most < segment_size ? most : most - most % segment_size;
    }
};

// All that 16 bits can say, and a shift that buffers of 2 MiB, to which FreeBSD lets them grow, need.
struct freebsd_window : whole_window {
    static constexpr std::uint8_t least_shift = 6;
};

} // namespace plywire::tcp
