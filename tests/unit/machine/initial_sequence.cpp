#include <plywire/machine/initial_sequence.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace plywire;

namespace {

// The key of the SipHash paper: octets 00 to 0f.
constexpr siphash_key paper_key{0x0706050403020100, 0x0f0e0d0c0b0a0908};

} // namespace

TEST_CASE("the initial sequence number is a clock plus a keyed hash", "[tcp][9293-SHLD-1]") {
    tcp::initial_sequence_generator const generate(paper_key);
    instant const one_hour{hours(1).nanoseconds};
    // Local 10.0.0.1 port 1000, remote 10.0.0.2 port 80.
    CHECK(generate(0x0a000001, 1000, 0x0a000002, 80, one_hour).value() == 0xcf7675c7);
}

TEST_CASE("the clock steps every 4 microseconds", "[tcp][9293-MUST-8]") {
    tcp::initial_sequence_generator const generate(paper_key);
    auto const at = [&](duration since_start) { return generate(1, 2, 3, 4, instant{since_start.nanoseconds}); };
    CHECK(at(microseconds(4)) - at(microseconds(3)) == 1);
    CHECK(at(seconds(1)) - at(seconds(0)) == 250'000);
    // It goes round after 2^32 steps: 4.77 hours.
    CHECK(at(microseconds(4) * (std::int64_t{1} << 32)) == at(seconds(0)));
}

TEST_CASE("whoever does not have the key or the same addresses learns nothing", "[tcp][9293-MUST-9]") {
    tcp::initial_sequence_generator const generate(paper_key);
    tcp::initial_sequence_generator const other(siphash_key{1, 2});
    instant const now{};
    auto const base = generate(1, 2, 3, 4, now);
    CHECK(other(1, 2, 3, 4, now) != base);
    CHECK(generate(9, 2, 3, 4, now) != base);
    CHECK(generate(1, 9, 3, 4, now) != base);
    CHECK(generate(1, 2, 9, 4, now) != base);
    CHECK(generate(1, 2, 3, 9, now) != base);
    CHECK(generate(1, 2, 3, 4, now) == base);
}
