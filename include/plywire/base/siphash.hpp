// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash whose values nobody without the key can predict or collide.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace plywire {

// The secret: the 16 octets of a key as two little-endian words. Draw it once per host from a good source.
struct siphash_key {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;

    friend constexpr bool operator==(siphash_key const&, siphash_key const&) = default;
};

namespace detail {

struct siphash_state {
    std::uint64_t v0, v1, v2, v3;

    // The four constants spell "somepseudorandomlygeneratedbytes".
    explicit constexpr siphash_state(siphash_key key)
        : v0(key.k0 ^ 0x736f6d6570736575)
        , v1(key.k1 ^ 0x646f72616e646f6d)
        , v2(key.k0 ^ 0x6c7967656e657261)
        , v3(key.k1 ^ 0x7465646279746573) {}

    constexpr void round() {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    }

    constexpr void absorb(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }

    constexpr std::uint64_t finish() {
        v2 ^= 0xff;
        for (int i = 0; i < 4; ++i) round();
        return v0 ^ v1 ^ v2 ^ v3;
    }
};

} // namespace detail

// The 64-bit SipHash-2-4 of any octets.
constexpr std::uint64_t siphash_2_4(siphash_key key, std::span<std::byte const> octets) {
    auto state = detail::siphash_state(key);
    std::uint64_t word = 0;
    std::size_t i = 0;
    for (; i < octets.size(); ++i) {
        word |= std::to_integer<std::uint64_t>(octets[i]) << (i % 8 * 8);
        if (i % 8 == 7) {
            state.absorb(word);
            word = 0;
        }
    }
    state.absorb(word | std::uint64_t{octets.size()} << 56);
    return state.finish();
}

// The same as siphash_2_4 of the 16 octets that a and b make in little-endian order; quick, for four-tuples.
constexpr std::uint64_t siphash_2_4_words(siphash_key key, std::uint64_t a, std::uint64_t b) {
    auto state = detail::siphash_state(key);
    state.absorb(a);
    state.absorb(b);
    state.absorb(std::uint64_t{16} << 56);
    return state.finish();
}

} // namespace plywire
