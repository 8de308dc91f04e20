// A segment in SYN-RECEIVED and later states: RFC 9293 section 3.10.7.4, step by step.
#include "unit/machine/trace.hpp"

#include <plywire/machine/reset.hpp>

#include <initializer_list>

using namespace trace;

namespace {

constexpr std::initializer_list<state> synchronized = {state::syn_received, state::established, state::fin_wait_1,
                                                       state::fin_wait_2,   state::close_wait,  state::closing,
                                                       state::last_ack,     state::time_wait};

struct narrow : plain {
    using receive_storage = inline_storage<64>;
};

// Whether a segment of that number and length passes the sequence check: then, and only then, its ACK counts.
bool passes(std::uint32_t number, std::size_t octets, bool window_closed) {
    auto a = established<narrow>();
    if (window_closed) {
        a.gets(seg{.seq = 300, .ack = 100, .data = 64});
        a.answers(seg{.seq = 100, .ack = 364, .window = std::uint16_t{0}});
    }
    a.sends(1).loses();
    a.also_gets(seg{.seq = number, .ack = 101, .data = octets}).loses();
    return a.connection().info().send_unacknowledged == tcp::sequence(101);
}

} // namespace

TEST_CASE("the four cases of the sequence check, at both edges of the window", "[tcp][9293-SEG-SYNC-1]") {
    // No text, window open: RCV.NXT to the right edge. (Right behind it stands what a peer can say whose window we have
    // filled while it filled ours; that alone is taken as well.)
    CHECK(!passes(299, 0, false));
    CHECK(passes(300, 0, false));
    CHECK(passes(363, 0, false));
    CHECK(!passes(365, 0, false));
    // No text, window closed: exactly RCV.NXT.
    CHECK(!passes(363, 0, true));
    CHECK(passes(364, 0, true));
    CHECK(!passes(365, 0, true));
    // Text, window open: its first or its last octet lies inside.
    CHECK(!passes(290, 10, false));
    CHECK(passes(291, 10, false));
    CHECK(passes(363, 10, false));
    CHECK(!passes(364, 10, false));
    // Text, window closed: never; what lies exactly there is a probe, whose ACK counts all the same.
    CHECK(!passes(363, 1, true));
    CHECK(!passes(363, 2, true));
    CHECK(!passes(365, 1, true));
    auto a = established<narrow>();
    a.gets(seg{.seq = 300, .ack = 100, .data = 64}).loses();
    a.gets(seg{.seq = 364, .ack = 100, .data = 1}).answers(seg{.seq = 100, .ack = 364, .window = std::uint16_t{0}});
    CHECK(a.connection().unread() == 64);
}

TEST_CASE("what is not acceptable draws an ACK, unless it is a RST", "[tcp][9293-SEG-SYNC-2][9293-SEG-SYNC-5]") {
    for (auto const s : synchronized) {
        auto a = in(s);
        auto const told = a.connection().info();
        auto const next = told.send_next.value();
        a.gets(seg{.seq = 200, .ack = 100, .data = 10});
        a.answers(seg{.seq = next, .ack = told.receive_next.value()}).silent().is(s);
        a.gets(seg{.seq = 200, .ack = 100}).answers(seg{.seq = next, .ack = told.receive_next.value()}).is(s);
        a.gets(seg{.seq = 200, .rst = true}).silent().is(s);
        a.gets(seg{.seq = 200, .ack = 100, .rst = true}).silent().is(s);
        a.gets(seg{.seq = 300 + 8192 + 10, .rst = true}).silent().is(s);
    }
}

TEST_CASE("what lies outside the window is cut off, what is known already is not delivered again",
          "[tcp][9293-SEG-SYNC-4]") {
    auto a = established<narrow>();
    a.gets(seg{.seq = 300, .ack = 100, .data = 30}).answers(seg{.seq = 100, .ack = 330});
    a.gets(seg{.seq = 290, .ack = 100, .data = 50, .first_octet = 246}).answers(seg{.seq = 100, .ack = 340});
    a.gets(seg{.seq = 340, .ack = 100, .data = 100, .first_octet = 40});
    a.answers(seg{.seq = 100, .ack = 364, .window = std::uint16_t{0}}).reads(64);
    a.answers(seg{.seq = 100, .ack = 364, .window = std::uint16_t{64}});
    // A FIN that lies beyond the window does not count; inside it does.
    a.gets(seg{.seq = 364, .ack = 100, .fin = true, .data = 65, .first_octet = 64});
    a.answers(seg{.seq = 100, .ack = 428}).is(state::established).reads(64).loses();
    a.gets(seg{.seq = 420, .ack = 100, .fin = true, .data = 9, .first_octet = 120});
    a.answers(seg{.seq = 100, .ack = 430}).is(state::close_wait).reads(1).cannot_read(error::end_of_stream);
}

