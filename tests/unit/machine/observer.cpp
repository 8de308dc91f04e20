// What an observer sees, written down as a log that can be read.
#include "trace.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace trace;

namespace {

// A small observer: one line for each thing seen, seconds of the trace in front.
struct log {
    std::vector<std::string> lines{};

    void sees(tcp::moved const& m, instant now) {
        std::string line = "move ";
        line.append(name_of(m.from)).append(" -> ").append(name_of(m.to)).append(": ").append(name_of(m.cause));
        if (m.at != tcp::step::none) line.append(", ").append(name_of(m.at));
        write(now, line);
    }
    void sees(tcp::segment_seen const& s, instant now) {
        std::string line = s.ours ? "send " : "get  ";
        line.append(s.syn ? "S" : "").append(s.fin ? "F" : "").append(s.rst ? "R" : "").append(s.psh ? "P" : "");
        line.append(s.ack ? "." : "").append(" ").append(std::to_string(s.number.value()));
        line.append("(").append(std::to_string(s.text)).append(")");
        if (s.ack) line += " ack " + std::to_string(s.acknowledgment.value());
        if (s.again) line += " again";
        if (!s.why.empty()) line.append(": ").append(s.why);
        write(now, line);
    }
    void sees(tcp::options_negotiated const& o, instant now) {
        std::string line = "options mss " + std::to_string(o.segment_size);
        if (o.window_scaling) {
            line += " scale " + std::to_string(o.send_window_scale) + "/" + std::to_string(o.receive_window_scale);
        }
        line.append(o.timestamps ? " timestamps" : "").append(o.selective_acknowledgments ? " sack" : "");
        write(now, line.append(": ").append(o.why));
    }
    void sees(tcp::congestion_changed const& c, instant now) {
        write(now, "cwnd " + std::to_string(c.window) + " ssthresh " + std::to_string(c.slow_start_threshold) + ": " +
                       std::string(c.why));
    }
    void sees(tcp::round_trip_changed const& r, instant now) {
        write(now, "rtt  " + std::to_string(r.smoothed / milliseconds(1)) + " ms, rto " +
                       std::to_string(r.timeout / milliseconds(1)) + " ms: " + std::string(r.why));
    }
    void sees(tcp::loss_marked const& l, instant now) {
        write(now, "lost " + std::to_string(l.first.value()) + " to " + std::to_string(l.last.value()) + ": " +
                       std::string(l.why));
    }
    void sees(tcp::timer_changed const& t, instant now) {
        using change = tcp::timer_changed::change;
        std::string line = "timer ";
        line.append(t.timer).append(t.what == change::set ? " set" : t.what == change::fired ? " fired" : " stopped");
        if (t.what == change::set) line += " for +" + std::to_string((t.due - now) / milliseconds(1)) + " ms";
        write(now, line.append(": ").append(t.why));
    }

private:
    void write(instant now, std::string const& line) {
        auto const since = now.nanoseconds == 0 ? 0 : (now - instant{seconds(1000).nanoseconds}) / milliseconds(1);
        lines.push_back(std::to_string(since) + " " + line);
    }
};

struct watched : plain {
    using observer = log;
    using congestion_control = tcp::basic_new_reno<tcp::initial_window_three>;
};
struct with_options : tcp::defaults {
    using observer = log;
};
struct delaying : watched {
    using acknowledgment = tcp::delayed_acknowledgment;
};
struct probing : watched {
    using tail_probe = tcp::probe_tail;
    static constexpr bool selective_acknowledgments = true;
};

void expect_log(auto& m, std::vector<std::string> const& wanted) {
    auto& lines = m.connection().observer().lines;
    for (std::size_t i = 0; i < std::max(lines.size(), wanted.size()); ++i) {
        INFO("line " << i);
        CHECK((i < lines.size() ? lines[i] : "nothing") == (i < wanted.size() ? wanted[i] : "nothing"));
    }
    lines.clear();
}

void expect_line(auto& m, std::string const& wanted) {
    auto const& lines = m.connection().observer().lines;
    std::string all;
    for (auto const& line : lines) all += line + "\n";
    INFO("wanted: " << wanted << "\n" << all);
    CHECK(std::find(lines.begin(), lines.end(), wanted) != lines.end());
}

// Established, with what has been seen until then forgotten.
template <class Policies = watched>
machine<Policies> quiet_connection(seg options = seg{.mss = 1460}) {
    auto m = established<Policies>(100, 300, 8192, {}, options);
    m.connection().observer().lines.clear();
    return m;
}

} // namespace

