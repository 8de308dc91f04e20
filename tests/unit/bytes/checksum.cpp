// The fast sum against one that adds octet by octet.
#include <plywire/base/random.hpp>
#include <plywire/bytes/checksum.hpp>

#include "support/effort.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <vector>

using namespace plywire;

namespace {

std::uint16_t sum_octet_by_octet(bytes_view octets) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        sum += std::to_integer<std::uint32_t>(octets[i]) << (i % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}

std::uint16_t sum_of(bytes_view octets) {
    internet_sum sum;
    sum.add(octets);
    return sum.folded();
}

// Random octets, with runs of ff and 00 in them: those are where carries are lost.
std::vector<std::byte> octets_with_runs(std::size_t size, std::uint64_t seed) {
    auto numbers = random_generator(seed);
    std::vector<std::byte> octets(size);
    for (std::size_t i = 0; i < size;) {
        auto const kind = numbers.below(3);
        for (auto run = numbers.below(24) + 1; run > 0 && i < size; --run, ++i) {
            octets[i] = kind == 0 ? std::byte{0xff} : kind == 1 ? std::byte{0} : static_cast<std::byte>(numbers.next());
        }
    }
    return octets;
}

} // namespace

TEST_CASE("octets of every length at every address have the sum of the naive loop", "[bytes][checksum][1071-1]") {
    auto const octets = octets_with_runs(512, 1);
    for (std::size_t address = 0; address <= 8; ++address) {
        for (std::size_t length = 0; length <= 300; ++length) {
            auto const piece = bytes_view(octets).subspan(address, length);
            REQUIRE(sum_of(piece) == sum_octet_by_octet(piece));
        }
    }
}

TEST_CASE("octets that are all ff, all 00, and large ones", "[bytes][checksum][1071-1]") {
    for (std::size_t const length : {1u, 2u, 7u, 8u, 31u, 64u, 100u, 65'535u}) {
        CAPTURE(length);
        CHECK(sum_of(std::vector<std::byte>(length)) == 0);
        auto const ones = std::vector<std::byte>(length, std::byte{0xff});
        CHECK(sum_of(ones) == sum_octet_by_octet(ones));
        auto const mixed = octets_with_runs(length, length);
        CHECK(sum_of(mixed) == sum_octet_by_octet(mixed));
    }
}

TEST_CASE("copying sums what adding sums, at every length and both addresses", "[bytes][checksum]") {
    auto const octets = octets_with_runs(512, 2);
    for (std::size_t from = 0; from <= 8; ++from) {
        for (std::size_t to = 0; to <= 8; to += testing::stride(3)) {
            for (std::size_t length = 0; length <= 300; length += testing::stride(7)) {
                auto const piece = bytes_view(octets).subspan(from, length);
                std::vector<std::byte> room(length + 16, std::byte{0x5a});
                internet_sum sum;
                REQUIRE(sum.copy(mutable_bytes(room).subspan(to, length), piece) == length);
                REQUIRE(sum.folded() == sum_of(piece));
                REQUIRE(std::ranges::equal(bytes_view(room).subspan(to, length), piece));
                REQUIRE(std::ranges::count(bytes_view(room).first(to), std::byte{0x5a}) == std::ptrdiff_t(to));
                REQUIRE(std::ranges::count(bytes_view(room).subspan(to + length), std::byte{0x5a}) ==
                        std::ptrdiff_t(16 - to));
            }
        }
    }
}

TEST_CASE("copying stops where the room ends, and sums only that", "[bytes][checksum]") {
    auto const octets = octets_with_runs(40, 3);
    std::vector<std::byte> room(33);
    internet_sum sum;
    CHECK(sum.copy(room, octets) == 33);
    CHECK(sum.folded() == sum_octet_by_octet(room));
}

TEST_CASE("octets in three pieces, split anywhere, have the sum of the whole", "[bytes][checksum][1071-2.]") {
    auto const octets = octets_with_runs(70, 4);
    auto const whole = sum_octet_by_octet(octets);
    std::vector<std::byte> room(octets.size());
    for (std::size_t first = 0; first <= octets.size(); ++first) {
        for (std::size_t second = first; second <= octets.size(); ++second) {
            auto const view = bytes_view(octets);
            internet_sum sum;
            sum.add(view.first(first));
            sum.copy(room, view.subspan(first, second - first));
            sum.add(view.subspan(second));
            REQUIRE(sum.folded() == whole);
        }
    }
}

TEST_CASE("a word is added like its two octets, behind an odd number of octets too", "[bytes][checksum]") {
    internet_sum with_words;
    internet_sum with_octets;
    for (auto const& octet : {hex<"ab">(), hex<"ff">(), hex<"01">()}) {
        with_words.add(octet);
        with_words.add_word(0x1234);
        with_words.add_word32(0xfedcba98);
        with_octets.add(octet);
        with_octets.add(hex<"1234 fedcba98">());
        CHECK(with_words.folded() == with_octets.folded());
    }
}

TEST_CASE("octets followed by their checksum sum to ffff", "[bytes][checksum][1071-1]") {
    auto octets = octets_with_runs(64, 5);
    octets.resize(66);
    store_big(octets.data() + 64, internet_checksum(bytes_view(octets).first(64)));
    CHECK(sum_of(octets) == 0xffff);
    CHECK(internet_checksum(octets) == 0);
}

TEST_CASE("an updated checksum is the checksum of the changed octets", "[bytes][checksum][1624-3.]") {
    auto numbers = random_generator(6);
    for (int round = 0; round < 20'000; ++round) {
        auto octets = octets_with_runs(20, numbers.next());
        octets[0] = std::byte{0x45}; // as in a header, not everything is zero
        auto const at = 2 + 2 * numbers.below(9);
        auto const before = internet_checksum(octets);
        auto const old_word = load_big<std::uint16_t>(octets.data() + at);
        auto const new_word =
            static_cast<std::uint16_t>(numbers.below(4) == 0 ? 0xffff * numbers.below(2) : numbers.next());
        store_big(octets.data() + at, new_word);
        REQUIRE(update_checksum(before, old_word, new_word) == internet_checksum(octets));
    }
}
