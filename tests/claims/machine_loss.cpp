// What is lost is sent again, while the compiler watches.
#include "claims/machine_pair.hpp"

namespace {

using namespace claims;

constexpr bool a_lost_segment_is_sent_again() {
    pair_of_hosts p;
    p.shake_hands();
    p.says(p.a);
    p.expect(p.emitted(p.a).is_there() && !p.a.wants_to_send(p.now));
    p.times_out(p.a);
    p.deliver(p.a, p.b);
    p.has_heard(p.b);
    p.expect(p.a.info().retransmissions == 1);
    return p.as_expected;
}
static_assert(a_lost_segment_is_sent_again());

constexpr bool a_lost_syn_is_sent_again() {
    pair_of_hosts p;
    p.listen_and_open();
    p.expect(p.emitted(p.a).is_there());
    p.times_out(p.a);
    p.deliver(p.a, p.b);
    p.deliver(p.b, p.a);
    p.deliver(p.a, p.b);
    p.expect(state::established, state::established);
    return p.as_expected;
}
static_assert(a_lost_syn_is_sent_again());

constexpr bool a_lost_acknowledgment_is_made_up_for() {
    pair_of_hosts p;
    p.shake_hands();
    p.says(p.a);
    p.deliver(p.a, p.b);
    p.times_out(p.b); // the delayed ACK
    p.expect(p.emitted(p.b).is_there());
    p.times_out(p.a);
    p.deliver(p.a, p.b);
    p.deliver(p.b, p.a);
    p.has_heard(p.b); // once
    p.expect(p.a.unacknowledged() == 0);
    return p.as_expected;
}
static_assert(a_lost_acknowledgment_is_made_up_for());

constexpr bool text_out_of_turn_is_put_in_order() {
    pair_of_hosts p;
    p.a.configure({.maximum_segment_size = 64, .no_delay = true});
    p.shake_hands();
    p.expect(p.a.send(bytes_view(p.text).first(3), p.now) == 3u);
    auto const first = p.emitted(p.a);
    p.expect(p.a.send(bytes_view(p.text).subspan(3), p.now) == 5u);
    auto const second = p.emitted(p.a);
    p.arrives(second, p.b);
    p.expect(p.b.unread() == 0);
    p.arrives(first, p.b);
    p.arrives(second, p.b);
    p.has_heard(p.b);
    return p.as_expected;
}
static_assert(text_out_of_turn_is_put_in_order());

constexpr bool nobody_waits_for_ever() {
    pair_of_hosts p;
    p.listen_and_open();
    for (int i = 0; i < 20 && !p.a.finished(); ++i) {
        (void)p.emitted(p.a);
        p.times_out(p.a);
    }
    p.expect(p.a.finished() && p.a.failure() == tcp::error::timed_out);
    return p.as_expected;
}
static_assert(nobody_waits_for_ever());

} // namespace
