// Recovery by SACK, packet by packet, and the scoreboard against one that remembers every octet.
#include "unit/machine/trace.hpp"

#include <plywire/base/random.hpp>
#include <plywire/machine/new_reno.hpp>
#include <plywire/machine/sack_recovery.hpp>

#include <algorithm>
#include <initializer_list>
#include <string_view>

using namespace trace;

namespace {

struct selective : plain {
    using recovery = tcp::sack_recovery;
    using send_storage = inline_storage<16384>;
    static constexpr bool selective_acknowledgments = true;
};

struct proportional : selective {
    using recovery = tcp::proportional_sack_recovery;
};

constexpr std::uint32_t smss = 400;
constexpr std::uint16_t room = 32000;
constexpr std::uint32_t base = 4100; // SND.UNA when twenty segments are on their way

constexpr std::uint32_t number(std::uint32_t segment) { return base + segment * smss; }

// An ACK of everything before a segment with blocks, each from one segment up to and not with another.
seg sack(std::uint32_t segment, std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> blocks) {
    seg s{.seq = 300, .ack = number(segment), .window = room};
    s.options = {1, 1, 5, static_cast<std::uint8_t>(2 + 8 * blocks.size())};
    for (auto const& [first, last] : blocks) {
        for (std::uint32_t const edge : {number(first), number(last)}) {
            for (int shift = 24; shift >= 0; shift -= 8) s.options.push_back(static_cast<std::uint8_t>(edge >> shift));
        }
    }
    return s;
}

seg segment(std::uint32_t n) { return {.seq = number(n), .ack = 300, .data = smss}; }

// cwnd is twenty segments, of which as many are on their way; twenty more wait.
template <class Policies = selective>
machine<Policies> twenty_on_their_way(bool permitted = true, std::uint32_t queued = 20) {
    auto m = established<Policies>(100, 300, room, {.maximum_segment_size = smss, .no_delay = true},
                                   seg{.mss = smss, .sack_permitted = permitted});
    // Ten leave at once, and two for each ACK.
    m.sends(30 * smss).loses();
    m.waits(milliseconds(100));
    for (std::uint32_t i = 1; i <= 10; ++i) m.gets(seg{.seq = 300, .ack = 100 + i * smss, .window = room}).loses();
    if (queued > 0) m.sends(queued * smss);
    m.silent().waits(milliseconds(100));
    CHECK(m.connection().info().congestion_window == 20 * smss);
    return m;
}

} // namespace

TEST_CASE("one loss among twenty: RFC 9937 section 8, figure 1, without proportional reduction",
          "[tcp][6675-1][6675-4][6675-6][6675-7][6675-11][3042-1][3042-2]") {
    auto m = twenty_on_their_way();
    // After each ACK: N something new, R the lost one again.
    std::string_view const sent = "NNR---------NNNNNNNNNN";
    std::uint32_t next = 20;
    for (std::uint32_t i = 1; i <= sent.size(); ++i) {
        INFO("ACK " << i);
        m.gets(i < 22 ? sack(0, {{1, i + 1}}) : sack(22, {}));
        if (sent[i - 1] == 'N') m.answers(segment(next++));
        if (sent[i - 1] == 'R') m.answers(segment(0));
        m.silent();
        if (i < 3) CHECK(m.connection().info().slow_start_threshold > 20 * smss);
        if (i >= 3) CHECK(m.connection().info().slow_start_threshold == 10 * smss);
    }
}

TEST_CASE("fifteen losses among twenty: RFC 9937 section 8, figure 2, without proportional reduction",
          "[tcp][6675-4][6675-5]") {
    auto m = twenty_on_their_way();
    m.gets(sack(0, {{15, 16}})).answers(segment(20));
    m.gets(sack(0, {{15, 17}})).answers(segment(21));
    m.gets(sack(0, {{15, 18}}));
    for (std::uint32_t i = 0; i < 6; ++i) m.answers(segment(i));
    m.silent();
    m.gets(sack(0, {{15, 19}})).answers(segment(6)).silent();
    m.gets(sack(0, {{15, 20}})).answers(segment(7)).silent();
}

TEST_CASE("one loss among twenty: RFC 9937 section 8, figure 1", "[tcp][9937-1][9937-2][9937-3][9937-5]") {
    auto m = twenty_on_their_way<proportional>();
    // By the text of section 6.2; the figure has the last but one a little earlier, as if it said "at least".
    std::string_view const sent = "NNR-N-N-N-N-N-N-N--NN";
    std::uint32_t next = 20;
    for (std::uint32_t i = 1; i <= sent.size(); ++i) {
        INFO("ACK " << i);
        m.gets(sack(0, {{1, i + 1}}));
        if (sent[i - 1] == 'N') m.answers(segment(next++));
        if (sent[i - 1] == 'R') m.answers(segment(0));
        m.silent();
    }
    m.gets(sack(22, {})).loses();
    CHECK(m.connection().info().congestion_window == 10 * smss);
}

