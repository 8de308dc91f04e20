// SHA-256 (FIPS 180-4), so that two programs can say that they have seen the same octets.
#pragma once

#include <plywire/bytes/endian.hpp>
#include <plywire/bytes/span.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace plywire::testing {

// Fed piece by piece; digest() may be asked at any time.
class sha256 {
public:
    void add(bytes_view octets) {
        while (!octets.empty()) {
            std::size_t const used = static_cast<std::size_t>(length_ % block_.size());
            std::size_t const taken = std::min(octets.size(), block_.size() - used);
            std::copy_n(octets.begin(), taken, block_.begin() + static_cast<std::ptrdiff_t>(used));
            octets = octets.subspan(taken);
            length_ += taken;
            if (used + taken == block_.size()) {
                mix();
            }
        }
    }

    // Of all octets so far, as 64 hexadecimal digits.
    std::string digest() const {
        sha256 ended = *this;
        std::array<std::byte, 72> padding{std::byte{0x80}};
        std::size_t const zeros = static_cast<std::size_t>((119 - length_ % 64) % 64);
        store_big<std::uint64_t>(padding.data() + 1 + zeros, length_ * 8);
        ended.add(bytes_view(padding).first(1 + zeros + 8));
        std::string text;
        for (std::uint32_t const word : ended.state_) {
            for (int shift = 28; shift >= 0; shift -= 4) {
                text += "0123456789abcdef"[word >> shift & 15];
            }
        }
        return text;
    }

private:
    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    static constexpr std::array<std::uint32_t, 64> constants{
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

    void mix() {
        std::array<std::uint32_t, 64> w{};
        for (std::size_t i = 0; i < 64; ++i) {
            if (i < 16) {
                w[i] = load_big<std::uint32_t>(block_.data() + 4 * i);
                continue;
            }
            std::uint32_t const early = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
            std::uint32_t const late = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + early + w[i - 7] + late;
        }
        auto [a, b, c, d, e, f, g, h] = state_;
        for (std::size_t i = 0; i < 64; ++i) {
            std::uint32_t const of_e = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
            std::uint32_t const of_a = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
            std::uint32_t const first = h + of_e + ((e & f) ^ (~e & g)) + constants[i] + w[i];
            std::uint32_t const second = of_a + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
        }
        std::array const mixed{a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < 8; ++i) {
            state_[i] += mixed[i];
        }
    }

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> block_{};
    std::uint64_t length_ = 0; // octets so far
};

} // namespace plywire::testing