TEST_CASE("a handshake as an observer sees it", "[tcp]") {
    machine<watched> m;
    m.opens(99).answers(seg{.seq = 99, .syn = true}).waits(milliseconds(100));
    m.gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 1000}).answers(seg{.seq = 100, .ack = 300});
    expect_log(m, {"0 move CLOSED -> SYN-SENT: active OPEN", "0 rtt  0 ms, rto 1000 ms: active OPEN",
                   "0 send S 99(0): SYN, text or FIN", "0 timer retransmission set for +1000 ms: SYN, text or FIN",
                   "100 get  S. 299(0) ack 100", "100 options mss 1000: SYN",
                   "100 move SYN-SENT -> ESTABLISHED: a segment arrived, SYN",
                   "100 cwnd 4000 ssthresh 1073741824: the handshake is over",
                   "100 rtt  100 ms, rto 1000 ms: the handshake is over",
                   "100 timer retransmission stopped: the handshake is over",
                   "100 send . 100(0) ack 300: acknowledgment"});
}

TEST_CASE("losses as an observer sees them: duplicate acknowledgments and a time-out", "[tcp]") {
    auto m = established<watched>();
    m.connection().observer().lines.clear();
    m.queues(1460 * 3).loses();
    for (int i = 0; i < 3; ++i) m.also_gets(seg{.seq = 300, .ack = 100});
    m.loses().times_out().loses();
    auto const has = [&](std::string const& line) { expect_line(m, line); };
    has("0 lost 100 to 4480: duplicate acknowledgments");
    has("0 cwnd 7300 ssthresh 2920: duplicate acknowledgments");
    has("0 send . 100(1460) ack 300 again: a lost segment again");
    has("1000 timer retransmission fired: time passes");
    has("1000 lost 100 to 4480: the retransmission timer ran out");
    has("1000 cwnd 1460 ssthresh 2920: the retransmission timer ran out");
    has("1000 rtt  0 ms, rto 2000 ms: the retransmission timer ran out");
}

TEST_CASE("each move names what has caused it, as the table of states does", "[tcp]") {
    auto const causes = [](auto&& run) {
        auto m = established<watched>();
        m.connection().observer().lines.clear();
        run(m);
        std::string moves;
        for (auto const& line : m.connection().observer().lines) {
            if (line.find(" move ") != std::string::npos) moves += line.substr(line.find("move ") + 5) + "; ";
        }
        return moves;
    };
    CHECK(causes([](auto& m) { m.aborts().loses(); }) == "ESTABLISHED -> CLOSED: ABORT; ");
    CHECK(causes([](auto& m) { m.gets(seg{.seq = 300, .rst = true}); }) ==
          "ESTABLISHED -> CLOSED: a segment arrived, RST; ");
    CHECK(causes([](auto& m) {
              m.gets(seg{.seq = 300, .ack = 100, .fin = true}).loses();
              m.closes().loses().gets(seg{.seq = 301, .ack = 101});
          }) == "ESTABLISHED -> CLOSE-WAIT: a segment arrived, FIN; CLOSE-WAIT -> LAST-ACK: CLOSE; "
                "LAST-ACK -> CLOSED: a segment arrived, ACK; ");
    CHECK(causes([](auto& m) {
              m.closes().loses().gets(seg{.seq = 300, .ack = 101, .fin = true}).loses().times_out();
          }) == "ESTABLISHED -> FIN-WAIT-1: CLOSE; FIN-WAIT-1 -> FIN-WAIT-2: a segment arrived, ACK; "
                "FIN-WAIT-2 -> TIME-WAIT: a segment arrived, FIN; TIME-WAIT -> CLOSED: the time is over; ");
}

TEST_CASE("an observer sees which options both sides may use", "[tcp]") {
    {
        machine<with_options> m;
        m.opens(99).loses().gets(seg{.seq = 299,
                                     .ack = 100,
                                     .syn = true,
                                     .mss = 1000,
                                     .shift = 7,
                                     .sack_permitted = true,
                                     .ts = seg::stamp{5, 0}});
        m.loses();
        expect_line(m, "0 options mss 1000 scale 7/1 timestamps sack: SYN");
    }
    {
        machine<with_options> m;
        m.listens(99).gets(seg{.seq = 299, .syn = true}).loses();
        expect_line(m, "0 options mss 536: SYN");
    }
}

