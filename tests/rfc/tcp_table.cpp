// The machine against the table of RFC 9293, exhaustively: every state on several ways, every user call, every
// time-out, and every segment by its flags, its place around the receive window, its acknowledgment around what is in
// flight, its length, its window, its timestamp, with numbers that lie in the middle and that go round. After each
// event both must have the same state and numbers, have sent the same segments and have told the user the same.
// Read state_table.csv and state_model.hpp first.
#include "rfc/table_ways.hpp"
#include "support/effort.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace table;

namespace {

// ---- what the machine does in another way, and why -----------------------------------------------------------------

struct exception {
    char const* why;
    // Changes the model so that the table says what the machine does; false: it is about something else.
    bool (*applies)(model&);
    // What the table does not say even so.
    void (*amend)(model&, outcome&);
    // In how many cases of the whole run.
    std::size_t expected;
    std::size_t cases = 0;
};

std::vector<exception>& exceptions() {
    static std::vector<exception> all = {
        {.why = "an ACK right behind the window is taken: when both windows are full there is no other",
         .applies =
             [](model& t) {
                 auto const& a = t.segment;
                 if (a.length() != 0 || a.rst || t.rcv_wnd == 0 || a.number != t.rcv_nxt + t.rcv_wnd) return false;
                 t.as_acceptable = true;
                 return true;
             },
         .amend = nullptr,
         .expected = 8328},
        {.why = "a RST counts even where there is no receive window, whatever else the segment bears (MUST-66)",
         .applies =
             [](model& t) {
                 auto const& a = t.segment;
                 if (!a.rst || a.length() == 0 || t.rcv_wnd != 0 || a.number != t.rcv_nxt) return false;
                 t.as_acceptable = true;
                 return true;
             },
         .amend = nullptr,
         .expected = 72180},
        {.why = "the peer's FIN in the segment that ends CLOSING is acknowledged, as in TIME-WAIT",
         .applies = [](model& t) { return t.now_in == state::closing && t.segment.fin; },
         .amend =
             [](model& t, outcome& o) {
                 if (t.now_in == state::time_wait)
                     o.segments.push_back({t.number_without_text(), t.rcv_nxt, 0, false, true, false, false});
             },
         .expected = 2880},
        {.why = "a SYN that may not begin a new connection is challenged in TIME-WAIT, not dropped",
         .applies = [](model& t) { return std::exchange(t.p_time_wait_reuse, false); },
         .amend = nullptr,
         .expected = 11616},
        {.why = "a CLOSE that waits for ESTABLISHED is not forgotten when a crossing SYN,ACK establishes",
         .applies = [](model& t) { return t.now_in == state::syn_received && t.close_pending && t.segment.syn; },
         .amend =
             [](model& t, outcome&) {
                 if (t.now_in == state::established) t.now_in = state::fin_wait_1;
                 if (t.now_in == state::close_wait || t.now_in == state::last_ack) t.now_in = state::closing;
             },
         .expected = 720},
        {.why = "the ACK that ends LAST-ACK leaves nobody who would acknowledge what else the segment bears",
         .applies = [](model& t) { return t.now_in == state::last_ack; },
         .amend =
             [](model& t, outcome& o) {
                 if (t.now_in == state::closed) o.segments.clear();
             },
         .expected = 252},
        {.why = "a FIN before text that has come already, as a peer sends that contradicts itself, is not taken",
         .applies =
             [](model& t) {
                 auto const end = t.segment.first_octet() + t.segment.octets;
                 bool contradicts = false;
                 for (auto const& range : t.held) {
                     contradicts = contradicts || (t.segment.fin && table::before(end, range.second) &&
                                                   !table::before(end, range.first));
                 }
                 if (contradicts) t.segment.fin = false;
                 return contradicts;
             },
         .amend = nullptr,
         .expected = 864},
        {.why = "text behind a FIN that has come already, as a peer sends that contradicts itself, is acknowledged",
         .applies = [](model& t) { return t.finish_is_held && t.segment.octets > 0; },
         .amend =
             [](model& t, outcome& o) {
                 if (o.segments.empty())
                     o.segments.push_back({t.number_without_text(), t.rcv_nxt, 0, false, true, false, false});
             },
         .expected = 1440},
    };
    return all;
}

// Whether the machine did what an exception announces.
template <class P>
bool is_meant(both<P> const& x, model const& start, happening what, instant due) {
    for (auto& e : exceptions()) {
        auto t = start;
        if (!e.applies(t)) continue;
        auto o = happen(t, what, false);
        if (e.amend != nullptr) e.amend(t, o);
        if (!x.difference(t, o, due).empty()) continue;
        ++e.cases;
        return true;
    }
    return false;
}

// ---- the run -------------------------------------------------------------------------------------------------------

template <class P>
std::size_t all_segments_after(both<P> start, way<P> const& from, numbers base, std::vector<std::string>& wrong) {
    from.walk(start);
    auto const& s = start.t;
    bool const begins = s.now_in == state::closed || s.now_in == state::listen || s.now_in == state::syn_sent;
    std::uint32_t const next = begins ? base.theirs : s.rcv_nxt;
    std::uint32_t const room = begins ? capacity : s.rcv_wnd;
    std::uint32_t const una = begins ? base.ours : s.snd_una;
    std::uint32_t const flight = begins ? 1 : s.snd_nxt - s.snd_una;

    std::set<std::uint32_t> const places = {0u - 0x7000'0000u, 0u - 1000, 0u - 10,  0u - 5,      0u - 1, 0, 1, 10, 15,
                                            room - 1,          room,      room + 1, 0x8000'0000u};
    std::set<std::uint32_t> const answers = {0u - 8193,  0u - 8192, 0u - 1,     0,           1,
                                             flight - 1, flight,    flight + 1, 0x7fff'ffff, 0x8000'0000};
    std::set<std::uint32_t> const lengths = {0, 1, 5, 12, room, room + 5};
    struct stamp {
        bool there;
        std::uint32_t value;
        bool late; // 25 days later
    };
    std::vector<stamp> stamps = {{false, 0, false}};
    if (P::timestamps::offered && !start.peer_stamps) {
        stamps.push_back({true, 1000, false});
    } else if (P::timestamps::offered) {
        stamps = {{false, 0, false}, {true, 1000, false}, {true, 1001, false}, {true, 999, false}};
        // Time passes harmlessly only where nothing is due.
        if (start.machine.deadline() == instant::never()) stamps.push_back({true, 999, true});
    }
    std::size_t cases = 0;
    static std::size_t turn = 0;
    auto const step = plywire::testing::stride(97);
    for (unsigned flags = 0; flags < 32; ++flags) {
        for (auto const place : places) {
            for (auto const answer : answers) {
                bool const ack = (flags & 2) != 0;
                if (!ack && answer != 0) continue;
                for (auto const octets : lengths) {
                    for (auto const window : {8192u, 0u}) {
                        for (auto const& at : stamps) {
                            for (unsigned reuse = 0; reuse < (s.now_in == state::time_wait ? 2u : 1u); ++reuse) {
                                if (++turn % step != 0) continue;
                                arriving const a{.number = next + place,
                                                 .acknowledgment = ack ? una + answer : 0u,
                                                 .octets = octets,
                                                 .window = window,
                                                 .stamp = at.value,
                                                 .urgent_pointer = (flags & 16) != 0 ? octets : 0,
                                                 .syn = (flags & 1) != 0,
                                                 .ack = ack,
                                                 .rst = (flags & 4) != 0,
                                                 .fin = (flags & 8) != 0,
                                                 .urg = (flags & 16) != 0,
                                                 .stamped = at.there};
                                auto x = start;
                                x.t.p_time_wait_reuse = x.t.listener = reuse != 0;
                                x.t.idle_24_days = at.late;
                                if (at.late) x.now += hours(25 * 24);
                                auto before = x.t;
                                before.segment = a;
                                before.time_wait_started = false;
                                auto const due = x.machine.deadline();
                                ++cases;
                                auto const said = x.gets(a);
                                if (said.empty()) continue;
                                if (is_meant(x, before, happening::segment, due)) continue;
                                wrong.push_back(std::string(from.name) + " meets " + text_of(a) +
                                                (reuse != 0 ? " (reuse)" : "") + ": " + said);
                            }
                        }
                    }
                }
            }
        }
    }
    return cases;
}

template <class P>
std::size_t all_segments(way<P> const& from, numbers base, std::vector<std::string>& wrong) {
    return all_segments_after(both<P>(base), from, base, wrong);
}

// In TIME-WAIT, where timestamps are offered and the peer had none: its next SYN may have them.
std::size_t segments_after_silence(way<with_timestamps> const& from, numbers base, std::vector<std::string>& wrong) {
    both<with_timestamps> start(base);
    start.peer_stamps = false;
    auto walked = start;
    from.walk(walked);
    return walked.t.now_in == state::time_wait ? all_segments_after(start, from, base, wrong) : 0;
}

// Calls that the table answers in another way, and how often that was seen.
std::size_t calls_after_close = 0;
std::size_t late_reads = 0;

template <class P>
bool is_answered_otherwise(both<P>& x, happening call) {
    auto const in = x.t.now_in;
    bool const hidden = x.t.close_pending && !x.t.p_half_duplex &&
                        (in == state::syn_received || in == state::close_wait) &&
                        (call == happening::send || call == happening::close);
    if (hidden) { // CLOSE has been called, though the state does not show it
        x.prepare(call, 10);
        same(x.machine_does(call) == notice::error_closing ? "" : "not refused");
        same(x.difference(x.t, {}, x.machine.deadline()));
        ++calls_after_close;
        return true;
    }
    bool const ends = in == state::closing || in == state::last_ack || in == state::time_wait;
    if (ends && call == happening::receive && x.t.unread > 0) { // text that came before the peer's FIN is not lost
        x.t.time_wait_started = false;
        same(x.machine_does(call) == notice::ok ? "" : "not read");
        x.t.read();
        same(x.difference(x.t, {}, x.machine.deadline()));
        ++late_reads;
        return true;
    }
    return false;
}

// Every call of the user from every place, possible or not.
template <class P>
std::size_t all_calls(way<P> const& from, numbers base, std::vector<std::string>& wrong) {
    constexpr happening calls[] = {happening::open_passive, happening::open_active, happening::send,
                                   happening::receive,      happening::close,       happening::abort,
                                   happening::status};
    both<P> start(base);
    from.walk(start);
    std::size_t cases = 0;
    for (auto const call : calls) {
        for (unsigned how = 0; how < 4; ++how) {
            bool const opens = (call == happening::open_passive && start.t.now_in == state::closed) ||
                               (call == happening::open_active &&
                                (start.t.now_in == state::closed || start.t.now_in == state::listen));
            // An application that goes without having read is told apart from one that only says no more.
            bool const goes = call == happening::close && how == 1;
            bool const can_go = start.t.now_in == state::established || start.t.now_in == state::close_wait;
            if (how != 0 && !opens && !(goes && can_go)) continue;
            auto x = start;
            x.t.remote_given = call != happening::send && call != happening::open_active ? true : (how & 1) == 0;
            if (call == happening::send && x.t.now_in == state::listen) x.t.remote_given = false;
            x.t.room = (how & 2) == 0;
            x.t.p_half_duplex = goes;
            ++cases;
            if (is_answered_otherwise(x, call)) continue;
            // Text behind a gap has come as well, and is not read either.
            if (goes && !x.t.held.empty()) x.t.unread += 1;
            auto const said = x.does(call);
            if (said.empty()) continue;
            wrong.push_back(std::string(from.name) + ", call " + std::to_string(int(call)) + " way " +
                            std::to_string(how) + ": " + said);
        }
    }
    return cases;
}

// Every time-out that can be due at that place.
template <class P>
std::size_t all_timeouts(way<P> const& from, numbers base, std::vector<std::string>& wrong) {
    both<P> start(base);
    from.walk(start);
    auto const& s = start.t;
    std::size_t cases = 0;
    auto const expires = [&](both<P>& x, happening what) {
        x.t.time_wait_started = false;
        x.now = x.machine.deadline();
        auto const from_state = x.machine.current_state();
        x.machine.time_passes(x.now);
        x.drain();
        note_move(from_state, what, {}, false, x.machine.current_state());
        auto const o = happen(x.t, what);
        ++cases;
        auto const said = x.difference(x.t, o, x.machine.deadline());
        if (!said.empty()) {
            wrong.push_back(std::string(from.name) + ", time-out " + std::to_string(int(what)) + ": " + said);
        }
    };
    bool const finish_waits = s.close_pending && !s.finish_sent;
    bool const waits = sends_text(s.now_in) && (s.send_queue > 0 || finish_waits);
    bool const synchronizing = s.now_in == state::syn_sent || s.now_in == state::syn_received;
    bool const in_flight = s.something_in_flight() && (synchronizing || sends_text(s.now_in));
    if (in_flight) {
        auto x = start;
        expires(x, happening::retransmission);
        expires(x, happening::retransmission);
    } else if (waits && s.snd_wnd == 0) {
        auto x = start;
        expires(x, happening::persist);
    }
    if (in_flight || waits) { // ... and in the end patience does.
        auto x = start;
        while (x.machine.deadline() != instant::never() && x.machine.current_state() == s.now_in) {
            x.now = x.machine.deadline();
            x.machine.time_passes(x.now);
            x.drain();
        }
        note_move(s.now_in, happening::user_timeout, {}, false, x.machine.current_state());
        auto const o = happen(x.t, happening::user_timeout);
        ++cases;
        auto const said = x.difference(x.t, o, x.machine.deadline());
        if (!said.empty()) wrong.push_back(std::string(from.name) + ", user time-out: " + said);
    }
    // What is not due does nothing.
    for (auto const what : {happening::retransmission, happening::persist}) {
        bool const runs = what == happening::retransmission ? s.something_in_flight() : s.snd_wnd == 0;
        if (runs || rows_of(s.now_in, what).empty()) continue;
        auto x = start;
        x.t.time_wait_started = false;
        x.machine.time_passes(x.now);
        x.drain();
        auto const o = happen(x.t, what);
        ++cases;
        same(x.difference(x.t, o, x.machine.deadline()));
    }
    // Keep-alive, not asked for and asked for.
    if (!rows_of(s.now_in, happening::keep_alive).empty() && start.machine.deadline() == instant::never()) {
        auto x = start;
        x.now += hours(3);
        x.machine.time_passes(x.now);
        x.drain();
        same(x.difference(x.t, happen(x.t, happening::keep_alive), {}));
        x.machine.set_keep_alive(tcp::keep_alive_settings{}, x.now);
        x.t.keep_alive = true;
        same(x.machine.deadline() == x.now + hours(2) ? "" : "not probed after 2 hours");
        expires(x, happening::keep_alive);
        for (int unanswered = 0; unanswered < 9; ++unanswered) {
            x.now = x.machine.deadline();
            x.machine.time_passes(x.now);
            x.drain();
        }
        same(x.machine.failure() == error::timed_out ? "" : "9 probes without an answer are not enough");
        note_move(s.now_in, happening::keep_alive, {}, false, x.machine.current_state());
    }
    if (s.now_in == state::time_wait) {
        auto x = start;
        expires(x, happening::time_wait_over);
    }
    if (s.now_in == state::fin_wait_2 && s.unread == 0 && s.held.empty()) {
        auto x = start;
        x.machine.detach(x.now);
        x.t.p_finish_wait_ends = true;
        expires(x, happening::finish_wait_over);
    }
    return cases;
}

template <class P>
std::size_t all_of(std::size_t (*one)(way<P> const&, numbers, std::vector<std::string>&),
                   std::vector<std::string>& wrong) {
    std::size_t cases = 0;
    for (auto const base : beginnings) {
        for (auto const& from : steps<P>::all) cases += one(from, base, wrong);
    }
    return cases;
}

struct result {
    std::size_t cases = 0;
    std::size_t at_the_edge = 0; // segments without text that bear the edge of a window drawn back, not SND.NXT
    std::vector<std::string> wrong{};

    void report() const {
        for (std::size_t i = 0; i < wrong.size() && i < 40; ++i) FAIL_CHECK(wrong[i]);
        CHECK(wrong.size() == 0);
    }
};

// Each run happens once, whoever asks for it.
result const& with_segments() {
    static result const all = [] {
        result r;
        auto const before = numbers_at_the_edge();
        r.cases = all_of<table_policies>(all_segments, r.wrong) + all_of<with_timestamps>(all_segments, r.wrong) +
                  all_of<with_timestamps>(segments_after_silence, r.wrong);
        r.at_the_edge = numbers_at_the_edge() - before;
        return r;
    }();
    return all;
}
result const& with_calls() {
    static result const all = [] {
        result r;
        r.cases = all_of<table_policies>(all_calls, r.wrong) + all_of<with_timestamps>(all_calls, r.wrong);
        return r;
    }();
    return all;
}
result const& with_timeouts() {
    static result const all = [] {
        result r;
        r.cases = all_of<table_policies>(all_timeouts, r.wrong) + all_of<with_timestamps>(all_timeouts, r.wrong);
        return r;
    }();
    return all;
}

// The ACK of text that came in order waits, and leaves when its time is over.
bool with_delayed_acknowledgments() {
    static bool const done = [] {
        using s = steps<with_delay>;
        for (auto const walk : {s::established, s::fin_wait_1, s::fin_wait_2}) {
            both<with_delay> x(beginnings[0]);
            walk(x);
            auto text = x.from_peer(x.t.rcv_nxt, 10);
            text.acknowledgment = x.t.snd_una;
            x.machine.segment_arrives(wire_segment(text).seen(), x.now);
            x.t.advance(x.t.rcv_nxt + 10);
            x.drain();
            CHECK(x.seen.empty());
            CHECK(x.machine.deadline() <= x.now + milliseconds(500));
            x.now = x.machine.deadline();
            x.machine.time_passes(x.now);
            x.drain();
            auto const o = happen(x.t, happening::delayed_ack);
            same(x.difference(x.t, o, {}));
        }
        return true;
    }();
    return done;
}

// Text that comes when the application has gone is answered with a RST (RFC 9293 section 3.6.1).
bool with_nobody_reading() {
    using s = steps<table_policies>;
    for (auto const walk : {s::fin_wait_1, s::fin_wait_2}) { // ESTABLISHED is left by going
        both<table_policies> x(beginnings[0]);
        walk(x);
        x.machine.detach(x.now);
        auto a = x.from_peer(x.t.rcv_nxt, 10);
        a.acknowledgment = x.t.snd_una;
        x.machine_gets(a);
        same(x.seen == std::vector{sent{x.t.snd_nxt, 0, 0, false, false, true, false}} ? "" : "no RST");
        note_move(x.t.now_in, happening::segment, a, false, x.machine.current_state());
    }
    return true;
}

// A host that the network says cannot be reached ends an OPEN that has no peer yet (RFC 9293 section 3.9.2.2). The table,
// of section 3.10, has no such event.
bool with_hosts_out_of_reach() {
    using s = steps<table_policies>;
    for (auto const walk : {s::syn_sent, s::syn_received_actively}) {
        both<table_policies> x(beginnings[0]);
        walk(x);
        auto const from = x.machine.current_state();
        x.machine.network_error(tcp::network_error_kind::prohibited, x.machine.info().send_unacknowledged, x.now);
        CHECK(x.machine.failure() == error::unreachable);
        note_move(from, tcp::step::none, tcp::event::unreachable, x.machine.current_state());
    }
    return true;
}

// RST does not end TIME-WAIT where the policies follow RFC 1337.
bool with_resets_in_time_wait() {
    using s = steps<with_rfc_1337>;
    both<with_rfc_1337> x(beginnings[0]);
    s::time_wait(x);
    x.t.p_ignore_resets = true;
    auto reset = x.from_peer(x.t.rcv_nxt);
    reset.rst = true;
    for (auto const beside : {0u, 1u}) { // the second is challenged
        reset.number += beside;
        s::gets(x, reset);
        CHECK(x.machine.current_state() == state::time_wait);
    }
    return true;
}

struct untaken {
    char const* why;
    std::vector<std::string> ids;
};

std::vector<untaken> const& rows_never_taken() {
    static std::vector<untaken> const all = {
        {"an earlier step decides, as the notes on the table say",
         {"ST-FW1-seg-20", "ST-FW2-seg-13", "ST-CLOSING-seg-17", "ST-CLOSING-seg-18"}},
        {"the narrow range of RFC 5961 section 5 decides first; the machine has no other",
         {"ST-ESTAB-seg-12", "ST-FW1-seg-12", "ST-FW2-seg-12", "ST-CLOSEWAIT-seg-12", "ST-CLOSING-seg-12",
          "ST-LASTACK-seg-12"}},
        {"security compartments (RFC 9293 appendix A.1) are not for hosts of the Internet",
         {"ST-SYNRCVD-seg-11", "ST-ESTAB-seg-8", "ST-FW1-seg-8", "ST-FW2-seg-8", "ST-CLOSEWAIT-seg-8",
          "ST-CLOSING-seg-8", "ST-LASTACK-seg-8", "ST-TIMEWAIT-seg-16"}},
        {"addresses and the backlog are the layer's, not the connection's",
         {"ST-CLOSED-OPEN_ACTIVE-2", "ST-LISTEN-seg-3", "ST-LISTEN-seg-4"}},
        {"SEND names no peer: in LISTEN an OPEN does", {"ST-LISTEN-SEND-2", "ST-LISTEN-SEND-3"}},
        {"no window is announced in a SYN that is not open", {"ST-SYNRCVD-seg-6"}},
        {"there is always something in flight", {"ST-SYNSENT-TMO-RTX-2", "ST-SYNRCVD-TMO-RTX-2"}},
        {"there is never anything in flight", {"ST-FW2-TMO-USER-1", "ST-FW2-TMO-RTX-1"}},
        {"a FIN is acknowledged at once, and no text comes behind it", {"ST-CLOSEWAIT-TMO-DELACK-1"}},
    };
    return all;
}

} // namespace

TEST_CASE("every state and every segment: the machine does what the table says", "[tcp][table]") {
    auto const& run = with_segments();
    run.report();
    if (plywire::testing::sampled) return;
    // What is meant to be otherwise is so in exactly these cases, no more and no fewer.
    CHECK(run.at_the_edge == 11484);
    CHECK(run.cases == 17'526'720);
    for (auto const& e : exceptions()) {
        INFO(e.why);
        CHECK(e.cases == e.expected);
    }
}

TEST_CASE("every state and every call of the user: the machine does what the table says", "[tcp][table]") {
    auto const& run = with_calls();
    run.report();
    CHECK(run.cases == 2256);
    CHECK(calls_after_close == 36);
    CHECK(late_reads == 18);
}

TEST_CASE("every state and every time-out: the machine does what the table says", "[tcp][table]") {
    auto const& run = with_timeouts();
    run.report();
    CHECK(run.cases == 894);
    CHECK(with_delayed_acknowledgments());
}

TEST_CASE("every row of the table is taken by some case, but those that cannot be", "[tcp][table]") {
    CHECK((with_segments().wrong.empty() && with_calls().wrong.empty() && with_timeouts().wrong.empty()));
    CHECK(with_delayed_acknowledgments());
    CHECK(with_resets_in_time_wait());
    if (plywire::testing::sampled) return;
    std::set<std::string> never;
    for (auto const& group : rows_never_taken()) never.insert(group.ids.begin(), group.ids.end());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        INFO(rows[i].id << " was taken " << taken()[i] << " times");
        CHECK((taken()[i] == 0) == never.contains(rows[i].id));
    }
}

TEST_CASE("every row of the table of states is gone through", "[tcp][table]") {
    CHECK((with_segments().wrong.empty() && with_calls().wrong.empty() && with_timeouts().wrong.empty()));
    CHECK(with_nobody_reading());
    CHECK(with_hosts_out_of_reach());
    if (plywire::testing::sampled) return;
    std::size_t gone_through = 0;
    std::string missing;
    for (auto const& r : tcp::transitions) {
        bool const seen = moves_seen()[std::size_t(r.from)][std::size_t(r.at)][std::size_t(r.cause)][std::size_t(r.to)];
        gone_through += seen ? 1 : 0;
        if (!seen) missing += std::string(name_of(r.from)) + " to " + std::string(name_of(r.to)) + "\n";
    }
    INFO(gone_through << " of " << tcp::transitions.size() << " rows; not\n" << missing);
    CHECK(gone_through == tcp::transitions.size());
}
