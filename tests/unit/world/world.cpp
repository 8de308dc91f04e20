// Virtual time, and whole transfers in it.

#include "two_in_a_world.hpp"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace plywire;
using namespace plywire::testing;

namespace {

// Says what it is told and when.
struct alarm_clock final : world::party {
    instant deadline() const override { return due; }
    void act(instant now) override {
        rang_at = now;
        ++rings;
        due = every.nanoseconds == 0 ? instant::never() : now + every;
    }
    void sees_time(instant now) override { seen = now; }

    instant due = instant::never();
    duration every{};
    instant rang_at{};
    instant seen{};
    int rings = 0;
};

// Sums up everything that passes, with its time.
struct digest final : frame_witness {
    void sees(bytes_view frame, instant when, bool sent) override {
        add(static_cast<std::uint64_t>(when.nanoseconds));
        add(frame.size() * 2 + (sent ? 1 : 0));
        for (std::byte const octet : frame) {
            add(std::to_integer<std::uint64_t>(octet));
        }
        ++frames;
    }
    void add(std::uint64_t value) { sum = (sum ^ value) * 0x100000001b3; }

    std::uint64_t sum = 0xcbf29ce484222325;
    std::uint64_t frames = 0;
};

template <medium M>
struct over {
    static constexpr medium value = M;
};

} // namespace

TEST_CASE("time jumps to what is due and stands still otherwise", "[world]") {
    world w(1);
    alarm_clock clock;
    clock.due = w.now() + hours(3);
    w.add_party(clock);
    CHECK(w.elapsed() == duration{});
    CHECK(w.run_until([&] { return clock.rings == 1; }, hours(4)).has_value());
    CHECK(w.elapsed() == hours(3));
    CHECK(clock.rang_at == w.now());
    CHECK(w.steps() == 1);
    CHECK(w.run_for(minutes(5)).has_value());
    CHECK(w.elapsed() == hours(3) + minutes(5));
    CHECK(clock.seen == w.now());
}

TEST_CASE("a world that stops early says why, when and with which seed", "[world]") {
    world w(42);
    alarm_clock clock;
    clock.every = seconds(2);
    clock.due = w.now() + seconds(2);
    w.add_party(clock);
    auto const late = w.run_until([&] { return clock.rings == 3; }, seconds(5));
    REQUIRE(!late);
    CHECK(late.error().why == world_stop::time_is_up);
    CHECK(late.error().message() == "the time is up at 6.000000000 s, step 2, seed 42");
    CHECK(w.elapsed() == seconds(5));
    CHECK(w.run_until([&] { return clock.rings == 3; }, seconds(5)).has_value());
    clock.every = {};
    auto const over = w.run_until([] { return false; }, hours(1));
    REQUIRE(!over);
    CHECK(over.error().message() == "nothing is due any more at 9.000000000 s, step 4, seed 42");
    CHECK(w.run_to_the_end(hours(1)).has_value());
}

TEST_CASE("a party that does not do what is due is found out", "[world]") {
    struct lazy_party final : world::party {
        instant deadline() const override { return instant{5}; }
        void act(instant) override {}
        void sees_time(instant) override {}
    } lazy;
    world w(1, {.most_steps_at_once = 1000});
    w.add_party(lazy);
    CHECK(w.run_for(seconds(1)).error().why == world_stop::stands_still);
    world busy(1, {.most_steps = 500});
    alarm_clock clock;
    clock.due = busy.now();
    clock.every = nanoseconds(1);
    busy.add_party(clock);
    CHECK(busy.run_for(seconds(1)).error().why == world_stop::too_many_steps);
    CHECK(busy.steps() == 501);
}

TEST_CASE("appointments are kept in order of time, then of making, and can make others", "[world]") {
    world w(1);
    std::string order;
    w.after(seconds(2), [&] { order += 'c'; });
    w.after(seconds(1), [&] {
        order += 'a';
        w.after(duration{}, [&] { order += 'b'; });
        w.after(seconds(5), [&] { order += 'e'; });
    });
    w.after(seconds(2), [&] { order += 'd'; });
    CHECK(w.run_to_the_end(minutes(1)).has_value());
    CHECK(order == "abcde");
    CHECK(w.elapsed() == seconds(6));
}

TEMPLATE_TEST_CASE("ten MiB at a round trip of 100 ms come as they were sent", "[world][tcp]", over<medium::ip>,
                   over<medium::ethernet>) {
    constexpr std::size_t octets = 10 << 20;
    two_in_a_world<TestType::value> two(1, weather{.delay = milliseconds(50)}, octets);
    auto const outcome = two.transfer(minutes(1));
    if (!outcome) {
        FAIL(std::string(outcome.error().message().view()));
    }
    CHECK(two.received == octets);
    CHECK_FALSE(two.is_wrong);
    // A window of 64 KiB per round trip is 640 KiB/s.
    CHECK((two.w.elapsed() > seconds(16) && two.w.elapsed() < seconds(20)));
    // A host has a turn for each frame that comes, and hardly ever another.
    std::uint64_t const frames =
        two.link.first().outgoing().statistics().delivered + two.link.second().outgoing().statistics().delivered;
    CHECK(two.w.steps() < frames + frames / 10);
}