TEST_CASE("what a call of the user changes has the call's name as its reason", "[tcp]") {
    auto m = quiet_connection();
    SECTION("keep-alive, on and off") {
        m.connection().set_keep_alive(tcp::keep_alive_settings{.idle = seconds(10)}, m.now());
        m.connection().set_keep_alive({}, m.now());
        expect_log(
            m, {"0 timer keep-alive set for +10000 ms: set_keep_alive", "0 timer keep-alive stopped: set_keep_alive"});
    }
    SECTION("keep-alive: probes, and the end") {
        m.connection().set_keep_alive(
            tcp::keep_alive_settings{.idle = seconds(10), .interval = seconds(2), .probes = 1}, m.now());
        m.times_out().loses().times_out();
        expect_log(
            m, {"0 timer keep-alive set for +10000 ms: set_keep_alive", "10000 timer keep-alive fired: time passes",
                "10000 timer keep-alive set for +2000 ms: the timer ran out",
                "10000 send . 99(0) ack 300: probe of an idle connection", "12000 timer keep-alive fired: time passes",
                "12000 move ESTABLISHED -> CLOSED: the peer does not answer"});
    }
    SECTION("user time-out") {
        m.sends(10).loses();
        m.connection().set_user_timeout(milliseconds(300), m.now());
        expect_log(m, {"0 send P. 100(10) ack 300: SYN, text or FIN",
                       "0 timer retransmission set for +1000 ms: SYN, text or FIN",
                       "0 timer retransmission set for +300 ms: set_user_timeout"});
        m.times_out();
        expect_log(m, {"300 timer retransmission fired: time passes",
                       "300 move ESTABLISHED -> CLOSED: the peer does not answer"});
    }
    SECTION("cork") {
        m.connection().set_cork(true, m.now());
        m.sends(10);
        m.connection().set_cork(false, m.now());
        m.loses();
        expect_log(m, {"0 timer persist set for +200 ms: SEND", "0 timer persist stopped: set_cork",
                       "0 send P. 100(10) ack 300: SYN, text or FIN",
                       "0 timer retransmission set for +1000 ms: SYN, text or FIN"});
    }
    SECTION("linger, when the application goes") {
        m.sends(10).loses();
        m.connection().set_linger(milliseconds(500));
        m.detaches().loses();
        expect_line(m, "0 timer retransmission set for +500 ms: nobody uses it any more");
        expect_line(m, "0 move ESTABLISHED -> FIN-WAIT-1: CLOSE");
        m.times_out().loses();
        expect_line(m, "500 move FIN-WAIT-1 -> CLOSED: the peer does not answer");
        expect_line(m, "500 send R 111(0): RST");
    }
    SECTION("ABORT") {
        m.sends(10).loses().aborts().loses();
        expect_line(m, "0 timer retransmission stopped: ABORT");
        expect_line(m, "0 send R 110(0): RST");
    }
    SECTION("CLOSE before the peer has answered") {
        machine<watched> early;
        early.opens(99).loses();
        early.closes();
        expect_line(early, "0 move SYN-SENT -> CLOSED: CLOSE");
        expect_line(early, "0 timer retransmission stopped: CLOSE");
    }
    SECTION("SEND after a pause") {
        m.sends(2920).loses().gets(seg{.seq = 300, .ack = 3020}).waits(seconds(30));
        m.connection().observer().lines.clear();
        m.sends(10).loses();
        expect_line(m, "30000 cwnd 4380 ssthresh 1073741824: a pause");
    }
}

