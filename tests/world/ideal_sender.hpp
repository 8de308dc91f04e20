// How far a congestion controller gets on a path with loss if nothing else is in its way: a sender that knows of each
// segment, one round trip after it has sent it, whether it has arrived. It never guesses, never waits for a timer, and
// no acknowledgment is lost. What a connection with the same controller has less than that, its loss recovery lacks.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/io/weather_loss.hpp>
#include <plywire/machine/congestion_controller.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>

namespace plywire::testing {

struct ideal_path {
    duration round_trip{};
    std::uint32_t loss_per_million = 0; // of segments
    std::uint32_t segment_octets = 1448;
    std::uint32_t window_octets = 32'768; // of both buffers: from the first octet that has not arrived
};

// The length of time from the SYN to the arrival of the last of so many octets.
template <tcp::congestion_controller Controller>
duration ideal_transfer(std::uint64_t seed, std::uint64_t octets, ideal_path const& path) {
    // Octets that were sent, oldest first; what is known of them is known a round trip later.
    struct flight {
        std::uint64_t first;
        std::uint32_t length;
        instant sent;
        std::uint64_t number; // of the transmission
        bool lost;
    };
    struct hole {
        std::uint64_t first;
        std::uint32_t length;
    };
    random_generator random(seed);
    Controller control;
    control.start(path.segment_octets, false);
    std::deque<flight> flights;
    std::deque<hole> holes;         // known to be lost and not sent again yet
    std::deque<hole> arrived;       // beyond the first octet that is missing
    std::uint64_t next = 0;         // never sent so far
    std::uint64_t acknowledged = 0; // everything before it has arrived, and the sender knows
    std::uint64_t transmissions = 0;
    std::uint64_t recovery_until = 0; // the transmission that was the next when recovery began
    bool recovering = false;
    std::uint32_t in_flight = 0;
    std::uint32_t not_told = 0;                // an acknowledgment for every second segment
    instant now = instant{} + path.round_trip; // the handshake
    instant last_arrival{};

    auto const view = [&] { return tcp::path_view{path.segment_octets, in_flight, path.round_trip, now}; };
    auto const send = [&](std::uint64_t first, std::uint32_t length) {
        bool const lost = happens(path.loss_per_million, random);
        flights.push_back({first, length, now, transmissions++, lost});
        in_flight += length;
        if (!lost) last_arrival = now + path.round_trip / 2;
    };
    auto const send_what_may_be_sent = [&] {
        while (in_flight == 0 || in_flight + path.segment_octets <= control.window()) {
            if (!holes.empty()) {
                send(holes.front().first, holes.front().length);
                holes.pop_front();
                continue;
            }
            std::uint64_t const end = std::min(octets, acknowledged + path.window_octets);
            if (next >= end) return;
            auto const length = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - next, path.segment_octets));
            send(next, length);
            next += length;
        }
    };

    send_what_may_be_sent();
    while (!flights.empty()) {
        flight const known = flights.front();
        flights.pop_front();
        now = known.sent + path.round_trip;
        if (recovering && known.number >= recovery_until) {
            recovering = false;
            control.recovered(view());
        }
        if (known.lost) {
            holes.push_back({known.first, known.length});
            if (!recovering) {
                control.congestion_detected(view());
                recovering = true;
                recovery_until = transmissions;
            }
        } else {
            auto const place =
                std::find_if(arrived.begin(), arrived.end(), [&](hole const& h) { return h.first > known.first; });
            arrived.insert(place, {known.first, known.length});
            while (!arrived.empty() && arrived.front().first == acknowledged) {
                acknowledged += arrived.front().length;
                arrived.pop_front();
            }
            not_told += known.length;
            if (!recovering && not_told >= 2 * path.segment_octets) {
                control.acknowledged(not_told, view());
            }
            not_told = recovering || not_told >= 2 * path.segment_octets ? 0 : not_told;
        }
        in_flight -= known.length;
        send_what_may_be_sent();
    }
    return last_arrival - instant{};
}

} // namespace plywire::testing
