// What each call of the user does in each state: RFC 9293 sections 3.10.1 to 3.10.6.
#include "unit/machine/trace.hpp"

#include <algorithm>
#include <initializer_list>

using namespace trace;

namespace {

constexpr std::initializer_list<state> every_state = {
    state::closed,     state::listen,     state::syn_sent, state::syn_received, state::established, state::fin_wait_1,
    state::fin_wait_2, state::close_wait, state::closing,  state::last_ack,     state::time_wait};

constexpr instant now{seconds(1000).nanoseconds};

struct roomy : plain {
    using send_storage = inline_storage<16384>;
    using receive_storage = inline_storage<16384>;
};

} // namespace

TEST_CASE("OPEN, passive, in CLOSED: LISTEN, for whichever peer", "[tcp][9293-OPEN-CLOSED-1]") {
    machine<> a;
    a.listens(99).silent().is(state::listen);
    CHECK(a.connection().remote_port() == 0);
    a.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true});
    CHECK(a.connection().remote_port() == 2000);
}

TEST_CASE("OPEN, active, in CLOSED: the SYN leaves with the initial number", "[tcp][9293-OPEN-CLOSED-2]") {
    machine<> a;
    a.opens(99).is(state::syn_sent);
    CHECK(a.connection().info().send_unacknowledged == tcp::sequence(99));
    a.answers(seg{.seq = 99, .syn = true}).silent();
    CHECK(a.connection().info().send_unacknowledged == tcp::sequence(99));
    CHECK(a.connection().info().send_next == tcp::sequence(100));
}

TEST_CASE("OPEN, active, without a remote socket is an error", "[tcp][9293-OPEN-CLOSED-3]") {
    machine<> a;
    CHECK(a.connection().open(1000, 0, tcp::sequence(99), now).error() == error::invalid_port);
    a.silent().is(state::closed).no_timer();
}

TEST_CASE("OPEN, active, in LISTEN: the SYN leaves from the port listened on", "[tcp][9293-OPEN-LISTEN-1]") {
    auto a = in(state::listen);
    CHECK(a.connection().open(1000, 0, tcp::sequence(99), now).error() == error::invalid_port);
    a.silent().is(state::listen);
    a.opens(500).is(state::syn_sent).answers(seg{.seq = 500, .syn = true}); // answers() knows the port
    a.gets(seg{.seq = 299, .ack = 501, .syn = true}).answers(seg{.seq = 501, .ack = 300}).is(state::established);
}

TEST_CASE("OPEN in every other state: the connection exists already", "[tcp][9293-OPEN-OTHER-1]") {
    for (auto const s : every_state) {
        if (s == state::closed || s == state::listen) continue;
        auto a = in(s);
        CHECK(a.connection().open(1000, 2000, tcp::sequence(7), now).error() == error::already_open);
        CHECK(a.connection().listen(1000, tcp::sequence(7)).error() == error::already_open);
        a.silent().is(s);
    }
}

TEST_CASE("SEND and RECEIVE without a connection say that there is none",
          "[tcp][9293-SEND-CLOSED-1][9293-RECV-CLOSED-1]") {
    in(state::closed).cannot_send(error::not_connected).cannot_read(error::not_connected).silent();
}

TEST_CASE("SEND in LISTEN needs a peer: with one given the SYN leaves, and the text after the handshake",
          "[tcp][9293-SEND-LISTEN-1]") {
    auto a = in(state::listen);
    a.cannot_send(error::not_connected).silent().is(state::listen);
    a.opens(500).queues(10).is(state::syn_sent).answers(seg{.seq = 500, .syn = true}).silent();
    a.gets(seg{.seq = 299, .ack = 501, .syn = true}).answers(seg{.seq = 501, .ack = 300, .data = 10}).loses();
}

TEST_CASE("SEND before the connection is established: the text waits until it is", "[tcp][9293-SEND-SYN-1]") {
    SECTION("in SYN-SENT") {
        auto a = in(state::syn_sent);
        a.sends(10).silent();
        a.gets(seg{.seq = 299, .ack = 100, .syn = true});
        a.answers(seg{.seq = 100, .ack = 300, .data = 10, .first_octet = 0});
    }
    SECTION("in SYN-RECEIVED") {
        auto a = in(state::syn_received);
        a.sends(10).silent();
        a.gets(seg{.seq = 300, .ack = 100}).answers(seg{.seq = 100, .ack = 300, .data = 10, .first_octet = 0});
    }
    SECTION("more than there is room for is not taken") {
        auto a = in(state::syn_sent);
        std::vector<std::byte> const text(10000);
        CHECK(a.connection().send(text, now) == 8192u);
        CHECK(a.connection().send(text, now) == 0u);
    }
}

