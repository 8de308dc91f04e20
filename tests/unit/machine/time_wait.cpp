// What is left of a connection in TIME-WAIT answers every segment as the whole connection does.

#include <plywire/machine/connection.hpp>
#include <plywire/machine/time_wait.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>

using namespace plywire;

namespace {

struct stamped : tcp::minimal<256, 4096> {
    using timestamps = tcp::use_timestamps;
};
using plain = tcp::minimal<256, 4096>;
struct mortal : plain {
    static constexpr bool ignore_resets_in_time_wait = false;
};

constexpr instant start{1'000'000'000};
constexpr std::uint32_t peer_isn = 5000;

tcp::incoming from_peer(std::uint32_t number, std::uint32_t acknowledgment) {
    return {.number = tcp::sequence(number),
            .acknowledgment = tcp::sequence(acknowledgment),
            .raw_window = 8000,
            .source_port = 4000};
}

template <class Policies>
void emits(tcp::connection<Policies>& c) {
    std::array<std::byte, 200> slot{};
    while (c.emit(slot, {}, start) != 0) {
    }
}

// A connection that closed first, in TIME-WAIT, with everything said.
template <class Policies>
tcp::connection<Policies> in_time_wait(std::uint32_t recent) {
    tcp::connection<Policies> c;
    c.configure({.maximum_segment_size = 1000});
    REQUIRE(c.listen(80, tcp::sequence(100)).has_value());
    auto const stamp = [&](tcp::incoming segment) {
        segment.has_timestamps = Policies::timestamps::offered;
        segment.timestamp_value = recent;
        return segment;
    };
    auto syn = stamp(from_peer(peer_isn, 0));
    syn.has_syn = true;
    c.segment_arrives(syn, start);
    emits(c);
    auto ack = stamp(from_peer(peer_isn + 1, 101));
    ack.has_ack = true;
    c.segment_arrives(ack, start);
    c.detach(start);
    emits(c);
    auto fin = stamp(from_peer(peer_isn + 1, 102));
    fin.has_ack = true;
    fin.has_fin = true;
    c.segment_arrives(fin, start);
    emits(c);
    REQUIRE(c.current_state() == tcp::state::time_wait);
    return c;
}

template <class Policies>
void check_all_segments() {
    constexpr std::uint32_t recent = 0xffff'fff0;
    auto const connection = in_time_wait<Policies>(recent);
    auto const block = connection.as_time_wait();
    CHECK(block.send_next == tcp::sequence(102));
    CHECK(block.receive_next == tcp::sequence(peer_isn + 2));
    std::uint32_t const next = peer_isn + 2;
    std::uint32_t const window = block.receive_window();
    REQUIRE(window == connection.info().receive_window);
    std::array<std::byte, 5> const text{};
    instant const now = start + seconds(7);
    unsigned segments = 0;
    for (std::uint32_t const number : {next - 6, next - 2, next - 1, next, next + 1, next + window - 1, next + window,
                                       next + window + 1, next + 0x8000'0000U}) {
        for (std::uint32_t const acknowledgment : {102U, 101U, 103U, 102U + 0x7000'0000U, 102U - 0x7000'0000U}) {
            for (unsigned flags = 0; flags < 16; ++flags) {
                for (std::size_t const octets : {0U, 1U, 5U}) {
                    for (int stamp = 0; stamp < 4; ++stamp) {
                        auto segment = from_peer(number, acknowledgment);
                        segment.has_syn = (flags & 1) != 0;
                        segment.has_ack = (flags & 2) != 0;
                        segment.has_rst = (flags & 4) != 0;
                        segment.has_fin = (flags & 8) != 0;
                        segment.text = bytes_view(text).first(octets);
                        segment.has_timestamps = stamp > 0;
                        segment.timestamp_value = recent + static_cast<std::uint32_t>(stamp) * 16 - 32;
                        auto whole = connection;
                        auto rest = block;
                        whole.segment_arrives(segment, now);
                        auto const answer =
                            tcp::segment_arrives_in_time_wait(rest, segment, now, Policies::ignore_resets_in_time_wait);
                        tcp::time_wait_answer const expected{.acknowledge = whole.wants_to_send(now),
                                                             .restart =
                                                                 whole.current_state() == tcp::state::time_wait &&
                                                                 whole.deadline() != connection.deadline(),
                                                             .end = whole.current_state() == tcp::state::closed};
                        INFO("number " << number - next << " acknowledgment " << acknowledgment << " flags " << flags
                                       << " octets " << octets << " stamp " << stamp);
                        REQUIRE(answer == expected);
                        if (!answer.end) {
                            REQUIRE(rest.recent == whole.as_time_wait().recent);
                        }
                        ++segments;
                    }
                }
            }
        }
    }
    CHECK(segments == 9 * 5 * 16 * 3 * 4);
}

} // namespace

TEST_CASE("the rest of a TIME-WAIT answers every segment as the connection did", "[tcp][9293-SEG-TIMEWAIT-2]") {
    check_all_segments<plain>();
    check_all_segments<mortal>();
}

TEST_CASE("the rest of a TIME-WAIT heeds timestamps as the connection did", "[tcp]") { check_all_segments<stamped>(); }

TEST_CASE("a TIME-WAIT sends ten challenge ACKs in five seconds", "[tcp]") {
    auto block = in_time_wait<plain>(0).as_time_wait();
    auto forged = from_peer(peer_isn + 9, 0);
    forged.has_syn = true;
    for (int interval = 0; interval < 40; ++interval) {
        unsigned answers = 0;
        for (int i = 0; i < 100; ++i) {
            instant const now = start + seconds(5 * interval);
            answers += tcp::segment_arrives_in_time_wait(block, forged, now, true).acknowledge ? 1 : 0;
        }
        CHECK(answers == 10);
    }
}

TEST_CASE("a RST ends a TIME-WAIT only where policies say so", "[tcp]") {
    auto const block = in_time_wait<plain>(0).as_time_wait();
    auto reset = from_peer(peer_isn + 2, 0);
    reset.has_rst = true;
    auto first = block;
    CHECK(tcp::segment_arrives_in_time_wait(first, reset, start, true) == tcp::time_wait_answer{});
    auto second = block;
    CHECK(tcp::segment_arrives_in_time_wait(second, reset, start, false) == tcp::time_wait_answer{.end = true});
}
