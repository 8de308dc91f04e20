// Windows that shrink, close and open: what the sender makes of them (RFC 9293 section 3.8.6), and what the receiver owes.
#include "trace.hpp"

using namespace trace;

namespace {

struct scaled : tcp::defaults {
    using acknowledgment = tcp::immediate_acknowledgment;
    using timestamps = tcp::no_timestamps;
};
struct patient : plain {
    using acknowledgment = tcp::delayed_acknowledgment;
};
struct large : plain {
    using send_storage = inline_storage<131072>;
    using congestion_control = tcp::no_congestion_control;
};

constexpr std::uint16_t closed = 0;

// ESTABLISHED with two full segments, 100 to 3019, on their way and a third behind them.
machine<> two_on_their_way() {
    auto m = established<>(100, 300, 2920);
    m.sends(4380)
        .answers(seg{.seq = 100, .ack = 300, .data = 1460})
        .answers(seg{.seq = 1560, .ack = 300, .data = 1460});
    m.silent();
    return m;
}

} // namespace

TEST_CASE("a window that shrinks below what is on its way lets nothing new out",
          "[tcp][9293-MUST-34][9293-SHLD-15][7323-7]") {
    for (std::uint16_t const window : {std::uint16_t{1}, std::uint16_t{1000}, std::uint16_t{2919}}) {
        auto m = two_on_their_way();
        m.gets(seg{.seq = 300, .ack = 100, .window = window}).silent();
        CHECK(m.connection().info().send_window == window);
        // Acknowledged up to the shrunken edge, with an edge that stays there.
        if (window == 1000) m.gets(seg{.seq = 300, .ack = 1100, .window = closed}).silent();
        m.is(state::established);
    }
    // The edge has to come back to where it was before anything new leaves.
    auto m = two_on_their_way();
    m.gets(seg{.seq = 300, .ack = 1560, .window = 100}).silent();
    m.gets(seg{.seq = 300, .ack = 1560, .window = 1460}).silent();
    m.gets(seg{.seq = 300, .ack = 1560, .window = 2919}).silent();
    m.gets(seg{.seq = 300, .ack = 1560, .window = 2920}).answers(seg{.seq = 3020, .ack = 300, .data = 1460});
}

TEST_CASE("after a shrink the time-out sends again what lies inside the window, and no more",
          "[tcp][9293-SHLD-16][7323-7]") {
    auto m = two_on_their_way();
    m.gets(seg{.seq = 300, .ack = 100, .window = 500}).times_out();
    m.answers(seg{.seq = 100, .ack = 300, .data = 500}).silent();
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 500}).silent();
}

TEST_CASE("a window that shrinks to nothing is probed", "[tcp][9293-MUST-35][9293-MUST-36]") {
    auto m = two_on_their_way();
    m.gets(seg{.seq = 300, .ack = 100, .window = closed}).silent();
    m.times_out(seconds(1)).answers(seg{.seq = 100, .ack = 300, .data = 1}).silent();
    m.gets(seg{.seq = 300, .ack = 100, .window = closed}).silent();
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 1});
    m.gets(seg{.seq = 300, .ack = 100, .window = 2920}).answers(seg{.seq = 100, .ack = 300, .data = 1460});
    m.loses();
}

TEST_CASE("what lies beyond a shrunken edge does not end the connection while the peer answers",
          "[tcp][9293-SHLD-17][9293-MUST-37]") {
    auto m = two_on_their_way();
    m.gets(seg{.seq = 300, .ack = 1560, .window = closed});
    auto const begin = m.now();
    while (m.now() - begin < hours(5)) {
        m.now() = m.connection().deadline();
        m.connection().time_passes(m.now());
        while (m.emitted()) m.also_gets(seg{.seq = 300, .ack = 1560, .window = closed});
    }
    m.is(state::established);
    m.gets(seg{.seq = 300, .ack = 1560, .window = 5000}).answers(seg{.seq = 1560, .ack = 300, .data = 1460});
    m.loses();
}

TEST_CASE("the first probe leaves after one time-out, the others after twice as long each",
          "[tcp][9293-SHLD-29][9293-SHLD-30][9293-MUST-36]") {
    auto m = established<>();
    m.gets(seg{.seq = 300, .ack = 100, .window = closed}).sends(10).silent();
    for (int i = 0; i < 6; ++i) {
        m.times_out(seconds(1 << i)).answers(seg{.seq = 100, .ack = 300, .data = 1});
        m.gets(seg{.seq = 300, .ack = 100, .window = closed});
    }
    m.times_out(seconds(60)).answers(seg{.seq = 100, .ack = 300, .data = 1});
}

TEST_CASE("probes that nobody answers end at R2 like everything else", "[tcp][9293-MUST-20][9293-TMO-USER]") {
    auto m = established<>();
    m.gets(seg{.seq = 300, .ack = 100, .window = closed}).sends(10);
    auto const begin = m.now();
    while (m.connection().current_state() != state::closed) {
        m.now() = m.connection().deadline();
        m.connection().time_passes(m.now());
        m.loses();
    }
    CHECK(m.now() - begin == minutes(5));
    m.failed(error::timed_out);
}

