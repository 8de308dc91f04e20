// How fast a link sends, to the nanosecond and without drift.
#pragma once

#include <plywire/base/time.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire {

// Times of transmission at a rate in bits per second. What a frame leaves over of a nanosecond is carried to the next
// one, so that a busy link sends exactly its rate. The rate is not 0.
class transmission_clock {
public:
    explicit constexpr transmission_clock(std::uint64_t bits_per_second)
        : bits_per_second_(bits_per_second) {}

    // How long `octets` (below 2^31) take that follow at once on those before.
    constexpr duration time_of(std::size_t octets) {
        std::uint64_t const needed = std::uint64_t{octets} * 8 * 1'000'000'000 + left_over_;
        left_over_ = needed % bits_per_second_;
        return {static_cast<std::int64_t>(needed / bits_per_second_)};
    }

    // The link has had nothing to send.
    constexpr void idle() { left_over_ = 0; }

private:
    std::uint64_t bits_per_second_;
    std::uint64_t left_over_ = 0; // in units of a nanosecond divided by the rate
};

} // namespace plywire
