// The wheel against a model that keeps every due time in an array and looks through all of them.

#include <plywire/base/random.hpp>
#include <plywire/protocols/timer_wheel.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <optional>

using namespace plywire;

namespace {

struct timers {
    static constexpr std::uint32_t count = 200;
    std::array<timer_link, count> links{};
    timer_wheel<20> wheel{};

    auto at() {
        return [this](std::uint32_t i) -> timer_link& { return links[i]; };
    }
    void arm(std::uint32_t i, instant due) { wheel.arm(i, due, at()); }
    void cancel(std::uint32_t i) { wheel.cancel(i, at()); }
    std::uint32_t expire(instant now) { return wheel.expire(now, at()); }
};

constexpr duration tick = timer_wheel<20>::tick;

} // namespace

TEST_CASE("a timer is never early and late by less than a tick", "[protocols][timer_wheel]") {
    for (std::int64_t due : {std::int64_t{1}, std::int64_t{1'000'000}, std::int64_t{200'000'000},
                             std::int64_t{3'600'000'000'000}, std::int64_t{1'700'000'000'000'000'000}}) {
        timers t;
        t.arm(3, instant{due});
        CHECK(t.expire(instant{due - 1}) == no_index);
        CHECK(t.expire(instant{due} + tick) == 3);
        CHECK(t.wheel.deadline() == instant::never());
    }
}

TEST_CASE("a timer that is due already expires at once", "[protocols][timer_wheel]") {
    timers t;
    t.expire(instant{5'000'000'000});
    t.arm(0, instant{1});
    t.arm(1, instant{-5});
    CHECK(t.expire(instant{5'000'000'000}) == 0);
    CHECK(t.expire(instant{5'000'000'000}) == 1);
    CHECK(t.expire(instant{5'000'000'000}) == no_index);
}

TEST_CASE("a timer at the end of time waits", "[protocols][timer_wheel]") {
    timers t;
    t.arm(0, instant::never());
    CHECK(t.expire(instant{4'000'000'000'000'000'000}) == no_index);
    CHECK(t.wheel.size() == 1);
}

TEST_CASE("following deadline() meets every timer within a tick of its time", "[protocols][timer_wheel]") {
    timers t;
    random_generator random(7);
    std::array<instant, timers::count> due{};
    for (std::uint32_t i = 0; i < timers::count; ++i) {
        due[i] = instant{static_cast<std::int64_t>(random.below(10'000'000'000))};
        t.arm(i, due[i]);
    }
    std::uint32_t seen = 0;
    std::uint32_t wakes = 0;
    while (t.wheel.size() != 0) {
        instant const now = t.wheel.deadline();
        ++wakes;
        for (std::uint32_t i = t.expire(now); i != no_index; i = t.expire(now)) {
            CHECK(due[i] <= now);
            CHECK(now - due[i] < tick);
            ++seen;
        }
    }
    CHECK(seen == timers::count);
    CHECK(wakes <= 8 * timers::count);
}

TEST_CASE("the wheel agrees with a model over random operations", "[protocols][timer_wheel]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        random_generator random(seed);
        timers t;
        std::array<std::optional<instant>, timers::count> model{};
        instant now{0};
        for (int step = 0; step < 3'000; ++step) {
            auto const i = static_cast<std::uint32_t>(random.below(timers::count));
            std::uint64_t const what = random.below(10);
            if (what < 5) {
                // Any distance from a nanosecond to hours, so that every wheel is used.
                instant const due =
                    now + nanoseconds(static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(45))));
                t.arm(i, due);
                model[i] = due;
            } else if (what < 7) {
                t.cancel(i);
                model[i].reset();
            } else {
                now += nanoseconds(static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(42))));
                for (std::uint32_t e = t.expire(now); e != no_index; e = t.expire(now)) {
                    REQUIRE(model[e].has_value());
                    REQUIRE(*model[e] <= now);
                    model[e].reset();
                }
                for (auto const& due : model) {
                    REQUIRE((!due || now - *due < tick));
                }
            }
            std::uint32_t running = 0;
            for (auto const& due : model) {
                running += due ? 1 : 0;
            }
            REQUIRE(t.wheel.size() == running);
        }
    }
}
