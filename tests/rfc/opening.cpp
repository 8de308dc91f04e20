// A segment in CLOSED, LISTEN and SYN-SENT, and what answers one that belongs to no connection: RFC 9293 sections
// 3.5.2 and 3.10.7.1 to 3.10.7.3.
#include "unit/machine/trace.hpp"

#include <plywire/machine/reset.hpp>

using namespace trace;

namespace {

// What a host answers for a connection that it does not know.
std::optional<seg> reset_for(seg const& s) {
    auto const octets = octets_of(s);
    std::array<std::byte, 64> slot{};
    auto const size = tcp::write_reset_for(*parse<tcp::header>(bytes_view(octets)), slot, internet_sum());
    if (size == 0) return {};
    return read(*parse<tcp::header>(bytes_view(slot).first(size)));
}

bool is_answered(seg const& s, seg const& wanted) {
    auto const answer = reset_for(s);
    return answer && fits(*answer, wanted) && answer->seq == wanted.seq;
}

} // namespace

TEST_CASE("no connection: a RST is dropped", "[tcp][9293-SEG-CLOSED-1][9293-RST-1]") {
    CHECK(!reset_for(seg{.seq = 100, .rst = true}));
    CHECK(!reset_for(seg{.seq = 100, .ack = 5, .rst = true}));
    CHECK(!reset_for(seg{.seq = 100, .ack = 5, .syn = true, .fin = true, .rst = true, .data = 5}));
}

TEST_CASE("no connection: what acknowledges nothing is acknowledged by the RST", "[tcp][9293-SEG-CLOSED-2]") {
    CHECK(is_answered(seg{.seq = 100, .syn = true}, seg{.seq = 0, .ack = 101, .rst = true}));
    CHECK(is_answered(seg{.seq = 100, .syn = true, .data = 7}, seg{.seq = 0, .ack = 108, .rst = true}));
    CHECK(is_answered(seg{.seq = 0xffff'fffe, .syn = true, .fin = true, .data = 7},
                      seg{.seq = 0, .ack = 7, .rst = true}));
    CHECK(is_answered(seg{.seq = 100, .data = 7}, seg{.seq = 0, .ack = 107, .rst = true}));
    CHECK(is_answered(seg{.seq = 100}, seg{.seq = 0, .ack = 100, .rst = true}));
}

TEST_CASE("no connection: what acknowledges something is answered with that number", "[tcp][9293-SEG-CLOSED-3]") {
    CHECK(is_answered(seg{.seq = 100, .ack = 777}, seg{.seq = 777, .rst = true}));
    CHECK(is_answered(seg{.seq = 100, .ack = 777, .data = 9}, seg{.seq = 777, .rst = true}));
    CHECK(is_answered(seg{.seq = 100, .ack = 777, .syn = true}, seg{.seq = 777, .rst = true}));
    CHECK(is_answered(seg{.seq = 100, .ack = 777, .fin = true}, seg{.seq = 777, .rst = true}));
}

TEST_CASE("the numbers of a RST are those that the other end will believe", "[tcp][9293-RST-2]") {
    // To a closed port.
    CHECK(is_answered(seg{.seq = 100, .syn = true}, seg{.seq = 0, .ack = 101, .rst = true}));
    CHECK(is_answered(seg{.seq = 100, .ack = 50, .data = 9}, seg{.seq = 50, .rst = true}));
    CHECK(is_answered(seg{.seq = 100, .ack = 50, .fin = true}, seg{.seq = 50, .rst = true}));
    CHECK(is_answered(seg{.seq = 100, .fin = true}, seg{.seq = 0, .ack = 101, .rst = true}));
    // Before a connection is synchronized.
    in(state::listen).gets(seg{.seq = 300, .ack = 50}).answers(seg{.seq = 50, .rst = true});
    in(state::syn_sent).gets(seg{.seq = 300, .ack = 50}).answers(seg{.seq = 50, .rst = true});
    in(state::syn_received).gets(seg{.seq = 300, .ack = 50}).answers(seg{.seq = 50, .rst = true});
}

TEST_CASE("LISTEN: a RST is passed over, before anything else", "[tcp][9293-SEG-LISTEN-1][9293-RST-1]") {
    auto a = in(state::listen);
    a.gets(seg{.seq = 300, .rst = true}).silent().is(state::listen);
    a.gets(seg{.seq = 300, .ack = 5, .rst = true}).silent().is(state::listen);
    a.gets(seg{.seq = 300, .syn = true, .rst = true}).silent().is(state::listen);
    a.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true});
}

