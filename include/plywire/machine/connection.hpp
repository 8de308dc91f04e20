// One TCP connection as a value: told of segments, of the user's wishes and of time; asked what it wants to send and
// when it wants to be woken. It reads no clock, calls no device and takes memory for its buffers only.
//
// Read RFC 9293 section 3.10 first. The parts: control_block.hpp (what it remembers), states.hpp (states and moves),
// handshake.hpp and receive_path.hpp (segments), plan.hpp and send_path.hpp (sending), timers.hpp, policies.hpp.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/view.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/machine/connection_info.hpp>
#include <plywire/machine/control_block.hpp>
#include <plywire/machine/errors.hpp>
#include <plywire/machine/handshake.hpp>
#include <plywire/machine/incoming.hpp>
#include <plywire/machine/network_error.hpp>
#include <plywire/machine/policies.hpp>
#include <plywire/machine/receive_path.hpp>
#include <plywire/machine/reports.hpp>
#include <plywire/machine/send_path.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/settings.hpp>
#include <plywire/machine/states.hpp>
#include <plywire/machine/status.hpp>
#include <plywire/machine/time_wait.hpp>
#include <plywire/machine/timers.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <type_traits>
#include <utility>

namespace plywire::tcp {

// Begins CLOSED. May be moved, and copied where its storage can be. One thread at a time. Every call costs constant
// time but for the octets that it copies, and none throws. After each call wants_to_send(), deadline(), readable() and
// writable() may answer something new.
template <class Policies = defaults>
class connection {
    static_assert(check_policies<Policies>());

public:
    using policies = Policies;

    constexpr connection() = default;

    // ---- before OPEN ----

    // Takes effect with the next OPEN; called in CLOSED only. Buffers are emptied.
    constexpr void configure(connection_settings const& settings) {
        provide(block_.outbound, settings.send_buffer);
        provide(block_.inbound, settings.receive_buffer);
        block_.segment_limit = std::max(settings.maximum_segment_size, smallest_segment_size);
        block_.no_delay = settings.no_delay;
        block_.stamps.get().configure(settings.timestamp_offset);
    }

    // RFC 9293 3.10.1, active OPEN. `isn` comes from an initial_sequence_generator. The SYN leaves with emit().
    // already_open unless LISTEN or finished(); invalid_port for port 0.
    constexpr std::expected<void, error> open(std::uint16_t local_port, std::uint16_t remote_port, sequence isn,
                                              instant now) {
        if (local_port == 0 || remote_port == 0) return std::unexpected(error::invalid_port);
        switch (current_state()) {
        case state::closed:
            if (!finished()) return std::unexpected(error::already_open);
            block_.watch.happens(event::open_active, now);
            block_.template move<state::closed, state::syn_sent>();
            break;
        case state::listen:
            block_.watch.happens(event::open_active, now);
            block_.template move<state::listen, state::syn_sent>();
            break;
        default: return std::unexpected(error::already_open);
        }
        begin(local_port, isn);
        block_.remote_port = remote_port;
        block_.last_sent = now;
        block_.watch.compare(block_);
        return {};
    }

    // RFC 7413: the SYN of the active OPEN just called shows this cookie and bears what is queued until it leaves, as far
    // as the peer takes it; with an empty one it asks for a cookie. Nothing changes once the SYN has left. Only for
    // applications that can live with the peer's getting that text twice (section 2.1).
    constexpr void open_fast(fast_open_cookie const& cookie) {
        static_assert(Policies::fast_open::supported, "plywire: the policy fast_open of this connection knows none");
        if (current_state() == state::syn_sent && block_.send.sent == block_.send.unacknowledged) {
            block_.fast_open.get().use(cookie);
        }
    }

    // For later connections to the peer: the cookie that its SYN,ACK has brought, or the one that was shown, with the
    // MSS that it has told. nullopt when there is none, and while no SYN,ACK has come.
    constexpr std::optional<fast_open_cookie> given_cookie() const {
        static_assert(Policies::fast_open::supported, "plywire: the policy fast_open of this connection knows none");
        if (!block_.fast_open.get().given()) return std::nullopt;
        return block_.fast_open.get().cookie();
    }

    // RFC 9293 3.10.1, passive OPEN. The SYN that then comes makes it SYN-RECEIVED and is answered with `isn`, or with
    // what use_initial_sequence() has said since. already_open unless finished(); invalid_port for port 0.
    constexpr std::expected<void, error> listen(std::uint16_t local_port, sequence isn = {}) {
        if (local_port == 0) return std::unexpected(error::invalid_port);
        if (!finished()) return std::unexpected(error::already_open);
        block_.watch.happens(event::open_passive);
        block_.template move<state::closed, state::listen>();
        begin(local_port, isn);
        block_.watch.compare(block_);
        return {};
    }

