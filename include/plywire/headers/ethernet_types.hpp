// EtherTypes (IANA, "IEEE 802 numbers"): how an Ethernet frame names what it carries.
#pragma once

#include <cstdint>

namespace plywire::ethernet {

struct header;

inline constexpr std::uint16_t type_ipv4 = 0x0800;
inline constexpr std::uint16_t type_arp = 0x0806;
inline constexpr std::uint16_t type_ipv6 = 0x86dd;

} // namespace plywire::ethernet
