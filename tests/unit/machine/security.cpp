// Segments of those who mean no good: RFC 5961, RFC 1337, and acknowledgments that are meant to make us send too fast.
#include <plywire/machine/reset.hpp>

#include "trace.hpp"

using namespace trace;

namespace {

struct rfc9293 : plain {
    static constexpr bool ignore_resets_in_time_wait = false;
};
struct stamped : plain {
    using timestamps = tcp::use_timestamps;
};
struct large : plain {
    using congestion_control = tcp::new_reno;
    using recovery = tcp::duplicate_acks;
    using send_storage = inline_storage<131072>;
};

constexpr auto with_stamps = seg{.mss = 1460, .ts = seg::stamp{1000, 0}};

} // namespace

// ---- RFC 1337 ----

TEST_CASE("a RST in TIME-WAIT is ignored: the 2 MSL are kept", "[tcp][1337-1]") {
    auto m = in<>(state::time_wait);
    auto const due = m.connection().deadline();
    m.gets(seg{.seq = 301, .rst = true}).is(state::time_wait);
    m.gets(seg{.seq = 301, .ack = 101, .rst = true}).is(state::time_wait).silent();
    m.gets(seg{.seq = 302, .rst = true}).answers(seg{.seq = 101, .ack = 301}).is(state::time_wait); // RFC 5961
    CHECK(m.connection().deadline() == due);
    m.times_out().is(state::closed).failed(error::none);
}

TEST_CASE("where the policy says so a RST ends TIME-WAIT as RFC 9293 has it", "[tcp][9293-SEG-CLOSING-2]") {
    auto m = in<rfc9293>(state::time_wait);
    m.gets(seg{.seq = 301, .rst = true}).is(state::closed).failed(error::none).finished();
}

// ---- RFC 5961 ----

TEST_CASE("a RST counts with exactly the number expected, draws an ACK in the window, and nothing outside of it",
          "[tcp][5961-1][9293-SEG-SYNC-5][9293-SEG-SYNC-6][9293-SEG-SYNC-7]") {
    for (auto const where : {state::established, state::fin_wait_1, state::fin_wait_2, state::close_wait}) {
        std::uint32_t const next = where == state::close_wait ? 301 : 300;
        std::uint32_t const edge = next + in<>(where).connection().info().receive_window;
        for (std::uint32_t const number : {next - 1, next - 100'000, edge, edge + 1, next + 0x8000'0000u}) {
            if (number == next) continue; // a closed window
            auto m = in<>(where);
            m.gets(seg{.seq = number, .rst = true}).silent().is(where);
        }
        for (std::uint32_t const number : {next + 1, next + 1000, edge - 1}) {
            if (number == next || where == state::close_wait) continue; // there the window is of no use any more
            auto m = in<>(where);
            m.gets(seg{.seq = number, .rst = true}).answers(seg{.ack = next}).is(where);
        }
        auto m = in<>(where);
        m.gets(seg{.seq = next, .rst = true}).silent().is(state::closed).failed(error::reset);
    }
}

TEST_CASE("in SYN-SENT a RST counts only when it acknowledges the SYN", "[tcp][5961-2][9293-SEG-SYNSENT-2]") {
    auto m = in<>(state::syn_sent);
    m.gets(seg{.seq = 0, .rst = true}).silent().is(state::syn_sent);
    m.gets(seg{.seq = 0, .ack = 99, .rst = true}).silent().is(state::syn_sent);
    m.gets(seg{.seq = 0, .ack = 101, .rst = true}).silent().is(state::syn_sent);
    m.gets(seg{.seq = 0, .ack = 100, .rst = true}).silent().is(state::closed).failed(error::refused);
}

TEST_CASE("a SYN draws an ACK whatever its number, and changes nothing", "[tcp][5961-3][9293-SEG-SYNC-8]") {
    for (auto const where : {state::established, state::fin_wait_1, state::fin_wait_2, state::close_wait,
                             state::closing, state::last_ack}) {
        auto const fresh = in<>(where).connection().info();
        std::uint32_t const next = fresh.receive_next.value();
        for (std::uint32_t const number : {next, next + 1, next - 1, next + 100'000, next + 0x8000'0000u}) {
            for (bool const with_ack : {false, true}) {
                auto m = in<>(where);
                seg syn{.seq = number, .syn = true};
                if (with_ack) syn.ack = 100;
                m.gets(syn).answers(seg{.seq = fresh.send_next.value(), .ack = next}).silent().is(where);
                CHECK(m.connection().info().receive_next.value() == next);
            }
        }
    }
}

