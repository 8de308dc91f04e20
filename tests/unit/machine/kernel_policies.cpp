// What makes a connection look like one of a kernel: the order of options, PSH, quick ACKs, the RST of ABORT, the first
// window and the least time-out.
#include "trace.hpp"

#include <plywire/machine/kernel_policies.hpp>

#include <algorithm>

using namespace trace;

namespace {

// The octets of the next segment's options.
template <class Policies>
std::vector<std::byte> options_sent(machine<Policies>& m) {
    std::vector<std::byte> slot(2048);
    auto const size = m.connection().emit(slot, internet_sum(), m.now());
    auto const segment = parse<tcp::header>(bytes_view(slot).first(size));
    CHECK(segment.has_value());
    auto const options = segment->options();
    return {options.begin(), options.end()};
}

template <class Policies>
std::vector<std::byte> options_of_syn() {
    machine<Policies> m;
    m.now() = instant{0x01020304 * milliseconds(1).nanoseconds};
    m.opens(99);
    return options_sent(m);
}

template <std::size_t N>
bool same(std::vector<std::byte> const& a, std::array<std::byte, N> const& b) {
    return std::ranges::equal(a, b);
}

template <class Base>
struct without_timestamps : Base {
    using timestamps = tcp::no_timestamps;
};
template <class Base>
struct without_scaling : Base {
    static constexpr bool window_scaling = false;
};
template <class Base>
struct without_sack : Base {
    static constexpr bool selective_acknowledgments = false;
};

struct quick : plain {
    using acknowledgment = tcp::quick_acknowledgment<3>;
};
struct pushing : plain {
    using push = tcp::push_each_write<>;
};
struct acknowledging : plain {
    using resets = tcp::acknowledging_resets;
};

} // namespace

TEST_CASE("the options of a SYN stand in the order of Linux", "[tcp]") {
    using base = tcp::linux_like;
    CHECK(same(options_of_syn<base>(), hex<"020405b4 0402 080a 01020304 00000000 01 030307">()));
    CHECK(same(options_of_syn<without_timestamps<base>>(), hex<"020405b4 0101 0402 01 030307">()));
    CHECK(same(options_of_syn<without_sack<base>>(), hex<"020405b4 0101 080a 01020304 00000000 01 030307">()));
    CHECK(same(options_of_syn<without_scaling<base>>(), hex<"020405b4 0402 080a 01020304 00000000">()));
    CHECK(same(options_of_syn<without_scaling<without_timestamps<base>>>(), hex<"020405b4 0101 0402">()));
}

TEST_CASE("the options of a SYN stand in the order of FreeBSD", "[tcp]") {
    using base = tcp::freebsd_like;
    CHECK(same(options_of_syn<base>(), hex<"020405b4 01 030306 0402 080a 01020304 00000000">()));
    CHECK(same(options_of_syn<without_timestamps<base>>(), hex<"020405b4 01 030306 0402 0000">()));
    CHECK(same(options_of_syn<without_sack<base>>(), hex<"020405b4 01 030306 0101 080a 01020304 00000000">()));
    CHECK(same(options_of_syn<without_scaling<base>>(), hex<"020405b4 0402 080a 01020304 00000000">()));
}

TEST_CASE("PSH stands where a call of SEND ends, though more is queued behind it", "[tcp]") {
    SECTION("with the rule of Linux") {
        auto m = established<pushing>();
        m.queues(100).queues(2000).queues(50);
        m.answers(seg{.seq = 100, .ack = 300, .data = 1460, .psh = true}); // the first call ends inside
        m.gets(seg{.seq = 300, .ack = 1560});
        m.answers(seg{.seq = 1560, .ack = 300, .data = 690, .psh = true});
        m.queues(2920);
        m.answers(seg{.seq = 2250, .ack = 300, .data = 1460, .psh = false});
        m.answers(seg{.seq = 3710, .ack = 300, .data = 1460, .psh = true});
    }
    SECTION("without it only the last octet that is queued is pushed") {
        auto m = established();
        m.queues(100).queues(2000);
        m.answers(seg{.seq = 100, .ack = 300, .data = 1460, .psh = false});
    }
    SECTION("of many calls the last are remembered, and pushed again when sent again") {
        auto m = established<pushing>();
        m.queues(1460);
        m.answers(seg{.seq = 100, .ack = 300, .data = 1460, .psh = true}).times_out();
        m.answers(seg{.seq = 100, .ack = 300, .data = 1460, .psh = true});
    }
}

