#include <plywire/machine/round_trip.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>

using namespace plywire;
using tcp::round_trip_estimator;

namespace {

struct without_bounds : tcp::standard_timing {
    static constexpr duration floor = nanoseconds(0);
    static constexpr duration granularity = nanoseconds(0);
};

struct coarse : without_bounds {
    static constexpr duration granularity = milliseconds(100);
};

// Equal to the microsecond that integers may lose.
bool near(duration a, std::int64_t expected_nanoseconds) {
    auto const difference = a.nanoseconds - expected_nanoseconds;
    return difference <= 2'000 && difference >= -2'000;
}

} // namespace

TEST_CASE("SRTT, RTTVAR and RTO follow RFC 6298's formulas", "[tcp][6298-2][6298-3]") {
    struct step {
        int sample_milliseconds;
        std::int64_t smoothed, variation, timeout; // nanoseconds
    };
    constexpr std::array steps = {
        step{100, 100'000'000, 50'000'000, 300'000'000}, step{100, 100'000'000, 37'500'000, 250'000'000},
        step{100, 100'000'000, 28'125'000, 212'500'000}, step{200, 112'500'000, 46'093'750, 296'875'000},
        step{50, 104'687'500, 50'195'312, 305'468'750},  step{100, 104'101'562, 38'818'359, 259'375'000},
    };
    round_trip_estimator<without_bounds> estimator;
    for (auto const& [sample, smoothed, variation, timeout] : steps) {
        estimator.measured(milliseconds(sample));
        CHECK(near(estimator.smoothed(), smoothed));
        CHECK(near(estimator.variation(), variation));
        CHECK(near(estimator.timeout(), timeout));
    }
}

TEST_CASE("before a measurement the time-out is one second", "[tcp][6298-1]") {
    round_trip_estimator<tcp::standard_timing> estimator;
    CHECK(!estimator.known());
    CHECK(estimator.timeout() == seconds(1));
}

TEST_CASE("the time-out has a floor, a policy constant", "[tcp][6298-4]") {
    round_trip_estimator<tcp::standard_timing> standard;
    round_trip_estimator<tcp::kernel_timing> kernel;
    standard.measured(milliseconds(10));
    kernel.measured(milliseconds(10));
    CHECK(standard.timeout() == seconds(1));
    CHECK(kernel.timeout() == milliseconds(200));
}

TEST_CASE("a steady path keeps at least the clock's granularity above SRTT", "[tcp][6298-8]") {
    round_trip_estimator<coarse> estimator;
    for (int i = 0; i < 200; ++i) estimator.measured(milliseconds(500));
    CHECK(near(estimator.timeout(), 600'000'000));
}

TEST_CASE("each time-out doubles, up to the ceiling, until something is measured", "[tcp][6298-11][6298-5]") {
    round_trip_estimator<tcp::standard_timing> estimator;
    for (int const expected : {1, 2, 4, 8, 16, 32, 60, 60}) {
        CHECK(estimator.timeout() == seconds(expected));
        estimator.back_off();
    }
    for (int i = 0; i < 300; ++i) estimator.back_off();
    CHECK(estimator.timeout() == seconds(60));
    estimator.measured(milliseconds(100));
    CHECK(estimator.backed_off() == 0);
    CHECK(estimator.timeout() == seconds(1));
}

TEST_CASE("after a lost SYN data begins with 3 seconds", "[tcp][6298-12]") {
    round_trip_estimator<tcp::standard_timing> lost;
    lost.back_off();
    lost.established();
    CHECK(lost.timeout() == seconds(3));
    round_trip_estimator<tcp::standard_timing> smooth;
    smooth.established();
    CHECK(smooth.timeout() == seconds(1));
    lost.measured(milliseconds(500));
    CHECK(lost.timeout() == milliseconds(1500));
}

TEST_CASE("absurd measurements are bounded", "[tcp]") {
    round_trip_estimator<tcp::standard_timing> estimator;
    estimator.measured(hours(100));
    CHECK(estimator.timeout() == seconds(60));
    estimator.measured(milliseconds(-5));
    estimator.measured(hours(100));
    CHECK(estimator.timeout() == seconds(60));
    for (int i = 0; i < 1000; ++i) estimator.measured(milliseconds(1));
    CHECK(estimator.timeout() == seconds(1));
}
