// A segment in LISTEN and in SYN-SENT: RFC 9293 sections 3.10.7.2 and 3.10.7.3.
#pragma once

#include <plywire/machine/acknowledgments.hpp>
#include <plywire/machine/answers.hpp>
#include <plywire/machine/arrivals.hpp>
#include <plywire/machine/control_block.hpp>
#include <plywire/machine/incoming.hpp>

namespace plywire::tcp::detail {

// Section 3.10.7.2. Text that comes with the SYN is left to be sent again: nobody has proved to be there yet.
template <class P>
constexpr void segment_arrives_in_listen(control_block<P>& c, incoming const& segment, instant now) {
    c.watch.reaches(step::synchronize);
    if (segment.has_rst) return; // first
    if (segment.has_ack) {       // second: there is nothing to acknowledge yet
        c.remote_port = segment.source_port;
        return answer_with_reset(c, segment);
    }
    if (!segment.has_syn) return;
    // third
    c.remote_port = segment.source_port;
    begin_with(c, c.send.unacknowledged);
    take_synchronize(c, segment, now);
    c.opened_passively = true;
    c.template move<state::listen, state::syn_received>();
}

// Section 3.10.7.3.
template <class P>
constexpr void segment_arrives_in_syn_sent(control_block<P>& c, incoming const& segment, instant now) {
    // first: the ACK
    if (segment.has_ack &&
        (!after(segment.acknowledgment, c.send.unacknowledged) || after(segment.acknowledgment, c.send.sent))) {
        if (!segment.has_rst) answer_with_reset(c, segment);
        return;
    }
    // second: RST, which only counts with an acceptable ACK (erratum 8167 leaves RFC 5961 out here)
    if (segment.has_rst) {
        if (!segment.has_ack) return;
        c.watch.reaches(step::reset);
        c.template move<state::syn_sent, state::closed>();
        return c.end(error::refused);
    }
    // fourth: SYN
    if (!segment.has_syn) return;
    c.watch.reaches(step::synchronize);
    take_synchronize(c, segment, now);
    c.receive.edge = c.receive.next + first_window(c, 0); // announced by our SYN
    if (!segment.has_ack) {
        // Simultaneous open: our SYN once more, now with an ACK.
        c.template move<state::syn_sent, state::syn_received>();
        c.opened_passively = false;
        c.send.next = c.send.unacknowledged;
        return;
    }
    c.template move<state::syn_sent, state::established>();
    bool const text_refused = c.fast_open.get().wanted() && before(segment.acknowledgment, c.send.sent);
    if (text_refused) c.timed_end = segment.acknowledgment; // the SYN has made its round trip all the same
    take_new_acknowledgment(c, segment, now);
    // RFC 7413 section 4.2.1: text of the SYN that the peer has not taken follows at once.
    if (text_refused) c.send.next = c.send.unacknowledged;
    acknowledge(c);
    // "If there are other controls or text in the segment, then continue processing at the sixth step."
    urgent_pointer_arrives(c, segment);
    if (text_arrives(c, segment, now)) finish_arrives(c, segment, now);
}

} // namespace plywire::tcp::detail
