// TIME-WAITs of a host that nobody holds: what they answer, what ends them, what they cost.

#include "tcp_bench.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>

using namespace plywire;
using namespace plywire::testing;

namespace {

struct time_wait_bench : tcp_bench {
    using tcp_bench::tcp_bench;

    tcp_bench::host_type::tcp_listener listener = *host.tcp().listen(80, {.backlog = 100});
    std::uint32_t isn = 0;

    // A connection that we close first. With `stamp` the peer sends timestamps of that value.
    void reaches_time_wait(std::optional<std::uint32_t> stamp = {}, std::uint16_t from = 4000) {
        auto const gets_one = [&](auto... assigned) {
            if (stamp) {
                gets_stamped(*stamp, tcp::source_port = from, assigned...);
            } else {
                gets_segment(tcp::source_port = from, assigned...);
            }
        };
        gets_one(tcp::syn = true, tcp::sequence_number = 99U);
        isn = take_segment().header[tcp::sequence_number];
        gets_one(tcp::ack = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 1);
        listener.accept()->close();
        host.poll(now);
        REQUIRE(take_segment().header[tcp::fin]);
        gets_one(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 2);
        auto const last = take_segment();
        CHECK(last.header[tcp::acknowledgment_number] == 101);
        CHECK(last.header[tcp::sequence_number] == isn + 2);
        REQUIRE(device.sent.empty());
    }
    void gets_finish() {
        gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U,
                     tcp::acknowledgment_number = isn + 2);
    }
    // Whether a SYN is taken by the listener; if not it is dropped in silence, and TIME-WAIT goes on.
    bool is_reopened_by_what_it_just_got() {
        if (device.sent.empty()) {
            CHECK(host.tcp().time_waits() == 1);
            return false;
        }
        auto const answer = take_segment();
        CHECK(answer.header[tcp::syn]);
        CHECK(answer.header[tcp::ack]);
        CHECK(host.tcp().time_waits() == 0);
        CHECK(host.tcp().half_open() == 1);
        CHECK(host.tcp().statistics().time_wait_reopened == 1);
        CHECK(after(tcp::sequence(answer.header[tcp::sequence_number]), tcp::sequence(isn + 2)));
        return true;
    }
};

struct mortal : tcp::defaults {
    static constexpr bool ignore_resets_in_time_wait = false;
};

struct without_timestamps : tcp::defaults {
    using timestamps = tcp::no_timestamps;
};

} // namespace

TEST_CASE("a TIME-WAIT that nobody holds leaves the pool of connections", "[tcp]") {
    time_wait_bench b;
    b.reaches_time_wait();
    CHECK(b.host.tcp().time_waits() == 1);
    CHECK(b.host.tcp().connections() == 1);
}

TEST_CASE("TIME-WAIT lasts 2 MSL: the peer's FIN is acknowledged again before, and reset after",
          "[tcp][9293-MUST-13][9293-TMO-TIMEWAIT]") {
    time_wait_bench b;
    b.reaches_time_wait();
    duration const two_msl = 2 * tcp::standard_patience::maximum_segment_lifetime;
    SECTION("before") {
        b.passes(two_msl - milliseconds(1));
        b.gets_finish();
        auto const answer = b.take_segment();
        CHECK_FALSE(answer.header[tcp::rst]);
        CHECK(answer.header[tcp::ack]);
        CHECK(answer.header[tcp::sequence_number] == b.isn + 2);
        CHECK(answer.header[tcp::acknowledgment_number] == 101);
        CHECK(b.host.tcp().statistics().answers_sent == 1);
    }
    SECTION("after") {
        // The host says itself when there is something to do.
        CHECK(b.host.deadline() >= b.now + two_msl);
        CHECK(b.host.deadline() <= b.now + two_msl + milliseconds(2));
        b.now = b.host.deadline();
        b.host.poll(b.now);
        CHECK(b.host.tcp().connections() == 0);
        CHECK(b.host.deadline() == instant::never());
        b.gets_finish();
        CHECK(b.take_segment().header[tcp::rst]);
    }
}

TEST_CASE("the peer's FIN makes TIME-WAIT begin anew", "[tcp][9293-SEG-TIMEWAIT-1]") {
    time_wait_bench b;
    b.reaches_time_wait();
    duration const most = 2 * tcp::standard_patience::maximum_segment_lifetime - seconds(1);
    for (int i = 0; i < 5; ++i) {
        b.passes(most);
        b.gets_finish();
        CHECK(b.take_segment().header[tcp::acknowledgment_number] == 101);
    }
    b.passes(most);
    CHECK(b.host.tcp().time_waits() == 1);
    b.passes(seconds(2));
    CHECK(b.host.tcp().time_waits() == 0);
}

