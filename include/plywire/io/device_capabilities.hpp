// What a device can do for the stack, as constants: code for what the device does is then not compiled at all.
#pragma once

#include <cstdint>

namespace plywire {

// A device's abilities. Each device states them as `static constexpr device_capabilities capabilities`.
struct device_capabilities {
    bool transmit_checksum = false; // fills in a transport checksum when the transmit_request says where
    bool receive_checksum = false;  // says in received_frame::checksum when it has verified a transport checksum
    // Largest TCP payload plus headers, in octets, that may be committed as one frame with a segment_size for the
    // device to cut up; 0 when it cannot.
    std::uint32_t largest_super_segment = 0;

    friend constexpr bool operator==(device_capabilities const&, device_capabilities const&) = default;
};

} // namespace plywire
