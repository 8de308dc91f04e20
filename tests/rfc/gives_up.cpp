// What a policy says that it gives up (machine/satisfies.hpp), it does not do. Which sets of policies keep which rules.
#include "unit/machine/trace.hpp"

#include <plywire/machine/kernel_policies.hpp>
#include <plywire/machine/no_congestion_control.hpp>
#include <plywire/machine/satisfies.hpp>

using namespace trace;

namespace {

struct unlimited : plain {
    using challenges = tcp::unlimited_challenges;
};
struct slow_to_repair : plain {
    using recovery = tcp::timer_recovery;
};
struct unfair : plain {
    using congestion_control = tcp::no_congestion_control;
    using send_storage = inline_storage<65536>;
};
struct deaf : plain {
    using urgent = tcp::no_urgent_data;
};
struct silent : plain {
    using reports = tcp::no_reports;
};
template <class Timing>
struct timed : plain {
    using retransmission = Timing;
};
struct as_linux : plain {
    using waiting = tcp::linux_patience;
    using resets = tcp::acknowledging_resets;
};
struct as_freebsd : plain {
    using waiting = tcp::freebsd_patience;
};

struct stubborn : plain {
    using user_timeout = tcp::fixed_user_timeout;
};
struct forgetful : plain {
    using duplicates = tcp::no_duplicate_sack;
    static constexpr bool selective_acknowledgments = true;
};

// A safe host on the Internet gives up nothing; the small one what costs memory; the others what kernels do otherwise.
struct on_its_own : tcp::defaults {
    using gives_up = tcp::rules<"9293-SHLD-31">;
};
static_assert(tcp::satisfies<tcp::defaults, "9293-MUST-10">);
static_assert(tcp::satisfies<tcp::defaults, "9293-MUST-30">);
static_assert(!tcp::satisfies<tcp::minimal<>, "9293-MUST-30">);
static_assert(tcp::satisfies<tcp::minimal<>, "9293-MUST-19">);
static_assert(!tcp::satisfies<unfair, "9293-MUST-19">);
static_assert(!tcp::satisfies<tcp::minimal<>, "9293-MUST-21"> && tcp::satisfies<tcp::defaults, "9293-MUST-21">);
static_assert(!tcp::satisfies<forgetful, "2883-1"> && tcp::satisfies<tcp::linux_like, "2883-1">);
static_assert(!tcp::satisfies<tcp::linux_like, "6298-4"> && !tcp::satisfies<tcp::linux_like, "9293-MUST-23">);
static_assert(!tcp::satisfies<tcp::freebsd_like, "6298-4"> && tcp::satisfies<tcp::freebsd_like, "9293-UTO-1">);
static_assert(!tcp::satisfies<on_its_own, "9293-SHLD-31"> && tcp::satisfies<on_its_own, "9293-SHLD-3">);
// A name that begins or ends like another is another.
static_assert(tcp::satisfies<unlimited, "5961-66"> && tcp::satisfies<unlimited, "5961-">);
static_assert(!tcp::satisfies<unlimited, "5961-6">);

// No policy of the defaults says anything.
template <class Policy>
constexpr bool gives_up_nothing = !requires { typename Policy::gives_up; };
using all = tcp::defaults;
static_assert(gives_up_nothing<all> && gives_up_nothing<all::congestion_control> && gives_up_nothing<all::recovery> &&
              gives_up_nothing<all::retransmission> && gives_up_nothing<all::acknowledgment> &&
              gives_up_nothing<all::challenges> && gives_up_nothing<all::timestamps> && gives_up_nothing<all::waiting> &&
              gives_up_nothing<all::urgent> && gives_up_nothing<all::keep_alive> && gives_up_nothing<all::reports> &&
              gives_up_nothing<all::counters> && gives_up_nothing<all::options> && gives_up_nothing<all::push> &&
              gives_up_nothing<all::resets> && gives_up_nothing<all::window> && gives_up_nothing<all::user_timeout> &&
              gives_up_nothing<all::cork> && gives_up_nothing<all::linger> && gives_up_nothing<all::duplicates> &&
              gives_up_nothing<all::tail_probe> && gives_up_nothing<all::fast_open> &&
              gives_up_nothing<all::observer> && gives_up_nothing<all::send_storage> &&
              gives_up_nothing<all::receive_storage>);

} // namespace

TEST_CASE("unlimited challenges answer every forged RST", "[tcp][gives-up:5961-6]") {
    auto a = established<unlimited>();
    for (int i = 0; i < 1000; ++i) a.gets(seg{.seq = 310, .rst = true}).answers(seg{.seq = 100, .ack = 300});
}

