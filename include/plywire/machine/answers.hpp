// Small things that a segment can cause: an ACK, a challenge ACK, a RST, the return to LISTEN.
#pragma once

#include <plywire/machine/control_block.hpp>
#include <plywire/machine/incoming.hpp>
#include <plywire/machine/timers.hpp>

#include <algorithm>
#include <cstdint>

namespace plywire::tcp::detail {

// <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> at the next opportunity.
template <class P>
constexpr void acknowledge(control_block<P>& c) {
    c.acknowledge_now = true;
}

// The same for a segment that has come out of order: each of them draws an ACK of its own, even if several come before
// the device can take one, or the peer would not count enough of them (RFC 5681 section 4.2).
template <class P>
constexpr void acknowledge_each(control_block<P>& c) {
    if (c.acknowledge_now && c.receive.duplicates < 15) ++c.receive.duplicates;
    c.acknowledge_now = true;
}

// The same, against segments that may be forged, as often as the policy allows (RFC 5961 section 7).
template <class P>
constexpr void challenge(control_block<P>& c, instant now) {
    if (c.challenges.get().allows(now)) c.acknowledge_now = true;
}

// <SEQ=SEG.ACK><CTL=RST> (RFC 9293 section 3.5.2, group 2). The caller has seen that the segment is not a RST itself,
// and that we are not ESTABLISHED yet.
template <class P>
constexpr void answer_with_reset(control_block<P>& c, incoming const& segment) {
    c.reset_reply = true;
    c.receive.finish = segment.acknowledgment;
    c.stamps.get().reset_answers(segment.has_timestamps, segment.timestamp_value);
}

// In-order text may be acknowledged a little later, in the hope that something else is sent meanwhile.
template <class P>
constexpr void acknowledge_soon(control_block<P>& c, instant now) {
    using timing = typename P::acknowledgment;
    static_assert(timing::segments <= 15);
    if (c.receive.segments < 15) ++c.receive.segments;
    bool const at_once = c.acknowledging.get().text_arrives(c.round_trip.timeout(), now);
    if (at_once || c.receive.segments >= timing::segments) {
        c.acknowledge_now = true;
    } else if (c.acknowledgment_due == instant::never()) {
        c.acknowledgment_due = now + timing::longest_wait;
    }
}

// The window that the first segment of a connection announces: it cannot be scaled (RFC 7323 section 2.2). `options` are
// the octets of them in later segments, as far as they are known when it leaves.
template <class P>
constexpr std::uint32_t first_window(control_block<P> const& c, std::uint32_t options) {
    auto const capacity = static_cast<std::uint32_t>(std::min<std::size_t>(c.inbound.capacity(), largest_buffer));
    return P::window::first(capacity, c.segment_limit - options);
}

// SND.UNA = SND.NXT = ISS: nothing has been sent, nothing is known about the peer.
template <class P>
[[gnu::noinline]] constexpr void begin_with(control_block<P>& c, sequence initial) {
    c.round_trip = {};
    c.stamps.get().forget();
    c.urgent.get().forget();
    if constexpr (P::user_timeout::told) c.user_timeout.get().forget();
    c.push.get().forget();
    c.tail.get() = {};
    c.acknowledging.get().forget();
    c.duplicates.get().reported();
    c.fast_open.get().forget();
    c.keep_alive.get().heard();
    c.reports.get().forget();
    c.scaling = false;
    c.sack_permitted = false;
    c.counters.get() = {};
    c.send = {};
    c.send.unacknowledged = initial;
    c.send.next = initial;
    c.send.sent = initial;
    c.recovery.get().start(initial);
    c.syn_acknowledged = false;
    c.timing = false;
    c.retransmit_first = false;
    c.probe_now = false;
    c.reset_reply = false;
    c.acknowledge_now = false;
    c.acknowledgment_due = instant::never();
    stop_timer(c);
}

// A passive OPEN whose peer went away waits for the next one (RFC 9293 3.10.7.4, second and fourth).
template <class P>
constexpr void return_to_listen(control_block<P>& c) {
    begin_with(c, c.send.unacknowledged);
    c.outbound.clear();
    c.finish_queued = false;
    c.remote_port = 0;
}

// RFC 5482: how long the peer waits for us, and would have us wait for it.
template <class P>
constexpr void take_user_timeout(control_block<P>& c, incoming const& segment) {
    if constexpr (P::user_timeout::told) {
        if (segment.user_timeout == 0) return;
        c.user_timeout.get().heard(segment.user_timeout);
        patience_has_changed(c);
    }
}

// What a SYN says about its sender, beside its number (RFC 9293 section 3.7.1, RFC 7323, RFC 2018).
template <class P>
constexpr void negotiate(control_block<P>& c, incoming const& segment, instant now) {
    take_user_timeout(c, segment);
    c.send.segment_size =
        segment.segment_size == 0 ? default_segment_size : std::max(segment.segment_size, smallest_segment_size);
    if (segment.has_ack) c.fast_open.get().heard(segment.fast_open, c.send.segment_size);
    c.scaling = P::window_scaling && segment.scales_window;
    c.send.shift = c.scaling ? segment.window_shift : std::uint8_t{0};
    c.sack_permitted = P::selective_acknowledgments && segment.permits_sack;
    if (P::timestamps::offered && segment.has_timestamps) c.stamps.get().negotiated(segment.timestamp_value, now);
    c.watch.negotiates(c);
}

// SND.WND = SEG.WND; the window in a SYN is never scaled (RFC 7323 section 2.2).
template <class P>
constexpr void take_window(control_block<P>& c, incoming const& segment) {
    unsigned const shift = segment.has_syn ? 0u : c.send.shift;
    c.send.window = static_cast<decltype(c.send.window)>(std::uint32_t{segment.raw_window} << shift);
    c.send.largest_window = std::max(c.send.largest_window, c.send.window);
    c.send.window_from = segment.number;
    c.send.window_ack = segment.acknowledgment;
}

// The peer's SYN: RCV.NXT = SEG.SEQ + 1, IRS = SEG.SEQ.
template <class P>
constexpr void take_synchronize(control_block<P>& c, incoming const& segment, instant now) {
    c.receive.next = segment.number + 1;
    c.receive.acknowledged = c.receive.next;
    c.receive.edge = c.receive.next;
    c.receive.segments = 0;
    c.receive.duplicates = 0;
    c.finish_known = false;
    c.finish_taken = false;
    c.beyond.clear();
    c.inbound.clear();
    negotiate(c, segment, now);
    take_window(c, segment);
    if (!segment.has_ack) c.send.window_ack = c.send.unacknowledged;
}

} // namespace plywire::tcp::detail
