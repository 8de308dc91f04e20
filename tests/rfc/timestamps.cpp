// Window scale and timestamps as RFC 7323 wants them.
#include "unit/machine/trace.hpp"

using namespace trace;

namespace {

struct stamped : plain {
    using timestamps = tcp::use_timestamps;
};

struct scaled : plain {
    using receive_storage = inline_storage<1 << 16>;
    static constexpr bool window_scaling = true;
};

// TSval of our segments at the beginning of a trace.
constexpr std::uint32_t clock_begins = 1'000'000;

machine<stamped> stamped_connection() {
    return established<stamped>(100, 300, 8192, {.maximum_segment_size = 1000},
                                seg{.mss = 1000, .ts = seg::stamp{5000, clock_begins}});
}

} // namespace

TEST_CASE("a window scale option outside of SYN changes nothing", "[tcp][7323-2]") {
    auto a = established<scaled>(100, 300, 1000, {}, seg{.mss = 1000, .shift = 2});
    auto const shift = a.connection().info().receive_window_scale;
    a.gets(seg{.seq = 300, .ack = 100, .window = 1000, .shift = 7}).silent();
    CHECK(a.connection().info().send_window == 4000);
    CHECK(a.connection().info().send_window_scale == 2);
    CHECK(a.connection().info().receive_window_scale == shift);
    auto b = established<scaled>(100, 300, 1000); // not agreed on
    b.gets(seg{.seq = 300, .ack = 100, .window = 1000, .shift = 7}).silent();
    CHECK(b.connection().info().send_window == 1000);
}

TEST_CASE("windows are scaled where both ends said so, in each direction by its own shift", "[tcp][7323-5]") {
    struct wide : tcp::defaults {
        using acknowledgment = tcp::immediate_acknowledgment;
        using timestamps = tcp::no_timestamps;
    };
    auto a = established<wide>(100, 300, 1000, {.maximum_segment_size = 1000, .receive_buffer = 1 << 20},
                               seg{.mss = 1000, .shift = 3});
    CHECK(a.connection().info().send_window == 1000); // the SYN's is not
    a.gets(seg{.seq = 300, .ack = 100, .data = 32, .window = 1000});
    a.answers(seg{.seq = 100, .ack = 332, .window = std::uint16_t{((1 << 20) - 32) >> 5}});
    CHECK(a.connection().info().send_window == 8000);
    a.sends(20000);
    std::size_t in_flight = 0;
    while (auto const s = a.emitted()) in_flight += s->data;
    CHECK(in_flight == 8000);
}

TEST_CASE("what was inside a window that was announced is taken, though a later field is rounded down",
          "[tcp][7323-6]") {
    // Appendix F: the edge is 300 + 2^16; an ACK whose field loses up to 2^shift - 1 octets does not move it back.
    struct wide : tcp::defaults {
        using acknowledgment = tcp::immediate_acknowledgment;
        using timestamps = tcp::no_timestamps;
    };
    auto a = established<wide>(100, 300, 8192, {.receive_buffer = 1 << 23}, seg{.mss = 1460, .shift = 0});
    REQUIRE(a.connection().info().receive_window_scale == 8);
    auto const edge = a.connection().info().receive_next.value() + a.connection().info().receive_window;
    a.gets(seg{.seq = 300, .ack = 100, .data = 1}).answers(seg{.seq = 100, .ack = 301}); // rounds down by 255
    a.gets(seg{.seq = edge - 1, .ack = 100, .data = 1});
    a.answers(seg{.seq = 100, .ack = 301});
    CHECK(a.connection().info().receive_next.value() + a.connection().info().receive_window == edge);
    // It was kept: SACK would say so, had it been agreed on; what lies beyond the edge is not even looked at.
    a.sends(1).answers(seg{.seq = 100, .ack = 301, .data = 1});
    a.gets(seg{.seq = edge - 1, .ack = 101}).silent();
    CHECK(a.connection().unacknowledged() == 0);
}

TEST_CASE("what was agreed on is in every segment but a RST", "[tcp][7323-9][7323-8]") {
    auto a = stamped_connection();
    auto const check = [&](where at = where::current()) {
        auto const s = a.emitted();
        INFO("line " << at.line());
        REQUIRE(s);
        CHECK(s->ts.has_value());
    };
    a.sends(10);
    check();
    a.times_out();
    check(); // sent again
    a.also_gets(seg{.seq = 300, .ack = 110, .data = 10, .ts = seg::stamp{5001, clock_begins}});
    check(); // ACK
    a.also_gets(seg{.seq = 350, .ack = 110, .data = 10, .ts = seg::stamp{5001, clock_begins}});
    check(); // duplicate ACK
    a.also_gets(seg{.seq = 350, .syn = true, .ts = seg::stamp{5001, 0}});
    check(); // challenge ACK
    a.also_closes();
    check(); // FIN
    a.silent();
}

TEST_CASE("a segment without the timestamps that were agreed on is dropped in silence", "[tcp][7323-10]") {
    auto a = stamped_connection();
    a.gets(seg{.seq = 300, .ack = 100, .data = 10}).silent().cannot_read(error::would_block);
    a.gets(seg{.seq = 300, .ack = 100, .fin = true}).silent().is(state::established);
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{5001, clock_begins}});
    a.answers(seg{.seq = 100, .ack = 310}).reads(10);
    a.gets(seg{.seq = 310, .rst = true}).silent().is(state::closed); // a RST needs none
}

