// Two machines that talk to each other while the compiler watches; for the claims about the machine. Each claim is small
// enough for the limits that compilers have by themselves (clang: 1,048,576 steps).
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/machine/connection.hpp>
#include <plywire/machine/reset.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace claims {

using namespace plywire;
using tcp::state;

struct small : tcp::minimal<64, 64> {
    using counters = tcp::retransmission_counter;
};
using host = tcp::connection<small>;

// A segment on its way.
struct frame {
    std::array<std::byte, 64> octets{};
    std::size_t size = 0;

    constexpr bool is_there() const { return size > 0; }
};

// Two ends, a clock, and whether everything has been as expected so far.
struct pair_of_hosts {
    host a{};
    host b{};
    instant now{};
    bool as_expected = true;

    constexpr pair_of_hosts() {
        a.configure({.maximum_segment_size = 64});
        b.configure({.maximum_segment_size = 64});
    }

    constexpr void expect(bool condition) { as_expected = as_expected && condition; }
    constexpr void expect(state of_a, state of_b) { expect(a.current_state() == of_a && b.current_state() == of_b); }

    // What that host sends next; its checksum must be right.
    constexpr frame emitted(host& from) {
        frame sent;
        sent.size = from.emit(sent.octets, internet_sum(), now);
        if (sent.is_there()) {
            internet_sum sum;
            sum.add_word(static_cast<std::uint16_t>(sent.size));
            sum.add(bytes_view(sent.octets).first(sent.size));
            expect(sum.folded() == 0xffff);
        }
        return sent;
    }
    constexpr void arrives(frame const& sent, host& at) {
        if (!sent.is_there()) return expect(false);
        auto const segment = *parse<tcp::header>(bytes_view(sent.octets).first(sent.size));
        if (!at.finished()) return at.segment_arrives(segment, now);
        // Where there is no connection the host answers.
        answer.size = tcp::write_reset_for(segment, answer.octets, internet_sum());
    }
    // Everything that `from` wants to send arrives at `to`: as many segments as expected.
    constexpr void deliver(host& from, host& to, int expected = 1) {
        int segments = 0;
        for (auto sent = emitted(from); sent.is_there(); sent = emitted(from)) {
            arrives(sent, to);
            ++segments;
        }
        expect(segments == expected);
    }
    // The timer of that host runs out.
    constexpr void times_out(host& whose) {
        expect(whose.deadline() != instant::never());
        now = whose.deadline();
        whose.time_passes(now);
    }

    constexpr void listen_and_open(std::uint32_t isn_a = 100, std::uint32_t isn_b = 300) {
        expect(b.listen(80, tcp::sequence(isn_b)).has_value());
        expect(a.open(49152, 80, tcp::sequence(isn_a), now).has_value());
    }
    constexpr void shake_hands(std::uint32_t isn_a = 100, std::uint32_t isn_b = 300) {
        listen_and_open(isn_a, isn_b);
        deliver(a, b);
        expect(state::syn_sent, state::syn_received);
        deliver(b, a);
        expect(state::established, state::syn_received);
        deliver(a, b);
        expect(state::established, state::established);
    }
    constexpr void open_at_once() {
        expect(a.open(1, 2, tcp::sequence(100), now).has_value() && b.open(2, 1, tcp::sequence(300), now).has_value());
        auto const of_a = emitted(a);
        auto const of_b = emitted(b);
        arrives(of_b, a);
        arrives(of_a, b);
        expect(state::syn_received, state::syn_received);
        deliver(a, b);
        deliver(b, a);
        expect(state::established, state::established);
    }

    static constexpr auto text = hex<"0001 0203 0405 0607">();
    constexpr void says(host& from) { expect(from.send(text, now) == text.size()); }
    constexpr void has_heard(host& to) {
        std::array<std::byte, 16> room{};
        expect(to.receive(room, now) == text.size());
        for (std::size_t i = 0; i < text.size(); ++i) expect(room[i] == text[i]);
        expect(to.receive(room, now).error() == tcp::error::would_block);
    }
    constexpr void transfer(host& from, host& to) {
        says(from);
        deliver(from, to);
        has_heard(to);
    }
    constexpr void closes(host& from) { expect(from.close(now).has_value()); }
    constexpr bool hears_the_end(host& at) {
        std::array<std::byte, 4> room{};
        return at.receive(room, now).error() == tcp::error::end_of_stream;
    }

    frame answer{}; // of a host without a connection
};

} // namespace claims