TEST_CASE("a peer that has restarted gets rid of the old connection: SYN, challenge ACK, RST", "[tcp][5961-4]") {
    auto m = established<>();
    m.gets(seg{.seq = 7'000'000, .syn = true}).answers(seg{.seq = 100, .ack = 300});
    m.gets(seg{.seq = 300, .rst = true}).is(state::closed).failed(error::reset).finished();
    // Its next SYN finds a listener.
    m.listens(500).gets(seg{.seq = 7'000'000, .syn = true}).answers(seg{.seq = 500, .ack = 7'000'001, .syn = true});
}

TEST_CASE("text counts only with an acknowledgment between MAX.SND.WND ago and SND.NXT",
          "[tcp][5961-5][9293-SEG-SYNC-10][9293-MAY-12]") {
    auto m = established<>(50'000, 300, 8192);
    m.sends(10).answers(seg{.seq = 50'000, .ack = 300, .data = 10});
    m.gets(seg{.seq = 300, .ack = 50'010, .window = 1000}).silent(); // MAX.SND.WND stays 8192
    std::uint32_t const una = 50'010;
    m.gets(seg{.seq = 300, .ack = una - 8193, .data = 5}).answers(seg{.seq = una, .ack = 300});
    m.gets(seg{.seq = 300, .ack = una + 1, .data = 5}).answers(seg{.seq = una, .ack = 300});
    m.gets(seg{.seq = 300, .ack = una + 0x8000'0000u, .data = 5}).answers(seg{.seq = una, .ack = 300});
    CHECK(m.connection().unread() == 0);
    m.gets(seg{.seq = 300, .ack = una - 8192, .data = 5}).answers(seg{.seq = una, .ack = 305}).reads(5);
}

TEST_CASE("challenge ACKs are counted: ten in five seconds for each connection", "[tcp][5961-6]") {
    auto m = established<>();
    auto other = established<>();
    for (int round = 0; round < 3; ++round) {
        int answers = 0;
        for (int i = 0; i < 100; ++i) {
            m.gets(i % 3 == 0   ? seg{.seq = 301, .rst = true}
                   : i % 3 == 1 ? seg{.seq = 5'000, .syn = true}
                                : seg{.seq = 300, .ack = 999'999});
            while (m.emitted()) ++answers;
        }
        CHECK(answers == 10);
        m.waits(seconds(5));
    }
    // No counter is shared, so nobody can tell by it what others do.
    other.gets(seg{.seq = 301, .rst = true}).answers(seg{.ack = 300});
}

// ---- acknowledgments that lie ----

TEST_CASE("one acknowledgment in a hundred pieces makes the window grow no more than one", "[tcp][5681-3.1]") {
    auto grown = [](std::uint32_t pieces) {
        auto m = established<large>(100, 300, 65535);
        auto const before = m.connection().info().congestion_window;
        m.sends(14'600).loses(); // what is not used would not grow
        for (std::uint32_t i = 1; i <= pieces; ++i)
            m.gets(seg{.seq = 300, .ack = 100 + 1460 * i / pieces, .window = 65535});
        return m.connection().info().congestion_window - before;
    };
    CHECK(grown(1) == 1460);
    CHECK(grown(100) == 1460);
    CHECK(grown(1460) == 1460);
}

TEST_CASE("in congestion avoidance pieces gain nothing either", "[tcp][5681-3.1]") {
    auto grown = [](std::uint32_t pieces) {
        auto m = established<large>(100, 300, 65535);
        m.sends(1460).answers(seg{.seq = 100, .ack = 300, .data = 1460}).times_out().loses();
        std::uint32_t at = 1560;
        m.gets(seg{.seq = 300, .ack = at, .window = 65535});
        auto const window = [&] { return m.connection().info().congestion_window; };
        while (window() < m.connection().info().slow_start_threshold) {
            m.sends(1460).loses();
            m.gets(seg{.seq = 300, .ack = at += 1460, .window = 65535});
        }
        auto const before = window();
        m.sends(16 * 1460).loses();
        for (int segment = 0; segment < 6; ++segment, at += 1460) {
            for (std::uint32_t i = 1; i <= pieces; ++i) {
                m.gets(seg{.seq = 300, .ack = at + 1460 * i / pieces, .window = 65535}).loses();
            }
        }
        return window() - before;
    };
    auto const whole = grown(1);
    CHECK(whole > 0);
    CHECK(whole <= 3 * 1460);
    CHECK(grown(730) == whole);
}

TEST_CASE("an acknowledgment of what was never sent is challenged, and nothing grows", "[tcp][9293-SEG-ESTAB-3]") {
    auto m = established<large>(100, 300, 65535);
    m.sends(1460).answers(seg{.seq = 100, .ack = 300, .data = 1460});
    auto const before = m.connection().info();
    for (std::uint32_t i = 1; i <= 5; ++i) {
        m.gets(seg{.seq = 300, .ack = 1560 + 1460 * i, .window = 65535}).answers(seg{.seq = 1560, .ack = 300});
    }
    auto const after = m.connection().info();
    CHECK(after.congestion_window == before.congestion_window);
    CHECK(after.send_unacknowledged == before.send_unacknowledged);
    CHECK(after.unacknowledged == before.unacknowledged);
}

TEST_CASE("duplicate acknowledgments without end let out no more than was on its way", "[tcp][5681-3.2]") {
    auto m = established<large>(100, 300, 65535);
    m.sends(120'000).loses();
    auto const flight = m.connection().info().send_next.value() - 100;
    CHECK(flight == 14600);
    for (int i = 0; i < 500; ++i) {
        m.gets(seg{.seq = 300, .ack = 100, .window = 65535});
        m.loses();
    }
    CHECK(m.connection().info().in_recovery);
    CHECK(m.connection().info().send_next.value() - 100 <= 2 * flight);
}

// ---- RST with timestamps ----

TEST_CASE("a RST that answers a segment with timestamps echoes its value and has none of its own", "[tcp][7323-18]") {
    auto m = in<stamped>(state::syn_sent);
    m.gets(seg{.seq = 299, .ack = 500, .syn = true, .ts = seg::stamp{77, 5}});
    m.answers(seg{.seq = 500, .rst = true, .ts = seg::stamp{0, 77}}).is(state::syn_sent);
    m.gets(seg{.seq = 299, .ack = 500, .syn = true});
    auto const plain_one = m.emitted();
    REQUIRE(plain_one);
    CHECK(plain_one->rst);
    CHECK(!plain_one->ts);
    machine<stamped> listening;
    listening.listens(99).gets(seg{.seq = 1, .ack = 5, .ts = seg::stamp{78, 0}});
    listening.answers(seg{.seq = 5, .rst = true, .ts = seg::stamp{0, 78}});
}

TEST_CASE("so does the RST where there is no connection, if there is room", "[tcp][7323-18]") {
    auto const octets = octets_of(seg{.seq = 1000, .ack = 5, .data = 3, .ts = seg::stamp{79, 3}});
    auto const segment = *parse<tcp::header>(bytes_view(octets));
    std::array<std::byte, 64> slot{};
    auto const answer = [&](std::size_t room, bool echoes) {
        auto const size = tcp::write_reset_for(segment, mutable_bytes(slot).first(room), internet_sum(), echoes);
        internet_sum sum;
        sum.add_word(static_cast<std::uint16_t>(size));
        sum.add(bytes_view(slot).first(size));
        CHECK(sum.folded() == 0xffff);
        return read(*parse<tcp::header>(bytes_view(slot).first(size)));
    };
    CHECK(answer(64, true).ts == seg::stamp{0, 79});
    CHECK(answer(64, true).seq == 5u);
    CHECK(answer(32, true).ts == seg::stamp{0, 79});
    CHECK(!answer(31, true).ts);
    CHECK(!answer(64, false).ts);
}

TEST_CASE("the RST of ABORT bears the timestamps that were agreed on, and echoes nothing", "[tcp][7323-9][7323-12]") {
    auto m = established<stamped>(100, 300, 8192, {}, with_stamps);
    m.connection().abort(m.now());
    auto const sent = m.emitted();
    REQUIRE(sent);
    CHECK(sent->rst);
    REQUIRE(sent->ts);
    CHECK(sent->ts->echo == 0);
    CHECK(sent->ts->value == 1'000'000);
    auto n = established<plain>();
    n.connection().abort(n.now());
    CHECK(!n.emitted()->ts);
}
