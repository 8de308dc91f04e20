// The fifth step of RFC 9293 section 3.10.7.4: what an acknowledgment means for what we have sent.
#pragma once

#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/machine/answers.hpp>
#include <plywire/machine/control_block.hpp>
#include <plywire/machine/incoming.hpp>
#include <plywire/machine/timers.hpp>

#include <cstdint>

namespace plywire::tcp::detail {

// A round trip is measured by one segment at a time that was sent once (Karn), or by the echoed timestamp, which is
// right for retransmitted ones too (RFC 7323 section 4).
template <class P>
constexpr void measure_round_trip(control_block<P>& c, incoming const& segment, instant now) {
    duration round_trip{};
    if (c.timing && !before(segment.acknowledgment, c.timed_end)) {
        c.timing = false;
        round_trip = microseconds(microseconds_of(now) - c.timed_at);
    } else if (!c.timing && c.stamps.get().on() && segment.has_timestamps && segment.timestamp_echo != 0) {
        std::uint32_t const elapsed = c.stamps.get().clock(now) - segment.timestamp_echo;
        round_trip = milliseconds(elapsed);
    } else {
        return;
    }
    c.round_trip.measured(round_trip);
    c.counters.get().measured(round_trip);
}

// Tells a recovery that listens to SACK what has been acknowledged and reported. SND.UNA has moved already.
template <class P>
constexpr void hear_reports(control_block<P>& c, incoming const& segment, path_view const& path) {
    // While what the timer has taken back is being sent anew, all of that counts as lost.
    if (!c.sack_permitted || !c.syn_acknowledged || c.send.next != c.send.sent) return;
    auto& recovery = c.recovery.get();
    recovery.hears(c.send.unacknowledged, path);
    acknowledgment_view const heard{c.send.unacknowledged, c.send.sent, 0};
    for (auto const& option : option_list(segment.options)) {
        if (option.kind != sack_kind) continue;
        auto blocks = option.value();
        while (auto const block = parse<described_sack_block>(blocks)) {
            recovery.hears_of({sequence((*block)[sack_left_edge]), sequence((*block)[sack_right_edge])}, heard, path);
            blocks = block->payload();
        }
    }
}

// What so many octets more that have arrived mean for losses and for the congestion window. SND.UNA has moved already;
// `path` is what it was before.
template <class P>
constexpr void open_windows(control_block<P>& c, std::uint32_t octets, path_view const& path) {
    auto&& control = c.control.get();
    if (c.tail.get().acknowledged(c.send.unacknowledged)) { // RFC 8985 section 7.4.2: as after any other loss
        c.watch.compare(c);
        control.congestion_detected(path);
        control.recovered(path);
        c.watch.because("a tail probe has repaired a loss");
        c.watch.compare(c);
    }
    if (octets == 0) return;
    acknowledgment_view const heard{c.send.unacknowledged, c.send.sent, octets};
    c.retransmit_first = c.recovery.get().advanced(heard, path, control);
    c.watch.recovery_advances(c);
    if (c.retransmit_first) c.watch.loses(c.send.unacknowledged, c.send.sent, "a partial acknowledgment");
}

// RFC 6298 (5.2), (5.3): something new has been acknowledged.
template <class P>
constexpr void restart_timer(control_block<P>& c, instant now) {
    if (c.send.unacknowledged == c.send.sent) {
        c.retransmit_first = false;
        stop_timer(c);
    } else if (c.timer == timer_use::retransmission) {
        c.expiries = 0;
        set_retransmission_timer(c, now);
    }
}

// SND.UNA < SEG.ACK =< SND.NXT: octets leave the send buffer, the timer begins anew, the windows grow.
template <class P>
constexpr void take_new_acknowledgment(control_block<P>& c, incoming const& segment, instant now) {
    auto octets = octets_between(c.send.unacknowledged, segment.acknowledgment);
    bool const handshake = !c.syn_acknowledged;
    bool const syn_was_lost = handshake && c.expiries > 0;
    if (handshake) --octets;
    // Our SYN,ACK has not left yet, and need not any more; the ACK in it must (simultaneous open).
    if (handshake && c.send.next == c.send.unacknowledged) acknowledge(c);
    if (c.finish_queued && octets > c.outbound.size()) {
        c.finish_acknowledged = true;
        --octets;
    }
    c.watch.because("new data acknowledged");
    measure_round_trip(c, segment, now);
    auto const path = c.path(now);
    c.outbound.consume(octets);
    c.counters.get().acknowledged(octets);
    c.push.get().acknowledged(segment.acknowledgment);
    c.syn_acknowledged = true;
    c.send.unacknowledged = segment.acknowledgment;
    c.urgent.get().acknowledged(segment.acknowledgment);
    c.send.next = later(c.send.next, c.send.unacknowledged);
    if (handshake) {
        c.watch.because("the handshake is over");
        c.round_trip.established();
        c.control.get().start(c.full_segment(), syn_was_lost);
    }
    if constexpr (selective_recovery<typename P::recovery>) hear_reports(c, segment, path);
    open_windows(c, octets, path);
    peer_has_moved(c, octets, now);
    restart_timer(c, now);
    c.watch.compare(c);
}

// RFC 5681 section 2: a duplicate ACK acknowledges nothing new while something is in flight, bears neither text nor SYN
// nor FIN, and announces the window that is known already. One that reports a gap by SACK may announce another window
// (RFC 6675 section 2): receivers that tune their buffers do.
template <class P>
constexpr bool is_duplicate_acknowledgment(control_block<P> const& c, incoming const& segment) {
    if constexpr (selective_recovery<typename P::recovery>) {
        if (c.sack_permitted) return c.recovery.get().has_report() && c.send.next == c.send.sent;
    }
    return segment.acknowledgment == c.send.unacknowledged && c.send.sent != c.send.unacknowledged &&
           c.timer == timer_use::retransmission && segment.length() == 0 &&
           // RFC 2018: who reports what was never sent reports nothing.
           ((c.sack_permitted && segment.reports_gap && !after(segment.reported_end, c.send.sent)) ||
            std::uint32_t{segment.raw_window} << c.send.shift == c.send.window);
}

// RFC 9293 3.10.7.4, fifth, ESTABLISHED: SND.WL1 and SND.WL2 keep old segments from changing the window.
template <class P>
constexpr void update_send_window(control_block<P>& c, incoming const& segment) {
    bool const newer = before(c.send.window_from, segment.number) ||
                       (c.send.window_from == segment.number && !before(segment.acknowledgment, c.send.window_ack));
    if (newer) take_window(c, segment);
}

// RFC 9293 3.10.7.4, fifth, SYN-RECEIVED. False: the segment is done with.
template <class P>
constexpr bool complete_handshake(control_block<P>& c, incoming const& segment) {
    if (!after(segment.acknowledgment, c.send.unacknowledged) || after(segment.acknowledgment, c.send.sent)) {
        answer_with_reset(c, segment);
        return false;
    }
    if (c.finish_queued) {
        c.template move<state::syn_received, state::fin_wait_1>();
    } else {
        c.template move<state::syn_received, state::established>();
    }
    take_window(c, segment);
    return true;
}

template <class P>
constexpr void enter_time_wait(control_block<P>& c, instant now) {
    c.outbound.release();
    c.beyond.clear();
    c.timing = false;
    c.retransmit_first = false;
    c.probe_now = false;
    start_time_wait(c, now);
}

// What follows when our FIN is acknowledged. False: the connection is over.
template <class P>
constexpr bool our_finish_is_acknowledged(control_block<P>& c, instant now) {
    switch (state(c.now_in)) {
    case state::fin_wait_1:
        c.template move<state::fin_wait_1, state::fin_wait_2>();
        if (c.detached) set_timer(c, timer_use::finish_wait, P::waiting::for_finish, now);
        return true;
    case state::closing:
        c.template move<state::closing, state::time_wait>();
        enter_time_wait(c, now);
        return true;
    case state::last_ack:
        c.template move<state::last_ack, state::closed>();
        c.end(error::none);
        return false;
    default: return true;
    }
}

// The fifth step. False: the segment is done with.
template <class P>
constexpr bool acknowledgment_arrives(control_block<P>& c, incoming const& segment, instant now) {
    if (!segment.has_ack) return false;
    c.watch.reaches(step::acknowledgment);
    // RFC 5961 section 5.2: only what lies in [SND.UNA - MAX.SND.WND, SND.NXT] is an acknowledgment of ours. In
    // SYN-RECEIVED one beyond draws a RST: an old SYN of the peer is found out by that (RFC 9293 section 3.5, figure 8).
    bool const handshake = c.now_in == state::syn_received;
    bool const beyond = after(segment.acknowledgment, c.send.sent);
    bool const old = before(segment.acknowledgment, c.send.unacknowledged - c.send.largest_window);
    if (handshake ? old && !beyond : old || beyond) {
        if (P::answers_acknowledgments_of_unsent || !beyond) challenge(c, now);
        return false;
    }
    if (handshake && !complete_handshake(c, segment)) return false;
    // RFC 9293 MUST-37: an answered probe is a sign of life. It keeps no connection that nobody holds any more
    // (RFC 6429 section 4): else a peer with a closed window could keep its buffers for ever.
    if (c.timer == timer_use::persist && !c.detached) c.waiting_since = now;
    if (after(segment.acknowledgment, c.send.unacknowledged)) {
        take_new_acknowledgment(c, segment, now);
    } else {
        if (c.tail.get().outstanding() && segment.length() == 0) c.tail.get().duplicate();
        if constexpr (selective_recovery<typename P::recovery>) hear_reports(c, segment, c.path(now));
        if (is_duplicate_acknowledgment(c, segment)) {
            c.watch.because("a duplicate acknowledgment");
            acknowledgment_view const heard{c.send.unacknowledged, c.send.sent, 0};
            auto&& control = c.control.get();
            if (c.recovery.get().duplicate(heard, c.path(now), control)) {
                c.retransmit_first = true;
                c.watch.loses(c.send.unacknowledged, c.send.sent, "duplicate acknowledgments");
            }
        }
    }
    if (!before(segment.acknowledgment, c.send.unacknowledged)) update_send_window(c, segment);
    return !c.finish_acknowledged || our_finish_is_acknowledged(c, now);
}

} // namespace plywire::tcp::detail
