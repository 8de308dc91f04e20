// Everything that a connection remembers: the transmission control block of RFC 9293 section 3.3.1.
// Data and the questions that follow from it alone; what is done with it is in receive_path.hpp, send_path.hpp and
// timers.hpp.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/ring.hpp>
#include <plywire/machine/brief_instant.hpp>
#include <plywire/machine/errors.hpp>
#include <plywire/machine/kept_if.hpp>
#include <plywire/machine/observer.hpp>
#include <plywire/machine/policies.hpp>
#include <plywire/machine/reassembly.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/settings.hpp>
#include <plywire/machine/slot.hpp>
#include <plywire/machine/states.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace plywire::tcp::detail {

// What the one timer beside the delayed ACK's is set for. They exclude each other.
enum class timer_use : std::uint8_t {
    none,
    retransmission, // something is in flight (RFC 6298)
    persist,        // something waits, nothing is in flight, the window does not let it go (RFC 9293 3.8.6.1)
    keep_alive,     // nothing is in flight and nothing waits (RFC 9293 3.8.4)
    time_wait,      // 2 MSL
    finish_wait,    // FIN-WAIT-2 of a connection that nobody uses any more
};

constexpr std::string_view name_of(timer_use use) {
    switch (use) {
    case timer_use::none: return "none";
    case timer_use::retransmission: return "retransmission";
    case timer_use::persist: return "persist";
    case timer_use::keep_alive: return "keep-alive";
    case timer_use::time_wait: return "TIME-WAIT";
    case timer_use::finish_wait: return "FIN-WAIT-2";
    }
    return "?";
}