TEST_CASE("the first segments are acknowledged at once, and the first after a pause", "[tcp]") {
    auto m = established<quick>();
    std::uint32_t next = 300;
    auto const gets_quickly = [&] {
        m.gets(seg{.seq = next, .ack = 100, .data = 10});
        next += 10;
        m.answers(seg{.seq = 100, .ack = next});
    };
    for (int i = 0; i < 3; ++i) gets_quickly();
    m.gets(seg{.seq = next, .ack = 100, .data = 10}).silent().times_out(milliseconds(40));
    next += 10;
    m.answers(seg{.seq = 100, .ack = next});
    SECTION("a pause as long as the time-out is no pause yet") {
        m.waits(seconds(1) - milliseconds(40));
        m.gets(seg{.seq = next, .ack = 100, .data = 10}).silent().loses();
        m.times_out().answers(seg{.seq = 100, .ack = next + 10});
    }
    SECTION("a longer one is") {
        m.waits(seconds(1));
        for (int i = 0; i < 3; ++i) gets_quickly();
    }
}

TEST_CASE("a connection that answers what it gets lets its answers bear the ACKs", "[tcp]") {
    auto m = established<quick>();
    m.gets(seg{.seq = 300, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 310});
    m.sends(20).answers(seg{.seq = 100, .ack = 310, .data = 20});
    m.gets(seg{.seq = 310, .ack = 120, .data = 10}).silent().times_out(milliseconds(40));
    m.answers(seg{.seq = 120, .ack = 320});
}

TEST_CASE("the RST of ABORT bears an ACK where kernels send it so", "[tcp]") {
    auto bare = established();
    bare.aborts().answers(seg{.seq = 100, .rst = true}).finished();
    auto with = established<acknowledging>();
    with.aborts().answers(seg{.seq = 100, .ack = 300, .rst = true}).finished();
}

TEST_CASE("the window of a SYN is a whole number of segments with Linux's policies", "[tcp]") {
    machine<tcp::linux_like> a;
    a.opens(99).answers(seg{.seq = 99, .syn = true, .window = 64240, .mss = 1460, .shift = 7});
    machine<tcp::linux_like> b;
    b.listens(99).gets(seg{.seq = 299, .syn = true, .mss = 1460, .ts = seg::stamp{1, 0}});
    b.answers(seg{.seq = 99, .ack = 300, .syn = true, .window = 65160}); // 45 segments of 1448
    machine<tcp::freebsd_like> c;
    c.opens(99).answers(seg{.seq = 99, .syn = true, .window = 65535, .mss = 1460, .shift = 6});
    machine<tcp::linux_like> d({.maximum_segment_size = 9000, .receive_buffer = 4096});
    d.opens(99).answers(seg{.seq = 99, .syn = true, .window = 4096}); // less than a segment
}

TEST_CASE("the time-out of Linux is the round trip and 200 ms, that of a SYN a second", "[tcp]") {
    machine<tcp::linux_like> m;
    m.opens(99).answers(seg{.seq = 99, .syn = true}).times_out(seconds(1)).answers(seg{.seq = 99, .syn = true});
    m.times_out(seconds(2)).answers(seg{.seq = 99, .syn = true});
    struct kernel : plain {
        using retransmission = tcp::linux_timing;
    };
    machine<kernel> n;
    n.opens(99).answers(seg{.seq = 99, .syn = true}).waits(milliseconds(20));
    n.gets(seg{.seq = 299, .ack = 100, .syn = true}).answers(seg{.seq = 100, .ack = 300});
    n.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10}).times_out(milliseconds(220));
    n.answers(seg{.seq = 100, .ack = 300, .data = 10});
}