TEST_CASE("old data in TIME-WAIT is acknowledged and does not keep it", "[tcp][9293-SEG-TIMEWAIT-2]") {
    time_wait_bench b;
    b.reaches_time_wait();
    instant const end = b.host.deadline();
    b.passes(seconds(1));
    b.gets(from_peer() / segment(tcp::ack = true, tcp::sequence_number = 90U, tcp::acknowledgment_number = b.isn + 2) /
           payload("0123456789"));
    CHECK(b.take_segment().header[tcp::acknowledgment_number] == 101);
    CHECK(b.host.deadline() == end);
}

TEST_CASE("a RST does not assassinate a TIME-WAIT", "[tcp][1337-1]") {
    time_wait_bench b;
    b.reaches_time_wait();
    b.gets_segment(tcp::rst = true, tcp::sequence_number = 101U);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().time_waits() == 1);
    b.passes(2 * tcp::standard_patience::maximum_segment_lifetime - milliseconds(1));
    b.gets_finish();
    CHECK(b.take_segment().header[tcp::acknowledgment_number] == 101);
}

TEST_CASE("policies may let a RST end a TIME-WAIT", "[tcp]") {
    basic_tcp_bench<mortal> b;
    auto listener = b.host.tcp().listen(80);
    std::uint32_t const isn = b.is_connected();
    listener->accept()->close();
    b.host.poll(b.now);
    b.gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 2);
    CHECK(b.host.tcp().time_waits() == 1);
    b.gets_segment(tcp::rst = true, tcp::sequence_number = 102U); // not the number expected
    CHECK(b.host.tcp().time_waits() == 1);
    b.gets_segment(tcp::rst = true, tcp::sequence_number = 101U);
    CHECK(b.host.tcp().time_waits() == 0);
}

TEST_CASE("a SYN with a later timestamp reopens", "[tcp][6191-1][9293-SHLD-4]") {
    time_wait_bench b;
    b.reaches_time_wait(1000);
    b.gets_stamped(1001, tcp::syn = true, tcp::sequence_number = 10U); // the number does not matter
    CHECK(b.is_reopened_by_what_it_just_got());
}

TEST_CASE("a SYN with the same timestamp reopens if its number is later", "[tcp][6191-2]") {
    time_wait_bench b;
    b.reaches_time_wait(1000);
    b.gets_stamped(1000, tcp::syn = true, tcp::sequence_number = 100U);
    CHECK_FALSE(b.is_reopened_by_what_it_just_got());
    b.gets_stamped(1000, tcp::syn = true, tcp::sequence_number = 101U);
    CHECK(b.is_reopened_by_what_it_just_got());
}

TEST_CASE("a SYN that has lost its timestamp reopens if its number is later", "[tcp][6191-3]") {
    time_wait_bench b;
    b.reaches_time_wait(1000);
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 100U);
    CHECK_FALSE(b.is_reopened_by_what_it_just_got());
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 101U);
    CHECK(b.is_reopened_by_what_it_just_got());
}

TEST_CASE("a SYN with a timestamp reopens what had none", "[tcp][6191-4]") {
    time_wait_bench b;
    b.reaches_time_wait();
    b.gets_stamped(5, tcp::syn = true, tcp::sequence_number = 10U);
    CHECK(b.is_reopened_by_what_it_just_got());
}

TEST_CASE("without timestamps a SYN reopens if its number is later", "[tcp][6191-5][9293-MAY-2]") {
    time_wait_bench b;
    b.reaches_time_wait();
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 100U);
    CHECK_FALSE(b.is_reopened_by_what_it_just_got());
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 101U);
    CHECK(b.is_reopened_by_what_it_just_got());
}

TEST_CASE("where timestamps are not used one in the SYN reopens nothing", "[tcp][6191-5]") {
    basic_tcp_bench<without_timestamps> b;
    auto listener = b.host.tcp().listen(80);
    std::uint32_t const isn = b.is_connected();
    listener->accept()->close();
    b.host.poll(b.now);
    b.gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 2);
    REQUIRE(b.host.tcp().time_waits() == 1);
    b.device.sent.clear();
    b.gets_stamped(5, tcp::syn = true, tcp::sequence_number = 10U);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().time_waits() == 1);
    b.gets_stamped(5, tcp::syn = true, tcp::sequence_number = 101U);
    CHECK(b.take_segment().header[tcp::syn]);
    CHECK(b.host.tcp().time_waits() == 0);
}