TEST_CASE("a SYN in a synchronized state draws a challenge ACK, wherever it lies", "[tcp][9293-SEG-SYNC-8][5961-3]") {
    for (auto const s : synchronized) {
        if (s == state::syn_received || s == state::time_wait) continue;
        for (std::uint32_t const number : {0u, 299u, 300u, 301u, 310u, 300u + 8191u, 300u + 9000u, 0x8000'0000u}) {
            auto a = in(s);
            auto const told = a.connection().info();
            a.gets(seg{.seq = number, .syn = true});
            a.answers(seg{.seq = told.send_next.value(), .ack = told.receive_next.value()}).silent().is(s);
        }
    }
}

TEST_CASE("a restarted peer: SYN, challenge ACK, RST, SYN, SYN,ACK", "[tcp][5961-4]") {
    auto a = accepted();
    a.gets(seg{.seq = 70000, .syn = true}).answers(seg{.seq = 100, .ack = 300}).is(state::established);
    // The peer does not know that ACK: its RST has the number that was acknowledged.
    a.gets(seg{.seq = 300, .rst = true}).silent().is(state::closed).failed(error::reset).finished();
    a.listens(500).gets(seg{.seq = 70000, .syn = true}).answers(seg{.seq = 500, .ack = 70001, .syn = true});
}

TEST_CASE("a segment without ACK is dropped in every synchronized state", "[tcp][9293-SEG-SYNC-9]") {
    for (auto const s : synchronized) {
        auto a = in(s);
        auto const expected = a.connection().info().receive_next.value();
        a.gets(seg{.seq = expected, .data = 10}).silent().is(s);
        a.gets(seg{.seq = expected, .fin = true}).silent().is(s);
        a.gets(seg{.seq = expected}).silent().is(s);
        CHECK(a.connection().unread() == 0);
    }
}

TEST_CASE("SYN-RECEIVED: a SYN in the window ends a passive open, an active one answers it",
          "[tcp][9293-SEG-SYNRCVD-3]") {
    auto a = in(state::syn_received);
    a.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true}).is(state::syn_received);
    a.gets(seg{.seq = 301, .syn = true}).silent().is(state::listen);

    machine<> b;
    b.opens(99).answers(seg{.seq = 99, .syn = true});
    b.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true}).is(state::syn_received);
    b.gets(seg{.seq = 301, .syn = true}).answers(seg{.seq = 100, .ack = 300}).is(state::syn_received);
    b.gets(seg{.seq = 300, .ack = 100}).silent().is(state::established);
}

TEST_CASE("SYN-RECEIVED: an acceptable ACK establishes, and the rest of the segment counts",
          "[tcp][9293-SEG-SYNRCVD-4][9293-SEG-SYNRCVD-6]") {
    auto a = in(state::syn_received);
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .window = 1234}).answers(seg{.seq = 100, .ack = 310});
    a.is(state::established).reads(10);
    CHECK(a.connection().info().send_window == 1234);
    // WL1 and WL2 were taken from it: what is older does not change the window.
    a.gets(seg{.seq = 299, .ack = 100, .data = 11, .window = 99}).loses();
    CHECK(a.connection().info().send_window == 1234);

    auto b = in(state::syn_received);
    b.gets(seg{.seq = 300, .ack = 100, .fin = true, .data = 5}).answers(seg{.seq = 100, .ack = 306});
    b.is(state::close_wait).reads(5).cannot_read(error::end_of_stream);
}