TEST_CASE("fifteen losses among twenty: RFC 9937 section 8, figure 2", "[tcp][9937-4][9937-5][9937-8]") {
    auto m = twenty_on_their_way<proportional>();
    m.gets(sack(0, {{15, 16}})).answers(segment(20)).silent();
    m.gets(sack(0, {{15, 17}})).answers(segment(21)).silent();
    // What arrives is what leaves.
    for (std::uint32_t i = 0; i < 3; ++i) m.gets(sack(0, {{15, 18 + i}})).answers(segment(i)).silent();
    m.gets(sack(0, {{15, 20}})).silent(); // nothing new
    // A step forward without another loss: one more.
    m.waits(milliseconds(100)).gets(sack(1, {{15, 22}}));
    for (std::uint32_t i = 3; i < 7; ++i) m.answers(segment(i));
    m.silent();
}

TEST_CASE("after a time-out no reduction is left", "[tcp][9937-1]") {
    auto m = twenty_on_their_way<proportional>();
    m.gets(sack(0, {{1, 10}})).loses().times_out();
    m.answers(segment(0)).silent();
    CHECK(m.connection().info().congestion_window == smss);
    m.gets(sack(20, {})).loses(2);
}

TEST_CASE("duplicates without a new report mean nothing where SACK is spoken", "[tcp][3042-3][6675-2]") {
    auto m = twenty_on_their_way();
    for (int i = 0; i < 5; ++i) m.gets(seg{.seq = 300, .ack = base, .window = room}).silent();
    m.gets(sack(0, {{1, 2}})).answers(segment(20));
    for (int i = 0; i < 5; ++i) m.gets(sack(0, {{1, 2}})).silent();
    // A segment that bears text, and moves the window, reports as well as any.
    auto with_text = sack(0, {{1, 3}});
    with_text.data = 10;
    with_text.window = std::uint16_t{room - 100};
    m.gets(with_text).answers(seg{.seq = number(21), .ack = 310, .data = smss});
    auto third = sack(0, {{1, 4}});
    third.seq = 310;
    m.gets(third).answers(seg{.seq = number(0), .ack = 310, .data = smss}).reads(10);
}

TEST_CASE("three runs beyond it, or more than two segments, mean that a segment is lost", "[tcp][6675-3]") {
    SECTION("by runs, in one ACK") {
        auto m = twenty_on_their_way();
        m.gets(sack(0, {{1, 2}, {3, 4}, {5, 6}})).answers(segment(0)).loses();
        CHECK(m.connection().info().slow_start_threshold == 10 * smss);
    }
    SECTION("by octets, in one ACK") {
        auto m = twenty_on_their_way();
        m.gets(sack(0, {{1, 4}})).answers(segment(0)).loses();
    }
    SECTION("not by two segments") {
        auto m = twenty_on_their_way();
        m.gets(sack(0, {{1, 3}})).answers(segment(20)).answers(segment(21)).silent();
    }
}

TEST_CASE("what is lost is sent again first, then something new, then what may be lost, the last once",
          "[tcp][6675-5][2018-7]") {
    auto m = twenty_on_their_way(true, 2);
    // 0 and 2 are lost, 18 may be: one segment beyond it has arrived.
    m.gets(sack(0, {{1, 2}, {3, 18}, {19, 20}})).answers(segment(0)).answers(segment(2));
    m.answers(segment(20)).answers(segment(21)).answers(segment(18)).silent();
    // The first has arrived: the last ones, of which nothing is known, are given another chance, once.
    m.waits(milliseconds(100)).gets(sack(2, {{3, 18}, {19, 20}})).answers(segment(21)).silent();
    m.gets(sack(18, {{19, 20}})).silent();
    m.gets(sack(22, {})).silent();
}

TEST_CASE("recovery ends at what had been sent when it began, and what is known beyond it is kept", "[tcp][6675-8]") {
    auto m = twenty_on_their_way();
    m.gets(sack(0, {{1, 20}})).answers(segment(0));
    for (std::uint32_t i = 20; i < 29; ++i) m.answers(segment(i));
    m.silent().waits(milliseconds(100));
    // 24 is lost too.
    auto const before = m.connection().info().slow_start_threshold;
    m.gets(sack(24, {{25, 27}})).loses();
    CHECK(m.connection().info().slow_start_threshold == before);
    m.gets(sack(24, {{25, 28}})).answers(segment(24)).loses();
    CHECK(m.connection().info().slow_start_threshold < before);
}