    // The number that the next SYN,ACK begins with, where it depends on who sends the SYN (RFC 6528). Called in LISTEN
    // only, elsewhere nothing changes.
    constexpr void use_initial_sequence(sequence isn) {
        if (current_state() == state::listen) block_.send.unacknowledged = isn;
    }

    // ---- the user's calls ----

    // RFC 9293 3.10.2. Octets taken into the send buffer, 0 when it is full; before the connection is established they
    // wait. not_connected in CLOSED and LISTEN (or why the connection has failed), closing after CLOSE.
    constexpr std::expected<std::size_t, error> send(bytes_view octets, instant now) {
        if (auto const problem = send_problem(); problem != error::none) return std::unexpected(problem);
        block_.watch.calls("a pause", now);
        detail::consider_idleness(block_, now);
        block_.watch.compare(block_);
        block_.watch.calls("SEND", now);
        auto const taken = block_.outbound.write(octets);
        if (taken > 0) block_.push.get().written(block_.queue_end());
        settle(now);
        return taken;
    }

    // RFC 9293 3.10.2 with the URGENT flag: the same as send(), and what is queued up to the last octet taken is urgent;
    // the peer is told at once, even when its window keeps the octets back. The mark of an earlier call moves along.
    // RFC 6093: for protocols that have it, not for new ones.
    constexpr std::expected<std::size_t, error> send_urgent(bytes_view octets, instant now) {
        static_assert(Policies::urgent::supported,
                      "plywire: the policy urgent of this connection sends no urgent data");
        auto const taken = send(octets, now);
        if (taken && *taken > 0) {
            block_.urgent.get().mark(block_.queue_end());
            if (block_.syn_acknowledged && !wants_to_send(now)) detail::acknowledge(block_);
        }
        return taken;
    }

    // RFC 9293 3.10.3. Octets moved to the front of `room`. What came in order stays readable after an orderly end of
    // the connection. would_block when there is nothing yet, end_of_stream when there will never be, else why it
    // failed.
    constexpr std::expected<std::size_t, error> receive(mutable_bytes room, instant) {
        if (!block_.inbound.empty()) {
            auto const taken = block_.inbound.read(room);
            block_.urgent.get().read_to(block_.reader());
            detail::consider_window_update(block_);
            block_.release_inbound_if_read();
            return taken;
        }
        return std::unexpected(receive_problem());
    }

    // RFC 9293 3.10.4. No more will be sent; FIN follows what is queued. Receiving goes on (half-close). closing when
    // it has been called before, not_connected in CLOSED.
    constexpr std::expected<void, error> close(instant now) {
        if (block_.finish_queued && current_state() != state::closed) return std::unexpected(error::closing);
        block_.watch.happens(event::close, now);
        switch (current_state()) {
        case state::closed: return std::unexpected(not_connected_reason());
        case state::listen: block_.template move<state::listen, state::closed>(); break;
        case state::syn_sent: block_.template move<state::syn_sent, state::closed>(); break;
        case state::syn_received:
            // Data that is queued waits for ESTABLISHED, and CLOSE with it.
            if (block_.outbound.empty()) block_.template move<state::syn_received, state::fin_wait_1>();
            break;
        case state::established: block_.template move<state::established, state::fin_wait_1>(); break;
        case state::close_wait:
            // With data unsent, LAST-ACK begins when the FIN leaves.
            if (!before(block_.send.sent, block_.queue_end())) {
                block_.template move<state::close_wait, state::last_ack>();
            }
            break;
        default: return std::unexpected(error::closing);
        }
        if (current_state() == state::closed) {
            block_.end(error::none);
        } else {
            block_.finish_queued = true;
        }
        settle(now);
        return {};
    }

