// The slots of a set of policies, as a list: what is asked of every policy goes through it. tcp::defaults
// (machine/policies.hpp) says what each is for.
#pragma once

namespace plywire::tcp {

// Types, and nothing else.
template <class... Types>
struct type_list {};

// What P has put into each slot. Does not exist if P has no name for one of them.
template <class P>
using slots_of =
    type_list<typename P::congestion_control, typename P::recovery, typename P::retransmission,
              typename P::acknowledgment, typename P::challenges, typename P::timestamps, typename P::waiting,
              typename P::urgent, typename P::keep_alive, typename P::user_timeout, typename P::cork,
              typename P::linger, typename P::duplicates, typename P::reports, typename P::counters,
              typename P::options, typename P::push, typename P::resets, typename P::window, typename P::tail_probe,
              typename P::fast_open, typename P::observer, typename P::send_storage, typename P::receive_storage>;

} // namespace plywire::tcp
