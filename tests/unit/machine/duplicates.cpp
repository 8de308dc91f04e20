// What the machine reports of text behind gaps and of text that came twice (RFC 2018 section 4, RFC 2883), and what it
// makes of such reports. The numbers of the RFCs' examples lie 10,000 higher here, where they would be below zero.
#include "trace.hpp"

using namespace trace;

namespace {

struct with_sack : plain {
    static constexpr bool selective_acknowledgments = true;
};
struct sacking : plain {
    static constexpr bool selective_acknowledgments = true;
};
struct stamped : with_sack {
    using timestamps = tcp::use_timestamps;
};
struct without : with_sack {
    using duplicates = tcp::no_duplicate_sack;
};

template <class Policies = with_sack>
machine<Policies> receiver(std::uint32_t next) {
    return established<Policies>(100, next, 8192, {}, seg{.mss = 1460, .sack_permitted = true});
}

// Text [first, last) arrives.
seg text(std::uint32_t first, std::uint32_t last) { return {.seq = first, .ack = 100, .data = last - first}; }

// Exactly these blocks, or none.
template <class Policies>
void reports(machine<Policies>& m, std::uint32_t ack, std::vector<tcp::sack_block> const& blocks) {
    auto const sent = m.emitted();
    REQUIRE(sent);
    CHECK(sent->ack == ack);
    CHECK(sent->sack == blocks);
}

} // namespace

TEST_CASE("a duplicate of what was taken in order is reported below the acknowledgment, once", "[tcp][2883-1]") {
    // RFC 2883 section 4.1.1, example 1.
    auto m = receiver(3000);
    m.gets(text(3000, 3500)).answers(seg{.ack = 3500}).gets(text(3500, 4000)).answers(seg{.ack = 4000});
    m.gets(text(3000, 3500));
    reports(m, 4000, {{3000, 3500}});
    m.sends(1);
    reports(m, 4000, {});
    m.gets(text(3500, 4000));
    reports(m, 4000, {{3500, 4000}});
}

TEST_CASE("a duplicate comes in front of what lies behind a gap", "[tcp][2883-1]") {
    // Example 2.
    auto m = receiver(3000);
    m.gets(text(3000, 3500)).answers(seg{.ack = 3500}).gets(text(3500, 4000)).answers(seg{.ack = 4000});
    m.gets(text(4500, 5000));
    reports(m, 4000, {{4500, 5000}});
    m.gets(text(3000, 3500));
    reports(m, 4000, {{3000, 3500}, {4500, 5000}});
}

TEST_CASE("a duplicate behind a gap is followed by the block that it is part of", "[tcp][2883-2]") {
    // Example 3.
    auto m = receiver(3500);
    m.gets(text(3500, 4000)).answers(seg{.ack = 4000}).gets(text(4500, 5000));
    reports(m, 4000, {{4500, 5000}});
    m.gets(text(5000, 5500));
    reports(m, 4000, {{4500, 5500}});
    m.gets(text(5000, 5500));
    reports(m, 4000, {{5000, 5500}, {4500, 5500}});
}

TEST_CASE("of text that is partly known the first known part is reported", "[tcp][2883-3]") {
    // Section 4.2, the three examples.
    auto m = receiver(1000);
    SECTION("one part, behind the gap that it fills") {
        m.gets(text(1500, 2000));
        reports(m, 1000, {{1500, 2000}});
        m.gets(text(1000, 2000));
        reports(m, 2000, {{1500, 2000}});
    }
    SECTION("two parts") {
        m.gets(text(1500, 2000));
        reports(m, 1000, {{1500, 2000}});
        m.gets(text(2500, 3000));
        reports(m, 1000, {{2500, 3000}, {1500, 2000}});
        m.gets(text(1000, 2400));
        reports(m, 2400, {{1500, 2000}, {2500, 3000}});
    }
    SECTION("two parts of one segment: the first of them, though the other was reported last") {
        m.gets(text(1500, 2000));
        reports(m, 1000, {{1500, 2000}});
        m.gets(text(2100, 2300));
        reports(m, 1000, {{2100, 2300}, {1500, 2000}});
        m.gets(text(1200, 2400));
        reports(m, 1000, {{1500, 2000}, {1200, 2400}});
    }
    SECTION("the first of two that was reported last") {
        m.gets(text(2100, 2300));
        reports(m, 1000, {{2100, 2300}});
        m.gets(text(1500, 2000));
        reports(m, 1000, {{1500, 2000}, {2100, 2300}});
        m.gets(text(1200, 2400));
        reports(m, 1000, {{1500, 2000}, {1200, 2400}});
    }
    SECTION("a part in order") {
        m.gets(text(1000, 1500)).answers(seg{.ack = 1500}).gets(text(1200, 1800));
        reports(m, 1800, {{1200, 1500}});
    }
}

TEST_CASE("a duplicate takes one of the places that SACK has", "[tcp][2018-3][2883-1]") {
    auto m = receiver(1000);
    for (std::uint32_t at = 1100; at < 1500; at += 100) m.gets(text(at, at + 50)).loses();
    m.gets(text(1100, 1150));
    reports(m, 1000, {{1100, 1150}, {1100, 1150}, {1400, 1450}, {1300, 1350}});
    auto n =
        established<stamped>(100, 1000, 8192, {}, seg{.mss = 1460, .sack_permitted = true, .ts = seg::stamp{1, 0}});
    auto const stamped_text = [](std::uint32_t first) {
        return seg{.seq = first, .ack = 100, .data = 50, .ts = seg::stamp{1, 0}};
    };
    for (std::uint32_t at = 1100; at < 1500; at += 100) n.gets(stamped_text(at)).loses();
    n.gets(stamped_text(1100));
    reports(n, 1000, {{1100, 1150}, {1100, 1150}, {1400, 1450}});
}

