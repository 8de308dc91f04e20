// Queue disciplines against what their authors say they do.

#include "path_rig.hpp"

#include <plywire/describe/build.hpp>
#include <plywire/describe/packet.hpp>
#include <plywire/headers/udp.hpp>
#include <plywire/io/weather_link.hpp>
#include <plywire/world/ecn_marking.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace plywire;
using namespace plywire::testing;
using namespace plywire::literals;

namespace {

// A line in which there is always more, all of which has waited equally long.
struct endless_line {
    std::size_t waiting = 1'000'000;
    instant entered{};
    bool can_mark = false;
    int dropped = 0;
    int marked = 0;

    bool empty() const { return waiting == 0; }
    std::size_t frames() const { return waiting / 1000; }
    std::size_t octets() const { return waiting; }
    instant empty_since() const { return {}; }
    std::size_t front_octets() const { return 1000; }
    instant front_entered() const { return entered; }
    void drop_front() { ++dropped; }
    bool mark_front() {
        marked += can_mark ? 1 : 0;
        return can_mark;
    }
};

constexpr instant start{1'000'000'000};

// Lets a frame out each millisecond from `from` up to `to` ms after the start, all of which have waited for `sojourn`;
// when frames were dropped or marked.
std::vector<std::int64_t> milliseconds_of_drops(codel& c, endless_line& line, int from, int to, duration sojourn) {
    std::vector<std::int64_t> times;
    for (int i = from; i < to; ++i) {
        instant const now = start + milliseconds(i);
        line.entered = now - sojourn;
        int const before = line.dropped + line.marked;
        CHECK(c.next(line, now));
        for (int n = before; n < line.dropped + line.marked; ++n) {
            times.push_back(i);
        }
    }
    return times;
}

// An ECN-capable IPv4 packet of 1000 octets.
auto packet_with(ecn_codepoint mark) {
    std::array<std::byte, 972> const text{};
    return to_bytes(ipv4::header(ipv4::source = "10.0.0.1"_ipv4, ipv4::destination = "10.0.0.2"_ipv4,
                                 ipv4::ecn = static_cast<std::uint8_t>(mark)) /
                    udp::header(udp::source_port = std::uint16_t{9}) / payload(text));
}

} // namespace

TEST_CASE("integer square roots are rounded down", "[weather][codel]") {
    for (std::uint64_t i = 0; i < 70'000; ++i) {
        std::uint64_t const root = square_root(i);
        CHECK((root * root <= i && (root + 1) * (root + 1) > i));
    }
    CHECK(square_root(10'000'000'000'000'000) == 100'000'000);
    CHECK(square_root(~std::uint64_t{0}) == 0xffff'ffff);
    CHECK(square_root(0xffff'fffe'0000'0001) == 0xffff'ffff);
    CHECK(square_root(0xffff'fffe'0000'0000) == 0xffff'fffe);
}

TEST_CASE("CoDel leaves a queue alone whose delay stays below the target, or is short", "[weather][codel][8289-5.6]") {
    codel c;
    endless_line line;
    CHECK(milliseconds_of_drops(c, line, 0, 1000, microseconds(4999)).empty());
    CHECK(milliseconds_of_drops(c, line, 1000, 1099, milliseconds(20)).empty()); // not yet for an interval
    CHECK(milliseconds_of_drops(c, line, 1099, 1100, milliseconds(1)).empty());
    CHECK(milliseconds_of_drops(c, line, 1100, 1200, milliseconds(20)).empty()); // from the beginning again
    endless_line short_one{.waiting = 2'500};                                    // of which 1500 will remain
    CHECK(milliseconds_of_drops(c, short_one, 1200, 3000, milliseconds(20)).empty());
}

TEST_CASE("CoDel drops after an interval above the target, then ever more often", "[weather][codel][8289-5.5]") {
    codel c;
    endless_line line;
    // 100, then + 100 / sqrt(1), + 100 / sqrt(2), sqrt(3) ..., each at the next frame that leaves.
    CHECK(milliseconds_of_drops(c, line, 0, 500, milliseconds(20)) ==
          std::vector<std::int64_t>{100, 200, 271, 329, 379, 424, 464});
    CHECK(c.dropping());
    CHECK(c.count() == 7);
    // It stops at once when the delay is good again.
    CHECK(milliseconds_of_drops(c, line, 500, 520, milliseconds(1)).empty());
    CHECK_FALSE(c.dropping());
    // Bad again soon: it goes on at about the rate that it had (count 7 - 1 = 6).
    CHECK(milliseconds_of_drops(c, line, 520, 680, milliseconds(20)) == std::vector<std::int64_t>{620, 661});
    CHECK(c.count() == 7);
    // Bad again after more than 16 intervals: from the beginning.
    CHECK(milliseconds_of_drops(c, line, 680, 4000, milliseconds(1)).empty());
    CHECK(milliseconds_of_drops(c, line, 4000, 4250, milliseconds(20)) == std::vector<std::int64_t>{4100, 4200});
}

TEST_CASE("CoDel drops several frames at once when it has fallen behind", "[weather][codel][8289-5.5]") {
    codel c;
    endless_line line;
    milliseconds_of_drops(c, line, 0, 101, milliseconds(20));
    CHECK(line.dropped == 1);
    line.entered = start;
    CHECK(c.next(line, start + milliseconds(500))); // due at 200, 271, 329, 379, 424, 464
    CHECK(line.dropped == 7);
}

TEST_CASE("where frames can be marked, CoDel marks at those times and drops nothing", "[weather][codel][ecn]") {
    codel c;
    endless_line line{.can_mark = true};
    CHECK(milliseconds_of_drops(c, line, 0, 500, milliseconds(20)) ==
          std::vector<std::int64_t>{100, 200, 271, 329, 379, 424, 464});
    CHECK(line.dropped == 0);
    CHECK(line.marked == 7);
}

TEST_CASE("CoDel holds the delay of an overloaded path near its target", "[weather][codel]") {
    // 12 Mbit/s are 1000 frames per second; 1020 come.
    path_rig rig(weather{.bits_per_second = 12'000'000, .queue = codel{}});
    path_rig full(weather{.bits_per_second = 12'000'000, .queue = drop_tail{}});
    duration worst{};
    duration worst_full{};
    for (int i = 0; i < 30'000; ++i) {
        instant const now = start + nanoseconds(std::int64_t{980'392} * i);
        rig.send(now);
        full.send(now);
        for (auto const& a : rig.until(now)) {
            worst = std::max(worst, a.when - (start + nanoseconds(std::int64_t{980'392} * a.number)));
        }
        for (auto const& a : full.until(now)) {
            worst_full = std::max(worst_full, a.when - (start + nanoseconds(std::int64_t{980'392} * a.number)));
        }
    }
    CHECK(worst < milliseconds(40));
    CHECK(worst_full > milliseconds(170));
    CHECK(rig.conserves());
    CHECK(rig.path.statistics().dropped == 582); // 20 in 1020 are too many, and 600 came in excess
}

TEST_CASE("RED's average follows the queue slowly and falls while it is idle", "[weather][red]") {
    red r({.lower_octets = 10'000, .upper_octets = 30'000, .weight_shift = 9, .typical_frame_time = milliseconds(1)});
    random_generator random(1);
    endless_line line{.waiting = 8'000};
    for (int i = 0; i < 512; ++i) {
        CHECK(r.admits(line, 1000, start, random) == admission::take);
    }
    CHECK(r.average_octets() == 5059); // 8000 (1 - (1 - 1/512)^512), rounded down
    line.waiting = 0;
    r.admits(line, 1000, instant{} + milliseconds(511), random); // 512 steps of nothing
    CHECK(r.average_octets() == 1859);
    r.admits(line, 1000, instant{} + seconds(1000), random);
    CHECK(r.average_octets() == 0);
}

TEST_CASE("RED's probability rises from threshold to threshold, and gently beyond", "[weather][red]") {
    red::settings s{.lower_octets = 10'000, .upper_octets = 30'000, .most_per_million = 100'000};
    red const gentle(s);
    s.gentle = false;
    red const steep(s);
    for (red const* r : {&gentle, &steep}) {
        CHECK(r->per_million(9'999) == 0);
        CHECK(r->per_million(10'000) == 0);
        CHECK(r->per_million(20'000) == 50'000);
        CHECK(r->per_million(29'999) == 99'995);
    }
    CHECK(gentle.per_million(30'000) == 100'000);
    CHECK(gentle.per_million(45'000) == 550'000);
    CHECK(gentle.per_million(60'000) == 1'000'000);
    CHECK(steep.per_million(30'000) == 1'000'000);
}

TEST_CASE("RED spreads its drops evenly: no gap is longer than the inverse of the probability", "[weather][red]") {
    red r({.limit = {.octets = 100'000},
           .lower_octets = 10'000,
           .upper_octets = 30'000,
           .most_per_million = 100'000,
           .weight_shift = 1});
    random_generator random(5);
    endless_line line{.waiting = 20'001}; // so is the average soon; there the probability is 1/20
    for (int i = 0; i < 100; ++i) {
        r.admits(line, 1000, start, random);
    }
    CHECK(r.average_octets() == 20'001);
    int gap = 0;
    int longest = 0;
    int drops = 0;
    for (int i = 0; i < 100'000; ++i) {
        ++gap;
        auto const verdict = r.admits(line, 1000, start, random);
        CHECK((verdict == admission::take || verdict == admission::mark_or_drop));
        if (verdict == admission::mark_or_drop) {
            longest = std::max(longest, gap);
            gap = 0;
            ++drops;
        }
    }
    CHECK(longest == 19);
    CHECK(drops == 9'949); // gaps are even over 1 to 19: 10 in the mean
    CHECK((drops > 9'800 && drops < 10'200));
}

TEST_CASE("RED drops beyond its upper threshold and where there is no room, marked or not", "[weather][red][ecn]") {
    red r({.limit = {.octets = 50'000},
           .lower_octets = 10'000,
           .upper_octets = 30'000,
           .weight_shift = 1,
           .gentle = false});
    random_generator random(5);
    endless_line line{.waiting = 49'000};
    for (int i = 0; i < 5; ++i) {
        r.admits(line, 1000, start, random);
    }
    CHECK(r.admits(line, 1000, start, random) == admission::drop);
    CHECK(r.admits(line, 1001, start, random) == admission::drop);
}

TEST_CASE("a step queue marks beyond its step and drops when it is full", "[weather][ecn]") {
    step_marking const step{.limit = {.octets = 10'000}, .mark_beyond_octets = 3'000};
    random_generator random(1);
    CHECK(step.admits(endless_line{.waiting = 3'000}, 1000, start, random) == admission::take);
    CHECK(step.admits(endless_line{.waiting = 3'001}, 1000, start, random) == admission::mark);
    CHECK(step.admits(endless_line{.waiting = 9'000}, 1000, start, random) == admission::mark);
    CHECK(step.admits(endless_line{.waiting = 9'001}, 1000, start, random) == admission::drop);
}

TEST_CASE("marking sets CE where the sender knows about ECN, and the checksum stays right", "[weather][ecn][3168-5.]") {
    for (auto const before : {ecn_codepoint::not_ect, ecn_codepoint::ect_0, ecn_codepoint::ect_1, ecn_codepoint::ce}) {
        auto octets = packet_with(before);
        CHECK(ecn_marking{}(octets) == (before != ecn_codepoint::not_ect));
        auto const header = parse<ipv4::header>(octets);
        REQUIRE(header);
        CHECK((*header)[ipv4::ecn] == (before == ecn_codepoint::not_ect ? 0 : 3));
        CHECK(internet_checksum(header->octets()) == 0);
    }
    std::array<std::byte, 30> nothing{};
    CHECK_FALSE(ecn_marking{}(nothing));
}

TEST_CASE("on a path that marks, what can be marked is not dropped", "[weather][ecn]") {
    auto const capable = packet_with(ecn_codepoint::ect_0);
    auto const ignorant = packet_with(ecn_codepoint::not_ect);
    weather const w{.bits_per_second = 8'000'000, .queue = codel{}, .marking = ecn_marking{}};
    for (bool const knows : {true, false}) {
        path_rig rig(w);
        std::uint64_t marked = 0;
        for (int i = 0; i < 3000; ++i) {
            instant const now = start + microseconds(980 * i);
            transmit_slot const slot = rig.path.grant();
            copy(slot.octets, knows ? capable : ignorant);
            rig.path.commit(slot.handle, 1000, now, nullptr);
            for (bytes_view f = rig.path.receive(now, nullptr); !f.empty(); f = rig.path.receive(now, nullptr)) {
                marked += (*parse<ipv4::header>(f))[ipv4::ecn] == 3 ? 1u : 0u;
            }
        }
        CHECK((marked > 0) == knows);
        CHECK((rig.path.statistics().dropped == 0) == knows);
        CHECK((rig.path.statistics().marked > 0) == knows);
        CHECK(rig.conserves());
    }
}

TEST_CASE("over Ethernet the packet behind the link header is marked, and nothing that is no IPv4 packet",
          "[weather][ecn]") {
    instant now = start;
    weather_link<medium::ethernet> link(
        now, 1, {},
        weather{.bits_per_second = 8'000'000, .queue = step_marking{.mark_beyond_octets = 0}, .marking = ecn_marking{}},
        weather{});
    auto const packet_octets = packet_with(ecn_codepoint::ect_1);
    for (int i = 0; i < 4; ++i) {
        transmit_slot const slot = link.first().grant();
        std::fill(slot.octets.begin(), slot.octets.end(), std::byte{});
        copy(slot.octets.subspan(14), packet_octets);
        slot.octets[14] = i == 3 ? std::byte{} : slot.octets[14]; // the last is none
        link.first().commit(slot, {.length = 14 + packet_octets.size()});
    }
    now += seconds(1);
    for (int i = 0; i < 4; ++i) { // one is sent at once, one meets an empty queue
        received_frame const frame = link.second().receive();
        REQUIRE(frame);
        auto const header = parse<ipv4::header>(bytes_view(frame.octets).subspan(14));
        CHECK(header.has_value() == (i != 3));
        CHECK((i == 3 || (*header)[ipv4::ecn] == (i == 2 ? 3 : 1)));
    }
    CHECK(link.first().outgoing().statistics().marked == 1);
}
