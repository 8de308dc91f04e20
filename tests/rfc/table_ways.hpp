// Where the run against the table begins: every state, reached in every way that makes a difference. The ways are steps
// of the run themselves: machine and table take them together, and must agree after each.
#pragma once

#include "rfc/table_run.hpp"

#include <catch2/catch_test_macros.hpp>

namespace table {

template <class P>
struct way {
    char const* name;
    void (*walk)(both<P>&);
};

inline void same(std::string const& difference) {
    INFO(difference);
    CHECK(difference.empty());
}

template <class P>
struct steps {
    using b = both<P>;
    static void does(b& x, happening what, std::uint32_t octets = 10) { same(x.does(what, octets)); }
    static void gets(b& x, arriving const& a) { same(x.gets(a)); }
    static void peer(b& x, std::uint32_t octets = 0) { gets(x, x.from_peer(x.t.rcv_nxt, octets)); }
    static void peer_finishes(b& x, bool acknowledges_finish = true) {
        auto a = x.from_peer(x.t.rcv_nxt);
        a.fin = true;
        if (!acknowledges_finish) a.acknowledgment = x.t.snd_una;
        gets(x, a);
    }
    static void peer_closes_its_window(b& x) {
        auto a = x.from_peer(x.t.rcv_nxt);
        a.window = 0;
        gets(x, a);
    }

    static void closed(b&) {}
    static void listen(b& x) { does(x, happening::open_passive); }
    static void syn_sent(b& x) { does(x, happening::open_active); }
    static void syn_sent_queued(b& x) {
        syn_sent(x);
        does(x, happening::send);
    }
    static arriving syn(b const& x) {
        auto a = x.from_peer(x.base.theirs - 1);
        a.syn = true;
        a.ack = false;
        a.acknowledgment = 0;
        return a;
    }
    static void syn_received(b& x) {
        listen(x);
        gets(x, syn(x));
    }
    static void syn_received_queued(b& x) {
        syn_received(x);
        does(x, happening::send);
    }
    static void syn_sent_full(b& x) {
        syn_sent(x);
        does(x, happening::send, capacity);
    }
    static void syn_received_full(b& x) {
        syn_received(x);
        does(x, happening::send, capacity);
    }
    static void syn_received_closing(b& x) {
        syn_received_queued(x);
        does(x, happening::close);
    }
    static void syn_received_actively(b& x) {
        syn_sent(x);
        gets(x, syn(x));
    }
    static void syn_received_actively_closing(b& x) {
        syn_received_actively(x);
        does(x, happening::send);
        does(x, happening::close);
    }
    static void established(b& x) {
        syn_sent(x);
        auto a = syn(x);
        a.ack = true;
        a.acknowledgment = x.t.snd_nxt;
        gets(x, a);
    }
    static void accepted(b& x) {
        syn_received(x);
        peer(x);
    }
    static void established_by_crossing(b& x) {
        syn_received_actively(x);
        auto a = syn(x);
        a.ack = true;
        a.acknowledgment = x.t.snd_nxt;
        gets(x, a);
    }
    static void in_flight(b& x) {
        established(x);
        does(x, happening::send);
    }
    static void unread(b& x) {
        established(x);
        peer(x, 10);
    }
    static void gap(b& x) {
        established(x);
        gets(x, x.from_peer(x.t.rcv_nxt + 10, 5));
    }
    static void gap_before_finish(b& x) {
        established(x);
        auto a = x.from_peer(x.t.rcv_nxt + 10, 5);
        a.fin = true;
        gets(x, a);
    }
    static void full(b& x) {
        in_flight(x);
        peer(x, capacity);
    }
    static void window_closed(b& x) {
        established(x);
        peer_closes_its_window(x);
        does(x, happening::send);
    }
    static void nothing_fits(b& x) {
        window_closed(x);
        does(x, happening::send, capacity);
    }
    static void fin_wait_1(b& x) {
        established(x);
        does(x, happening::close);
    }
    static void fin_wait_1_data(b& x) {
        in_flight(x);
        does(x, happening::close);
    }
    static void fin_wait_1_unread(b& x) {
        unread(x);
        does(x, happening::close);
    }
    static void fin_wait_1_gap(b& x) {
        gap(x);
        does(x, happening::close);
    }
    static void fin_wait_1_full(b& x) {
        full(x);
        does(x, happening::close);
    }
    static void fin_wait_1_window_closed(b& x) {
        window_closed(x);
        does(x, happening::close);
    }
    static void fin_wait_1_from_syn_received(b& x) {
        syn_received(x);
        does(x, happening::close);
    }
    static void fin_wait_2(b& x) {
        fin_wait_1(x);
        peer(x);
    }
    static void fin_wait_2_unread(b& x) {
        fin_wait_2(x);
        peer(x, 10);
    }
    static void fin_wait_2_gap(b& x) {
        fin_wait_2(x);
        gets(x, x.from_peer(x.t.rcv_nxt + 10, 5));
    }
    static void fin_wait_2_full(b& x) {
        fin_wait_2(x);
        peer(x, capacity);
    }
    static void close_wait(b& x) {
        established(x);
        peer_finishes(x);
    }
    static void close_wait_data(b& x) {
        close_wait(x);
        does(x, happening::send);
    }
    static void close_wait_unread(b& x) {
        unread(x);
        peer_finishes(x);
    }
    static void close_wait_full(b& x) {
        established(x);
        peer(x, capacity - 1);
        peer_finishes(x);
    }
    static void close_wait_window_closed(b& x) {
        window_closed(x);
        auto a = x.from_peer(x.t.rcv_nxt);
        a.window = 0;
        a.fin = true;
        gets(x, a);
    }
    static void close_wait_nothing_fits(b& x) {
        close_wait_window_closed(x);
        does(x, happening::send, capacity);
    }
    static void close_wait_finish_waits(b& x) {
        close_wait_window_closed(x);
        does(x, happening::close);
    }
    static void closing(b& x) {
        fin_wait_1(x);
        peer_finishes(x, false);
    }
    static void closing_data(b& x) {
        fin_wait_1_data(x);
        peer_finishes(x, false);
    }
    static void closing_full(b& x) {
        fin_wait_1_data(x);
        auto a = x.from_peer(x.t.rcv_nxt, capacity - 1);
        a.acknowledgment = x.t.snd_una;
        a.fin = true;
        gets(x, a);
    }
    static void closing_window_closed(b& x) {
        fin_wait_1_window_closed(x);
        auto a = x.from_peer(x.t.rcv_nxt);
        a.window = 0;
        a.fin = true;
        gets(x, a);
    }
    static void last_ack(b& x) {
        close_wait(x);
        does(x, happening::close);
    }
    static void last_ack_data(b& x) {
        close_wait_data(x);
        does(x, happening::close);
    }
    static void last_ack_full(b& x) {
        close_wait_full(x);
        does(x, happening::close);
    }
    static void last_ack_window_closed(b& x) {
        close_wait(x);
        peer_closes_its_window(x);
        does(x, happening::close);
    }
    static void time_wait(b& x) {
        fin_wait_2(x);
        peer_finishes(x);
        x.now += seconds(10);
    }
    static void time_wait_from_closing(b& x) {
        closing(x);
        peer(x);
        x.now += seconds(10);
    }
    static void time_wait_full(b& x) {
        fin_wait_2(x);
        auto a = x.from_peer(x.t.rcv_nxt, capacity - 1);
        a.fin = true;
        gets(x, a);
        x.now += seconds(10);
    }