TEST_CASE("after a time-out everything counts as lost, whatever was reported",
          "[tcp][2018-8][2018-9][6675-9][5681-10]") {
    auto m = twenty_on_their_way();
    m.gets(sack(0, {{1, 2}})).answers(segment(20));
    m.gets(sack(0, {{1, 3}})).answers(segment(21)).times_out();
    m.answers(segment(0)).silent();
    CHECK(m.connection().info().congestion_window == smss);
    // The peer has forgotten what it had reported: it is sent again.
    m.gets(sack(1, {})).answers(segment(1)).answers(segment(2)).silent();
    // Now it reports: what has arrived is not sent again. No recovery begins before all that has been acknowledged.
    m.gets(sack(3, {{4, 8}})).answers(segment(3)).answers(segment(8)).answers(segment(9)).silent();
    CHECK(m.connection().info().slow_start_threshold == 11 * smss);
    m.gets(sack(3, {{4, 9}})).answers(segment(10)).silent();
    CHECK(m.connection().info().slow_start_threshold == 11 * smss);
}

TEST_CASE("blocks that are none of what is on its way change nothing", "[tcp][2018-11]") {
    auto m = twenty_on_their_way();
    m.gets(sack(0, {{2, 1}, {3, 3}, {19, 21}, {25, 30}})).silent();
    m.gets(sack(0, {{0, 5}})).silent();                // its first octet is the one that is asked for
    m.gets(sack(5, {{1, 3}, {2, 4}, {0, 5}})).loses(); // duplicates
    CHECK(m.connection().info().slow_start_threshold > 20 * smss);
    m.gets(sack(5, {{6, 10}})).answers(segment(5)).loses();
}

TEST_CASE("a retransmission that is lost is sent again without a time-out, and counts as another loss",
          "[tcp][5681-20]") {
    auto m = twenty_on_their_way();
    // 0 and 5 are lost, both are sent again; that of 5 arrives.
    m.gets(sack(0, {{1, 5}, {6, 12}})).answers(segment(0)).answers(segment(5)).loses();
    CHECK(m.connection().info().slow_start_threshold == 10 * smss);
    m.waits(milliseconds(100));
    m.gets(sack(0, {{1, 12}})).answers(segment(0)).loses();
    CHECK(m.connection().info().slow_start_threshold == 5 * smss);
    CHECK(m.connection().info().retransmissions == 3);
    // Once more: what was new when it left arrives, three segments of it.
    m.waits(milliseconds(100));
    m.gets(sack(0, {{1, 20}})).loses();
    m.waits(milliseconds(100));
    m.gets(sack(0, {{1, 24}})).answers(segment(0)).loses();
}

TEST_CASE("what arrives too soon to be the retransmission says nothing about other retransmissions", "[tcp]") {
    auto m = twenty_on_their_way();
    m.gets(sack(0, {{1, 5}, {6, 12}})).answers(segment(0)).answers(segment(5)).loses();
    m.waits(milliseconds(5)); // 5 had only come late
    m.gets(sack(0, {{1, 12}})).loses();
    CHECK(m.connection().info().retransmissions == 2);
}

TEST_CASE("what was delivered in one flight says nothing about the next, however long the pause", "[tcp]") {
    tcp::sack_recovery recovery;
    tcp::new_reno control;
    control.start(1000, false);
    recovery.start(tcp::sequence(0));
    std::uint32_t first = 1;
    // The clock of microseconds goes round after 71 minutes; half of that is where it compares the other way.
    for (auto const begins : {seconds(1), minutes(1), minutes(46), minutes(49), minutes(81)}) {
        std::uint32_t const last = first + 20'000;
        auto const path = [&](duration after) {
            return tcp::path_view{1000, last - first, milliseconds(100), instant{} + begins + after};
        };
        int repairs = 0;
        for (std::uint32_t k = 1; k <= 15; ++k) {
            auto const p = path(milliseconds(100 + int(k)));
            recovery.hears(tcp::sequence(first), p);
            tcp::acknowledgment_view const heard{tcp::sequence(first), tcp::sequence(last), 0};
            recovery.hears_of({tcp::sequence(first + 1000), tcp::sequence(first + 1000 + 1000 * k)}, heard, p);
            bool const begun = recovery.has_report() && recovery.duplicate(heard, p, control);
            auto const again = recovery.to_repair();
            if (begun || again.first != again.last) {
                ++repairs;
                recovery.repaired({tcp::sequence(first), tcp::sequence(first + 1000)}, tcp::sequence(last), p.now);
            }
        }
        CHECK(repairs == 1);
        auto const p = path(milliseconds(250));
        recovery.hears(tcp::sequence(last), p);
        recovery.advanced({tcp::sequence(last), tcp::sequence(last), last - first}, p, control);
        first = last;
    }
}

TEST_CASE("a peer that forgets what it has reported gets it again", "[tcp][2018-8]") {
    auto m = twenty_on_their_way();
    m.gets(sack(0, {{1, 20}})).answers(segment(0)).loses();
    m.waits(milliseconds(100)).gets(sack(1, {})).loses();
    m.times_out().answers(segment(1)).loses();
}

