// The Internet Protocol, version 4 (RFC 791 3.1; DSCP RFC 2474, ECN RFC 3168).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------+-------+-----------+---+-------------------------------+
//     |version|  IHL  |   DSCP    |ECN|         total length          |
//     +-------+-------+-----------+---+-+-+-+-------------------------+
//     |        identification         |0|D|M|     fragment offset     |
//     +---------------+---------------+-+-+-+-------------------------+
//     | time to live  |   protocol    |        header checksum        |
//     +---------------+---------------+-------------------------------+
//     |                            source                             |
//     +---------------------------------------------------------------+
//     |                          destination                          |
//     +---------------------------------------------------------------+
//     |                    options (0 to 40 octets)                   |
//     +---------------------------------------------------------------+
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/describe/carries.hpp>
#include <plywire/describe/description.hpp>
#include <plywire/describe/view.hpp>
#include <plywire/headers/ethernet_types.hpp>
#include <plywire/headers/ipv4_address.hpp>
#include <plywire/headers/ipv4_protocols.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire::ipv4 {

// Default time to live (RFC 1700; at most 255 hops)
inline constexpr std::uint8_t default_time_to_live = 64;

inline constexpr field<"ipv4.version", 4, must_be<4>> version;
inline constexpr field<"ipv4.header_length", 4, counts_header<4>> header_length; // 32-bit words
inline constexpr field<"ipv4.dscp", 6> dscp;
inline constexpr field<"ipv4.ecn", 2> ecn;
inline constexpr field<"ipv4.total_length", 16, counts_packet> total_length; // octets
inline constexpr field<"ipv4.identification", 16> identification;
inline constexpr field<"ipv4.reserved", 1> reserved;
inline constexpr field<"ipv4.dont_fragment", 1> dont_fragment;
inline constexpr field<"ipv4.more_fragments", 1> more_fragments;
inline constexpr field<"ipv4.fragment_offset", 13, places_fragment> fragment_offset; // units of 8 octets
inline constexpr field<"ipv4.time_to_live", 8, defaults_to<default_time_to_live>> time_to_live;
inline constexpr field<"ipv4.protocol", 8, names_next> protocol;
inline constexpr field<"ipv4.header_checksum", 16, checksums<covers::header>, in_hexadecimal> header_checksum;
inline constexpr field<"ipv4.source", 32, typed<address>> source;
inline constexpr field<"ipv4.destination", 32, typed<address>> destination;

// What TCP and UDP sum besides themselves (RFC 9293 3.1, RFC 768): the addresses, the protocol and the length of the
// transport header and its payload in octets.
constexpr internet_sum pseudo_header_sum(address from, address to, std::uint8_t number, std::size_t octets) {
    internet_sum sum;
    sum.add_word32(from.value());
    sum.add_word32(to.value());
    sum.add_word(number);
    sum.add_word(static_cast<std::uint16_t>(octets));
    return sum;
}

// An IPv4 header of 20 octets, with up to 40 octets of options behind it.
struct header
    : description<"IPv4", version, header_length, dscp, ecn, total_length, identification, reserved, dont_fragment,
                  more_fragments, fragment_offset, time_to_live, protocol, header_checksum, source, destination> {
    using description::description;
};
static_assert(header::size == 20);

// The pseudo-header of what this packet carries; `octets` as above. The builder finds it by this name.
constexpr internet_sum pseudo_header_sum(view<header> const& packet, std::size_t octets) {
    return pseudo_header_sum(packet[source], packet[destination], packet[protocol], octets);
}

// Whether the packet is only a part of a datagram.
constexpr bool is_fragment(view<header> const& packet) {
    return packet[more_fragments] || packet[fragment_offset] != 0;
}

} // namespace plywire::ipv4

template <>
inline constexpr std::uint16_t plywire::carries<plywire::ethernet::header, plywire::ipv4::header> =
    plywire::ethernet::type_ipv4;