    // RFC 9293 3.10.5. CLOSED at once; a RST waits to be emitted where the peer must know. Answers not_connected where
    // there is no connection, else none; nothing is left to be done either way.
    constexpr error abort(instant now) {
        block_.watch.happens(event::abort, now);
        switch (current_state()) {
        case state::closed: return error::not_connected;
        case state::listen: block_.template move<state::listen, state::closed>(); break;
        case state::syn_sent: block_.template move<state::syn_sent, state::closed>(); break;
        case state::syn_received: abort_from<state::syn_received>(); break;
        case state::established: abort_from<state::established>(); break;
        case state::fin_wait_1: abort_from<state::fin_wait_1>(); break;
        case state::fin_wait_2: abort_from<state::fin_wait_2>(); break;
        case state::close_wait: abort_from<state::close_wait>(); break;
        // The peer has nothing left to say and knows that we have not.
        case state::closing: block_.template move<state::closing, state::closed>(); break;
        case state::last_ack: block_.template move<state::last_ack, state::closed>(); break;
        case state::time_wait: block_.template move<state::time_wait, state::closed>(); break;
        }
        block_.end(error::reset);
        block_.watch.compare(block_);
        return error::none;
    }

    // The application is gone and will not read any more. Aborts when data is unread (RFC 2525 section 2.17), else
    // closes; text that still comes is answered with RST, and FIN-WAIT-2 ends by itself. set_linger() says how long what
    // is queued may take; a peer that takes it drop by drop finds an end of patience as well.
    constexpr void detach(instant now) {
        if (block_.detached) return;
        bool const unread_text = !block_.inbound.empty() || !block_.beyond.empty();
        auto&& linger = block_.linger.get();
        bool const at_once = linger.limited() && linger.limit() == duration{};
        if (at_once || (unread_text && !is_over_for_the_peer())) return void(abort(now));
        block_.watch.calls("nobody uses it any more", now);
        block_.inbound.release();
        block_.detached = true;
        bool const waiting =
            block_.timer == detail::timer_use::retransmission || block_.timer == detail::timer_use::persist;
        if (!waiting || linger.limited()) block_.waiting_since = now;
        detail::patience_has_changed(block_);
        block_.watch.compare(block_);
        if (!block_.finish_queued) (void)close(now);
        if (current_state() == state::fin_wait_2) {
            detail::set_timer(block_, detail::timer_use::finish_wait, Policies::waiting::for_finish, now);
        }
        block_.watch.compare(block_);
    }

    // Nagle's algorithm off (true) or on (RFC 9293 section 3.7.4).
    constexpr void set_no_delay(bool on, instant now) {
        block_.watch.calls("set_no_delay", now);
        block_.no_delay = on;
        settle(now);
    }

    // Whether more text follows soon, so that what is queued next need not be pushed; for push rules that know of it.
    constexpr void expect_more(bool on)
        requires requires(typename Policies::push& p) { p.expect_more(true); }
    {
        block_.push.get().expect_more(on);
    }

    // Corked, only full segments leave; what is less leaves when the cork is taken out, when CLOSE comes, or 200 ms after
    // everything before it was acknowledged.
    constexpr void set_cork(bool on, instant now) {
        static_assert(Policies::cork::supported, "plywire: the policy cork of this connection knows none");
        block_.watch.calls("set_cork", now);
        block_.cork.get().set(on);
        settle(now);
    }

    // R2 of RFC 9293 section 3.8.3: how long the peer may leave anything unacknowledged, SYN included, before the
    // connection fails with timed_out. In whole milliseconds; tcp::forever for never; zero for what the policies say.
    // At any time; stays for the next OPEN.
    constexpr void set_user_timeout(duration length, instant now) {
        static_assert(Policies::user_timeout::supported,
                      "plywire: the policy user_timeout of this connection cannot be set");
        block_.watch.calls("set_user_timeout", now);
        block_.user_timeout.get().set(length);
        detail::patience_has_changed(block_);
        settle(now);
    }

    // What detach() does with text that is queued or not acknowledged: nullopt delivers it for as long as the policies
    // have patience; zero aborts with RST at once; else RST comes after that long at the latest. In whole milliseconds.
    // CLOSE alone, a half-close, is not concerned. Stays for the next OPEN.
    constexpr void set_linger(std::optional<duration> longest) {
        static_assert(Policies::linger::supported, "plywire: the policy linger of this connection cannot be set");
        block_.linger.get().set(longest);
    }

    // Probes of the peer while the connection is idle, on or off (nullopt; RFC 9293 MUST-24). When none of as many as
    // the settings say is answered the connection fails with timed_out. At any time; stays for the next OPEN.
    constexpr void set_keep_alive(std::optional<keep_alive_settings> const& wanted, instant now) {
        static_assert(Policies::keep_alive::supported,
                      "plywire: the policy keep_alive of this connection has no probes");
        block_.watch.calls("set_keep_alive", now);
        block_.keep_alive.get().set(wanted);
        if (block_.timer == detail::timer_use::keep_alive) detail::stop_timer(block_);
        settle(now);
    }

