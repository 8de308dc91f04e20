// Traces of the whole machine, side by side with the RFC that prescribes them: figures 6 to 13 of RFC 9293, forged
// segments (RFC 5961), TIME-WAIT (RFC 9293, 6191), PAWS (RFC 7323), half-close, abort, zero window, wrap-around.
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

// RST ends TIME-WAIT (section 3.10.7.4), which the defaults leave out for RFC 1337.
struct to_the_letter : plain {
    static constexpr bool ignore_resets_in_time_wait = false;
};

struct stamped : plain {
    using timestamps = tcp::use_timestamps;
};

} // namespace

TEST_CASE("figure 6: the three-way handshake, and data after it",
          "[tcp][scenario:fig6-3whs][9293-3.5][9293-SEG-SYNSENT-5]") {
    machine<> a;
    a.opens(100).answers(seg{.seq = 100, .syn = true}).is(state::syn_sent);
    a.gets(seg{.seq = 300, .ack = 101, .syn = true}).answers(seg{.seq = 101, .ack = 301}).is(state::established);
    a.sends(10).answers(seg{.seq = 101, .ack = 301, .data = 10, .psh = true});
    a.gets(seg{.seq = 301, .ack = 111}).silent().is(state::established).no_timer();

    machine<> b;
    b.listens(300).is(state::listen);
    b.gets(seg{.seq = 100, .syn = true}).answers(seg{.seq = 300, .ack = 101, .syn = true}).is(state::syn_received);
    b.gets(seg{.seq = 101, .ack = 301}).silent().is(state::established);
    b.gets(seg{.seq = 101, .ack = 301, .data = 10}).answers(seg{.seq = 301, .ack = 111}).reads(10);
}

TEST_CASE("figure 7: simultaneous open",
          "[tcp][scenario:fig7-simultaneous-open][9293-MUST-10][9293-3.5][9293-SEG-SYNSENT-6]") {
    machine<> a;
    a.opens(100).answers(seg{.seq = 100, .syn = true});
    a.gets(seg{.seq = 300, .syn = true}).answers(seg{.seq = 100, .ack = 301, .syn = true}).is(state::syn_received);

    SECTION("line 6: the crossing SYN,ACK establishes") {
        a.gets(seg{.seq = 300, .ack = 101, .syn = true}).silent().is(state::established).no_timer();
    }
    SECTION("the other outcome that is legal on the wire: an ACK establishes") {
        a.gets(seg{.seq = 301, .ack = 101}).silent().is(state::established).no_timer();
    }
    SECTION("data with the crossing SYN,ACK is taken") {
        a.gets(seg{.seq = 300, .ack = 101, .syn = true, .data = 5}).answers(seg{.seq = 101, .ack = 306}).reads(5);
    }

    machine<> b;
    b.opens(300).answers(seg{.seq = 300, .syn = true});
    b.gets(seg{.seq = 100, .syn = true}).answers(seg{.seq = 300, .ack = 101, .syn = true}).is(state::syn_received);
    b.gets(seg{.seq = 100, .ack = 301, .syn = true}).silent().is(state::established);
}

TEST_CASE("figure 8: an old duplicate SYN is undone by a RST", "[tcp][scenario:fig8-old-duplicate-syn][9293-3.5]") {
    machine<> a;
    a.opens(100).answers(seg{.seq = 100, .syn = true});
    a.gets(seg{.seq = 300, .ack = 91, .syn = true}).answers(seg{.seq = 91, .rst = true}).is(state::syn_sent);
    a.gets(seg{.seq = 400, .ack = 101, .syn = true}).answers(seg{.seq = 101, .ack = 401}).is(state::established);

    machine<> b;
    b.listens(300);
    b.gets(seg{.seq = 90, .syn = true}).answers(seg{.seq = 300, .ack = 91, .syn = true}).is(state::syn_received);
    b.gets(seg{.seq = 91, .rst = true}).silent().is(state::listen).no_timer();
    b.next_isn(400).gets(seg{.seq = 100, .syn = true}).answers(seg{.seq = 400, .ack = 101, .syn = true});
    b.gets(seg{.seq = 101, .ack = 401}).silent().is(state::established);
}