TEST_CASE("what a segment changes has what it says as the reason", "[tcp]") {
    auto m = quiet_connection();
    SECTION("an acknowledgment opens the window, measures and stops the timer") {
        m.sends(4380).loses().waits(milliseconds(40)).gets(seg{.seq = 300, .ack = 4480});
        expect_line(m, "40 cwnd 5840 ssthresh 1073741824: new data acknowledged");
        expect_line(m, "40 rtt  5 ms, rto 1000 ms: new data acknowledged");
        expect_line(m, "40 timer retransmission stopped: new data acknowledged");
    }
    SECTION("recovery, segment by segment") {
        m.sends(4380).loses().gets(seg{.seq = 300, .ack = 4480});
        m.queues(1460 * 5).loses();
        for (int i = 0; i < 4; ++i) m.also_gets(seg{.seq = 300, .ack = 4480});
        m.loses().gets(seg{.seq = 300, .ack = 5940}).loses().gets(seg{.seq = 300, .ack = 11'780});
        expect_line(m, "0 lost 4480 to 10320: duplicate acknowledgments");
        expect_line(m, "0 cwnd 7300 ssthresh 2920: duplicate acknowledgments");
        expect_line(m, "0 cwnd 8760 ssthresh 2920: a duplicate acknowledgment");
        expect_line(m, "0 lost 5940 to 11780: a partial acknowledgment");
        expect_line(m, "0 cwnd 2920 ssthresh 2920: the recovery is over");
    }
    SECTION("a reset stops the timer") {
        m.sends(10).loses().gets(seg{.seq = 300, .rst = true});
        expect_line(m, "0 timer retransmission stopped: RST");
        expect_line(m, "0 move ESTABLISHED -> CLOSED: a segment arrived, RST");
    }
    SECTION("FIN sets the TIME-WAIT timer, again and again") {
        m.closes().loses().gets(seg{.seq = 300, .ack = 101, .fin = true}).loses().waits(seconds(1));
        m.gets(seg{.seq = 300, .ack = 101, .fin = true}).loses();
        expect_line(m, "0 timer TIME-WAIT set for +60000 ms: FIN");
        expect_line(m, "1000 timer TIME-WAIT set for +60000 ms: the peer's FIN again");
        m.times_out();
        expect_line(m, "61000 timer TIME-WAIT fired: time passes");
        expect_line(m, "61000 move TIME-WAIT -> CLOSED: the time is over");
    }
    SECTION("a window that closes, and probes of it") {
        m.gets(seg{.seq = 300, .ack = 100, .window = 0});
        m.sends(10).times_out(seconds(1)).loses();
        expect_line(m, "0 timer persist set for +1000 ms: SEND");
        expect_line(m, "1000 timer persist fired: time passes");
        expect_line(m, "1000 timer persist set for +2000 ms: the timer ran out");
        expect_line(m, "1000 send . 100(1) ack 300: probe of a closed window");
    }
}

TEST_CASE("an observer sees when a delayed acknowledgment is due, and what it goes with", "[tcp]") {
    auto m = quiet_connection<delaying>();
    m.gets(seg{.seq = 300, .ack = 100, .data = 10});
    expect_log(m, {"0 get  . 300(10) ack 100", "0 timer delayed ACK set for +40 ms: text"});
    SECTION("time passes") {
        m.times_out(milliseconds(40)).loses();
        expect_log(m, {"40 timer delayed ACK fired: time passes", "40 send . 100(0) ack 310: acknowledgment"});
    }
    SECTION("text goes the other way") {
        m.queues(5).loses();
        expect_line(m, "0 timer delayed ACK stopped: SYN, text or FIN");
    }
}

TEST_CASE("an observer sees a tail probe by its name, and the loss that it has repaired", "[tcp]") {
    auto m = quiet_connection<probing>(seg{.mss = 1460, .sack_permitted = true});
    m.sends(1460).loses().waits(milliseconds(10)).gets(seg{.seq = 300, .ack = 1560});
    m.connection().observer().lines.clear();
    m.sends(2920).loses();
    expect_line(m, "10 timer tail probe set for +4 ms: SYN, text or FIN");
    m.times_out().loses();
    expect_line(m, "14 timer tail probe fired: time passes");
    expect_line(m, "14 timer retransmission set for +1000 ms: the timer ran out");
    expect_line(m, "14 send P. 3020(1460) ack 300 again: the last segment again");
    m.sends(1460).loses().gets(seg{.seq = 300, .ack = 5940});
    expect_line(m, "14 cwnd 2920 ssthresh 2920: a tail probe has repaired a loss");
}

TEST_CASE("an observer sees what ends a handshake", "[tcp]") {
    machine<watched> m;
    m.opens(99).loses();
    m.connection().observer().lines.clear();
    SECTION("an error from the network") {
        m.connection().network_error(tcp::network_error_kind::port_unreachable, tcp::sequence(99), m.now());
        expect_log(m, {"0 move SYN-SENT -> CLOSED: the network cannot reach the peer",
                       "0 timer retransmission stopped: the network cannot reach the peer"});
    }
    SECTION("an ACK of what was never sent draws a reset, and the handshake goes on") {
        m.gets(seg{.seq = 5, .ack = 50}).loses();
        expect_log(m, {"0 get  . 5(0) ack 50", "0 send R 50(0): RST as an answer"});
    }
    SECTION("the SYN is lost") {
        m.times_out().loses();
        expect_log(m, {"1000 timer retransmission fired: time passes",
                       "1000 lost 99 to 100: the retransmission timer ran out",
                       "1000 rtt  0 ms, rto 2000 ms: the retransmission timer ran out",
                       "1000 timer retransmission set for +2000 ms: the retransmission timer ran out",
                       "1000 send S 99(0) again: SYN, text or FIN"});
    }
}
