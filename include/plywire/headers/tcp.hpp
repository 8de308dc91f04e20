// The Transmission Control Protocol's header (RFC 9293 3.1). Its options are in tcp_options.hpp.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-------------------------------+
//     |          source port          |       destination port        |
//     +-------------------------------+-------------------------------+
//     |                        sequence number                        |
//     +---------------------------------------------------------------+
//     |                     acknowledgment number                     |
//     +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
//     | data  | rsrvd |C|E|U|A|P|R|S|F|            window             |
//     | offset|       |W|C|R|C|S|S|Y|I|                               |
//     |       |       |R|E|G|K|H|T|N|N|                               |
//     +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
//     |           checksum            |        urgent pointer         |
//     +-------------------------------+-------------------------------+
//     |                    options (0 to 40 octets)                   |
//     +---------------------------------------------------------------+
#pragma once

#include <plywire/describe/carries.hpp>
#include <plywire/describe/description.hpp>
#include <plywire/headers/ipv4_protocols.hpp>

#include <cstdint>

namespace plywire::tcp {

inline constexpr field<"tcp.source_port", 16> source_port;
inline constexpr field<"tcp.destination_port", 16> destination_port;
inline constexpr field<"tcp.sequence_number", 32> sequence_number;
inline constexpr field<"tcp.acknowledgment_number", 32> acknowledgment_number;
inline constexpr field<"tcp.data_offset", 4, counts_header<4>> data_offset; // 32-bit words
inline constexpr field<"tcp.reserved", 4> reserved;
inline constexpr field<"tcp.cwr", 1> cwr;
inline constexpr field<"tcp.ece", 1> ece;
inline constexpr field<"tcp.urg", 1> urg;
inline constexpr field<"tcp.ack", 1> ack;
inline constexpr field<"tcp.psh", 1> psh;
inline constexpr field<"tcp.rst", 1> rst;
inline constexpr field<"tcp.syn", 1> syn;
inline constexpr field<"tcp.fin", 1> fin;
inline constexpr field<"tcp.window", 16> window; // octets, before scaling (RFC 7323 2.2)
inline constexpr field<"tcp.checksum", 16, checksums<covers::packet_and_pseudo_header>, in_hexadecimal> checksum;
inline constexpr field<"tcp.urgent_pointer", 16> urgent_pointer;

// A segment's header of 20 octets, with up to 40 octets of options behind it.
struct header : description<"TCP", source_port, destination_port, sequence_number, acknowledgment_number, data_offset,
                            reserved, cwr, ece, urg, ack, psh, rst, syn, fin, window, checksum, urgent_pointer> {
    using description::description;
};
static_assert(header::size == 20);

} // namespace plywire::tcp

template <>
inline constexpr std::uint8_t plywire::carries<plywire::ipv4::header, plywire::tcp::header> =
    plywire::ipv4::protocol_tcp;
