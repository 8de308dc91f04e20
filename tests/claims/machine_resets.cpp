// Connections end at once, and do not where they must not, while the compiler watches.
#include "claims/machine_pair.hpp"

namespace {

using namespace claims;

constexpr bool an_abort_is_heard() {
    pair_of_hosts p;
    p.shake_hands();
    p.a.abort(p.now);
    p.deliver(p.a, p.b);
    p.expect(state::closed, state::closed);
    p.expect(p.a.finished() && p.b.failure() == tcp::error::reset);
    return p.as_expected;
}
static_assert(an_abort_is_heard());

constexpr bool who_does_not_listen_refuses() {
    pair_of_hosts p;
    p.expect(p.a.open(49152, 80, tcp::sequence(100), p.now).has_value());
    p.deliver(p.a, p.b);
    p.arrives(p.answer, p.a);
    p.expect(p.a.finished() && p.a.failure() == tcp::error::refused);
    return p.as_expected;
}
static_assert(who_does_not_listen_refuses());

// RFC 5961 section 3.2: a RST that is only in the window is asked about.
constexpr bool a_guess_does_not_reset() {
    pair_of_hosts p;
    p.shake_hands();
    tcp::incoming guess;
    guess.number = p.a.info().receive_next + 1;
    guess.has_rst = true;
    p.a.segment_arrives(guess, p.now);
    p.expect(state::established, state::established);
    p.deliver(p.a, p.b);
    p.transfer(p.b, p.a);
    return p.as_expected;
}
static_assert(a_guess_does_not_reset());

// Figure 9: one side has forgotten the connection.
constexpr bool a_half_open_connection_is_found_out() {
    pair_of_hosts p;
    p.shake_hands();
    p.a = host();
    p.says(p.b);
    p.deliver(p.b, p.a);
    p.arrives(p.answer, p.b);
    p.expect(p.b.finished() && p.b.failure() == tcp::error::reset);
    return p.as_expected;
}
static_assert(a_half_open_connection_is_found_out());

} // namespace
