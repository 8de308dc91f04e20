// Windows are scaled when both ends have offered it, and not at all otherwise (RFC 7323 section 2.2).
#include "trace.hpp"

using namespace trace;

namespace {

struct wide : tcp::defaults {
    using acknowledgment = tcp::immediate_acknowledgment;
};

tcp::connection_settings with_a_mebibyte() {
    tcp::connection_settings settings;
    settings.receive_buffer = 1 << 20;
    return settings;
}

// What the connection announces after 2,000 octets, and what it takes itself to have announced.
template <class Machine>
void announces_without_scale(Machine& m) {
    CHECK(m.connection().info().receive_window_scale == 0);
    m.gets(seg{.seq = 300, .ack = 100, .data = 2000}).answers(seg{.seq = 100, .ack = 2300, .window = 65535});
    CHECK(m.connection().info().receive_window == 65535);
    m.reads(2000).silent(); // the window is as large as it can be: nothing to tell
}

} // namespace

TEST_CASE("a peer that does not scale is told the whole window", "[tcp][7323-2.2]") {
    SECTION("that we asked") {
        auto m = established<wide>(100, 300, 8192, with_a_mebibyte(), seg{.mss = 1460});
        announces_without_scale(m);
    }
    SECTION("that asked us") {
        auto m = accepted<wide>(100, 300, 8192, with_a_mebibyte());
        announces_without_scale(m);
    }
}

TEST_CASE("a peer that scales is told the whole buffer", "[tcp][7323-2.2]") {
    auto m = established<wide>(100, 300, 8192, with_a_mebibyte(), seg{.mss = 1460, .shift = 3});
    auto const scale = m.connection().info().receive_window_scale;
    CHECK(scale == 5);
    m.gets(seg{.seq = 300, .ack = 100, .data = 2000});
    auto const told = m.emitted();
    REQUIRE(told);
    CHECK(std::uint32_t{*told->window} << scale > (1u << 20) - 2000 - 32);
}

TEST_CASE("a window that is told in steps is not drawn back by rounding while there is room", "[tcp][9293-SHLD-14]") {
    auto m = established<wide>(100, 300, 8192, with_a_mebibyte(), seg{.mss = 1460, .shift = 3}); // steps of 32
    auto const edge = [&](std::uint32_t next, seg const& told) { return next + (std::uint32_t{*told.window} << 5); };
    m.gets(seg{.seq = 300, .ack = 100, .data = 33, .first_octet = 0}).reads(33);
    auto first = m.emitted();
    REQUIRE(first);
    std::uint32_t farthest = edge(333, *first);
    for (std::uint32_t next = 333; next < 3333; next += 30) {
        m.gets(seg{.seq = next, .ack = 100, .data = 30, .first_octet = static_cast<std::uint8_t>(next - 300)})
            .reads(30);
        auto const told = m.emitted();
        REQUIRE(told);
        CHECK(edge(next + 30, *told) >= farthest);
        CHECK(edge(next + 30, *told) - (next + 30) <= 1u << 20);
        farthest = edge(next + 30, *told);
    }
}

TEST_CASE("what lies beyond the window by less than a step has been taken: the number is SND.NXT", "[tcp][7323-2.4]") {
    auto m = established<wide>(100, 300, 8192, {}, seg{.mss = 1460, .shift = 7});
    m.gets(seg{.seq = 300, .ack = 100, .window = 2}).sends(256).answers(seg{.seq = 100, .ack = 300, .data = 256});
    // 150 octets have come, 106 more may: that is less than one step.
    m.gets(seg{.seq = 300, .ack = 250, .data = 10, .window = 0});
    m.answers(seg{.seq = 356, .ack = 310});
}

TEST_CASE("two ends that have both taken more than the other knows to be allowed come to agree", "[tcp][9293-A.2]") {
    auto m = established<wide>(100, 300, 8192, {.receive_buffer = 1 << 20}, seg{.mss = 1460, .shift = 7});
    m.gets(seg{.seq = 300, .ack = 100, .window = 2}).sends(256).answers(seg{.seq = 100, .ack = 300, .data = 256});
    m.gets(seg{.seq = 300, .ack = 250, .data = 20, .window = 0}).answers(seg{.seq = 356, .ack = 320});
    // From the edge of what the peer believes to be our window, which lies before what we have taken.
    m.gets(seg{.seq = 310, .ack = 356, .window = 2}).answers(seg{.seq = 356, .ack = 320});
    CHECK(m.connection().info().send_unacknowledged == tcp::sequence(356));
    CHECK(m.connection().info().send_window == 256);
}
