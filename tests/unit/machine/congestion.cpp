// Congestion controllers by themselves, and NewReno's recovery with a controller.
#include <plywire/machine/duplicate_acks.hpp>
#include <plywire/machine/new_reno.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>

using namespace plywire;
using namespace plywire::tcp;

namespace {

constexpr std::uint32_t smss = 1000;

path_view flight(std::uint32_t octets) { return {smss, octets, milliseconds(100), {}}; }

} // namespace

TEST_CASE("initial windows", "[tcp][6928-1][5681-3.1]") {
    struct row {
        std::uint32_t segment_size, ten;
    };
    for (auto const [size, ten] :
         {row{536, 5360}, row{1220, 12200}, row{1440, 14400}, row{1460, 14600}, row{4380, 14600}, row{8960, 17920}}) {
        CHECK(initial_window_ten::octets(size) == ten);
    }
    CHECK(initial_window_three::octets(536) == 4 * 536);
    CHECK(initial_window_three::octets(1095) == 4 * 1095);
    CHECK(initial_window_three::octets(1096) == 3 * 1096);
    CHECK(initial_window_three::octets(2191) == 2 * 2191);
}

TEST_CASE("slow start grows by at most a segment per ACK", "[tcp][5681-3.1]") {
    new_reno control;
    control.start(smss, false);
    CHECK(control.window() == 10 * smss);
    control.acknowledged(2 * smss, flight(10 * smss));
    CHECK(control.window() == 11 * smss);
    control.acknowledged(300, flight(10 * smss));
    CHECK(control.window() == 11 * smss + 300);
}

TEST_CASE("after a lost SYN the first window is one segment", "[tcp][5681-3.1]") {
    new_reno control;
    control.start(smss, true);
    CHECK(control.window() == smss);
}

TEST_CASE("congestion avoidance grows by a segment per window", "[tcp][5681-3.1]") {
    new_reno control;
    control.start(smss, false);
    control.congestion_detected(flight(20 * smss));
    CHECK(control.slow_start_threshold() == 10 * smss);
    CHECK(control.window() == 10 * smss);
    for (int i = 0; i < 9; ++i) control.acknowledged(smss, flight(10 * smss));
    CHECK(control.window() == 10 * smss);
    control.acknowledged(smss, flight(10 * smss));
    CHECK(control.window() == 11 * smss);
    for (int i = 0; i < 11; ++i) control.acknowledged(smss, flight(11 * smss));
    CHECK(control.window() == 12 * smss);
}

TEST_CASE("a time-out leaves one segment and half the flight as threshold", "[tcp][5681-3.1]") {
    new_reno control;
    control.start(smss, false);
    control.timed_out(flight(10 * smss), true);
    CHECK(control.window() == smss);
    CHECK(control.slow_start_threshold() == 5 * smss);
    // The same segment again: the threshold stays.
    control.timed_out(flight(smss), false);
    CHECK(control.slow_start_threshold() == 5 * smss);
    control.timed_out(flight(smss), true);
    CHECK(control.slow_start_threshold() == 2 * smss);
}

TEST_CASE("a window of which less than half is in flight does not grow", "[tcp][7661-4.3]") {
    new_reno control;
    control.start(smss, false);
    control.acknowledged(smss, flight(5 * smss - 1));
    CHECK(control.window() == 10 * smss);
    control.acknowledged(smss, flight(5 * smss));
    CHECK(control.window() == 11 * smss);
    control.congestion_detected(flight(20 * smss));
    for (int i = 0; i < 1000; ++i) control.acknowledged(smss, flight(5 * smss - 1));
    CHECK(control.window() == 10 * smss);
}

