// Windows, Nagle, retransmission, recovery, probing: what leaves, and when.
#include "unit/machine/trace.hpp"

#include <plywire/machine/no_congestion_control.hpp>

using namespace trace;

namespace {

struct large : plain {
    using send_storage = inline_storage<65536>;
    using receive_storage = inline_storage<65536>;
};

struct sacking : large {
    static constexpr bool selective_acknowledgments = true;
};

struct uncontrolled : large {
    using congestion_control = tcp::no_congestion_control;
};

// Segments of 1000 octets, and a window of `window`.
template <class Policies = large>
machine<Policies> with_window(std::uint16_t window, bool no_delay = false) {
    return established<Policies>(100, 300, window, {.maximum_segment_size = 1000, .no_delay = no_delay},
                                 seg{.mss = 1000});
}

} // namespace

TEST_CASE("the peer's window and slow start bound what is in flight", "[tcp][9293-3.8.6][5681-3.1]") {
    SECTION("the peer's window") {
        auto a = with_window(3000);
        a.sends(5000);
        a.answers(seg{.seq = 100, .ack = 300, .data = 1000}).answers(seg{.seq = 1100, .ack = 300, .data = 1000});
        a.answers(seg{.seq = 2100, .ack = 300, .data = 1000, .psh = false});
        a.gets(seg{.seq = 300, .ack = 1100, .window = 3000}).answers(seg{.seq = 3100, .ack = 300, .data = 1000});
        a.gets(seg{.seq = 300, .ack = 1100, .window = 4000});
        a.answers(seg{.seq = 4100, .ack = 300, .data = 1000, .psh = true});
        a.gets(seg{.seq = 300, .ack = 5100, .window = 4000}).no_timer();
    }
    SECTION("slow start: ten segments first, then two more for each acknowledged one") {
        auto a = with_window(60000);
        a.sends(40000);
        for (std::uint32_t i = 0; i < 10; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
        a.gets(seg{.seq = 300, .ack = 1100, .window = 60000});
        a.answers(seg{.seq = 10100, .ack = 300, .data = 1000}).answers(seg{.seq = 11100, .ack = 300, .data = 1000});
        a.gets(seg{.seq = 300, .ack = 3100, .window = 60000}); // a delayed ACK: one segment of growth
        for (std::uint32_t i = 0; i < 3; ++i) a.answers(seg{.seq = 12100 + 1000 * i, .ack = 300, .data = 1000});
        a.silent().loses();
    }
}

TEST_CASE("an old segment does not change the window", "[tcp][9293-3.10.7.4][9293-SEG-ESTAB-4]") {
    auto a = with_window(3000);
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .window = 4000}).loses();
    a.gets(seg{.seq = 310, .ack = 100, .data = 10, .window = 5000}).loses();
    CHECK(a.connection().info().send_window == 5000);
    // Overtaken by the one before: it has new text, but what it says about the window is old.
    a.gets(seg{.seq = 300, .ack = 100, .data = 30, .window = 1}).answers(seg{.seq = 100, .ack = 330});
    CHECK(a.connection().info().send_window == 5000);
    // The same number: the later acknowledgment counts.
    a.sends(2000).loses();
    a.gets(seg{.seq = 330, .ack = 2100, .window = 6000}).silent();
    a.gets(seg{.seq = 330, .ack = 1100, .window = 7000}).silent();
    CHECK(a.connection().info().send_window == 6000);
}

TEST_CASE("Nagle: one short segment at a time", "[tcp][9293-3.7.4][9293-SHLD-7]") {
    auto a = with_window(8000);
    a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    a.sends(10).silent().sends(10).silent();
    a.gets(seg{.seq = 300, .ack = 110}).answers(seg{.seq = 110, .ack = 300, .data = 20, .psh = true});
    // A full segment need not wait; what is left over does.
    a.sends(1500).answers(seg{.seq = 130, .ack = 300, .data = 1000, .psh = false}).silent();
    a.gets(seg{.seq = 300, .ack = 130}).silent();
    a.gets(seg{.seq = 300, .ack = 1130}).answers(seg{.seq = 1130, .ack = 300, .data = 500});
    // CLOSE flushes.
    a.sends(10).silent().closes().answers(seg{.seq = 1630, .ack = 300, .fin = true, .data = 10}).loses();
}