TEST_CASE("LISTEN: an ACK draws a RST with its number", "[tcp][9293-SEG-LISTEN-2]") {
    auto a = in(state::listen);
    a.gets(seg{.seq = 300, .ack = 777}).answers(seg{.seq = 777, .rst = true}).is(state::listen);
    a.gets(seg{.seq = 300, .ack = 778, .syn = true}).answers(seg{.seq = 778, .rst = true}).is(state::listen);
    a.gets(seg{.seq = 300, .ack = 779, .fin = true, .data = 3}).answers(seg{.seq = 779, .rst = true});
    a.silent().is(state::listen);
}

TEST_CASE("LISTEN: a SYN is answered by SYN,ACK", "[tcp][9293-SEG-LISTEN-3]") {
    auto a = in(state::listen);
    a.gets(seg{.seq = 299, .syn = true, .window = 1234}).is(state::syn_received);
    CHECK(a.connection().remote_port() == 2000);
    a.answers(seg{.seq = 99, .ack = 300, .syn = true}).silent();
    auto const told = a.connection().info();
    CHECK(told.receive_next == tcp::sequence(300));
    CHECK(told.send_next == tcp::sequence(100));
    CHECK(told.send_unacknowledged == tcp::sequence(99));
    CHECK(told.send_window == 1234);
}

TEST_CASE("LISTEN: text and FIN that come with the SYN are delivered when they come again after the handshake",
          "[tcp][9293-SEG-LISTEN-4][9293-DATA-SYN-1]") {
    auto a = in(state::listen);
    a.gets(seg{.seq = 299, .syn = true, .fin = true, .data = 10});
    a.answers(seg{.seq = 99, .ack = 300, .syn = true}).is(state::syn_received).cannot_read(error::would_block);
    a.gets(seg{.seq = 300, .ack = 100}).silent().is(state::established).cannot_read(error::would_block);
    a.gets(seg{.seq = 300, .ack = 100, .fin = true, .data = 10}).answers(seg{.seq = 100, .ack = 311}).reads(10);
    a.is(state::close_wait).cannot_read(error::end_of_stream);
}

TEST_CASE("LISTEN: what has neither RST, ACK nor SYN is dropped", "[tcp][9293-SEG-LISTEN-5]") {
    auto a = in(state::listen);
    a.gets(seg{.seq = 300, .fin = true}).silent().is(state::listen);
    a.gets(seg{.seq = 300}).silent().is(state::listen);
    a.gets(seg{.seq = 300, .data = 10}).silent().is(state::listen);
}

TEST_CASE("SYN-SENT: an ACK of anything but our SYN draws a RST with its number", "[tcp][9293-SEG-SYNSENT-1]") {
    for (std::uint32_t const number : {98u, 99u, 101u, 0x7fff'ffffu, 0x8000'0063u}) {
        auto a = in(state::syn_sent);
        a.gets(seg{.seq = 299, .ack = number, .syn = true}).answers(seg{.seq = number, .rst = true}).silent();
        a.is(state::syn_sent);
        a.gets(seg{.seq = 299, .ack = number}).answers(seg{.seq = number, .rst = true}).silent().is(state::syn_sent);
        a.gets(seg{.seq = 299, .ack = 100, .syn = true}).answers(seg{.seq = 100, .ack = 300}).is(state::established);
    }
}