TEST_CASE("figure 9: a half-open connection is discovered", "[tcp][scenario:fig9-half-open][9293-3.5.1][5961-4.2]") {
    auto b = established(300, 100);
    b.gets(seg{.seq = 400, .syn = true}).answers(seg{.seq = 300, .ack = 100}).is(state::established);

    machine<> a;
    a.opens(400).answers(seg{.seq = 400, .syn = true});
    a.gets(seg{.seq = 300, .ack = 100}).answers(seg{.seq = 100, .rst = true}).is(state::syn_sent);

    b.gets(seg{.seq = 100, .rst = true}).silent().is(state::closed).failed(error::reset).cannot_read(error::reset);
    b.cannot_send(error::reset);
    b.listens(500).is(state::listen);
}

TEST_CASE("figure 10: the active side causes the discovery", "[tcp][scenario:fig10-active-side][9293-3.5.1]") {
    auto b = established(300, 100);
    b.sends(10).answers(seg{.seq = 300, .ack = 100, .data = 10});
    auto const answer = reset_for(seg{.seq = 300, .ack = 100, .data = 10});
    REQUIRE(answer);
    CHECK(fits(*answer, seg{.seq = 100, .rst = true}));
    b.gets(seg{.seq = 100, .rst = true}).silent().is(state::closed).failed(error::reset);
}

TEST_CASE("figure 11: an old duplicate SYN between two listeners", "[tcp][scenario:fig11-two-listeners][9293-3.5.1]") {
    machine<> b;
    b.listens(9000);
    b.gets(seg{.seq = 7000, .syn = true}).answers(seg{.seq = 9000, .ack = 7001, .syn = true});
    machine<> a;
    a.listens(1);
    a.gets(seg{.seq = 9000, .ack = 7001, .syn = true}).answers(seg{.seq = 7001, .rst = true}).is(state::listen);
    b.gets(seg{.seq = 7001, .rst = true}).silent().is(state::listen);
}

TEST_CASE("figure 12: normal close",
          "[tcp][scenario:fig12-normal-close][9293-3.6][9293-MUST-13][9293-SEG-FINWAIT1-1][9293-SEG-FINWAIT2-2]"
          "[9293-TMO-TIMEWAIT]") {
    auto a = established(100, 300);
    a.closes().answers(seg{.seq = 100, .ack = 300, .fin = true}).is(state::fin_wait_1);
    a.gets(seg{.seq = 300, .ack = 101}).silent().is(state::fin_wait_2);
    a.gets(seg{.seq = 300, .ack = 101, .fin = true}).answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
    a.cannot_read(error::end_of_stream);
    a.times_out(seconds(60)).silent().is(state::closed).no_timer().finished();

    auto b = established(300, 100);
    b.gets(seg{.seq = 100, .ack = 300, .fin = true}).answers(seg{.seq = 300, .ack = 101}).is(state::close_wait);
    b.cannot_read(error::end_of_stream);
    b.closes().is(state::last_ack).answers(seg{.seq = 300, .ack = 101, .fin = true});
    b.gets(seg{.seq = 101, .ack = 301}).silent().is(state::closed).failed(error::none).no_timer().finished();
}

