// What an observer sees, written down as a log that can be read.
#include "trace.hpp"

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
        if (!s.why.empty()) line.append(": ").append(s.why);
        write(now, line);
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

void expect_log(machine<watched>& m, std::vector<std::string> const& wanted) {
    auto& lines = m.connection().observer().lines;
    for (std::size_t i = 0; i < std::max(lines.size(), wanted.size()); ++i) {
        INFO("line " << i);
        CHECK((i < lines.size() ? lines[i] : "nothing") == (i < wanted.size() ? wanted[i] : "nothing"));
    }
    lines.clear();
}

} // namespace

TEST_CASE("a handshake as an observer sees it", "[tcp]") {
    machine<watched> m;
    m.opens(99).answers(seg{.seq = 99, .syn = true}).waits(milliseconds(100));
    m.gets(seg{.seq = 299, .ack = 100, .syn = true, .mss = 1000}).answers(seg{.seq = 100, .ack = 300});
    expect_log(m, {"0 move CLOSED -> SYN-SENT: active OPEN",
                   "0 send S 99(0): SYN, text or FIN",
                   "0 rtt  0 ms, rto 1000 ms: SYN, text or FIN",
                   "0 timer retransmission set for +1000 ms: SYN, text or FIN",
                   "100 get  S. 299(0) ack 100",
                   "100 move SYN-SENT -> ESTABLISHED: a segment arrived, SYN",
                   "100 cwnd 4000 ssthresh 1073741824: a segment arrived",
                   "100 rtt  100 ms, rto 1000 ms: a segment arrived",
                   "100 timer retransmission stopped: a segment arrived",
                   "100 send . 100(0) ack 300: acknowledgment"});
}

TEST_CASE("losses as an observer sees them: duplicate acknowledgments and a time-out", "[tcp]") {
    auto m = established<watched>();
    m.connection().observer().lines.clear();
    m.queues(1460 * 3).loses();
    for (int i = 0; i < 3; ++i) m.also_gets(seg{.seq = 300, .ack = 100});
    m.loses().times_out().loses();
    auto const& lines = m.connection().observer().lines;
    auto const has = [&](std::string const& line) {
        INFO(line);
        CHECK(std::find(lines.begin(), lines.end(), line) != lines.end());
    };
    has("0 lost 100 to 4480: duplicate acknowledgments");
    has("0 cwnd 7300 ssthresh 2920: duplicate acknowledgments");
    has("0 send . 100(1460) ack 300: a lost segment again");
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
