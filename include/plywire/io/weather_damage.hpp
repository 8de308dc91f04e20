// What else happens to frames on a path: they come twice, or with bits turned over.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire {

// Some frames come a second time, `later` than the first; not negative.
struct random_duplication {
    std::uint32_t per_million = 0;
    duration later{};
};

// In some frames `bits` bits are turned over, each drawn by itself (so that two may meet and be right again).
struct random_corruption {
    std::uint32_t per_million = 0;
    std::uint32_t bits = 1;
};

// Turns over `bits` bits of a frame of at least one octet.
constexpr void corrupt(mutable_bytes frame, std::uint32_t bits, random_generator& random) {
    for (std::uint32_t i = 0; i < bits; ++i) {
        std::uint64_t const bit = random.below(std::uint64_t{frame.size()} * 8);
        frame[static_cast<std::size_t>(bit / 8)] ^= std::byte{1} << (bit % 8);
    }
}

} // namespace plywire
