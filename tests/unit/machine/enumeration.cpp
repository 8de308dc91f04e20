// Small spaces, all of them: every state meets every combination of flags at every place around the windows.
#include "unit/machine/trace.hpp"

#include "support/effort.hpp"

#include <plywire/base/random.hpp>

using namespace trace;

namespace {

struct silent_expectation {
    bool sane = true;
    int resets = 0;
    int segments = 0;
};

struct hostile : tcp::minimal<256, 256> {
    using timestamps = tcp::use_timestamps;
    static constexpr bool window_scaling = true;
    static constexpr bool selective_acknowledgments = true;
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
          "[tcp][9293-3.5.2][9293-3.10.7][9293-RST-1]") {
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

TEST_CASE("a hostile peer: random segments, user calls and time keep every bound", "[tcp][9293-3.5.2]") {
    constexpr std::uint64_t runs = testing::sampled ? 300 : 3000;
    for (std::uint64_t seed = 1; seed <= runs; ++seed) {
        random_generator random(seed);
        auto m = in<hostile>(state(random.below(tcp::number_of_states)));
        auto& c = m.connection();
        bool good = true;
        std::array<std::byte, 300> room{};
        for (int i = 0; i < 200 && good; ++i) {
            auto const info = c.info();
            auto const near = [&](std::uint32_t number) {
                return static_cast<std::uint32_t>(number + random.below(700) - 300 +
                                                  (random.below(20) == 0 ? random.next() : 0));
            };
            bool const reset = random.below(20) == 0;
            switch (random.below(8)) {
            case 0: (void)c.send(std::span(room).first(random.below(room.size())), m.now()); break;
            case 1: (void)c.receive(std::span(room).first(random.below(room.size())), m.now()); break;
            case 2:
                if (random.below(20) == 0) (void)c.close(m.now());
                if (random.below(100) == 0) c.detach(m.now());
                if (c.finished() && random.below(2) == 0) (void)c.listen(1000, tcp::sequence(99));
                break;
            case 3:
                m.now() += milliseconds(static_cast<std::int64_t>(random.below(3000)));
                c.time_passes(m.now());
                break;
            default:
                m.loses();
                m.also_gets(
                    seg{.seq = near(info.receive_next.value()),
                        .ack = random.below(10) != 0 ? std::optional(near(info.send_next.value())) : std::nullopt,
                        .syn = random.below(15) == 0,
                        .fin = random.below(15) == 0,
                        .rst = reset,
                        .data = random.below(3) == 0 ? random.below(600) : 0,
                        .window = static_cast<std::uint16_t>(random.below(3) == 0 ? 0 : random.below(65536)),
                        .mss = random.below(10) == 0 ? std::optional(std::uint16_t(random.next())) : std::nullopt,
                        .shift = random.below(10) == 0 ? std::optional(std::uint8_t(random.next())) : std::nullopt,
                        .ts = random.below(4) == 0 ? std::optional(seg::stamp{std::uint32_t(random.next()), 0})
                                                   : std::nullopt});
                if (reset) {
                    while (auto const sent = m.emitted()) good = good && !sent->rst;
                }
            }
            auto const now = c.info();
            good = good && now.unread <= 256 && now.unacknowledged <= 256 && now.receive_window <= 256 &&
                   now.retransmission_timeout <= seconds(60) && now.segment_size > 0;
            if (now.current == state::closed) good = good && c.deadline() == instant::never();
        }
        m.loses(1000);
        INFO("seed " << seed);
        CHECK(good);
    }
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
