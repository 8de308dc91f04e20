// What a connection would send next. Asked by wants_to_send(), and by emit() before it writes anything.
#pragma once

#include <plywire/headers/tcp.hpp>
#include <plywire/machine/control_block.hpp>
#include <plywire/machine/options_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace plywire::tcp::detail {

// Why a segment is sent; decides what changes once it is written.
enum class reason : std::uint8_t {
    nothing,        // there is nothing to send
    reset,          // a RST, by itself or as an answer
    acknowledgment, // nothing but an ACK
    progress,       // SYN, text or FIN at send.next
    repair,         // the first unacknowledged segment once more
    tail,           // the last one once more (RFC 8985 section 7.3)
    probe,          // what the persist timer sends
    keep_alive,     // an ACK that the peer must answer
};

constexpr std::string_view name_of(reason why) {
    switch (why) {
    case reason::nothing: return "nothing";
    case reason::reset: return "RST";
    case reason::acknowledgment: return "acknowledgment";
    case reason::progress: return "SYN, text or FIN";
    case reason::repair: return "a lost segment again";
    case reason::tail: return "the last segment again";
    case reason::probe: return "probe of a closed window";
    case reason::keep_alive: return "probe of an idle connection";
    }
    return "?";
}

struct outgoing {
    reason why = reason::nothing;
    bool has_syn = false;
    bool has_ack = false;
    bool has_rst = false;
    bool has_fin = false;
    bool has_psh = false;
    sequence number{};
    std::uint32_t text = 0;    // octets
    std::uint32_t options = 0; // octets

    constexpr std::size_t size() const { return header::size + options + text; }
    // How many sequence numbers it takes.
    constexpr std::uint32_t length() const { return text + (has_syn ? 1u : 0u) + (has_fin ? 1u : 0u); }
};

// A slot larger than any segment.
inline constexpr std::size_t any_room = std::numeric_limits<std::uint32_t>::max();

// How many octets may be on their way by the peer's window and by the congestion window.
template <class P>
constexpr std::uint32_t allowed_in_flight(control_block<P> const& c) {
    std::uint32_t const congestion = c.control.get().window() + c.recovery.get().inflation();
    return std::min<std::uint32_t>(c.send.window, congestion);
}

// Text of this segment, and FIN if nothing comes after it: `text` octets from `number` on.
template <class P>
constexpr outgoing with_text(control_block<P> const& c, reason why, sequence number, std::uint32_t text,
                             std::uint32_t options) {
    outgoing segment{.why = why, .has_ack = true, .number = number, .text = text, .options = options};
    bool const last = number + text == c.queue_end();
    // RFC 9293 MUST-61: the last buffered octet is pushed.
    segment.has_psh = text > 0 && (last || c.push.get().pushes(number, number + text));
    segment.has_fin = last && c.finish_queued;
    return segment;
}

// Whether it is time to send that much: silly-window avoidance (RFC 9293 section 3.8.6.2.1) with Nagle's algorithm
// (section 3.7.4). `most` is what a full segment holds.
template <class P>
constexpr bool is_worth_sending(control_block<P> const& c, outgoing const& segment, std::uint32_t most,
                                std::uint32_t available) {
    if (segment.has_fin || segment.text == most) return segment.length() > 0;
    if (segment.text == 0) return false;
    // What the timer has taken back has been worth it before; what merely probed a closed window has not.
    if (before(segment.number, c.send.sent) && c.timer == timer_use::retransmission) return true;
    if (c.cork.get().in() && !c.finish_queued) return false;
    bool const nagle_agrees = c.no_delay || c.send.next == c.send.unacknowledged;
    return nagle_agrees && (segment.text == available || segment.text >= c.send.largest_window / 2u);
}

// Text or FIN at send.next, as far as both windows go.
template <class P>
constexpr outgoing plan_progress(control_block<P> const& c, std::uint32_t most, std::uint32_t options) {
    auto const end = c.queue_end();
    if (after(c.send.next, end)) return {}; // the FIN has been sent
    auto const edge = c.send.unacknowledged + allowed_in_flight(c);
    std::uint32_t const available = octets_between(c.send.next, end);
    std::uint32_t const usable = octets_between(c.send.next, edge);
    auto segment = with_text(c, reason::progress, c.send.next, std::min({available, usable, most}), options);
    // The FIN takes a number in the peer's window; the congestion window does not count it.
    if (segment.has_fin && !before(end, c.send.unacknowledged + c.send.window)) segment.has_fin = false;
    return is_worth_sending(c, segment, most, available) ? segment : outgoing{};
}

