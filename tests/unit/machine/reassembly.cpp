#include <plywire/base/random.hpp>
#include <plywire/machine/reassembly.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <vector>

using namespace plywire;
using tcp::reassembly;
using tcp::sequence;
using tcp::sequence_range;

namespace {

sequence_range range(std::uint32_t first, std::uint32_t last) { return {sequence(first), sequence(last)}; }

} // namespace

TEST_CASE("ranges that touch or overlap become one, the latest in front", "[tcp][2018-4.]") {
    reassembly<4> beyond;
    beyond.add(range(20, 30));
    beyond.add(range(40, 50));
    beyond.add(range(60, 70));
    REQUIRE(beyond.ranges().size() == 3);
    CHECK(beyond.ranges()[0] == range(60, 70));
    CHECK(beyond.ranges()[2] == range(20, 30));
    beyond.add(range(30, 35));
    CHECK(beyond.ranges()[0] == range(20, 35));
    CHECK(beyond.ranges().size() == 3);
    beyond.add(range(34, 61));
    REQUIRE(beyond.ranges().size() == 1);
    CHECK(beyond.ranges()[0] == range(20, 70));
    beyond.add(range(25, 26));
    CHECK(beyond.ranges()[0] == range(20, 70));
    CHECK(beyond.absorb(sequence(19)) == sequence(19));
    CHECK(beyond.absorb(sequence(20)) == sequence(70));
    CHECK(beyond.empty());
}

TEST_CASE("a range too many is refused, one that joins another is not", "[tcp]") {
    reassembly<2> beyond;
    beyond.add(range(20, 30));
    beyond.add(range(40, 50));
    CHECK(!beyond.has_room_for(range(60, 70)));
    CHECK(beyond.has_room_for(range(50, 70)));
    CHECK(beyond.has_room_for(range(25, 45)));
}

TEST_CASE("ranges go round at 2^32", "[tcp][9293-3.4]") {
    reassembly<4> beyond;
    beyond.add(range(0xffff'fff0, 0xffff'fffa));
    beyond.add(range(5, 9));
    beyond.add(range(0xffff'fffa, 5));
    REQUIRE(beyond.ranges().size() == 1);
    CHECK(beyond.absorb(sequence(0xffff'ffef)) == sequence(0xffff'ffef));
    CHECK(beyond.absorb(sequence(0xffff'fff1)) == sequence(9));
}

TEST_CASE("random ranges are what a plain set of octets says", "[tcp]") {
    constexpr std::uint32_t octets = 64;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        INFO("seed " << seed);
        random_generator random(seed);
        std::uint32_t const base = static_cast<std::uint32_t>(random.next());
        reassembly<6> beyond;
        std::vector<bool> present(octets, false);
        std::uint32_t next = 0;
        while (next < octets) {
            auto const first = static_cast<std::uint32_t>(next + random.below(octets - next));
            auto const last = static_cast<std::uint32_t>(first + 1 + random.below(octets - first));
            auto const wanted = range(base + first, base + last);
            if (!beyond.has_room_for(wanted)) {
                // The sender fills the gap in the end.
                present[next] = true;
                ++next;
            } else if (first == next) {
                for (auto i = first; i < last; ++i) present[i] = true;
                next = last;
            } else {
                for (auto i = first; i < last; ++i) present[i] = true;
                beyond.add(wanted);
            }
            auto const reached = beyond.absorb(sequence(base + next));
            while (next < octets && present[next]) ++next;
            REQUIRE(reached == sequence(base + next));
            for (auto const& kept : beyond.ranges()) {
                auto const from = kept.first.value() - base;
                auto const to = kept.last.value() - base;
                bool right = from > next && to <= octets && !present[from - 1];
                for (auto i = from; right && i < to; ++i) right = present[i];
                REQUIRE(right);
                REQUIRE((to == octets || !present[to]));
            }
        }
    }
}
