// What the rows of state_table.inc are about: the variables of RFC 9293 section 3.3.1 as a model that the rows ask and
// change. It is written next to the RFC and shares no code with the machine that it judges; it knows neither buffers
// nor round trips nor congestion, and sends whatever the peer's window lets go.
#pragma once

#include <plywire/machine/states.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace table {

using plywire::tcp::state;

enum class happening : std::uint8_t {
    open_passive,
    open_active,
    send,
    receive,
    close,
    abort,
    status,
    segment,
    user_timeout,
    retransmission,
    persist,
    delayed_ack,
    keep_alive,
    time_wait_over,
    finish_wait_over,
};

enum class answer : std::uint8_t {
    nothing,
    syn,
    syn_ack,
    ack,
    what_is_queued, // text and FIN as the window lets them go
    reset_as_acknowledged,
    reset,
    reset_with_ack,
    front_again,
    probe,
    window_update, // or none: how large a window is announced is left to the receiver
    keep_alive_probe,
    cookie_or_nothing,
};

enum class notice : std::uint8_t {
    nothing,
    ok,
    pending,
    connected,
    data,
    urgent,
    completed,
    end_of_stream,
    refused,
    reset,
    timed_out,
    error_closing,
    error_end_of_stream,
    error_exists,
    error_not_connected,
    error_resources,
    error_remote,
};

enum class opening : std::uint8_t { none, passive, active };

