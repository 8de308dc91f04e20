// What the two sides tell each other when they open, and opening when segments are lost.
#include "unit/machine/trace.hpp"

using namespace trace;

namespace {

struct modern : tcp::defaults {
    using acknowledgment = tcp::immediate_acknowledgment;
};

constexpr tcp::connection_settings large_buffers{
    .maximum_segment_size = 1400, .send_buffer = 1 << 20, .receive_buffer = 1 << 20, .timestamp_offset = 7};

// The machine's timestamp clock at the start of a trace: 1000 s, and the offset.
constexpr std::uint32_t start_of_clock = 1'000'007;

} // namespace

TEST_CASE("a SYN offers what the policies name", "[tcp][9293-MUST-14][7323-2.2][7323-3.2][2018-2.][7323-12]") {
    machine<modern> a(large_buffers);
    a.opens(99).answers(seg{.seq = 99,
                            .syn = true,
                            .window = std::uint16_t{65535},
                            .mss = 1400,
                            .shift = 5,
                            .sack_permitted = true,
                            .ts = seg::stamp{start_of_clock, 0}});
    machine<> b({.maximum_segment_size = 1400});
    b.opens(99).answers(seg{.seq = 99, .syn = true, .window = std::uint16_t{8192}, .mss = 1400});
    CHECK(!b.connection().info().timestamps);
}

TEST_CASE("a SYN,ACK agrees to what was offered and nothing else",
          "[tcp][7323-2.2][7323-3.2][2018-2.][7323-1][7323-8]") {
    machine<modern> a(large_buffers);
    a.listens(99);
    SECTION("everything") {
        a.gets(
            seg{.seq = 299, .syn = true, .mss = 1300, .shift = 2, .sack_permitted = true, .ts = seg::stamp{5000, 0}});
        a.answers(seg{.seq = 99,
                      .ack = 300,
                      .syn = true,
                      .mss = 1400,
                      .shift = 5,
                      .sack_permitted = true,
                      .ts = seg::stamp{start_of_clock, 5000}});
        a.gets(seg{.seq = 300, .ack = 100, .window = 1000, .ts = seg::stamp{5001, start_of_clock}});
        auto const info = a.connection().info();
        CHECK(info.send_window == 4000);
        CHECK(info.send_window_scale == 2);
        CHECK(info.receive_window_scale == 5);
        CHECK(info.timestamps);
        CHECK(info.selective_acknowledgments);
        CHECK(info.segment_size == 1300 - 12);
    }
    SECTION("nothing: a segment bears 536 octets") {
        a.gets(seg{.seq = 299, .syn = true});
        auto const answer = a.emitted();
        REQUIRE(answer);
        CHECK(!answer->shift);
        CHECK(!answer->ts);
        CHECK(!*answer->sack_permitted);
        a.gets(seg{.seq = 300, .ack = 100, .window = 1000});
        auto const info = a.connection().info();
        CHECK(info.send_window == 1000);
        CHECK(info.receive_window_scale == 0);
        CHECK(info.segment_size == 536);
    }
}

TEST_CASE("the SYN,ACK's window is not scaled, what follows is", "[tcp][7323-2.2][7323-3][7323-5]") {
    machine<modern> a(large_buffers);
    a.opens(99).loses();
    a.gets(seg{.seq = 299,
               .ack = 100,
               .syn = true,
               .window = 1000,
               .mss = 1400,
               .shift = 14,
               .ts = seg::stamp{5000, start_of_clock}});
    a.answers(
        seg{.seq = 100, .ack = 300, .window = std::uint16_t{(1 << 20) / 32}, .ts = seg::stamp{start_of_clock, 5000}});
    CHECK(a.connection().info().send_window == 1000);
    a.gets(seg{.seq = 300, .ack = 100, .window = 1000, .ts = seg::stamp{5000, start_of_clock}});
    CHECK(a.connection().info().send_window == 1000 << 14);
}

TEST_CASE("a shift above 14 counts as 14", "[tcp][7323-2.3][7323-4]") {
    machine<modern> a;
    a.listens(99);
    a.gets(seg{.seq = 299, .syn = true, .shift = 200}).loses();
    CHECK(a.connection().info().send_window_scale == 14);
}

TEST_CASE("an absurdly small MSS is not believed", "[tcp]") {
    machine<> a;
    a.listens(99);
    a.gets(seg{.seq = 299, .syn = true, .mss = 1}).loses();
    CHECK(a.connection().info().segment_size == tcp::smallest_segment_size);
}

TEST_CASE("a lost SYN is sent again, ever later, for three minutes", "[tcp][9293-MUST-23][6298-5.5]") {
    machine<> a;
    a.opens(99).answers(seg{.seq = 99, .syn = true});
    int waited = 0;
    for (int const wait : {1, 2, 4, 8, 16, 32, 60}) {
        a.times_out(seconds(wait)).answers(seg{.seq = 99, .syn = true});
        waited += wait;
    }
    a.times_out(seconds(180 - waited)).silent().is(state::closed).failed(error::timed_out).no_timer();
    a.cannot_read(error::timed_out).cannot_send(error::timed_out);
}

