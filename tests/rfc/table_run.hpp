// The table of state_table.inc, executed, and a machine of ours beside it: each event happens to both, and what then
// differs is told. Read state_model.hpp first.
#pragma once

#include "rfc/state_table.inc"

#include <plywire/bytes/checksum.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/machine/connection.hpp>
#include <plywire/machine/reset.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace table {

using namespace plywire;
using tcp::error;

inline constexpr std::uint32_t capacity = 256; // of both buffers

struct table_policies : tcp::defaults {
    using acknowledgment = tcp::immediate_acknowledgment;
    using challenges = tcp::unlimited_challenges; // the limit has its own tests
    using timestamps = tcp::no_timestamps;
    static constexpr bool ignore_resets_in_time_wait = false; // the table is RFC 9293's alone
    using send_storage = inline_storage<capacity>;
    using receive_storage = inline_storage<capacity>;
    static constexpr bool window_scaling = false;
    static constexpr bool selective_acknowledgments = false;
};
struct with_timestamps : table_policies {
    using timestamps = tcp::use_timestamps;
};
struct with_rfc_1337 : table_policies {
    static constexpr bool ignore_resets_in_time_wait = true;
};
struct with_delay : table_policies {
    using acknowledgment = tcp::delayed_acknowledgment;
};

// ---- the table, executed -------------------------------------------------------------------------------------------

// How often each row was taken.
inline std::array<std::uint32_t, rows.size()>& taken() {
    static std::array<std::uint32_t, rows.size()> counts{};
    return counts;
}

// The rows of one state and event: they stand together.
inline std::span<row const> rows_of(state s, happening what) {
    auto const here = [=](row const& r) { return r.from == s && r.event == what; };
    auto const first = std::find_if(rows.begin(), rows.end(), here);
    return {first, std::find_if_not(first, rows.end(), here)};
}

struct outcome {
    std::vector<sent> segments{};
    std::vector<notice> told{};
    bool may_update_window = false; // one ACK more is as good
    bool fell_out = false;          // no row of a user call matched

    bool says(notice n) const { return std::find(told.begin(), told.end(), n) != told.end(); }
};

inline bool sends_text(state s) {
    return s == state::established || s == state::fin_wait_1 || s == state::close_wait || s == state::closing ||
           s == state::last_ack;
}

// How often number_without_text() was not SND.NXT.
inline std::size_t& numbers_at_the_edge() {
    static std::size_t count = 0;
    return count;
}

// What lies in the send queue goes as far as the peer's window does, and an ACK with it.
inline void send_what_waits(model& t, outcome& o, bool acknowledge) {
    bool const finish_waits = t.close_pending && !t.finish_sent;
    if (sends_text(t.now_in) && (t.send_queue > 0 || finish_waits)) {
        auto const edge = t.snd_una + t.snd_wnd;
        auto const usable = table::before(t.snd_nxt, edge) ? edge - t.snd_nxt : 0;
        auto const octets = std::min(t.send_queue, usable);
        bool const finish = finish_waits && octets == t.send_queue && octets < usable;
        if (octets > 0 || finish) {
            o.segments.push_back({t.snd_nxt, t.rcv_nxt, octets, false, true, false, finish});
            t.snd_nxt += octets;
            t.send_queue -= octets;
            if (finish) {
                t.finish_sent = true;
                t.finish_number = t.snd_nxt++;
                if (t.now_in == state::close_wait) t.now_in = state::last_ack;
            }
            return;
        }
    }
    if (!acknowledge) return;
    if (t.number_without_text() != t.snd_nxt) ++numbers_at_the_edge();
    o.segments.push_back({t.number_without_text(), t.rcv_nxt, 0, false, true, false, false});
}

// What is in flight, once more.
inline sent front_of(model const& t) {
    if (t.now_in == state::syn_sent) return {t.iss, 0, 0, true, false, false, false};
    if (t.now_in == state::syn_received) return {t.iss, t.rcv_nxt, 0, true, true, false, false};
    bool const finish = t.finish_sent && !t.finish_acknowledged();
    if (t.snd_una == t.iss) return {t.iss, t.rcv_nxt, 0, true, true, false, false};
    return {t.snd_una, t.rcv_nxt, t.snd_nxt - t.snd_una - (finish ? 1u : 0u), false, true, false, finish};
}