TEST_CASE("two segments for an ACK as long as nothing has been lost", "[tcp][3465-1]") {
    basic_new_reno<initial_window_ten, std::uint32_t, 2> control;
    control.start(smss, false);
    control.acknowledged(4 * smss, flight(10 * smss)); // an ACK for four
    CHECK(control.window() == 12 * smss);
    control.timed_out(flight(12 * smss), true);
    CHECK(control.window() == smss);
    control.acknowledged(4 * smss, flight(4 * smss));
    CHECK(control.window() == 2 * smss);
}

TEST_CASE("after a pause the window is not larger than the initial one", "[tcp][5681-4.1]") {
    new_reno control;
    control.start(smss, false);
    for (int i = 0; i < 50; ++i) control.acknowledged(smss, flight(control.window()));
    CHECK(control.window() == 60 * smss);
    control.resumed_after_idle(flight(0));
    CHECK(control.window() == 10 * smss);
}

namespace {

struct recovery_run {
    new_reno control{};
    duplicate_acks recovery{};
    std::uint32_t una = 101;
    std::uint32_t sent = 101;

    recovery_run() {
        recovery.start(sequence(100));
        control.start(smss, false);
    }
    acknowledgment_view heard(std::uint32_t octets) const { return {sequence(una), sequence(sent), octets}; }
    void send(std::uint32_t segments) { sent += segments * smss; }
    bool duplicate() { return recovery.duplicate(heard(0), flight(sent - una), control); }
    bool acknowledge(std::uint32_t octets) {
        auto const path = flight(sent - una);
        una += octets;
        return recovery.advanced(heard(octets), path, control);
    }
    std::uint32_t window() const { return control.window() + recovery.inflation(); }
};

} // namespace

TEST_CASE("the third duplicate ACK retransmits and halves", "[tcp][5681-3.2]") {
    recovery_run run;
    run.send(10);
    CHECK(!run.duplicate());
    CHECK(!run.duplicate());
    CHECK(run.window() == 10 * smss);
    CHECK(run.duplicate());
    CHECK(run.recovery.in_recovery());
    CHECK(run.control.slow_start_threshold() == 5 * smss);
    CHECK(run.window() == 5 * smss + 3 * smss);
    CHECK(!run.duplicate());
    CHECK(run.window() == 9 * smss);

    SECTION("a full acknowledgment ends recovery and deflates the window") {
        CHECK(!run.acknowledge(10 * smss));
        CHECK(!run.recovery.in_recovery());
        CHECK(run.window() == 2 * smss); // min(ssthresh, max(FlightSize, SMSS) + SMSS)
    }
    SECTION("a partial acknowledgment retransmits the next hole and deflates by what it acknowledges") {
        CHECK(run.acknowledge(2 * smss));
        CHECK(run.recovery.in_recovery());
        CHECK(run.window() == 9 * smss - 2 * smss + smss);
        CHECK(run.acknowledge(3 * smss));
        CHECK(!run.acknowledge(5 * smss));
        CHECK(!run.recovery.in_recovery());
    }
    SECTION("duplicates of repaired segments do not begin another recovery") {
        CHECK(!run.acknowledge(10 * smss));
        run.send(5);
        for (int i = 0; i < 10; ++i) CHECK(!run.duplicate());
        CHECK(!run.acknowledge(smss));
        CHECK(!run.duplicate());
        CHECK(!run.duplicate());
        CHECK(run.duplicate());
    }
    SECTION("a time-out ends recovery") {
        run.recovery.timed_out(sequence(run.sent));
        CHECK(!run.recovery.in_recovery());
        CHECK(run.recovery.inflation() == 0);
        for (int i = 0; i < 10; ++i) CHECK(!run.duplicate());
    }
}

TEST_CASE("an acknowledgment between duplicates counts from zero again", "[tcp][5681-3.2]") {
    recovery_run run;
    run.send(10);
    CHECK(!run.duplicate());
    CHECK(!run.duplicate());
    CHECK(!run.acknowledge(smss));
    CHECK(!run.duplicate());
    CHECK(!run.duplicate());
    CHECK(run.duplicate());
}
