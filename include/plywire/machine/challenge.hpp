// How many challenge ACKs a connection sends (RFC 5961 sections 3 to 5 and 7).
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/satisfies.hpp>

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// Asked before each challenge ACK; must answer whether that one may be sent, in constant time.
template <class T>
concept challenge_limit = std::default_initializable<T> && requires(T limit, instant now) {
    { limit.allows(now) } -> std::same_as<bool>;
};

// At most Count in each Seconds: the numbers that RFC 5961 section 7 recommends are 10 in 5 seconds. 4 octets of state:
// intervals are told apart modulo 2^24 (2.6 years), and one that seems to go on could only send fewer.
template <std::uint8_t Count = 10, std::uint8_t Seconds = 5>
class counted_challenges {
public:
    constexpr bool allows(instant now) {
        auto const interval = static_cast<std::uint32_t>(now.nanoseconds / seconds(Seconds).nanoseconds) & 0xff'ffffu;
        if (interval != interval_) {
            interval_ = interval & 0xff'ffffu;
            sent_ = 0;
        }
        if (sent_ >= Count) return false;
        ++sent_;
        return true;
    }

private:
    std::uint32_t interval_ : 24 = 0;
    std::uint32_t sent_ : 8 = 0;
};

// No limit. Has no state.
struct unlimited_challenges {
    using gives_up = rules<"5961-6">;
    static constexpr bool allows(instant) { return true; }
};

} // namespace plywire::tcp
