// One path of a weather, tried frame by frame.
#pragma once

#include <plywire/bytes/endian.hpp>
#include <plywire/io/weather_path.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plywire::testing {

// What came out of a path: when, and the number and the length of the frame.
struct arrival_seen {
    instant when{};
    std::uint32_t number = 0;
    std::size_t length = 0;

    friend bool operator==(arrival_seen const&, arrival_seen const&) = default;
};

// Sends frames that begin with their number, and takes down what comes out.
template <class Weather>
struct path_rig {
    explicit path_rig(Weather const& w, std::uint64_t seed = 1, std::uint32_t most_frames = 65'536)
        : path({.frame_octets = 1500, .link_header_octets = 0, .most_frames = most_frames}, w, seed) {}

    void send(instant now, std::size_t length = 1500) {
        transmit_slot const slot = path.grant();
        for (std::size_t i = 0; i < length; ++i) {
            slot.octets[i] = std::byte{};
        }
        store_big<std::uint32_t>(slot.octets.data(), number++);
        path.commit(slot.handle, length, now, nullptr);
    }

    // Everything that comes until then, at the times that the path itself names.
    std::vector<arrival_seen> until(instant end) {
        std::vector<arrival_seen> all;
        for (instant next = path.deadline(); next <= end; next = path.deadline()) {
            path.time_passes(next);
            for (mutable_bytes f = path.receive(next, nullptr); !f.empty(); f = path.receive(next, nullptr)) {
                all.push_back({next, load_big<std::uint32_t>(f.data()), f.size()});
            }
        }
        return all;
    }
    std::vector<arrival_seen> rest() { return until({instant::never().nanoseconds - 1}); }

    // Whether every frame is accounted for.
    bool conserves() const {
        auto const& s = path.statistics();
        return s.offered + s.duplicated == s.dropped + s.lost + s.no_room + s.delivered + path.frames_on_their_way();
    }

    weather_path_of<Weather> path;
    std::uint32_t number = 0;
};

} // namespace plywire::testing
