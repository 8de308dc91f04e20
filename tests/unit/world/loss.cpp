// Loss models: exact counts from a seed, which are the same with every compiler.

#include "path_rig.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace plywire;

namespace {

// How many of so many frames are lost, and in how many runs.
struct losses {
    int lost = 0;
    int runs = 0;
    friend bool operator==(losses const&, losses const&) = default;
};

template <class Loss>
losses count(Loss loss, int frames, std::uint64_t seed) {
    random_generator random(seed);
    losses seen;
    bool before = false;
    for (int i = 0; i < frames; ++i) {
        bool const lost = loss(passing_frame{.number = static_cast<std::uint64_t>(i)}, random);
        seen.lost += lost ? 1 : 0;
        seen.runs += lost && !before ? 1 : 0;
        before = lost;
    }
    return seen;
}

} // namespace

TEST_CASE("uniform loss hits its share of frames, each by itself", "[weather][loss]") {
    CHECK(count(uniform_loss{0}, 100'000, 1).lost == 0);
    CHECK(count(uniform_loss{one_million}, 1000, 1).lost == 1000);
    losses const tenth = count(uniform_loss{100'000}, 100'000, 1);
    CHECK(tenth == losses{9780, 8869});
    CHECK((tenth.lost > 9'700 && tenth.lost < 10'300)); // three standard deviations of 95
    CHECK((tenth.runs > 8'700 && tenth.runs < 9'300));  // nine in ten follow one that was not lost
    losses const seldom = count(uniform_loss{1'000}, 1'000'000, 7);
    CHECK(seldom == losses{1052, 1051});
}

TEST_CASE("Gilbert and Elliott's losses come in bursts, and their mean is what it should be", "[weather][loss]") {
    // Bad for 10 frames in the mean, one frame in a hundred turns the path bad: 1/11 of the time.
    gilbert_elliott_loss const bursts{.good_to_bad = 10'000, .bad_to_good = 100'000};
    CHECK(bursts.mean_per_million() == 90'909);
    losses const seen = count(bursts, 1'000'000, 3);
    CHECK(seen == losses{89844, 9020});
    CHECK((seen.lost > 88'000 && seen.lost < 94'000));
    CHECK((seen.lost / seen.runs >= 9 && seen.lost / seen.runs <= 10));

    // Elliott's: both states lose.
    gilbert_elliott_loss const both{
        .good_to_bad = 20'000, .bad_to_good = 60'000, .lost_in_good = 1'000, .lost_in_bad = 500'000};
    CHECK(both.mean_per_million() == 125'750); // 3/4 of 0.1 % and 1/4 of 50 %
    losses const some = count(both, 1'000'000, 4);
    CHECK(some == losses{125223, 66789});
    CHECK((some.lost > 122'000 && some.lost < 129'000));
}

TEST_CASE("scripted losses are those and no others", "[weather][loss]") {
    scripted_loss const script{3, 0, 9};
    random_generator random(1);
    for (std::uint64_t number = 0; number < 20; ++number) {
        CAPTURE(number);
        CHECK(script({.number = number}, random) == (number == 0 || number == 3 || number == 9));
    }
}

TEST_CASE("an outage loses what leaves in it", "[weather][loss]") {
    outage_loss const outage{instant{100}, instant{200}};
    random_generator random(1);
    CHECK_FALSE(outage({.leaves = instant{99}}, random));
    CHECK(outage({.leaves = instant{100}}, random));
    CHECK(outage({.leaves = instant{199}}, random));
    CHECK_FALSE(outage({.leaves = instant{200}}, random));
}

TEST_CASE("either of two models loses, and both see every frame", "[weather][loss]") {
    losses const both = count(either_loss{uniform_loss{100'000}, scripted_loss{5}}, 1000, 1);
    losses const alone = count(uniform_loss{100'000}, 1000, 1);
    CHECK((both.lost == alone.lost || both.lost == alone.lost + 1));
    int seen = 0;
    count(either_loss{uniform_loss{one_million},
                      [&](passing_frame const&, random_generator&) {
                          ++seen;
                          return false;
                      }},
          10, 1);
    CHECK(seen == 10);
}

TEST_CASE("a path loses what the user's own function says", "[weather][loss]") {
    testing::path_rig rig(weather{.loss = [](passing_frame const& frame, random_generator&) {
        return frame.octets.size() == 100 && frame.number > 1;
    }});
    for (int i = 0; i < 6; ++i) {
        rig.send(instant{i}, i % 2 == 0 ? 100 : 101); // numbers 0, 2, 4 are of 100 octets
    }
    auto const came = rig.rest();
    REQUIRE(came.size() == 4);
    CHECK(came[1].number == 1);
    CHECK(came[2].number == 3);
    CHECK(rig.path.statistics().lost == 2);
    CHECK(rig.conserves());
}