// Modulo 2^32 (RFC 9293 section 3.4).
inline bool before(std::uint32_t a, std::uint32_t b) { return a != b && b - a < 0x8000'0000u; }
inline bool not_after(std::uint32_t a, std::uint32_t b) { return b - a < 0x8000'0000u; }

struct arriving {
    std::uint32_t number = 0;
    std::uint32_t acknowledgment = 0;
    std::uint32_t octets = 0;
    std::uint32_t window = 8192;
    std::uint32_t stamp = 0;
    std::uint32_t urgent_pointer = 0;
    bool syn = false;
    bool ack = false;
    bool rst = false;
    bool fin = false;
    bool urg = false;
    bool stamped = false;

    std::uint32_t length() const { return octets + (syn ? 1u : 0u) + (fin ? 1u : 0u); }
    std::uint32_t first_octet() const { return number + (syn ? 1u : 0u); }
};

// A segment that the model sends.
struct sent {
    std::uint32_t number = 0;
    std::uint32_t acknowledgment = 0;
    std::uint32_t octets = 0;
    bool syn = false;
    bool ack = false;
    bool rst = false;
    bool fin = false;
    friend bool operator==(sent const&, sent const&) = default;
};

struct model {
    state now_in = state::closed;
    opening origin = opening::none;
    std::uint32_t iss = 0, irs = 0, new_iss = 0;
    std::uint32_t snd_una = 0, snd_nxt = 0, snd_wnd = 0, snd_wl1 = 0, snd_wl2 = 0, max_snd_wnd = 0;
    std::uint32_t rcv_nxt = 0, rcv_wnd = 0;
    std::uint32_t offered_window = 0; // RCV.WND when RCV.NXT becomes known
    std::uint32_t rcv_up = 0;         // RCV.UP, when urgent_seen
    std::uint32_t ts_recent = 0;
    std::uint32_t send_queue = 0, unread = 0;
    std::uint32_t finish_number = 0;                             // of our FIN, when finish_sent
    std::vector<std::pair<std::uint32_t, std::uint32_t>> held{}; // text beyond gaps: from, up to
    std::uint32_t held_finish = 0;
    bool finish_is_held = false;
    bool finish_sent = false;
    bool finish_taken = false;
    bool close_pending = false;
    bool stamps_agreed = false;
    bool then_text = false;
    bool time_wait_started = false;
    bool urgent_seen = false;

    // The situation around it.
    bool remote_given = true, remote_is_bad = false, address_is_bad = false, backlog_is_full = false;
    bool security_differs = false, listener = false, idle_24_days = false, keep_alive = false, room = true;
    bool p_security = false, p_narrow_acks = true, p_half_duplex = false, p_time_wait_reuse = false;
    bool p_ignore_resets = false, p_finish_wait_ends = false, p_stamps = false;
    std::uint32_t written = 0; // what a SEND brings

    arriving segment{};
    bool as_acceptable = false; // the sequence check is told to let it pass

    // ---- what conditions ask ----
    bool has_room() const { return room; }
    bool acceptable() const {
        if (as_acceptable) return true;
        auto const inside = [this](std::uint32_t x) { return x - rcv_nxt < rcv_wnd; };
        if (segment.length() == 0) return rcv_wnd == 0 ? segment.number == rcv_nxt : inside(segment.number);
        return inside(segment.number) || inside(segment.number + segment.length() - 1);
    }
    // Octets of the segment that are new and in the window.
    std::uint32_t text() const { return before(text_begin(), text_end()) ? text_end() - text_begin() : 0; }
    std::uint32_t text_begin() const {
        return before(segment.first_octet(), rcv_nxt) ? rcv_nxt : segment.first_octet();
    }
    // Nothing comes behind a FIN that has been seen.
    std::uint32_t text_end() const {
        auto const end = segment.first_octet() + segment.octets;
        auto const limit = finish_is_held ? held_finish : rcv_nxt + rcv_wnd;
        return before(limit, end) ? limit : end;
    }
    bool finish_is_in_the_window() const {
        return segment.fin && not_after(segment.first_octet() + segment.octets, rcv_nxt + rcv_wnd);
    }
    bool in_order() const { return not_after(segment.first_octet(), rcv_nxt); }
    bool something_in_flight() const { return snd_una != snd_nxt; }
    bool finish_acknowledged() const { return finish_sent && before(finish_number, snd_una); }

    // Octets from the user's next one up to RCV.UP.
    std::uint32_t urgent_left() const {
        auto const reader = rcv_nxt - (finish_taken ? 1u : 0u) - unread;
        return urgent_seen && before(reader, rcv_up) ? rcv_up - reader : 0;
    }

    // SND.NXT for a segment without text; but where the peer has drawn its window back from what is in flight, the edge
    // of the window. The RFC says SND.NXT, which such a peer does not accept.
    std::uint32_t number_without_text() const {
        auto const edge = snd_una + snd_wnd;
        return snd_una != iss && before(edge, snd_nxt) ? edge : snd_nxt;
    }

    // ---- what actions do ----
    void queue_data() { send_queue += written; }
    void read() { unread = 0; }
    void flush() {
        unread = 0;
        send_queue = 0;
        held.clear();
    }
    void delete_tcb() {
        send_queue = 0;
        close_pending = false;
    }
    void take_synchronize() {
        irs = segment.number;
        snd_wnd = max_snd_wnd = segment.window; // MAX.SND.WND: the largest window ever announced
        snd_wl1 = segment.number;
        snd_wl2 = new_iss;
        unread = 0;
        close_pending = finish_sent = finish_taken = finish_is_held = false;
        held.clear();
        rcv_wnd = offered_window;
        stamps_agreed = p_stamps && segment.stamped;
        ts_recent = segment.stamp;
    }
    void take_acknowledgment() { snd_una = segment.acknowledgment; }
    void set_window() {
        snd_wnd = segment.window;
        snd_wl1 = segment.number;
        snd_wl2 = segment.ack ? segment.acknowledgment : snd_una;
        max_snd_wnd = std::max(max_snd_wnd, snd_wnd);
    }
    void update_window() {
        if (before(snd_wl1, segment.number) ||
            (snd_wl1 == segment.number && not_after(snd_wl2, segment.acknowledgment))) {
            set_window();
        }
    }
    void drop_text_and_fin() {
        segment.octets = 0;
        segment.fin = false;
    }
    void hold() {
        if (text() > 0) held.emplace_back(text_begin(), text_end());
        hold_finish();
    }
    // A FIN outside of the window is cut off with the text that is.
    void hold_finish() {
        if (!finish_is_in_the_window()) return;
        finish_is_held = true;
        held_finish = segment.first_octet() + segment.octets;
    }
    void deliver() {
        auto const end = text_end();
        if (segment.fin && end != segment.first_octet() + segment.octets) {
            hold_finish();
            segment.fin = false;
        }
        advance(end);
        for (std::size_t i = 0; i < held.size(); ++i) {
            if (before(rcv_nxt, held[i].first) || not_after(held[i].second, rcv_nxt)) continue;
            advance(held[i].second);
            i = static_cast<std::size_t>(-1);
        }
        if (finish_is_held && held_finish == rcv_nxt) segment.fin = true;
    }
    void advance(std::uint32_t end) {
        auto const octets = end - rcv_nxt;
        unread += octets;
        rcv_nxt = end;
        rcv_wnd -= octets;
    }
    void take_urgent() {
        auto const mark = segment.number + segment.urgent_pointer;
        if (!urgent_seen || before(rcv_up, mark)) rcv_up = mark;
        urgent_seen = true;
    }
    void take_finish() {
        rcv_nxt += 1;
        if (rcv_wnd > 0) rcv_wnd -= 1;
        finish_is_held = false;
        finish_taken = true;
    }
    void start_time_wait() { time_wait_started = true; }
};

// One row of the table.
struct row {
    char const* id;
    state from;
    happening event;
    int order; // of the RFC's step, in hundredths
    bool (*holds)(model const&);
    state to;
    answer with;
    notice told;
    void (*effect)(model&);
    bool stop;
};

} // namespace table
