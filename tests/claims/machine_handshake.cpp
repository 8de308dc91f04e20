// Three-way handshake, data, close and TIME-WAIT between two machines, carried out by the compiler.
#include <plywire/bytes/span.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/machine/connection.hpp>
#include <plywire/machine/reset.hpp>

#include <array>

namespace {

using namespace plywire;
struct small : tcp::minimal<64, 64> {
    using counters = tcp::retransmission_counter;
};
using host = tcp::connection<small>;

// Everything that `from` wants to send arrives at `to`. The number of segments; a hundred more if a checksum is wrong.
constexpr int deliver(host& from, host& to, instant now) {
    std::array<std::byte, 128> slot{};
    int segments = 0;
    while (auto const size = from.emit(slot, internet_sum(), now)) {
        auto const octets = bytes_view(slot).first(size);
        internet_sum sum;
        sum.add_word(static_cast<std::uint16_t>(size));
        sum.add(octets);
        segments += sum.folded() == 0xffff ? 1 : 100;
        to.segment_arrives(*parse<tcp::header>(octets), now);
    }
    return segments;
}

struct pair_of_hosts {
    host a{};
    host b{};
    instant now{};
    bool as_expected = true;

    constexpr void expect(bool condition) { as_expected = as_expected && condition; }
    constexpr void expect(tcp::state of_a, tcp::state of_b) {
        expect(a.current_state() == of_a && b.current_state() == of_b);
    }

    constexpr pair_of_hosts(std::uint32_t isn_a, std::uint32_t isn_b) {
        a.configure({.maximum_segment_size = 64});
        b.configure({.maximum_segment_size = 64});
        expect(b.listen(80, tcp::sequence(isn_b)).has_value());
        expect(a.open(49152, 80, tcp::sequence(isn_a), now).has_value());
        expect(deliver(a, b, now) == 1);
        expect(tcp::state::syn_sent, tcp::state::syn_received);
        expect(deliver(b, a, now) == 1);
        expect(tcp::state::established, tcp::state::syn_received);
        expect(deliver(a, b, now) == 1);
        expect(tcp::state::established, tcp::state::established);
    }

    constexpr void transfer(host& from, host& to) {
        constexpr auto request = hex<"0001 0203 0405 0607">();
        std::array<std::byte, 16> room{};
        expect(from.send(request, now) == 8u);
        expect(deliver(from, to, now) == 1);
        expect(to.receive(room, now) == 8u);
        expect(room[0] == request[0] && room[7] == request[7]);
        expect(!to.receive(room, now).has_value());
    }
};

constexpr bool talks_and_closes(std::uint32_t isn_a, std::uint32_t isn_b) {
    pair_of_hosts pair(isn_a, isn_b);
    auto& [a, b, now, as_expected] = pair;
    pair.transfer(a, b);
    pair.transfer(b, a);

    pair.expect(a.close(now).has_value());
    deliver(a, b, now);
    pair.expect(tcp::state::fin_wait_1, tcp::state::close_wait);
    deliver(b, a, now);
    pair.expect(tcp::state::fin_wait_2, tcp::state::close_wait);
    pair.transfer(b, a); // half-close: the other direction goes on
    pair.expect(b.close(now).has_value());
    deliver(b, a, now);
    pair.expect(tcp::state::time_wait, tcp::state::last_ack);
    deliver(a, b, now);
    pair.expect(tcp::state::time_wait, tcp::state::closed);
    pair.expect(b.finished() && b.failure() == tcp::error::none);

    a.time_passes(a.deadline());
    pair.expect(a.finished() && a.deadline() == instant::never());
    return as_expected;
}
static_assert(talks_and_closes(836, 486));
static_assert(talks_and_closes(0xffff'ffff, 0xffff'fffe), "sequence numbers go round");

constexpr bool a_lost_segment_is_sent_again() {
    pair_of_hosts pair(100, 300);
    auto& [a, b, now, as_expected] = pair;
    constexpr auto text = hex<"dead beef">();
    std::array<std::byte, 128> lost{};
    pair.expect(a.send(text, now) == 4u);
    pair.expect(a.emit(lost, internet_sum(), now) > 0);
    pair.expect(!a.wants_to_send(now));
    now = a.deadline();
    a.time_passes(now);
    pair.expect(deliver(a, b, now) == 1);
    std::array<std::byte, 4> room{};
    pair.expect(b.receive(room, now) == 4u && room == text);
    pair.expect(a.info().retransmissions == 1);
    return as_expected;
}
static_assert(a_lost_segment_is_sent_again());

constexpr bool an_abort_is_heard() {
    pair_of_hosts pair(100, 300);
    auto& [a, b, now, as_expected] = pair;
    a.abort(now);
    pair.expect(deliver(a, b, now) == 1);
    pair.expect(tcp::state::closed, tcp::state::closed);
    std::array<std::byte, 4> room{};
    pair.expect(b.receive(room, now).error() == tcp::error::reset);
    return as_expected;
}
static_assert(an_abort_is_heard());

constexpr bool both_may_open_at_once() {
    host a;
    host b;
    instant const now{};
    bool good = a.open(1, 2, tcp::sequence(100), now).has_value() && b.open(2, 1, tcp::sequence(300), now).has_value();
    std::array<std::byte, 64> syn_a{};
    std::array<std::byte, 64> syn_b{};
    auto const size_a = a.emit(syn_a, internet_sum(), now);
    auto const size_b = b.emit(syn_b, internet_sum(), now);
    a.segment_arrives(*parse<tcp::header>(bytes_view(syn_b).first(size_b)), now);
    b.segment_arrives(*parse<tcp::header>(bytes_view(syn_a).first(size_a)), now);
    good = good && a.current_state() == tcp::state::syn_received && b.current_state() == tcp::state::syn_received;
    deliver(a, b, now);
    deliver(b, a, now);
    return good && a.current_state() == tcp::state::established && b.current_state() == tcp::state::established;
}
static_assert(both_may_open_at_once());

} // namespace