TEST_CASE("SEND in ESTABLISHED and CLOSE-WAIT: segments that acknowledge what has come", "[tcp][9293-SEND-ESTAB-1]") {
    auto a = in(state::established);
    a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    auto b = in(state::close_wait);
    b.sends(10).answers(seg{.seq = 100, .ack = 301, .data = 10});
    b.gets(seg{.seq = 301, .ack = 110}).silent();
    std::vector<std::byte> const text(10000);
    CHECK(b.connection().send(text, b.now()) == 8192u);
    CHECK(b.connection().send(text, b.now()) == 0u); // no room
    b.loses();
}

TEST_CASE("SEND after CLOSE is refused, and nothing leaves", "[tcp][9293-SEND-CLOSING-1]") {
    for (auto const s : {state::fin_wait_1, state::fin_wait_2, state::closing, state::last_ack, state::time_wait}) {
        in(s).cannot_send(error::closing).silent().is(s);
    }
}

TEST_CASE("RECEIVE before the connection is established waits for what comes", "[tcp][9293-RECV-SYN-1]") {
    auto a = in(state::listen);
    a.cannot_read(error::would_block);
    a.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true}).is(state::syn_received);
    a.cannot_read(error::would_block);
    a.gets(seg{.seq = 300, .ack = 100, .data = 5}).answers(seg{.seq = 100, .ack = 305}).reads(5);
    auto b = in(state::syn_sent);
    b.cannot_read(error::would_block);
    b.gets(seg{.seq = 299, .ack = 100, .syn = true}).answers(seg{.seq = 100, .ack = 300});
    b.gets(seg{.seq = 300, .ack = 100, .data = 5}).answers(seg{.seq = 100, .ack = 305}).reads(5);
}

TEST_CASE("RECEIVE in ESTABLISHED, FIN-WAIT-1 and FIN-WAIT-2: what has come in order, or wait",
          "[tcp][9293-RECV-ESTAB-1]") {
    for (auto const s : {state::established, state::fin_wait_1, state::fin_wait_2}) {
        auto a = in(s);
        auto const sent = a.connection().info().send_next.value();
        a.cannot_read(error::would_block);
        a.gets(seg{.seq = 305, .ack = 100, .data = 5, .first_octet = 5}).answers(seg{.seq = sent, .ack = 300});
        a.cannot_read(error::would_block);
        a.gets(seg{.seq = 300, .ack = 100, .data = 5, .urgent = 10}).answers(seg{.seq = sent, .ack = 310});
        CHECK(a.connection().urgent_pending());
        a.reads(4, 4).reads(6).cannot_read(error::would_block).is(s);
    }
}

TEST_CASE("RECEIVE in CLOSE-WAIT: what is left, then the end", "[tcp][9293-RECV-CLOSEWAIT-1]") {
    auto a = in(state::established);
    a.gets(seg{.seq = 300, .ack = 100, .fin = true, .data = 10}).answers(seg{.seq = 100, .ack = 311});
    a.is(state::close_wait).reads(4, 4).reads(6).cannot_read(error::end_of_stream).cannot_read(error::end_of_stream);
}

TEST_CASE("RECEIVE in CLOSING, LAST-ACK and TIME-WAIT: the end", "[tcp][9293-RECV-CLOSING-1]") {
    for (auto const s : {state::closing, state::last_ack, state::time_wait}) in(s).cannot_read(error::end_of_stream);
}

TEST_CASE("the user learns whether the peer has closed or aborted", "[tcp][9293-MUST-12]") {
    auto a = in(state::established);
    a.gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.seq = 100, .ack = 301});
    a.cannot_read(error::end_of_stream).failed(error::none);
    auto b = in(state::established);
    b.gets(seg{.seq = 300, .ack = 100, .rst = true}).silent().cannot_read(error::reset).failed(error::reset);
}

TEST_CASE("CLOSE without a connection says that there is none", "[tcp][9293-CLOSE-CLOSED-1]") {
    in(state::closed).cannot_close(error::not_connected).silent();
}

TEST_CASE("CLOSE in SYN-SENT: nothing need be said", "[tcp][9293-3.10.4]") {
    auto a = in(state::syn_sent);
    a.sends(10).closes().silent().is(state::closed).no_timer().finished();
    a.cannot_send(error::not_connected).cannot_read(error::not_connected);
}

