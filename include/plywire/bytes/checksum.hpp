// The Internet checksum: RFC 1071, its incremental update RFC 1624, and copying with the sum taken on the way.
#pragma once

#include <plywire/bytes/endian.hpp>
#include <plywire/bytes/span.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace plywire {

namespace detail {

// One's complement addition of 64 bits: the carry comes in again at the bottom. 2^64 - 1 is a multiple of 2^16 - 1, so
// four 16-bit words may be summed at once (RFC 1071 section 2, "parallel summation") and folded at the end.
// The builtin becomes `add, adc 0`; g++ reorders a comparison (sum < b) so that a third of the speed is lost.
constexpr std::uint64_t add_with_carry(std::uint64_t a, std::uint64_t b) {
    std::uint64_t sum = 0;
    bool const carry = __builtin_add_overflow(a, b, &sum);
    return sum + (carry ? 1u : 0u);
}

constexpr std::uint64_t halves(std::uint64_t word) { return (word & 0xffff'ffff) + (word >> 32); }

// The next sizeof(T) octets as they lie in memory. All summing is done in the machine's own byte order, which merely
// swaps the octets of the result (RFC 1071 section 2, "byte order independence").
template <std::unsigned_integral T>
constexpr std::uint64_t load_native(std::byte const* p) {
    return load<std::endian::native, T>(p);
}

template <std::unsigned_integral T>
constexpr void store_native(std::byte* p, std::uint64_t value) {
    store<std::endian::native, T>(p, static_cast<T>(value));
}

// A last octet without a partner is paired with a zero behind it.
constexpr std::uint64_t lone_octet(std::byte octet) {
    return std::endian::native == std::endian::little ? std::to_integer<std::uint64_t>(octet)
                                                      : std::to_integer<std::uint64_t>(octet) << 8;
}

// A number in network order as load_native would read it.
template <std::unsigned_integral T>
constexpr std::uint64_t in_memory(T value) {
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

// How the summing loops get at a word: by reading it, or by reading it and writing it elsewhere as well.
struct only_reading {
    std::byte const* from;

    template <std::unsigned_integral T>
    constexpr std::uint64_t take(std::size_t offset) const {
        return load_native<T>(from + offset);
    }
    constexpr void advance(std::size_t count) { from += count; }
};

struct copying {
    std::byte const* from;
    std::byte* to;

    template <std::unsigned_integral T>
    constexpr std::uint64_t take(std::size_t offset) const {
        std::uint64_t const word = load_native<T>(from + offset);
        store_native<T>(to + offset, word);
        return word;
    }
    constexpr void advance(std::size_t count) {
        from += count;
        to += count;
    }
};

// The one's complement sum of whole 32-octet pieces, in four sums that do not wait for one another.
template <class Octets>
constexpr std::uint64_t sum_pieces_of_32(Octets octets, std::size_t size) {
    using word = std::uint64_t;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    std::uint64_t d = 0;
    for (; size >= 64; size -= 64, octets.advance(64)) {
        a = add_with_carry(a, octets.template take<word>(0));
        b = add_with_carry(b, octets.template take<word>(8));
        c = add_with_carry(c, octets.template take<word>(16));
        d = add_with_carry(d, octets.template take<word>(24));
        a = add_with_carry(a, octets.template take<word>(32));
        b = add_with_carry(b, octets.template take<word>(40));
        c = add_with_carry(c, octets.template take<word>(48));
        d = add_with_carry(d, octets.template take<word>(56));
    }
    if (size >= 32) {
        a = add_with_carry(a, octets.template take<word>(0));
        b = add_with_carry(b, octets.template take<word>(8));
        c = add_with_carry(c, octets.template take<word>(16));
        d = add_with_carry(d, octets.template take<word>(24));
    }
    return add_with_carry(add_with_carry(a, b), add_with_carry(c, d));
}

// The one's complement sum of `size` octets that begin at an even position. Inlined, so that headers of a known size
// cost a handful of instructions; the loop above is not.
template <class Octets>
[[gnu::always_inline]] constexpr std::uint64_t sum_octets(Octets octets, std::size_t size) {
    std::uint64_t sum = 0;
    if (size >= 32) {
        sum = sum_pieces_of_32(octets, size);
        octets.advance(size & ~std::size_t{31});
    }
    // At most 31 octets are left. As 32-bit halves they cannot overflow 64 bits, so no carry has to be waited for.
    std::uint64_t rest = 0;
    if ((size & 16) != 0) {
        rest += halves(octets.template take<std::uint64_t>(0)) + halves(octets.template take<std::uint64_t>(8));
        octets.advance(16);
    }
    if ((size & 8) != 0) {
        rest += halves(octets.template take<std::uint64_t>(0));
        octets.advance(8);
    }
    if ((size & 4) != 0) {
        rest += octets.template take<std::uint32_t>(0);
        octets.advance(4);
    }
    if ((size & 2) != 0) {
        rest += octets.template take<std::uint16_t>(0);
        octets.advance(2);
    }
    if ((size & 1) != 0) rest += lone_octet(static_cast<std::byte>(octets.template take<std::uint8_t>(0)));
    return add_with_carry(sum, rest);
}

} // namespace detail

// The running one's complement sum of RFC 1071 over pieces of any length: after an odd number of octets it remembers
// that the next piece begins in the second half of a word. A default-constructed one is the sum of nothing.
class internet_sum {
public:
    // Adds octets behind all those added before.
    [[gnu::always_inline]] constexpr void add(bytes_view octets) {
        append(detail::sum_octets(detail::only_reading{octets.data()}, octets.size()), octets.size());
    }

    // Adds two or four octets, given as the number that they are in network order. Like add() of those octets.
    constexpr void add_word(std::uint16_t word) { append(detail::in_memory(word), sizeof(word)); }
    constexpr void add_word32(std::uint32_t word) { append(detail::in_memory(word), sizeof(word)); }

    // Copies as much of `from` as `to` has room for and adds it, in one pass; answers the number of octets. The two do
    // not overlap.
    [[gnu::always_inline]] constexpr std::size_t copy(mutable_bytes to, bytes_view from) {
        std::size_t const count = from.size() < to.size() ? from.size() : to.size();
        append(detail::sum_octets(detail::copying{from.data(), to.data()}, count), count);
        return count;
    }

    // The sum as 16 bits, a number in network order. 0xffff for octets that contain their own correct checksum.
    constexpr std::uint16_t folded() const {
        // A number plus its halves exchanged: the upper half is the sum of both halves, with the carry of the lower
        // one.
        auto const half = static_cast<std::uint32_t>((sum_ + std::rotl(sum_, 32)) >> 32);
        auto const result = static_cast<std::uint16_t>((half + std::rotl(half, 16)) >> 16);
        return std::endian::native == std::endian::little ? std::byteswap(result) : result;
    }

    // What belongs into a checksum field that was summed as zero: the complement of the sum. Store it with store_big.
    constexpr std::uint16_t checksum() const { return static_cast<std::uint16_t>(~folded()); }

private:
    constexpr void append(std::uint64_t sum, std::size_t size) {
        // Behind an odd number of octets every octet counts in the other half of its word; turning the sum by 8 bits
        // changes the halves of all words at once.
        sum_ = detail::add_with_carry(sum_, odd_ ? std::rotl(sum, 8) : sum);
        odd_ = odd_ != (size % 2 != 0);
    }

    std::uint64_t sum_ = 0; // in the machine's byte order
    bool odd_ = false;      // an odd number of octets has been added
};

// The checksum of octets in one go (RFC 1071): the complement of their sum; 0 when they contain a correct checksum.
constexpr std::uint16_t internet_checksum(bytes_view octets) {
    internet_sum sum;
    sum.add(octets);
    return sum.checksum();
}

// The same where the compiler knows the number of octets: a handful of instructions in place.
template <std::size_t Octets>
    requires(Octets != std::dynamic_extent)
[[gnu::always_inline]] constexpr std::uint16_t internet_checksum(std::span<std::byte const, Octets> octets) {
    internet_sum sum;
    sum.add(octets);
    return sum.checksum();
}

// The checksum after one 16-bit word under it has changed (RFC 1624 section 3, equation 3: HC' = ~(~HC + ~m + m')).
// For UDP (RFC 768) a checksum of 0 says "none": leave it alone, and send a result of 0 as 0xffff.
constexpr std::uint16_t update_checksum(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word) {
    std::uint32_t sum = std::uint32_t{checksum ^ 0xffffu} + (old_word ^ 0xffffu) + new_word;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

} // namespace plywire
