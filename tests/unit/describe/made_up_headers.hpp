// Headers of no real protocol, with the shapes that real ones rarely have.
#pragma once

#include <plywire/describe/build.hpp>
#include <plywire/describe/parse_chain.hpp>

#include <cstdint>

namespace odd {

using namespace plywire;

enum class colour : std::uint8_t { red = 1, green = 2 };

// An address of three octets.
struct triple {
    std::array<std::byte, 3> octets{};

    friend constexpr bool operator==(triple const&, triple const&) = default;
};

inline constexpr field<"odd.three", 3> three;
inline constexpr field<"odd.eleven", 11, defaults_to<1234>> eleven;
inline constexpr field<"odd.flag", 1> flag;
inline constexpr field<"odd.fifty", 50> fifty;
inline constexpr field<"odd.nine", 9> nine;
inline constexpr field<"odd.colour", 6, typed<colour>, defaults_to<colour::green>> shade;
inline constexpr field<"odd.triple", 24, typed<triple>> address;

// 104 bits: no field but the last begins on an octet, and `fifty` touches eight of them.
struct header : description<"odd", three, eleven, flag, fifty, nine, shade, address> {
    using description::description;
};
static_assert(header::size == 13);

} // namespace odd

namespace outer {

using namespace plywire;

inline constexpr field<"outer.magic", 8, must_be<0x5a>> magic;
inline constexpr field<"outer.words", 4, counts_header<2>> words;
inline constexpr field<"outer.spare", 4> spare;
inline constexpr field<"outer.octets", 8, counts_packet> octets;
inline constexpr field<"outer.next", 8, names_next> next;

// 4 octets and a tail of up to 26, counted in words of two; at most 255 octets with its payload.
struct header : description<"outer", magic, words, spare, octets, next> {
    using description::description;
};
static_assert(header::size == 4);

template <std::size_t Octets>
constexpr header_tail<header, Octets> tail() {
    header_tail<header, Octets> result;
    result.data.fill(std::byte{0xee});
    return result;
}

} // namespace outer

template <>
inline constexpr std::uint8_t plywire::carries<outer::header, odd::header> = 77;