    // ---- events ----

    // RFC 9293 3.10.7. The caller has checked the checksum and that the ports and addresses are those of this
    // connection. In CLOSED nothing happens: write_reset_for() (machine/reset.hpp) is the answer there.
    constexpr void segment_arrives(view<header> const& segment, instant now) {
        segment_arrives(read_segment(segment), now);
    }

    // The same for a segment that has been read already.
    constexpr void segment_arrives(incoming const& segment, instant now) {
        block_.watch.happens(event::segment, now);
        block_.watch.sees(segment);
        block_.counters.get().received(static_cast<std::uint32_t>(segment.text.size()), segment.has_ack, now);
        switch (current_state()) {
        case state::closed: return;
        case state::listen: detail::segment_arrives_in_listen(block_, segment, now); break;
        case state::syn_sent: detail::segment_arrives_in_syn_sent(block_, segment, now); break;
        default:
            detail::peer_is_there(block_);
            detail::segment_arrives_synchronized(block_, segment, now);
            break;
        }
        settle(now);
    }

    // RFC 9293 section 3.9.2.2: an ICMP error quotes a segment from local_port() to remote_port() of this connection's
    // addresses; `quoted` is the sequence number in it. Without effect unless that segment is on its way (RFC 5927
    // section 4.1). Told by next_advice(); ends the connection only if it is hard and there is no peer yet (section 5.2).
    constexpr void network_error(network_error_kind kind, sequence quoted, instant now) {
        block_.watch.happens(event::unreachable, now);
        detail::network_error(block_, kind, quoted);
        block_.watch.compare(block_);
    }

    // RFC 9293 3.10.8. Does what is due; calling it early or late is harmless.
    constexpr void time_passes(instant now) {
        detail::time_passes(block_, now);
        block_.watch.compare(block_);
    }

    // When time_passes() is to be called at the latest; instant::never() when nothing is due.
    constexpr instant deadline() const { return std::min<instant>(block_.timer_due, block_.acknowledgment_due); }

    // ---- sending ----

    // Whether emit() would write something into a slot that is large enough.
    constexpr bool wants_to_send(instant) const {
        return detail::plan(block_, detail::any_room).why != detail::reason::nothing;
    }

    // Writes one segment, header and text, to the front of the slot and counts it as sent. Answers its octets; 0, and
    // nothing has changed, when there is nothing to send or it does not fit. `pseudo_header` is the sum of source,
    // destination and protocol; the TCP length is added here.
    constexpr std::size_t emit(mutable_bytes slot, internet_sum pseudo_header, instant now) {
        return detail::emit(block_, slot, pseudo_header, now);
    }

    // ---- questions ----

    constexpr state current_state() const { return block_.now_in; }
    // Why it is CLOSED; none when it ended in order, or has not ended.
    constexpr error failure() const { return block_.failure; }
    // CLOSED, and nothing waits to be emitted: what comes after is another connection.
    constexpr bool finished() const {
        return current_state() == state::closed && !block_.reset_owed && !block_.reset_reply;
    }
    // receive() would not answer would_block.
    constexpr bool readable() const { return !block_.inbound.empty() || receive_problem() != error::would_block; }
    // send() would take at least one octet.
    constexpr bool writable() const { return send_problem() == error::none && block_.outbound.free_space() > 0; }
    // Octets received in order and not read.
    constexpr std::size_t unread() const { return block_.inbound.size(); }
    // Octets from the next one that receive() gives to the end of the peer's urgent data, whether they have arrived or
    // not; 0 when there is none (RFC 9293 MUST-33). advice::urgent_data says when to look.
    constexpr std::uint32_t urgent_left() const { return block_.urgent.get().left(block_.reader()); }
    // Whether there is urgent data to be read, or to come.
    constexpr bool urgent_pending() const { return urgent_left() > 0; }
    // A soft error, or other news that ends nothing (RFC 9293 MUST-47), the oldest kind of the enumeration first; each
    // kind is told once however often it came. Ask again until there is none.
    constexpr std::optional<advice> next_advice() { return block_.reports.get().next(); }
    // Whether next_advice() has something to tell.
    constexpr bool has_advice() const { return block_.reports.get().any(); }
    // What was sent has been sent again so often that the way to the peer may be gone: R1 of RFC 9293 section 3.8.3.
    constexpr bool delivery_is_in_doubt() const {
        return block_.expiries > Policies::waiting::retransmissions_before_advice;
    }
    // Octets queued or sent and not acknowledged.
    constexpr std::size_t unacknowledged() const { return block_.outbound.size(); }
    constexpr std::uint16_t local_port() const { return block_.local_port; }
    // 0 while there is no peer.
    constexpr std::uint16_t remote_port() const { return block_.remote_port; }

