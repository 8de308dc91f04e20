// The table of states and moves, and what the compiler finds out about such tables.
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/states.hpp>

#include <array>
#include <concepts>

namespace {

using namespace plywire::tcp;

// Moves of RFC 9293 figure 5.
static_assert(is_a_move(state::closed, state::listen) && is_a_move(state::closed, state::syn_sent));
static_assert(is_a_move(state::listen, state::syn_received) && is_a_move(state::syn_sent, state::syn_received));
static_assert(is_a_move(state::syn_sent, state::established) && is_a_move(state::syn_received, state::established));
static_assert(is_a_move(state::established, state::fin_wait_1) && is_a_move(state::established, state::close_wait));
static_assert(is_a_move(state::fin_wait_1, state::fin_wait_2) && is_a_move(state::fin_wait_1, state::closing));
static_assert(is_a_move(state::fin_wait_2, state::time_wait) && is_a_move(state::closing, state::time_wait));
static_assert(is_a_move(state::close_wait, state::last_ack) && is_a_move(state::last_ack, state::closed));
static_assert(is_a_move(state::time_wait, state::closed));
// And some that are not there.
static_assert(!is_a_move(state::closed, state::established));
static_assert(!is_a_move(state::established, state::time_wait));
static_assert(!is_a_move(state::close_wait, state::time_wait));
static_assert(!is_a_move(state::time_wait, state::established));

// The checks would find what is wrong.
constexpr std::array ambiguous = {
    transition{state::closed, step::none, event::open_active, guard::always, state::syn_sent},
    transition{state::closed, step::none, event::open_active, guard::always, state::listen}};
static_assert(!detail::rows_are_unambiguous(ambiguous));
static_assert(!detail::every_state_is_reachable(ambiguous, state::closed));
static_assert(!detail::every_state_can_be_left(ambiguous));
static_assert(!detail::every_state_can_end(ambiguous));

// A state is written by move() alone.
template <class T>
concept assignable_from_a_state = requires(T now_in) { now_in = state::established; };
static_assert(!assignable_from_a_state<current_state>);
static_assert(!std::constructible_from<current_state, state>);

// Sequence numbers have no order of their own.
template <class T>
concept has_less = requires(T a, T b) { a < b; };
static_assert(!has_less<sequence>);
static_assert(std::equality_comparable<sequence>);
static_assert(before(sequence(0xffff'ffff), sequence(0)) && !before(sequence(0), sequence(0xffff'ffff)));

static_assert(name_of(state::syn_received) == "SYN-RECEIVED");

} // namespace
