// Keep-alive probes (RFC 9293 section 3.8.4).
#include "trace.hpp"

using namespace trace;

namespace {

struct stamped : plain {
    using timestamps = tcp::use_timestamps;
};
struct without : plain {
    using keep_alive = tcp::no_keep_alive;
};

template <class Policies>
machine<Policies>& keeps_alive(machine<Policies>& m, tcp::keep_alive_settings settings = {}) {
    m.connection().set_keep_alive(settings, m.now());
    return m;
}

constexpr seg probe{.seq = 99, .ack = 300};
constexpr tcp::keep_alive_settings quick{.idle = seconds(10), .interval = seconds(1), .probes = 3};

} // namespace

TEST_CASE("an idle connection emits nothing unless the user wants it", "[tcp][9293-MUST-25]") {
    auto m = established<>();
    m.no_timer().waits(hours(24)).silent();
}

TEST_CASE("the first probe leaves after two hours, without text and with a number that is acknowledged already",
          "[tcp][9293-MUST-24][9293-MUST-28][9293-SHLD-12][9293-MAY-5]") {
    auto m = established<>();
    keeps_alive(m).times_out(hours(2)).answers(probe).silent();
    m.gets(seg{.seq = 300, .ack = 100}).times_out(hours(2)).answers(probe);
    m.gets(seg{.seq = 300, .ack = 100});
    m.connection().set_keep_alive(std::nullopt, m.now());
    m.no_timer().silent();
}

TEST_CASE("idle time, interval and number of the probes can be set", "[tcp][9293-MUST-27]") {
    auto m = established<>();
    keeps_alive(m, quick).times_out(seconds(10)).answers(probe);
    m.times_out(seconds(1)).answers(probe).times_out(seconds(1)).answers(probe).is(state::established);
    m.times_out(seconds(1)).is(state::closed).failed(error::timed_out).silent();
}

TEST_CASE("one probe that is not answered does not end the connection", "[tcp][9293-MUST-29]") {
    auto m = established<>();
    keeps_alive(m).times_out(hours(2)).answers(probe);
    for (int i = 0; i < 8; ++i) m.times_out(seconds(75)).answers(probe).is(state::established);
    SECTION("the ninth is answered") {
        m.gets(seg{.seq = 300, .ack = 100}).times_out(hours(2)).answers(probe).is(state::established);
    }
    SECTION("nine are not") { m.times_out(seconds(75)).is(state::closed).failed(error::timed_out); }
}

TEST_CASE("whatever the peer sends restarts the interval", "[tcp][9293-MUST-26]") {
    auto m = established<>();
    keeps_alive(m, quick).waits(seconds(9));
    m.gets(seg{.seq = 300, .ack = 100, .data = 5}).answers(seg{.ack = 305}).times_out(seconds(10));
    m.answers(seg{.seq = 99, .ack = 305}).waits(milliseconds(500));
    // A probe of the peer, whose number is old.
    m.gets(seg{.seq = 304, .ack = 100}).answers(seg{.seq = 100, .ack = 305}).times_out(seconds(10));
    m.answers(seg{.seq = 99, .ack = 305});
}

TEST_CASE("no probe leaves while text is outstanding", "[tcp][9293-MUST-26]") {
    auto m = established<>();
    keeps_alive(m, {.idle = milliseconds(200), .interval = seconds(1), .probes = 3});
    SECTION("it is sent before the probe") {
        m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
        m.times_out(seconds(1)).answers(seg{.seq = 100, .ack = 300, .data = 10});
        m.times_out(seconds(2)).answers(seg{.seq = 100, .ack = 300, .data = 10});
        m.gets(seg{.seq = 300, .ack = 110}).times_out(milliseconds(200)).answers(seg{.seq = 109, .ack = 300});
    }
    SECTION("it is queued when the probe is due") {
        m.connection().time_passes(m.now() += milliseconds(200));
        m.queues(10).answers(seg{.seq = 100, .ack = 300, .data = 10}).silent();
        m.gets(seg{.seq = 300, .ack = 110}).silent();
    }
    SECTION("it waits for a closed window") {
        m.gets(seg{.seq = 300, .ack = 100, .window = 0}).sends(10).times_out(seconds(1));
        m.answers(seg{.seq = 100, .ack = 300, .data = 1});
    }
}

TEST_CASE("a probe carries the timestamps that were agreed on", "[tcp][7323-9]") {
    auto m = established<stamped>(100, 300, 8192, {}, seg{.mss = 1460, .ts = seg::stamp{5, 0}});
    keeps_alive(m, quick).times_out(seconds(10));
    auto const sent = m.emitted();
    REQUIRE(sent);
    REQUIRE(sent->ts);
    CHECK(sent->ts->echo == 5);
}

TEST_CASE("half-closed connections are kept alive, and given up", "[tcp][9293-MUST-26]") {
    for (auto const where : {state::fin_wait_2, state::close_wait}) {
        auto m = in<>(where);
        std::uint32_t const ours = where == state::fin_wait_2 ? 101 : 100;
        std::uint32_t const theirs = where == state::close_wait ? 301 : 300;
        keeps_alive(m, quick).times_out(seconds(10));
        for (int i = 0; i < 3; ++i) m.answers(seg{.seq = ours - 1, .ack = theirs}).times_out(seconds(1));
        m.is(state::closed).failed(error::timed_out);
    }
}

TEST_CASE("where text or FIN is outstanding, or a time is over anyhow, keep-alive has no say", "[tcp][9293-MUST-26]") {
    for (auto const where : {state::fin_wait_1, state::closing, state::last_ack, state::time_wait}) {
        auto m = in<>(where);
        auto const due = m.connection().deadline();
        keeps_alive(m, {.idle = milliseconds(1), .interval = milliseconds(1), .probes = 1});
        CHECK(m.connection().deadline() == due);
    }
}

TEST_CASE("keep-alive costs nothing where the policy has no probes", "[tcp]") {
    static_assert(sizeof(tcp::connection<without>) < sizeof(tcp::connection<plain>));
    auto m = established<without>();
    m.no_timer();
}
