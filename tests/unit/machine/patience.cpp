// How long the machine waits for a peer that does not answer (RFC 9293 section 3.8.3), and for whom.
#include "trace.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace trace;

namespace {

struct constant : plain {
    using user_timeout = tcp::fixed_user_timeout;
};

constexpr auto excessive = tcp::advice::excessive_retransmission;

// Lets every deadline pass and loses what is sent; answers how long it took until CLOSED, at most `most`.
template <class Policies>
duration until_closed(machine<Policies>& m, duration most = hours(1000)) {
    auto const begin = m.now();
    while (m.connection().current_state() != state::closed && m.connection().deadline() - begin <= most) {
        m.now() = m.connection().deadline();
        m.connection().time_passes(m.now());
        m.loses();
    }
    return m.now() - begin;
}

} // namespace

TEST_CASE("text that is never acknowledged ends the connection after five minutes, and the user is told why",
          "[tcp][9293-MUST-20][9293-SHLD-11][9293-UTO-1][9293-TMO-USER]") {
    auto m = established<>();
    m.sends(10).loses();
    CHECK(until_closed(m) == minutes(5));
    m.is(state::closed).failed(error::timed_out).cannot_read(error::timed_out);
}

TEST_CASE("the user is told of the trouble after three retransmissions, long before the end",
          "[tcp][9293-MUST-20][9293-SHLD-9][9293-SHLD-10][9293-MUST-47]") {
    auto m = established<>();
    auto& c = m.connection();
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    for (int i = 0; i < 3; ++i) {
        m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 10});
        CHECK(c.next_advice() == std::nullopt);
    }
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 10});
    CHECK(c.next_advice() == excessive);
    // Once for each time of trouble.
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 10});
    CHECK(c.next_advice() == std::nullopt);
    m.is(state::established).gets(seg{.seq = 300, .ack = 110}).no_timer();
    m.sends(1).loses();
    for (int i = 0; i < 4; ++i) m.times_out().loses();
    CHECK(c.next_advice() == excessive);
}

TEST_CASE("the user can set the end of patience for each connection",
          "[tcp][9293-MUST-21][9293-UTO-1][9293-TMO-USER]") {
    auto const length = GENERATE(seconds(7), seconds(100), hours(2));
    INFO(length.nanoseconds);
    auto m = established<>();
    m.connection().set_user_timeout(length, m.now());
    m.sends(10).loses();
    CHECK(until_closed(m) == length);
    m.failed(error::timed_out);
}

TEST_CASE("the user can wait for ever", "[tcp][9293-MUST-21]") {
    auto m = established<>();
    m.connection().set_user_timeout(tcp::forever, m.now());
    m.sends(10).loses();
    CHECK(until_closed(m, hours(24 * 365)) > hours(24 * 364));
    m.is(state::established);
}

TEST_CASE("the end of patience can be moved while it runs", "[tcp][9293-MUST-21]") {
    auto m = established<>();
    m.sends(10).loses();
    m.waits(milliseconds(500));
    SECTION("nearer") {
        m.connection().set_user_timeout(milliseconds(700), m.now());
        m.times_out(milliseconds(200)).is(state::closed).failed(error::timed_out);
    }
    SECTION("to before now") {
        m.connection().set_user_timeout(milliseconds(100), m.now());
        m.connection().time_passes(m.now());
        m.is(state::closed).failed(error::timed_out);
    }
    SECTION("and back") {
        m.connection().set_user_timeout(minutes(50), m.now());
        m.connection().set_user_timeout(duration{}, m.now());
        CHECK(until_closed(m) == minutes(5) - milliseconds(500));
    }
}

TEST_CASE("a SYN is sent again for three minutes at least, and R1 and R2 hold for it too",
          "[tcp][9293-MUST-22][9293-MUST-23]") {
    machine<> m;
    m.opens(99).answers(seg{.seq = 99, .syn = true});
    SECTION("by default") {
        for (int i = 0; i < 3; ++i) m.times_out(seconds(1 << i)).answers(seg{.seq = 99, .syn = true});
        CHECK(m.connection().next_advice() == std::nullopt);
        m.times_out(seconds(8)).answers(seg{.seq = 99, .syn = true});
        CHECK(m.connection().next_advice() == excessive);
        CHECK(until_closed(m) == minutes(3) - seconds(15));
    }
    SECTION("as the user wants it") {
        m.connection().set_user_timeout(seconds(10), m.now());
        CHECK(until_closed(m) == seconds(10));
    }
    m.failed(error::timed_out);
}

TEST_CASE("a SYN,ACK has its limit as well", "[tcp][9293-MUST-22]") {
    auto m = in<>(state::syn_received);
    CHECK(until_closed(m) == minutes(3));
}

TEST_CASE("an end of patience that cannot be set costs nothing", "[tcp]") {
    static_assert(sizeof(tcp::connection<constant>) <= sizeof(tcp::connection<plain>));
    auto m = established<constant>();
    m.sends(10).loses();
    CHECK(until_closed(m) == minutes(5));
}

TEST_CASE("who takes the text of an orphan drop by drop does not hold it for ever", "[tcp][6429-4]") {
    auto m = established<>();
    m.connection().set_user_timeout(tcp::forever, m.now()); // holds for the user only, who is gone
    bool const closed_window = GENERATE(true, false);
    m.gets(seg{.seq = 300, .ack = 100, .window = closed_window ? std::uint16_t{0} : std::uint16_t{1}});
    m.queues(8000).connection().detach(m.now());
    auto const begin = m.now();
    int segments = 0;
    while (m.connection().current_state() != state::closed && m.now() - begin < hours(10)) {
        m.now() = m.connection().deadline();
        m.connection().time_passes(m.now());
        while (auto const sent = m.emitted()) {
            ++segments;
            auto const end = *sent->seq + static_cast<std::uint32_t>(sent->data) + (sent->fin ? 1u : 0u);
            m.also_gets(seg{.seq = 300, .ack = end, .window = closed_window ? std::uint16_t{0} : std::uint16_t{1}});
        }
    }
    CHECK(segments > 10);
    CHECK(m.now() - begin <= minutes(5) + seconds(8));
    m.is(state::closed);
}

