// When text leaves, in what pieces, and what is acknowledged when: RFC 9293 sections 3.7.4, 3.8.6 and 3.9.1.2.
#include "unit/machine/trace.hpp"

#include <algorithm>

using namespace trace;

namespace {

struct roomy : plain {
    using send_storage = inline_storage<65536>;
    using receive_storage = inline_storage<16384>;
};

struct delayed : roomy {
    using acknowledgment = tcp::delayed_acknowledgment;
};

// Segments of 1000 octets, and a window of `window`.
template <class Policies = roomy>
machine<Policies> with_window(std::uint16_t window) {
    return established<Policies>(100, 300, window, {.maximum_segment_size = 1000}, seg{.mss = 1000});
}

} // namespace

TEST_CASE("the last segment of what is queued is pushed, and no other", "[tcp][9293-MUST-61]") {
    auto a = with_window(60000);
    a.sends(2500).answers(seg{.seq = 100, .ack = 300, .data = 1000, .psh = false});
    a.answers(seg{.seq = 1100, .ack = 300, .data = 1000, .psh = false});
    a.gets(seg{.seq = 300, .ack = 2100, .window = 60000});
    a.answers(seg{.seq = 2100, .ack = 300, .data = 500, .psh = true});
    a.gets(seg{.seq = 300, .ack = 2600, .window = 60000});
    a.sends(1000).answers(seg{.seq = 2600, .ack = 300, .data = 1000, .psh = true}); // the next burst
    a.gets(seg{.seq = 300, .ack = 3600, .window = 60000});
    a.sends(1).answers(seg{.seq = 3600, .ack = 300, .data = 1, .psh = true}).loses();
}

TEST_CASE("what is written is not held back for ever, however little it is", "[tcp][9293-MUST-60]") {
    auto a = with_window(4000);
    a.sends(1).answers(seg{.seq = 100, .ack = 300, .data = 1}); // nothing in flight: at once
    a.sends(1).silent();                                        // Nagle: until the ACK comes
    SECTION("which it does") {
        a.gets(seg{.seq = 300, .ack = 101, .window = 4000}).answers(seg{.seq = 101, .ack = 300, .data = 1}).loses();
    }
    SECTION("which it does not: with the retransmission") {
        a.times_out(seconds(1)).answers(seg{.seq = 100, .ack = 300, .data = 2}).loses();
    }
    SECTION("in spite of a window that is silly: until the override time-out") {
        a.gets(seg{.seq = 300, .ack = 101, .window = 4000}).loses();
        a.sends(1000).answers(seg{.seq = 102, .ack = 300, .data = 1000});
        a.sends(1000).answers(seg{.seq = 1102, .ack = 300, .data = 1000});
        a.sends(500).gets(seg{.seq = 300, .ack = 2102, .window = 100}).silent();
        a.times_out(milliseconds(500)).answers(seg{.seq = 2102, .ack = 300, .data = 100}).loses();
    }
}

TEST_CASE("short writes that had to wait leave as one segment, as large as can be", "[tcp][9293-SHLD-27]") {
    auto a = with_window(8000);
    a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    for (int i = 0; i < 20; ++i) a.sends(10).silent();
    a.gets(seg{.seq = 300, .ack = 110}).answers(seg{.seq = 110, .ack = 300, .data = 200, .psh = true}).silent();
    for (int i = 0; i < 99; ++i) a.sends(10).silent();
    a.sends(20).answers(seg{.seq = 310, .ack = 300, .data = 1000}).silent().loses(); // as soon as a segment is full
}

TEST_CASE("all segments but the last are as large as can be", "[tcp][9293-SHLD-28]") {
    auto a = with_window(60000);
    for (int i = 0; i < 35; ++i) a.queues(333);
    std::uint32_t at = 100;
    while (auto const s = a.emitted()) {
        CHECK(s->seq == at);
        CHECK(s->data == std::min<std::uint32_t>(1000, 100 + 35 * 333 - at));
        at += static_cast<std::uint32_t>(s->data);
        a.also_gets(seg{.seq = 300, .ack = at, .window = 60000});
    }
    CHECK(at == 100 + 35 * 333);
}

TEST_CASE("short segments do not follow one another, pushed or not", "[tcp][9293-SHLD-7]") {
    auto a = with_window(8000);
    a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10, .psh = true});
    a.sends(10).silent();
    a.gets(seg{.seq = 300, .ack = 110}).answers(seg{.seq = 110, .ack = 300, .data = 10, .psh = true}).loses();
}