TEST_CASE("Nagle can be switched off", "[tcp][9293-MUST-17]") {
    auto a = with_window(8000, true);
    a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    a.sends(10).answers(seg{.seq = 110, .ack = 300, .data = 10});
    a.connection().set_no_delay(false, a.now());
    a.sends(10).silent();
    a.connection().set_no_delay(true, a.now());
    a.answers(seg{.seq = 120, .ack = 300, .data = 10}).loses();
}

TEST_CASE("the sender does not chop data up for a silly window", "[tcp][9293-3.8.6.2.1][9293-MUST-38]") {
    auto a = with_window(4000);
    a.sends(4000);
    for (std::uint32_t i = 0; i < 4; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
    a.sends(3000).silent();
    a.gets(seg{.seq = 300, .ack = 2100, .window = 2010}).silent(); // room for 10 octets
    a.gets(seg{.seq = 300, .ack = 4100, .window = 900}).silent();  // less than a segment, less than half the window
    // The override time-out keeps it from waiting for ever.
    a.times_out(milliseconds(500)).answers(seg{.seq = 4100, .ack = 300, .data = 900});
    a.gets(seg{.seq = 300, .ack = 5000, .window = 4000}).answers(seg{.seq = 5000, .ack = 300, .data = 1000}).loses();
}

TEST_CASE("a lost segment is sent again when the timer runs out, ever later", "[tcp][6298-11][9293-TMO-RTX]") {
    auto a = with_window(60000);
    a.sends(3000);
    a.answers(seg{.seq = 100, .ack = 300, .data = 1000}).answers(seg{.seq = 1100, .ack = 300, .data = 1000});
    a.answers(seg{.seq = 2100, .ack = 300, .data = 1000});
    a.times_out(seconds(1)).answers(seg{.seq = 100, .ack = 300, .data = 1000, .first_octet = 0}).silent();
    CHECK(a.connection().info().congestion_window == 1000);
    CHECK(a.connection().info().slow_start_threshold == 2000);
    a.times_out(seconds(2)).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.times_out(seconds(4)).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    CHECK(a.connection().info().slow_start_threshold == 2000);
    // What follows counts as lost too, until an acknowledgment says otherwise.
    a.gets(seg{.seq = 300, .ack = 1100, .window = 60000}).answers(seg{.seq = 1100, .ack = 300, .data = 1000});
    a.answers(seg{.seq = 2100, .ack = 300, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 3100, .window = 60000}).silent().no_timer();
    CHECK(a.connection().info().retransmissions == 5);
}

TEST_CASE("an acknowledgment from before the time-out skips what has arrived", "[tcp][6298-5.]") {
    auto a = with_window(60000);
    a.sends(3000).loses();
    a.times_out().answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 3100, .window = 60000}).silent().no_timer();
}

TEST_CASE("a peer that does not answer is given up", "[tcp][9293-SHLD-11]") {
    auto a = with_window(60000);
    a.sends(10).loses();
    auto const begin = a.now();
    while (a.connection().current_state() == state::established) a.times_out().loses();
    a.is(state::closed).failed(error::timed_out).cannot_read(error::timed_out).no_timer();
    CHECK(a.now() - begin == minutes(5));
}

TEST_CASE("the FIN is retransmitted like data", "[tcp][9293-3.6]") {
    auto a = with_window(60000);
    a.sends(10).also_closes().answers(seg{.seq = 100, .ack = 300, .fin = true, .data = 10});
    a.times_out(seconds(1)).answers(seg{.seq = 100, .ack = 300, .fin = true, .data = 10});
    a.gets(seg{.seq = 300, .ack = 110, .window = 60000}).silent();
    a.times_out().answers(seg{.seq = 110, .ack = 300, .fin = true});
    a.gets(seg{.seq = 300, .ack = 111, .window = 60000}).silent().is(state::fin_wait_2).no_timer();
}