TEST_CASE("SYN-SENT: a RST counts only with an ACK of our SYN",
          "[tcp][9293-SEG-SYNSENT-2][9293-SEG-SYNSENT-3][9293-SEG-SYNSENT-4][5961-2]") {
    auto a = in(state::syn_sent);
    for (std::uint32_t const number : {98u, 99u, 101u, 0x8000'0063u}) {
        a.gets(seg{.seq = 0, .ack = number, .rst = true}).silent().is(state::syn_sent);
    }
    a.gets(seg{.seq = 0, .rst = true}).silent().is(state::syn_sent);
    a.gets(seg{.seq = 299, .syn = true, .rst = true}).silent().is(state::syn_sent);
    a.gets(seg{.seq = 77, .ack = 100, .rst = true}).silent().is(state::closed).no_timer().finished();
    a.failed(error::refused).cannot_read(error::refused).cannot_send(error::refused);
}

TEST_CASE("SYN-SENT: SYN,ACK establishes, and is acknowledged together with what is queued",
          "[tcp][9293-SEG-SYNSENT-5]") {
    auto a = in(state::syn_sent);
    a.gets(seg{.seq = 299, .ack = 100, .syn = true, .window = 777}).is(state::established);
    auto const told = a.connection().info();
    CHECK(told.receive_next == tcp::sequence(300));
    CHECK(told.send_unacknowledged == tcp::sequence(100));
    CHECK(told.send_window == 777);
    a.answers(seg{.seq = 100, .ack = 300}).silent().no_timer();
    auto b = in(state::syn_sent);
    b.sends(5).gets(seg{.seq = 299, .ack = 100, .syn = true}).answers(seg{.seq = 100, .ack = 300, .data = 5}).silent();
}

TEST_CASE("SYN-SENT: a SYN without ACK is a simultaneous open", "[tcp][9293-SEG-SYNSENT-6][9293-MUST-10]") {
    auto a = in(state::syn_sent);
    a.gets(seg{.seq = 299, .syn = true, .window = 777}).is(state::syn_received);
    CHECK(a.connection().info().send_window == 777);
    a.answers(seg{.seq = 99, .ack = 300, .syn = true}).silent();
    a.gets(seg{.seq = 300, .ack = 100, .window = 778}).silent().is(state::established).no_timer();
    CHECK(a.connection().info().send_window == 778);
}

TEST_CASE("SYN-SENT: text and FIN that come with the SYN,ACK are taken at once, those with a SYN come again",
          "[tcp][9293-SEG-SYNSENT-7]") {
    auto a = in(state::syn_sent);
    a.gets(seg{.seq = 299, .ack = 100, .syn = true, .fin = true, .data = 5}).answers(seg{.seq = 100, .ack = 306});
    a.is(state::close_wait).reads(5).cannot_read(error::end_of_stream);
    auto b = in(state::syn_sent);
    b.gets(seg{.seq = 299, .syn = true, .data = 5}).answers(seg{.seq = 99, .ack = 300, .syn = true});
    b.cannot_read(error::would_block).gets(seg{.seq = 300, .ack = 100, .data = 5});
    b.answers(seg{.seq = 100, .ack = 305}).reads(5);
}

TEST_CASE("SYN-SENT: what has neither SYN nor RST is dropped", "[tcp][9293-SEG-SYNSENT-8]") {
    auto a = in(state::syn_sent);
    a.gets(seg{.seq = 300, .ack = 100, .data = 5}).silent().is(state::syn_sent);
    a.gets(seg{.seq = 300, .ack = 100, .fin = true}).silent().is(state::syn_sent);
    a.gets(seg{.seq = 300, .data = 5}).silent().is(state::syn_sent);
    a.gets(seg{.seq = 300}).silent().is(state::syn_sent);
    CHECK(a.connection().info().send_unacknowledged == tcp::sequence(99));
}