inline outcome happen(model& t, happening what, bool count = true) {
    outcome o;
    bool acknowledge = false;
    int least = 0;
    bool stop = false;
    while (!stop) {
        row const* next = nullptr;
        for (auto const& r : rows_of(t.now_in, what)) {
            if (r.order < least || !r.holds(t)) continue;
            next = &r;
            break;
        }
        if (next == nullptr) {
            o.fell_out = least == 0;
            break;
        }
        auto const& r = *next;
        if (count) ++taken()[static_cast<std::size_t>(&r - rows.data())];
        stop = r.stop;
        // Alternatives of one order exclude each other.
        least = r.to != r.from ? (r.order / 100 + 1) * 100 : r.order + 1;
        auto const next_number = t.number_without_text();
        r.effect(t);
        t.now_in = r.to;
        if (r.told != notice::nothing) o.told.push_back(r.told);
        switch (r.with) {
        case answer::nothing:
        case answer::what_is_queued:
        case answer::cookie_or_nothing: break;
        case answer::ack: acknowledge = true; break;
        case answer::syn: o.segments.push_back({t.iss, 0, 0, true, false, false, false}); break;
        case answer::syn_ack: o.segments.push_back({t.iss, t.rcv_nxt, 0, true, true, false, false}); break;
        case answer::reset_as_acknowledged:
            o.segments.push_back({t.segment.acknowledgment, 0, 0, false, false, true, false});
            break;
        case answer::reset: o.segments.push_back({next_number, 0, 0, false, false, true, false}); break;
        case answer::reset_with_ack:
            o.segments.push_back({0, t.segment.number + t.segment.length(), 0, false, true, true, false});
            break;
        case answer::front_again:
            o.segments.push_back(front_of(t));
            // A FIN that left before the SYN was acknowledged counts as lost with it.
            if (t.snd_una == t.iss && t.finish_sent) {
                o.segments.push_back({t.finish_number, t.rcv_nxt, 0, false, true, false, true});
            }
            return o;
        case answer::probe:
            if (t.send_queue > 0) {
                o.segments.push_back({t.snd_nxt, t.rcv_nxt, 1, false, true, false, false});
                t.snd_nxt += 1;
                t.send_queue -= 1;
            } else {
                o.segments.push_back({t.snd_nxt, t.rcv_nxt, 0, false, true, false, true});
                t.finish_sent = true;
                t.finish_number = t.snd_nxt++;
            }
            return o;
        case answer::window_update: o.may_update_window = true; break;
        case answer::keep_alive_probe:
            o.segments.push_back({t.snd_nxt - 1, t.rcv_nxt, 0, false, true, false, false});
            break;
        }
        // "If there are other controls or text in the segment, then continue processing at the sixth step."
        if (stop && t.then_text) {
            t.then_text = false;
            stop = false;
            least = 600;
        }
    }
    send_what_waits(t, o, acknowledge);
    return o;
}

// ---- machine and model, side by side -------------------------------------------------------------------------------

inline std::string text_of(sent const& s) {
    std::string text = "<SEQ=" + std::to_string(s.number) + ">";
    if (s.ack) text += "<ACK=" + std::to_string(s.acknowledgment) + ">";
    text += std::string("<") + (s.syn ? "S" : "") + (s.fin ? "F" : "") + (s.rst ? "R" : "") + (s.ack ? "." : "") + ">";
    if (s.octets > 0) text += "<DATA=" + std::to_string(s.octets) + ">";
    return text;
}

inline std::string text_of(std::vector<sent> const& all) {
    std::string text;
    for (auto const& s : all) text += text_of(s);
    return text.empty() ? "nothing" : text;
}

inline std::string text_of(arriving const& a) {
    std::string text = text_of(sent{a.number, a.acknowledgment, a.octets, a.syn, a.ack, a.rst, a.fin});
    if (a.urg) text += "<URG>";
    text += "<WND=" + std::to_string(a.window) + ">";
    if (a.stamped) text += "<TS=" + std::to_string(a.stamp) + ">";
    return text;
}

// ---- which rows of states.hpp have been seen ------------------------------------------------------------------------

