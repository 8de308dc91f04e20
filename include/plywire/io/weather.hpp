// The weather on one direction of a link, put together from what stands in the files weather_*.hpp:
//
//     weather clear{};
//     weather usual{.bits_per_second = 200'000'000, .delay = milliseconds(50)};
//     weather wet{.delay = milliseconds(50), .jitter = uniform_jitter{milliseconds(5)}, .loss = uniform_loss{10'000}};
//
// What happens to a frame, in this order:
//     it comes to the queue, which takes, marks or drops it (where there is no rate there is no queue);
//     it waits until the link is free and the discipline lets it out, or drops or marks it even now;
//     it is sent, for as long as its bits take;
//     it is lost, or gets bits turned over;
//     it arrives after the delay, its jitter and the time that it is held back; perhaps it arrives twice.
// Each component draws from a generator of its own, once for each frame that comes to it. So two worlds with the same seed
// lose the same frames with and without what comes after the loss, jitter say; after a frame that only one of them has
// lost, what comes after the loss is no longer the same in both.
#pragma once

#include <plywire/io/weather_codel.hpp>
#include <plywire/io/weather_damage.hpp>
#include <plywire/io/weather_delay.hpp>
#include <plywire/io/weather_loss.hpp>
#include <plywire/io/weather_queue.hpp>
#include <plywire/io/weather_rate.hpp>
#include <plywire/io/weather_red.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire {

// One direction of a link. As it is when nothing is said: frames arrive at once and intact.
template <loss_model Loss = no_loss, jitter_model Jitter = no_jitter, queue_discipline<line_view> Queue = drop_tail,
          class Marking = no_marking>
struct weather {
    // How fast the link sends; 0: in no time, and then nothing ever waits in the queue.
    std::uint64_t bits_per_second = 0;
    // What the link sends besides the octets of each frame (38 for Ethernet: preamble, check sequence and gap).
    std::size_t overhead_octets = 0;
    Queue queue{};
    // Called with a packet, without link header, that the queue wants to mark; whether it is marked now.
    Marking marking{};
    // From the last octet's sending to its arrival: not negative.
    duration delay{};
    // Added to each frame's delay. The order is kept: nothing overtakes what was late.
    Jitter jitter{};
    random_reordering reordering{};
    Loss loss{};
    random_corruption corruption{};
    random_duplication duplication{};
};

// What has become of the frames of one direction. `offered + duplicated` is, at any time, the sum of all that follow up
// to `delivered` and of what is on its way.
struct weather_statistics {
    std::uint64_t offered = 0;    // frames that the sending end committed
    std::uint64_t duplicated = 0; // second copies made
    std::uint64_t dropped = 0;    // by the queue: it was full, or its discipline wanted it so
    std::uint64_t lost = 0;       // by the loss model
    std::uint64_t no_room = 0;    // there was no memory for another frame on the way
    std::uint64_t delivered = 0;  // handed to the receiving end

    std::uint64_t marked = 0;
    std::uint64_t corrupted = 0;
    std::uint64_t held_back = 0; // reordered
    std::uint64_t offered_octets = 0;
    std::uint64_t delivered_octets = 0;
    std::uint64_t most_waiting_octets = 0; // that ever waited in the queue, without the frame being sent

    friend constexpr bool operator==(weather_statistics const&, weather_statistics const&) = default;
};

} // namespace plywire
