// What kernels do besides: PSH in bursts, silence about ACKs of what has not been sent.
#include "trace.hpp"

#include <plywire/machine/kernel_policies.hpp>

using namespace trace;

namespace {

struct bursts : plain {
    using push = tcp::push_bursts;
};
struct quiet_about_the_future : plain {
    static constexpr bool answers_acknowledgments_of_unsent = false;
};
struct acknowledging : plain {
    using resets = tcp::acknowledging_resets;
};

constexpr seg options{.mss = 1000};

} // namespace

TEST_CASE("push_bursts pushes every second full segment of a burst too", "[tcp][9293-MUST-61]") {
    auto m = established<bursts>(100, 300, 8192, {}, options);
    m.waits(microseconds(350)); // whatever unit the machine counts time in
    m.sends(5500).answers(seg{.seq = 100, .ack = 300, .data = 1000, .psh = false});
    m.answers(seg{.seq = 1100, .ack = 300, .data = 1000, .psh = true});
    m.answers(seg{.seq = 2100, .ack = 300, .data = 1000, .psh = false});
    m.loses(1);
    SECTION("a burst is what leaves at one time") {
        m.loses(1).waits(milliseconds(10)).gets(seg{.seq = 300, .ack = 5100});
        m.answers(seg{.seq = 5100, .ack = 300, .data = 500, .psh = true});
    }
    SECTION("and the next one begins anew") {
        m.answers(seg{.seq = 4100, .ack = 300, .data = 1000, .psh = false}).waits(milliseconds(10));
        m.gets(seg{.seq = 300, .ack = 5100}).answers(seg{.seq = 5100, .ack = 300, .data = 500, .psh = true});
        m.gets(seg{.seq = 300, .ack = 5600}).waits(milliseconds(10));
        m.sends(2000).answers(seg{.seq = 5600, .ack = 300, .data = 1000, .psh = false});
        m.answers(seg{.seq = 6600, .ack = 300, .data = 1000, .psh = true});
    }
}

TEST_CASE("text that more follows is not pushed before that has come", "[tcp]") {
    auto m = established<bursts>(100, 300, 8192, {}, options);
    m.connection().expect_more(true);
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10, .psh = false});
    m.gets(seg{.seq = 300, .ack = 110});
    m.connection().expect_more(false);
    m.sends(10).answers(seg{.seq = 110, .ack = 300, .data = 10, .psh = true});
    m.gets(seg{.seq = 300, .ack = 120});
}

TEST_CASE("an ACK of what has not been sent is answered, unless the policy says otherwise",
          "[tcp][gives-up:9293-SEG-ESTAB-3]") {
    auto m = established<plain>();
    m.gets(seg{.seq = 300, .ack = 101}).answers(seg{.seq = 100, .ack = 300});
    auto silent_one = established<quiet_about_the_future>();
    silent_one.gets(seg{.seq = 300, .ack = 101}).silent().is(state::established);
}

TEST_CASE("in slow start one ACK of many segments may count for all of them", "[tcp]") {
    tcp::path_view const path{.segment_size = 1000, .in_flight = 10'000, .smoothed_round_trip = {}, .now = {}};
    tcp::new_reno usual;
    tcp::linux_like::congestion_control linux_like;
    usual.start(1000, false);
    linux_like.start(1000, false);
    usual.acknowledged(10'000, path);
    linux_like.acknowledged(10'000, path);
    CHECK(usual.window() == 11'000);
    CHECK(linux_like.window() == 20'000);
}

TEST_CASE("text that nobody will read is answered as where there is no connection, if resets acknowledge",
          "[tcp][9293-SHLD-3]") {
    auto m = established<acknowledging>();
    m.detaches().answers(seg{.seq = 100, .ack = 300, .fin = true});
    m.gets(seg{.seq = 300, .ack = 100, .data = 5}).answers(seg{.seq = 100, .rst = true}).is(state::closed).finished();
}