TEST_CASE("segments that are processed together are acknowledged together", "[tcp][9293-MUST-58]") {
    auto a = with_window<delayed>(8000);
    for (std::uint32_t i = 0; i < 10; ++i) {
        a.also_gets(
            seg{.seq = 300 + 1000 * i, .ack = 100, .data = 1000, .first_octet = static_cast<std::uint8_t>(1000 * i)});
    }
    a.answers(seg{.seq = 100, .ack = 10300}).silent().no_timer().reads(10000).loses();
}

TEST_CASE("what fills a gap is acknowledged together with all that waited behind it", "[tcp][9293-MUST-59]") {
    auto a = with_window<delayed>(8000);
    for (std::uint32_t i = 1; i < 5; ++i) {
        a.gets(seg{.seq = 300 + 100 * i, .ack = 100, .data = 100, .first_octet = static_cast<std::uint8_t>(100 * i)});
        a.answers(seg{.seq = 100, .ack = 300});
    }
    a.gets(seg{.seq = 300, .ack = 100, .data = 100}).answers(seg{.seq = 100, .ack = 800}).silent().no_timer();
    a.reads(500);
}

TEST_CASE("a delayed ACK leaves with the second full segment", "[tcp][9293-SHLD-19][9293-SHLD-18]") {
    auto a = with_window<delayed>(8000);
    for (std::uint32_t i = 0; i < 8; ++i) {
        a.gets(seg{.seq = 300 + 1000 * i, .ack = 100, .data = 1000, .first_octet = 0});
        if (i % 2 != 0) {
            a.answers(seg{.seq = 100, .ack = 1300 + 1000 * i});
        } else {
            a.silent();
        }
    }
}

TEST_CASE("a window that moves to the left stops new text; what is in flight is repeated inside the new one",
          "[tcp][9293-MUST-34][9293-SHLD-15][9293-SHLD-16]") {
    auto a = with_window(4000);
    a.sends(3000).loses().sends(2000).loses();                    // 100 to 4100 are in flight
    a.gets(seg{.seq = 300, .ack = 1100, .window = 500}).silent(); // the edge goes back from 4100 to 1600
    a.sends(5000).silent();
    for (int i = 0; i < 3; ++i) {
        a.times_out().answers(seg{.seq = 1100, .ack = 300, .data = 500, .first_octet = 1000 % 256}).silent();
    }
    CHECK(a.connection().info().send_next == tcp::sequence(4100));
    a.gets(seg{.seq = 300, .ack = 1600, .window = 500});
    a.answers(seg{.seq = 1600, .ack = 300, .data = 500, .first_octet = 1500 % 256}).silent();
    // It opens again: the rest follows, and then what is new.
    a.gets(seg{.seq = 300, .ack = 4100, .window = 4000}).answers(seg{.seq = 4100, .ack = 300, .data = 1000}).loses();
}

TEST_CASE("text beyond an edge that has moved to the left does not end the connection",
          "[tcp][9293-SHLD-17][9293-MUST-35]") {
    auto a = with_window(4000);
    a.sends(3000).loses();
    a.gets(seg{.seq = 300, .ack = 1100, .window = 0}).silent(); // the edge goes back from 4100 to 1100
    auto const begin = a.now();
    int probes = 0;
    while (a.now() - begin < hours(3)) {
        a.times_out().answers(seg{.seq = 1100, .ack = 300, .data = 1});
        a.gets(seg{.seq = 300, .ack = 1100, .window = 0}).silent().is(state::established);
        ++probes;
    }
    CHECK(probes > 100);
    a.gets(seg{.seq = 300, .ack = 1100, .window = 4000}).answers(seg{.seq = 1100, .ack = 300, .data = 1000}).loses();
}

TEST_CASE("a receiver whose application does not read keeps its window closed, and answers probes",
          "[tcp][9293-MAY-8]") {
    auto a = established();
    a.gets(seg{.seq = 300, .ack = 100, .data = 8192});
    a.answers(seg{.seq = 100, .ack = 8492, .window = std::uint16_t{0}});
    for (int i = 0; i < 200; ++i) {
        a.waits(minutes(1)).gets(seg{.seq = 8492, .ack = 100, .data = 1});
        a.answers(seg{.seq = 100, .ack = 8492, .window = std::uint16_t{0}}).no_timer().is(state::established);
    }
    a.reads(8192).answers(seg{.seq = 100, .ack = 8492, .window = std::uint16_t{8192}});
}
