// Fields of any width at any bit. Bits are counted as the RFCs' pictures do: bit 0 is the most significant of octet 0.
#pragma once

#include <plywire/bytes/endian.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace plywire {

// The smallest unsigned integer with at least that many bits, 1 to 64.
template <std::size_t BitWidth>
    requires(BitWidth >= 1 && BitWidth <= 64)
using uint_of_width =
    std::conditional_t<(BitWidth <= 8), std::uint8_t,
                       std::conditional_t<(BitWidth <= 16), std::uint16_t,
                                          std::conditional_t<(BitWidth <= 32), std::uint32_t, std::uint64_t>>>;

namespace detail {

// Where a field lies: the octets it touches and the bits that are left over behind it in the last of them.
template <std::size_t BitOffset, std::size_t BitWidth>
struct bit_place {
    static_assert(BitWidth >= 1 && BitWidth <= 64, "plywire: a field of bits is 1 to 64 bits wide");
    static constexpr std::size_t first_octet = BitOffset / 8;
    static constexpr std::size_t octets = (BitOffset + BitWidth - 1) / 8 - first_octet + 1; // 1 to 9
    static constexpr std::size_t bits_behind = (8 - (BitOffset + BitWidth) % 8) % 8;
    static constexpr bool whole = BitOffset % 8 == 0 && bits_behind == 0;
    static constexpr std::uint64_t mask = ~std::uint64_t{0} >> (64 - BitWidth);
};

// Octets as one integer, in as few loads as their number allows: 3 are 2 + 1, 7 are 4 + 2 + 1.
template <std::size_t Octets>
constexpr uint_of_width<Octets * 8> load_octets(std::byte const* p) {
    using result = uint_of_width<Octets * 8>;
    constexpr std::size_t head = std::bit_floor(Octets);
    if constexpr (head == Octets) {
        return load_big<result>(p);
    } else {
        return static_cast<result>(static_cast<result>(load_octets<head>(p)) << (8 * (Octets - head)) |
                                   load_octets<Octets - head>(p + head));
    }
}

template <std::size_t Octets>
constexpr void store_octets(std::byte* p, uint_of_width<Octets * 8> value) {
    constexpr std::size_t head = std::bit_floor(Octets);
    if constexpr (head == Octets) {
        store_big(p, value);
    } else {
        store_octets<head>(p, static_cast<uint_of_width<head * 8>>(value >> (8 * (Octets - head))));
        store_octets<Octets - head>(p + head, static_cast<uint_of_width<(Octets - head) * 8>>(value));
    }
}

} // namespace detail

// The BitWidth bits that begin BitOffset bits behind p, as the smallest unsigned integer that holds them. Reads only
// the octets that the field touches. A field of 8, 16, 32 or 64 bits on an octet boundary is one load.
template <std::size_t BitOffset, std::size_t BitWidth>
constexpr uint_of_width<BitWidth> load_bits(std::byte const* p) {
    using place = detail::bit_place<BitOffset, BitWidth>;
    using result = uint_of_width<BitWidth>;
    if constexpr (place::octets > 8) {
        // Nine octets fit into no integer: the bits of the last one are a field of their own.
        constexpr std::size_t tail = 8 - place::bits_behind;
        return static_cast<result>(std::uint64_t{load_bits<BitOffset, BitWidth - tail>(p)} << tail |
                                   load_bits<BitOffset + BitWidth - tail, tail>(p));
    } else if constexpr (BitWidth == 1) {
        // Not shifted down: where it is used as a condition, the compiler then tests the bit where it is.
        return (p[place::first_octet] & (std::byte{1} << place::bits_behind)) != std::byte{0} ? 1 : 0;
    } else if constexpr (place::whole) {
        return static_cast<result>(detail::load_octets<place::octets>(p + place::first_octet));
    } else {
        // At least 32 bits: shifts of less are one instruction longer on x86.
        using word_type = std::common_type_t<std::uint32_t, uint_of_width<place::octets * 8>>;
        word_type const word = detail::load_octets<place::octets>(p + place::first_octet);
        return static_cast<result>(word >> place::bits_behind & static_cast<word_type>(place::mask));
    }
}

// Stores the low BitWidth bits of value; higher bits of it are ignored, and bits beside the field keep their values.
template <std::size_t BitOffset, std::size_t BitWidth>
constexpr void store_bits(std::byte* p, uint_of_width<BitWidth> value) {
    using place = detail::bit_place<BitOffset, BitWidth>;
    if constexpr (place::octets > 8) {
        constexpr std::size_t tail = 8 - place::bits_behind;
        store_bits<BitOffset, BitWidth - tail>(p, static_cast<uint_of_width<BitWidth - tail>>(value >> tail));
        store_bits<BitOffset + BitWidth - tail, tail>(p, static_cast<std::uint8_t>(value));
    } else if constexpr (place::whole) {
        detail::store_octets<place::octets>(p + place::first_octet, value);
    } else {
        using word_type = uint_of_width<place::octets * 8>;
        constexpr auto mask = static_cast<word_type>(place::mask << place::bits_behind);
        auto const old = detail::load_octets<place::octets>(p + place::first_octet);
        auto const bits = static_cast<word_type>(static_cast<word_type>(value) << place::bits_behind);
        detail::store_octets<place::octets>(
            p + place::first_octet, static_cast<word_type>((old & static_cast<word_type>(~mask)) | (bits & mask)));
    }
}

} // namespace plywire