    // Whether this connection, in TIME-WAIT, may make way for the new one that this SYN asks for (RFC 6191 section 2;
    // RFC 9293 MAY-2). If so the caller drops it and gives the SYN to the listener.
    constexpr bool may_be_replaced_by(view<header> const& segment) const {
        return may_be_replaced_by(read_segment(segment));
    }
    constexpr bool may_be_replaced_by(incoming const& segment) const {
        if (current_state() != state::time_wait) return false;
        return may_reopen(Policies::timestamps::offered, block_.stamps.get().on(), block_.stamps.get().recent(),
                          block_.receive.next, segment);
    }

    // What TIME-WAIT has to remember, for a caller that keeps that and forgets the connection.
    constexpr time_wait_block as_time_wait() const {
        auto const& b = block_;
        unsigned const shift = b.announced_shift();
        return {.send_next = b.send.sent,
                .receive_next = b.receive.next,
                .recent = b.stamps.get().recent(),
                .window = static_cast<std::uint16_t>(std::min<std::uint32_t>(b.receive_window() >> shift, 0xffff)),
                .shift = static_cast<std::uint16_t>(shift & 0xf),
                .stamped = b.stamps.get().on()};
    }

    // Who watches: the policy's observer, in this connection.
    constexpr decltype(auto) observer() { return block_.watch.observer(); }
    constexpr decltype(auto) observer() const { return block_.watch.observer(); }

    // RFC 9293 3.10.6, STATUS.
    constexpr connection_info info() const { return detail::info_of(block_); }

private:
    // The end of a call: what it has changed may set a timer or stop one.
    constexpr void settle(instant now) {
        detail::review_timer(block_, now);
        block_.watch.compare(block_);
    }

    template <class Storage>
    static constexpr void provide(ring<Storage>& buffer, std::uint32_t octets) {
        if constexpr (std::is_constructible_v<Storage, std::size_t>) {
            // RFC 7323 section 2.3: no window is larger, and more would turn comparisons of numbers over.
            buffer = ring<Storage>(Storage(std::size_t{std::min(octets, largest_buffer)}));
        } else {
            buffer.clear();
        }
    }

    // The shift with which 16 bits can announce the whole receive buffer (RFC 7323 section 2.3).
    constexpr std::uint8_t needed_shift() const {
        std::uint8_t shift = Policies::window::least_shift;
        while (shift < largest_window_scale && (block_.inbound.capacity() >> shift) > 0xffff) ++shift;
        return shift;
    }

    constexpr void begin(std::uint16_t local_port, sequence isn) {
        block_.local_port = local_port;
        block_.failure = error::none;
        block_.receive = {};
        block_.receive.shift = Policies::window_scaling ? needed_shift() : std::uint8_t{0};
        block_.finish_queued = false;
        block_.finish_acknowledged = false;
        block_.finish_known = false;
        block_.finish_taken = false;
        block_.detached = false;
        block_.inbound.clear();
        block_.beyond.clear();
        detail::begin_with(block_, isn);
    }

    template <state From>
    constexpr void abort_from() {
        block_.template move<From, state::closed>();
        block_.reset_owed = true;
    }

    // Both FINs have been exchanged, or there never was a peer: unread text does not concern it any more.
    constexpr bool is_over_for_the_peer() const {
        switch (current_state()) {
        case state::closed:
        case state::listen:
        case state::syn_sent:
        case state::closing:
        case state::last_ack:
        case state::time_wait: return true;
        default: return false;
        }
    }

    constexpr error not_connected_reason() const {
        return block_.failure != error::none ? block_.failure : error::not_connected;
    }

    constexpr error send_problem() const {
        switch (current_state()) {
        case state::closed:
        case state::listen: return not_connected_reason();
        case state::syn_sent:
        case state::syn_received:
        case state::established:
        case state::close_wait: return block_.finish_queued ? error::closing : error::none;
        default: return error::closing;
        }
    }

    constexpr error receive_problem() const {
        if (block_.failure != error::none) return block_.failure;
        if (block_.finish_taken) return error::end_of_stream;
        return current_state() == state::closed ? error::not_connected : error::would_block;
    }

    detail::control_block<Policies> block_{};
};

} // namespace plywire::tcp
