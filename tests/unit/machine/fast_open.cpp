// The client's side of TCP Fast Open (RFC 7413): asking for a cookie, showing one, text in the SYN.
#include "trace.hpp"

#include <algorithm>

using namespace trace;

namespace {

struct fast : plain {
    using fast_open = tcp::fast_open_client;
};
// No room for a long cookie beside all of these.
struct talkative : tcp::defaults {
    using fast_open = tcp::fast_open_client;
    using user_timeout = tcp::user_timeout_option<>;
};

tcp::fast_open_cookie cookie_of(std::uint8_t octets, std::uint16_t segment_size = 536) {
    tcp::fast_open_cookie cookie{.octets = {}, .size = octets, .segment_size = segment_size};
    for (std::uint8_t i = 0; i < octets; ++i) cookie.octets[i] = std::byte(0xc0 + i);
    return cookie;
}

// The cookie in the next segment that is sent; nullopt when it has no Fast Open option.
template <class Policies>
std::optional<std::vector<std::byte>> cookie_sent(machine<Policies>& m) {
    std::vector<std::byte> slot(2048);
    auto const size = m.connection().emit(slot, internet_sum(), m.now());
    auto const segment = parse<tcp::header>(bytes_view(slot).first(size));
    REQUIRE(segment.has_value());
    auto const read = tcp::options_of(*segment);
    CHECK(!read.malformed);
    if (!read.fast_open) return {};
    return std::vector<std::byte>(read.fast_open->begin(), read.fast_open->end());
}

// A SYN that shows a cookie of 8 octets and bears as many octets of text.
machine<fast> sent_with(std::size_t text) {
    machine<fast> m;
    m.opens(99);
    m.connection().open_fast(cookie_of(8));
    m.queues(text);
    m.answers(seg{.seq = 99, .syn = true, .data = text, .psh = false, .first_octet = 0});
    return m;
}

} // namespace

TEST_CASE("a SYN speaks of Fast Open only when it was told to", "[tcp][7413-2.]") {
    SECTION("not by itself") {
        machine<fast> m;
        m.opens(99);
        m.queues(10);
        CHECK(!cookie_sent(m));
    }
    SECTION("it asks with an empty cookie, without text") {
        machine<fast> m;
        m.opens(99);
        m.connection().open_fast({});
        m.queues(10);
        SECTION("option") { CHECK(cookie_sent(m) == std::vector<std::byte>{}); }
        SECTION("text") { m.answers(seg{.seq = 99, .syn = true}); }
    }
    SECTION("it shows what it was given, whatever its length") {
        for (std::uint8_t octets = 4; octets <= 16; octets += 2) {
            machine<fast> m;
            m.opens(99);
            auto const cookie = cookie_of(octets);
            m.connection().open_fast(cookie);
            auto const sent = cookie_sent(m);
            REQUIRE(sent);
            CHECK(std::ranges::equal(*sent, cookie.view()));
        }
    }
    SECTION("not the next connection") {
        machine<fast> m;
        m.opens(99);
        m.connection().open_fast({});
        m.answers(seg{.seq = 99, .syn = true}).aborts().opens(99);
        CHECK(!cookie_sent(m));
    }
    SECTION("not where its options have no room, and then without text") {
        machine<talkative> m;
        m.opens(99);
        m.connection().open_fast(cookie_of(16));
        m.queues(10);
        SECTION("option") { CHECK(!cookie_sent(m)); }
        SECTION("text") { m.answers(seg{.seq = 99, .syn = true}); }
    }
}

TEST_CASE("the cookie of a SYN,ACK is kept with the peer's MSS, when one was spoken of", "[tcp][7413-4.1.3.]") {
    auto const gives = [](std::vector<std::uint8_t> option, bool asked) {
        machine<fast> m;
        m.opens(99);
        if (asked) m.connection().open_fast({});
        m.answers(seg{.seq = 99, .syn = true});
        m.gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 1200, .options = std::move(option)});
        m.answers(seg{.seq = 100, .ack = 300}).is(state::established);
        return m.connection().given_cookie();
    };
    auto const given = gives({34, 6, 1, 2, 3, 4}, true);
    REQUIRE(given);
    CHECK(given->size == 4);
    CHECK(given->octets[3] == std::byte{4});
    CHECK(given->segment_size == 1200);
    CHECK(gives({34, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, true));
    CHECK(!gives({34, 6, 1, 2, 3, 4}, false));
    CHECK(!gives({}, true));
    CHECK(!gives({34, 2}, true));
    CHECK(!gives({34, 4, 1, 2}, true));                                                           // too short
    CHECK(!gives({34, 7, 1, 2, 3, 4, 5}, true));                                                  // odd
    CHECK(!gives({34, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, true)); // too long
}

TEST_CASE("a cookie that was shown stays good beside the peer's new MSS, until there is a new one",
          "[tcp][7413-4.1.3.]") {
    auto const keeps = [](std::vector<std::uint8_t> option) {
        machine<fast> m;
        m.opens(99);
        m.connection().open_fast(cookie_of(8));
        m.answers(seg{.seq = 99, .syn = true});
        CHECK(!m.connection().given_cookie());
        m.gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 1200, .options = std::move(option)});
        m.answers(seg{.seq = 100, .ack = 300});
        return m.connection().given_cookie();
    };
    auto const kept = keeps({});
    REQUIRE(kept);
    CHECK(std::ranges::equal(kept->view(), cookie_of(8).view()));
    CHECK(kept->segment_size == 1200);
    CHECK(keeps({34, 4, 1, 2})->size == 8);
    CHECK(keeps({34, 6, 1, 2, 3, 4})->size == 4);
}

