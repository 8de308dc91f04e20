// What makes the delay of a path uneven: jitter, which keeps the order, and reordering, which is there to break it.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>

#include <concepts>
#include <cstdint>

namespace plywire {

// A jitter model: called once for each frame, answers what is added to its delay; not negative.
template <class J>
concept jitter_model = requires(J jitter, random_generator& random) {
    { jitter(random) } -> std::same_as<duration>;
};

// Every frame takes the same time.
struct no_jitter {
    constexpr duration operator()(random_generator&) const { return {}; }
};

// 0 up to and including `most`, each nanosecond as likely as any other. `most` is not negative.
struct uniform_jitter {
    duration most{};

    constexpr duration operator()(random_generator& random) const {
        return {static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.nanoseconds) + 1))};
    }
};

// 0 up to `most`, values in the middle more often than those at either end: the mean of four even draws, which is
// close to a normal distribution whose standard deviation is 0.14 times `most`. `most` is not negative.
struct bell_jitter {
    duration most{};

    constexpr duration operator()(random_generator& random) const {
        std::uint64_t sum = 0;
        for (int i = 0; i < 4; ++i) {
            sum += random.below(static_cast<std::uint64_t>(most.nanoseconds) + 1);
        }
        return {static_cast<std::int64_t>(sum / 4)};
    }
};

static_assert(jitter_model<no_jitter> && jitter_model<uniform_jitter> && jitter_model<bell_jitter>);

// Some frames are held back by a time of 1 ns to `most`, so that those behind them come first.
struct random_reordering {
    std::uint32_t per_million = 0;
    duration most{};
};

} // namespace plywire