TEST_CASE("figure 13: simultaneous close",
          "[tcp][scenario:fig13-simultaneous-close][9293-3.6][9293-SEG-FINWAIT1-3][9293-SEG-CLOSING-1]") {
    auto a = established(100, 300);
    a.closes().answers(seg{.seq = 100, .ack = 300, .fin = true});
    a.gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.seq = 101, .ack = 301}).is(state::closing);
    a.gets(seg{.seq = 301, .ack = 101}).silent().is(state::time_wait);
    a.times_out(seconds(60)).is(state::closed);

    auto b = established(300, 100);
    b.closes().answers(seg{.seq = 300, .ack = 100, .fin = true});
    b.gets(seg{.seq = 100, .ack = 300, .fin = true}).answers(seg{.seq = 301, .ack = 101}).is(state::closing);
    b.gets(seg{.seq = 101, .ack = 301}).silent().is(state::time_wait);
    b.times_out(seconds(60)).is(state::closed);
}

TEST_CASE("half-close: the other direction goes on", "[tcp][scenario:half-close-data][9293-3.6][9293-SEG-FINWAIT1-4]") {
    auto a = established(100, 300);
    a.closes().answers(seg{.seq = 100, .ack = 300, .fin = true});
    a.gets(seg{.seq = 300, .ack = 101}).silent().is(state::fin_wait_2);
    a.gets(seg{.seq = 300, .ack = 101, .data = 50}).answers(seg{.seq = 101, .ack = 350}).is(state::fin_wait_2);
    a.reads(50).cannot_send(error::closing).cannot_close(error::closing);
    a.gets(seg{.seq = 350, .ack = 101, .fin = true}).answers(seg{.seq = 101, .ack = 351}).is(state::time_wait);

    auto b = established(300, 100);
    b.gets(seg{.seq = 100, .ack = 300, .fin = true}).answers(seg{.seq = 300, .ack = 101}).is(state::close_wait);
    b.sends(50).answers(seg{.seq = 300, .ack = 101, .data = 50}).is(state::close_wait);
    b.gets(seg{.seq = 101, .ack = 350}).silent();
    b.closes().answers(seg{.seq = 350, .ack = 101, .fin = true}).is(state::last_ack);
    b.gets(seg{.seq = 101, .ack = 351}).silent().is(state::closed);
}

TEST_CASE("a close of three segments", "[tcp][scenario:three-segment-close][9293-3.3.2]") {
    auto a = established(100, 300);
    a.closes().answers(seg{.seq = 100, .ack = 300, .fin = true});
    a.gets(seg{.seq = 300, .ack = 101, .fin = true}).answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
}

TEST_CASE("a RST counts only with the exact number",
          "[tcp][scenario:blind-rst][5961-3.2][9293-SEG-SYNC-5][9293-SEG-SYNC-6][9293-SEG-SYNC-7][5961-1]") {
    auto a = established(100, 300);
    a.gets(seg{.seq = 300 + 9000, .rst = true}).silent().is(state::established);
    a.gets(seg{.seq = 310, .rst = true}).answers(seg{.seq = 100, .ack = 300}).is(state::established);
    a.gets(seg{.seq = 299, .rst = true}).silent().is(state::established);
    a.gets(seg{.seq = 300, .rst = true}).silent().is(state::closed).failed(error::reset);
}

TEST_CASE("a SYN draws a challenge ACK wherever it lies", "[tcp][scenario:blind-syn][5961-4.2]") {
    auto a = established(100, 300);
    a.gets(seg{.seq = 310, .syn = true}).answers(seg{.seq = 100, .ack = 300}).is(state::established);
    a.gets(seg{.seq = 300, .syn = true}).answers(seg{.seq = 100, .ack = 300}).is(state::established);
    a.gets(seg{.seq = 70000, .syn = true}).answers(seg{.seq = 100, .ack = 300}).is(state::established);
}

TEST_CASE("data with an acknowledgment far outside draws a challenge ACK",
          "[tcp][scenario:blind-data][5961-5.2][9293-MAY-12][9293-SEG-SYNC-10][5961-5][9293-SEG-ESTAB-3]") {
    auto a = established(100000, 300);
    a.gets(seg{.seq = 300, .ack = 100000 - 8193, .data = 5}).answers(seg{.seq = 100000, .ack = 300});
    a.gets(seg{.seq = 300, .ack = 100000 - 8192, .data = 5}).answers(seg{.seq = 100000, .ack = 305});
    a.gets(seg{.seq = 305, .ack = 100001, .data = 5}).answers(seg{.seq = 100000, .ack = 305}).reads(5);
}

