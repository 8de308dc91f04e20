// Small worlds, all of them: two machines with a few octets to say, up to eight segments between them, each of which may
// be delivered in turn, out of turn, twice or not at all, the user's calls at any place, the timers in between. Every
// state that can be reached with a number of such accidents is visited once, and in each of them must hold:
//   - what the user reads is what the other has written, from its beginning on, and in the end all of it;
//   - no text leaves that the other has not made room for, but a probe of one octet;
//   - states change as the table of states.hpp allows;
//   - where nothing can happen any more, both are done. As going on without another accident is among what is tried from
//     every state, there is no state from which the two could not come to an end.
#include "support/effort.hpp"

#include <plywire/describe/parse.hpp>
#include <plywire/machine/connection.hpp>
#include <plywire/machine/reset.hpp>
#include <plywire/machine/sack_recovery.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <unordered_set>
#include <vector>

using namespace plywire;
using tcp::error;
using tcp::state;

namespace {

template <std::size_t Octets, std::size_t Ranges = 1>
struct tiny : tcp::minimal<Octets, Octets> {
    static constexpr std::size_t reassembly_ranges = Ranges;
};
template <std::size_t Octets>
struct tiny_at_once : tiny<Octets, 2> {
    using acknowledgment = tcp::immediate_acknowledgment;
};
// Finds losses by SACK, and remembers two holes.
template <std::size_t Octets>
struct tiny_selective : tiny_at_once<Octets> {
    using recovery = tcp::basic_sack_recovery<2>;
    static constexpr bool selective_acknowledgments = true;
};

// What a user does, in this order; when is for the world to try.
enum class call : std::uint8_t { send, six_sends, receive, close, abort };

struct script {
    std::array<call, 8> calls{};
    std::uint8_t size = 0;
    std::uint8_t octets = 1; // in each SEND
    bool reads_at_once = true;
};

template <class... Calls>
constexpr script says(std::uint8_t octets, Calls... calls) {
    return {{calls...}, sizeof...(calls), octets, true};
}
constexpr script slowly(script s) {
    s.reads_at_once = false;
    return s;
}

struct segment {
    std::uint8_t size = 0;
    std::array<std::byte, 63> octets{};
};

inline constexpr std::size_t most_in_flight = 8;

struct path {
    std::array<segment, most_in_flight> waiting{};
    std::uint8_t count = 0;

    void take_out(std::size_t i) {
        for (; i + 1 < count; ++i) waiting[i] = waiting[i + 1];
        waiting[--count] = {};
    }
};

template <class P>
struct side {
    tcp::connection<P> machine{};
    path out{};
    std::uint32_t edge = 0;   // up to where the other has made room, as far as this side has been told
    std::uint8_t called = 0;  // calls of the script that have been made
    std::uint8_t written = 0; // octets taken by SEND; the n-th has the value n
    std::uint8_t read = 0;
    bool has_edge = false;
    bool cut_short = false; // closed or aborted before it was connected: what was queued is dropped
    bool aborted = false;
};

template <class P>
struct world {
    std::array<side<P>, 2> sides{};
    instant now{};
    std::uint8_t accidents_left = 0;
};

struct plan_of_a_world {
    char const* name;
    std::array<script, 2> scripts;
    std::uint8_t accidents;
    bool both_open = false;
};

// Two digests make a collision among millions of states out of the question.
struct digest {
    std::uint64_t a = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t b = 0xc2b2'ae3d'27d4'eb4f;