TEST_CASE("a window that opens by drops is not filled by drops: half the largest one, or the override",
          "[tcp][9293-MUST-38]") {
    auto m = established<>(100, 300, 2000);
    m.gets(seg{.seq = 300, .ack = 100, .window = closed}).sends(3000).silent();
    for (std::uint16_t const window : {std::uint16_t{1}, std::uint16_t{200}, std::uint16_t{999}}) {
        m.gets(seg{.seq = 300, .ack = 100, .window = window}).silent();
    }
    SECTION("half of the largest window") {
        m.gets(seg{.seq = 300, .ack = 100, .window = 1000}).answers(seg{.seq = 100, .ack = 300, .data = 1000});
    }
    SECTION("a full segment") {
        m.gets(seg{.seq = 300, .ack = 100, .window = 1999}).answers(seg{.seq = 100, .ack = 300, .data = 1460}).silent();
    }
    SECTION("the override, between 0.1 and 1 s") {
        auto const wait = m.connection().deadline() - m.now();
        CHECK(wait >= milliseconds(100));
        CHECK(wait <= seconds(1));
        m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 999});
    }
}

TEST_CASE("a window of more than 32767 octets is a large window", "[tcp][9293-MUST-1]") {
    auto m = established<large>(100, 300, 65535);
    m.sends(70'000);
    std::uint32_t octets = 0;
    while (auto const sent = m.emitted()) octets += static_cast<std::uint32_t>(sent->data);
    CHECK(octets == 65'535 / 1460 * 1460);
}

TEST_CASE("the receiver keeps what any window of its promised, though the scale rounds it down", "[tcp][7323-6]") {
    // RFC 7323 appendix F: the window field loses what is below 2^shift.
    auto m = established<scaled>(100, 300, 8192, {.receive_buffer = 1 << 22},
                                 seg{.mss = 1460, .shift = 0, .sack_permitted = true});
    REQUIRE(m.connection().info().receive_window_scale == 7);
    auto const edge = 300 + m.connection().info().receive_window;
    m.gets(seg{.seq = 300, .ack = 100, .data = 100});
    auto const sent = m.emitted();
    REQUIRE(sent);
    CHECK(400 + (std::uint32_t{*sent->window} << 7) < edge);
    m.gets(seg{.seq = edge - 1, .ack = 100, .data = 1}).answers(seg{.ack = 400, .sack = {{edge - 1, edge}}});
    m.gets(seg{.seq = edge, .ack = 100, .data = 1}).answers(seg{.ack = 400, .sack = {{edge - 1, edge}}});
}

TEST_CASE("an application that never reads keeps the window closed, and probes are answered", "[tcp][9293-MAY-8]") {
    auto m = established<>();
    std::uint32_t at = 300;
    for (int i = 0; i < 8; ++i, at += 1024) {
        m.gets(seg{.seq = at, .ack = 100, .data = 1024}).answers(seg{.ack = at + 1024});
    }
    for (int i = 0; i < 100; ++i) {
        m.waits(minutes(1)).gets(seg{.seq = at, .ack = 100, .data = 1});
        m.answers(seg{.seq = 100, .ack = at, .window = closed});
    }
    m.is(state::established);
}

TEST_CASE("small writes that Nagle holds leave as one segment, pushed",
          "[tcp][9293-SHLD-27][9293-SHLD-7][9293-MUST-61]") {
    auto m = established<>();
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10, .psh = true});
    for (int i = 0; i < 5; ++i) m.sends(10).silent();
    m.gets(seg{.seq = 300, .ack = 110}).answers(seg{.seq = 110, .ack = 300, .data = 50, .psh = true});
}

TEST_CASE("a window update that matters does not wait until a delayed ACK leaves", "[tcp][9293-3.8.6.3]") {
    auto m = established<patient>(); // a buffer of 8192 octets
    auto const gets_text = [&](std::uint32_t first, std::size_t octets) -> auto& {
        auto const begin = static_cast<std::uint8_t>(first - 300);
        return m.gets(seg{.seq = first, .ack = 100, .data = octets, .first_octet = begin});
    };
    gets_text(300, 1460).silent();
    gets_text(1760, 1460).answers(seg{.seq = 100, .ack = 3220});
    gets_text(3220, 1460).silent();
    gets_text(4680, 1460).answers(seg{.seq = 100, .ack = 6140});
    gets_text(6140, 1460).silent();
    SECTION("the application reads it all") {
        m.reads(7300).answers(seg{.seq = 100, .ack = 7600, .window = 8192}).no_timer();
    }
    SECTION("it reads drop by drop: a full segment is what matters") {
        for (int i = 0; i < 1459; ++i) m.reads(1, 1).silent();
        m.reads(1, 1).answers(seg{.seq = 100, .ack = 7600, .window = 892 + 1460}).no_timer();
        gets_text(7600, 1460).silent().reads(1460, 1460).answers(seg{.seq = 100, .ack = 9060, .window = 892 + 1460});
    }
}
