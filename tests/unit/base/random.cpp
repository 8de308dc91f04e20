#include <plywire/base/random.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>

using namespace plywire;

// Recomputed with an independent program from the authors' published recurrences (prng.di.unimi.it, public domain).
TEST_CASE("xoshiro256** seeded by splitmix64 gives the known sequence", "[base][random]") {
    auto numbers = random_generator(0);
    CHECK(numbers.next() == 0x99ec5f36cb75f2b4);
    CHECK(numbers.next() == 0xbf6e1f784956452a);
    CHECK(numbers.next() == 0x1a5f849d4933e6e0);
    CHECK(numbers.next() == 0x6aa594f1262d2d2c);
}

TEST_CASE("numbers below a bound reach all of it, evenly", "[base][random]") {
    auto numbers = random_generator(7);
    std::array<int, 6> seen = {};
    for (int i = 0; i < 60'000; ++i) {
        auto const number = numbers.below(6);
        REQUIRE(number < 6);
        ++seen[number];
    }
    for (int const count : seen) {
        CHECK(count > 9'500);
        CHECK(count < 10'500);
    }
}

TEST_CASE("a bound near 2^64 is kept", "[base][random]") {
    auto numbers = random_generator(8);
    std::uint64_t const bound = (std::uint64_t{1} << 63) + 1;
    for (int i = 0; i < 1'000; ++i) REQUIRE(numbers.below(bound) < bound);
}

TEST_CASE("a bound that does not divide 2^64 favours nobody", "[base][random]") {
    auto numbers = random_generator(9);
    std::uint64_t const quarter = std::uint64_t{1} << 62;
    int low = 0;
    for (int i = 0; i < 30'000; ++i) low += numbers.below(3 * quarter) < quarter ? 1 : 0;
    CHECK(low > 9'500); // a plain remainder would give 15000
    CHECK(low < 10'500);
}