TEST_CASE("an orphan whose text flows is not cut off", "[tcp][9293-CLOSE-ESTAB-1]") {
    auto m = established<>(100, 300, 100);
    m.queues(8000).connection().detach(m.now());
    // 100 octets each 5 s: faster than 1 octet in a millisecond it is not, but within the patience.
    for (std::uint32_t at = 100; at < 4900; at += 100) {
        m.connection().time_passes(m.now() += seconds(5));
        m.loses();
        m.also_gets(seg{.seq = 300, .ack = at + 100, .window = std::uint16_t{100}});
    }
    m.is(state::fin_wait_1).loses();
}

// ---- linger ----

TEST_CASE("who lingers for no time aborts when the application goes", "[tcp][9293-ABORT-SYNC-1]") {
    auto m = established<>();
    m.connection().set_linger(duration{});
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    m.connection().detach(m.now());
    m.answers(seg{.seq = 110, .rst = true}).is(state::closed).finished();
}

TEST_CASE("a little time to linger is not none", "[tcp]") {
    tcp::settable_linger linger;
    linger.set(microseconds(500));
    CHECK(linger.limit() == milliseconds(1));
    linger.set(duration{});
    CHECK((linger.limited() && linger.limit() == duration{}));
}

TEST_CASE("who lingers for a time aborts after it, however the peer keeps it up", "[tcp]") {
    auto m = established<>(100, 300, 8192);
    m.connection().set_linger(seconds(3));
    bool const answered = GENERATE(false, true);
    if (answered) m.gets(seg{.seq = 300, .ack = 100, .window = 0});
    m.queues(1000).loses();
    auto const begin = m.now();
    m.connection().detach(m.now());
    int resets = 0;
    while (m.connection().current_state() != state::closed) {
        m.now() = m.connection().deadline();
        m.connection().time_passes(m.now());
        while (auto const sent = m.emitted()) {
            resets += sent->rst ? 1 : 0;
            if (answered && !sent->rst) m.also_gets(seg{.seq = 300, .ack = 100, .window = 0});
        }
    }
    CHECK(m.now() - begin == seconds(3));
    CHECK(resets == 1);
    m.finished();
}

TEST_CASE("what is delivered while it lingers ends in order, and a half-close does not linger", "[tcp]") {
    auto m = established<>();
    m.connection().set_linger(seconds(3));
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    SECTION("the application goes") {
        m.connection().detach(m.now());
        m.answers(seg{.seq = 110, .ack = 300, .fin = true}).gets(seg{.seq = 300, .ack = 111}).is(state::fin_wait_2);
        m.gets(seg{.seq = 300, .ack = 111, .fin = true}).answers(seg{.seq = 111, .ack = 301}).is(state::time_wait);
    }
    SECTION("half-close") {
        m.closes().answers(seg{.seq = 110, .ack = 300, .fin = true});
        CHECK(until_closed(m) == minutes(5));
    }
}

// ---- cork ----

TEST_CASE("corked, only full segments leave", "[tcp][9293-MAY-16][9293-SHLD-28]") {
    auto m = established<>();
    m.connection().set_cork(true, m.now());
    m.sends(1000).silent().sends(1000);
    m.answers(seg{.seq = 100, .ack = 300, .data = 1460}).silent();
    SECTION("the cork is taken out") {
        m.gets(seg{.seq = 300, .ack = 1560}).silent();
        m.connection().set_cork(false, m.now());
        m.answers(seg{.seq = 1560, .ack = 300, .data = 540, .psh = true});
    }
    SECTION("after 200 ms") {
        m.gets(seg{.seq = 300, .ack = 1560}).times_out(milliseconds(200));
        m.answers(seg{.seq = 1560, .ack = 300, .data = 540});
        m.gets(seg{.seq = 300, .ack = 2100}).sends(1).times_out(milliseconds(200));
        m.answers(seg{.seq = 2100, .ack = 300, .data = 1});
    }
    SECTION("with the FIN") { m.closes().answers(seg{.seq = 1560, .ack = 300, .fin = true, .data = 540}); }
}

TEST_CASE("what was corked and got lost is sent again like anything else", "[tcp][9293-TMO-RTX]") {
    auto m = established<>();
    m.connection().set_cork(true, m.now());
    m.sends(10).times_out(milliseconds(200)).answers(seg{.seq = 100, .ack = 300, .data = 10});
    m.times_out(seconds(1)).answers(seg{.seq = 100, .ack = 300, .data = 10});
}

TEST_CASE("text that we hold back ourselves is nothing that the peer leaves unacknowledged", "[tcp][9293-MUST-21]") {
    auto m = established<>();
    m.connection().set_user_timeout(milliseconds(100), m.now());
    SECTION("by the cork") {
        m.connection().set_cork(true, m.now());
        m.sends(10).times_out(milliseconds(200)).answers(seg{.seq = 100, .ack = 300, .data = 10});
    }
    SECTION("because the window is silly") {
        m.gets(seg{.seq = 300, .ack = 100, .window = 100});
        m.sends(1000).times_out(milliseconds(500)).answers(seg{.seq = 100, .ack = 300, .data = 100});
    }
    // From now on it is the peer's turn.
    m.times_out(milliseconds(100)).is(state::closed).failed(error::timed_out);
}
