// What goes on inside a connection: its segments, moves, windows, round trips, losses and timers, each with the reason.
//
// A policy says who watches. The observer below writes a line for each thing it sees; every connection of the host has
// one, made with the connection. A host whose policies name no observer pays nothing for there being such a thing.
//
// The client sends 20,000 octets over a cable in memory that takes 10 ms and loses the first segment of text. What to
// look for: three duplicate acknowledgments say what is lost, and halve the window (ssthresh); until the recovery is
// over each further one lets a segment more into flight; the lost segment goes out again 20 ms after it has left, long
// before the retransmission timer is due; all that timers do afterwards is to wait for TIME-WAIT to end.
//
//     watch      prints what 08_watch.expected holds

#include <plywire/base/text.hpp>
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

using namespace plywire;
using namespace plywire::literals;

namespace {

std::uint64_t milliseconds_of(duration length) { return static_cast<std::uint64_t>(length / milliseconds(1)); }

// The observer.
struct log {
    // What `say(out)` writes, and why.
    static void line(instant now, std::string_view why, auto const& say) {
        auto const what = text_of<60>([&](text_writer& out) { say(out); });
        std::printf("%5u ms  %-52s %s\n", static_cast<unsigned>(milliseconds_of(now - instant{})),
                    std::string(what.view()).c_str(), std::string(why).c_str());
    }

    void sees(tcp::moved const& m, instant now) {
        line(now, name_of(m.cause),
             [&](text_writer& out) { out.text(name_of(m.from)).text(" -> ").text(name_of(m.to)); });
    }
    void sees(tcp::segment_seen const& s, instant now) {
        line(now, s.ours ? s.why : "from the peer", [&](text_writer& out) {
            out.text(s.ours ? "--> SEQ=" : "<-- SEQ=").decimal(s.number.value());
            if (s.ack) out.text(" ACK=").decimal(s.acknowledgment.value());
            out.text(s.syn ? " SYN" : "").text(s.fin ? " FIN" : "").text(s.rst ? " RST" : "");
            if (s.text > 0) out.text(" ").decimal(s.text).text(" octets");
            if (s.again) out.text(", again");
        });
    }
    void sees(tcp::options_negotiated const& o, instant now) {
        line(now, o.why, [&](text_writer& out) {
            out.text("options: MSS ").decimal(o.segment_size).text(o.window_scaling ? ", window scale" : "");
            out.text(o.timestamps ? ", timestamps" : "").text(o.selective_acknowledgments ? ", SACK" : "");
        });
    }
    void sees(tcp::congestion_changed const& c, instant now) {
        line(now, c.why, [&](text_writer& out) {
            out.text("cwnd ").decimal(c.window);
            if (c.slow_start_threshold < 1u << 30) out.text(", ssthresh ").decimal(c.slow_start_threshold);
        });
    }
    void sees(tcp::round_trip_changed const& r, instant now) {
        line(now, r.why, [&](text_writer& out) {
            out.text("round trip ").decimal(milliseconds_of(r.smoothed)).text(" ms, time-out ");
            out.decimal(milliseconds_of(r.timeout)).text(" ms");
        });
    }
    void sees(tcp::loss_marked const& l, instant now) {
        line(now, l.why, [&](text_writer& out) {
            out.text("lost: ").decimal(l.first.value()).text(" to ").decimal(l.last.value());
        });
    }
    void sees(tcp::timer_changed const& t, instant now) {
        using change = tcp::timer_changed::change;
        line(now, t.why, [&](text_writer& out) {
            out.text("timer ").text(t.timer);
            if (t.what != change::set) return void(out.text(t.what == change::fired ? " fired" : " stopped"));
            out.text(" set: in ").decimal(milliseconds_of(t.due - now)).text(" ms");
        });
    }
};

// Numbers begin at 0, so that they are easy to read and every run prints the same; for a network they must be hard to
// guess.
struct from_zero : tcp::defaults {
    struct initial_sequence_numbers {
        constexpr explicit initial_sequence_numbers(siphash_key) {}
        constexpr tcp::sequence operator()(auto const&...) const { return tcp::sequence(0); }
    };
};
struct watched : from_zero {
    using observer = log;
};

using cable = memory_link<medium::ip>;
using client_host = ip_host<cable::end, watched>;
using server_host = ip_host<cable::end, from_zero>;
constexpr duration time_on_the_cable = milliseconds(10);
constexpr int lost_frame = 2; // of the client's: the one after the SYN

} // namespace

int main() {
    cable wire;
    client_host client{wire.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix},
                       tcp::settings{.secret = {1, 2}}};
    server_host server{wire.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix},
                       tcp::settings{.secret = {3, 4}}};
    auto listener = server.tcp().listen(80);
    auto socket = client.tcp().connect({"10.9.0.2"_ipv4, 80});
    if (!listener || !socket) return EXIT_FAILURE;
    static constexpr std::array<std::byte, 20'000> octets{};
    (void)socket->send(octets); // waits in the buffer until there is a connection

    server_host::tcp_socket accepted;
    std::array<std::byte, 4096> room{};
    instant now{};
    int frames = 0;
    while (socket->state() != tcp::state::closed) {
        // All that the client has to say is put on the cable at once; the server answers frame by frame.
        while (client.transmit(now, 1) != 0) {
            if (++frames == lost_frame) (void)wire.second().receive();
        }
        now += time_on_the_cable;
        bool answered = server.transmit(now) != 0;
        while (server.receive(now, 1) != 0) {
            if (auto next = listener->accept()) accepted = std::move(*next);
            while (accepted.receive(room)) {
            }
            if (accepted.state() == tcp::state::close_wait) (void)accepted.shutdown();
            answered = server.transmit(now) != 0 || answered;
        }
        now += time_on_the_cable;
        client.receive(now);
        if (socket->state() == tcp::state::established) (void)socket->shutdown(); // once; FIN follows what is queued
        // When nobody has anything to say, time goes on to what is due next.
        if (!answered) now = std::max(now, std::min(client.deadline(), server.deadline()));
        client.time_passes(now);
        server.time_passes(now);
    }
    std::printf("\n%u segment sent again\n", socket->info().retransmissions);
    return EXIT_SUCCESS;
}
