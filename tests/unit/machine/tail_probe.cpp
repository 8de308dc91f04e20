// Probes of the end of a flight (RFC 8985 section 7).
#include "trace.hpp"

#include <plywire/machine/kernel_policies.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

using namespace trace;

namespace {

constexpr seg options{.mss = 1000, .sack_permitted = true};

struct probes : plain {
    using retransmission = tcp::linux_timing;
    using tail_probe = tcp::probe_tail;
    static constexpr bool selective_acknowledgments = true;
};

template <class Policies>
machine<Policies> with_round_trip(duration length) {
    auto m = established<Policies>(100, 300, 8192, {}, options);
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10}).waits(length).gets(seg{.seq = 300, .ack = 110});
    // The handshake took no time at all; this is what has been measured most.
    for (int i = 0; i < 40; ++i) {
        auto const next = static_cast<std::uint32_t>(110 + i);
        m.sends(1).answers(seg{.seq = next, .ack = 300, .data = 1}).waits(length);
        m.gets(seg{.seq = 300, .ack = next + 1});
    }
    return m;
}

} // namespace

TEST_CASE("an unanswered tail is probed by its last segment before the timer runs out", "[tcp]") {
    auto m = with_round_trip<probes>(milliseconds(10));
    m.sends(3000).loses().waits(milliseconds(1)).silent();
    // Two round trips of 10 ms and a little, where the time-out is 210 ms.
    m.waits(milliseconds(25)).answers(seg{.seq = 2150, .ack = 300, .data = 1000}).silent();
    SECTION("one probe, then the time-out") {
        m.waits(milliseconds(200)).silent();
        m.waits(milliseconds(20)).answers(seg{.seq = 150, .ack = 300, .data = 1000});
    }
    SECTION("an acknowledgment of more than the probe shows that there was a loss") {
        auto const before = m.connection().info().congestion_window;
        m.gets(seg{.seq = 300, .ack = 3150});
        CHECK(m.connection().info().congestion_window >= before);
        m.sends(10).answers(seg{.seq = 3150, .ack = 300, .data = 10}).gets(seg{.seq = 300, .ack = 3160});
        CHECK(m.connection().info().congestion_window < before);
    }
    SECTION("unless both copies have come") {
        auto const before = m.connection().info().congestion_window;
        m.gets(seg{.seq = 300, .ack = 3150}).gets(seg{.seq = 300, .ack = 3150});
        m.sends(10).answers(seg{.seq = 3150, .ack = 300, .data = 10}).gets(seg{.seq = 300, .ack = 3160});
        CHECK(m.connection().info().congestion_window == before);
    }
}

TEST_CASE("one segment alone is probed when its acknowledgment can no longer be merely delayed", "[tcp]") {
    auto m = with_round_trip<probes>(milliseconds(150));
    m.sends(10).answers(seg{.seq = 150, .ack = 300, .data = 10});
    // Twice 150 ms and 200 ms would be longer than the time-out, 150 ms and 200 ms; of the two the first to come counts.
    m.waits(milliseconds(340)).silent();
    m.waits(milliseconds(30)).answers(seg{.seq = 150, .ack = 300, .data = 10});
}

TEST_CASE("new text probes the tail if there is any, whatever Nagle's algorithm says", "[tcp]") {
    auto m = with_round_trip<probes>(milliseconds(10));
    m.sends(2500).answers(seg{.seq = 150, .ack = 300, .data = 1000});
    m.answers(seg{.seq = 1150, .ack = 300, .data = 1000}).silent();
    m.waits(milliseconds(25)).answers(seg{.seq = 2150, .ack = 300, .data = 500}).silent();
    m.gets(seg{.seq = 300, .ack = 2650}).no_timer();
}

TEST_CASE("a FIN without an answer is the tail", "[tcp]") {
    auto m = with_round_trip<probes>(milliseconds(10));
    m.sends(2000).loses().closes().answers(seg{.seq = 2150, .ack = 300, .fin = true});
    m.waits(milliseconds(25)).answers(seg{.seq = 2150, .ack = 300, .fin = true}).silent();
}

