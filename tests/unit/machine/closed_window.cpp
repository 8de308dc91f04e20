// What a connection does against a peer whose window is closed, or nearly so (RFC 9293 section 3.8.6.1).
#include "trace.hpp"

using namespace trace;

namespace {

// Lets time pass from deadline to deadline, at most `wakes` times; the peer answers every segment with `answer`.
// Answers how many segments came.
template <class Policies>
int wakes(machine<Policies>& m, int times, seg const& answer) {
    int segments = 0;
    for (; times > 0 && m.connection().deadline() != instant::never(); --times) {
        m.now() = m.connection().deadline();
        m.connection().time_passes(m.now());
        while (m.emitted()) {
            ++segments;
            m.also_gets(answer);
        }
    }
    return segments;
}

} // namespace

TEST_CASE("a FIN that left as a zero-window probe has left: CLOSE-WAIT becomes LAST-ACK", "[tcp][9293-3.10.7.4]") {
    auto m = established<>(100, 300, 8192);
    m.gets(seg{.seq = 300, .ack = 100, .fin = true, .window = 0}).answers(seg{.seq = 100, .ack = 301});
    m.is(state::close_wait);
    m.sends(1).closes();
    m.is(state::close_wait).silent();
    m.times_out().answers(seg{.seq = 100, .ack = 301, .data = 1});
    m.gets(seg{.seq = 301, .ack = 101, .window = 0});
    m.times_out().answers(seg{.seq = 101, .ack = 301, .fin = true}).is(state::last_ack);
    m.gets(seg{.seq = 301, .ack = 102, .window = 8192}).is(state::closed).finished();
}

TEST_CASE("a window that closes after a time-out is probed, and answered probes keep the connection",
          "[tcp][9293-MUST-36][9293-MUST-37]") {
    auto m = established<>(100, 300, 2920);
    m.sends(2920).answers(seg{.seq = 100, .ack = 300, .data = 1460});
    m.answers(seg{.seq = 1560, .ack = 300, .data = 1460});
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 1460});
    seg const closed{.seq = 300, .ack = 1560, .window = 0};
    m.gets(closed).silent();
    CHECK(wakes(m, 500, closed) > 100);
    m.is(state::established);
}

TEST_CASE("what follows a probe that was not taken has a number that a closed window accepts", "[tcp]") {
    auto m = established<>(100, 300, 8192);
    m.gets(seg{.seq = 300, .ack = 100, .window = 0});
    m.sends(1000).silent();
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 1});
    m.gets(seg{.seq = 300, .ack = 100, .window = 0}).silent();
    SECTION("an ACK") {
        m.gets(seg{.seq = 300, .ack = 100, .fin = true, .data = 10, .window = 0});
        m.answers(seg{.seq = 100, .ack = 311});
    }
    SECTION("a RST") { m.aborts().answers(seg{.seq = 100, .rst = true}).is(state::closed); }
    SECTION("but not where the probe was taken") {
        m.gets(seg{.seq = 300, .ack = 101, .window = 0}).silent();
        m.aborts().answers(seg{.seq = 101, .rst = true}).is(state::closed);
    }
}

TEST_CASE("answered probes do not keep a connection that nobody holds any more", "[tcp][6429-4]") {
    auto m = established<>(100, 300, 8192);
    m.gets(seg{.seq = 300, .ack = 100, .window = 0});
    m.sends(1000).detaches();
    m.is(state::fin_wait_1);
    CHECK(wakes(m, 500, seg{.seq = 300, .ack = 100, .window = 0}) < 100);
    m.is(state::closed).finished();
}

TEST_CASE("the first time-out after a window that was merely small lowers the threshold", "[tcp][5681-3.1]") {
    auto m = established<>(100, 300, 8192);
    m.gets(seg{.seq = 300, .ack = 100, .window = 100});
    m.sends(1000).silent();
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 100});
    auto const before = m.connection().info().slow_start_threshold;
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 100});
    CHECK(m.connection().info().slow_start_threshold < before);
}

TEST_CASE("a RST with text counts although our own window is closed", "[tcp][9293-MUST-66]") {
    auto m = established<>();
    std::uint32_t at = 300;
    for (int i = 0; i < 8; ++i, at += 1024) {
        m.gets(seg{.seq = at, .ack = 100, .data = 1024, .first_octet = 0}).answers(seg{.ack = at + 1024});
    }
    REQUIRE(m.connection().info().receive_window == 0);
    m.gets(seg{.seq = at, .rst = true, .data = 5}).is(state::closed);
}

TEST_CASE("a RST in LAST-ACK is an error only where text of ours has not arrived", "[tcp][9293-3.10.7.4]") {
    auto m = established<>();
    m.gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.seq = 100, .ack = 301});
    m.sends(10).answers(seg{.seq = 100, .ack = 301, .data = 10});
    m.closes().answers(seg{.seq = 110, .ack = 301, .fin = true}).is(state::last_ack);
    SECTION("the text is lost") {
        m.gets(seg{.seq = 301, .rst = true}).is(state::closed);
        CHECK(m.connection().failure() == error::reset);
    }
    SECTION("the text has arrived") {
        m.gets(seg{.seq = 301, .ack = 110}).gets(seg{.seq = 301, .rst = true}).is(state::closed);
        CHECK(m.connection().failure() == error::none);
    }
}

TEST_CASE("probes of closed windows that cross and are both taken do not lead to ACKs without end", "[tcp][9293-A.2]") {
    auto m = established<>(100, 300, 0);
    m.sends(10).times_out().answers(seg{.seq = 100, .ack = 300, .data = 1});
    // The peer probes as well. Whether it has taken our octet we do not know: an ACK beyond its window would be lost.
    m.gets(seg{.seq = 300, .ack = 100, .data = 1, .window = 0}).answers(seg{.seq = 100, .ack = 301});
    // It has, so our number was old, and our acknowledgment not heard. Its own number is as old to us.
    m.gets(seg{.seq = 300, .ack = 101, .window = 1000}).answers(seg{.seq = 101, .ack = 301, .data = 9});
    CHECK(m.connection().info().send_unacknowledged == tcp::sequence(101));
}
