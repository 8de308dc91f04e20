// Two connections and a bad network between them, in virtual time: every octet arrives once, in order and unharmed,
// whatever is lost, duplicated, delayed or overtaken. One seed decides everything.
#include <plywire/base/random.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/machine/connection.hpp>
#include <plywire/machine/no_congestion_control.hpp>
#include <plywire/machine/reset.hpp>
#include <plywire/machine/sack_recovery.hpp>

#include "support/effort.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

using namespace plywire;
using tcp::error;
using tcp::state;

namespace {

struct weather {
    unsigned loss = 0;       // percent of segments
    unsigned duplicates = 0; // percent
    duration delay = milliseconds(20);
    duration jitter{}; // up to this much more, so that segments overtake each other
};

struct in_transit {
    instant arrival;
    bool to_a;
    std::vector<std::byte> octets;
};

constexpr std::byte octet_at(std::uint64_t seed, std::uint64_t position) {
    return std::byte((position * 7 + (position >> 8) * 13 + seed) & 0xff);
}

template <class Policies>
struct world {
    tcp::connection<Policies> a{};
    tcp::connection<Policies> b{};
    random_generator random;
    weather sky;
    std::vector<in_transit> network{};
    instant now{};
    std::uint64_t segments = 0;

    world(std::uint64_t seed, weather w)
        : random(seed)
        , sky(w) {}

    void launch(bool from_a) {
        auto& from = from_a ? a : b;
        std::array<std::byte, 2048> slot{};
        while (auto const size = from.emit(slot, internet_sum(), now)) {
            send(!from_a, bytes_view(slot).first(size));
        }
    }

    void send(bool to_a, bytes_view octets) {
        ++segments;
        int copies = random.below(100) < sky.loss ? 0 : 1;
        if (random.below(100) < sky.duplicates) ++copies;
        for (int i = 0; i < copies; ++i) {
            duration const extra{
                static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(sky.jitter.nanoseconds) + 1))};
            network.push_back({now + sky.delay + extra, to_a, std::vector<std::byte>(octets.begin(), octets.end())});
        }
    }

    // Goes on to whatever happens next, at most to `limit`; false when nothing ever will.
    bool step(instant limit) {
        launch(true);
        launch(false);
        auto const next = std::min_element(network.begin(), network.end(),
                                           [](auto const& x, auto const& y) { return x.arrival < y.arrival; });
        instant const due = std::min({a.deadline(), b.deadline(), limit});
        if (next == network.end() || due < next->arrival) {
            if (due == instant::never()) return false;
            now = std::max(now, due);
            if (a.deadline() <= now) a.time_passes(now);
            if (b.deadline() <= now) b.time_passes(now);
            return true;
        }
        now = std::max(now, next->arrival);
        auto const segment = std::move(*next);
        network.erase(next);
        auto& to = segment.to_a ? a : b;
        auto const arrived = parse<tcp::header>(bytes_view(segment.octets));
        if (to.finished()) {
            // TIME-WAIT is over before the last ACK got through: the host knows no such connection any more.
            std::array<std::byte, 64> slot{};
            auto const size = tcp::write_reset_for(*arrived, slot, internet_sum());
            if (size > 0) send(!segment.to_a, bytes_view(slot).first(size));
            return true;
        }
        to.segment_arrives(*arrived, now);
        return true;
    }
};

struct outcome {
    bool intact = true;
    std::uint64_t a_to_b = 0;
    std::uint64_t b_to_a = 0;
    error a_failed = error::none;
    error b_failed = error::none;
    state a_ends = state::closed;
    state b_ends = state::closed;
    duration took{};
    std::uint64_t segments = 0;
};

struct job {
    std::uint64_t a_to_b = 100'000; // octets
    std::uint64_t b_to_a = 30'000;
    std::uint32_t isn_a = 1000;
    std::uint32_t isn_b = 5000;
    bool b_closes_first = false;
    bool no_delay = false;
    std::uint64_t reads_at_once = 10'000; // octets
    duration reads_every{};               // a slow reader makes the window close; zero: reads at once
    tcp::connection_settings settings{};
};