TEST_CASE("CLOSE in CLOSE-WAIT with data queued: LAST-ACK begins with the FIN",
          "[tcp][9293-3.10.4][9293-CLOSE-CLOSEWAIT-1]") {
    auto a = with_window(1000);
    a.gets(seg{.seq = 300, .ack = 100, .fin = true, .window = 1000}).answers(seg{.seq = 100, .ack = 301});
    a.sends(1500).answers(seg{.seq = 100, .ack = 301, .data = 1000});
    a.closes().silent().is(state::close_wait).cannot_send(error::closing).cannot_close(error::closing);
    a.gets(seg{.seq = 301, .ack = 1100, .window = 1000});
    a.answers(seg{.seq = 1100, .ack = 301, .fin = true, .data = 500}).is(state::last_ack);
    a.gets(seg{.seq = 301, .ack = 1601, .window = 1000}).silent().is(state::closed).failed(error::none);
}

TEST_CASE("three duplicate ACKs: fast retransmit and fast recovery", "[tcp][5681-3.2][6582-3.2]") {
    auto a = with_window(60000);
    a.sends(20000);
    for (std::uint32_t i = 0; i < 10; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
    seg const duplicate{.seq = 300, .ack = 100, .window = 60000};
    a.gets(duplicate).silent().gets(duplicate).silent();
    a.gets(duplicate).answers(seg{.seq = 100, .ack = 300, .data = 1000, .first_octet = 0}).silent();
    CHECK(a.connection().info().in_recovery);
    CHECK(a.connection().info().slow_start_threshold == 5000);
    // Each further duplicate is a segment that has left the network: from the eleventh on new data may go.
    a.gets(duplicate).gets(duplicate).silent(); // window 5 + 5: the flight of ten fills it
    a.gets(duplicate).answers(seg{.seq = 10100, .ack = 300, .data = 1000}).silent();

    SECTION("a full acknowledgment ends it") {
        a.gets(seg{.seq = 300, .ack = 11100, .window = 60000});
        CHECK(!a.connection().info().in_recovery);
        a.answers(seg{.seq = 11100, .ack = 300, .data = 1000}).answers(seg{.seq = 12100, .ack = 300, .data = 1000});
        a.silent();
    }
    SECTION("a partial acknowledgment retransmits the next hole at once") {
        a.gets(seg{.seq = 300, .ack = 3100, .window = 60000});
        a.answers(seg{.seq = 3100, .ack = 300, .data = 1000});
        CHECK(a.connection().info().in_recovery);
        a.loses();
        a.gets(seg{.seq = 300, .ack = 10100, .window = 60000});
        CHECK(!a.connection().info().in_recovery);
        a.loses();
    }
    SECTION("a time-out ends it with one segment") {
        a.times_out().answers(seg{.seq = 100, .ack = 300, .data = 1000}).silent();
        CHECK(!a.connection().info().in_recovery);
        CHECK(a.connection().info().congestion_window == 1000);
    }
}

TEST_CASE("a FIN that the window has held back does not leave with a retransmission", "[tcp][5681-3.2]") {
    auto a = with_window(4000);
    a.sends(4000).loses().closes().silent().is(state::fin_wait_1);
    for (int i = 0; i < 3; ++i) a.gets(seg{.seq = 300, .ack = 3100, .window = 1000}); // the first moves SND.UNA
    a.gets(seg{.seq = 300, .ack = 3100, .window = 1000}).answers(seg{.seq = 3100, .ack = 300, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 4100, .window = 1000}).answers(seg{.seq = 4100, .ack = 300, .fin = true}).loses();
}

TEST_CASE("what is not a duplicate ACK does not count as one", "[tcp][5681-2.]") {
    auto a = with_window(60000);
    a.sends(5000).loses();
    for (int i = 0; i < 5; ++i) {
        std::uint32_t const at = 300 + static_cast<std::uint32_t>(i);
        a.gets(seg{.seq = at, .ack = 100, .data = 1, .window = 60000}).loses();
        a.gets(seg{.seq = at + 1, .ack = 100, .window = static_cast<std::uint16_t>(50000 + i)}).silent();
    }
    CHECK(!a.connection().info().in_recovery);
}

TEST_CASE("an ACK that reports a gap is a duplicate though its window differs", "[tcp][6675-2.]") {
    auto a =
        established<sacking>(100, 300, 60000, {.maximum_segment_size = 1000}, seg{.mss = 1000, .sack_permitted = true});
    a.sends(5000).loses();
    seg duplicate{.seq = 300, .ack = 100, .window = 50000, .sack = {{1100, 2100}}};
    SECTION("beyond the acknowledgment") {
        a.gets(duplicate).silent();
        duplicate.window = 50001;
        a.gets(duplicate).silent();
        duplicate.window = 50002;
        a.gets(duplicate).answers(seg{.seq = 100, .ack = 300, .data = 1000}).loses();
    }
    SECTION("a block before it reports a duplicate of ours: no loss") {
        duplicate.sack = {{50, 100}};
        for (std::uint16_t i = 0; i < 5; ++i) {
            duplicate.window = static_cast<std::uint16_t>(50000 + i);
            a.gets(duplicate).silent();
        }
    }
}

TEST_CASE("a zero window is probed, ever later, for as long as the probes are answered",
          "[tcp][9293-MUST-36][9293-MUST-37][9293-SHLD-29][9293-SHLD-30]") {
    auto a = with_window(1000);
    a.sends(3000).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 1100, .window = 0}).silent();
    for (int const wait : {1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60}) {
        a.times_out(seconds(wait)).answers(seg{.seq = 1100, .ack = 300, .data = 1});
        a.gets(seg{.seq = 300, .ack = 1100, .window = 0}).silent().is(state::established);
    }
    SECTION("the window opens: everything from the probe on is sent") {
        a.gets(seg{.seq = 300, .ack = 1100, .window = 4000}).answers(seg{.seq = 1100, .ack = 300, .data = 1000});
        a.answers(seg{.seq = 2100, .ack = 300, .data = 1000});
        a.gets(seg{.seq = 300, .ack = 3100, .window = 4000}).silent().no_timer();
    }
    SECTION("the probe is taken") {
        a.times_out().answers(seg{.seq = 1100, .ack = 300, .data = 1});
        a.gets(seg{.seq = 300, .ack = 1101, .window = 0}).silent();
        a.times_out().answers(seg{.seq = 1101, .ack = 300, .data = 1});
        a.gets(seg{.seq = 300, .ack = 1102, .window = 4000}).answers(seg{.seq = 1102, .ack = 300, .data = 1000});
        a.gets(seg{.seq = 300, .ack = 2102, .window = 4000}).answers(seg{.seq = 2102, .ack = 300, .data = 998}).loses();
    }
    SECTION("nobody answers any more") {
        auto const begin = a.now();
        while (a.connection().current_state() == state::established) a.times_out().loses();
        a.failed(error::timed_out);
        CHECK(a.now() - begin == minutes(5));
    }
}

