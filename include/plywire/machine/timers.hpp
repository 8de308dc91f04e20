// What time does to a connection. Read RFC 9293 section 3.10.8 and RFC 6298 section 5 first.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/control_block.hpp>

#include <algorithm>
#include <cstdint>

namespace plywire::tcp::detail {

// R2 of RFC 9293 section 3.8.3 in the present state.
template <class P>
constexpr duration patience_of(control_block<P> const& c) {
    if (c.detached) {
        // Nobody who could have set it is there any more, and for ever is too long for what nobody holds.
        auto&& linger = c.linger.get();
        return linger.limited() ? std::min(linger.limit(), P::waiting::for_data) : P::waiting::for_data;
    }
    return c.user_timeout.get().limit(c.syn_acknowledged ? P::waiting::for_data : P::waiting::for_handshake);
}

template <class P>
[[gnu::noinline]] constexpr void set_timer(control_block<P>& c, timer_use use, duration after, instant now) {
    c.timer = use;
    c.timer_due = now + after;
}

template <class P>
constexpr void stop_timer(control_block<P>& c) {
    c.timer = timer_use::none;
    c.timer_due = instant::never();
    c.expiries = 0;
}

// Whether the timer waits for the peer. What we hold back ourselves, corked or because the window is silly, is nothing
// that the peer could answer; but what nobody holds any more has an end.
template <class P>
constexpr bool waits_for_the_peer(control_block<P> const& c) {
    return c.timer == timer_use::retransmission ||
           (c.timer == timer_use::persist && (c.send.window == 0 || c.detached));
}

// Sets the retransmission or the persist timer, but never beyond the moment at which patience ends. From no timer at
// all, patience begins now.
template <class P>
[[gnu::noinline]] constexpr void set_waiting_timer(control_block<P>& c, timer_use use, duration after, instant now) {
    if (c.timer != timer_use::retransmission && c.timer != timer_use::persist) {
        if (!c.detached) c.waiting_since = now;
        c.expiries = 0;
    }
    set_timer(c, use, after, now);
    if (waits_for_the_peer(c)) c.timer_due = std::min<instant>(c.timer_due, c.waiting_since + patience_of(c));
}

// RFC 8985 section 7.2.
template <class P>
constexpr bool tail_may_be_probed(control_block<P> const& c) {
    return c.syn_acknowledged && c.sack_permitted && c.send.window > 0 && c.expiries == 0 && c.round_trip.known() &&
           c.round_trip.backed_off() == 0 && !c.recovery.get().in_recovery() && !c.tail.get().outstanding() &&
           c.send.next == c.send.sent && c.in_flight() > 0; // nothing that the timer has taken back waits
}

// The peer has acknowledged that many octets: patience begins anew. That of a connection that nobody uses any more has
// an end: it only gets longer by a little for each octet, and not at all where the user has limited it.
template <class P>
constexpr void peer_has_moved(control_block<P>& c, std::uint32_t octets, instant now) {
    if (!c.detached) {
        c.waiting_since = now;
    } else if (!c.linger.get().limited()) {
        c.waiting_since = std::min<instant>(now, c.waiting_since + P::waiting::for_orphaned_octet * octets);
    }
}

// The end of patience has been moved: a timer that waits for the peer does not run beyond it.
template <class P>
constexpr void patience_has_changed(control_block<P>& c) {
    if (!waits_for_the_peer(c)) return;
    c.timer_due = std::min<instant>(c.timer_due, c.waiting_since + patience_of(c));
}

// RFC 6298 (5.1), (5.3), (5.6).
template <class P>
constexpr void set_retransmission_timer(control_block<P>& c, instant now) {
    duration wait = c.round_trip.timeout();
    if constexpr (P::tail_probe::supported) {
        c.tail.get().disarm();
        if (tail_may_be_probed(c)) {
            wait = std::min(wait, c.tail.get().arm(c.round_trip.smoothed(), c.in_flight() <= c.full_segment()));
        }
    }
    set_waiting_timer(c, timer_use::retransmission, wait, now);
}

// The time between probes grows exponentially (RFC 9293 SHLD-30) up to the ceiling of the retransmission time-out.
template <class P>
constexpr void set_persist_timer(control_block<P>& c, instant now) {
    // An open window that is merely small is used after the override time-out of section 3.8.6.2.1.
    duration wait = c.send.window == 0 ? c.round_trip.timeout() : duration(P::waiting::for_window);
    for (std::uint8_t i = 0; i < c.expiries && wait < P::retransmission::ceiling; ++i) wait = wait * 2;
    set_waiting_timer(c, timer_use::persist, std::min<duration>(wait, P::retransmission::ceiling), now);
}

template <class P>
constexpr void start_time_wait(control_block<P>& c, instant now) {
    set_timer(c, timer_use::time_wait, 2 * P::waiting::maximum_segment_lifetime, now);
}

// RFC 9293 MUST-26: whatever the peer sends shows that it is there, and the interval begins anew.
template <class P>
constexpr void peer_is_there(control_block<P>& c) {
    c.keep_alive.get().heard();
    if (c.timer == timer_use::keep_alive) stop_timer(c);
}

// RFC 9293 3.10.8, user time-out: "connection aborted due to user timeout".
template <class P>
[[gnu::noinline]] constexpr void give_up(control_block<P>& c) {
    c.watch.happens(event::gave_up);
    switch (state(c.now_in)) {
    case state::syn_sent: c.template move<state::syn_sent, state::closed>(); break;
    case state::syn_received: c.template move<state::syn_received, state::closed>(); break;
    case state::established: c.template move<state::established, state::closed>(); break;
    case state::fin_wait_1: c.template move<state::fin_wait_1, state::closed>(); break;
    case state::fin_wait_2: c.template move<state::fin_wait_2, state::closed>(); break;
    case state::close_wait: c.template move<state::close_wait, state::closed>(); break;
    case state::closing: c.template move<state::closing, state::closed>(); break;
    case state::last_ack: c.template move<state::last_ack, state::closed>(); break;
    default: return;
    }
    // What lingered is cut off: the peer is to know that it has not got everything.
    if (c.detached && c.linger.get().limited()) c.reset_owed = true;
    c.end(error::timed_out);
}

// Whether a recovery that listens to SACK says what is sent again. Where the window is closed, or what was sent before is
// being sent anew already, everything is sent in turn.
template <class P>
constexpr bool selects_repairs(control_block<P> const& c) {
    if constexpr (selective_recovery<typename P::recovery>) {
        return c.syn_acknowledged && c.sack_permitted && c.send.next == c.send.sent;
    } else {
        return false;
    }
}

template <class P>
constexpr void retransmission_timer_expires(control_block<P>& c, instant now) {
    if (now - c.waiting_since >= patience_of(c)) return give_up(c);
    bool const is_closed = c.syn_acknowledged && c.send.window == 0;
    if (c.send.next == c.send.unacknowledged && !is_closed) {
        // No device has granted room since the timer last ran out: the peer has not been asked again yet.
        return set_retransmission_timer(c, now);
    }
    bool const selective = selects_repairs(c) && !is_closed;
    if (selective && c.expiries > 0 && c.retransmit_first) return set_retransmission_timer(c, now); // the same
    if (c.tail.get().armed()) { // it was the probe's time that is over; the time-out proper begins
        c.tail.get().fires();
        return set_waiting_timer(c, timer_use::retransmission, c.round_trip.timeout(), now);
    }
    c.tail.get() = {}; // a probe that has not left yet comes too late
    // RFC 9293 MUST-20, SHLD-9: R1. What was sent again that often is sent once more, and the user is told.
    if (c.expiries == P::waiting::retransmissions_before_advice) c.reports.get().give(advice::excessive_retransmission);
    bool const first = c.expiries == 0;
    if (c.expiries < 0xff) ++c.expiries;
    c.round_trip.back_off(); // RFC 6298 (5.5)
    c.timing = false;        // Karn: what is sent again is not measured
    if (c.syn_acknowledged) {
        c.control.get().timed_out(c.path(now), first);
        c.recovery.get().timed_out(c.send.sent);
    }
    c.watch.loses(c.send.unacknowledged, c.send.sent, "the retransmission timer ran out");
    if constexpr (selective_recovery<typename P::recovery>) {
        if (selective) { // RFC 6298 (5.4): the first segment again, the recovery knows of the others
            c.recovery.get().lose_all(c.send.unacknowledged, c.send.sent);
            c.retransmit_first = true;
            return set_retransmission_timer(c, now);
        }
    }
    // RFC 6298 (5.4): the first segment again. What follows it counts as lost too and is sent as acknowledgments come.
    c.send.next = c.send.unacknowledged;
    c.retransmit_first = false;
    if (is_closed) {
        c.probe_now = true;
        set_persist_timer(c, now);
    } else {
        set_retransmission_timer(c, now);
    }
}

template <class P>
constexpr void persist_timer_expires(control_block<P>& c, instant now) {
    // RFC 9293 MUST-37: as long as probes are answered the connection stays; waiting_since moves with each answer.
    if (waits_for_the_peer(c) && now - c.waiting_since >= patience_of(c)) return give_up(c);
    if (c.expiries < 0xff) ++c.expiries;
    c.probe_now = true;
    set_persist_timer(c, now);
}

// RFC 9293 MUST-29: one probe that is not answered proves nothing.
template <class P>
constexpr void keep_alive_timer_expires(control_block<P>& c, instant now) {
    if (c.keep_alive.get().gives_up()) return give_up(c);
    set_timer(c, timer_use::keep_alive, c.keep_alive.get().wait(), now);
}

template <class P>
constexpr void time_passes(control_block<P>& c, instant now) {
    c.watch.happens(event::time_over, now);
    if (now >= c.acknowledgment_due) {
        c.watch.acknowledgment_timer_fires();
        c.acknowledgment_due = instant::never();
        c.acknowledge_now = true;
    }
    if (now < c.timer_due) return;
    c.watch.timer_fires();
    switch (c.timer) {
    case timer_use::none: c.timer_due = instant::never(); break;
    case timer_use::retransmission: retransmission_timer_expires(c, now); break;
    case timer_use::persist: persist_timer_expires(c, now); break;
    case timer_use::keep_alive: keep_alive_timer_expires(c, now); break;
    case timer_use::time_wait:
        c.template move<state::time_wait, state::closed>();
        c.end(error::none);
        break;
    case timer_use::finish_wait:
        c.template move<state::fin_wait_2, state::closed>();
        c.end(error::none);
        break;
    }
}

} // namespace plywire::tcp::detail