TEST_CASE("a FIN that is lost is sent again like text", "[tcp][6675-5]") {
    auto m = twenty_on_their_way(true, 0);
    m.closes().answers(seg{.seq = number(20), .ack = 300, .fin = true});
    m.gets(sack(0, {{1, 19}})).answers(segment(0));
    m.waits(milliseconds(100)).gets(sack(19, {}));
    m.loses().times_out();
    m.answers(seg{.seq = number(19), .ack = 300, .fin = true, .data = smss}).silent();
    m.gets(seg{.seq = 300, .ack = number(20) + 1, .window = room}).is(state::fin_wait_2);
}

TEST_CASE("without permission the fourth ACK of one number means a loss", "[tcp][5681-12][6582-3.2]") {
    auto m = twenty_on_their_way(false);
    for (int i = 0; i < 2; ++i) m.gets(seg{.seq = 300, .ack = base, .window = room}).silent();
    m.gets(seg{.seq = 300, .ack = base, .window = room}).answers(segment(0)).silent();
    m.gets(seg{.seq = 300, .ack = number(3), .window = room}).answers(segment(3)).loses(); // a partial acknowledgment
    m.gets(seg{.seq = 300, .ack = number(20), .window = room}).loses();
}

TEST_CASE("a scoreboard of few holes says nothing that one of all octets would not say", "[tcp][6675-1][6675-4]") {
    constexpr std::uint32_t all = 200;
    random_generator random(7);
    for (int run = 0; run < 400; ++run) {
        auto const origin = static_cast<std::uint32_t>(random.next()); // numbers go round
        auto const at = [&](std::uint32_t n) { return tcp::sequence(origin + n); };
        tcp::scoreboard<4> board;
        std::array<bool, all> arrived{}; // as far as the board has said that it knows
        std::uint32_t una = 0;
        std::uint32_t high = 0;
        board.clear(at(0));
        for (int step = 0; step < 60 && una < all - 20; ++step) {
            if (random.next() % 8 == 0) {
                una += static_cast<std::uint32_t>(random.next() % 20);
                // Peers acknowledge what they have, too.
                while (una < all && una < high && arrived[una]) ++una;
                board.advance(at(una), 0, 0);
                high = std::max(high, una);
            } else {
                auto const first = una + 1 + static_cast<std::uint32_t>(random.next() % (all - una - 2));
                auto const last = std::min(all, first + 1 + static_cast<std::uint32_t>(random.next() % 12));
                bool const was_full = board.holes().full();
                bool const knew =
                    std::all_of(arrived.begin() + first, arrived.begin() + last, [](bool b) { return b; });
                bool const is_new = board.report({at(first), at(last)}, 0, 0);
                CHECK(!(knew && is_new));
                if (!was_full) CHECK(knew != is_new);
                if (is_new && !was_full) std::fill(arrived.begin() + first, arrived.begin() + last, true);
                if (is_new && was_full) { // it may have taken a part of it
                    std::fill(arrived.begin() + una, arrived.begin() + all, false);
                    std::uint32_t const known = tcp::octets_between(at(0), board.high());
                    for (std::uint32_t n = una; n < known; ++n) arrived[n] = true;
                    for (auto const& h : board.holes()) {
                        for (auto n = h.first; n != h.last; n += 1) arrived[tcp::octets_between(at(0), n)] = false;
                    }
                }
                high = std::max(high, tcp::octets_between(at(0), board.high()));
            }
            CHECK(board.high() == at(high));
            // Holes are what has not arrived below the highest, in order.
            std::array<bool, all> missing{};
            std::uint32_t end = una;
            for (auto const& h : board.holes()) {
                auto const first = tcp::octets_between(at(0), h.first);
                auto const last = tcp::octets_between(at(0), h.last);
                CHECK((first >= end && first < last && last <= high));
                end = last;
                std::fill(missing.begin() + first, missing.begin() + last, true);
            }
            std::uint32_t count = 0;
            for (std::uint32_t n = una; n < high; ++n) {
                CHECK(missing[n] != arrived[n]);
                count += arrived[n] ? 1u : 0u;
            }
            // IsLost(), octet by octet from above.
            std::uint32_t beyond = 0;
            std::uint32_t runs = 0;
            std::uint32_t lost = 0;
            for (std::uint32_t n = high; n-- > una;) {
                if (arrived[n]) {
                    ++beyond;
                    if (n + 1 == high || !arrived[n + 1]) ++runs;
                } else if (beyond > 20 || runs >= 3) {
                    ++lost;
                }
            }
            auto judged = board; // what is lost stays lost: judge from nothing each time
            judged.find_losses(10);
            CHECK(judged.not_in_pipe() == count + lost);
        }
    }
}
