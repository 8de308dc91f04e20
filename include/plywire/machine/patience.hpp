// How long a connection waits for what may never come. Read RFC 9293 section 3.8.3 first.
#pragma once

#include <plywire/base/time.hpp>

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// What a patience policy must answer: constant lengths of time, none of them negative, and a number.
template <class T>
concept patience = requires {
    { T::for_handshake } -> std::convertible_to<duration>; // R2 for SYN: until open() has failed
    { T::for_data } -> std::convertible_to<duration>;      // R2 for text and FIN, and for a silent closed window
    { T::maximum_segment_lifetime } -> std::convertible_to<duration>; // TIME-WAIT lasts twice as long
    { T::for_finish } -> std::convertible_to<duration>;               // FIN-WAIT-2 when nobody will read any more
    { T::for_window } -> std::convertible_to<duration>;               // until a silly window is used all the same
    { T::for_cork } -> std::convertible_to<duration>;                 // until less than a full segment is sent, corked
    { T::for_orphaned_octet } -> std::convertible_to<duration>;       // for each octet that the peer takes of an orphan
    // R1: how often a segment is sent again until the user is told
    { T::retransmissions_before_advice } -> std::convertible_to<std::uint8_t>;
};

struct standard_patience {
    // R2 for SYN: at least 3 minutes (RFC 9293 MUST-23).
    static constexpr duration for_handshake = minutes(3);
    // R2 for data: at least 100 s (SHLD-11); this is the user time-out that section 3.9.1 presumes.
    static constexpr duration for_data = minutes(5);
    // MSL: the RFC takes 2 minutes and calls it an engineering choice; kernels take 30 s. TIME-WAIT lasts twice as
    // long.
    static constexpr duration maximum_segment_lifetime = seconds(30);
    // FIN-WAIT-2 of a connection that nobody uses any more; not in the RFC.
    static constexpr duration for_finish = seconds(60);
    // A window too small for silly-window avoidance is used after this long (RFC 9293 3.8.6.2.1: 0.1 to 1 s).
    static constexpr duration for_window = milliseconds(500);
    // What is corked and does not fill a segment leaves after this long, as kernels have it.
    static constexpr duration for_cork = milliseconds(200);
    // A connection that nobody uses any more lives for for_data, and for this much longer with each octet that the peer
    // acknowledges: whoever takes one at a time holds its buffer for minutes, not for ever.
    static constexpr duration for_orphaned_octet = milliseconds(1);
    // R1: at least 3 (SHLD-10).
    static constexpr std::uint8_t retransmissions_before_advice = 3;
};

} // namespace plywire::tcp