TEST_CASE("a FIN waits for the window, and is probed with", "[tcp][9293-3.8.6.1]") {
    auto a = with_window(1000);
    a.sends(1000).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 1100, .window = 0}).closes().silent().is(state::fin_wait_1);
    a.times_out().answers(seg{.seq = 1100, .ack = 300, .fin = true});
    a.gets(seg{.seq = 300, .ack = 1101, .window = 0}).silent().is(state::fin_wait_2).no_timer();
}

TEST_CASE("a window that closes over data in flight", "[tcp][9293-SHLD-16][9293-3.8.6]") {
    auto a = with_window(4000);
    a.sends(3000).loses();
    a.gets(seg{.seq = 300, .ack = 1100, .window = 0}).silent();
    // The timer: two segments are in flight, but the peer has no room. One octet asks.
    a.times_out().answers(seg{.seq = 1100, .ack = 300, .data = 1});
    a.gets(seg{.seq = 300, .ack = 1100, .window = 4000}).answers(seg{.seq = 1100, .ack = 300, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 3100, .window = 4000}).silent().no_timer();
}

TEST_CASE("the round trip is measured by data sent once only", "[tcp][6298-6]") {
    auto a = with_window(60000);
    a.sends(1000).answers(seg{.seq = 100, .ack = 300, .data = 1000}).waits(milliseconds(400));
    a.gets(seg{.seq = 300, .ack = 1100, .window = 60000});
    auto const before = a.connection().info().smoothed_round_trip;
    CHECK(before > milliseconds(0));
    a.sends(1000).loses().times_out().loses().waits(milliseconds(500));
    a.gets(seg{.seq = 300, .ack = 2100, .window = 60000});
    CHECK(a.connection().info().smoothed_round_trip == before);
    // The backed-off time-out stays until something is measured.
    CHECK(a.connection().info().retransmission_timeout >= seconds(2));
    a.sends(1000).answers(seg{.seq = 2100, .ack = 300, .data = 1000}).waits(milliseconds(400));
    a.gets(seg{.seq = 300, .ack = 3100, .window = 60000});
    CHECK(a.connection().info().retransmission_timeout < seconds(2));
}

