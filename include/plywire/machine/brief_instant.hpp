// An instant in 6 octets: what a connection remembers, where an `instant` would take 8.
#pragma once

#include <plywire/base/time.hpp>

#include <array>
#include <cstdint>

namespace plywire::tcp {

// A whole number of steps of 100 us, rounded up, so that a deadline is never early and a pause never seems longer than
// it was. Holds every instant of 64-bit nanoseconds: nothing turns over, however long a connection is idle.
class brief_instant {
public:
    static constexpr duration step = microseconds(100);

    // The origin.
    constexpr brief_instant() = default;
    constexpr brief_instant(instant when) {
        std::uint64_t const steps = steps_up_to(when);
        parts_ = {static_cast<std::uint16_t>(steps), static_cast<std::uint16_t>(steps >> 16),
                  static_cast<std::uint16_t>(steps >> 32)};
    }

    constexpr operator instant() const {
        std::uint64_t const steps =
            std::uint64_t{parts_[0]} | std::uint64_t{parts_[1]} << 16 | std::uint64_t{parts_[2]} << 32;
        if (steps == none) return instant::never();
        // The sign stands in the highest of the 48 bits.
        return {(static_cast<std::int64_t>(steps << 16) >> 16) * step.nanoseconds};
    }

    friend constexpr instant operator+(brief_instant a, duration b) { return instant(a) + b; }

private:
    // An instant reaches two thirds of 2^47 steps far, so this one is free: never, and what comes just before it.
    static constexpr std::uint64_t none = 0x7fff'ffff'ffff;
    static constexpr instant latest{instant::never().nanoseconds - step.nanoseconds};

    [[gnu::noinline]] static constexpr std::uint64_t steps_up_to(instant when) {
        if (when > latest) return none;
        std::int64_t const steps = when.nanoseconds / step.nanoseconds;
        return static_cast<std::uint64_t>(steps + (when.nanoseconds % step.nanoseconds > 0 ? 1 : 0));
    }

    // Three of 16 bits, so that it may stand at every even address.
    std::array<std::uint16_t, 3> parts_ = {};
};

static_assert(sizeof(brief_instant) == 6 && alignof(brief_instant) == 2);

} // namespace plywire::tcp
