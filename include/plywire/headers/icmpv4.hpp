// ICMP for IPv4 (RFC 792): the eight octets that all messages share, and the echo messages.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +---------------+---------------+-------------------------------+
//     |     type      |     code      |           checksum            |
//     +---------------+---------------+-------------------------------+
//     |     rest (echo: identifier, 16 bits; sequence, 16 bits)       |
//     +---------------------------------------------------------------+
#pragma once

#include <plywire/describe/carries.hpp>
#include <plywire/describe/description.hpp>
#include <plywire/headers/ipv4_protocols.hpp>

#include <cstdint>

namespace plywire::icmpv4 {

inline constexpr field<"icmpv4.type", 8> type;
inline constexpr field<"icmpv4.code", 8> code;
inline constexpr field<"icmpv4.checksum", 16, checksums<covers::packet>, in_hexadecimal> checksum;
inline constexpr field<"icmpv4.rest", 32, in_hexadecimal> rest;
inline constexpr field<"icmpv4.identifier", 16> identifier;
inline constexpr field<"icmpv4.sequence", 16> sequence;

// Any message; what `rest` means depends on the type.
struct header : description<"ICMPv4", type, code, checksum, rest> {
    using description::description;
};
static_assert(header::size == 8);

// An echo request or reply (RFC 792 p. 14). Look at the type first: every other message has these eight octets too.
struct echo : description<"ICMPv4 echo", type, code, checksum, identifier, sequence> {
    using description::description;
};
static_assert(echo::size == header::size);

// Types (IANA, "ICMP parameters")
inline constexpr std::uint8_t type_echo_reply = 0;
inline constexpr std::uint8_t type_destination_unreachable = 3;
inline constexpr std::uint8_t type_source_quench = 4; // deprecated (RFC 6633)
inline constexpr std::uint8_t type_redirect = 5;
inline constexpr std::uint8_t type_echo_request = 8;
inline constexpr std::uint8_t type_time_exceeded = 11;
inline constexpr std::uint8_t type_parameter_problem = 12;

// Codes of destination unreachable (RFC 792, RFC 1122 3.2.2.1)
inline constexpr std::uint8_t code_network_unreachable = 0;
inline constexpr std::uint8_t code_host_unreachable = 1;
inline constexpr std::uint8_t code_protocol_unreachable = 2;
inline constexpr std::uint8_t code_port_unreachable = 3;
inline constexpr std::uint8_t code_fragmentation_needed = 4;

} // namespace plywire::icmpv4

template <>
inline constexpr std::uint8_t plywire::carries<plywire::ipv4::header, plywire::icmpv4::header> =
    plywire::ipv4::protocol_icmp;
template <>
inline constexpr std::uint8_t plywire::carries<plywire::ipv4::header, plywire::icmpv4::echo> =
    plywire::ipv4::protocol_icmp;