TEST_CASE("challenge ACKs are limited", "[tcp][5961-7.][5961-6]") {
    auto a = established(100, 300);
    for (int i = 0; i < 10; ++i) a.gets(seg{.seq = 310, .rst = true}).answers(seg{.seq = 100, .ack = 300});
    a.gets(seg{.seq = 310, .rst = true}).silent().waits(seconds(5));
    a.gets(seg{.seq = 310, .rst = true}).answers(seg{.seq = 100, .ack = 300});
}

TEST_CASE("a SYN to a port where nobody listens is refused",
          "[tcp][scenario:refused][9293-3.10.7.1][9293-SEG-SYNSENT-3]") {
    auto const answer = reset_for(seg{.seq = 100, .syn = true});
    REQUIRE(answer);
    CHECK(fits(*answer, seg{.seq = 0, .ack = 101, .rst = true}));
    CHECK(!reset_for(seg{.seq = 100, .rst = true}));
    CHECK(!reset_for(seg{.seq = 100, .ack = 5, .rst = true}));

    machine<> a;
    a.opens(100).answers(seg{.seq = 100, .syn = true});
    a.gets(seg{.seq = 0, .ack = 101, .rst = true}).silent().is(state::closed).failed(error::refused).no_timer();
    a.cannot_read(error::refused).cannot_send(error::refused);
}

TEST_CASE("forged segments in SYN-SENT", "[tcp][scenario:syn-sent-forgeries][9293-3.10.7.3]") {
    machine<> a;
    a.opens(100).answers(seg{.seq = 100, .syn = true});
    a.gets(seg{.seq = 5, .rst = true}).silent().is(state::syn_sent);
    a.gets(seg{.seq = 5, .ack = 100, .rst = true}).silent().is(state::syn_sent);
    a.gets(seg{.seq = 5, .ack = 102, .syn = true}).answers(seg{.seq = 102, .rst = true}).is(state::syn_sent);
    a.gets(seg{.seq = 5, .ack = 101}).silent().is(state::syn_sent);
    a.gets(seg{.seq = 5, .ack = 101, .fin = true}).silent().is(state::syn_sent);
}

TEST_CASE("RST in SYN-RECEIVED: back to LISTEN, or refused",
          "[tcp][scenario:syn-received-rst][9293-3.10.7.4][9293-MUST-11][9293-SEG-SYNRCVD-1]"
          "[9293-SEG-SYNRCVD-2][9293-SEG-SYNRCVD-5]") {
    machine<> a;
    a.listens(100);
    a.gets(seg{.seq = 700, .syn = true}).answers(seg{.seq = 100, .ack = 701, .syn = true});
    a.gets(seg{.seq = 700, .syn = true}).answers(seg{.seq = 100, .ack = 701, .syn = true}).is(state::syn_received);
    a.gets(seg{.seq = 701, .ack = 200}).answers(seg{.seq = 200, .rst = true}).is(state::syn_received);
    a.gets(seg{.seq = 701, .rst = true}).silent().is(state::listen);

    machine<> b;
    b.opens(300).answers(seg{.seq = 300, .syn = true});
    b.gets(seg{.seq = 900, .syn = true}).answers(seg{.seq = 300, .ack = 901, .syn = true}).is(state::syn_received);
    b.gets(seg{.seq = 901, .rst = true}).silent().is(state::closed).failed(error::refused);
}