inline auto& moves_seen() {
    static std::array<std::array<std::array<std::array<bool, tcp::number_of_states>, 16>, 16>, tcp::number_of_states>
        seen{};
    return seen;
}

inline void note_move(state from, tcp::step at, tcp::event cause, state to) {
    moves_seen()[std::size_t(from)][std::size_t(at)][std::size_t(cause)][std::size_t(to)] = true;
}

// The step of RFC 9293 section 3.10.7.4 in which a segment has led from one state to the next.
inline tcp::step step_of(state from, arriving const& a, state to) {
    if (a.rst) return tcp::step::reset;
    bool const opens = to == state::established || to == state::fin_wait_1;
    if (a.syn) return from == state::syn_received && opens ? tcp::step::crossing : tcp::step::synchronize;
    bool const by_finish = to == state::close_wait || (from == state::fin_wait_1 && to == state::closing) ||
                           (from == state::fin_wait_2 && to == state::time_wait);
    if (by_finish) return tcp::step::finish;
    bool const by_text = to == state::closed && from != state::last_ack;
    return by_text ? tcp::step::text : tcp::step::acknowledgment;
}

inline void note_move(state from, happening what, arriving const& a, bool goes, state to) {
    if (from == to) return;
    auto const other = [=](tcp::event cause) { note_move(from, tcp::step::none, cause, to); };
    // The FIN that waited has left.
    if (from == state::close_wait && to == state::last_ack && what != happening::close) {
        return other(tcp::event::finish_sent);
    }
    switch (what) {
    case happening::segment: return note_move(from, step_of(from, a, to), tcp::event::segment, to);
    case happening::open_passive: return other(tcp::event::open_passive);
    case happening::open_active: return other(tcp::event::open_active);
    case happening::close: return other(goes && to == state::closed ? tcp::event::abort : tcp::event::close);
    case happening::abort: return other(tcp::event::abort);
    case happening::user_timeout:
    case happening::keep_alive: return other(tcp::event::gave_up);
    case happening::time_wait_over:
    case happening::finish_wait_over: return other(tcp::event::time_over);
    default: return;
    }
}

// The octets of a segment, made once into the same room.
class wire_segment {
public:
    explicit wire_segment(arriving const& a) {
        auto const options = a.stamped ? 12u : 0u;
        size_ = tcp::header::size + options + a.octets;
        mutable_view<tcp::header> const header(room().data(), static_cast<std::uint32_t>(tcp::header::size + options),
                                               a.octets);
        header.set(tcp::source_port = std::uint16_t{2000}, tcp::destination_port = std::uint16_t{1000},
                   tcp::sequence_number = a.number, tcp::acknowledgment_number = a.ack ? a.acknowledgment : 0u,
                   tcp::data_offset = static_cast<std::uint8_t>(5 + options / 4), tcp::reserved = std::uint8_t{0},
                   tcp::cwr = false, tcp::ece = false, tcp::urg = a.urg, tcp::ack = a.ack, tcp::psh = false,
                   tcp::rst = a.rst, tcp::syn = a.syn, tcp::fin = a.fin,
                   tcp::window = static_cast<std::uint16_t>(a.window), tcp::checksum = std::uint16_t{0},
                   tcp::urgent_pointer = static_cast<std::uint16_t>(a.urgent_pointer));
        if (a.stamped) {
            header.options()[0] = header.options()[1] = std::byte{1};
            plywire::copy(header.options().subspan(2), tcp::timestamps(a.stamp, 1).octets());
        }
    }
    view<tcp::header> seen() const { return *parse<tcp::header>(bytes_view(room()).first(size_)); }

private:
    static std::array<std::byte, 1024>& room() {
        static std::array<std::byte, 1024> octets{};
        return octets;
    }
    std::size_t size_ = 0;
};

struct numbers {
    std::uint32_t ours;
    std::uint32_t theirs;
};

template <class P>
struct both {
    model t{};
    tcp::connection<P> machine{};
    instant now{seconds(1000).nanoseconds};
    numbers base{100, 300};
    std::vector<sent> seen{}; // what the machine has sent
    std::uint32_t stamp = 1000;
    bool peer_stamps = true; // if the machine does

    explicit both(numbers begin)
        : base(begin) {
        machine.configure({.no_delay = true});
        t.p_stamps = P::timestamps::offered;
        t.new_iss = base.ours;
        t.offered_window = capacity;
    }

