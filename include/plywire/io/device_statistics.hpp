// What every device counts. Counters only grow; they wrap after 2^64.
#pragma once

#include <cstdint>

namespace plywire {

// A device's counters since it was made.
struct device_statistics {
    std::uint64_t received_frames = 0; // handed out by receive()
    std::uint64_t received_octets = 0;
    std::uint64_t sent_frames = 0; // committed and taken by the medium
    std::uint64_t sent_octets = 0;
    std::uint64_t refused_frames = 0; // commits that were the caller's mistake: too long, empty, or without a grant
    std::uint64_t lost_frames = 0;    // committed rightly, but the medium would not have them (interface down or gone)
    std::uint64_t full_grants = 0;    // grants answered by an empty slot
    std::uint64_t receive_errors = 0; // receptions that failed for another reason than that nothing was there

    friend constexpr bool operator==(device_statistics const&, device_statistics const&) = default;
};

} // namespace plywire
