// Options of segments as they arrive and as they leave: RFC 9293 sections 3.1 and 3.2, RFC 7323.
#include "trace.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace trace;

namespace {

struct stamped : plain {
    using timestamps = tcp::use_timestamps;
};
struct with_everything : tcp::defaults {
    using acknowledgment = tcp::immediate_acknowledgment;
};
// Timers and measurements as they come, acknowledgments after a while.
struct delayed_stamped : plain {
    using acknowledgment = tcp::delayed_acknowledgment;
    using timestamps = tcp::use_timestamps;
};

constexpr seg::stamp stamp(std::uint32_t value, std::uint32_t echo = 0) { return {value, echo}; }

template <class Policies = stamped>
machine<Policies> with_stamps(std::uint32_t value = 1000) {
    return established<Policies>(100, 300, 8192, {}, seg{.mss = 1460, .ts = stamp(value)});
}

// The octets of the next segment's options.
template <class Policies>
std::vector<std::uint8_t> options_sent(machine<Policies>& m) {
    std::vector<std::byte> slot(2048);
    auto const size = m.connection().emit(slot, internet_sum(), m.now());
    REQUIRE(size >= 20);
    std::vector<std::uint8_t> octets;
    for (std::size_t i = 20; i < std::to_integer<std::size_t>(slot[12] >> 4) * 4; ++i) {
        octets.push_back(std::to_integer<std::uint8_t>(slot[i]));
    }
    return octets;
}

} // namespace

// ---- as they arrive ----

TEST_CASE("options are taken on segments of every type", "[tcp][9293-MUST-5][9293-MUST-6]") {
    std::vector<std::uint8_t> const unknown{253, 6, 1, 2, 3, 4, 254, 2};
    auto m = established<>();
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .options = unknown}).answers(seg{.ack = 305}).reads(5);
    m.gets(seg{.seq = 305, .ack = 100, .fin = true, .options = unknown}).answers(seg{.ack = 306}).is(state::close_wait);
    m.gets(seg{.seq = 306, .rst = true, .options = unknown}).is(state::closed);
}

TEST_CASE("an unknown option is passed over by its length, and one need not begin on a word",
          "[tcp][9293-MUST-6][9293-MUST-64][9293-MUST-4][9293-MUST-14]") {
    auto const octets = GENERATE(std::vector<std::uint8_t>{253, 6, 1, 2, 3, 4, 2, 4, 2, 88}, // behind an unknown one
                                 std::vector<std::uint8_t>{1, 2, 4, 2, 88},                  // at an odd place
                                 std::vector<std::uint8_t>{254, 3, 0, 2, 4, 2, 88, 0},
                                 std::vector<std::uint8_t>{1, 1, 1, 2, 4, 2, 88, 0});
    machine<> m;
    m.listens(99)
        .gets(seg{.seq = 299, .syn = true, .options = octets})
        .answers(seg{.seq = 99, .ack = 300, .syn = true});
    m.gets(seg{.seq = 300, .ack = 100}).sends(700).answers(seg{.seq = 100, .ack = 300, .data = 600}).loses();
}

TEST_CASE("no length of an option does harm", "[tcp][9293-MUST-7]") {
    for (unsigned kind = 0; kind < 256; kind = kind < 10 ? kind + 1 : kind + 41) {
        for (unsigned length = 0; length < 256; length = length < 42 ? length + 1 : length + 53) {
            std::vector<std::uint8_t> octets{static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(length), 0, 1};
            machine<with_everything> m;
            m.listens(99).gets(seg{.seq = 299, .syn = true, .options = octets});
            m.answers(seg{.seq = 99, .ack = 300, .syn = true});
            // A SYN may have agreed on timestamps only if it bore them whole.
            m.gets(seg{.seq = 300, .ack = 100, .options = octets}).is(state::established);
            m.gets(seg{.seq = 300, .ack = 100, .data = 3, .options = octets}).answers(seg{.ack = 303});
        }
    }
}

TEST_CASE("the user time-out option of a peer has no effect", "[tcp][5482-5]") {
    machine<> m;
    std::vector<std::uint8_t> const one_second{28, 4, 0, 1};
    m.listens(99).gets(seg{.seq = 299, .syn = true, .options = one_second});
    m.answers(seg{.seq = 99, .ack = 300, .syn = true}).gets(seg{.seq = 300, .ack = 100, .options = one_second});
    auto const begin = m.now();
    m.sends(5).loses();
    while (m.connection().current_state() != state::closed) {
        m.now() = m.connection().deadline();
        m.connection().time_passes(m.now());
        m.loses();
    }
    CHECK(m.now() - begin == minutes(5));
}