    arriving from_peer(std::uint32_t number, std::uint32_t octets = 0) const {
        return {.number = number,
                .acknowledgment = t.snd_nxt,
                .octets = octets,
                .stamp = stamp,
                .ack = true,
                .stamped = t.p_stamps && peer_stamps};
    }

    // ---- the machine's part ----
    void drain() {
        seen.clear();
        std::array<std::byte, 512> slot{};
        while (auto const size = machine.emit(slot, internet_sum(), now)) {
            note(*parse<tcp::header>(bytes_view(slot).first(size)));
            if (seen.size() > 4) break;
        }
    }
    void note(view<tcp::header> const& v) {
        bool const ack = v[tcp::ack];
        seen.push_back({v[tcp::sequence_number], ack ? v[tcp::acknowledgment_number] : 0u,
                        static_cast<std::uint32_t>(v.payload().size()), v[tcp::syn], ack, v[tcp::rst], v[tcp::fin]});
    }
    void machine_gets(arriving const& a) {
        wire_segment const wire(a);
        auto const segment = wire.seen();
        if (machine.finished()) { // a host without a connection
            seen.clear();
            std::array<std::byte, 64> slot{};
            auto const size = tcp::write_reset_for(segment, slot, internet_sum());
            if (size > 0) note(*parse<tcp::header>(bytes_view(slot).first(size)));
            return;
        }
        if (t.p_time_wait_reuse && t.listener && machine.may_be_replaced_by(segment)) {
            // What the owner of the connection does then.
            machine = {};
            machine.configure({.no_delay = true});
            (void)machine.listen(1000, tcp::sequence(t.new_iss));
        }
        machine.segment_arrives(segment, now);
        drain();
    }
    notice machine_does(happening what) {
        std::array<std::byte, capacity> octets{};
        auto const answered = [](auto const& result) {
            if (result.has_value()) return notice::ok;
            switch (result.error()) {
            case error::would_block: return notice::pending;
            case error::closing: return notice::error_closing;
            case error::end_of_stream: return notice::error_end_of_stream;
            case error::already_open: return notice::error_exists;
            case error::not_connected: return notice::error_not_connected;
            case error::invalid_port: return notice::error_remote;
            default: return notice::nothing;
            }
        };
        notice result = notice::ok;
        std::uint16_t const port = t.room ? 1000 : 0;
        switch (what) {
        case happening::open_passive: result = answered(machine.listen(port, tcp::sequence(t.new_iss))); break;
        case happening::open_active:
            result = answered(machine.open(port, t.remote_given ? 2000 : 0, tcp::sequence(t.new_iss), now));
            break;
        case happening::send: {
            auto const did = machine.send(std::span(octets).first(t.written), now);
            result = answered(did);
            if (did && *did == 0) result = notice::error_resources;
            break;
        }
        case happening::receive: result = answered(machine.receive(octets, now)); break;
        case happening::close:
            if (t.p_half_duplex) {
                machine.detach(now);
            } else {
                result = answered(machine.close(now));
            }
            break;
        case happening::abort: machine.abort(now); break;
        case happening::status: break;
        default: break;
        }
        drain();
        return result;
    }