    void add(void const* from, std::size_t size) {
        auto const* octets = static_cast<unsigned char const*>(from);
        for (; size >= 8; size -= 8, octets += 8) {
            std::uint64_t word;
            std::memcpy(&word, octets, 8);
            mix(word);
        }
        std::uint64_t rest = 0;
        std::memcpy(&rest, octets, size);
        mix(rest);
    }
    void mix(std::uint64_t word) {
        a = (a ^ word) * 0x9fb2'1c65'1e98'df25;
        a ^= a >> 29;
        b = (b + word) * 0xd6e8'feb8'6659'fd93;
        b ^= b >> 32;
    }
    friend bool operator==(digest, digest) = default;
};
struct digest_hash {
    std::size_t operator()(digest d) const { return d.a ^ d.b; }
};

// Some rows of the table lead from one state to the other.
bool is_legal(state from, state to) {
    static auto const reach = [] {
        std::array<std::array<bool, tcp::number_of_states>, tcp::number_of_states> table{};
        for (std::size_t a = 0; a < tcp::number_of_states; ++a) {
            for (std::size_t b = 0; b < tcp::number_of_states; ++b) {
                table[a][b] = a == b || tcp::is_a_move(state(a), state(b));
            }
        }
        // One segment may pass three rows: ACK of our SYN, then of our FIN, then the peer's FIN.
        auto const one = table;
        for (int more = 0; more < 2; ++more) {
            auto const so_far = table;
            for (std::size_t a = 0; a < tcp::number_of_states; ++a) {
                for (std::size_t b = 0; b < tcp::number_of_states; ++b) {
                    for (std::size_t c = 0; c < tcp::number_of_states; ++c) {
                        table[a][c] = table[a][c] || (so_far[a][b] && one[b][c]);
                    }
                }
            }
        }
        return table;
    }();
    return reach[std::size_t(from)][std::size_t(to)];
}

template <class P>
class explorer {
public:
    explicit explorer(plan_of_a_world const& plan)
        : plan_(plan) {}