// The clock by which round trips are measured. It goes round after 71 minutes; the retransmission timer gives up a
// measurement long before.
constexpr std::uint32_t microseconds_of(instant now) { return static_cast<std::uint32_t>(now.nanoseconds / 1'000); }

template <class Policies>
struct send_variables {
    // Without scaling no window is larger than its field.
    using window_type = std::conditional_t<Policies::window_scaling, std::uint32_t, std::uint16_t>;

    sequence unacknowledged{};      // SND.UNA; ISS until the SYN is acknowledged
    sequence next{};                // what goes out next; goes back to SND.UNA when the timer runs out
    sequence sent{};                // after the last octet ever sent: SND.NXT of the RFC
    sequence window_from{};         // SND.WL1
    sequence window_ack{};          // SND.WL2
    window_type window = 0;         // SND.WND, octets
    window_type largest_window = 0; // MAX.SND.WND of RFC 5961 and Max(SND.WND) of RFC 9293 3.8.6.2.1
    std::uint16_t segment_size = default_segment_size;                                 // what the peer takes
    [[no_unique_address]] kept_if<Policies::window_scaling, std::uint8_t, 20> shift{}; // Snd.Wind.Shift
};

template <class Policies>
struct receive_variables {
    sequence next{}; // RCV.NXT
    sequence edge{}; // RCV.NXT + RCV.WND: the right edge that has been announced; never goes back
    // Where the peer's FIN stands, when finish_known; before that the number of the RST that reset_reply is about.
    sequence finish{};
    [[no_unique_address]] kept_if<Policies::timestamps::offered, sequence, 21> acknowledged{}; // Last.ACK.sent
    [[no_unique_address]] kept_if<Policies::window_scaling, std::uint8_t, 22> shift{};         // Rcv.Wind.Shift
    std::uint8_t segments : 4 = 0;   // with text, since the last ACK; no more are counted than fit
    std::uint8_t duplicates : 4 = 0; // ACKs owed beside acknowledge_now; no more are counted than fit
};

template <class Policies>
struct control_block {
    using policies = Policies;
    using patience = typename Policies::waiting;

    // What leaves octets free at its end stands with [[no_unique_address]] and is followed by what fits into them: the
    // order is that of the claims in tests/claims/machine_sizes.cpp.
    [[no_unique_address]] ring<typename Policies::send_storage> outbound{}; // from SND.UNA on, sent and unsent
    sequence timed_end{}; // a round trip is measured, if `timing`: until this number is acknowledged
    // In order and unread; beyond it, octets behind gaps.
    [[no_unique_address]] ring<typename Policies::receive_storage> inbound{};
    std::uint32_t timed_at = 0; // when the segment that ends at timed_end left: microseconds_of() it

    [[no_unique_address]] slot<typename Policies::challenges, 3> challenges{};
    [[no_unique_address]] slot<typename Policies::counters, 7> counters{};
    [[no_unique_address]] slot<typename Policies::user_timeout, 8> user_timeout{};
    [[no_unique_address]] slot<typename Policies::linger, 10> linger{};
    [[no_unique_address]] slot<
        std::conditional_t<Policies::selective_acknowledgments, typename Policies::duplicates, no_duplicate_sack>, 9>
        duplicates{};
    [[no_unique_address]] slot<typename Policies::urgent, 4> urgent{};
    [[no_unique_address]] slot<typename Policies::reports, 5> reports{};
    [[no_unique_address]] slot<typename Policies::keep_alive, 6> keep_alive{};
    [[no_unique_address]] round_trip_estimator<typename Policies::retransmission> round_trip{};
    current_state now_in{};
    std::uint16_t local_port = 0;
    [[no_unique_address]] reassembly<Policies::reassembly_ranges> beyond{}; // what has been received behind gaps
    error failure = error::none;
    std::uint16_t remote_port = 0;
    [[no_unique_address]] receive_variables<Policies> receive{};
    timer_use timer = timer_use::none;
    std::uint16_t segment_limit = 1460; // what the path carries
    brief_instant timer_due = instant::never();
    brief_instant acknowledgment_due = instant::never();
    brief_instant waiting_since{}; // since when the peer has not moved while the timer runs (R2)
    brief_instant last_sent{};     // when something that takes a number left
    [[no_unique_address]] slot<typename Policies::timestamps, 2> stamps{};
    [[no_unique_address]] slot<typename Policies::cork, 11> cork{};
    [[no_unique_address]] slot<typename Policies::recovery, 1> recovery{};
    std::uint8_t expiries = 0; // of the timer, in a row
    [[no_unique_address]] slot<typename Policies::push, 8> push{};
    [[no_unique_address]] slot<typename Policies::acknowledgment, 9> acknowledging{};
    [[no_unique_address]] slot<typename Policies::tail_probe, 12> tail{};
    [[no_unique_address]] slot<typename Policies::fast_open, 13> fast_open{};
    [[no_unique_address]] slot<typename Policies::congestion_control, 0> control{};
    [[no_unique_address]] send_variables<Policies> send{};
    [[no_unique_address]] watcher<typename Policies::observer> watch{};

    bool opened_passively : 1 = false;
    bool syn_acknowledged : 1 = false;
    bool finish_queued : 1 = false; // CLOSE was called: a FIN follows what is queued
    bool finish_acknowledged : 1 = false;
    bool finish_known : 1 = false; // the peer's FIN has been seen, something before it is missing
    bool finish_taken : 1 = false; // the peer's FIN has been received in order
    bool acknowledge_now : 1 = false;
    bool retransmit_first : 1 = false; // the recovery wants the first unacknowledged segment sent again
    bool probe_now : 1 = false;        // the persist timer ran out
    bool reset_reply : 1 = false;      // a RST answers a segment that belongs to no connection
    bool reset_owed : 1 = false;       // ABORT: a RST ends the connection
    bool timing : 1 = false;           // timed_end and timed_at hold
    bool scaling : 1 = false;          // both sides have sent the window scale option
    bool sack_permitted : 1 = false;   // both sides have sent SACK-permitted
    bool no_delay : 1 = false;
    bool detached : 1 = false; // the application will not read any more

    // The only writer of the state; a move that the table of states does not have does not compile.
    template <state From, state To>
    constexpr void move() {
        now_in.template move<From, To>();
        watch.moves(From, To);
    }

    // The number of the first octet of text in `outbound`.
    constexpr sequence first_octet() const { return send.unacknowledged + (syn_acknowledged ? 0u : 1u); }
    // The number after the last octet queued, which our FIN takes. Not asked once the FIN is acknowledged.
    constexpr sequence queue_end() const { return first_octet() + static_cast<std::uint32_t>(outbound.size()); }
    // Something with a number has been sent and is not acknowledged; what the timer has taken back does not count.
    constexpr std::uint32_t in_flight() const { return octets_between(send.unacknowledged, send.next); }
    // RCV.WND as the peer knows it.
    constexpr std::uint32_t receive_window() const { return octets_between(receive.next, receive.edge); }

    // By how much the windows that we announce are shifted: not at all unless both sides have offered it (RFC 7323 2.2).
    constexpr unsigned announced_shift() const { return scaling ? receive.shift : 0u; }
    // The largest window that the buffer and 16 bits can announce.
    constexpr std::uint32_t largest_window_announced() const {
        return static_cast<std::uint32_t>(
            std::min<std::size_t>(inbound.capacity(), std::size_t{0xffff} << announced_shift()));
    }

    // Text in a full segment without SACK blocks: SMSS of RFC 5681, Eff.snd.MSS of RFC 9293 section 3.7.1.
    constexpr std::uint32_t full_segment() const {
        std::uint32_t const size = std::min(send.segment_size, segment_limit);
        return size - (stamps.get().on() ? timestamps_octets : 0u);
    }

    // The number of the octet that the user reads next.
    constexpr sequence reader() const {
        return receive.next - (static_cast<std::uint32_t>(inbound.size()) + (finish_taken ? 1u : 0u));
    }

    // States in which text can be queued and sent, and sent again.
    constexpr bool sends_text() const {
        switch (state(now_in)) {
        case state::established:
        case state::fin_wait_1:
        case state::close_wait:
        case state::closing:
        case state::last_ack: return true;
        default: return false;
        }
    }
    // States in which the peer's text is taken (RFC 9293 3.10.7.4, seventh).
    constexpr bool takes_text() const {
        auto const s = state(now_in);
        return s == state::established || s == state::fin_wait_1 || s == state::fin_wait_2;
    }

    // Nothing sent is outstanding, and a peer is there that may have more to say or to take: keep-alive probes may go.
    constexpr bool may_be_kept_alive() const {
        state const s = now_in;
        bool const lasting = s == state::established || s == state::close_wait || s == state::fin_wait_2;
        return lasting && keep_alive.get().on() && send.sent == send.unacknowledged;
    }

    constexpr path_view path(instant now) const { return {full_segment(), in_flight(), round_trip.smoothed(), now}; }

    // After the peer's FIN nothing comes that the receive buffer would be needed for.
    constexpr void release_inbound_if_read() {
        if (finish_taken && inbound.empty()) inbound.release();
    }

    // The connection is over, the state CLOSED has been moved to: no timer, nothing to send. What has been received in
    // order stays readable after an orderly end; after a failure it is flushed (RFC 9293 3.10.7.4, second).
    [[gnu::noinline]] constexpr void end(error why) {
        timer = timer_use::none;
        timer_due = instant::never();
        acknowledgment_due = instant::never();
        acknowledge_now = false;
        retransmit_first = false;
        probe_now = false;
        timing = false;
        outbound.release();
        beyond.clear();
        failure = why;
        if (why != error::none) inbound.release();
        release_inbound_if_read();
    }
};

} // namespace plywire::tcp::detail
