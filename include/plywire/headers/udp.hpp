// The User Datagram Protocol (RFC 768).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-------------------------------+
//     |          source port          |       destination port        |
//     +-------------------------------+-------------------------------+
//     |            length             |           checksum            |
//     +-------------------------------+-------------------------------+
#pragma once

#include <plywire/describe/carries.hpp>
#include <plywire/describe/description.hpp>
#include <plywire/headers/ipv4_protocols.hpp>

#include <cstdint>

namespace plywire::udp {

inline constexpr field<"udp.source_port", 16> source_port;
inline constexpr field<"udp.destination_port", 16> destination_port;
inline constexpr field<"udp.length", 16, counts_packet> length; // octets
inline constexpr field<"udp.checksum", 16, checksums<covers::packet_and_pseudo_header_or_none>, in_hexadecimal>
    checksum;

// A datagram's header; a checksum of 0 says that the sender made none.
struct header : description<"UDP", source_port, destination_port, length, checksum> {
    using description::description;
};
static_assert(header::size == 8);

} // namespace plywire::udp

template <>
inline constexpr std::uint8_t plywire::carries<plywire::ipv4::header, plywire::udp::header> =
    plywire::ipv4::protocol_udp;