TEST_CASE("a RST with text counts like one without", "[tcp][9293-SHLD-2]") {
    auto m = established<>();
    m.gets(seg{.seq = 300, .rst = true, .data = 20}).is(state::closed).failed(error::reset);
}

// ---- as they leave ----

TEST_CASE("what is sent is kind, length and value throughout, with nothing but zeros behind an end",
          "[tcp][9293-MUST-68][9293-MUST-69][9293-MUST-65]") {
    auto const well_formed = [](std::vector<std::uint8_t> const& octets, bool syn) {
        CHECK(octets.size() % 4 == 0);
        std::size_t at = 0;
        while (at < octets.size() && octets[at] != 0) {
            if (octets[at] == 1) {
                ++at;
                continue;
            }
            REQUIRE(at + 1 < octets.size());
            REQUIRE(octets[at + 1] >= 2);
            CHECK((syn || octets[at] != 2));
            at += octets[at + 1];
        }
        CHECK(at <= octets.size());
        for (; at < octets.size(); ++at) CHECK(octets[at] == 0);
        return octets.size();
    };
    for (int set = 0; set < 8; ++set) {
        seg options{.mss = 1460};
        if (set & 1) options.shift = 3;
        if (set & 2) options.sack_permitted = true;
        if (set & 4) options.ts = stamp(7);
        options.seq = 299;
        options.syn = true;
        machine<with_everything> m;
        m.listens(99).gets(options);
        CHECK(well_formed(options_sent(m), true) >= 4);
        seg ack{.seq = 300, .ack = 100};
        ack.ts = options.ts;
        m.gets(ack).is(state::established);
        ack.data = 10;
        for (std::uint32_t at = 310; at < 400; at += 20) {
            ack.seq = at;
            m.gets(ack);
            well_formed(options_sent(m), false);
        }
        m.sends(20);
        well_formed(options_sent(m), false);
        m.connection().abort(m.now());
        well_formed(options_sent(m), false);
    }
    machine<with_everything> opening;
    opening.opens(99);
    CHECK(well_formed(options_sent(opening), true) >= 20);
}

TEST_CASE("timestamps stand behind two padding octets", "[tcp][7323-23]") {
    auto m = with_stamps(0x01020304);
    m.sends(5);
    auto const octets = options_sent(m);
    REQUIRE(octets.size() == 12);
    CHECK(std::vector<std::uint8_t>(octets.begin(), octets.begin() + 4) == std::vector<std::uint8_t>{1, 1, 8, 10});
    CHECK(std::vector<std::uint8_t>(octets.begin() + 8, octets.end()) == std::vector<std::uint8_t>{1, 2, 3, 4});
}

// ---- timestamps ----

TEST_CASE("every segment has timestamps once they are agreed on, and the first SYN echoes nothing",
          "[tcp][7323-8][7323-9][7323-12]") {
    machine<stamped> m;
    m.opens(99);
    auto const syn = m.emitted();
    REQUIRE(syn);
    REQUIRE(syn->ts);
    CHECK(syn->ts->echo == 0);
    m.gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 1460, .ts = stamp(50, syn->ts->value)});
    auto const has_stamps = [&](std::uint32_t echo) {
        auto const sent = m.emitted();
        REQUIRE(sent);
        REQUIRE(sent->ts);
        CHECK(sent->ts->echo == echo);
    };
    has_stamps(50);
    m.sends(5);
    has_stamps(50);
    m.gets(seg{.seq = 300, .ack = 105, .data = 5, .ts = stamp(60)});
    has_stamps(60);
    m.closes();
    has_stamps(60);
    m.connection().abort(m.now());
    has_stamps(0);
}

TEST_CASE("timestamps that were not agreed on are passed over", "[tcp][7323-11]") {
    auto m = established<stamped>();
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .ts = stamp(10)});
    auto const sent = m.emitted();
    REQUIRE(sent);
    CHECK(sent->ack == 305u);
    CHECK(!sent->ts);
    m.gets(seg{.seq = 305, .ack = 100, .data = 5, .ts = stamp(5), .first_octet = 5}).answers(seg{.ack = 310}).reads(10);
}