    static constexpr std::array<way<P>, 50> all = {{
        {"CLOSED", closed},
        {"LISTEN", listen},
        {"SYN-SENT", syn_sent},
        {"SYN-SENT, data queued", syn_sent_queued},
        {"SYN-SENT, no room to send", syn_sent_full},
        {"SYN-RECEIVED", syn_received},
        {"SYN-RECEIVED, data queued", syn_received_queued},
        {"SYN-RECEIVED, no room to send", syn_received_full},
        {"SYN-RECEIVED, CLOSE pending", syn_received_closing},
        {"SYN-RECEIVED, opened actively", syn_received_actively},
        {"SYN-RECEIVED, opened actively, CLOSE pending", syn_received_actively_closing},
        {"ESTABLISHED", established},
        {"ESTABLISHED, accepted", accepted},
        {"ESTABLISHED, by crossing", established_by_crossing},
        {"ESTABLISHED, data in flight", in_flight},
        {"ESTABLISHED, unread", unread},
        {"ESTABLISHED, a gap", gap},
        {"ESTABLISHED, a gap before a FIN", gap_before_finish},
        {"ESTABLISHED, no receive window", full},
        {"ESTABLISHED, no send window", window_closed},
        {"ESTABLISHED, no room to send", nothing_fits},
        {"FIN-WAIT-1", fin_wait_1},
        {"FIN-WAIT-1, data in flight", fin_wait_1_data},
        {"FIN-WAIT-1, unread", fin_wait_1_unread},
        {"FIN-WAIT-1, a gap", fin_wait_1_gap},
        {"FIN-WAIT-1, no receive window", fin_wait_1_full},
        {"FIN-WAIT-1, no send window", fin_wait_1_window_closed},
        {"FIN-WAIT-1, from SYN-RECEIVED", fin_wait_1_from_syn_received},
        {"FIN-WAIT-2", fin_wait_2},
        {"FIN-WAIT-2, unread", fin_wait_2_unread},
        {"FIN-WAIT-2, a gap", fin_wait_2_gap},
        {"FIN-WAIT-2, no receive window", fin_wait_2_full},
        {"CLOSE-WAIT", close_wait},
        {"CLOSE-WAIT, data in flight", close_wait_data},
        {"CLOSE-WAIT, unread", close_wait_unread},
        {"CLOSE-WAIT, no receive window", close_wait_full},
        {"CLOSE-WAIT, no send window", close_wait_window_closed},
        {"CLOSE-WAIT, no room to send", close_wait_nothing_fits},
        {"CLOSE-WAIT, the FIN waits", close_wait_finish_waits},
        {"CLOSING", closing},
        {"CLOSING, data in flight", closing_data},
        {"CLOSING, no receive window", closing_full},
        {"CLOSING, no send window", closing_window_closed},
        {"LAST-ACK", last_ack},
        {"LAST-ACK, data in flight", last_ack_data},
        {"LAST-ACK, no receive window", last_ack_full},
        {"LAST-ACK, no send window", last_ack_window_closed},
        {"TIME-WAIT", time_wait},
        {"TIME-WAIT, from CLOSING", time_wait_from_closing},
        {"TIME-WAIT, no receive window", time_wait_full},
    }};
};

// Numbers in the middle, and such that one side or the other goes round while the run lasts.
inline constexpr std::array<numbers, 3> beginnings = {
    {{100, 300}, {0xffff'fffb, 0xffff'ff80}, {0x7fff'fffb, 0x8000'0003}}};

} // namespace table
