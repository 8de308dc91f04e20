// What a segment looks like, octet by octet, and which options are understood: RFC 9293 sections 3.1, 3.2 and 3.7.1.
#include "unit/machine/trace.hpp"

#include <plywire/machine/no_congestion_control.hpp>

#include <catch2/generators/catch_generators.hpp>

#include <initializer_list>

using namespace trace;

namespace {

struct modern : tcp::defaults {
    using acknowledgment = tcp::immediate_acknowledgment;
};

struct uncontrolled : plain {
    using congestion_control = tcp::no_congestion_control;
    using send_storage = inline_storage<131072>;
};

struct wide : uncontrolled {
    static constexpr bool window_scaling = true;
};

// The segment, with these octets as its options; padded with zero to a multiple of four.
std::vector<std::byte> with_options(seg const& s, std::vector<std::uint8_t> options) {
    while (options.size() % 4 != 0) options.push_back(0);
    auto const plain_octets = octets_of(s);
    std::vector<std::byte> octets(plain_octets.begin(), plain_octets.begin() + tcp::header::size);
    for (auto const octet : options) octets.push_back(std::byte{octet});
    octets.insert(octets.end(), plain_octets.begin() + tcp::header::size, plain_octets.end());
    octets[12] = static_cast<std::byte>((5 + options.size() / 4) << 4);
    return octets;
}

template <class Machine>
void gets(Machine& m, std::vector<std::byte> const& octets) {
    auto const segment = parse<tcp::header>(bytes_view(octets));
    REQUIRE(segment.has_value());
    m.connection().segment_arrives(*segment, m.now());
}

// The next segment that is sent, as octets; none if there is none. `pseudo_header` is part of the checksum.
template <class Machine>
std::vector<std::byte> octets_sent(Machine& m, internet_sum pseudo_header = {}) {
    std::vector<std::byte> slot(2048);
    slot.resize(m.connection().emit(slot, pseudo_header, m.now()));
    return slot;
}

// Walks over the options of a segment; false unless each has a length of its own, as RFC 9293 MUST-68 has it, and
// nothing but zeros follows the end of the list. Calls seen(kind).
template <class Seen>
bool options_are_in_order(std::vector<std::byte> const& octets, Seen seen) {
    auto const at = [&](std::size_t i) { return std::to_integer<unsigned>(octets[i]); };
    std::size_t const end = at(12) / 16 * 4;
    for (std::size_t i = tcp::header::size; i < end;) {
        if (at(i) == 0) {
            for (; i < end; ++i) {
                if (at(i) != 0) return false;
            }
            return true;
        }
        seen(at(i));
        if (at(i) == 1) {
            ++i;
            continue;
        }
        if (i + 1 >= end || at(i + 1) < 2 || i + at(i + 1) > end) return false;
        i += at(i + 1);
    }
    return true;
}

// A connection that a SYN with these options has opened; what it may put into a segment.
std::uint32_t segment_size_after(std::vector<std::uint8_t> const& options) {
    machine<modern> m;
    m.listens(99);
    gets(m, with_options(seg{.seq = 299, .syn = true}, options));
    auto const answer = m.emitted();
    REQUIRE(answer);
    CHECK(fits(*answer, seg{.seq = 99, .ack = 300, .syn = true}));
    m.gets(seg{.seq = 300, .ack = 100}).silent().is(state::established);
    return m.connection().info().segment_size;
}

} // namespace