TEST_CASE("CLOSE in SYN-RECEIVED",
          "[tcp][scenario:close-in-syn-received][9293-3.10.4][9293-CLOSE-SYNRCVD-1][9293-CLOSE-SYNRCVD-2]") {
    machine<> a;
    a.listens(100);
    a.gets(seg{.seq = 700, .syn = true}).answers(seg{.seq = 100, .ack = 701, .syn = true});
    SECTION("with nothing queued the FIN leaves at once") {
        a.closes().answers(seg{.seq = 101, .ack = 701, .fin = true}).is(state::fin_wait_1);
        a.gets(seg{.seq = 701, .ack = 102}).silent().is(state::fin_wait_2);
        a.gets(seg{.seq = 701, .ack = 102, .fin = true}).answers(seg{.seq = 102, .ack = 702}).is(state::time_wait);
    }
    SECTION("with data queued it waits for ESTABLISHED") {
        a.sends(10).closes().silent().is(state::syn_received);
        a.gets(seg{.seq = 701, .ack = 101}).is(state::fin_wait_1);
        a.answers(seg{.seq = 101, .ack = 701, .fin = true, .data = 10});
    }
}

TEST_CASE("a FIN takes effect when everything before it is there",
          "[tcp][scenario:data-and-fin][9293-3.10.7.4][9293-SHLD-31][9293-SEG-FIN-2]") {
    auto a = established(100, 300);
    a.gets(seg{.seq = 310, .ack = 100, .fin = true, .data = 5, .first_octet = 10});
    a.answers(seg{.seq = 100, .ack = 300}).is(state::established);
    // What lay beyond the gap has been kept, the FIN too: nothing needs to be sent again.
    a.gets(seg{.seq = 300, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 316}).is(state::close_wait);
    a.gets(seg{.seq = 310, .ack = 100, .fin = true, .data = 5}).answers(seg{.seq = 100, .ack = 316});
    a.reads(15).cannot_read(error::end_of_stream);
}

TEST_CASE("TIME-WAIT: the peer's FIN again starts 2 MSL anew",
          "[tcp][scenario:time-wait-fin][9293-3.10.7.4][9293-SEG-TIMEWAIT-1][9293-SEG-TIMEWAIT-2]") {
    auto a = in(state::time_wait);
    a.waits(seconds(40));
    a.gets(seg{.seq = 300, .ack = 101, .fin = true}).answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
    a.waits(seconds(40)).is(state::time_wait);
    a.gets(seg{.seq = 250, .ack = 101, .data = 10}).answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
    a.times_out(seconds(20)).is(state::closed);
    auto b = in<to_the_letter>(state::time_wait);
    b.gets(seg{.seq = 301, .rst = true}).silent().is(state::closed).failed(error::none);
}

TEST_CASE("TIME-WAIT: which SYN may begin a new connection", "[tcp][6191-2.][9293-MAY-2]") {
    // The machine says whether; the listener does it.
    auto const replaced = [](auto& m, seg const& syn) {
        auto const octets = octets_of(syn);
        return m.connection().may_be_replaced_by(*parse<tcp::header>(bytes_view(octets)));
    };
    SECTION("without timestamps: a later number") {
        auto a = in(state::time_wait);
        CHECK(replaced(a, seg{.seq = 400, .syn = true}));
        CHECK(!replaced(a, seg{.seq = 200, .syn = true}));
        CHECK(!replaced(a, seg{.seq = 200, .syn = true, .ts = seg::stamp{1, 0}})); // it would protect nobody here
        auto b = in<stamped>(state::time_wait);                                    // here it would
        CHECK(replaced(b, seg{.seq = 200, .syn = true, .ts = seg::stamp{1, 0}}));
        CHECK(!replaced(a, seg{.seq = 400, .ack = 1, .syn = true}));
        CHECK(!replaced(a, seg{.seq = 400, .syn = true, .rst = true}));
        CHECK(!replaced(a, seg{.seq = 400}));
    }
    SECTION("with timestamps: a later one, or the same and a later number") {
        auto a = established<stamped>(100, 300, 8192, {}, seg{.ts = seg::stamp{1000, 1}});
        CHECK(!replaced(a, seg{.seq = 400, .syn = true, .ts = seg::stamp{2000, 0}}));
        a.closes().answers(seg{.seq = 100, .ack = 300, .fin = true});
        a.gets(seg{.seq = 300, .ack = 101, .fin = true, .ts = seg::stamp{1000, 1}});
        a.answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
        CHECK(replaced(a, seg{.seq = 10, .syn = true, .ts = seg::stamp{1001, 0}}));
        CHECK(replaced(a, seg{.seq = 302, .syn = true, .ts = seg::stamp{1000, 0}}));
        CHECK(!replaced(a, seg{.seq = 200, .syn = true, .ts = seg::stamp{1000, 0}}));
        CHECK(!replaced(a, seg{.seq = 400, .syn = true, .ts = seg::stamp{999, 0}}));
        CHECK(replaced(a, seg{.seq = 400, .syn = true}));
        CHECK(!replaced(a, seg{.seq = 200, .syn = true}));
    }
}