    void run() {
        alignas(world<P>) std::array<std::byte, sizeof(world<P>)> room{};
        auto& w = *new (room.data()) world<P>();
        w.accidents_left = plan_.accidents;
        w.now = instant{seconds(1000).nanoseconds};
        for (auto& s : w.sides) s.machine.configure({.maximum_segment_size = 48, .no_delay = true});
        // Numbers go round while the world lasts.
        (void)w.sides[0].machine.open(1000, 2000, tcp::sequence(0xffff'fffe), w.now);
        if (plan_.both_open) {
            (void)w.sides[1].machine.open(2000, 1000, tcp::sequence(0x7fff'fffe), w.now);
        } else {
            (void)w.sides[1].machine.listen(2000, tcp::sequence(0x7fff'fffe));
        }
        send_all(w, 0);
        send_all(w, 1);
        visit(w, 0);
    }

    bool is_good() const { return wrong_ == 0; }
    std::size_t states() const { return seen_.size(); }
    std::size_t ends() const { return ends_; }
    std::size_t most_waiting() const { return most_waiting_; }
    std::size_t deepest() const { return deepest_; }

private:
    void must(bool good, char const* what) {
        if (good) return;
        ++wrong_;
        if (wrong_ > 2) return;
        std::string text;
        for (auto const& step : way_) text += step + "; ";
        FAIL_CHECK(plan_.name << ": " << what << ", after\n" << text);
    }

    // ---- what can happen ----
    void visit(world<P> const& w, std::size_t depth) {
        if (wrong_ > 5) return;
        deepest_ = std::max(deepest_, depth);
        if (depth > 150) return must(false, "no end is in sight");
        most_waiting_ = std::max(most_waiting_, in_flight(w));
        if (!seen_.insert(digest_of(w)).second) return;
        bool ends = true;
        for (std::size_t i = 0; i < 2; ++i) {
            auto const& s = w.sides[i];
            auto const& script = plan_.scripts[i];
            if (s.called < script.size && may_call(s, script.calls[s.called])) {
                ends = false;
                go(w, depth, i == 0 ? "A calls" : "B calls", [&](world<P>& next) { calls(next, i); });
            }
            for (std::size_t n = 0; n < s.out.count; ++n) {
                bool const in_turn = n == 0;
                if (in_turn) {
                    ends = false;
                    go(w, depth, i == 0 ? "B gets" : "A gets", [&](world<P>& next) { delivers(next, i, 0, false); });
                }
                if (w.accidents_left == 0) continue;
                if (!in_turn) {
                    go(w, depth, "... out of turn", [&](world<P>& next) {
                        --next.accidents_left;
                        delivers(next, i, n, false);
                    });
                }
                if (in_turn || n + 1 == s.out.count) {
                    go(w, depth, i == 0 ? "A's is lost" : "B's is lost", [&](world<P>& next) {
                        --next.accidents_left;
                        next.sides[i].out.take_out(n);
                        send_all(next, i);
                        send_all(next, 1 - i);
                    });
                    go(w, depth, i == 0 ? "B gets twice" : "A gets twice", [&](world<P>& next) {
                        --next.accidents_left;
                        delivers(next, i, n, true);
                    });
                }
            }
        }
        auto const due = std::min(w.sides[0].machine.deadline(), w.sides[1].machine.deadline());
        // A timer that runs out while something is on its way, or a user has something to do, is an accident too.
        bool const waits = !ends;
        if (due != instant::never() && (!waits || w.accidents_left > 0)) {
            ends = false;
            go(w, depth, "time passes", [&](world<P>& next) {
                if (waits) --next.accidents_left;
                next.now = std::max(next.now, due);
                for (std::size_t i = 0; i < 2; ++i) {
                    watch(next, i, [&](auto& s) { s.machine.time_passes(next.now); });
                }
            });
        }
        if (ends) is_over(w);
    }

    static std::size_t in_flight(world<P> const& w) { return std::size_t{w.sides[0].out.count} + w.sides[1].out.count; }

    template <class Change>
    void go(world<P> const& w, std::size_t depth, char const* what, Change change) {
        // Octets between members are zero, so that equal states look equal; if they were not, states would be visited
        // twice.
        alignas(world<P>) std::array<std::byte, sizeof(world<P>)> room{};
        auto& next = *new (room.data()) world<P>(w);
        way_.push_back(what);
        change(next);
        visit(next, depth + 1);
        way_.pop_back();
    }

    static bool may_call(side<P> const& s, call what) {
        if (what == call::receive) return s.machine.readable();
        // A user who wants to send waits for room.
        auto const in = s.machine.current_state();
        if (what == call::send) return s.machine.writable() || in == state::closed;
        if (what == call::six_sends) return in != state::listen && in != state::syn_sent && in != state::syn_received;
        return true;
    }

    void calls(world<P>& w, std::size_t i) {
        auto const& script = plan_.scripts[i];
        watch(w, i, [&](side<P>& s) {
            auto const before = s.machine.current_state();
            switch (script.calls[s.called++]) {
            case call::send: writes(w, s, script.octets); break;
            case call::six_sends:
                for (int n = 0; n < 6; ++n) {
                    writes(w, s, script.octets);
                    send_all(w, i);
                }
                break;
            case call::receive: reads(w, s, 2); break;
            case call::close:
                s.cut_short = s.cut_short || before == state::syn_sent || before == state::listen;
                (void)s.machine.close(w.now);
                break;
            case call::abort:
                s.aborted = s.aborted || before != state::closed;
                s.machine.abort(w.now);
                break;
            }
        });
    }

    void writes(world<P>& w, side<P>& s, std::size_t octets) {
        std::array<std::byte, 16> text{};
        for (std::size_t n = 0; n < octets; ++n) text[n] = std::byte(s.written + n);
        auto const taken = s.machine.send(std::span(text).first(octets), w.now);
        if (taken) s.written = static_cast<std::uint8_t>(s.written + *taken);
    }

    void reads(world<P>& w, side<P>& s, std::size_t room) {
        std::array<std::byte, 16> text{};
        auto const got = s.machine.receive(std::span(text).first(room), w.now);
        if (!got) return;
        for (std::size_t n = 0; n < *got; ++n) must(text[n] == std::byte(s.read++), "an octet is not the next one");
        auto const& other = &s == &w.sides[0] ? w.sides[1] : w.sides[0];
        must(s.read <= other.written, "octets that nobody has sent");
    }

    void delivers(world<P>& w, std::size_t from, std::size_t n, bool keep) {
        auto const moving = w.sides[from].out.waiting[n];
        if (!keep) w.sides[from].out.take_out(n);
        auto const arriving = parse<tcp::header>(bytes_view(moving.octets).first(moving.size));
        auto const i = 1 - from;
        auto& to = w.sides[i];
        if (to.machine.finished()) { // the host answers for it
            segment reply;
            auto const size = tcp::write_reset_for(*arriving, reply.octets, internet_sum());
            reply.size = static_cast<std::uint8_t>(size);
            if (size > 0 && in_flight(w) < most_in_flight) to.out.waiting[to.out.count++] = reply;
        } else {
            hears_of_room(to, *arriving);
            watch(w, i, [&](side<P>& s) {
                bool const ends_again = s.machine.current_state() == state::time_wait && (*arriving)[tcp::fin];
                s.machine.segment_arrives(*arriving, w.now);
                bool const begins_anew = s.machine.deadline() - w.now >= 2 * P::waiting::maximum_segment_lifetime;
                must(!ends_again || begins_anew, "TIME-WAIT does not begin anew");
            });
        }
        send_all(w, from); // there is a place more
        send_all(w, i);
    }

    // Does something with one side, looks at what has become of it, and lets it send.
    template <class Act>
    void watch(world<P>& w, std::size_t i, Act act) {
        auto& s = w.sides[i];
        auto const before = s.machine.current_state();
        act(s);
        must(is_legal(before, s.machine.current_state()), "a move that is not in the table");
        if (plan_.scripts[i].reads_at_once || s.called == plan_.scripts[i].size) {
            while (s.machine.unread() > 0) reads(w, s, 16);
        }
        send_all(w, i);
    }

    void hears_of_room(side<P>& s, view<tcp::header> const& arriving) {
        if (arriving[tcp::rst]) return;
        auto const begin = arriving[tcp::ack] ? arriving[tcp::acknowledgment_number] : 0u;
        if (!arriving[tcp::ack]) return;
        auto const edge = begin + arriving[tcp::window];
        if (!s.has_edge || tcp::before(tcp::sequence(s.edge), tcp::sequence(edge))) s.edge = edge;
        s.has_edge = true;
    }

    void send_all(world<P>& w, std::size_t i) {
        auto& s = w.sides[i];
        while (in_flight(w) < most_in_flight) {
            segment out;
            auto const before = s.machine.current_state();
            auto const size = s.machine.emit(out.octets, internet_sum(), w.now);
            if (size == 0) break;
            must(is_legal(before, s.machine.current_state()), "a move that is not in the table");
            out.size = static_cast<std::uint8_t>(size);
            auto const sent = *parse<tcp::header>(bytes_view(out.octets).first(size));
            auto const text = static_cast<std::uint32_t>(sent.payload().size());
            auto const end = sent[tcp::sequence_number] + text;
            bool const probes = text == 1;
            if (text > 0) {
                must(s.has_edge, "text before the other is there");
                must(!tcp::after(tcp::sequence(end), tcp::sequence(s.edge) + (probes ? 1u : 0u)),
                     "text outside of the window");
            }
            s.out.waiting[s.out.count++] = out;
        }
    }

    // ---- the end ----
    void is_over(world<P> const& w) {
        ++ends_;
        for (std::size_t i = 0; i < 2; ++i) {
            auto const& me = w.sides[i];
            auto const& other = w.sides[1 - i];
            auto const s = me.machine.current_state();
            // Whom a lost RST should have told waits for a FIN that does not come; keep-alive is for that.
            bool const untold = s == state::fin_wait_2 && other.aborted;
            must(me.machine.finished() || s == state::listen || untold, "stuck");
            bool const well = me.machine.failure() == error::none && !me.cut_short && s != state::listen;
            // The other may have gone without waiting for what we say.
            bool const heard = !other.aborted && !other.cut_short && other.machine.failure() == error::none;
            if (well && heard) must(other.read == me.written, "octets are lost though all went well");
        }
    }

    static digest digest_of(world<P> const& w) {
        // Inline buffers: no octet of a connection says where it lies.
        digest d;
        for (auto const& s : w.sides) {
            d.add(&s.machine, sizeof s.machine);
            for (std::size_t i = 0; i < s.out.count; ++i) d.add(&s.out.waiting[i], 1u + s.out.waiting[i].size);
            d.mix(s.edge);
            d.mix(std::uint64_t{s.called} << 40 | std::uint64_t{s.written} << 32 | std::uint64_t{s.read} << 24 |
                  std::uint64_t{s.out.count} << 16 | (s.has_edge ? 1u : 0u) | (s.cut_short ? 2u : 0u) |
                  (s.aborted ? 4u : 0u));
        }
        d.mix(static_cast<std::uint64_t>(w.now.nanoseconds));
        d.mix(w.accidents_left);
        return d;
    }

    plan_of_a_world plan_;
    std::unordered_set<digest, digest_hash> seen_{};
    std::vector<std::string> way_{};
    std::size_t ends_ = 0;
    std::size_t most_waiting_ = 0;
    std::size_t deepest_ = 0;
    int wrong_ = 0;
};

constexpr auto send = call::send;
constexpr auto six_sends = call::six_sends;
constexpr auto receive = call::receive;
constexpr auto close = call::close;
constexpr auto abort_ = call::abort;

template <class P>
void explore(plan_of_a_world plan, [[maybe_unused]] std::size_t at_least) {
    if (plywire::testing::sampled && plan.accidents > 1) plan.accidents = 1;
    explorer<P> all(plan);
    all.run();
    INFO(plan.name << ": " << all.states() << " states, " << all.ends() << " ends, " << all.most_waiting()
                   << " segments at once, " << all.deepest() << " deep");
    CHECK(all.is_good());
    CHECK(all.states() >= (plywire::testing::sampled ? 1000 : at_least));
}

} // namespace

TEST_CASE("small worlds: open and close, three accidents", "[tcp][worlds]") {
    explore<tiny<16>>({"open and close", {says(1, close), says(1, close)}, 3}, 700000);
    explore<tiny<16>>({"both open, both close", {says(1, close), says(1, close)}, 2, true}, 150000);
}
TEST_CASE("small worlds: one speaks", "[tcp][worlds]") {
    explore<tiny<16>>({"one speaks", {says(2, send, send, close), says(1, close)}, 2}, 600000);
}
TEST_CASE("small worlds: both speak", "[tcp][worlds]") {
    explore<tiny<16>>({"both speak", {says(1, send, close), says(1, send, close)}, 2}, 400000);
}
TEST_CASE("small worlds: both open at once and speak", "[tcp][worlds]") {
    explore<tiny<16>>({"both open", {says(1, send, close), says(1, send, close)}, 2, true}, 900000);
}
TEST_CASE("small worlds: eight segments on their way", "[tcp][worlds]") {
    explore<tiny_at_once<16>>({"eight", {says(1, six_sends, close), says(1, close)}, 2}, 4000000);
}
TEST_CASE("small worlds: eight segments on their way, and SACK", "[tcp][worlds]") {
    explore<tiny_selective<16>>({"selective", {says(1, six_sends, close), says(1, close)}, 2}, 4000000);
}
TEST_CASE("small worlds: both speak, and SACK", "[tcp][worlds]") {
    explore<tiny_selective<16>>({"both selective", {says(1, send, send, close), says(1, send, close)}, 2}, 400000);
}
TEST_CASE("small worlds: a window that closes, and SACK", "[tcp][worlds]") {
    explore<tiny_selective<4>>(
        {"selective window", {says(2, send, send, send, close), slowly(says(1, receive, receive, close))}, 2}, 500000);
}
TEST_CASE("small worlds: a window that closes", "[tcp][worlds]") {
    explore<tiny_at_once<4>>(
        {"window", {says(2, send, send, send, close), slowly(says(1, receive, receive, close))}, 2}, 600000);
}
TEST_CASE("small worlds: who opens says nothing until it is spoken to", "[tcp][worlds]") {
    explore<tiny<16>>({"silent", {slowly(says(1, receive, close)), says(1, send, close)}, 2}, 25000);
}
TEST_CASE("small worlds: somebody aborts", "[tcp][worlds]") {
    explore<tiny<16>>({"abort", {says(1, send, abort_), says(1, send, close)}, 2}, 250000);
    explore<tiny<16>>({"abort by the other", {says(1, send, close), says(1, send, abort_)}, 2}, 300000);
}
