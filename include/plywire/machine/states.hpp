// The eleven states and every legal move between them, as data that the compiler checks.
// Read RFC 9293 section 3.3.2 (figure 5) first. This table is the program: `current_state::move` is the only writer of
// a state, and it does not compile for a move that has no row here.
#pragma once

#include <plywire/machine/events.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace plywire::tcp {

// RFC 9293 section 3.3.2.
enum class state : std::uint8_t {
    closed,
    listen,
    syn_sent,
    syn_received,
    established,
    fin_wait_1,
    fin_wait_2,
    close_wait,
    closing,
    last_ack,
    time_wait,
};

inline constexpr std::size_t number_of_states = 11;

// The name as the RFC writes it.
constexpr std::string_view name_of(state s) {
    constexpr std::array<std::string_view, number_of_states> names = {
        "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
        "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT"};
    auto const index = static_cast<std::size_t>(s);
    return index < names.size() ? names[index] : std::string_view("?");
}

// One row of the table: in state `from`, when `cause` is noticed in step `at` and `on` holds, the state becomes `to`.
struct transition {
    state from;
    step at;
    event cause;
    guard on;
    state to;
};

inline constexpr auto transitions = std::to_array<transition>({
    // RFC 9293 3.10.1 OPEN
    {state::closed, step::none, event::open_passive, guard::always, state::listen},
    {state::closed, step::none, event::open_active, guard::always, state::syn_sent},
    {state::listen, step::none, event::open_active, guard::always, state::syn_sent},
    // 3.10.4 CLOSE
    {state::listen, step::none, event::close, guard::always, state::closed},
    {state::syn_sent, step::none, event::close, guard::always, state::closed},
    {state::syn_received, step::none, event::close, guard::nothing_unsent, state::fin_wait_1},
    {state::established, step::none, event::close, guard::always, state::fin_wait_1},
    {state::close_wait, step::none, event::close, guard::nothing_unsent, state::last_ack},
    {state::close_wait, step::none, event::finish_sent, guard::always, state::last_ack},
    // 3.10.5 ABORT
    {state::listen, step::none, event::abort, guard::always, state::closed},
    {state::syn_sent, step::none, event::abort, guard::always, state::closed},
    {state::syn_received, step::none, event::abort, guard::always, state::closed},
    {state::established, step::none, event::abort, guard::always, state::closed},
    {state::fin_wait_1, step::none, event::abort, guard::always, state::closed},
    {state::fin_wait_2, step::none, event::abort, guard::always, state::closed},
    {state::close_wait, step::none, event::abort, guard::always, state::closed},
    {state::closing, step::none, event::abort, guard::always, state::closed},
    {state::last_ack, step::none, event::abort, guard::always, state::closed},
    {state::time_wait, step::none, event::abort, guard::always, state::closed},
    // 3.9.2.2 an ICMP error that is hard, while there is no peer yet (RFC 5927 section 5.2)
    {state::syn_sent, step::none, event::unreachable, guard::always, state::closed},
    {state::syn_received, step::none, event::unreachable, guard::opened_actively, state::closed},
    // 3.10.7.2 a segment in LISTEN
    {state::listen, step::synchronize, event::segment, guard::always, state::syn_received},
    // 3.10.7.3 a segment in SYN-SENT
    {state::syn_sent, step::reset, event::segment, guard::with_acknowledgment, state::closed},
    {state::syn_sent, step::synchronize, event::segment, guard::with_acknowledgment, state::established},
    {state::syn_sent, step::synchronize, event::segment, guard::without_acknowledgment, state::syn_received},
    // figure 7, line 6: the SYN,ACK that crosses ours carries an old sequence number, so it is met before the first
    // step
    {state::syn_received, step::crossing, event::segment, guard::always, state::established},
    {state::syn_received, step::crossing, event::segment, guard::close_pending, state::fin_wait_1},
    // 3.10.7.4 second: RST
    {state::syn_received, step::reset, event::segment, guard::opened_passively, state::listen},
    {state::syn_received, step::reset, event::segment, guard::opened_actively, state::closed},
    {state::established, step::reset, event::segment, guard::always, state::closed},
    {state::fin_wait_1, step::reset, event::segment, guard::always, state::closed},
    {state::fin_wait_2, step::reset, event::segment, guard::always, state::closed},
    {state::close_wait, step::reset, event::segment, guard::always, state::closed},
    {state::closing, step::reset, event::segment, guard::always, state::closed},
    {state::last_ack, step::reset, event::segment, guard::always, state::closed},
    {state::time_wait, step::reset, event::segment, guard::always, state::closed},
    // 3.10.7.4 fourth: SYN
    {state::syn_received, step::synchronize, event::segment, guard::opened_passively, state::listen},
    // 3.10.7.4 fifth: ACK
    {state::syn_received, step::acknowledgment, event::segment, guard::always, state::established},
    {state::syn_received, step::acknowledgment, event::segment, guard::close_pending, state::fin_wait_1},
    {state::fin_wait_1, step::acknowledgment, event::segment, guard::finish_acknowledged, state::fin_wait_2},
    {state::closing, step::acknowledgment, event::segment, guard::finish_acknowledged, state::time_wait},
    {state::last_ack, step::acknowledgment, event::segment, guard::finish_acknowledged, state::closed},
    // 3.10.7.4 seventh: text, where the application has gone and will not read it (RFC 9293 section 3.6.1, SHLD-3)
    {state::fin_wait_1, step::text, event::segment, guard::nobody_reads, state::closed},
    {state::fin_wait_2, step::text, event::segment, guard::nobody_reads, state::closed},
    // 3.10.7.4 eighth: FIN
    {state::established, step::finish, event::segment, guard::always, state::close_wait},
    {state::fin_wait_1, step::finish, event::segment, guard::always, state::closing},
    {state::fin_wait_2, step::finish, event::segment, guard::always, state::time_wait},
    // 3.10.8 time-outs
    {state::syn_sent, step::none, event::gave_up, guard::always, state::closed},
    {state::syn_received, step::none, event::gave_up, guard::always, state::closed},
    {state::established, step::none, event::gave_up, guard::always, state::closed},
    {state::fin_wait_1, step::none, event::gave_up, guard::always, state::closed},
    {state::close_wait, step::none, event::gave_up, guard::always, state::closed},
    {state::closing, step::none, event::gave_up, guard::always, state::closed},
    {state::last_ack, step::none, event::gave_up, guard::always, state::closed},
    {state::fin_wait_2, step::none, event::gave_up, guard::always, state::closed},
    {state::fin_wait_2, step::none, event::time_over, guard::always, state::closed},
    {state::time_wait, step::none, event::time_over, guard::always, state::closed},
});