TEST_CASE("CLOSE in ESTABLISHED: the FIN follows all that was sent before", "[tcp][9293-CLOSE-ESTAB-1]") {
    auto a = established<>(100, 300, 1000, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(1500).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.closes().is(state::fin_wait_1).silent();
    a.gets(seg{.seq = 300, .ack = 1100, .window = 1000});
    a.answers(seg{.seq = 1100, .ack = 300, .fin = true, .data = 500});
    a.gets(seg{.seq = 300, .ack = 1601}).silent().is(state::fin_wait_2);
}

TEST_CASE("CLOSE again never makes a second FIN", "[tcp][9293-CLOSE-FINWAIT-1]") {
    auto a = in(state::fin_wait_1);
    a.cannot_close(error::closing).silent().is(state::fin_wait_1);
    a.times_out().answers(seg{.seq = 100, .ack = 300, .fin = true}); // the same one
    auto b = in(state::fin_wait_2);
    b.cannot_close(error::closing).silent().is(state::fin_wait_2).no_timer();
}

TEST_CASE("CLOSE in CLOSING, LAST-ACK and TIME-WAIT is refused", "[tcp][9293-CLOSE-CLOSING-1]") {
    for (auto const s : {state::closing, state::last_ack, state::time_wait}) {
        in(s).cannot_close(error::closing).silent().is(s);
    }
}

TEST_CASE("CLOSE ends one direction only: what was sent before arrives before the FIN, a mebibyte still comes",
          "[tcp][9293-CLOSE-1]") {
    auto a = established<roomy>(100, 300, 2000, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(3000).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.answers(seg{.seq = 1100, .ack = 300, .data = 1000}).closes();
    a.gets(seg{.seq = 300, .ack = 2100, .window = 2000});
    a.answers(seg{.seq = 2100, .ack = 300, .fin = true, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 3101, .window = 2000}).is(state::fin_wait_2);
    std::uint32_t at = 300;
    for (; at < 300 + (1 << 20); at += 1024) {
        a.gets(seg{.seq = at, .ack = 3101, .data = 1024, .first_octet = 0}).answers(seg{.seq = 3101, .ack = at + 1024});
        a.reads(1024);
    }
    a.gets(seg{.seq = at, .ack = 3101, .fin = true}).answers(seg{.seq = 3101, .ack = at + 1}).is(state::time_wait);
}

TEST_CASE("ABORT without a connection says that there is none", "[tcp][9293-ABORT-CLOSED-1]") {
    auto a = in(state::closed);
    CHECK(a.connection().abort(now) == error::not_connected);
    a.silent().is(state::closed).failed(error::none);
}

TEST_CASE("ABORT in LISTEN and SYN-SENT: waiting calls are told, no segment leaves",
          "[tcp][9293-ABORT-LISTEN-1][9293-ABORT-SYNSENT-1]") {
    for (auto const s : {state::listen, state::syn_sent}) {
        auto a = in(s);
        a.aborts().silent().is(state::closed).no_timer().finished().cannot_read(error::reset).cannot_send(error::reset);
    }
}

TEST_CASE("ABORT where the peer has a connection: one RST with SND.NXT, and nothing is left",
          "[tcp][9293-ABORT-SYNC-1]") {
    for (auto const s :
         {state::syn_received, state::established, state::fin_wait_1, state::fin_wait_2, state::close_wait}) {
        auto a = in(s);
        if (s == state::established || s == state::close_wait) a.sends(20).loses().sends(5000);
        auto const next = a.connection().info().send_next.value();
        CHECK(a.connection().abort(a.now()) == error::none);
        a.is(state::closed).answers(seg{.seq = next, .rst = true}).silent().no_timer().finished();
        CHECK(a.connection().unacknowledged() == 0);
        CHECK(a.connection().unread() == 0);
        a.cannot_read(error::reset);
    }
}

TEST_CASE("ABORT in CLOSING, LAST-ACK and TIME-WAIT: CLOSED without a RST", "[tcp][9293-ABORT-CLOSING-1]") {
    for (auto const s : {state::closing, state::last_ack, state::time_wait}) {
        in(s).aborts().silent().is(state::closed).no_timer().finished();
    }
}

TEST_CASE("STATUS tells the state and the numbers in every state", "[tcp][9293-STATUS-1]") {
    std::vector<std::string_view> names;
    for (auto const s : every_state) {
        auto a = in(s);
        auto const told = a.connection().info();
        CHECK(told.current == s);
        names.push_back(name_of(told.current));
        if (s == state::closed) {
            a.cannot_send(error::not_connected); // "connection does not exist"
        } else if (s != state::listen) {
            bool const finished =
                s != state::syn_sent && s != state::syn_received && s != state::established && s != state::close_wait;
            CHECK(told.send_next == tcp::sequence(finished ? 101 : 100));
        }
    }
    std::sort(names.begin(), names.end());
    CHECK(std::unique(names.begin(), names.end()) == names.end());
    CHECK(names.size() == 11);
}
