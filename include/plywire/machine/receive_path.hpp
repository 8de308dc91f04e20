// A segment in one of the states after LISTEN and SYN-SENT: the eight steps of RFC 9293 section 3.10.7.4, one function
// each. LISTEN and SYN-SENT are in handshake.hpp, the fifth step in acknowledgments.hpp, text and FIN in arrivals.hpp.
#pragma once

#include <plywire/machine/acknowledgments.hpp>
#include <plywire/machine/answers.hpp>
#include <plywire/machine/arrivals.hpp>
#include <plywire/machine/control_block.hpp>
#include <plywire/machine/incoming.hpp>

#include <cstdint>

namespace plywire::tcp::detail {

// What the sequence number check says about a segment.
enum class verdict : std::uint8_t {
    outside,             // not acceptable
    acknowledgment_only, // not acceptable, but its ACK is taken (RFC 9293 MUST-66)
    acceptable,
};

// The four cases of RFC 9293 section 3.10.7.4, first (table 6).
template <class P>
constexpr bool is_acceptable(control_block<P> const& c, incoming const& segment) {
    return lies_in_window(c.receive.next, c.receive_window(), segment);
}

// Before the first step: what a handshake that crosses, or is repeated, needs. True: the segment is done with.
template <class P>
constexpr bool handshake_is_repeated(control_block<P>& c, incoming const& segment, instant now) {
    if (c.now_in != state::syn_received || !segment.has_syn || segment.has_rst) return false;
    if (segment.number + 1 != c.receive.next) return false;
    if (!segment.has_ack) {
        // The peer's SYN again: ours, or its answer, was lost.
        c.send.next = c.send.unacknowledged;
        return true;
    }
    // Figure 7 line 6: the SYN,ACK that crossed ours. By its number it lies before the window, so the first step would
    // only answer it with an ACK; both ends would then be established by those.
    bool const acknowledges =
        after(segment.acknowledgment, c.send.unacknowledged) && !after(segment.acknowledgment, c.send.sent);
    if (c.opened_passively || !acknowledges) return false;
    c.watch.reaches(step::crossing);
    if (c.finish_queued) {
        c.template move<state::syn_received, state::fin_wait_1>();
    } else {
        c.template move<state::syn_received, state::established>();
    }
    take_window(c, segment);
    take_new_acknowledgment(c, segment, now);
    urgent_pointer_arrives(c, segment);
    if (text_arrives(c, segment, now)) finish_arrives(c, segment, now);
    return true;
}

// An ACK, always where text or FIN asks for one; two ends that disagree must not answer each other's ACKs for ever.
template <class P>
constexpr void answer_unacceptable(control_block<P>& c, incoming const& segment, instant now) {
    if (segment.text.empty() && !segment.has_fin) {
        challenge(c, now);
    } else {
        auto const first = segment.first_octet();
        consider_duplicate(c, {first, first + static_cast<std::uint32_t>(segment.text.size())});
        acknowledge(c);
    }
}

// RFC 7323 section 5.3, R1: before the first step. False: the segment is done with.
template <class P>
constexpr bool timestamp_is_acceptable(control_block<P>& c, incoming const& segment, instant now) {
    if (!c.stamps.get().on() || segment.has_rst) return true;
    if (!segment.has_timestamps) return false; // section 3.2: dropped without an answer
    if (!c.stamps.get().too_old(segment.timestamp_value, now)) return true;
    answer_unacceptable(c, segment, now);
    return false;
}

// Section 4.3 (2): TS.Recent follows the segments that cover the last ACK sent.
template <class P>
constexpr void take_timestamp(control_block<P>& c, incoming const& segment, instant now) {
    if (!c.stamps.get().on() || !segment.has_timestamps || segment.has_rst) return;
    if (!after(segment.number, c.receive.acknowledged)) c.stamps.get().take(segment.timestamp_value, now);
}

// Each side has sent beyond the window that it knows of, a probe or what was on its way when the window seemed to be
// drawn back; each has taken what the other has sent, and says so from the edge of that window, not knowing better: the
// numbers are old, and nobody would look at the acknowledgments. RFC 9293 appendix A.2 warns of it.
template <class P>
constexpr bool acknowledgments_have_crossed(control_block<P> const& c, incoming const& segment) {
    bool const beyond = after(c.send.sent, c.send.unacknowledged + std::uint32_t{c.send.window});
    std::uint32_t const age = octets_between(segment.number, c.receive.next);
    return beyond && segment.has_ack && after(segment.acknowledgment, c.send.unacknowledged) && segment.length() == 0 &&
           age > 0 && age <= std::uint32_t{1} << c.announced_shift();
}

// First: the sequence number.
template <class P>
constexpr verdict check_sequence(control_block<P>& c, incoming const& segment, instant now) {
    if (is_acceptable(c, segment)) return verdict::acceptable;
    // RFC 9293 MUST-66: a RST counts even where no text does.
    if (segment.has_rst && segment.number == c.receive.next) return verdict::acceptable;
    if (segment.has_rst) return verdict::outside; // RFC 5961 section 3.2: dropped without an answer
    answer_unacceptable(c, segment, now);
    if (c.now_in == state::time_wait && segment.has_fin && !segment.has_syn &&
        segment.number + segment.length() == c.receive.next) {
        // The peer's FIN again: its number is old, which must not keep the eighth step from happening.
        c.watch.because("the peer's FIN again");
        start_time_wait(c, now);
        return verdict::outside;
    }
    bool const probe = c.receive_window() == 0 && segment.number == c.receive.next && !segment.has_syn;
    return probe || acknowledgments_have_crossed(c, segment) ? verdict::acknowledgment_only : verdict::outside;
}

template <class P>
constexpr error unless_all_arrived(control_block<P> const& c) {
    return c.outbound.empty() ? error::none : error::reset;
}

// Second: RST. It counts only with exactly the number expected (RFC 5961 section 3.2).
template <class P>
constexpr void reset_arrives(control_block<P>& c, incoming const& segment, instant now) {
    if (segment.number != c.receive.next) return challenge(c, now);
    if (P::ignore_resets_in_time_wait && c.now_in == state::time_wait) return; // RFC 1337 section 3, F1
    c.watch.reaches(step::reset);
    switch (state(c.now_in)) {
    case state::syn_received:
        if (c.opened_passively) {
            c.template move<state::syn_received, state::listen>();
            return return_to_listen(c);
        }
        c.template move<state::syn_received, state::closed>();
        return c.end(error::refused);
    case state::established: c.template move<state::established, state::closed>(); break;
    case state::fin_wait_1: c.template move<state::fin_wait_1, state::closed>(); break;
    case state::fin_wait_2: c.template move<state::fin_wait_2, state::closed>(); break;
    case state::close_wait: c.template move<state::close_wait, state::closed>(); break;
    // Both directions are closed already: it matters only where text of ours has not arrived.
    case state::closing: c.template move<state::closing, state::closed>(); return c.end(unless_all_arrived(c));
    case state::last_ack: c.template move<state::last_ack, state::closed>(); return c.end(unless_all_arrived(c));
    case state::time_wait: c.template move<state::time_wait, state::closed>(); return c.end(error::none);
    default: return;
    }
    c.end(error::reset);
}

// Fourth: SYN, wherever in the window or outside of it (RFC 5961 section 4.2).
template <class P>
constexpr void synchronize_arrives(control_block<P>& c, instant now) {
    c.watch.reaches(step::synchronize);
    if (c.now_in == state::syn_received && c.opened_passively) {
        c.template move<state::syn_received, state::listen>();
        return return_to_listen(c);
    }
    challenge(c, now);
}

// The steps in order. The third, security, does nothing here.
template <class P>
constexpr void segment_arrives_synchronized(control_block<P>& c, incoming const& segment, instant now) {
    if (handshake_is_repeated(c, segment, now)) return;
    if (!timestamp_is_acceptable(c, segment, now)) return;
    auto const found = check_sequence(c, segment, now);
    if (found == verdict::outside) return;
    if (segment.has_rst) return reset_arrives(c, segment, now);
    if (segment.has_syn) return synchronize_arrives(c, now);
    if (!acknowledgment_arrives(c, segment, now)) return;
    take_user_timeout(c, segment);
    take_timestamp(c, segment, now);    // not before: what has a forged ACK shall not move it (RFC 5961 section 5.2)
    urgent_pointer_arrives(c, segment); // RFC 9293 MUST-66: a closed window does not hide it
    if (found == verdict::acknowledgment_only) return;
    if (text_arrives(c, segment, now)) finish_arrives(c, segment, now);
}

} // namespace plywire::tcp::detail
