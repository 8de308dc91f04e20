// What a device carries: Ethernet frames or bare IP packets.
#pragma once

#include <cstddef>

namespace plywire {

// What one frame of a device is.
enum class medium {
    ethernet, // an Ethernet frame from its destination address on; preamble and frame check sequence are not part of
              // it
    ip,       // an IP packet from its version nibble on; nothing stands in front of it
};

// Octets that stand in front of the IP packet in a frame of `m`. An MTU does not count them.
constexpr std::size_t link_header_octets(medium m) { return m == medium::ethernet ? 14 : 0; }

} // namespace plywire
