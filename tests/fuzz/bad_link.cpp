// Two TCP connections on a link that loses, doubles, delays and reorders segments as the input says. What one sends the
// other receives, octet for octet; and once the link has come to its senses, all of it arrives and both sides end in
// order.
#include <plywire/describe/parse.hpp>
#include <plywire/machine/connection.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <span>
#include <vector>

namespace {

using namespace plywire;

void must(bool holds) {
    if (!holds) std::abort();
}

// Octet number n of a stream; the period is longer than any buffer.
std::byte octet_of_stream(std::uint64_t n) { return static_cast<std::byte>(n * 167 + n / 251); }

template <class Policies>
struct side {
    tcp::connection<Policies> connection;
    std::deque<std::vector<std::byte>> arriving; // what the other side has sent
    std::uint64_t written = 0;
    std::uint64_t read = 0;

    void write(std::uint64_t total, std::size_t at_most, instant now) {
        std::vector<std::byte> octets(static_cast<std::size_t>(std::min<std::uint64_t>(total - written, at_most)));
        for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = octet_of_stream(written + i);
        if (auto const taken = connection.send(octets, now)) written += *taken;
    }

    void take(std::size_t at_most, instant now) {
        std::vector<std::byte> octets(at_most);
        auto const taken = connection.receive(octets, now);
        for (std::size_t i = 0; taken && i < *taken; ++i) must(octets[i] == octet_of_stream(read++));
    }

    void emit_to(side& other, instant now) {
        std::array<std::byte, 1600> slot = {};
        while (auto const size = connection.emit(slot, internet_sum(), now)) {
            other.arriving.emplace_back(slot.begin(), slot.begin() + static_cast<std::ptrdiff_t>(size));
        }
    }

    void hear(std::size_t which, bool again, instant now) {
        if (arriving.empty()) return;
        auto const at = arriving.begin() + static_cast<std::ptrdiff_t>(which % arriving.size());
        auto const octets = *at;
        if (!again) arriving.erase(at);
        auto const segment = *parse<tcp::header>(octets);
        // Nothing that is heard here was sent to CLOSED, but it may come late.
        connection.segment_arrives(segment, now);
    }
};

template <class Policies>
void play(std::span<std::uint8_t const> script) {
    auto const next = [&] {
        if (script.empty()) return std::uint8_t{0};
        auto const first = script.front();
        script = script.subspan(1);
        return first;
    };
    std::array<side<Policies>, 2> sides;
    instant now{};
    std::array<std::uint64_t, 2> const totals = {next() * 16u, next() * 16u};
    for (auto& one : sides) {
        one.connection.configure({.maximum_segment_size = static_cast<std::uint16_t>(64 + next() * 5),
                                  .send_buffer = 2048,
                                  .receive_buffer = std::uint32_t{256} << next() % 10});
    }
    auto const isn = std::uint32_t{next()} << 24;
    bool const both_open = next() % 4 == 0;
    must(sides[0].connection.open(1, 2, tcp::sequence(isn), now).has_value());
    must((both_open ? sides[1].connection.open(2, 1, tcp::sequence(0u - isn), now)
                    : sides[1].connection.listen(2, tcp::sequence(0u - isn)))
             .has_value());

    while (!script.empty()) {
        auto const what = next();
        auto& here = sides[what & 1];
        auto& there = sides[~what & 1];
        switch (what >> 1 & 7) {
        case 0:
        case 1: here.hear(0, false, now); break;
        case 2: here.hear(next(), what >> 4 & 1, now); break;
        case 3:
            if (!here.arriving.empty()) here.arriving.pop_front();
            break;
        case 4: here.write(totals[what & 1], next() * 8u, now); break;
        case 5: here.take(next() * 8u, now); break;
        case 6: here.emit_to(there, now); break;
        default:
            now += milliseconds(next());
            for (auto& one : sides) one.connection.time_passes(now);
        }
    }

    // From here on the link keeps everything in order.
    auto const settled = [&] {
        auto const done = [&](std::size_t i) {
            auto const state = sides[i].connection.current_state();
            return sides[i].read == totals[1 - i] && (state == tcp::state::closed || state == tcp::state::time_wait);
        };
        return done(0) && done(1);
    };
    for (int round = 0; !settled(); ++round) {
        must(round < 20'000);
        for (std::size_t i = 0; i < 2; ++i) {
            auto& one = sides[i];
            if (one.written < totals[i]) one.write(totals[i], 4096, now);
            // Before there is a peer, CLOSE would be the end.
            auto const state = one.connection.current_state();
            bool const has_peer = state != tcp::state::listen && state != tcp::state::syn_sent;
            if (one.written == totals[i] && has_peer) (void)one.connection.close(now);
            one.take(4096, now);
            one.emit_to(sides[1 - i], now);
        }
        if (sides[0].arriving.empty() && sides[1].arriving.empty()) {
            auto const due = std::min(sides[0].connection.deadline(), sides[1].connection.deadline());
            if (due != instant::never()) now = std::max(now, due);
            for (auto& one : sides) one.connection.time_passes(now);
        }
        for (auto& one : sides) {
            while (!one.arriving.empty()) one.hear(0, false, now);
        }
        // Five minutes of patience are not used up by a link that works.
        for (auto const& one : sides) must(one.connection.failure() == tcp::error::none);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const script = std::span(data, size).subspan(1);
    if (data[0] % 2 == 0) {
        play<tcp::defaults>(script);
    } else {
        play<tcp::minimal<512, 256>>(script);
    }
    return 0;
}
