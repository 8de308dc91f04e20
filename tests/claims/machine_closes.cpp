// Connections end in order, in every way, while the compiler watches.
#include "claims/machine_pair.hpp"

namespace {

using namespace claims;

// Figure 12 of RFC 9293, with text that still goes the other way.
constexpr bool one_closes_and_then_the_other() {
    pair_of_hosts p;
    p.shake_hands();
    p.closes(p.a);
    p.deliver(p.a, p.b);
    p.expect(state::fin_wait_1, state::close_wait);
    p.expect(p.hears_the_end(p.b));
    p.deliver(p.b, p.a);
    p.expect(state::fin_wait_2, state::close_wait);
    p.transfer(p.b, p.a);
    p.closes(p.b);
    p.deliver(p.b, p.a);
    p.expect(state::time_wait, state::last_ack);
    p.deliver(p.a, p.b);
    p.expect(state::time_wait, state::closed);
    p.expect(p.b.finished() && p.b.failure() == tcp::error::none && p.hears_the_end(p.a));
    p.times_out(p.a);
    p.expect(p.a.finished() && p.a.deadline() == instant::never());
    return p.as_expected;
}
static_assert(one_closes_and_then_the_other());

// Figure 13.
constexpr bool both_close_at_once() {
    pair_of_hosts p;
    p.shake_hands();
    p.closes(p.a);
    p.closes(p.b);
    auto const of_a = p.emitted(p.a);
    auto const of_b = p.emitted(p.b);
    p.arrives(of_a, p.b);
    p.arrives(of_b, p.a);
    p.expect(state::closing, state::closing);
    auto const ack_of_a = p.emitted(p.a);
    auto const ack_of_b = p.emitted(p.b);
    p.arrives(ack_of_a, p.b);
    p.arrives(ack_of_b, p.a);
    p.expect(state::time_wait, state::time_wait);
    p.times_out(p.a);
    p.b.time_passes(p.now);
    p.expect(p.a.finished() && p.b.finished());
    return p.as_expected;
}
static_assert(both_close_at_once());

// Note 2 of figure 5: from FIN-WAIT-1 to TIME-WAIT with one segment.
constexpr bool three_segments_are_enough() {
    pair_of_hosts p;
    p.shake_hands();
    p.closes(p.a);
    p.deliver(p.a, p.b);
    p.closes(p.b);
    p.deliver(p.b, p.a);
    p.expect(state::time_wait, state::last_ack);
    p.deliver(p.a, p.b);
    p.expect(state::time_wait, state::closed);
    return p.as_expected;
}
static_assert(three_segments_are_enough());

constexpr bool one_may_close_before_the_handshake_is_over() {
    pair_of_hosts p;
    p.listen_and_open();
    p.deliver(p.a, p.b);
    p.closes(p.b);
    p.expect(state::syn_sent, state::fin_wait_1);
    p.deliver(p.b, p.a, 2);
    p.expect(state::close_wait, state::fin_wait_1);
    p.deliver(p.a, p.b);
    p.expect(state::close_wait, state::fin_wait_2);
    p.closes(p.a);
    p.deliver(p.a, p.b);
    p.deliver(p.b, p.a);
    p.expect(state::closed, state::time_wait);
    return p.as_expected;
}
static_assert(one_may_close_before_the_handshake_is_over());

// The FIN again, since its ACK was lost, and 2 MSL anew.
constexpr bool time_wait_answers_a_finish_again() {
    pair_of_hosts p;
    p.shake_hands();
    p.closes(p.a);
    p.deliver(p.a, p.b);
    p.closes(p.b);
    p.deliver(p.b, p.a);
    p.expect(p.emitted(p.a).is_there());
    auto const over = p.a.deadline();
    p.times_out(p.b);
    p.deliver(p.b, p.a);
    p.expect(p.a.deadline() > over);
    p.deliver(p.a, p.b);
    p.expect(state::time_wait, state::closed);
    return p.as_expected;
}
static_assert(time_wait_answers_a_finish_again());

} // namespace
