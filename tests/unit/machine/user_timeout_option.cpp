// The user time-out option (RFC 5482).
#include "trace.hpp"

#include <plywire/headers/tcp_options.hpp>

using namespace trace;

namespace {

struct telling : plain {
    using user_timeout = tcp::user_timeout_option<100, 1000>;
};
struct full : telling {
    using timestamps = tcp::use_timestamps;
    static constexpr bool selective_acknowledgments = true;
};

// The value of the option in the next segment; 0 for none.
template <class Policies>
std::uint16_t told(machine<Policies>& m) {
    std::vector<std::byte> slot(2048);
    auto const size = m.connection().emit(slot, internet_sum(), m.now());
    REQUIRE(size > 0);
    return tcp::options_of(*parse<tcp::header>(bytes_view(slot).first(size))).user_timeout;
}

std::vector<std::uint8_t> saying(unsigned value) {
    return {28, 4, static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

template <class Policies>
duration until_closed(machine<Policies>& m) {
    auto const begin = m.now();
    while (m.connection().current_state() != state::closed) {
        m.now() = m.connection().deadline();
        m.connection().time_passes(m.now());
        m.loses();
    }
    return m.now() - begin;
}

} // namespace

TEST_CASE("the option stands on the SYN and on the first segment after it, and after each change", "[tcp][5482-4]") {
    machine<telling> m;
    m.opens(99);
    CHECK(told(m) == 300);
    m.gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 1460});
    CHECK(told(m) == 300);
    m.sends(5);
    CHECK(told(m) == 0);
    m.connection().set_user_timeout(minutes(30), m.now());
    m.queues(2920);
    CHECK(told(m) == 1800);
    CHECK(told(m) == 0);
    m.connection().set_user_timeout(hours(24), m.now());
    m.gets(seg{.seq = 300, .ack = 3021, .data = 1});
    CHECK(told(m) == (0x8000 | 1440));
    m.connection().set_user_timeout(tcp::forever, m.now());
    m.gets(seg{.seq = 301, .ack = 3025, .data = 1});
    CHECK(told(m) == 0xffff);
}

TEST_CASE("the option waits until there is room beside timestamps and SACK", "[tcp][5482-4]") {
    auto m = established<full>(100, 300, 8192, {}, seg{.mss = 1460, .sack_permitted = true, .ts = seg::stamp{1, 0}});
    for (std::uint32_t at = 400; at < 700; at += 100) {
        m.gets(seg{.seq = at, .ack = 100, .data = 10, .ts = seg::stamp{1, 0}}).loses();
    }
    m.connection().set_user_timeout(seconds(200), m.now());
    m.sends(5);
    CHECK(told(m) == 0);
    m.gets(seg{.seq = 300, .ack = 105, .data = 100, .ts = seg::stamp{1, 0}});
    CHECK(told(m) == 200);
}

TEST_CASE("value and granularity are read, and 0 means nothing", "[tcp][5482-1][5482-2]") {
    auto const waits = [](unsigned value) {
        auto m = established<telling>();
        m.gets(seg{.seq = 300, .ack = 100, .options = saying(value)}).sends(10).loses();
        return until_closed(m);
    };
    CHECK(waits(0) == minutes(5));
    CHECK(waits(0x8000) == minutes(5));
    CHECK(waits(600) == seconds(600));
    CHECK(waits(0x8000 | 10) == minutes(10));
    // min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT))
    CHECK(waits(1) == minutes(5));
    CHECK(waits(0x7fff) == seconds(1000));
}

TEST_CASE("what the application has set is not changed by the peer", "[tcp][5482-3]") {
    auto m = established<telling>();
    m.connection().set_user_timeout(seconds(120), m.now());
    m.gets(seg{.seq = 300, .ack = 100, .options = saying(900)}).sends(10).loses();
    CHECK(until_closed(m) == seconds(120));
}

TEST_CASE("the option of a SYN counts too, and that of the last connection does not", "[tcp][5482-2]") {
    machine<telling> m;
    m.listens(99).gets(seg{.seq = 299, .syn = true, .options = saying(700)});
    m.answers(seg{.seq = 99, .ack = 300, .syn = true}).gets(seg{.seq = 300, .ack = 100}).sends(10).loses();
    CHECK(until_closed(m) == seconds(700));
    m.listens(99).gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true});
    m.gets(seg{.seq = 300, .ack = 100}).sends(10).loses();
    CHECK(until_closed(m) == minutes(5));
}