TEST_CASE("a segment that lacks the timestamps agreed on is dropped without a word, and ends nothing",
          "[tcp][7323-10]") {
    auto m = with_stamps();
    m.gets(seg{.seq = 300, .ack = 100, .data = 5}).silent().is(state::established);
    m.gets(seg{.seq = 300, .ack = 100, .fin = true}).silent().is(state::established);
    CHECK(m.connection().unread() == 0);
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .ts = stamp(1000)}).answers(seg{.ack = 305}).reads(5);
}

TEST_CASE("the round trip is measured by what acknowledges something new only", "[tcp][7323-13]") {
    auto m = with_stamps();
    auto const before = m.connection().info().smoothed_round_trip;
    // We only receive: the peer echoes what it heard last, long ago.
    for (std::uint32_t i = 0; i < 10; ++i) {
        m.waits(seconds(3));
        m.gets(seg{.seq = 300 + i, .ack = 100, .data = 1, .ts = stamp(1000 + 3000 * i, 1'000'000)});
        m.answers(seg{.ack = 301 + i});
    }
    CHECK(m.connection().info().smoothed_round_trip == before);
}

TEST_CASE("what is echoed is the oldest that is not acknowledged yet, the last in order, or that of the filler",
          "[tcp][7323-14]") {
    // RFC 7323 section 4.3, the two examples.
    SECTION("delayed acknowledgments") {
        auto m = with_stamps<delayed_stamped>(1);
        m.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = stamp(2)}).silent();
        m.gets(seg{.seq = 310, .ack = 100, .data = 10, .ts = stamp(3)});
        CHECK(m.emitted()->ts->echo == 2);
        m.gets(seg{.seq = 320, .ack = 100, .data = 10, .ts = stamp(4)}).times_out();
        CHECK(m.emitted()->ts->echo == 4);
    }
    SECTION("a lost segment") {
        auto m = with_stamps(1);
        auto const echo = [&](std::uint32_t first, std::uint32_t value) {
            m.gets(seg{.seq = first, .ack = 100, .data = 10, .ts = stamp(value)});
            auto const sent = m.emitted();
            return sent && sent->ts ? sent->ts->echo : 0u;
        };
        CHECK(echo(300, 1) == 1);
        CHECK(echo(320, 3) == 1);
        CHECK(echo(310, 2) == 2);
        CHECK(echo(340, 5) == 2);
        CHECK(echo(330, 4) == 4);
    }
}

TEST_CASE("a segment with an older timestamp is dropped with an ACK, whatever its number", "[tcp][7323-15]") {
    auto m = with_stamps(1000);
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .ts = stamp(999)}).answers(seg{.seq = 100, .ack = 300});
    CHECK(m.connection().unread() == 0);
    m.gets(seg{.seq = 300, .ack = 100, .fin = true, .ts = stamp(1000 + 0x8000'0001u)}).answers(seg{.ack = 300});
    m.is(state::established);
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .ts = stamp(1000 + 0x7fff'ffffu)}).answers(seg{.ack = 305}).reads(5);
}

TEST_CASE("after 24 idle days an old timestamp counts again", "[tcp][7323-16]") {
    auto m = with_stamps(1000);
    m.waits(hours(24 * 23));
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .ts = stamp(999)}).answers(seg{.ack = 300});
    m.waits(hours(24 * 2));
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .ts = stamp(999)});
    auto const sent = m.emitted();
    REQUIRE(sent);
    CHECK(sent->ack == 305u);
    CHECK(sent->ts->echo == 999);
}

TEST_CASE("the timestamp of a RST is not looked at", "[tcp][7323-17]") {
    auto m = with_stamps(1000);
    m.gets(seg{.seq = 310, .rst = true, .ts = stamp(5000)});
    CHECK(m.emitted()->ts->echo == 1000);
    SECTION("old") { m.gets(seg{.seq = 300, .rst = true, .ts = stamp(999)}).is(state::closed); }
    SECTION("none") { m.gets(seg{.seq = 300, .rst = true}).is(state::closed); }
}

TEST_CASE("the clock of the timestamps steps once in a millisecond", "[tcp][7323-19]") {
    auto m = with_stamps();
    auto const value = [&] {
        m.gets(seg{.seq = 299, .ack = 100, .ts = stamp(1000)});
        return m.emitted()->ts->value;
    };
    auto const first = value();
    for (std::uint32_t i = 1; i < 5; ++i) {
        m.waits(milliseconds(1000));
        CHECK(value() - first == 1000 * i);
    }
}
