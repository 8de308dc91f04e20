// What TCP of a host remembers without a connection: how little it is, and that it works while compiling.
#include <plywire/machine/policies.hpp>
#include <plywire/machine/syn_cookies.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/tcp_network_errors.hpp>
#include <plywire/protocols/tcp_settings.hpp>
#include <plywire/protocols/tcp_time_waits.hpp>

#include <array>
#include <type_traits>

namespace {

using namespace plywire;
using namespace plywire::literals;

// A TIME-WAIT with its places in the table and in the list, for either Internet protocol.
static_assert(sizeof(tcp::detail::time_wait_entry<ipv4::address>) == 48);
static_assert(sizeof(tcp::detail::time_wait_entry<std::array<std::byte, 16>>) == 72);

constexpr endpoint here{"10.9.0.1"_ipv4, 80};
constexpr endpoint there(std::uint16_t port) { return {"10.9.0.2"_ipv4, port}; }

constexpr bool time_waits_end_in_order_and_are_bounded() {
    tcp::detail::time_wait_table<fixed_pool<2>> table;
    instant const start{1'000'000'000};
    bool const kept = table.insert(1, here, there(1), {}, start, seconds(60)) &&
                      table.insert(2, here, there(2), {}, start + seconds(1), seconds(60)) &&
                      !table.insert(3, here, there(3), {}, start + seconds(2), seconds(60));
    bool const due =
        table.deadline() >= start + seconds(60) && table.deadline() <= start + seconds(60) + milliseconds(2);
    table.restart(table.find(1, here, there(1)), start + seconds(3), seconds(60)); // and so it is the younger one
    bool const first = table.oldest() == table.find(2, here, there(2));
    table.expire(start + seconds(62));
    bool const one_left = table.size() == 1 && table.find(2, here, there(2)) == no_index;
    table.expire(start + seconds(70));
    return kept && due && first && one_left && table.empty() && table.deadline() == instant::never();
}
static_assert(time_waits_end_in_order_and_are_bounded());

// For centuries: when a TIME-WAIT ends is kept in 32 bits, and how late it is does not matter.
constexpr bool time_waits_know_the_century() {
    tcp::detail::time_wait_table<fixed_pool<1>> table;
    for (std::int64_t year = 1; year < 290; year += 17) {
        instant const start = instant{} + hours(year * 365 * 24);
        if (!table.insert(1, here, there(1), {}, start, minutes(4))) return false;
        table.expire(start + minutes(4) - milliseconds(1));
        if (table.size() != 1) return false;
        table.expire(start + minutes(4) + milliseconds(2));
        if (!table.empty()) return false;
    }
    return true;
}
static_assert(time_waits_know_the_century());

// A cookie comes back as it went, and no other way.
constexpr bool cookies_come_back() {
    tcp::syn_cookie_generator const cookies({1, 2});
    instant const now{5'000'000'000};
    tcp::sequence const peer(77);
    for (std::uint16_t const size : tcp::cookie_segment_sizes) {
        auto const cookie = cookies.make(0x1234'5678'9abc'def0, peer, size, now);
        if (cookies.check(0x1234'5678'9abc'def0, peer, cookie, now + seconds(90)) != size) return false;
        if (cookies.check(0x1234'5678'9abc'def0, peer, cookie, now + seconds(130))) return false;
        if (cookies.check(0x1234'5678'9abc'def1, peer, cookie, now)) return false;
        if (cookies.check(0x1234'5678'9abc'def0, peer + 1, cookie, now)) return false;
        if (cookies.check(0x1234'5678'9abc'def0, peer, cookie + 1, now)) return false;
        if (tcp::syn_cookie_generator({1, 3}).check(0x1234'5678'9abc'def0, peer, cookie, now)) return false;
    }
    return true;
}
static_assert(cookies_come_back());

// Options survive in a timestamp that the clock has passed, by less than 32 steps.
constexpr bool options_survive_in_timestamps() {
    for (std::uint32_t clock : {0U, 1U, 31U, 32U, 12'345U, 0xffff'ffffU}) {
        for (std::uint8_t shift = 0; shift <= 15; ++shift) {
            for (bool const sack : {false, true}) {
                bool const scales = shift <= 14;
                tcp::stamped_options const said{sack, scales, scales ? shift : std::uint8_t{0}};
                std::uint32_t const stamp = said.in(clock);
                auto const read = tcp::stamped_options::of(stamp);
                if (clock - stamp >= 32 || read.permits_sack != sack || read.scales_window != scales) return false;
                if (read.window_shift != said.window_shift) return false;
            }
        }
    }
    return true;
}
static_assert(options_survive_in_timestamps());

// What is not named is chosen by what is.
struct small : tcp::defaults {
    using connections = fixed_pool<8>;
};
struct smaller : small {
    using time_waits = fixed_pool<2>;
    static constexpr bool syn_cookies = false;
};
static_assert(std::is_same_v<tcp::time_waits_of<small>, fixed_pool<8>>);
static_assert(std::is_same_v<tcp::time_waits_of<smaller>, fixed_pool<2>>);
static_assert(std::is_same_v<tcp::time_waits_of<tcp::defaults>, tcp::default_connections>);
static_assert(tcp::uses_syn_cookies<small> && !tcp::uses_syn_cookies<smaller>);

using kind = tcp::network_error_kind;
static_assert(tcp::detail::meaning_of(3, 0) == kind::network_unreachable);
static_assert(tcp::detail::meaning_of(3, 1) == kind::host_unreachable);
static_assert(tcp::detail::meaning_of(3, 2) == kind::protocol_unreachable);
static_assert(tcp::detail::meaning_of(3, 3) == kind::port_unreachable);
static_assert(tcp::detail::meaning_of(3, 4) == kind::fragmentation_needed);
static_assert(tcp::detail::meaning_of(3, 5) == kind::source_route_failed);
static_assert(tcp::detail::meaning_of(3, 13) == kind::prohibited);
static_assert(tcp::detail::meaning_of(3, 200) == kind::network_unreachable);
static_assert(tcp::detail::meaning_of(4, 0) == kind::source_quench);
static_assert(tcp::detail::meaning_of(11, 1) == kind::time_exceeded);
static_assert(tcp::detail::meaning_of(12, 0) == kind::parameter_problem);

} // namespace
