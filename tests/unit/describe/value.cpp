// Values: defaults, named assignment, and what stands in their octets.
#include "made_up_headers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <plywire/base/random.hpp>

using namespace plywire;

namespace {

// The bits of a field, taken one by one.
std::uint64_t bits_at(auto const& octets, std::size_t first, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t bit = first; bit < first + count; ++bit) {
        value = value << 1 | (std::to_integer<std::uint64_t>(octets[bit / 8]) >> (7 - bit % 8) & 1);
    }
    return value;
}

} // namespace

TEST_CASE("a value starts with every field at its default", "[describe]") {
    odd::header const value;
    CHECK(value[odd::three] == 0);
    CHECK(value[odd::eleven] == 1234);
    CHECK_FALSE(value[odd::flag]);
    CHECK(value[odd::shade] == odd::colour::green);
    CHECK(value[odd::address] == odd::triple{});
}

TEST_CASE("assigned fields of any width and position read back, and the others keep their values", "[describe]") {
    random_generator random(1);
    for (int round = 0; round < 2000; ++round) {
        auto const three = static_cast<std::uint8_t>(random.below(8));
        auto const eleven = static_cast<std::uint16_t>(random.below(1 << 11));
        bool const flag = random.below(2) == 1;
        auto const fifty = random.below(std::uint64_t{1} << 50);
        auto const nine = static_cast<std::uint16_t>(random.below(1 << 9));
        odd::header const value(odd::fifty = fifty, odd::three = three, odd::nine = nine, odd::eleven = eleven,
                                odd::flag = flag);
        REQUIRE(value[odd::three] == three);
        REQUIRE(value[odd::eleven] == eleven);
        REQUIRE(value[odd::flag] == flag);
        REQUIRE(value[odd::fifty] == fifty);
        REQUIRE(value[odd::nine] == nine);
        REQUIRE(value[odd::shade] == odd::colour::green);
        auto const octets = value.octets();
        REQUIRE(bits_at(octets, 0, 3) == three);
        REQUIRE(bits_at(octets, 3, 11) == eleven);
        REQUIRE(bits_at(octets, 14, 1) == (flag ? 1 : 0));
        REQUIRE(bits_at(octets, 15, 50) == fifty);
        REQUIRE(bits_at(octets, 65, 9) == nine);
        REQUIRE(bits_at(octets, 74, 6) == 2);
    }
}

TEST_CASE("a value too large for its field is reduced modulo its width and spoils no neighbour", "[describe]") {
    std::uint16_t large = 0xffff;
    odd::header const value(odd::nine = large);
    CHECK(value[odd::nine] == 0x1ff);
    CHECK(value[odd::fifty] == 0);
    CHECK(value[odd::shade] == odd::colour::green);
}

TEST_CASE("values are equal when all their fields are", "[describe]") {
    CHECK(odd::header(odd::three = 5) == odd::header(odd::three = 5));
    CHECK_FALSE(odd::header(odd::three = 5) == odd::header(odd::three = 4));
    CHECK(odd::header(odd::eleven = 1234) == odd::header());
}
