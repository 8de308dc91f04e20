// What a path does to frames besides losing them: rate, delay, jitter, reordering, duplication, corruption.

#include "path_rig.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

using namespace plywire;
using namespace plywire::testing;

namespace {

bool in_order(std::vector<arrival_seen> const& came) {
    return std::is_sorted(came.begin(), came.end(), [](auto const& a, auto const& b) { return a.number < b.number; });
}

constexpr instant start{1'000'000'000};

} // namespace

TEST_CASE("clear weather delivers at once, in order and intact", "[weather][path]") {
    path_rig rig(weather{});
    CHECK(rig.path.deadline() == instant::never());
    for (int i = 0; i < 100; ++i) {
        rig.send(start, 60);
    }
    CHECK(rig.path.deadline() == start);
    CHECK(rig.path.frames_on_their_way() == 100);
    auto const came = rig.rest();
    CHECK(came.size() == 100);
    CHECK(in_order(came));
    CHECK(came.back() == arrival_seen{start, 99, 60});
    CHECK(rig.path.statistics() ==
          weather_statistics{.offered = 100, .delivered = 100, .offered_octets = 6000, .delivered_octets = 6000});
}

TEST_CASE("a frame that is shown stays until the next receive, and can be written to", "[weather][path]") {
    path_rig rig(weather{});
    rig.send(start);
    rig.send(start);
    mutable_bytes const first = rig.path.receive(start, nullptr);
    rig.send(start);
    first[4] = std::byte{7};
    CHECK(load_big<std::uint32_t>(first.data()) == 0);
    CHECK(load_big<std::uint32_t>(rig.path.receive(start, nullptr).data()) == 1);
}

TEST_CASE("a delay is exact to the nanosecond", "[weather][path]") {
    path_rig rig(weather{.delay = milliseconds(50)});
    rig.send(start);
    CHECK(rig.path.receive(start + milliseconds(50) - nanoseconds(1), nullptr).empty());
    CHECK(rig.path.deadline() == start + milliseconds(50));
    CHECK_FALSE(rig.path.receive(start + milliseconds(50), nullptr).empty());
}

TEST_CASE("a busy link sends its rate exactly, whatever does not divide", "[weather][rate]") {
    // 1500 octets at 7 Mbit/s are 1,714,285 5/7 ns.
    path_rig rig(weather{.bits_per_second = 7'000'000, .queue = drop_tail{.octets = 1 << 30}});
    for (int i = 0; i < 7000; ++i) {
        rig.send(start);
    }
    auto const came = rig.rest();
    REQUIRE(came.size() == 7000);
    CHECK(came[0].when == start + nanoseconds(1'714'285));
    CHECK(came[6].when == start + nanoseconds(12'000'000));
    CHECK(came.back().when == start + seconds(12));
    CHECK(rig.path.statistics().most_waiting_octets == 6999 * 1500);
}

TEST_CASE("what a link sends besides the frame takes its time too", "[weather][rate]") {
    path_rig rig(weather{.bits_per_second = 1'000'000'000, .overhead_octets = 38});
    rig.send(start, 1462);
    CHECK(rig.rest()[0].when == start + microseconds(12));
}

TEST_CASE("an idle link sends at once, and how often a path is asked does not matter", "[weather][rate]") {
    weather const w{.bits_per_second = 12'000'000,
                    .delay = milliseconds(1),
                    .jitter = uniform_jitter{milliseconds(2)},
                    .loss = uniform_loss{100'000}};
    path_rig asked_often(w, 5);
    path_rig asked_once(w, 5);
    std::vector<arrival_seen> often;
    random_generator random(9);
    instant now = start;
    for (int i = 0; i < 2000; ++i) {
        now += microseconds(static_cast<std::int64_t>(random.below(2000)));
        for (auto const& arrival : asked_often.until(now)) {
            often.push_back(arrival);
        }
        asked_often.send(now);
        asked_once.send(now);
    }
    for (auto const& arrival : asked_often.rest()) {
        often.push_back(arrival);
    }
    CHECK(often == asked_once.rest());
    CHECK(asked_often.conserves());
    CHECK(asked_once.conserves());
}

TEST_CASE("a drop-tail queue takes what it has room for", "[weather][queue]") {
    path_rig by_octets(weather{.bits_per_second = 1'000'000, .queue = drop_tail{.octets = 15'000}});
    path_rig by_frames(weather{.bits_per_second = 1'000'000, .queue = drop_tail{.frames = 3}});
    for (int i = 0; i < 20; ++i) {
        by_octets.send(start);
        by_frames.send(start, 100);
    }
    CHECK(by_octets.path.waiting_octets() == 15'000);
    CHECK(by_octets.path.statistics().dropped == 9); // one is being sent, ten wait
    CHECK(by_frames.path.statistics().dropped == 16);
    CHECK(by_octets.conserves());
    auto const came = by_octets.rest();
    CHECK(came.size() == 11);
    CHECK(came.back().number == 10);
    CHECK(by_octets.conserves());
    CHECK(by_frames.rest().size() == 4);
}

TEST_CASE("jitter spreads the delay and keeps the order", "[weather][jitter]") {
    path_rig rig(weather{.delay = milliseconds(10), .jitter = uniform_jitter{milliseconds(4)}}, 3);
    path_rig bell(weather{.jitter = bell_jitter{milliseconds(4)}}, 3);
    for (int i = 0; i < 10'000; ++i) {
        rig.send(start + milliseconds(10 * i)); // so far apart that none is held up by the one before
        bell.send(start + milliseconds(10 * i));
    }
    auto const came = rig.rest();
    CHECK(in_order(came));
    std::int64_t sum = 0;
    duration least = seconds(1);
    duration most{};
    for (auto const& arrival : came) {
        duration const took = arrival.when - (start + milliseconds(10 * arrival.number));
        sum += took.nanoseconds;
        least = std::min(least, took);
        most = std::max(most, took);
    }
    CHECK((least >= milliseconds(10) && least < microseconds(10'010)));
    CHECK((most <= milliseconds(14) && most > microseconds(13'990)));
    CHECK(sum / 10'000 == 11'999'075);
    CHECK((sum / 10'000 > 11'970'000 && sum / 10'000 < 12'030'000));

    int middle = 0;
    for (auto const& arrival : bell.rest()) {
        duration const took = arrival.when - (start + milliseconds(10 * arrival.number));
        middle += took > milliseconds(1) && took < milliseconds(3) ? 1 : 0;
    }
    CHECK(middle == 9196);
    CHECK(middle > 9'000); // half of the range; an even distribution would have 5000

    path_rig dense(weather{.jitter = uniform_jitter{milliseconds(4)}}, 3);
    for (int i = 0; i < 1000; ++i) {
        dense.send(start + microseconds(i));
    }
    CHECK(in_order(dense.rest()));
}

TEST_CASE("frames that are held back are overtaken, the others keep their order", "[weather][reordering]") {
    path_rig rig(weather{.delay = milliseconds(50), .reordering = {.per_million = 30'000, .most = milliseconds(50)}},
                 2);
    for (int i = 0; i < 10'000; ++i) {
        rig.send(start + microseconds(100 * i));
    }
    auto const came = rig.rest();
    REQUIRE(came.size() == 10'000);
    std::uint64_t late = 0;
    std::uint32_t newest = 0;
    for (auto const& arrival : came) {
        duration const took = arrival.when - (start + microseconds(100 * arrival.number));
        late += took > milliseconds(50) ? 1u : 0u;
        CHECK(took <= milliseconds(100));
        if (took == milliseconds(50)) {
            CHECK(arrival.number >= newest);
            newest = arrival.number;
        }
    }
    CHECK(late == rig.path.statistics().held_back);
    CHECK(late == 324);
    CHECK((late > 250 && late < 350));
    CHECK_FALSE(in_order(came));
}

TEST_CASE("a frame that comes twice comes as it was, and counts as one more", "[weather][duplication]") {
    path_rig rig(weather{.delay = milliseconds(1), .duplication = {.per_million = 200'000, .later = microseconds(10)}},
                 2);
    for (int i = 0; i < 1000; ++i) {
        rig.send(start + milliseconds(i), 100);
    }
    auto const came = rig.rest();
    auto const& s = rig.path.statistics();
    CHECK(s.duplicated == 188);
    CHECK((s.duplicated > 160 && s.duplicated < 240));
    CHECK(came.size() == 1000 + s.duplicated);
    for (std::size_t i = 1; i < came.size(); ++i) {
        if (came[i].number == came[i - 1].number) {
            CHECK(came[i] == arrival_seen{came[i - 1].when + microseconds(10), came[i].number, 100});
        }
    }
    CHECK(in_order(came));
    CHECK(rig.conserves());
}

TEST_CASE("in a corrupted frame as many bits are turned over as was said", "[weather][corruption]") {
    path_rig rig(weather{.corruption = {.per_million = 500'000, .bits = 1}}, 4);
    std::uint64_t wrong = 0;
    for (int i = 0; i < 1000; ++i) {
        rig.send(start, 40);
        mutable_bytes const frame = rig.path.receive(start, nullptr);
        store_big<std::uint32_t>(frame.data(), load_big<std::uint32_t>(frame.data()) ^ static_cast<std::uint32_t>(i));
        int bits = 0;
        for (std::byte const octet : frame) {
            bits += std::popcount(std::to_integer<unsigned>(octet));
        }
        CHECK(bits <= 1);
        wrong += static_cast<std::uint64_t>(bits);
    }
    CHECK(wrong == rig.path.statistics().corrupted);
    CHECK((wrong > 450 && wrong < 550));
}

TEST_CASE("one component more leaves the others' chances alone", "[weather][path]") {
    auto const numbers_lost = [](auto const& w) {
        path_rig rig(w, 11);
        for (int i = 0; i < 2000; ++i) {
            rig.send(start + milliseconds(i), 100);
        }
        std::vector<bool> came(2000);
        for (auto const& arrival : rig.rest()) {
            came[arrival.number] = true;
        }
        return came;
    };
    auto const bare = numbers_lost(weather{.loss = uniform_loss{50'000}});
    CHECK(bare == numbers_lost(weather{.jitter = uniform_jitter{milliseconds(9)},
                                       .reordering = {.per_million = 10'000, .most = milliseconds(3)},
                                       .loss = uniform_loss{50'000},
                                       .duplication = {.per_million = 100'000}}));
}

TEST_CASE("a path has room for so many frames, and drops what is more", "[weather][path]") {
    path_rig rig(weather{.delay = seconds(1)}, 1, 100);
    for (int i = 0; i < 1000; ++i) {
        rig.send(start);
    }
    CHECK(rig.path.frames_on_their_way() == 101); // nothing has been received, so that frame is free too
    CHECK(rig.path.statistics().no_room == 899);
    CHECK(rig.conserves());
    CHECK(rig.rest().size() == 101);
    rig.send(start + seconds(2));
    CHECK(rig.rest().size() == 1);
    CHECK(rig.conserves());
}

TEST_CASE("what is lost or dropped gives its room back", "[weather][path]") {
    path_rig losing(weather{.delay = seconds(1), .loss = uniform_loss{one_million}}, 1, 10);
    path_rig dropping(weather{.bits_per_second = 1'000'000, .queue = drop_tail{.frames = 2}}, 1, 10);
    path_rig late_dropping(weather{.bits_per_second = 1'000'000, .queue = codel({.interval = milliseconds(20)})}, 1,
                           30);
    for (int i = 0; i < 100; ++i) {
        losing.send(start);
        dropping.send(start);
        late_dropping.send(start + milliseconds(11 * i));
        late_dropping.until(start + milliseconds(11 * i));
    }
    CHECK(losing.path.statistics().lost == 100);
    CHECK(dropping.path.statistics().dropped == 97);
    CHECK(late_dropping.path.statistics().dropped > 5);
    CHECK(losing.path.statistics().no_room == 0);
    CHECK(dropping.path.statistics().no_room == 0);
    CHECK(late_dropping.path.statistics().no_room == 0);
}

TEST_CASE("every frame is accounted for in the worst of weathers", "[weather][path]") {
    path_rig rig(weather{.bits_per_second = 6'500'000,
                         .queue = drop_tail{.octets = 10'000},
                         .delay = milliseconds(20),
                         .jitter = uniform_jitter{milliseconds(10)},
                         .reordering = {.per_million = 50'000, .most = milliseconds(30)},
                         .loss = gilbert_elliott_loss{.good_to_bad = 10'000, .bad_to_good = 200'000},
                         .corruption = {.per_million = 10'000},
                         .duplication = {.per_million = 20'000}},
                 8);
    instant now = start;
    random_generator random(1);
    std::size_t came = 0;
    for (int i = 0; i < 20'000; ++i) {
        now += microseconds(static_cast<std::int64_t>(random.below(2000)));
        rig.send(now, 40 + static_cast<std::size_t>(random.below(1461)));
        if (i % 7 == 0) {
            came += rig.until(now).size();
            REQUIRE(rig.conserves());
        }
    }
    came += rig.rest().size();
    CHECK(rig.conserves());
    CHECK(rig.path.frames_on_their_way() == 0);
    CHECK(rig.path.statistics() == weather_statistics{.offered = 20'000,
                                                      .duplicated = 366,
                                                      .dropped = 103,
                                                      .lost = 1'084,
                                                      .delivered = 19'179,
                                                      .corrupted = 205,
                                                      .held_back = 919,
                                                      .offered_octets = 15'390'778,
                                                      .delivered_octets = 14'717'610,
                                                      .most_waiting_octets = 9'996});
    CHECK(came == rig.path.statistics().delivered);
}

TEST_CASE("whatever the weather, every frame is accounted for and none comes too early", "[weather][path]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        random_generator random(seed);
        auto const per_million = [&] { return static_cast<std::uint32_t>(random.below(300'000)); };
        auto const some_time = [&] { return duration{static_cast<std::int64_t>(random.below(30'000'000))}; };
        duration const delay = some_time();
        // One statement each, since the order in which arguments are evaluated is the compiler's.
        weather w{.queue = codel({.limit = {.frames = 1 + static_cast<std::size_t>(random.below(50))}}),
                  .delay = delay,
                  .jitter = uniform_jitter{},
                  .loss = gilbert_elliott_loss{}};
        w.bits_per_second = random.below(4) == 0 ? 0 : 1 + random.below(100'000'000);
        w.jitter.most = some_time();
        w.reordering = {per_million(), nanoseconds(1)};
        w.reordering.most = some_time() + nanoseconds(1);
        w.loss.good_to_bad = per_million();
        w.loss.bad_to_good = per_million();
        w.corruption.per_million = per_million();
        w.corruption.bits = static_cast<std::uint32_t>(random.below(100));
        w.duplication.per_million = per_million();
        w.duplication.later = some_time();
        path_rig rig(w, seed, 1 + static_cast<std::uint32_t>(random.below(100)));
        instant now = start;
        std::size_t came = 0;
        for (int i = 0; i < 300; ++i) {
            now += duration{static_cast<std::int64_t>(random.below(1'000'000))};
            rig.send(now, 4 + static_cast<std::size_t>(random.below(1497)));
            if (random.below(3) == 0) {
                came += rig.until(now).size();
            }
            REQUIRE(rig.conserves());
        }
        CHECK(rig.path.next_arrival() >= start + delay);
        came += rig.rest().size();
        CHECK(rig.path.frames_on_their_way() == 0);
        CHECK(came == rig.path.statistics().delivered);
        CHECK(rig.conserves());
    }
}

TEST_CASE("frames come out of the heap by time, and at one time in the order of their numbers", "[weather][path]") {
    arrival_heap heap;
    random_generator random(1);
    std::vector<std::pair<std::int64_t, std::uint64_t>> sorted;
    for (std::uint64_t order = 0; order < 1000; ++order) {
        auto const when = static_cast<std::int64_t>(random.below(50));
        REQUIRE(heap.add({instant{when}, order, static_cast<std::uint32_t>(order)}));
        sorted.emplace_back(when, order);
    }
    std::sort(sorted.begin(), sorted.end());
    for (auto const& [when, order] : sorted) {
        auto const first = heap.take_first();
        REQUIRE(first.when == instant{when});
        REQUIRE(first.order == order);
        REQUIRE(first.frame == order);
    }
    CHECK(heap.empty());
}
