// Protocol numbers (IANA, "Assigned Internet protocol numbers"): how an IPv4 packet names what it carries.
#pragma once

#include <cstdint>

namespace plywire::ipv4 {

struct header;

inline constexpr std::uint8_t protocol_icmp = 1;
inline constexpr std::uint8_t protocol_tcp = 6;
inline constexpr std::uint8_t protocol_udp = 17;

} // namespace plywire::ipv4
