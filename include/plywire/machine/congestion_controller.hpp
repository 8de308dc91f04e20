// What a congestion controller may assume and must answer.
#pragma once

#include <plywire/base/time.hpp>

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// The path as the connection sees it when it tells the controller something.
struct path_view {
    std::uint32_t segment_size = 0; // SMSS: octets of text in a full segment
    std::uint32_t in_flight = 0;    // FlightSize: octets sent and not acknowledged, before the event
    duration smoothed_round_trip{}; // zero before the first measurement
    instant now{};

    // Whether at least half of a window is in use. What is not used says nothing about the path, and does not grow (RFC
    // 7661 section 4.3, RFC 9438 section 5.8). Half, because what is in flight falls while a burst is acknowledged.
    constexpr bool uses(std::uint32_t octets) const { return in_flight >= octets - octets / 2; }
};

// Decides how many octets may be in flight. Loss recovery (machine/loss_recovery.hpp) decides what is sent, and tells
// the controller what has happened; the peer's window is not its business.
//
// It may assume: start() comes first; segment_size is not 0 and does not change during recovery; every octet is
// reported as acknowledged at most once. It must answer window() >= one segment after start(), and react to at most one
// congestion_detected() per round trip, because that is how often it is told.
template <class C>
concept congestion_controller =
    std::default_initializable<C> && requires(C c, C const k, path_view const& path, std::uint32_t octets, bool flag) {
        c.start(octets, flag);        // established; segment size, whether a SYN had to be sent again
        c.acknowledged(octets, path); // new octets, cumulatively, outside of recovery
        c.congestion_detected(path);  // a loss was seen and recovery begins
        c.recovered(path);            // recovery ends: all that was in flight when it began is acknowledged
        c.timed_out(path, flag);      // the retransmission timer ran out; whether for the first time in a row
        c.resumed_after_idle(path);   // nothing has been sent for longer than the time-out
        { k.window() } -> std::same_as<std::uint32_t>;               // cwnd, octets
        { k.slow_start_threshold() } -> std::same_as<std::uint32_t>; // ssthresh, octets
    };

} // namespace plywire::tcp