TEST_CASE("timer recovery repairs nothing before the timer runs out", "[tcp][gives-up:5681-12]") {
    auto a = established<slow_to_repair>(100, 300, 8192, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(5000).loses();
    for (int i = 0; i < 10; ++i) a.gets(seg{.seq = 300, .ack = 100}).silent();
    a.times_out().answers(seg{.seq = 100, .ack = 300, .data = 1000}).loses();
}

TEST_CASE("without congestion control a whole window leaves at once, and after a loss too",
          "[tcp][gives-up:9293-MUST-19][gives-up:5681-2]") {
    auto a = established<unfair>(100, 300, 60000, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(60000);
    for (std::uint32_t i = 0; i < 60; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
    a.silent().times_out();
    for (std::uint32_t i = 0; i < 60; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
    a.silent();
}

TEST_CASE("without urgent data nobody is told of an urgent pointer, and none can be sent",
          "[tcp][gives-up:9293-MUST-30][gives-up:9293-MUST-31][gives-up:9293-MUST-32][gives-up:9293-MUST-33]"
          "[gives-up:9293-MUST-62][gives-up:9293-SEND-ESTAB-2][gives-up:9293-SEG-ESTAB-6]") {
    static_assert(!deaf::urgent::supported); // send_urgent() does not compile
    auto a = established<deaf>();
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .urgent = 10}).answers(seg{.seq = 100, .ack = 310});
    CHECK(!a.connection().has_advice());
    CHECK(!a.connection().urgent_pending());
    CHECK(a.connection().urgent_left() == 0);
    a.reads(10);
}

TEST_CASE("without reports nobody is told of urgent data, nor of what is sent again and again",
          "[tcp][gives-up:9293-MUST-47][gives-up:9293-SHLD-9][gives-up:9293-SHLD-25]") {
    auto a = established<silent>();
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .urgent = 10}).answers(seg{.seq = 100, .ack = 310});
    CHECK(!a.connection().has_advice());
    a.sends(10).loses();
    while (a.connection().current_state() == state::established) {
        a.times_out().loses();
        CHECK(!a.connection().has_advice());
    }
}

TEST_CASE("the timing of kernels has a floor below one second", "[tcp][gives-up:6298-4]") {
    auto const first_timeout = [](auto policies) {
        machine<decltype(policies)> m;
        m.opens(99).answers(seg{.seq = 99, .syn = true}).waits(milliseconds(1));
        m.gets(seg{.seq = 299, .ack = 100, .syn = true}).loses();
        return m.connection().info().retransmission_timeout;
    };
    CHECK(first_timeout(timed<tcp::standard_timing>{}) == seconds(1));
    CHECK(first_timeout(timed<tcp::kernel_timing>{}) < seconds(1));
    CHECK(first_timeout(timed<tcp::linux_timing>{}) < seconds(1));
    CHECK(first_timeout(timed<tcp::freebsd_timing>{}) < seconds(1));
}

TEST_CASE("kernels wait for a SYN,ACK less than three minutes, Linux for other ACKs longer than five",
          "[tcp][gives-up:9293-MUST-23][gives-up:9293-UTO-1]") {
    auto const patience = [](auto& m, state s) {
        auto const begin = m.now();
        while (m.connection().current_state() == s) m.times_out().loses();
        return m.now() - begin;
    };
    auto a = in<as_linux>(state::syn_sent);
    CHECK(patience(a, state::syn_sent) < minutes(3));
    auto b = in<as_freebsd>(state::syn_sent);
    CHECK(patience(b, state::syn_sent) < minutes(3));
    auto c = established<as_linux>();
    c.sends(10).loses();
    CHECK(patience(c, state::established) > minutes(6));
}

TEST_CASE("an immediate acknowledgment does not wait for company", "[tcp][gives-up:9293-SHLD-18]") {
    auto a = established<plain>();
    a.gets(seg{.seq = 300, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 310}).no_timer();
}

TEST_CASE("the RST of kernels bears an ACK", "[tcp][gives-up:9293-ABORT-SYNC-1]") {
    auto a = established<as_linux>();
    a.aborts().answers(seg{.seq = 100, .ack = 300, .rst = true}).finished();
}

TEST_CASE("a user timeout that is fixed ends the connection when the policies say", "[tcp][gives-up:9293-MUST-21]") {
    static_assert(!stubborn::user_timeout::supported); // set_user_timeout() does not compile
    auto a = established<stubborn>();
    a.sends(10).loses();
    auto const begin = a.now();
    while (a.connection().current_state() == state::established) a.times_out().loses();
    CHECK(a.now() - begin == minutes(5));
}

TEST_CASE("without reports of duplicates an ACK says nothing of them",
          "[tcp][gives-up:2883-1][gives-up:2883-2][gives-up:2883-3]") {
    auto a = established<forgetful>(100, 300, 8192, {}, seg{.mss = 1460, .sack_permitted = true});
    auto const reported = [&](seg const& s) {
        auto const sent = a.gets(s).emitted();
        REQUIRE(sent);
        return sent->sack;
    };
    CHECK(reported(seg{.seq = 300, .ack = 100, .data = 100}).empty());
    CHECK(reported(seg{.seq = 300, .ack = 100, .data = 100}).empty());
    std::vector<tcp::sack_block> const behind_a_gap{{500, 700}};
    CHECK(reported(seg{.seq = 500, .ack = 100, .data = 200}) == behind_a_gap);
    CHECK(reported(seg{.seq = 550, .ack = 100, .data = 50}) == behind_a_gap);
    CHECK(reported(seg{.seq = 300, .ack = 100, .data = 100}) == behind_a_gap);
}
