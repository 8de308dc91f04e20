// How many octets a connection may have in flight before anything is known of the path. Read RFC 6928 first.
#pragma once

#include <algorithm>
#include <cstdint>

namespace plywire::tcp {

// The initial window of RFC 6928 section 2: min(10 SMSS, max(2 SMSS, 14600)).
struct initial_window_ten {
    static constexpr std::uint32_t octets(std::uint32_t segment_size) {
        return std::min(10 * segment_size, std::max<std::uint32_t>(2 * segment_size, 14600));
    }
};

// The initial window of RFC 5681 section 3.1: 2 to 4 segments.
struct initial_window_three {
    static constexpr std::uint32_t octets(std::uint32_t segment_size) {
        if (segment_size > 2190) return 2 * segment_size;
        if (segment_size > 1095) return 3 * segment_size;
        return 4 * segment_size;
    }
};

} // namespace plywire::tcp