template <class Policies>
outcome run(std::uint64_t seed, weather w, job const& task) {
    world<Policies> both(seed, w);
    auto& [a, b, random, sky, network, now, segments] = both;
    auto settings = task.settings;
    settings.no_delay = task.no_delay;
    a.configure(settings);
    b.configure(settings);
    outcome result;
    if (!b.listen(80, tcp::sequence(task.isn_b)) || !a.open(1000, 80, tcp::sequence(task.isn_a), now)) {
        result.intact = false;
        return result;
    }
    std::uint64_t a_sent = 0;
    std::uint64_t b_sent = 0;
    bool a_closed = false;
    bool b_closed = false;
    instant next_read{};
    std::vector<std::byte> room(std::max<std::uint64_t>(task.reads_at_once, 4096));

    auto const write = [&](auto& from, std::uint64_t& sent, std::uint64_t total, std::uint64_t salt) {
        if (sent == total || !from.writable()) return;
        std::size_t const wanted = std::min<std::uint64_t>(total - sent, 1 + random.below(4096));
        for (std::size_t i = 0; i < wanted; ++i) room[i] = octet_at(seed + salt, sent + i);
        if (auto const taken = from.send(std::span(room).first(wanted), now)) sent += *taken;
    };
    auto const read = [&](auto& to, std::uint64_t& received, std::uint64_t salt) {
        if (now < next_read) return;
        auto const got = to.receive(std::span(room).first(task.reads_at_once), now);
        if (!got) return;
        for (std::size_t i = 0; i < *got; ++i) {
            result.intact = result.intact && room[i] == octet_at(seed + salt, received + i);
        }
        received += *got;
    };
    for (std::uint64_t events = 0; events < 3'000'000; ++events) {
        write(a, a_sent, task.a_to_b, 0);
        write(b, b_sent, task.b_to_a, 1);
        read(b, result.a_to_b, 0);
        read(a, result.b_to_a, 1);
        bool const unread = a.unread() + b.unread() > 0;
        if (now >= next_read) next_read = now + task.reads_every;
        // One side closes when it has said everything; the other when it has also heard everything.
        bool const a_may = a_sent == task.a_to_b && (!task.b_closes_first || a.current_state() == state::close_wait);
        bool const b_may = b_sent == task.b_to_a && (task.b_closes_first || b.current_state() == state::close_wait);
        if (!a_closed && a_may && a.current_state() != state::syn_sent) a_closed = a.close(now).has_value();
        if (!b_closed && b_may && b.current_state() != state::listen) b_closed = b.close(now).has_value();
        if (!both.step(unread ? next_read : instant::never())) break;
        if (result.took == duration{} && result.a_to_b == task.a_to_b && result.b_to_a == task.b_to_a) {
            result.took = now - instant{};
        }
    }
    now = next_read;
    while (a.unread() > 0) read(a, result.b_to_a, 1);
    while (b.unread() > 0) read(b, result.a_to_b, 0);
    result.a_failed = a.failure();
    result.b_failed = b.failure();
    result.a_ends = a.current_state();
    result.b_ends = b.current_state();
    result.segments = segments;
    return result;
}

template <class Policies>
void expect_success(std::uint64_t seed, weather w, job const& task) {
    INFO("seed " << seed << ", loss " << w.loss << " %, duplicates " << w.duplicates << " %, jitter "
                 << w.jitter.nanoseconds / 1'000'000 << " ms");
    auto const result = run<Policies>(seed, w, task);
    CHECK(result.intact);
    CHECK(result.a_to_b == task.a_to_b);
    CHECK(result.b_to_a == task.b_to_a);
    CHECK(result.a_failed == error::none);
    CHECK(result.b_failed == error::none);
    CHECK(result.a_ends == state::closed);
    CHECK(result.b_ends == state::closed);
}

constexpr std::uint64_t seeds(std::uint64_t count) { return testing::sampled ? (count + 7) / 8 : count; }

struct small_buffers : tcp::minimal<256, 256> {};
struct tiny_buffers : tcp::minimal<16, 16> {};
struct timer_only : tcp::defaults {
    using recovery = tcp::timer_recovery;
};
struct selective : tcp::defaults {
    using recovery = tcp::basic_sack_recovery<3>; // few enough that they run out
};
struct proportional : tcp::defaults {
    using recovery = tcp::proportional_sack_recovery;
};
struct uncontrolled : tcp::defaults {
    using congestion_control = tcp::no_congestion_control;
};
struct no_stamps : tcp::defaults {
    using timestamps = tcp::no_timestamps;
};

} // namespace

TEST_CASE("on a good network nothing is sent twice", "[tcp]") {
    auto const result = run<tcp::defaults>(1, {}, {.a_to_b = 1'000'000, .b_to_a = 0});
    CHECK(result.intact);
    CHECK(result.a_to_b == 1'000'000);
    // 691 full segments, half as many ACKs, handshake and close.
    CHECK(result.segments < 1200);
    CHECK(result.took < seconds(2));
}

