// When data received in order is acknowledged (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2).
#pragma once

#include <plywire/base/time.hpp>

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// What an acknowledgment policy must answer: how long an ACK may wait (at most 500 ms, RFC 9293 MUST-40) and with how
// many segments that bear text at the latest it leaves at once (RFC 5681: 2).
template <class T>
concept acknowledgment_timing = requires {
    { T::longest_wait } -> std::convertible_to<duration>;
    { T::segments } -> std::convertible_to<std::uint8_t>;
};

// Every second segment at once, a single one after 40 ms as common kernels do.
struct delayed_acknowledgment {
    static constexpr duration longest_wait = milliseconds(40);
    static constexpr std::uint8_t segments = 2;
};

// Every segment at once.
struct immediate_acknowledgment {
    static constexpr duration longest_wait{};
    static constexpr std::uint8_t segments = 1;
};

} // namespace plywire::tcp