TEST_CASE("the window is an unsigned number", "[tcp][9293-MUST-1]") {
    auto a = established<uncontrolled>(100, 300, 65535, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(70000);
    std::uint32_t in_flight = 0;
    while (auto const s = a.emitted()) in_flight += static_cast<std::uint32_t>(s->data);
    CHECK(in_flight == 65000); // not half a segment more, and far beyond 32767
}

TEST_CASE("windows and their sums have 32 bits", "[tcp][9293-REC-1]") {
    auto a = established<wide>(100, 300, 8192, {.maximum_segment_size = 1000}, seg{.mss = 1000, .shift = 14});
    a.gets(seg{.seq = 300, .ack = 100, .window = 65535}); // 2^30 - 2^14 octets
    CHECK(a.connection().info().send_window == 65535u << 14);
    a.sends(100'000);
    std::uint32_t in_flight = 0;
    while (auto const s = a.emitted()) in_flight += static_cast<std::uint32_t>(s->data);
    CHECK(in_flight == 100'000);
}

TEST_CASE("every segment sent has a right checksum, over IPv4 and over IPv6", "[tcp][9293-MUST-2]") {
    internet_sum ipv4; // addresses and protocol; the length is added as each segment is known
    ipv4.add_word32(0x0a090001);
    ipv4.add_word32(0x0a090002);
    ipv4.add_word(6);
    internet_sum ipv6;
    for (int i = 0; i < 8; ++i) ipv6.add_word32(0x20010db8u + static_cast<std::uint32_t>(i) * 0x01020304u);
    ipv6.add_word32(6); // next header; the upper half of the length is zero
    for (auto const& pseudo_header : {ipv4, ipv6}) {
        int checked = 0;
        auto const check = [&](auto& m) {
            for (auto octets = octets_sent(m, pseudo_header); !octets.empty(); octets = octets_sent(m, pseudo_header)) {
                internet_sum sum = pseudo_header;
                sum.add_word(static_cast<std::uint16_t>(octets.size()));
                if (octets.size() % 2 != 0) octets.push_back(std::byte{}); // the zero that is not sent
                sum.add(octets);
                CHECK(sum.folded() == 0xffff);
                ++checked;
            }
        };
        for (bool const with_timestamps : {true, false}) {
            machine<modern> m;
            m.opens(99);
            check(m); // SYN
            seg syn{.seq = 299, .ack = 100, .syn = true, .mss = 1460};
            if (with_timestamps) syn.ts = seg::stamp{5, 0};
            m.also_gets(syn);
            check(m); // ACK
            for (std::size_t size = 1; size < 20; ++size) {
                m.queues(size);
                m.connection().set_no_delay(true, m.now());
                check(m); // odd and even
            }
            CHECK(m.connection().close(m.now()).has_value());
            check(m); // FIN
            m.connection().abort(m.now());
            check(m); // RST
        }
        CHECK(checked == 2 * 23);
    }
}

TEST_CASE("options of kind 0, 1 and 2 are understood", "[tcp][9293-MUST-4]") {
    CHECK(segment_size_after({1, 1, 2, 4, 600 / 256, 600 % 256, 0, 0}) == 600);
    CHECK(segment_size_after({0, 2, 4, 600 / 256, 600 % 256}) == 536); // after the end nothing counts
}

TEST_CASE("options need not begin at words", "[tcp][9293-MUST-64]") {
    CHECK(segment_size_after({1, 2, 4, 600 / 256, 600 % 256}) == 600);
    CHECK(segment_size_after({3, 3, 0, 2, 4, 600 / 256, 600 % 256}) == 600);
    CHECK(segment_size_after({4, 2, 3, 3, 0, 2, 4, 600 / 256, 600 % 256}) == 600);
}

TEST_CASE("an unknown option is passed over by its length", "[tcp][9293-MUST-6]") {
    CHECK(segment_size_after({253, 6, 1, 2, 3, 4, 2, 4, 600 / 256, 600 % 256}) == 600);
    CHECK(segment_size_after({254, 6, 2, 4, 1, 1, 2, 4, 600 / 256, 600 % 256}) == 600); // what is in it is not read
    CHECK(segment_size_after({99, 2, 2, 4, 600 / 256, 600 % 256}) == 600);
}

TEST_CASE("an impossible length of an option harms nobody", "[tcp][9293-MUST-7]") {
    for (unsigned const length : {0u, 1u, 3u, 5u, 39u, 40u, 255u}) {
        for (unsigned const option : {2u, 3u, 4u, 5u, 8u, 28u, 253u}) {
            auto const octet = static_cast<std::uint8_t>(length);
            auto const kind = static_cast<std::uint8_t>(option);
            CHECK(segment_size_after({kind, octet}) <= 1460);
            auto m = established<modern>();
            gets(m, with_options(seg{.seq = 300, .ack = 100, .data = 10}, {kind, octet, 1}));
            m.answers(seg{.seq = 100, .ack = 310}).reads(10).is(state::established);
        }
    }
}

TEST_CASE("options may come with every segment", "[tcp][9293-MUST-5]") {
    std::vector<std::uint8_t> const unknown = {253, 6, 1, 2, 3, 4, 2, 4, 0, 99}; // an MSS has no meaning there
    auto a = established();
    gets(a, with_options(seg{.seq = 300, .ack = 100, .data = 10}, unknown));
    a.answers(seg{.seq = 100, .ack = 310}).reads(10);
    CHECK(a.connection().info().segment_size == 1460);
    gets(a, with_options(seg{.seq = 310, .ack = 100, .fin = true}, unknown));
    a.answers(seg{.seq = 100, .ack = 311}).is(state::close_wait);
    gets(a, with_options(seg{.seq = 311, .rst = true}, unknown));
    a.silent().is(state::closed).failed(error::reset);
}

TEST_CASE("every option sent has its length, and only zeros follow the end of the list",
          "[tcp][9293-MUST-68][9293-MUST-69]") {
    int options = 0;
    auto const check = [&](auto& m) {
        for (auto octets = octets_sent(m); !octets.empty(); octets = octets_sent(m)) {
            CHECK(options_are_in_order(octets, [&](unsigned) { ++options; }));
        }
    };
    for (int with = 0; with < 8; ++with) { // which options the peer has
        machine<modern> m;
        m.opens(99);
        check(m);
        seg syn{.seq = 299, .ack = 100, .syn = true, .mss = 1460};
        if ((with & 1) != 0) syn.ts = seg::stamp{5, 0};
        if ((with & 2) != 0) syn.shift = 3;
        if ((with & 4) != 0) syn.sack_permitted = true;
        m.also_gets(syn);
        check(m);
        for (std::uint32_t i = 0; i < 5; ++i) { // ever more SACK blocks
            seg beyond{.seq = 310 + 20 * i, .ack = 100, .data = 10};
            if (syn.ts) beyond.ts = seg::stamp{6, 0};
            m.also_gets(beyond);
            check(m);
        }
        m.queues(10);
        check(m);
        m.connection().abort(m.now());
        check(m);
    }
    CHECK(options > 100);
}

TEST_CASE("the MSS option is in every SYN and in no other segment",
          "[tcp][9293-MUST-14][9293-MUST-65][9293-SHLD-5][9293-MAY-3]") {
    // Among them the values that a missing option would stand for.
    for (auto const size : std::array<std::uint16_t, 3>{536, 1220, 1400}) {
        machine<modern> m({.maximum_segment_size = size});
        bool passive = size == 1400;
        if (passive) {
            m.listens(99);
            m.gets(seg{.seq = 299, .syn = true, .mss = 600});
        } else {
            m.opens(99);
        }
        int segments = 0;
        auto const check = [&](bool wanted) {
            while (auto const s = m.emitted()) {
                CHECK(s->mss.has_value() == wanted);
                if (wanted) CHECK(*s->mss == size);
                CHECK(s->data <= 600);
                ++segments;
            }
        };
        check(true);
        if (passive) {
            m.also_gets(seg{.seq = 300, .ack = 100});
        } else {
            m.also_gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 600});
        }
        check(false);
        m.queues(2000);
        check(false);
        m.also_gets(seg{.seq = 300, .ack = 100, .data = 10});
        m.also_gets(seg{.seq = 400, .ack = 100, .data = 10});
        check(false);
        CHECK(m.connection().close(m.now()).has_value());
        check(false);
        m.times_out();
        check(false);
        m.connection().abort(m.now());
        check(false);
        CHECK(segments >= 6);
    }
}

TEST_CASE("a peer that announces no MSS takes 536 octets", "[tcp][9293-MUST-15]") {
    machine<modern> a;
    a.listens(99);
    a.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true});
    a.gets(seg{.seq = 300, .ack = 100}).sends(2000);
    for (std::uint32_t i = 0; i < 3; ++i) a.answers(seg{.seq = 100 + 536 * i, .ack = 300, .data = 536});
    a.loses();
}