TEST_CASE("a segment that recovery sends again is not measured", "[tcp][6298-6]") {
    auto a = with_window(60000);
    a.sends(5000).loses();
    auto const before = a.connection().info().smoothed_round_trip;
    a.waits(milliseconds(400));
    for (int i = 0; i < 3; ++i) a.gets(seg{.seq = 300, .ack = 100, .window = 60000});
    a.answers(seg{.seq = 100, .ack = 300, .data = 1000}).waits(milliseconds(100));
    a.gets(seg{.seq = 300, .ack = 5100, .window = 60000});
    CHECK(a.connection().info().smoothed_round_trip == before);
}

TEST_CASE("with timestamps retransmitted segments are measured too", "[tcp][7323-4.1]") {
    struct stamped : large {
        using timestamps = tcp::use_timestamps;
    };
    auto a =
        established<stamped>(100, 300, 60000, {.maximum_segment_size = 1000}, seg{.mss = 1000, .ts = seg::stamp{5, 0}});
    a.sends(900).loses().times_out().loses();
    auto const sent_at = static_cast<std::uint32_t>(a.now().nanoseconds / 1'000'000);
    a.waits(milliseconds(300));
    a.gets(seg{.seq = 300, .ack = 1000, .window = 60000, .ts = seg::stamp{6, sent_at}}).loses();
    CHECK(a.connection().info().retransmission_timeout < seconds(2));
}

TEST_CASE("after a pause slow start begins anew", "[tcp][5681-4.1]") {
    auto a = with_window(60000);
    a.sends(10'000).loses();
    for (std::uint32_t i = 0; i < 19; ++i) {
        a.gets(seg{.seq = 300, .ack = 1100 + 1000 * i, .window = 60000}).sends(2'000).loses();
    }
    a.gets(seg{.seq = 300, .ack = 48'100, .window = 60000});
    CHECK(a.connection().info().congestion_window == 30000);
    a.waits(seconds(10)).sends(1000);
    CHECK(a.connection().info().congestion_window == 10000);
    a.loses();
}

TEST_CASE("a full send buffer takes no more, and says when it does again", "[tcp][9293-3.10.2]") {
    auto a = established(100, 300, 8192, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    std::vector<std::byte> text(10000);
    CHECK(a.connection().send(text, a.now()) == 8192u);
    CHECK(a.connection().send(text, a.now()) == 0u);
    CHECK(!a.connection().writable());
    a.loses();
    a.gets(seg{.seq = 300, .ack = 1100, .window = 8192});
    CHECK(a.connection().writable());
    CHECK(a.connection().send(text, a.now()) == 1000u);
    a.loses();
}

TEST_CASE("a slot that is too small changes nothing; a small one gets a small segment", "[tcp]") {
    auto a = with_window(8000, true);
    a.sends(1000);
    std::array<std::byte, 19> none{};
    CHECK(a.connection().emit(none, internet_sum(), a.now()) == 0);
    std::array<std::byte, 120> small{};
    CHECK(a.connection().emit(small, internet_sum(), a.now()) == 120);
    a.answers(seg{.seq = 200, .ack = 300, .data = 900, .psh = true}).loses();

    machine<> b;
    b.opens(99);
    CHECK(b.connection().emit(none, internet_sum(), b.now()) == 0);
    b.answers(seg{.seq = 99, .syn = true}).loses();
}

TEST_CASE("a device that grants nothing does not use up retransmissions", "[tcp]") {
    auto a = with_window(8000);
    a.sends(1000).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.times_out(seconds(1));
    for (int i = 0; i < 5; ++i) {
        a.now() = a.connection().deadline();
        a.connection().time_passes(a.now());
    }
    CHECK(a.connection().info().retransmission_timeout == seconds(2));
    a.answers(seg{.seq = 100, .ack = 300, .data = 1000});
    a.gets(seg{.seq = 300, .ack = 1100}).no_timer();
}

TEST_CASE("without congestion control only the peer's window counts", "[tcp]") {
    auto a = with_window<uncontrolled>(60000);
    a.sends(50000);
    for (std::uint32_t i = 0; i < 50; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
    a.silent();
}