TEST_CASE("hosts that take in all that has come before they answer merge their acknowledgments", "[world][tcp]") {
    auto const acknowledgments = [](std::size_t frames_a_turn) {
        two_in_a_world<medium::ip> two(1, weather{.delay = milliseconds(50)}, 1 << 20, {},
                                       {.frames_a_turn = frames_a_turn});
        CHECK(two.transfer(minutes(1)).has_value());
        return two.link.second().outgoing().statistics().delivered;
    };
    CHECK(2 * acknowledgments(64) < acknowledgments(1));
}

TEST_CASE("a transfer survives any weather", "[world][tcp]") {
    weather const foul{.bits_per_second = 10'000'000,
                       .queue = drop_tail{.octets = 50'000},
                       .delay = milliseconds(10),
                       .jitter = uniform_jitter{milliseconds(5)},
                       .reordering = {.per_million = 20'000, .most = milliseconds(20)},
                       .loss = gilbert_elliott_loss{.good_to_bad = 5'000, .bad_to_good = 300'000},
                       .corruption = {.per_million = 5'000},
                       .duplication = {.per_million = 10'000, .later = milliseconds(1)}};
    std::uint64_t broken = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        CAPTURE(seed);
        two_in_a_world<medium::ethernet> two(seed, foul, 500'000);
        auto const outcome = two.transfer(minutes(30));
        CHECK(outcome.has_value());
        CHECK(two.received == 500'000);
        CHECK_FALSE(two.is_wrong);
        broken += two.right.tcp().statistics().bad_checksum;
    }
    CHECK(broken > 0);
}

TEST_CASE("one seed decides everything, and another decides otherwise", "[world]") {
    auto const run = [](std::uint64_t seed) {
        two_in_a_world<medium::ip> two(seed,
                                       weather{.bits_per_second = 20'000'000,
                                               .queue = codel{},
                                               .delay = milliseconds(20),
                                               .jitter = uniform_jitter{milliseconds(1)},
                                               .loss = uniform_loss{20'000}},
                                       200'000);
        digest all;
        two.link.first().watch(&all);
        CHECK(two.transfer(minutes(10)).has_value());
        CHECK(all.frames > 200);
        return all.sum;
    };
    auto const first = run(5);
    CHECK(run(5) == first);
    CHECK(run(6) != first);
}

TEST_CASE("a link more changes no other link's weather", "[world]") {
    auto const delivered = [](bool another) {
        world w(3);
        auto& link = w.link<medium::ip>(weather{.loss = uniform_loss{500'000}});
        if (another) {
            w.link<medium::ip>(weather{.loss = uniform_loss{500'000}});
        }
        std::string which;
        for (int i = 0; i < 64; ++i) {
            link.first().commit(link.first().grant(), {.length = 40});
            which += link.second().receive() ? '1' : '0';
        }
        return which;
    };
    CHECK(delivered(false) == delivered(true));
    CHECK(delivered(false) == "1111101100011010100011011011001111010000010110101011011110001100");
}

TEST_CASE("between runs an application finds its host at the world's time", "[world][tcp]") {
    two_in_a_world<medium::ip> two(1, weather{.delay = milliseconds(50)}, 1000);
    CHECK(two.w.run_for(minutes(3)).has_value());
    CHECK(two.transfer(seconds(1)).has_value());
    CHECK(two.received == 1000);
    CHECK(two.left.now() == two.w.now());
}

TEST_CASE("an application is called when it asked to be, and not in between", "[world]") {
    world w(1);
    auto& link = w.link<medium::ip>(weather{});
    using host = ip_host<world_device<medium::ip>>;
    host on(link.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}});
    std::vector<duration> calls;
    w.add(on, [&](host& h) {
        calls.push_back(h.now() - world_settings{}.begin);
        return calls.size() < 4 ? h.now() + seconds(10) : instant::never();
    });
    CHECK(w.run_to_the_end(hours(1)).has_value());
    CHECK(calls == std::vector<duration>{seconds(0), seconds(10), seconds(20), seconds(30)});
    CHECK(w.steps() == 4);
}

TEST_CASE("an outage ends, and the transfer goes on", "[world][tcp]") {
    outage_loss const outage{world_settings{}.begin + seconds(2), world_settings{}.begin + seconds(12)};
    two_in_a_world<medium::ip> two(1, weather{.delay = milliseconds(50), .loss = outage}, 4 << 20);
    CHECK(two.transfer(minutes(2)).has_value());
    CHECK(two.w.elapsed() > seconds(12));
    CHECK(two.link.first().outgoing().statistics().lost > 0);
}
