// The three small structs that pass between a device and what drives it. None of them owns the octets it shows.
#pragma once

#include <plywire/bytes/span.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire {

// What a device knows of the transport checksum of a frame that it delivers.
enum class checksum_state : std::uint8_t {
    unverified, // nothing: whoever cares must sum
    verified,   // it is right, or the sender is this very machine and left it out; do not sum
};

// A frame that arrived. Empty (`false`) when there was none. The octets belong to the device and may be written to;
// they are valid until the next call of its receive().
struct received_frame {
    mutable_bytes octets{};
    checksum_state checksum = checksum_state::unverified;
    // Payload octets of each TCP or UDP segment that was glued into this frame; 0 when it is a single one.
    std::uint16_t segment_size = 0;

    constexpr explicit operator bool() const { return !octets.empty(); }
};

// Room for one frame, granted by a device. Empty (`false`) when the device is full. The octets belong to the device,
// hold at least its link header and its MTU, and their content is unspecified; they are valid until they are
// committed, the next grant() or the end of the device. Not using a grant costs nothing.
struct transmit_slot {
    mutable_bytes octets{};
    std::size_t handle = 0; // the device's own mark; hand it back unchanged

    constexpr explicit operator bool() const { return !octets.empty(); }
};

// What to do with a filled slot.
struct transmit_request {
    std::size_t length = 0; // octets of the frame, from the slot's front; 1 to the slot's size
    // Where the octets begin that a transport checksum covers, counted from the frame's front; 0 when every checksum
    // is already complete. Only for devices with device_capabilities::transmit_checksum.
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0; // where the checksum field stands, counted from checksum_start
    // Payload octets of each segment that the device shall cut this frame into; 0 when it is a single one.
    std::uint16_t segment_size = 0;
};

} // namespace plywire