namespace {

// What the owner of a connection in TIME-WAIT does with a SYN: the listener takes it if the connection makes way.
template <class Policies>
void begins_anew(machine<Policies> old, seg const& syn) {
    auto const octets = octets_of(syn);
    REQUIRE(old.connection().may_be_replaced_by(*parse<tcp::header>(bytes_view(octets))));
    machine<Policies> next;
    next.listens(5000).gets(syn).answers(seg{.seq = 5000, .ack = *syn.seq + 1, .syn = true}).is(state::syn_received);
}

template <class Policies>
void stays(machine<Policies> old, seg const& syn) {
    auto const octets = octets_of(syn);
    CHECK(!old.connection().may_be_replaced_by(*parse<tcp::header>(bytes_view(octets))));
    // RFC 6191 would have it dropped; a challenge ACK tells an honest peer more (RFC 5961 section 4.2).
    old.gets(syn).answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
}

machine<stamped> time_wait_with_timestamps() {
    auto a = established<stamped>(100, 300, 8192, {}, seg{.ts = seg::stamp{1000, 1}});
    a.closes().answers(seg{.seq = 100, .ack = 300, .fin = true});
    a.gets(seg{.seq = 300, .ack = 101, .fin = true, .ts = seg::stamp{1000, 1}});
    a.answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
    return a;
}

seg syn_with(std::uint32_t number, std::uint32_t stamp) {
    return {.seq = number, .syn = true, .ts = seg::stamp{stamp, 0}};
}

} // namespace

TEST_CASE("TIME-WAIT: a later timestamp begins anew", "[tcp][scenario:time-wait-reuse-ts-newer]") {
    begins_anew(time_wait_with_timestamps(), syn_with(10, 1001));
}

TEST_CASE("TIME-WAIT: the same timestamp and a later number begin anew",
          "[tcp][scenario:time-wait-reuse-ts-equal-seq-high]") {
    begins_anew(time_wait_with_timestamps(), syn_with(302, 1000));
}

TEST_CASE("TIME-WAIT: the same timestamp and an earlier number do not",
          "[tcp][scenario:time-wait-reuse-ts-equal-seq-low]") {
    stays(time_wait_with_timestamps(), syn_with(200, 1000));
}

TEST_CASE("TIME-WAIT: an earlier timestamp does not", "[tcp][scenario:time-wait-reuse-ts-older]") {
    stays(time_wait_with_timestamps(), syn_with(400, 999));
}

TEST_CASE("TIME-WAIT: without timestamps a later number begins anew",
          "[tcp][scenario:time-wait-reuse-no-ts-seq-high]") {
    begins_anew(in(state::time_wait), seg{.seq = 400, .syn = true});
}

TEST_CASE("TIME-WAIT: without timestamps an earlier number does not", "[tcp][scenario:time-wait-reuse-no-ts-seq-low]") {
    stays(in(state::time_wait), seg{.seq = 200, .syn = true});
}

