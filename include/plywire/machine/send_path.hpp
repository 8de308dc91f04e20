// Writing the segment that was planned, and what changes when it has been written.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/view.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/machine/answers.hpp>
#include <plywire/machine/control_block.hpp>
#include <plywire/machine/options_writer.hpp>
#include <plywire/machine/plan.hpp>
#include <plywire/machine/timers.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp::detail {

// How far the window could be opened beyond the edge that the peer knows.
template <class P>
constexpr std::uint32_t window_growth(control_block<P> const& c) {
    auto const room = static_cast<std::uint32_t>(c.inbound.free_space());
    return octets_between(c.receive.edge, c.receive.next + std::min(room, c.largest_window_announced()));
}

// Silly-window avoidance of the receiver (RFC 9293 section 3.8.6.2.2): the edge stays until it can move by half of what
// it ever can, or by what the peer puts into a full segment.
template <class P>
constexpr std::uint32_t least_growth(control_block<P> const& c) {
    std::uint32_t const text = c.segment_limit - (c.stamps.get().on() ? timestamps_octets : 0u);
    return std::min<std::uint32_t>(c.largest_window_announced() / 2, text);
}

// The window field of the segment that is being written; moves the edge.
template <class P>
constexpr std::uint16_t announce_window(control_block<P>& c, bool in_syn) {
    if (c.now_in == state::syn_sent) return static_cast<std::uint16_t>(first_window(c, 0));
    unsigned const shift = in_syn ? 0 : c.announced_shift();
    if (c.finish_taken)
        return static_cast<std::uint16_t>(std::min<std::size_t>(c.inbound.free_space() >> shift, 0xffff));
    auto const growth = window_growth(c);
    std::uint32_t wanted = c.receive_window() + (growth >= least_growth(c) ? growth : 0u);
    if (in_syn) wanted = std::min(wanted, first_window(c, c.stamps.get().on() ? timestamps_octets : 0u));
    std::uint32_t field = std::min<std::uint32_t>(wanted >> shift, 0xffff);
    // Windows are told in steps, and rounding down would draw back what was announced (RFC 7323 section 2.4, RFC 9293
    // SHLD-14): a step more where the buffer has room for it.
    bool const draws_back = shift > 0 && (field << shift) < c.receive_window();
    if (draws_back && (field + 1) << shift <= c.inbound.free_space()) ++field;
    c.receive.edge = later(c.receive.edge, c.receive.next + (field << shift));
    return static_cast<std::uint16_t>(field);
}

// After the user has read: a window update that matters goes out at once, or the peer would wait for its probe.
template <class P>
constexpr void consider_window_update(control_block<P>& c) {
    if (!c.takes_text()) return;
    auto const growth = window_growth(c);
    std::uint32_t const known = c.receive_window();
    bool const starving = known < 2u * c.segment_limit && growth >= least_growth(c);
    if (starving || growth >= c.largest_window_announced() / 2) acknowledge(c);
}

// Sets the persist timer when something waits, nothing is in flight and no window lets it go; stops it otherwise. The
// keep-alive timer runs where no other one does.
template <class P>
constexpr void review_timer(control_block<P>& c, instant now) {
    bool const idle = c.timer == timer_use::none || c.timer == timer_use::keep_alive;
    if (!idle && c.timer != timer_use::persist) return;
    bool blocked = false;
    if (c.sends_text() && c.syn_acknowledged && !c.finish_acknowledged && c.send.next == c.send.unacknowledged) {
        bool const waiting = !c.outbound.empty() || c.finish_queued;
        blocked = waiting && plan_progress(c, c.full_segment(), 0).why == reason::nothing;
    }
    if (blocked && idle) set_persist_timer(c, now);
    // A window that has opened a little is not waited for as long as a closed one.
    if (blocked && c.send.window > 0)
        c.timer_due = std::min<instant>(c.timer_due, now + duration(P::waiting::for_window));
    if (blocked && c.send.window > 0 && c.cork.get().in()) {
        c.timer_due = std::min<instant>(c.timer_due, now + duration(P::waiting::for_cork));
    }
    if (!blocked && c.timer == timer_use::persist) {
        c.probe_now = false;
        stop_timer(c);
    }
    if (c.timer == timer_use::none && c.may_be_kept_alive()) {
        set_timer(c, timer_use::keep_alive, c.keep_alive.get().wait(), now);
    }
}

// Before the first octet is queued after a pause longer than the time-out (RFC 5681 section 4.1).
template <class P>
constexpr void consider_idleness(control_block<P>& c, instant now) {
    if (c.send.sent != c.send.unacknowledged || !c.syn_acknowledged || !c.outbound.empty()) return;
    if (now - c.last_sent > c.round_trip.timeout()) c.control.get().resumed_after_idle(c.path(now));
}