TEST_CASE("options make room for less text: the MSS does not count them", "[tcp][9293-MUST-16]") {
    auto const largest = [](tcp::connection_settings settings, std::uint16_t theirs, bool stamped) {
        seg syn{.mss = theirs};
        if (stamped) syn.ts = seg::stamp{5, 0};
        auto m = established<modern>(100, 300, 60000, settings, syn);
        m.sends(5000);
        auto const first = m.emitted();
        REQUIRE(first);
        m.loses();
        return first->data;
    };
    CHECK(largest({.maximum_segment_size = 1460}, 1460, true) == 1448);
    CHECK(largest({.maximum_segment_size = 1460}, 1460, false) == 1460);
    CHECK(largest({.maximum_segment_size = 1400}, 1460, true) == 1388); // the path carries less than the peer takes
    CHECK(largest({.maximum_segment_size = 1460}, 600, true) == 588);
    CHECK(largest({.maximum_segment_size = 1460}, 600, false) == 600);
}

TEST_CASE("the header's fields stand where the RFC draws them; reserved bits are sent as zero and passed over",
          "[tcp][9293-HDR-1]") {
    auto a = established<>(0x01020304, 0x05060708, 8192);
    a.sends(3);
    auto const octets = octets_sent(a);
    constexpr std::array<unsigned, 16> wanted = {1000 / 256, 1000 % 256, 2000 / 256, 2000 % 256, 1,    2,    3,    4,
                                                 5,          6,          7,          8,          0x50, 0x18, 0x20, 0};
    REQUIRE(octets.size() == 23);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        INFO("octet " << i);
        CHECK(std::to_integer<unsigned>(octets[i]) == wanted[i]);
    }
    CHECK(std::to_integer<unsigned>(octets[18]) == 0); // urgent pointer
    CHECK(std::to_integer<unsigned>(octets[19]) == 0);
    // Each reserved bit, and the two of ECN, which nobody has agreed on.
    std::uint32_t at = 0x05060708;
    std::uint8_t first = 0;
    for (int bit = 0; bit < 6; ++bit, ++at, ++first) {
        auto strange = octets_of(seg{.seq = at, .ack = 0x01020307, .data = 1, .first_octet = first});
        if (bit < 4) {
            strange[12] |= std::byte{1} << bit;
        } else {
            strange[13] |= std::byte{0x40} << (bit - 4);
        }
        gets(a, strange);
        a.answers(seg{.seq = 0x01020307, .ack = at + 1}).reads(1);
    }
    // Options up to 40 octets.
    std::vector<std::uint8_t> const many(40, 1);
    gets(a, with_options(seg{.seq = at, .ack = 0x01020307, .data = 1, .first_octet = first}, many));
    a.answers(seg{.seq = 0x01020307, .ack = at + 1}).reads(1);
}

