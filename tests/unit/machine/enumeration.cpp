// Small spaces, all of them: every state meets every combination of flags at every place around the windows.
#include "unit/machine/trace.hpp"

#include "support/effort.hpp"

using namespace trace;

namespace {

struct silent_expectation {
    bool sane = true;
    int resets = 0;
    int segments = 0;
};

// One segment for a fresh connection in that state; what it sends, without waiting for anything.
template <class Policies>
silent_expectation meet(state start, seg const& s) {
    auto m = in<Policies>(start);
    if (start == state::established || start == state::close_wait) m.sends(10).loses();
    m.also_gets(s);
    silent_expectation seen;
    while (auto const sent = m.emitted()) {
        ++seen.segments;
        if (sent->rst) ++seen.resets;
        if (seen.segments > 2) break;
    }
    auto const after = m.connection().current_state();
    seen.sane = after == start || tcp::is_a_move(start, after) ||
                // One segment may pass several rows.
                (start == state::syn_received) || (start == state::fin_wait_1 && after == state::time_wait) ||
                (start == state::syn_sent && after == state::close_wait);
    // Whatever happened, time can go on until it is over.
    for (int i = 0; i < 200 && m.connection().deadline() != instant::never(); ++i) m.times_out().loses();
    if (m.connection().deadline() != instant::never()) seen.sane = false;
    m.loses();
    return seen;
}

} // namespace

TEST_CASE("every state, every flag set, every place: bounded answers, legal moves, no RST for RST",
          "[tcp][9293-3.5.2][9293-3.10.7]") {
    constexpr std::uint32_t places[] = {0,   99,  100,        298,        299,         300,
                                        301, 305, 300 + 8191, 300 + 8192, 0x8000'0000, 0xffff'ffff};
    constexpr std::uint32_t answers[] = {0, 98, 99, 100, 101, 105, 110, 111, 112, 0x8000'0000};
    int met = 0;
    for (std::size_t s = 0; s < tcp::number_of_states; ++s) {
        for (unsigned flags = 0; flags < 16; ++flags) {
            for (auto const place : places) {
                for (auto const answer : answers) {
                    if ((flags & 8) == 0 && answer != 0) continue;
                    for (std::size_t const data : {0u, 1u, 9000u}) {
                        seg const segment{.seq = place,
                                          .ack = (flags & 8) != 0 ? std::optional(answer) : std::nullopt,
                                          .syn = (flags & 1) != 0,
                                          .fin = (flags & 2) != 0,
                                          .rst = (flags & 4) != 0,
                                          .data = data};
                        auto const seen = meet<plain>(state(s), segment);
                        bool const good = seen.sane && seen.segments <= 2 && !(segment.rst && seen.resets > 0);
                        if (!good) {
                            INFO(name_of(state(s)) << " meets " << text_of(segment) << ": " << seen.segments
                                                   << " segments, " << seen.resets << " RST, sane " << seen.sane);
                            CHECK(good);
                        }
                        ++met;
                    }
                }
            }
        }
    }
    CHECK(met > 30000);
}

TEST_CASE("user calls in every state answer and move legally", "[tcp][9293-3.10]") {
    using call = void (*)(tcp::connection<plain>&, instant);
    constexpr call calls[] = {
        [](auto& c, instant now) { (void)c.open(1000, 2000, tcp::sequence(7), now); },
        [](auto& c, instant) { (void)c.listen(1000); },
        [](auto& c, instant now) { (void)c.send(std::array<std::byte, 3>{}, now); },
        [](auto& c, instant now) {
            std::array<std::byte, 3> room{};
            (void)c.receive(room, now);
        },
        [](auto& c, instant now) { (void)c.close(now); },
        [](auto& c, instant now) { c.abort(now); },
        [](auto& c, instant now) { c.detach(now); },
        [](auto& c, instant now) { c.time_passes(now + hours(1)); },
    };
    for (std::size_t s = 0; s < tcp::number_of_states; ++s) {
        for (auto const first : calls) {
            for (auto const second : calls) {
                auto m = in(state(s));
                first(m.connection(), m.now());
                auto const between = m.connection().current_state();
                CHECK((between == state(s) || tcp::is_a_move(state(s), between)));
                second(m.connection(), m.now());
                auto const after = m.connection().current_state();
                CHECK((after == between || tcp::is_a_move(between, after)));
                m.loses();
            }
        }
    }
}
