// How long a connection waits for what may never come. Read RFC 9293 section 3.8.3 first.
#pragma once

#include <plywire/base/time.hpp>

#include <concepts>

namespace plywire::tcp {

// What a patience policy must answer: five constant lengths of time, none of them negative.
template <class T>
concept patience = requires {
    { T::for_handshake } -> std::convertible_to<duration>; // R2 for SYN: until open() has failed
    { T::for_data } -> std::convertible_to<duration>;      // R2 for text and FIN, and for a silent closed window
    { T::maximum_segment_lifetime } -> std::convertible_to<duration>; // TIME-WAIT lasts twice as long
    { T::for_finish } -> std::convertible_to<duration>;               // FIN-WAIT-2 when nobody will read any more
    { T::for_window } -> std::convertible_to<duration>;               // until a silly window is used all the same
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
};

static_assert(patience<standard_patience>);

} // namespace plywire::tcp
