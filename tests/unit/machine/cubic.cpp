// CUBIC by itself: the curve, the reductions, and the course of a window against RFC 9438's formulae in floating point.
#include <plywire/machine/cubic.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>

using namespace plywire;
using namespace plywire::tcp;

namespace {

constexpr std::uint32_t smss = 1000;

path_view path_at(std::int64_t ms, std::uint32_t in_flight, std::int64_t round_trip = 100) {
    return {smss, in_flight, milliseconds(round_trip), instant{} + milliseconds(ms)};
}

// A window of 100 segments that a loss has made one of 70.
cubic seventy_of_a_hundred() {
    cubic control;
    control.start(smss, false);
    while (control.window() < 100 * smss) control.acknowledged(smss, path_at(0, control.window()));
    control.congestion_detected(path_at(0, 100 * smss));
    return control;
}

// A round trip in which the whole window is acknowledged, segment by segment.
template <class Control>
void round(Control& control, std::int64_t ms, std::int64_t round_trip = 100) {
    std::uint32_t const segments = control.window() / smss;
    for (std::uint32_t i = 0; i < segments; ++i) {
        control.acknowledged(smss, path_at(ms + round_trip * i / segments, control.window(), round_trip));
    }
}

// RFC 9438 as it is written, in segments and seconds.
struct by_the_book {
    double window, highest, before, k, reno;

    by_the_book(double prior, double flight)
        : window(0.7 * flight)
        , highest(prior)
        , before(prior)
        , k(std::cbrt((prior - window) / 0.4))
        , reno(window) {}
    double at(double t) const { return 0.4 * (t - k) * (t - k) * (t - k) + highest; }
    void acknowledged(double t, double round_trip) {
        reno += (reno < before ? 9.0 / 17 : 1.0) / window;
        if (at(t) < reno) {
            window = std::max(window, reno);
        } else {
            window += (std::clamp(at(t + round_trip), window, 1.5 * window) - window) / window;
        }
    }
};

} // namespace