TEST_CASE("text in a SYN is as much as the peer has said that it takes, and fits", "[tcp][7413-4.2.1.]") {
    auto const text_of = [](std::uint16_t segment_size, std::size_t queued) {
        machine<fast> m;
        m.opens(99);
        m.connection().open_fast(cookie_of(8, segment_size));
        m.queues(queued);
        auto const sent = m.emitted();
        REQUIRE(sent);
        CHECK(sent->syn);
        m.loses();
        return sent->data;
    };
    CHECK(text_of(536, 100) == 100);
    CHECK(text_of(536, 5000) == 496); // less what options may need
    CHECK(text_of(1460, 5000) == 1420);
    CHECK(text_of(9000, 5000) == 1420); // what our path carries
    CHECK(text_of(40, 5000) == 0);
}

TEST_CASE("text of the SYN that the peer acknowledges is done with", "[tcp][7413-4.2.1.]") {
    auto m = sent_with(100);
    m.gets(seg{.seq = 299, .ack = 200, .syn = true, .mss = 1460}).answers(seg{.seq = 200, .ack = 300});
    m.is(state::established).no_timer();
    CHECK(m.connection().unacknowledged() == 0);
    m.sends(10).answers(seg{.seq = 200, .ack = 300, .data = 10, .first_octet = 100});
}

TEST_CASE("text of the SYN that the peer does not acknowledge follows in the ACK", "[tcp][7413-4.2.1.][7413-7]") {
    auto m = sent_with(100);
    m.waits(milliseconds(30));
    m.gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 1460});
    m.answers(seg{.seq = 100, .ack = 300, .data = 100, .psh = true, .first_octet = 0}).is(state::established);
    CHECK(m.connection().info().smoothed_round_trip == milliseconds(30));
    m.gets(seg{.seq = 300, .ack = 200}).no_timer();
}

TEST_CASE("the peer may acknowledge any part of the text in a SYN, and no more than that",
          "[tcp][9293-SEG-SYNSENT-9]") {
    for (std::uint32_t const outside : {98u, 99u, 201u, 0x8000'0000u}) {
        auto m = sent_with(100);
        m.gets(seg{.seq = 299, .ack = outside, .syn = true, .mss = 1460});
        m.answers(seg{.seq = outside, .rst = true}).is(state::syn_sent);
        m.gets(seg{.seq = 299, .ack = outside, .rst = true}).is(state::syn_sent);
    }
    for (std::uint32_t const part : {100u, 101u, 150u, 199u, 200u}) {
        auto m = sent_with(100);
        m.gets(seg{.seq = 299, .ack = part, .syn = true, .mss = 1460});
        seg expected{.seq = part, .ack = 300, .data = 200 - part};
        if (part != 200) expected.first_octet = static_cast<std::uint8_t>(part - 100);
        m.answers(expected).is(state::established).gets(seg{.seq = 300, .ack = 200}).no_timer();
    }
}

TEST_CASE("a SYN sent again is a SYN like any other", "[tcp][7413-4.1.3.1]") {
    auto m = sent_with(100);
    m.times_out(seconds(1));
    SECTION("without the option") { CHECK(!cookie_sent(m)); }
    SECTION("and without text, which follows when the peer is there") {
        m.answers(seg{.seq = 99, .syn = true});
        m.gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 1460});
        m.answers(seg{.seq = 100, .ack = 300, .data = 100, .first_octet = 0});
        m.gets(seg{.seq = 300, .ack = 200}).no_timer();
    }
    SECTION("though the peer has got the first") {
        m.answers(seg{.seq = 99, .syn = true});
        m.gets(seg{.seq = 299, .ack = 200, .syn = true, .mss = 1460}).answers(seg{.seq = 200, .ack = 300});
        m.no_timer();
    }
}

TEST_CASE("text in a SYN outlives a simultaneous open", "[tcp][7413-4.2.]") {
    auto m = sent_with(100);
    m.gets(seg{.seq = 299, .syn = true, .mss = 1460});
    m.answers(seg{.seq = 99, .ack = 300, .syn = true}).is(state::syn_received);
    m.gets(seg{.seq = 300, .ack = 100});
    m.answers(seg{.seq = 100, .ack = 300, .data = 100, .first_octet = 0}).is(state::established);
    m.gets(seg{.seq = 300, .ack = 200}).no_timer();
}