TEST_CASE("timestamps that were not agreed on are passed over", "[tcp][7323-11]") {
    auto a = established<stamped>(100, 300);
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{5001, 0}});
    auto const answer = a.emitted();
    REQUIRE(answer);
    CHECK(fits(*answer, seg{.seq = 100, .ack = 310}));
    CHECK(!answer->ts);
    a.gets(seg{.seq = 310, .ack = 100, .data = 10, .ts = seg::stamp{1, 0}, .first_octet = 10}).loses(); // no PAWS
    a.reads(20);
}

TEST_CASE("what does not acknowledge anything new is not taken for a round trip", "[tcp][7323-13]") {
    auto a = stamped_connection();
    a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10}).waits(milliseconds(10));
    a.gets(seg{.seq = 300, .ack = 110, .ts = seg::stamp{5001, clock_begins}}).silent();
    auto const before = a.connection().info().smoothed_round_trip;
    for (std::uint32_t i = 0; i < 20; ++i) { // the peer sends, with the last echo that it has
        a.waits(seconds(1))
            .gets(seg{.seq = 300 + 10 * i, .ack = 110, .data = 10, .ts = seg::stamp{5002 + i, clock_begins}});
        a.answers(seg{.seq = 110, .ack = 310 + 10 * i});
    }
    CHECK(a.connection().info().smoothed_round_trip == before);
}

TEST_CASE("the timestamp echoed is the one of the segment that asked for the ACK first", "[tcp][7323-14]") {
    auto a = stamped_connection();
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{5001, 0}});
    a.answers(seg{.seq = 100, .ack = 310, .ts = seg::stamp{clock_begins, 5001}});
    a.gets(seg{.seq = 320, .ack = 100, .data = 10, .ts = seg::stamp{5005, 0}}); // beyond a gap
    a.answers(seg{.seq = 100, .ack = 310, .ts = seg::stamp{clock_begins, 5001}});
    a.gets(seg{.seq = 310, .ack = 100, .data = 10, .ts = seg::stamp{5003, 0}}); // fills it
    a.answers(seg{.seq = 100, .ack = 330, .ts = seg::stamp{clock_begins, 5003}});
}

TEST_CASE("PAWS comes before the sequence check, and goes round at 2^32", "[tcp][7323-15]") {
    auto a = established<stamped>(100, 300, 8192, {}, seg{.ts = seg::stamp{0xffff'fff0, clock_begins}});
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{0xffff'ffef, 0}})
        .answers(seg{.seq = 100, .ack = 300});
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{0x7fff'fff1, 0}})
        .answers(seg{.seq = 100, .ack = 300});
    a.cannot_read(error::would_block);
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{5, 0}})
        .answers(seg{.seq = 100, .ack = 310})
        .reads(10);
    // An old duplicate of a SYN or FIN is dropped as well, before anything is made of it.
    a.gets(seg{.seq = 310, .ack = 100, .fin = true, .ts = seg::stamp{4, 0}}).answers(seg{.seq = 100, .ack = 310});
    a.is(state::established);
}

TEST_CASE("a timestamp of 24 days ago does not keep the connection from going on", "[tcp][7323-16]") {
    auto a = stamped_connection();
    a.waits(hours(24 * 23)).gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{4999, 0}});
    a.answers(seg{.seq = 100, .ack = 300}).cannot_read(error::would_block);
    a.waits(hours(24 * 2)).gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{4999, 0}});
    auto const answer = a.emitted();
    REQUIRE(answer);
    CHECK(fits(*answer, seg{.seq = 100, .ack = 310}));
    REQUIRE(answer->ts);
    CHECK(answer->ts->echo == 4999); // TS.Recent is its
    a.reads(10);
}

TEST_CASE("an old timestamp does not make a RST ineffective, and none that a RST bears is kept", "[tcp][7323-17]") {
    auto a = stamped_connection();
    a.gets(seg{.seq = 310, .rst = true, .ts = seg::stamp{9000, 0}}); // not exactly RCV.NXT
    a.answers(seg{.seq = 100, .ack = 300, .ts = seg::stamp{clock_begins, 5000}});
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{5001, 0}}).answers(seg{.seq = 100, .ack = 310});
    a.gets(seg{.seq = 310, .rst = true, .ts = seg::stamp{1, 0}}).silent().is(state::closed).failed(error::reset);
}

TEST_CASE("the timestamp clock goes up by one each millisecond", "[tcp][7323-19]") {
    auto a = stamped_connection();
    std::uint32_t wanted = clock_begins;
    std::uint32_t at = 300;
    for (int const milliseconds_later : {1, 1, 10, 1000, 60'000}) {
        a.waits(milliseconds(milliseconds_later));
        wanted += static_cast<std::uint32_t>(milliseconds_later);
        a.gets(seg{.seq = at, .ack = 100, .data = 1, .ts = seg::stamp{5001, 0}});
        a.answers(seg{.seq = 100, .ack = at + 1, .ts = seg::stamp{wanted, 5001}});
        ++at;
    }
}

TEST_CASE("outside of SYN two of padding stand before timestamps", "[tcp][7323-23]") {
    auto a = stamped_connection();
    a.sends(10);
    std::array<std::byte, 200> slot{};
    REQUIRE(a.connection().emit(slot, internet_sum(), a.now()) == 42);
    constexpr std::array<unsigned, 4> wanted = {1, 1, 8, 10};
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(std::to_integer<unsigned>(slot[20 + i]) == wanted[i]);
}