TEST_CASE("a lost SYN,ACK is sent again by the timer and by the SYN that comes again", "[tcp][9293-3.10.7.4][4987-4]") {
    machine<> a;
    a.listens(99);
    a.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true});
    a.times_out(seconds(1)).answers(seg{.seq = 99, .ack = 300, .syn = true});
    a.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true});
    a.gets(seg{.seq = 300, .ack = 100}).silent().is(state::established).no_timer();
    CHECK(a.connection().info().congestion_window == 536); // RFC 5681 section 3.1
    CHECK(a.connection().info().retransmission_timeout == seconds(3));
}

TEST_CASE("a passive open whose peer is gone ends", "[tcp][9293-MUST-23]") {
    machine<> a;
    a.listens(99);
    a.gets(seg{.seq = 299, .syn = true}).loses();
    while (a.connection().current_state() == state::syn_received) a.times_out().loses();
    a.is(state::closed).failed(error::timed_out);
    CHECK(a.now() - instant{seconds(1000).nanoseconds} == minutes(3));
}

TEST_CASE("data queued before the connection is established is sent when it is", "[tcp][9293-3.10.2]") {
    machine<> a;
    a.opens(99).answers(seg{.seq = 99, .syn = true}).sends(10).silent();
    a.gets(seg{.seq = 299, .ack = 100, .syn = true}).answers(seg{.seq = 100, .ack = 300, .data = 10});
}

TEST_CASE("data and FIN in the SYN,ACK are taken", "[tcp][9293-3.10.7.3][9293-SEG-SYNSENT-7]") {
    machine<> a;
    a.opens(99).answers(seg{.seq = 99, .syn = true});
    a.gets(seg{.seq = 299, .ack = 100, .syn = true, .fin = true, .data = 5});
    a.answers(seg{.seq = 100, .ack = 306}).is(state::close_wait).reads(5).cannot_read(error::end_of_stream);
}

TEST_CASE("a SYN in the window of a passive SYN-RECEIVED returns to LISTEN", "[tcp][9293-3.10.7.4]") {
    auto a = in(state::syn_received);
    a.gets(seg{.seq = 301, .syn = true}).silent().is(state::listen);
    // A CLOSE that was pending is forgotten with the connection.
    a.gets(seg{.seq = 299, .syn = true}).loses().sends(5).closes().is(state::syn_received);
    a.gets(seg{.seq = 300, .rst = true}).is(state::listen);
    a.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true});
    a.gets(seg{.seq = 300, .ack = 100}).silent().is(state::established);
}

TEST_CASE("user calls in the wrong state", "[tcp][9293-3.10.1][9293-MUST-41]") {
    tcp::connection<plain> c;
    instant const now{};
    std::array<std::byte, 1> octet{};
    CHECK(c.send(octet, now).error() == error::not_connected);
    CHECK(c.receive(octet, now).error() == error::not_connected);
    CHECK(c.close(now).error() == error::not_connected);
    CHECK(c.open(0, 1, {}, now).error() == error::invalid_port);
    CHECK(c.open(1, 0, {}, now).error() == error::invalid_port);
    CHECK(c.listen(0).error() == error::invalid_port);
    CHECK(c.finished());
    REQUIRE(c.listen(80));
    CHECK(c.listen(80).error() == error::already_open);
    CHECK(c.send(octet, now).error() == error::not_connected);
    CHECK(c.receive(octet, now).error() == error::would_block);
    CHECK(!c.writable());
    REQUIRE(c.open(80, 81, {}, now)); // LISTEN becomes an active open
    CHECK(c.current_state() == state::syn_sent);
    CHECK(c.open(80, 81, {}, now).error() == error::already_open);
    CHECK(c.close(now).has_value());
    CHECK(c.finished());
    CHECK(c.failure() == error::none);
}

TEST_CASE("a connection can be used again, and nothing of the old one is left", "[tcp]") {
    machine<modern> a(large_buffers);
    a.opens(99).loses();
    a.gets(seg{.seq = 299,
               .ack = 100,
               .syn = true,
               .shift = 3,
               .sack_permitted = true,
               .ts = seg::stamp{9000, start_of_clock}})
        .loses();
    a.sends(100).loses();
    a.also_gets(seg{.seq = 300, .rst = true, .ts = seg::stamp{9000, start_of_clock}}).is(state::closed);
    a.connection().configure(large_buffers);
    a.listens(5000);
    a.gets(seg{.seq = 10, .syn = true}).answers(seg{.seq = 5000, .ack = 11, .syn = true});
    a.gets(seg{.seq = 11, .ack = 5001}).silent().is(state::established).failed(error::none).no_timer();
    auto const info = a.connection().info();
    CHECK(!info.timestamps);
    CHECK(info.send_window_scale == 0);
    CHECK(info.unacknowledged == 0);
    CHECK(!a.connection().readable());
}