TEST_CASE("a data offset below 5, or beyond the segment, makes it no segment", "[tcp][9293-HDR-2]") {
    auto octets = octets_of(seg{.seq = 300, .ack = 100, .data = 10});
    for (unsigned offset = 0; offset < 16; ++offset) {
        octets[12] = static_cast<std::byte>(offset << 4);
        CHECK(parse<tcp::header>(bytes_view(octets)).has_value() == (offset >= 5 && offset * 4 <= octets.size()));
    }
}

TEST_CASE("SACK is permitted by a SYN and by no other segment", "[tcp][2018-1]") {
    machine<modern> m;
    bool const passive = GENERATE(false, true);
    if (passive) {
        m.listens(99).gets(seg{.seq = 299, .syn = true, .sack_permitted = true});
    } else {
        m.opens(99);
    }
    auto const check = [&](bool wanted) {
        int segments = 0;
        while (auto const s = m.emitted()) {
            CHECK(s->sack_permitted == wanted);
            ++segments;
        }
        CHECK(segments > 0);
    };
    check(true);
    m.times_out();
    check(true);
    m.also_gets(passive ? seg{.seq = 300, .ack = 100}
                        : seg{.seq = 299, .ack = 100, .syn = true, .sack_permitted = true});
    m.queues(2000);
    check(false);
    m.also_gets(seg{.seq = 400, .ack = 100, .data = 10});
    check(false); // with a SACK block
    m.times_out();
    check(false);
    CHECK(m.connection().close(m.now()).has_value());
    m.also_gets(seg{.seq = 300, .ack = 2100});
    check(false);
    m.connection().abort(m.now());
    check(false);
}