// Vector cubic-wmax100 of conformance/vectors.md: W_max = 100, cwnd_epoch = 70; K = 4.2172 s, W_cubic(0 .. 6 s).
TEST_CASE("the curve runs through the values of the formula", "[tcp][9438-2][9438-1]") {
    CHECK(cubic_curve::time_for(30 * smss, smss) == 4217);
    constexpr std::array<std::uint32_t, 7> thousandths{70'000, 86'681, 95'640, 99'279, 99'996, 100'192, 102'267};
    for (std::size_t second = 0; second < thousandths.size(); ++second) {
        std::int32_t const t = static_cast<std::int32_t>(1000 * second) - 4217;
        auto const distance = static_cast<std::int64_t>(cubic_curve::distance(t, smss));
        std::int64_t const octets = 100 * smss + (t < 0 ? -distance : distance);
        CHECK(std::abs(octets - std::int64_t{thousandths[second]}) <= 4); // the millisecond to which K is rounded
    }
}

TEST_CASE("the cube root is that of the formula", "[tcp][9438-4.2]") {
    for (std::uint32_t const size : {1u, 536u, 1448u, 8948u, 65'495u}) {
        for (std::uint64_t octets = 0; octets <= 1u << 30; octets = octets * 3 / 2 + 1) {
            auto const k = cubic_curve::time_for(static_cast<std::uint32_t>(octets), size);
            double const exact = 1000 * std::cbrt(static_cast<double>(octets) / size / 0.4);
            CHECK(std::abs(k - exact) <= 0.5001);
            // And back.
            double const back = 0.4 * std::pow(k / 1000.0, 3) * size;
            CHECK(std::abs(static_cast<double>(cubic_curve::distance(k, size)) - back) <= 1 + back / 20'000);
        }
    }
}

TEST_CASE("a loss leaves 0.7 of what was in flight", "[tcp][9438-7][9438-1]") {
    cubic control;
    control.start(smss, false);
    control.congestion_detected(path_at(0, 10 * smss));
    CHECK(control.slow_start_threshold() == 7 * smss);
    CHECK(control.window() == 7 * smss);
    control.congestion_detected(path_at(0, 2 * smss));
    CHECK(control.slow_start_threshold() == 2 * smss);
    CHECK(control.window() == 2 * smss);
}

TEST_CASE("the window grows as the RFC's formulae say", "[tcp][9438-6][9438-3][9438-5]") {
    for (std::int64_t const round_trip : {10, 100, 300}) {
        cubic control = seventy_of_a_hundred();
        by_the_book book(100, 100);
        for (std::int64_t ms = 0; ms < 15'000; ms += round_trip) {
            std::uint32_t const segments = control.window() / smss;
            for (std::uint32_t i = 0; i < segments; ++i) {
                std::int64_t const t = ms + round_trip * i / segments;
                control.acknowledged(smss, path_at(t, control.window(), round_trip));
                book.acknowledged(static_cast<double>(t) / 1000, static_cast<double>(round_trip) / 1000);
            }
            INFO(round_trip << " ms, at " << ms << ": " << control.window() << ", by the book " << book.window);
            REQUIRE(std::abs(control.window() - 1000 * book.window) <= 1500 + 10 * book.window);
        }
    }
}

TEST_CASE("first concave, flat at the old summit, then convex", "[tcp][9438-6]") {
    cubic control = seventy_of_a_hundred();
    std::array<std::uint32_t, 81> windows{};
    for (std::size_t i = 0; i < windows.size(); ++i) {
        windows[i] = control.window();
        round(control, static_cast<std::int64_t>(100 * i));
    }
    CHECK(windows[10] - windows[0] > 4 * (windows[40] - windows[30]));
    CHECK(windows[44] - windows[40] < smss);
    CHECK(windows[42] > 99 * smss);
    CHECK(windows[42] < 101 * smss);
    CHECK(windows[80] - windows[70] > 4 * (windows[60] - windows[50]));
}

TEST_CASE("no round trip lets the window grow by more than a half", "[tcp][9438-3]") {
    cubic control = seventy_of_a_hundred();
    round(control, 0);
    for (std::int64_t ms = 60'000; ms < 70'000; ms += 1000) { // far along the curve by then
        std::uint32_t const window = control.window();
        control.acknowledged(window, path_at(ms, window + 1, 1000));
        CHECK(control.window() <= window + window / 2);
        CHECK(control.window() > window);
    }
}

TEST_CASE("where Reno would be faster, the window is Reno's", "[tcp][9438-5]") {
    cubic control;
    control.start(smss, false);
    control.congestion_detected(path_at(0, 10 * smss)); // 7 of 10 segments
    // Round trips of 1 ms: the curve has hardly begun. A segment for 17/9 windows' worth, up to 10 segments.
    std::int64_t ms = 0;
    std::uint32_t acknowledged = 0;
    while (control.window() < 10 * smss) {
        control.acknowledged(smss, path_at(ms++ / 10, control.window(), 1));
        ++acknowledged;
    }
    // 7, 8 and 9 segments, times 17/9: 45.3 segments.
    CHECK(acknowledged == 46);
    // From there on a segment for each window's worth.
    for (std::uint32_t window = 10; window < 20; ++window) {
        CHECK(control.window() == window * smss);
        for (std::uint32_t i = 0; i < window; ++i) control.acknowledged(smss, path_at(ms / 10, window * smss, 1));
    }
    CHECK(control.window() == 20 * smss);
}

TEST_CASE("who has not come as far as the last time leaves room for others", "[tcp][9438-8]") {
    cubic control = seventy_of_a_hundred(); // W_max = 100
    control.congestion_detected(path_at(0, 70 * smss));
    // W_max = 0.85 * 70 = 59.5, the window 49: K = cbrt(10.5 / 0.4) = 2.97 s. Had it been 70, the curve would be at
    // 69.3 after three seconds.
    CHECK(control.window() == 49 * smss);
    for (std::int64_t ms = 0; ms < 3000; ms += 300) round(control, ms, 300);
    CHECK(control.window() > 58 * smss);
    CHECK(control.window() < 61 * smss);
}

TEST_CASE("after a time-out the curve begins at its own summit", "[tcp][9438-9]") {
    cubic control = seventy_of_a_hundred();
    control.timed_out(path_at(0, 70 * smss), true);
    CHECK(control.window() == smss);
    CHECK(control.slow_start_threshold() == 49 * smss);
    control.timed_out(path_at(0, smss), false);
    CHECK(control.slow_start_threshold() == 49 * smss);
    while (control.window() < 49 * smss) control.acknowledged(smss, path_at(0, control.window()));
    // K = 0, W_max = 49: 0.4 segments after a second, 3.2 after two. Round trips of 1 s keep Reno out of it.
    std::uint32_t const began = control.window();
    control.acknowledged(smss, path_at(0, began + smss, 1000));
    control.acknowledged(began, path_at(1000, began + smss, 1000));
    CHECK(control.window() > began + 3000);
    CHECK(control.window() < began + 3300);
}

TEST_CASE("time in which the window is not used does not count", "[tcp][9438-4]") {
    cubic used = seventy_of_a_hundred();
    cubic idle = used;
    std::int64_t ms = 0;
    for (; ms < 2000; ms += 100) {
        round(used, ms);
        round(idle, ms);
    }
    CHECK(idle.window() == used.window());
    std::int64_t later = ms;
    SECTION("because little is sent") {
        for (; later < 62'000; later += 100) idle.acknowledged(smss, path_at(later, smss));
    }
    SECTION("because nothing is sent") {
        idle.acknowledged(smss, path_at(later, smss)); // the last of a flight
        later += 900;
    }
    SECTION("for a month") {
        idle.acknowledged(smss, path_at(later, smss));
        later += std::int64_t{30} * 24 * 3600 * 1000;
    }
    CHECK(idle.window() == used.window());
    for (std::int64_t end = ms + 5000; ms < end; ms += 100, later += 100) {
        round(used, ms);
        round(idle, later);
        REQUIRE(idle.window() == used.window());
    }
}

TEST_CASE("after a pause CUBIC begins with the initial window and draws its curve anew", "[tcp][5681-17]") {
    cubic control = seventy_of_a_hundred();
    for (std::int64_t ms = 0; ms < 4000; ms += 100) round(control, ms);
    control.resumed_after_idle(path_at(60'000, 0));
    CHECK(control.window() == 10 * smss);
    std::int64_t ms = 60'000;
    for (; control.window() < 70 * smss; ms += 100) round(control, ms); // slow start
    CHECK(ms <= 60'400);
    for (int i = 0; i < 45; ++i, ms += 100) round(control, ms);
    CHECK(control.window() > 98 * smss);
    CHECK(control.window() < 102 * smss);
}

TEST_CASE("a stage that lasts longer than the clock goes on", "[tcp][9438-4.2]") {
    cubic control = seventy_of_a_hundred();
    constexpr std::int64_t day = 24 * 3600 * 1000;
    std::uint32_t last = control.window();
    for (std::int64_t ms = 0; ms < 100 * day; ms += day / 8) {
        control.acknowledged(smss, path_at(ms, control.window() + smss));
        REQUIRE(control.window() >= last);
        REQUIRE((ms < day || control.window() > last || last == 1u << 30));
        last = control.window();
    }
}