TEST_CASE("data survives loss, duplication and reordering", "[tcp][9293-3.8]") {
    for (std::uint64_t seed = 1; seed <= seeds(40); ++seed) {
        expect_success<tcp::defaults>(seed, {.loss = 1}, {});
        expect_success<tcp::defaults>(seed, {.loss = 5, .duplicates = 5, .jitter = milliseconds(10)}, {});
        expect_success<tcp::defaults>(seed, {.loss = 20, .duplicates = 10, .jitter = milliseconds(60)},
                                      {.a_to_b = 30'000, .b_to_a = 10'000});
        expect_success<no_stamps>(seed, {.loss = 10, .jitter = milliseconds(40)}, {.a_to_b = 50'000});
        expect_success<selective>(seed, {.loss = 5, .duplicates = 5, .jitter = milliseconds(10)}, {});
        expect_success<selective>(seed, {.loss = 20, .duplicates = 10, .jitter = milliseconds(60)},
                                  {.a_to_b = 30'000, .b_to_a = 10'000});
        expect_success<proportional>(seed, {.loss = 10, .duplicates = 5, .jitter = milliseconds(40)}, {});
        expect_success<timer_only>(seed, {.loss = 5, .jitter = milliseconds(5)}, {.a_to_b = 50'000});
        expect_success<uncontrolled>(seed, {.loss = 5, .jitter = milliseconds(5)}, {});
    }
}

TEST_CASE("sequence numbers go round in the middle of it", "[tcp][9293-3.4]") {
    for (std::uint64_t seed = 1; seed <= seeds(30); ++seed) {
        auto const near = static_cast<std::uint32_t>(0 - seed * 1500);
        job const task{.isn_a = near, .isn_b = near + 3, .no_delay = seed % 2 == 0};
        expect_success<tcp::defaults>(seed, {.loss = 5, .duplicates = 3, .jitter = milliseconds(15)}, task);
        expect_success<proportional>(seed, {.loss = 5, .duplicates = 3, .jitter = milliseconds(15)}, task);
        // Where before() and after() would change their minds.
        job const half{.isn_a = 0x7fff'ffff - static_cast<std::uint32_t>(seed) * 1500, .isn_b = 0x8000'0000};
        expect_success<tcp::defaults>(seed, {.loss = 5, .jitter = milliseconds(15)}, half);
    }
}

TEST_CASE("either side may close first", "[tcp][9293-3.6]") {
    for (std::uint64_t seed = 1; seed <= seeds(40); ++seed) {
        for (bool const b_first : {false, true}) {
            job const task{.a_to_b = 5000, .b_to_a = 5000, .b_closes_first = b_first};
            expect_success<tcp::defaults>(seed, {.loss = 10, .jitter = milliseconds(30)}, task);
        }
    }
}

TEST_CASE("a slow reader closes the window; nothing gets stuck", "[tcp][9293-3.8.6.1]") {
    for (std::uint64_t seed = 1; seed <= seeds(20); ++seed) {
        job const task{.a_to_b = 40'000,
                       .b_to_a = 4'000,
                       .reads_at_once = 3000,
                       .reads_every = milliseconds(700),
                       .settings = {.send_buffer = 8192, .receive_buffer = 4096}};
        expect_success<tcp::defaults>(seed, {}, task);
        expect_success<tcp::defaults>(seed, {.loss = 10, .jitter = milliseconds(20)}, task);
    }
}

TEST_CASE("small buffers, down to 16 octets", "[tcp]") {
    for (std::uint64_t seed = 1; seed <= seeds(20); ++seed) {
        job const task{.a_to_b = 3000, .b_to_a = 1000, .reads_at_once = 64};
        expect_success<small_buffers>(seed, {}, task);
        expect_success<small_buffers>(seed, {.loss = 10, .duplicates = 10, .jitter = milliseconds(30)}, task);
        job const few{.a_to_b = 300, .b_to_a = 100, .reads_at_once = 7};
        expect_success<tiny_buffers>(seed, {}, few);
        expect_success<tiny_buffers>(seed, {.loss = 10, .duplicates = 10, .jitter = milliseconds(30)}, few);
    }
}

TEST_CASE("large windows are scaled", "[tcp][7323-2.2]") {
    job const task{.a_to_b = 5'000'000,
                   .b_to_a = 0,
                   .reads_at_once = 100'000,
                   .settings = {.send_buffer = 1 << 20, .receive_buffer = 1 << 20}};
    auto const result = run<uncontrolled>(1, {}, task);
    CHECK(result.intact);
    CHECK(result.a_to_b == 5'000'000);
}

TEST_CASE("one seed gives one run", "[tcp]") {
    weather const w{.loss = 10, .duplicates = 5, .jitter = milliseconds(30)};
    auto const first = run<tcp::defaults>(42, w, {});
    auto const second = run<tcp::defaults>(42, w, {});
    CHECK(first.segments == second.segments);
    CHECK(first.took == second.took);
}
