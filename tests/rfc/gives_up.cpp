// What a policy says that it gives up (machine/satisfies.hpp), it does not do. Which sets of policies keep which rules.
#include "unit/machine/trace.hpp"

#include <plywire/machine/kernel_policies.hpp>
#include <plywire/machine/no_congestion_control.hpp>
#include <plywire/machine/satisfies.hpp>

#include <concepts>

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
struct impatient : plain {
    using user_timeout = tcp::fixed_user_timeout;
};
struct sacking : plain {
    static constexpr bool selective_acknowledgments = true;
};
struct forgetful : sacking {
    using duplicates = tcp::no_duplicate_sack;
};
struct eager : plain {
    using congestion_control = tcp::basic_new_reno<tcp::initial_window_ten, std::uint32_t, 0x4000>;
    using send_storage = inline_storage<131072>;
};
struct without_a_queue : plain {
    static constexpr std::size_t reassembly_ranges = 0;
};
struct quiet_about_the_future : plain {
    static constexpr bool answers_acknowledgments_of_unsent = false;
};
struct mortal : plain {
    static constexpr bool ignore_resets_in_time_wait = false;
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
static_assert(!tcp::satisfies<tcp::linux_like, "9293-SEG-ESTAB-3">);
static_assert(!tcp::satisfies<tcp::freebsd_like, "6298-4"> && tcp::satisfies<tcp::freebsd_like, "9293-UTO-1">);
static_assert(!tcp::satisfies<on_its_own, "9293-SHLD-31"> && tcp::satisfies<on_its_own, "9293-SHLD-3">);
static_assert(tcp::satisfies<tcp::linux_like, "1337-1"> && !tcp::satisfies<tcp::linux_like, "9293-SEG-ESTAB-3">);
static_assert(!tcp::satisfies<eager, "5681-7"> && !tcp::satisfies<tcp::linux_like, "3465-1">);
static_assert(tcp::satisfies<tcp::freebsd_like, "5681-7"> && tcp::satisfies<tcp::defaults, "7323-15">);
// A name that begins or ends like another is another.
static_assert(tcp::satisfies<unlimited, "5961-66"> && tcp::satisfies<unlimited, "961-6">);
static_assert(!tcp::satisfies<unlimited, "5961-6">);

// Each slot and each constant is asked.
static_assert(!tcp::satisfies<deaf, "9293-MUST-30"> && !tcp::satisfies<silent, "9293-MUST-47">);
static_assert(!tcp::satisfies<impatient, "9293-MUST-21"> && !tcp::satisfies<forgetful, "2883-1">);
static_assert(!tcp::satisfies<plain, "2018-4"> && tcp::satisfies<sacking, "2018-4">);
static_assert(!tcp::satisfies<plain, "7323-1"> && !tcp::satisfies<plain, "7323-15">);
static_assert(!tcp::satisfies<without_a_queue, "9293-SHLD-31"> && tcp::satisfies<plain, "9293-SHLD-31">);
static_assert(!tcp::satisfies<quiet_about_the_future, "5961-5"> && !tcp::satisfies<mortal, "1337-1">);

// Nothing in the defaults says anything.
template <class Policy>
constexpr bool gives_up_nothing() {
    if constexpr (requires { typename Policy::gives_up; }) {
        return std::same_as<typename Policy::gives_up, tcp::rules<>>;
    }
    return true;
}
template <class... Policies>
constexpr bool all_give_up_nothing(tcp::type_list<Policies...>) {
    return (gives_up_nothing<Policies>() && ...);
}
static_assert(gives_up_nothing<tcp::defaults>() && all_give_up_nothing(tcp::slots_of<tcp::defaults>()));
static_assert(!all_give_up_nothing(tcp::slots_of<tcp::minimal<>>()));

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
          "[tcp][gives-up:9293-MUST-19][gives-up:5681-2][gives-up:5681-3][gives-up:5681-10][gives-up:5681-17]") {
    auto a = established<unfair>(100, 300, 60000, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(60000);
    for (std::uint32_t i = 0; i < 60; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
    a.silent().times_out();
    for (std::uint32_t i = 0; i < 60; ++i) a.answers(seg{.seq = 100 + 1000 * i, .ack = 300, .data = 1000});
    a.silent().gets(seg{.seq = 300, .ack = 60100, .window = 60000}).waits(hours(1)).sends(60000);
    for (std::uint32_t i = 0; i < 60; ++i) a.answers(seg{.seq = 60100 + 1000 * i, .ack = 300, .data = 1000});
}

TEST_CASE("an eager slow start grows by all that one ACK acknowledges", "[tcp][gives-up:5681-7][gives-up:3465-1]") {
    auto a = established<eager>(100, 300, 60000, {.maximum_segment_size = 1000}, seg{.mss = 1000});
    a.sends(60000).loses();
    REQUIRE(a.connection().info().congestion_window == 10'000);
    a.gets(seg{.seq = 300, .ack = 10'100, .window = 60000}).loses();
    CHECK(a.connection().info().congestion_window == 20'000);
}

TEST_CASE("without urgent data nobody is told of an urgent pointer, and none can be sent",
          "[tcp][gives-up:9293-MUST-30][gives-up:9293-MUST-31][gives-up:9293-MUST-32][gives-up:9293-MUST-33]"
          "[gives-up:9293-MUST-47][gives-up:9293-MUST-62][gives-up:9293-MUST-66][gives-up:9293-SEND-ESTAB-2]"
          "[gives-up:9293-SEG-SYNC-3][gives-up:9293-SEG-ESTAB-6]") {
    static_assert(!deaf::urgent::supported); // send_urgent() does not compile
    auto a = established<deaf>();
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .urgent = 10}).answers(seg{.seq = 100, .ack = 310});
    CHECK(!a.connection().has_advice());
    CHECK(!a.connection().urgent_pending());
    CHECK(a.connection().urgent_left() == 0);
    a.reads(10);
    // With the window closed as well as open.
    a.gets(seg{.seq = 310, .ack = 100, .data = 8182}).answers(seg{.seq = 100, .ack = 8492, .window = 0});
    a.gets(seg{.seq = 8492, .ack = 100, .urgent = 10}).silent();
    CHECK(!a.connection().has_advice());
}

TEST_CASE("without reports nobody is told of urgent data, nor of what is sent again and again",
          "[tcp][gives-up:9293-MUST-32][gives-up:9293-MUST-47][gives-up:9293-SEG-ESTAB-6][gives-up:9293-SHLD-9]"
          "[gives-up:9293-SHLD-25]") {
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

TEST_CASE("the RST of kernels bears an ACK, and no timestamps where it answers",
          "[tcp][gives-up:9293-ABORT-SYNC-1][gives-up:7323-18]") {
    auto a = established<as_linux>();
    a.aborts().answers(seg{.seq = 100, .ack = 300, .rst = true}).finished();
    struct as_linux_stamped : as_linux {
        using timestamps = tcp::use_timestamps;
    };
    machine<as_linux_stamped> b;
    b.listens(99).gets(seg{.seq = 1, .ack = 5, .ts = seg::stamp{78, 0}});
    auto const answer = b.emitted();
    REQUIRE(answer);
    CHECK(answer->rst);
    CHECK(!answer->ts);
}

TEST_CASE("a fixed user time-out is that of the patience policy, and nothing changes it",
          "[tcp][gives-up:9293-MUST-21][gives-up:9293-UTO-1]") {
    static_assert(!impatient::user_timeout::supported); // set_user_timeout() does not compile
    auto a = established<impatient>();
    auto const begin = a.now();
    a.sends(10).loses();
    while (a.connection().current_state() == state::established) a.times_out().loses();
    CHECK(a.now() - begin == tcp::standard_patience::for_data);
}

TEST_CASE("without D-SACK nobody is told of what comes twice",
          "[tcp][gives-up:2883-1][gives-up:2883-2][gives-up:2883-3]") {
    auto const a_blocks = [](auto policies, bool larger) {
        auto a = established<decltype(policies)>(100, 300, 8192, {}, seg{.mss = 1460, .sack_permitted = true});
        a.gets(seg{.seq = 300, .ack = 100, .data = 100}).answers(seg{.seq = 100, .ack = 400});
        if (larger) a.gets(seg{.seq = 500, .ack = 100, .data = 200}).loses();
        a.gets(seg{.seq = larger ? 600u : 350u, .ack = 100, .data = larger ? 50u : 20u});
        auto const answer = a.emitted();
        REQUIRE(answer);
        return answer->sack;
    };
    CHECK(a_blocks(sacking{}, false) == std::vector<tcp::sack_block>{{350, 370}});
    CHECK(a_blocks(forgetful{}, false).empty());
    CHECK(a_blocks(sacking{}, true) == std::vector<tcp::sack_block>{{600, 650}, {500, 700}});
    CHECK(a_blocks(forgetful{}, true) == std::vector<tcp::sack_block>{{500, 700}});
}

TEST_CASE("without timestamps none are sent or echoed, and old ones do not harm",
          "[tcp][gives-up:7323-8][gives-up:7323-9][gives-up:7323-14][gives-up:7323-15][gives-up:7323-18]") {
    machine<plain> a;
    a.listens(99).gets(seg{.seq = 1, .ack = 5, .ts = seg::stamp{78, 0}});
    auto const has_stamps = [&] {
        auto const sent = a.emitted();
        REQUIRE(sent);
        return sent->ts.has_value();
    };
    CHECK(!has_stamps()); // RST
    a.gets(seg{.seq = 299, .syn = true, .mss = 1460, .ts = seg::stamp{1000, 0}});
    CHECK(!has_stamps()); // SYN,ACK
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{1001, 0}});
    CHECK(!has_stamps());                                                                                       // ACK
    a.gets(seg{.seq = 310, .ack = 100, .data = 10, .ts = seg::stamp{500, 0}, .first_octet = std::uint8_t{10}}); // PAWS
    CHECK(!has_stamps());
    a.reads(20).sends(10);
    CHECK(!has_stamps());
}

TEST_CASE("without timestamps a SYN ends TIME-WAIT by its number only",
          "[tcp][6191-5][gives-up:9293-SHLD-4][gives-up:6191-1][gives-up:6191-4]") {
    auto a = in<plain>(state::time_wait);
    auto const replaced_by = [&](seg const& s) {
        auto const octets = octets_of(s);
        return a.connection().may_be_replaced_by(*parse<tcp::header>(bytes_view(octets)));
    };
    CHECK(!replaced_by(seg{.seq = 300, .syn = true, .ts = seg::stamp{5000, 0}}));
    CHECK(replaced_by(seg{.seq = 301, .syn = true, .ts = seg::stamp{5000, 0}}));
    CHECK(replaced_by(seg{.seq = 301, .syn = true}));
}

TEST_CASE("without window scaling the peer's shift counts for nothing",
          "[tcp][gives-up:7323-1][gives-up:7323-4][gives-up:7323-5]") {
    for (std::uint8_t const shift : {std::uint8_t{7}, std::uint8_t{15}}) {
        machine<plain> a;
        a.listens(99).gets(seg{.seq = 299, .syn = true, .mss = 1000, .shift = shift});
        auto const answer = a.emitted();
        REQUIRE(answer);
        CHECK(answer->syn);
        CHECK(!answer->shift);
        a.gets(seg{.seq = 300, .ack = 100, .window = 100}).sends(1000).silent(); // 100, not 12800
        CHECK(a.connection().info().send_window == 100);
    }
}

TEST_CASE("without SACK nobody is told what lies beyond a gap, nor of what comes twice",
          "[tcp][gives-up:2018-4][gives-up:2018-5][gives-up:2018-6][gives-up:2883-1][gives-up:2883-2]"
          "[gives-up:2883-3]") {
    auto a = established<plain>(100, 300, 8192, {}, seg{.mss = 1460, .sack_permitted = true});
    for (auto const& arriving : {seg{.seq = 400, .ack = 100, .data = 10}, seg{.seq = 450, .ack = 100, .data = 10},
                                 seg{.seq = 400, .ack = 100, .data = 10}}) {
        a.gets(arriving);
        auto const answer = a.emitted();
        REQUIRE(answer);
        CHECK(answer->ack == 300u);
        CHECK(answer->sack.empty());
    }
}

TEST_CASE("an ACK of what has not been sent is not answered where the policy says so",
          "[tcp][gives-up:9293-SEG-ESTAB-3][gives-up:9293-SEG-SYNC-10][gives-up:5961-5]") {
    auto a = established<quiet_about_the_future>();
    a.gets(seg{.seq = 300, .ack = 101, .data = 10}).silent().cannot_read(error::would_block);
}

TEST_CASE("where RST is not ignored in TIME-WAIT one ends it", "[tcp][gives-up:1337-1]") {
    in<mortal>(state::time_wait).gets(seg{.seq = 301, .rst = true}).is(state::closed);
}

TEST_CASE("without a place for what lies beyond a gap it must come again", "[tcp][gives-up:9293-SHLD-31]") {
    auto a = established<without_a_queue>();
    a.gets(seg{.seq = 310, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 300});
    a.gets(seg{.seq = 300, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 310}).reads(10);
}