    // ---- what must be the same ----
    std::string difference(model const& m, outcome const& o, instant due_before) const {
        auto const info = machine.info();
        auto const number = [](std::uint32_t x) { return std::to_string(x); };
        if (info.current != m.now_in) {
            return std::string("state ").append(name_of(info.current)) + ", should be " +
                   std::string(name_of(m.now_in));
        }
        bool const updated = o.may_update_window && seen.size() == o.segments.size() + 1 &&
                             seen.back() == sent{m.snd_nxt, m.rcv_nxt, 0, false, true, false, false};
        if (seen != o.segments && !updated) return "sent " + text_of(seen) + ", should be " + text_of(o.segments);
        if (m.now_in != state::closed && m.now_in != state::listen) {
            if (info.send_unacknowledged.value() != m.snd_una) {
                return "SND.UNA " + number(info.send_unacknowledged.value()) + ", should be " + number(m.snd_una);
            }
            if (info.send_next.value() != m.snd_nxt) return "SND.NXT should be " + number(m.snd_nxt);
            if (m.now_in != state::syn_sent && info.receive_next.value() != m.rcv_nxt) {
                return "RCV.NXT " + number(info.receive_next.value()) + ", should be " + number(m.rcv_nxt);
            }
            if (sends_text(m.now_in) && info.send_window != m.snd_wnd) {
                return "SND.WND " + number(info.send_window) + ", should be " + number(m.snd_wnd);
            }
            if (info.unread != m.unread) return number(info.unread) + " unread, should be " + number(m.unread);
            if (machine.urgent_left() != m.urgent_left()) {
                return number(machine.urgent_left()) + " urgent, should be " + number(m.urgent_left());
            }
            bool const waits = m.something_in_flight() || m.now_in == state::time_wait;
            if (waits && machine.deadline() == instant::never()) return "no timer";
        }
        if (m.now_in == state::time_wait) {
            auto const due = m.time_wait_started ? now + seconds(60) : due_before;
            if (machine.deadline() != due) return m.time_wait_started ? "2 MSL not started" : "2 MSL started";
        }
        if (m.now_in == state::closed) {
            auto const why = o.says(notice::refused)     ? error::refused
                             : o.says(notice::reset)     ? error::reset
                             : o.says(notice::timed_out) ? error::timed_out
                                                         : error::none;
            if (!o.told.empty() && why != error::none && machine.failure() != why) {
                return std::string("told: ").append(name_of(machine.failure()));
            }
            if (machine.deadline() != instant::never()) return "a timer in CLOSED";
        }
        if (o.says(notice::end_of_stream)) {
            auto reader = machine;
            std::array<std::byte, capacity> room{};
            (void)reader.receive(room, now);
            auto const end = reader.receive(room, now);
            if (end.has_value() || end.error() != error::end_of_stream) return "no end of stream";
        }
        return {};
    }

    // ---- both parts ----
    // The event happens to both; what differs. The model takes over how large a window the machine has announced.
    std::string gets(arriving const& a, bool count = true) {
        auto const due = machine.deadline();
        t.segment = a;
        t.time_wait_started = false;
        auto const from = machine.current_state();
        machine_gets(a);
        note_move(from, happening::segment, a, false, machine.current_state());
        auto const o = happen(t, happening::segment, count);
        auto said = difference(t, o, due);
        follow_window();
        return said;
    }
    std::string does(happening what, std::uint32_t octets = 10, bool count = true) {
        auto const due = machine.deadline();
        prepare(what, octets);
        auto const from = machine.current_state();
        auto const result = machine_does(what);
        note_move(from, what, {}, t.p_half_duplex, machine.current_state());
        auto const o = happen(t, what, count);
        auto said = difference(t, o, due);
        if (said.empty()) said = result_difference(what, result, o);
        follow_window();
        return said;
    }
    void prepare(happening what, std::uint32_t octets) {
        t.time_wait_started = false;
        if (what != happening::send) return;
        bool const text_in_flight = t.now_in != state::syn_sent && t.now_in != state::syn_received;
        auto const held = std::min(capacity, t.send_queue + (text_in_flight ? t.snd_nxt - t.snd_una : 0));
        t.written = std::min(octets, capacity - held);
        t.room = t.written > 0;
        if (!t.room) t.written = 10;
    }
    static std::string result_difference(happening what, notice result, outcome const& o) {
        // ABORT and STATUS have no result, and an application that goes asks for none.
        if (what == happening::abort || what == happening::status) return {};
        auto wanted = o.told.empty() ? notice::ok : o.told.front();
        // A number of port that is none is said in one way, whatever made the OPEN impossible.
        bool const opens = what == happening::open_active || what == happening::open_passive;
        if (opens && wanted == notice::error_resources) wanted = notice::error_remote;
        // SEND names no peer: in LISTEN there is none to name.
        if (what == happening::send && wanted == notice::error_remote) wanted = notice::error_not_connected;
        // Nothing comes any more, which is what RECEIVE says.
        if (what == happening::receive && wanted == notice::error_closing) wanted = notice::error_end_of_stream;
        if (result == wanted) return {};
        return "answered " + std::to_string(int(result)) + ", should be " + std::to_string(int(wanted));
    }
    void follow_window() { t.rcv_wnd = machine.info().receive_window; }
};

} // namespace table