TEST_CASE("TIME-WAIT: timestamps where there were none begin anew", "[tcp][scenario:time-wait-reuse-old-none-new-ts]") {
    begins_anew(in<stamped>(state::time_wait), syn_with(200, 1));
}

TEST_CASE("TIME-WAIT: a later number begins anew where timestamps have gone",
          "[tcp][scenario:time-wait-reuse-old-ts-new-none-high]") {
    begins_anew(time_wait_with_timestamps(), seg{.seq = 400, .syn = true});
}

TEST_CASE("PAWS: what is older than the last timestamp is dropped, but RST counts",
          "[tcp][scenario:paws][7323-5.3][7323-15]") {
    auto a = established<stamped>(100, 300, 8192, {}, seg{.ts = seg::stamp{1000, 1}});
    a.gets(seg{.seq = 300, .ack = 100, .data = 5, .ts = seg::stamp{999, 1}}).answers(seg{.seq = 100, .ack = 300});
    a.gets(seg{.seq = 300, .ack = 100, .data = 5}).silent().cannot_read(error::would_block);
    a.gets(seg{.seq = 300, .ack = 100, .data = 5, .ts = seg::stamp{1000, 1}}).answers(seg{.seq = 100, .ack = 305});
    a.gets(seg{.seq = 305, .rst = true}).silent().is(state::closed).failed(error::reset);
}

TEST_CASE("ABORT sends a RST that the peer believes", "[tcp][scenario:abort][9293-3.10.5]") {
    auto a = established(100, 300);
    a.aborts().is(state::closed);
    CHECK(!a.connection().finished());
    a.answers(seg{.seq = 100, .rst = true}).finished().cannot_read(error::reset);
    auto b = established(300, 100);
    b.gets(seg{.seq = 100, .rst = true}).silent().is(state::closed).failed(error::reset);
}

TEST_CASE("a zero window: text is dropped, ACK and RST count",
          "[tcp][scenario:zero-window][9293-MUST-66][9293-3.4][9293-SEG-SYNC-3]") {
    struct tiny : plain {
        using receive_storage = inline_storage<16>;
    };
    auto a = established<tiny>(100, 300);
    a.sends(3).answers(seg{.seq = 100, .ack = 300, .data = 3});
    a.gets(seg{.seq = 300, .ack = 100, .data = 16}).answers(seg{.seq = 103, .ack = 316, .window = std::uint16_t{0}});
    a.gets(seg{.seq = 316, .ack = 103, .data = 5}).answers(seg{.seq = 103, .ack = 316}).no_timer();
    a.gets(seg{.seq = 316, .rst = true}).silent().is(state::closed);
}

TEST_CASE("sequence numbers go round during the handshake and in data", "[tcp][scenario:wrap][9293-3.4][9293-SEQ-1]") {
    machine<> a;
    a.opens(4294967295).answers(seg{.seq = 4294967295, .syn = true});
    a.gets(seg{.seq = 4294967294, .ack = 0, .syn = true}).answers(seg{.seq = 0, .ack = 4294967295});
    a.sends(10).answers(seg{.seq = 0, .ack = 4294967295, .data = 10});
    a.gets(seg{.seq = 4294967295, .ack = 10, .data = 3}).answers(seg{.seq = 10, .ack = 2}).reads(3).no_timer();

    machine<> b;
    b.listens(4294967294);
    b.gets(seg{.seq = 4294967295, .syn = true}).answers(seg{.seq = 4294967294, .ack = 0, .syn = true});
    b.gets(seg{.seq = 0, .ack = 4294967295}).silent().is(state::established);
    b.gets(seg{.seq = 0, .ack = 4294967295, .data = 10}).answers(seg{.seq = 4294967295, .ack = 10}).reads(10);
    b.sends(3).answers(seg{.seq = 4294967295, .ack = 10, .data = 3});
}