// The first segment that is not acknowledged, no matter what the windows say (RFC 5681 section 3.2 (3)).
template <class P>
constexpr outgoing plan_repair(control_block<P> const& c, std::uint32_t most, std::uint32_t options) {
    auto const first = c.first_octet();
    auto const sent_text = octets_between(first, before(c.send.sent, c.queue_end()) ? c.send.sent : c.queue_end());
    std::uint32_t text = std::min(sent_text, most);
    if constexpr (selective_recovery<typename P::recovery>) text = std::min(text, c.recovery.get().first_hole());
    auto segment = with_text(c, reason::repair, first, text, options);
    if (!after(c.send.sent, c.queue_end())) segment.has_fin = false; // it has not been sent yet
    return segment.length() > 0 ? segment : outgoing{};
}

// Octets of a hole, as far as both windows go (RFC 6675 section 5 (C)).
template <class P>
constexpr outgoing plan_hole(control_block<P> const& c, sequence_range range, std::uint32_t most,
                             std::uint32_t options) {
    if (range.first == range.last) return {};
    std::uint32_t const flight = c.in_flight();
    bool const is_alone = flight <= c.recovery.get().not_in_pipe();
    if (!is_alone && flight + c.full_segment() > c.control.get().window() + c.recovery.get().inflation()) return {};
    auto const end = before(c.send.sent, c.queue_end()) ? c.send.sent : c.queue_end();
    std::uint32_t const usable = octets_between(range.first, c.send.unacknowledged + c.send.window);
    std::uint32_t const length = octets_between(range.first, before(range.last, end) ? range.last : end);
    auto segment = with_text(c, reason::repair, range.first, std::min({length, usable, most}), options);
    if (!after(c.send.sent, c.queue_end()) || segment.text == usable) segment.has_fin = false;
    return segment.length() > 0 ? segment : outgoing{};
}

// What the persist timer sends: an octet that the closed window does not allow, so that the peer answers, or the FIN
// (RFC 9293 section 3.8.6.1). A window that is merely small is filled, silly or not (section 3.8.6.2.1).
template <class P>
constexpr outgoing plan_probe(control_block<P> const& c, std::uint32_t most, std::uint32_t options) {
    auto const first = c.first_octet();
    std::uint32_t const available = octets_between(first, c.queue_end());
    bool const closed = c.send.window == 0;
    std::uint32_t const allowed = closed ? 1 : c.send.window;
    auto segment =
        with_text(c, closed ? reason::probe : reason::progress, first, std::min({available, allowed, most}), options);
    if (segment.text == allowed) segment.has_fin = false;
    return segment.length() > 0 ? segment : outgoing{};
}

// RFC 8985 section 7.3: something new if there is any and the peer's window lets it go, whatever the congestion window
// says, else what has left last once more.
template <class P>
constexpr outgoing plan_tail(control_block<P> const& c, std::uint32_t most, std::uint32_t options) {
    auto const end = c.queue_end();
    if (after(c.send.sent, end)) return with_text(c, reason::tail, end, 0, options); // the FIN
    std::uint32_t const usable = octets_between(c.send.sent, c.send.unacknowledged + c.send.window);
    std::uint32_t const fresh = std::min({octets_between(c.send.sent, end), usable, most});
    if (fresh > 0) {
        auto segment = with_text(c, reason::progress, c.send.sent, fresh, options);
        if (fresh == usable) segment.has_fin = false;
        return segment;
    }
    std::uint32_t const text = std::min(octets_between(c.first_octet(), c.send.sent), most);
    auto segment = with_text(c, reason::tail, c.send.sent - text, text, options);
    segment.has_fin = false; // it has not been sent yet
    return segment.length() > 0 ? segment : outgoing{};
}