namespace detail {

using state_set = std::uint32_t; // a bit for each

constexpr state_set only(state s) { return state_set{1} << static_cast<unsigned>(s); }
inline constexpr state_set all_states = (state_set{1} << number_of_states) - 1;

constexpr bool has_move(std::span<transition const> table, state from, state to) {
    for (auto const& row : table) {
        if (row.from == from && row.to == to) return true;
    }
    return false;
}

// Every state has a row that leads out of it.
constexpr bool every_state_can_be_left(std::span<transition const> table) {
    state_set left = 0;
    for (auto const& row : table) left |= row.from != row.to ? only(row.from) : 0;
    return left == all_states;
}

// All of a row but where it leads, as a number.
constexpr std::uint32_t situation(transition const& row) {
    return (static_cast<std::uint32_t>(row.from) << 24) | (static_cast<std::uint32_t>(row.at) << 16) |
           (static_cast<std::uint32_t>(row.cause) << 8) | static_cast<std::uint32_t>(row.on);
}

// No two rows say different things about the same situation.
template <std::size_t N>
constexpr bool rows_are_unambiguous(std::array<transition, N> const& table) {
    std::array<std::uint32_t, N> situations{};
    for (std::size_t i = 0; i < N; ++i) {
        situations[i] = situation(table[i]);
        for (std::size_t j = 0; j < i; ++j) {
            if (situations[i] == situations[j]) return false;
        }
    }
    return true;
}

// Following rows from `start`, every state is met.
constexpr bool every_state_is_reachable(std::span<transition const> table, state start) {
    state_set met = only(start);
    for (state_set before = 0; before != met;) {
        before = met;
        for (auto const& row : table) met |= (met & only(row.from)) != 0 ? only(row.to) : 0;
    }
    return met == all_states;
}

// From every state rows lead to CLOSED: nothing can hang in a circle for ever.
constexpr bool every_state_can_end(std::span<transition const> table) {
    state_set ends = only(state::closed);
    for (state_set before = 0; before != ends;) {
        before = ends;
        for (auto const& row : table) ends |= (ends & only(row.to)) != 0 ? only(row.from) : 0;
    }
    return ends == all_states;
}

static_assert(every_state_can_be_left(transitions), "plywire: a TCP state cannot be left");
static_assert(rows_are_unambiguous(transitions), "plywire: two rows share state, step, event and guard");
static_assert(every_state_is_reachable(transitions, state::closed), "plywire: a TCP state is unreachable");
static_assert(every_state_can_end(transitions), "plywire: a TCP state never comes back to CLOSED");

} // namespace detail

// Whether some row of the table leads from one state to the other.
constexpr bool is_a_move(state from, state to) { return detail::has_move(transitions, from, to); }

// The state of one connection. Begins in CLOSED.
class current_state {
public:
    constexpr operator state() const { return value_; }

    // The only writer. The caller has looked at the state: it is From.
    template <state From, state To>
    constexpr void move() {
        static_assert(is_a_move(From, To),
                      "plywire: the table of TCP states (machine/states.hpp) has no row for this move");
        value_ = To;
    }

private:
    state value_ = state::closed;
};

// SYN has been exchanged both ways: sequence numbers of both sides are known (RFC 9293 section 3.5.2, group 3).
constexpr bool is_synchronized(state s) { return s >= state::established; }

} // namespace plywire::tcp