// The header in front, the options behind it, the text copied out of the ring while it is summed.
template <class P>
constexpr void write_segment(control_block<P>& c, outgoing const& segment, mutable_bytes slot, internet_sum sum,
                             instant now) {
    auto const header_octets = static_cast<std::uint32_t>(header::size + segment.options);
    mutable_view<header> const to(slot.data(), header_octets, segment.text);
    auto const answer = segment.has_ack ? c.receive.next.value() : 0u;
    auto const announced = segment.has_rst ? std::uint16_t{0} : announce_window(c, segment.has_syn);
    // RFC 9293 section 3.8.5: URG in every segment that begins before the mark, text or not.
    bool const may_point = segment.has_ack && !segment.has_syn && !segment.has_rst;
    std::uint16_t const pointer = may_point ? c.urgent.get().pointer_from(segment.number) : std::uint16_t{0};
    to.set(source_port = c.local_port, destination_port = c.remote_port, sequence_number = segment.number.value(),
           acknowledgment_number = answer, data_offset = static_cast<std::uint8_t>(header_octets / 4),
           reserved = std::uint8_t{0}, cwr = false, ece = false, urg = pointer != 0, ack = segment.has_ack,
           psh = segment.has_psh, rst = segment.has_rst, syn = segment.has_syn, fin = segment.has_fin,
           window = announced, checksum = std::uint16_t{0}, urgent_pointer = pointer);
    if (segment.has_syn) {
        write_synchronize_options(c, to.options(), now);
    } else if (segment.has_rst) {
        if (segment.options > 0) write_reset_options(c, to.options(), now);
    } else if (segment.options > 0) {
        write_options(c, to.options(), now);
    }
    sum.add_word(static_cast<std::uint16_t>(segment.size()));
    sum.add(to.octets());
    // Text behind a SYN begins with the first octet too: its own number lies before that.
    if (segment.text > 0) c.outbound.copy_out(octets_between(c.first_octet(), segment.number), to.payload(), sum);
    to.set(checksum = sum.checksum());
}

// What a written segment changes when it takes sequence numbers.
template <class P>
constexpr void numbers_have_left(control_block<P>& c, outgoing const& segment, instant now) {
    auto const end = segment.number + segment.length();
    bool const again = before(segment.number, c.send.sent);
    if (again) c.counters.get().sent_again(segment.text);
    if (again) {
        c.timing = false; // Karn
    } else if (!c.timing) {
        c.timing = true;
        c.timed_end = end;
        c.timed_at = microseconds_of(now);
    }
    if (segment.why == reason::progress) c.send.next = end;
    c.send.sent = later(c.send.sent, end);
    c.last_sent = now;
    if (segment.why == reason::repair) {
        c.retransmit_first = false;
        if constexpr (selective_recovery<typename P::recovery>) {
            c.recovery.get().repaired({segment.number, end}, c.send.sent, now);
        }
    }
    if (c.tail.get().owed()) c.tail.get().leaves(c.send.sent, again);
    c.probe_now = false;
    if (segment.has_fin && c.now_in == state::close_wait) {
        c.template move<state::close_wait, state::last_ack>();
    }
    if (segment.why == reason::probe) return; // the persist timer is running
    if (c.timer == timer_use::persist) {      // what was held up was no loss, and nothing that the peer had to answer
        c.expiries = 0;
        if (!c.detached) c.waiting_since = now;
    }
    // RFC 6298 (5.1); and anew when the first segment is sent again.
    bool const first_again = again && segment.number == c.first_octet();
    // RFC 8985 section 7.2: the probe is about what has left last.
    bool const tail_moves = c.tail.get().armed() && !again;
    if (c.timer != timer_use::retransmission || first_again || segment.has_syn || tail_moves) {
        set_retransmission_timer(c, now);
    }
}

template <class P>
constexpr void acknowledgment_has_left(control_block<P>& c, bool bare) {
    // A segment with text in it is no duplicate ACK (RFC 5681 section 2): it pays for none.
    c.acknowledge_now = c.receive.duplicates > 0;
    if (bare && c.acknowledge_now) --c.receive.duplicates;
    c.acknowledgment_due = instant::never();
    c.receive.segments = 0;
    c.receive.acknowledged = c.receive.next;
    c.duplicates.get().reported();
}

// Push rules that look at what leaves together have the last word.
template <class P>
constexpr void decide_push(control_block<P>& c, outgoing& segment, instant now) {
    if constexpr (requires { c.push.get().leaves(true, true, true, true); }) {
        if (segment.text == 0 || segment.has_syn) return;
        bool const is_full = segment.text + segment.options >= std::min(c.send.segment_size, c.segment_limit);
        bool const in_one_go = instant(brief_instant(now)) == c.last_sent;
        segment.has_psh = c.push.get().leaves(segment.has_psh, is_full, in_one_go, c.probe_now);
    }
}

// Writes the next segment to the front of the slot; 0, and nothing has changed, when there is none or it does not fit.
template <class P>
constexpr std::size_t emit(control_block<P>& c, mutable_bytes slot, internet_sum pseudo_header, instant now) {
    auto segment = plan(c, slot.size());
    if (segment.why == reason::nothing || segment.size() > slot.size()) return 0;
    decide_push(c, segment, now);
    write_segment(c, segment, slot, pseudo_header, now);
    c.watch.happens(event::finish_sent, now);
    c.watch.sees_sent(c, segment, slot);
    c.counters.get().sent(segment.text, now);
    if (segment.why == reason::reset) {
        // An answer first; the RST of ABORT comes after it.
        if (c.reset_reply) {
            c.reset_reply = false;
        } else {
            c.reset_owed = false;
        }
        return segment.size();
    }
    if (segment.why == reason::keep_alive) c.keep_alive.get().probe_has_left();
    if constexpr (P::user_timeout::told) {
        if (!segment.has_syn && tells_user_timeout(c)) c.user_timeout.get().has_left();
    }
    if (segment.has_ack) acknowledgment_has_left(c, segment.length() == 0);
    if (segment.length() > 0) numbers_have_left(c, segment, now);
    if (segment.text > 0) c.acknowledging.get().text_leaves(now);
    review_timer(c, now);
    c.watch.compare(c);
    return segment.size();
}

} // namespace plywire::tcp::detail