template <class P>
constexpr outgoing plan_text(control_block<P> const& c, std::size_t room, std::uint32_t options) {
    std::size_t const limit = std::min(c.send.segment_size, c.segment_limit);
    std::size_t const taken = header::size + options;
    if (room <= taken || limit <= options) return {};
    auto const most = static_cast<std::uint32_t>(std::min(limit - options, room - taken));
    if (c.retransmit_first) {
        if (auto const segment = plan_repair(c, most, options); segment.why != reason::nothing) return segment;
    }
    if constexpr (selective_recovery<typename P::recovery>) {
        auto const segment = plan_hole(c, c.recovery.get().to_repair(), most, options);
        if (segment.why != reason::nothing) return segment;
    }
    if (c.probe_now) {
        if (auto const segment = plan_probe(c, most, options); segment.why != reason::nothing) return segment;
    }
    if constexpr (P::tail_probe::supported) {
        if (c.tail.get().owed()) {
            if (auto const segment = plan_tail(c, most, options); segment.why != reason::nothing) return segment;
        }
    }
    if constexpr (selective_recovery<typename P::recovery>) {
        if (auto const segment = plan_progress(c, most, options); segment.why != reason::nothing) return segment;
        auto const range = c.recovery.get().to_try(c.send.unacknowledged, c.send.sent, c.full_segment());
        return plan_hole(c, range, most, options);
    } else {
        return plan_progress(c, most, options);
    }
}

// SND.NXT, as a segment without text bears it. A probe that the peer has not taken lies beyond its closed window, and so
// does text from which it has drawn its window back: then the edge of its window, since it takes no ACK and no RST from
// beyond (RFC 9293 3.10.7.4, first). By less than the step in which windows are told it is drawn back for show only.
template <class P>
constexpr sequence number_without_text(control_block<P> const& c) {
    auto const edge = c.send.unacknowledged + std::uint32_t{c.send.window};
    std::uint32_t const beyond = c.syn_acknowledged ? octets_between(edge, c.send.sent) : 0u;
    bool const may_be_probe = c.send.window == 0 && beyond == 1;
    return beyond >> c.send.shift == 0 && !may_be_probe ? c.send.sent : edge;
}

// Octets of text behind a SYN: with a cookie as much as the peer has said that it takes, less what options may need; else
// none (RFC 7413 section 4.2.1).
template <class P>
constexpr std::uint32_t text_of_synchronize(control_block<P> const& c, std::size_t room) {
    if constexpr (P::fast_open::supported) {
        if (fast_open_octets(c) == 0 || c.fast_open.get().cookie().empty()) return 0;
        std::size_t const taken = header::size + synchronize_options_size(c);
        std::size_t const limit = std::min(c.fast_open.get().cookie().segment_size, c.segment_limit);
        if (limit <= options_octets_max || room <= taken) return 0;
        return static_cast<std::uint32_t>(std::min({limit - options_octets_max, room - taken, c.outbound.size()}));
    } else {
        return 0;
    }
}

// The next segment for a slot of `room` octets. Text is cut to the room; a SYN, an ACK or a RST is planned however small
// it is, and emit() sees whether it fits.
template <class P>
constexpr outgoing plan(control_block<P> const& c, std::size_t room) {
    if (c.reset_reply || c.reset_owed) {
        return {.why = reason::reset,
                .has_ack = !c.reset_reply && P::resets::acknowledges,
                .has_rst = true,
                .number = c.reset_reply ? c.receive.finish : number_without_text(c),
                .options = reset_options_size(c)};
    }
    state const s = c.now_in;
    if (s == state::closed || s == state::listen) return {};
    if (!c.syn_acknowledged && c.send.next == c.send.unacknowledged) {
        return {.why = reason::progress,
                .has_syn = true,
                .has_ack = s != state::syn_sent,
                .number = c.send.unacknowledged,
                .text = text_of_synchronize(c, room),
                .options = synchronize_options_size(c)};
    }
    std::uint32_t const options = options_size(c);
    if (c.sends_text() && !c.finish_acknowledged) {
        if (auto const segment = plan_text(c, room, options); segment.why != reason::nothing) return segment;
    }
    if (c.keep_alive.get().probe_owed() && c.may_be_kept_alive()) {
        // RFC 9293 SHLD-12: SEG.SEQ = SND.NXT-1 and no text, which the peer cannot but answer.
        return {.why = reason::keep_alive, .has_ack = true, .number = c.send.sent - 1, .options = options};
    }
    if (!c.acknowledge_now || s == state::syn_sent) return {};
    return {.why = reason::acknowledgment, .has_ack = true, .number = number_without_text(c), .options = options};
}

} // namespace plywire::tcp::detail