TEST_CASE("no tail is probed without SACK, nor before a round trip is known", "[tcp]") {
    auto m = established<probes>(100, 300, 8192, {}, seg{.mss = 1000});
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10}).times_out(milliseconds(200));
    m.answers(seg{.seq = 100, .ack = 300, .data = 10});
}

TEST_CASE("a probe that no device had room for is forgotten when the timer runs out", "[tcp]") {
    auto m = with_round_trip<probes>(milliseconds(10));
    m.sends(4000).loses(3); // the device is full
    auto& connection = m.connection();
    for (int times = 0; times < 2; ++times) { // the probe's time, and the time-out
        m.now() = connection.deadline();
        connection.time_passes(m.now());
    }
    m.answers(seg{.seq = 150, .ack = 300, .data = 1000}).silent();
}

TEST_CASE("what the timer has taken back is sent again before the tail is probed by something new", "[tcp]") {
    struct probing : tcp::defaults {
        using tail_probe = tcp::probe_tail;
    };
    using segments = std::vector<std::vector<std::byte>>;
    using end = tcp::connection<probing>;
    auto const all_of = [](end& from, instant now) {
        segments all;
        std::vector<std::byte> slot(1500);
        while (auto const octets = from.emit(slot, {}, now)) {
            all.emplace_back(slot.begin(), slot.begin() + std::ptrdiff_t(octets));
        }
        return all;
    };
    auto const arrive = [](segments const& all, end& at, instant now) {
        for (auto const& s : all) at.segment_arrives(*parse<tcp::header>(bytes_view(s)), now);
    };
    end ours;
    end peer;
    instant now{seconds(1).nanoseconds};
    ours.configure({.send_buffer = 200'000});
    peer.configure({.receive_buffer = 60'000});
    CHECK(peer.listen(80, tcp::sequence(5)).has_value());
    CHECK(ours.open(1000, 80, tcp::sequence(100), now).has_value());
    for (int i = 0; i < 2; ++i) {
        arrive(all_of(ours, now), peer, now + milliseconds(10));
        now += milliseconds(20);
        arrive(all_of(peer, now), ours, now);
    }
    CHECK(ours.send(std::vector<std::byte>(60'000), now) == 60'000);
    CHECK(all_of(ours, now).size() == 10); // and all is lost
    std::uint32_t again = 101;             // up to there it has been sent again
    bool answered = false;
    for (int times = 0; times < 10; ++times) {
        now = ours.deadline();
        ours.time_passes(now);
        auto sent = all_of(ours, now);
        if (!answered && !sent.empty() && (*parse<tcp::header>(bytes_view(sent[0])))[tcp::sequence_number] == 101) {
            answered = true; // the first that the timer sends arrives, nothing after it
            arrive(sent, peer, now + milliseconds(10));
            peer.time_passes(now + milliseconds(200));
            arrive(all_of(peer, now + milliseconds(200)), ours, now + milliseconds(210));
            auto const more = all_of(ours, now + milliseconds(210));
            sent.insert(sent.end(), more.begin(), more.end());
        }
        for (auto const& s : sent) {
            auto const segment = *parse<tcp::header>(bytes_view(s));
            if (!answered) continue; // the probe
            INFO(times << ": " << segment[tcp::sequence_number] << " after " << again);
            CHECK(segment[tcp::sequence_number] <= again);
            again = std::max(again, segment[tcp::sequence_number] + std::uint32_t(segment.payload().size()));
        }
    }
    CHECK(answered);
    CHECK(again > 3000);
}

TEST_CASE("probes of one connection do not concern the next one of the same object", "[tcp]") {
    auto m = with_round_trip<probes>(milliseconds(10));
    m.sends(3000).loses().waits(milliseconds(25)).answers(seg{.seq = 2150, .ack = 300, .data = 1000});
    m.aborts().answers(seg{.seq = 3150, .rst = true});
    m.opens(99).answers(seg{.seq = 99, .syn = true}); // its numbers come before those of the old one
    auto syn = options;
    syn.seq = 699;
    syn.ack = 100;
    syn.syn = true;
    m.gets(syn).answers(seg{.seq = 100, .ack = 700});
    m.sends(3000).loses().times_out().answers(seg{.seq = 2100, .ack = 700, .data = 1000});
}
