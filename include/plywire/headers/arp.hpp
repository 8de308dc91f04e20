// ARP for IPv4 over Ethernet (RFC 826).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-------------------------------+
//     |         hardware type         |         protocol type         |
//     +---------------+---------------+-------------------------------+
//     | hardware len. | protocol len. |           operation           |
//     +---------------+---------------+-------------------------------+
//     |  sender hardware (48), sender protocol (32), target hardware  |
//     |  (48), target protocol (32)                                   |
//     +---------------------------------------------------------------+
#pragma once

#include <plywire/describe/carries.hpp>
#include <plywire/describe/description.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/ipv4_address.hpp>

#include <cstdint>

namespace plywire::arp {

// Hardware type "Ethernet" (IANA, "ARP parameters")
inline constexpr std::uint16_t hardware_ethernet = 1;

inline constexpr field<"arp.hardware_type", 16, must_be<hardware_ethernet>> hardware_type;
inline constexpr field<"arp.protocol_type", 16, must_be<ethernet::type_ipv4>, in_hexadecimal> protocol_type;
inline constexpr field<"arp.hardware_length", 8, must_be<6>> hardware_length;
inline constexpr field<"arp.protocol_length", 8, must_be<4>> protocol_length;
inline constexpr field<"arp.operation", 16> operation;
inline constexpr field<"arp.sender_hardware", 48, typed<ethernet::address>> sender_hardware;
inline constexpr field<"arp.sender_protocol", 32, typed<ipv4::address>> sender_protocol;
inline constexpr field<"arp.target_hardware", 48, typed<ethernet::address>> target_hardware;
inline constexpr field<"arp.target_protocol", 32, typed<ipv4::address>> target_protocol;

// A request or a reply. Other hardware or another protocol than Ethernet and IPv4 is refused by `parse`.
struct header : description<"ARP", hardware_type, protocol_type, hardware_length, protocol_length, operation,
                            sender_hardware, sender_protocol, target_hardware, target_protocol> {
    using description::description;
};
static_assert(header::size == 28);

// Operations (RFC 826)
inline constexpr std::uint16_t operation_request = 1;
inline constexpr std::uint16_t operation_reply = 2;

} // namespace plywire::arp

template <>
inline constexpr std::uint16_t plywire::carries<plywire::ethernet::header, plywire::arp::header> =
    plywire::ethernet::type_arp;
