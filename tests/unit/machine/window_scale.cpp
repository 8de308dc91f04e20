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
