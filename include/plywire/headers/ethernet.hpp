// Ethernet II (IEEE 802.3-2018, 3.1.1 with a type; RFC 894 for IPv4).
//
//     +-----------------------+-----------------------+-----------+
//     |      destination      |        source         |   type    |
//     +-----------------------+-----------------------+-----------+
//              48 bits                 48 bits           16 bits
#pragma once

#include <plywire/describe/description.hpp>
#include <plywire/headers/ethernet_address.hpp>
#include <plywire/headers/ethernet_types.hpp>

namespace plywire::ethernet {

inline constexpr field<"ethernet.destination", 48, typed<address>> destination;
inline constexpr field<"ethernet.source", 48, typed<address>> source;
inline constexpr field<"ethernet.type", 16, names_next, in_hexadecimal> type;

// The 14 octets in front of every frame; preamble and frame check sequence are the device's.
struct header : description<"Ethernet", destination, source, type> {
    using description::description;
};
static_assert(header::size == 14);

} // namespace plywire::ethernet