TEST_CASE("an older SYN is dropped in silence and TIME-WAIT goes on", "[tcp][6191-6]") {
    time_wait_bench b;
    b.reaches_time_wait(1000);
    instant const end = b.host.deadline();
    b.gets_stamped(999, tcp::syn = true, tcp::sequence_number = 50'000U);
    CHECK_FALSE(b.is_reopened_by_what_it_just_got());
    CHECK(b.host.deadline() == end);
    // Nor does it begin a connection once nobody listens; then it is challenged as in any state.
    b.listener.close();
    b.gets_stamped(1001, tcp::syn = true, tcp::sequence_number = 50'000U);
    auto const answer = b.take_segment();
    CHECK_FALSE(answer.header[tcp::syn]);
    CHECK(answer.header[tcp::acknowledgment_number] == 101);
    CHECK(b.host.tcp().time_waits() == 1);
}

TEST_CASE("a TIME-WAIT with timestamps answers with them, by the connection's clock", "[tcp]") {
    time_wait_bench b;
    b.gets_stamped(1000, tcp::source_port = std::uint16_t{4000}, tcp::syn = true, tcp::sequence_number = 99U);
    std::uint32_t const earlier = tcp::options_of(b.take_segment().header).timestamps->value;
    b.gets_segment(tcp::rst = true, tcp::sequence_number = 100U);
    b.reaches_time_wait(1000);
    b.passes(seconds(3));
    b.gets_finish(); // without a timestamp: dropped
    CHECK(b.device.sent.empty());
    b.gets_stamped(1007, tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U,
                   tcp::acknowledgment_number = b.isn + 2);
    auto const stamps = tcp::options_of(b.take_segment().header).timestamps;
    REQUIRE(stamps);
    CHECK(stamps->value == earlier + 3000);
    CHECK(stamps->echo == 1000);
}

TEST_CASE("TIME-WAITs are bounded; the oldest makes way and is counted", "[tcp]") {
    time_wait_bench b({.secret = {1, 2}, .most_time_waits = 5});
    for (std::uint16_t from = 1; from <= 8; ++from) {
        b.reaches_time_wait({}, from);
        b.passes(milliseconds(10));
    }
    CHECK(b.host.tcp().time_waits() == 5);
    CHECK(b.host.tcp().connections() == 5);
    CHECK(b.host.tcp().statistics().time_wait_ended == 3);
    for (std::uint16_t from = 1; from <= 8; ++from) { // 1 to 3 are forgotten
        b.gets_segment(tcp::source_port = from, tcp::ack = true, tcp::sequence_number = 50U,
                       tcp::acknowledgment_number = 1U);
        CHECK(b.take_segment().header[tcp::rst] == (from <= 3));
    }
    time_wait_bench none({.secret = {1, 2}, .most_time_waits = 0});
    none.reaches_time_wait();
    CHECK(none.host.tcp().connections() == 0);
}

TEST_CASE("TIME-WAITs end one after the other, in any number", "[tcp]") {
    time_wait_bench b;
    constexpr std::uint16_t count = 3000;
    instant const first = b.now;
    for (std::uint16_t from = 1; from <= count; ++from) {
        b.reaches_time_wait({}, from);
        b.passes(milliseconds(5));
    }
    CHECK(b.host.tcp().time_waits() == count);
    duration const two_msl = 2 * tcp::standard_patience::maximum_segment_lifetime;
    std::uint32_t left = count;
    for (instant due = b.host.deadline(); due != instant::never(); due = b.host.deadline()) {
        CHECK(due >= first + (count - left) * milliseconds(5) + two_msl);
        b.now = std::max(b.now, due);
        b.host.poll(b.now);
        REQUIRE(b.host.tcp().time_waits() < left);
        left = b.host.tcp().time_waits();
    }
    CHECK(left == 0);
    b.reaches_time_wait(); // their places are used again
    CHECK(b.host.tcp().time_waits() == 1);
}

TEST_CASE("an application cannot connect between endpoints in TIME-WAIT", "[tcp][6056-3]") {
    time_wait_bench b;
    b.reaches_time_wait();
    CHECK(b.host.tcp().connect({peer_address, 4000}, {.local_port = 80}).error() == socket_error::in_use);
    b.passes(2 * tcp::standard_patience::maximum_segment_lifetime + milliseconds(2));
    CHECK(b.host.tcp().connect({peer_address, 4000}, {.local_port = 80}).has_value());
}

TEST_CASE("while the device is full a TIME-WAIT keeps what it has to say", "[tcp]") {
    time_wait_bench b;
    std::uint32_t const isn = b.is_connected();
    b.listener.accept()->close();
    b.host.poll(b.now);
    b.take_segment();
    b.device.full = true;
    b.gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 2);
    CHECK(b.host.tcp().time_waits() == 0);
    CHECK(b.host.tcp().connections() == 1);
    b.device.full = false;
    b.host.poll(b.now);
    CHECK(b.take_segment().header[tcp::acknowledgment_number] == 101);
    CHECK(b.host.tcp().time_waits() == 1);
}
