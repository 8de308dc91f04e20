// expect: plywire: the table of TCP states (machine/states.hpp) has no row for this move
#include <plywire/machine/states.hpp>

using plywire::tcp::state;

constexpr void established(plywire::tcp::current_state& now_in) {
#ifdef MISTAKE
    now_in.move<state::established, state::time_wait>();
#else
    now_in.move<state::established, state::fin_wait_1>();
#endif
}
