// Urgent data, keep-alive, patience, ICMP errors and the rest of what a connection knows, carried out by the compiler.
#include <plywire/bytes/span.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/machine/connection.hpp>

#include <array>

namespace {

using namespace plywire;

struct complete : tcp::defaults {
    using send_storage = inline_storage<64>;
    using receive_storage = inline_storage<64>;
};
using host = tcp::connection<complete>;

// Everything that `from` wants to send arrives at `to`; how many segments.
constexpr int deliver(host& from, host& to, instant now) {
    std::array<std::byte, 160> slot{};
    int segments = 0;
    while (auto const size = from.emit(slot, internet_sum(), now)) {
        ++segments;
        to.segment_arrives(*parse<tcp::header>(bytes_view(slot).first(size)), now);
    }
    return segments;
}

// ESTABLISHED, and nothing on its way.
constexpr void connect(host& a, host& b, instant now) {
    a.configure({.maximum_segment_size = 64});
    b.configure({.maximum_segment_size = 64});
    (void)b.listen(80, tcp::sequence(7));
    (void)a.open(49152, 80, tcp::sequence(0xffff'fffe), now);
    while (deliver(a, b, now) + deliver(b, a, now) > 0) {
    }
}

constexpr std::array some_octets{std::byte{1}, std::byte{2}, std::byte{3}};

constexpr bool urgent_data_is_told_of() {
    host a, b;
    instant const now{};
    connect(a, b, now);
    bool good = a.send_urgent(some_octets, now) == 3u && !b.urgent_pending();
    deliver(a, b, now);
    good = good && b.next_advice() == tcp::advice::urgent_data && !b.has_advice() && b.urgent_left() == 3;
    std::array<std::byte, 8> room{};
    return good && b.receive(room, now) == 3u && b.urgent_left() == 0;
}
static_assert(urgent_data_is_told_of());

constexpr bool an_idle_peer_is_probed() {
    host a, b;
    instant now{};
    connect(a, b, now);
    a.set_keep_alive(tcp::keep_alive_settings{.idle = seconds(5), .interval = seconds(1), .probes = 1}, now);
    bool good = a.deadline() == now + seconds(5);
    a.time_passes(now += seconds(5));
    good = good && deliver(a, b, now) == 1 && deliver(b, a, now) == 1 && a.deadline() == now + seconds(5);
    for (int i = 0; i < 2; ++i) {
        a.time_passes(now = a.deadline());
        std::array<std::byte, 160> lost{};
        while (a.emit(lost, internet_sum(), now) > 0) {
        }
    }
    return good && a.current_state() == tcp::state::closed && a.failure() == tcp::error::timed_out;
}
static_assert(an_idle_peer_is_probed());

constexpr bool patience_ends_when_the_user_says() {
    host a, b;
    instant now{};
    connect(a, b, now);
    a.set_user_timeout(milliseconds(300), now);
    (void)a.send(some_octets, now);
    std::array<std::byte, 160> lost{};
    (void)a.emit(lost, internet_sum(), now);
    bool const good = a.deadline() == now + milliseconds(300);
    a.time_passes(now += milliseconds(300));
    return good && a.failure() == tcp::error::timed_out;
}
static_assert(patience_ends_when_the_user_says());

constexpr bool a_cork_holds_what_is_short() {
    host a, b;
    instant now{};
    connect(a, b, now);
    a.set_cork(true, now);
    (void)a.send(some_octets, now);
    bool const held = !a.wants_to_send(now) && a.deadline() == now + milliseconds(200);
    a.set_cork(false, now);
    return held && deliver(a, b, now) == 1;
}
static_assert(a_cork_holds_what_is_short());

constexpr bool who_lingers_for_no_time_resets() {
    host a, b;
    instant const now{};
    connect(a, b, now);
    a.set_linger(duration{});
    (void)a.send(some_octets, now);
    a.detach(now);
    return deliver(a, b, now) == 1 && a.finished() && b.failure() == tcp::error::reset;
}
static_assert(who_lingers_for_no_time_resets());

constexpr bool errors_are_judged_by_what_they_quote() {
    host a;
    instant const now{};
    a.configure({.maximum_segment_size = 64});
    (void)a.open(49152, 80, tcp::sequence(100), now);
    std::array<std::byte, 160> sent{};
    (void)a.emit(sent, internet_sum(), now);
    a.network_error(tcp::network_error_kind::port_unreachable, tcp::sequence(99), now);
    bool const kept = a.current_state() == tcp::state::syn_sent && !a.has_advice();
    a.network_error(tcp::network_error_kind::port_unreachable, tcp::sequence(100), now);
    return kept && a.failure() == tcp::error::refused && a.next_advice() == tcp::advice::port_unreachable;
}
static_assert(errors_are_judged_by_what_they_quote());

} // namespace
