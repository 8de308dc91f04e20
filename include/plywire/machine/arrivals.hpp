// The sixth to eighth steps of RFC 9293 section 3.10.7.4: urgent pointer, text and FIN of the peer.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/machine/acknowledgments.hpp>
#include <plywire/machine/answers.hpp>
#include <plywire/machine/control_block.hpp>
#include <plywire/machine/incoming.hpp>

#include <cstdint>

namespace plywire::tcp::detail {

// Sixth: the urgent pointer. The user is told once of each that is new or has moved forward (RFC 9293 MUST-32).
template <class P>
constexpr void urgent_pointer_arrives(control_block<P>& c, incoming const& segment) {
    if (!segment.has_urg || !c.takes_text()) return;
    // MUST-62: it points behind the last urgent octet.
    if (c.urgent.get().heard(segment.number + segment.urgent_offset, c.reader())) {
        c.reports.get().give(advice::urgent_data);
    }
}

// Text has come that was received before, in order or behind a gap: the first run of it is reported (RFC 2883 sections
// 4.1 and 4.2).
template <class P>
constexpr void consider_duplicate(control_block<P>& c, sequence_range text) {
    if (!c.sack_permitted || text.first == text.last) return;
    if (before(text.first, c.receive.next)) {
        return c.duplicates.get().seen({text.first, before(text.last, c.receive.next) ? text.last : c.receive.next});
    }
    sequence_range found{};
    for (auto const& range : c.beyond.ranges()) {
        if (!before(range.first, text.last) || !before(text.first, range.last)) continue;
        if (found.first != found.last && before(found.first, range.first)) continue;
        found = {later(range.first, text.first), before(range.last, text.last) ? range.last : text.last};
    }
    if (found.first != found.last) c.duplicates.get().seen(found);
}

// Text at the left edge of the window: to the user, with what it joins up with behind it.
template <class P>
constexpr void take_text_in_order(control_block<P>& c, bytes_view text, instant now) {
    auto const first = c.receive.next;
    c.receive.next += static_cast<std::uint32_t>(c.inbound.write(text));
    c.receive.duplicates = 0; // they would be none of what is acknowledged now
    if (c.beyond.empty()) {
        c.counters.get().taken(octets_between(first, c.receive.next));
        return acknowledge_soon(c, now);
    }
    auto const reached = c.beyond.absorb(c.receive.next);
    c.inbound.commit(octets_between(c.receive.next, reached));
    c.receive.next = reached;
    c.counters.get().taken(octets_between(first, reached));
    acknowledge(c); // RFC 5681 section 4.2: a segment that fills a gap is acknowledged at once
}

// Text beyond a gap is kept at its place in the ring if there is room to remember it (RFC 9293 SHLD-31).
template <class P>
constexpr void keep_text_beyond_gap(control_block<P>& c, sequence first, bytes_view text) {
    acknowledge_each(c); // RFC 5681 section 4.2: at once, so that the sender can tell
    if (text.empty() || !c.beyond.has_room_for({first, first + static_cast<std::uint32_t>(text.size())})) return;
    auto const place = c.inbound.size() + octets_between(c.receive.next, first);
    auto const kept = static_cast<std::uint32_t>(c.inbound.write_at(place, text));
    if (kept == 0) return;
    c.beyond.add({first, first + kept});
    c.counters.get().beyond_gap();
}

// Seventh: the segment text, cut to what is new and inside the window. False: the segment is done with.
template <class P>
constexpr bool text_arrives(control_block<P>& c, incoming const& segment, instant now) {
    if (!c.takes_text()) return true; // CLOSE-WAIT and later: ignored
    auto text = segment.text;
    auto first = segment.first_octet();
    consider_duplicate(c, {first, first + static_cast<std::uint32_t>(text.size())});
    auto const old = octets_between(first, c.receive.next);
    if (old > 0) {
        if (old >= text.size()) {
            if (!text.empty()) acknowledge(c);
            return true;
        }
        text = text.subspan(old);
        first = c.receive.next;
    }
    if (text.empty()) return true;
    // RFC 9293 SHLD-3 and section 3.6.1: nobody will read this, and the peer is to know.
    if (c.detached) {
        if constexpr (P::resets::acknowledges) { // as one that belongs to no connection any more
            answer_with_reset(c, segment);
        } else {
            c.reset_owed = true;
        }
        c.watch.happens(event::abort);
        if (c.now_in == state::fin_wait_1) c.template move<state::fin_wait_1, state::closed>();
        if (c.now_in == state::fin_wait_2) c.template move<state::fin_wait_2, state::closed>();
        c.end(error::reset);
        return false;
    }
    c.watch.reaches(step::text);
    auto const limit = c.finish_known && before(c.receive.finish, c.receive.edge) ? c.receive.finish : c.receive.edge;
    auto const inside = octets_between(first, limit);
    if (inside < text.size()) text = text.first(inside);
    if (first == c.receive.next) {
        take_text_in_order(c, text, now);
    } else {
        keep_text_beyond_gap(c, first, text);
    }
    return true;
}

// Eighth: the FIN, which takes effect when everything before it has been received.
template <class P>
constexpr void finish_arrives(control_block<P>& c, incoming const& segment, instant now) {
    if (segment.has_fin && c.now_in == state::time_wait) {
        c.watch.because("the peer's FIN again");
        acknowledge(c);
        return start_time_wait(c, now); // "restart the 2 MSL time-wait timeout"
    }
    if (!c.takes_text()) return;
    auto const number = segment.finish();
    if (segment.has_fin && !before(number, c.receive.next) && !after(number, c.receive.edge)) {
        c.finish_known = true;
        c.receive.finish = number;
        c.reset_reply = false; // one that has not left yet, from before we were ESTABLISHED: the peer knows better now
        acknowledge(c);
    }
    if (!c.finish_known || c.receive.next != c.receive.finish) return;
    c.watch.compare(c);
    c.watch.reaches(step::finish);
    c.finish_known = false;
    c.finish_taken = true;
    c.receive.next += 1;
    c.release_inbound_if_read();
    acknowledge(c);
    switch (state(c.now_in)) {
    case state::established: c.template move<state::established, state::close_wait>(); break;
    case state::fin_wait_1: c.template move<state::fin_wait_1, state::closing>(); break;
    case state::fin_wait_2:
        c.template move<state::fin_wait_2, state::time_wait>();
        enter_time_wait(c, now);
        break;
    default: break;
    }
}

} // namespace plywire::tcp::detail
