// What a connection is asked for: STATUS of RFC 9293 section 3.10.6.
#pragma once

#include <plywire/machine/connection_info.hpp>
#include <plywire/machine/control_block.hpp>

#include <cstdint>

namespace plywire::tcp::detail {

// Timers and what they have led to.
template <class P>
constexpr void tell_timers(control_block<P> const& c, connection_info& info) {
    bool const persisting = c.timer == timer_use::persist;
    bool const retransmitting = c.timer == timer_use::retransmission;
    info.smoothed_round_trip = c.round_trip.smoothed();
    info.round_trip_variation = c.round_trip.variation();
    info.retransmission_timeout = c.round_trip.timeout();
    info.longest_acknowledgment = P::acknowledgment::longest_wait;
    info.timeouts = retransmitting ? c.expiries : std::uint8_t{0};
    info.probes = persisting ? c.expiries : c.keep_alive.get().unanswered();
    info.doublings = persisting ? c.expiries : static_cast<std::uint8_t>(c.round_trip.backed_off());
    info.last_sent = c.last_sent;
    info.in_loss = retransmitting && c.syn_acknowledged && (c.expiries > 0 || info.taken_back > 0);
}

template <class P>
constexpr connection_info info_of(control_block<P> const& c) {
    auto const unsent = c.finish_acknowledged ? 0u : octets_between(later(c.send.sent, c.first_octet()), c.queue_end());
    connection_info info{.current = c.now_in,
                         .send_unacknowledged = c.send.unacknowledged,
                         .send_next = c.send.sent,
                         .receive_next = c.receive.next,
                         .send_window = c.send.window,
                         .receive_window = c.receive_window(),
                         .largest_receive_window = c.largest_window_announced(),
                         .receive_buffer = static_cast<std::uint32_t>(c.inbound.capacity()),
                         .send_window_scale = c.send.shift,
                         .receive_window_scale = static_cast<std::uint8_t>(c.announced_shift()),
                         .segment_size = c.full_segment(),
                         .peer_segment_limit = c.send.segment_size,
                         .segment_limit = c.segment_limit,
                         .unsent = unsent,
                         .unacknowledged = static_cast<std::uint32_t>(c.outbound.size()),
                         .in_flight = octets_between(c.send.unacknowledged, c.send.sent),
                         .taken_back = octets_between(c.send.next, c.send.sent),
                         .unread = static_cast<std::uint32_t>(c.inbound.size()),
                         .congestion_window = c.control.get().window(),
                         .slow_start_threshold = c.control.get().slow_start_threshold(),
                         .in_recovery = c.recovery.get().in_recovery(),
                         .window_scaling = c.scaling,
                         .timestamps = c.stamps.get().on(),
                         .selective_acknowledgments = c.sack_permitted};
    tell_timers(c, info);
    c.counters.get().tell(info);
    return info;
}

} // namespace plywire::tcp::detail