TEST_CASE("SYN-RECEIVED: an ACK that acknowledges something else draws a RST with its number",
          "[tcp][9293-SEG-SYNRCVD-5]") {
    for (std::uint32_t const number : {99u, 101u, 0x8000'0000u}) {
        auto a = in(state::syn_received);
        a.gets(seg{.seq = 300, .ack = number, .data = 5}).answers(seg{.seq = number, .rst = true}).silent();
        a.is(state::syn_received);
        CHECK(a.connection().unread() == 0);
    }
}

TEST_CASE("an ACK of new text moves SND.UNA, makes room and starts the timer anew", "[tcp][9293-SEG-ESTAB-1]") {
    auto a = established<>(100, 300, 8192, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(3000);
    for (std::uint32_t i = 0; i < 3; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
    a.waits(milliseconds(500)).gets(seg{.seq = 300, .ack = 2100}).silent();
    CHECK(a.connection().info().send_unacknowledged == tcp::sequence(2100));
    CHECK(a.connection().unacknowledged() == 1000);
    CHECK(a.connection().deadline() - a.now() == a.connection().info().retransmission_timeout);
    a.gets(seg{.seq = 300, .ack = 3100}).silent().no_timer();
    CHECK(a.connection().unacknowledged() == 0);
}

TEST_CASE("an ACK of half a segment leaves the other half to be sent again", "[tcp][9293-SEQ-2]") {
    auto a = established<>(100, 300, 8192, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(1000).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 100}).silent(); // SND.UNA itself acknowledges nothing
    CHECK(a.connection().unacknowledged() == 1000);
    a.gets(seg{.seq = 300, .ack = 1101}).answers(seg{.seq = 1100, .ack = 300}); // beyond SND.NXT
    CHECK(a.connection().unacknowledged() == 1000);
    a.gets(seg{.seq = 300, .ack = 600}).silent();
    CHECK(a.connection().unacknowledged() == 500);
    a.times_out().answers(seg{.seq = 600, .ack = 300, .data = 500, .first_octet = 500 % 256});
    a.gets(seg{.seq = 300, .ack = 1100}).silent().no_timer(); // SND.NXT acknowledges all
    CHECK(a.connection().unacknowledged() == 0);
}

TEST_CASE("a duplicate ACK changes nothing and is not answered", "[tcp][9293-SEG-ESTAB-2]") {
    auto a = established();
    a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    a.gets(seg{.seq = 300, .ack = 110}).silent();
    for (std::uint32_t const old : {110u, 109u, 100u, 50u}) {
        a.gets(seg{.seq = 300, .ack = old}).silent();
        CHECK(a.connection().info().send_unacknowledged == tcp::sequence(110));
    }
}

TEST_CASE("an ACK of what was never sent: an ACK, and the text is dropped", "[tcp][9293-SEG-ESTAB-3]") {
    auto a = established();
    a.gets(seg{.seq = 300, .ack = 101, .data = 10}).answers(seg{.seq = 100, .ack = 300});
    a.cannot_read(error::would_block);
    CHECK(a.connection().info().send_unacknowledged == tcp::sequence(100));
}

TEST_CASE("a RST where the user has a connection: calls say that it was reset", "[tcp][9293-SEG-ESTAB-5]") {
    for (auto const s : {state::established, state::fin_wait_1, state::fin_wait_2, state::close_wait}) {
        auto a = in(s);
        a.gets(seg{.seq = a.connection().info().receive_next.value(), .rst = true}).silent();
        a.is(state::closed).failed(error::reset).no_timer().finished();
        a.cannot_read(error::reset).cannot_send(error::reset).cannot_close(error::reset);
    }
}

TEST_CASE("a RST that carries text counts like one without", "[tcp][9293-SHLD-2]") {
    auto a = established();
    a.gets(seg{.seq = 310, .rst = true, .data = 20}).answers(seg{.seq = 100, .ack = 300}).is(state::established);
    a.gets(seg{.seq = 300, .rst = true, .data = 20}).silent().is(state::closed).cannot_read(error::reset);
}

TEST_CASE("text is delivered in order, acknowledged, and does not move the window's right edge to the left",
          "[tcp][9293-SEG-ESTAB-7]") {
    for (auto const s : {state::established, state::fin_wait_1, state::fin_wait_2}) {
        auto a = in(s);
        auto const next = a.connection().info().send_next.value();
        a.gets(seg{.seq = 300, .ack = 100, .data = 100});
        a.answers(seg{.seq = next, .ack = 400, .window = std::uint16_t{8092}});
        a.gets(seg{.seq = 400, .ack = 100, .data = 92, .first_octet = 100});
        a.answers(seg{.seq = next, .ack = 492, .window = std::uint16_t{8000}}).reads(192).is(s);
    }
    // The acknowledgment rides on what is sent anyhow.
    auto b = established();
    b.gets(seg{.seq = 300, .ack = 100, .data = 100}).queues(5).answers(seg{.seq = 100, .ack = 400, .data = 5}).silent();
}

TEST_CASE("a FIN in ESTABLISHED: RCV.NXT goes beyond it, the user is told", "[tcp][9293-SEG-ESTAB-8]") {
    auto a = established();
    CHECK(!a.connection().readable());
    a.gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.seq = 100, .ack = 301}).is(state::close_wait);
    CHECK(a.connection().readable());
    a.cannot_read(error::end_of_stream);
}