TEST_CASE("nothing is reported to whom has not permitted it", "[tcp][2018-2]") {
    auto m = established<with_sack>(100, 1000, 8192);
    m.gets(text(1000, 1500)).answers(seg{.ack = 1500}).gets(text(1000, 1500));
    reports(m, 1500, {});
}

TEST_CASE("reports of duplicates can be left out, and cost nothing then", "[tcp]") {
    static_assert(sizeof(tcp::connection<without>) <= sizeof(tcp::connection<with_sack>) - 8);
    static_assert(sizeof(tcp::connection<plain>) == sizeof(tcp::connection<without>));
    auto m = receiver<without>(1000);
    m.gets(text(1000, 1500)).answers(seg{.ack = 1500}).gets(text(1000, 1500));
    reports(m, 1500, {});
}

TEST_CASE("every ACK that does not cover what is kept says what is kept", "[tcp][2018-4][2018-5]") {
    // RFC 2018 section 7: case 1 to 3, eight segments of 500 octets from 5000 on.
    auto m = receiver(5000);
    SECTION("case 1: the last four are lost") {
        for (std::uint32_t at = 5000; at < 7000; at += 500) {
            m.gets(text(at, at + 500));
            reports(m, at + 500, {});
        }
    }
    SECTION("case 2: the first is lost") {
        for (std::uint32_t at = 5500; at < 9000; at += 500) {
            m.gets(text(at, at + 500));
            reports(m, 5000, {{5500, at + 500}});
        }
    }
    SECTION("case 3: the second, fourth, sixth and eighth are lost; the fourth and the second come late") {
        m.gets(text(5000, 5500));
        reports(m, 5500, {});
        m.gets(text(6000, 6500));
        reports(m, 5500, {{6000, 6500}});
        m.gets(text(7000, 7500));
        reports(m, 5500, {{7000, 7500}, {6000, 6500}});
        m.gets(text(8000, 8500));
        reports(m, 5500, {{8000, 8500}, {7000, 7500}, {6000, 6500}});
        m.gets(text(6500, 7000));
        reports(m, 5500, {{6000, 7500}, {8000, 8500}});
        m.gets(text(5500, 6000));
        reports(m, 7500, {{8000, 8500}});
    }
}

TEST_CASE("a block is repeated in three ACKs in a row at least", "[tcp][2018-6]") {
    auto m = receiver(1000);
    m.gets(text(1100, 1150));
    reports(m, 1000, {{1100, 1150}});
    m.gets(text(1200, 1250));
    reports(m, 1000, {{1200, 1250}, {1100, 1150}});
    m.gets(text(1300, 1350));
    reports(m, 1000, {{1300, 1350}, {1200, 1250}, {1100, 1150}});
    m.gets(text(1400, 1450));
    reports(m, 1000, {{1400, 1450}, {1300, 1350}, {1200, 1250}, {1100, 1150}});
}

TEST_CASE("SACK blocks that make no sense make no duplicate ACKs", "[tcp][2018-11]") {
    auto m = established<sacking>(100, 300, 50000, {}, seg{.mss = 1000, .sack_permitted = true});
    m.sends(5000);
    for (std::uint32_t at = 100; at < 5100; at += 1000) m.answers(seg{.seq = at, .ack = 300, .data = 1000});
    // An ACK that announces another window is a duplicate only when it reports a gap.
    std::uint16_t window = 50000;
    auto const hears = [&](tcp::sack_block block, int times) {
        for (int i = 0; i < times; ++i) m.gets(seg{.seq = 300, .ack = 100, .window = ++window, .sack = {block}});
    };
    hears({2100, 1100}, 5); // the right edge in front of the left one
    hears({1100, 1100}, 5); // empty
    hears({1100, 5101}, 5); // never sent
    hears({0x9000'0000, 0x9000'0001}, 5);
    hears({50, 100}, 5); // a duplicate
    m.silent();
    CHECK(m.connection().info().in_recovery == false);
    hears({1100, 2100}, 3);
    m.answers(seg{.seq = 100, .ack = 300, .data = 1000}).loses();
    CHECK(m.connection().info().in_recovery);
}

TEST_CASE("a SACK option of an impossible length is passed over", "[tcp][2018-11][9293-MUST-7]") {
    auto m = established<sacking>(100, 300, 50000, {}, seg{.mss = 1000, .sack_permitted = true});
    m.sends(2000).loses();
    for (std::uint8_t const length : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{9},
                                      std::uint8_t{11}, std::uint8_t{40}, std::uint8_t{255}}) {
        for (int i = 0; i < 4; ++i) {
            m.gets(seg{.seq = 300,
                       .ack = 100,
                       .window = static_cast<std::uint16_t>(50001 + i % 2),
                       .options = {1, 1, 5, length, 0, 0, 4, 0x4c, 0, 0, 8, 0x34}});
        }
    }
    m.silent().is(state::established);
    m.gets(seg{.seq = 300, .ack = 2100, .window = 50000}).no_timer();
}
