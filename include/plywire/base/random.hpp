// Reproducible random numbers: one seed, one sequence, on every machine. Not for secrets.
#pragma once

#include <bit>
#include <cstdint>

namespace plywire {

// xoshiro256** (Blackman and Vigna, 2018), its state filled from the seed by splitmix64. Any seed is good.
class random_generator {
public:
    explicit constexpr random_generator(std::uint64_t seed) {
        for (auto& word : state_) {
            seed += 0x9e3779b97f4a7c15;
            std::uint64_t mixed = seed;
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
            word = mixed ^ (mixed >> 31);
        }
    }

    // All 64 bits are evenly distributed.
    constexpr std::uint64_t next() {
        std::uint64_t const result = std::rotl(state_[1] * 5, 7) * 9;
        std::uint64_t const shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    // Evenly distributed over 0 .. bound - 1; 0 when the bound is 0.
    constexpr std::uint64_t below(std::uint64_t bound) {
        if (bound == 0) return 0;
        // 2^64 is seldom a multiple of the bound: draws from the incomplete first round are thrown away.
        std::uint64_t const incomplete = (0 - bound) % bound;
        std::uint64_t drawn = next();
        while (drawn < incomplete) drawn = next();
        return drawn % bound;
    }

private:
    std::uint64_t state_[4] = {};
};

} // namespace plywire
