// How often something may be done that a peer can ask for: a bucket of tokens that fills with time.
#pragma once

#include <plywire/base/time.hpp>

#include <cstdint>

namespace plywire {

// At most `burst` at once and `per_second` in the long run. O(1), no timer.
class rate_limit {
public:
    // Both at least 1; `per_second` at most 10^9.
    constexpr rate_limit(std::uint32_t per_second, std::uint32_t burst)
        : interval_{seconds(1) / (per_second == 0 ? 1 : per_second)}
        , burst_(burst == 0 ? 1 : burst) {}

    // Takes a token, or says that there is none.
    constexpr bool allows(instant now) {
        // `full_at_` is when the bucket is full again if nothing more is taken: each token in use moves it on.
        instant const earliest = full_at_ < now ? now : full_at_;
        if (earliest - now > interval_ * (std::int64_t{burst_} - 1)) {
            return false;
        }
        full_at_ = earliest + interval_;
        return true;
    }

private:
    duration interval_;
    std::uint32_t burst_;
    instant full_at_{};
};

} // namespace plywire