TEST_CASE("a FIN before there is a connection is not processed", "[tcp][9293-SEG-FIN-1]") {
    for (auto const s : {state::closed, state::listen, state::syn_sent}) {
        auto a = in(s);
        a.gets(seg{.seq = 300, .fin = true}).silent().is(s);
        if (s != state::syn_sent) continue;
        a.gets(seg{.seq = 300, .ack = 100, .fin = true}).silent().is(s);
    }
    auto b = in(state::listen);
    b.gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.seq = 100, .rst = true}).is(state::listen);
}

TEST_CASE("FIN-WAIT-1: a FIN that acknowledges ours as well leads to TIME-WAIT, with no timer but its own",
          "[tcp][9293-SEG-FINWAIT1-2]") {
    auto a = in(state::fin_wait_1);
    a.gets(seg{.seq = 300, .ack = 101, .fin = true}).answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
    a.times_out(seconds(60)).silent().is(state::closed).no_timer();
}

TEST_CASE("FIN-WAIT-2: CLOSE has returned, the connection stays", "[tcp][9293-SEG-FINWAIT2-1]") {
    auto a = in(state::fin_wait_2);
    CHECK(a.connection().unacknowledged() == 0);
    a.no_timer().waits(hours(1)).silent().is(state::fin_wait_2);
    a.gets(seg{.seq = 300, .ack = 101, .data = 10}).answers(seg{.seq = 101, .ack = 310}).reads(10);
}

TEST_CASE("CLOSE-WAIT: ACKs count, text and URG do not, the FIN may come again", "[tcp][9293-SEG-CLOSEWAIT-1]") {
    auto a = in(state::close_wait);
    a.sends(10).answers(seg{.seq = 100, .ack = 301, .data = 10});
    a.gets(seg{.seq = 301, .ack = 110, .data = 20, .window = 5000, .urgent = 20});
    CHECK(a.connection().unacknowledged() == 0);
    CHECK(a.connection().info().send_window == 5000);
    CHECK(a.connection().info().receive_next == tcp::sequence(301));
    CHECK(!a.connection().urgent_pending());
    a.loses().cannot_read(error::end_of_stream);
    a.gets(seg{.seq = 300, .ack = 110, .fin = true}).answers(seg{.seq = 110, .ack = 301}).is(state::close_wait);
}

TEST_CASE("CLOSING: only an ACK of our FIN leads to TIME-WAIT", "[tcp][9293-SEG-CLOSING-1]") {
    auto a = in(state::closing);
    a.gets(seg{.seq = 301, .ack = 100}).silent().is(state::closing);
    a.gets(seg{.seq = 301, .ack = 101}).silent().is(state::time_wait);
}

TEST_CASE("CLOSING and LAST-ACK: a RST ends it, and is no error to the user", "[tcp][9293-SEG-CLOSING-2]") {
    for (auto const s : {state::closing, state::last_ack}) {
        auto a = in(s);
        a.gets(seg{.seq = 301, .rst = true}).silent().is(state::closed).failed(error::none).no_timer().finished();
        a.cannot_read(error::end_of_stream);
    }
}

TEST_CASE("LAST-ACK: the ACK of our FIN deletes everything; what comes later draws a RST",
          "[tcp][9293-SEG-LASTACK-1]") {
    auto a = in(state::last_ack);
    a.gets(seg{.seq = 301, .ack = 100}).silent().is(state::last_ack);
    a.gets(seg{.seq = 301, .ack = 101}).silent().is(state::closed).failed(error::none).no_timer().finished();
    auto const octets = octets_of(seg{.seq = 301, .ack = 101});
    std::array<std::byte, 64> slot{};
    auto const size = tcp::write_reset_for(*parse<tcp::header>(bytes_view(octets)), slot, internet_sum());
    REQUIRE(size > 0);
    CHECK(fits(read(*parse<tcp::header>(bytes_view(slot).first(size))), seg{.seq = 101, .rst = true}));
}
