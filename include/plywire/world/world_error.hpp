// Why a world has stopped before what was waited for has come.
#pragma once

#include <plywire/base/text.hpp>
#include <plywire/base/time.hpp>

#include <cstdint>
#include <string_view>

namespace plywire {

enum class world_stop : std::uint8_t {
    time_is_up,     // the time limit of the run has come
    nothing_is_due, // nobody will do anything any more
    too_many_steps, // world_settings::most_steps of this run
    stands_still,   // world_settings::most_steps_at_once: somebody's deadline stays in the past
};

constexpr std::string_view name_of(world_stop why) {
    switch (why) {
    case world_stop::time_is_up: return "the time is up";
    case world_stop::nothing_is_due: return "nothing is due any more";
    case world_stop::too_many_steps: return "too many steps";
    case world_stop::stands_still: return "time stands still: the same are due again and again";
    }
    return "unknown";
}

// What it was, when in virtual time, and in which of all steps; the seed, since it alone brings all this back.
struct world_error {
    world_stop why{};
    instant when{};
    std::uint64_t steps = 0;
    std::uint64_t seed = 0;

    // "the time is up at 61.000000000 s, step 12034, seed 7"
    text<128> message() const {
        return text_of<128>([&](text_writer& out) {
            auto const time = static_cast<std::uint64_t>(when.nanoseconds);
            out.text(name_of(why)).text(" at ").decimal(time / 1'000'000'000).character('.');
            out.decimal(time % 1'000'000'000, 9).text(" s, step ").decimal(steps).text(", seed ").decimal(seed);
        });
    }
};

} // namespace plywire
