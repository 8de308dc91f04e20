#include <plywire/bytes/span.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <vector>

using namespace plywire;

TEST_CASE("a text and its octets are the same memory", "[bytes][span]") {
    std::string_view const words = "GET /";
    auto const octets = bytes_of(words);
    CHECK(octets.size() == 5);
    CHECK(octets[4] == std::byte{'/'});
    CHECK(text_of_bytes(octets).data() == words.data());
}

TEST_CASE("copy stops where the room ends", "[bytes][span]") {
    auto const from = hex<"01 02 03 04">();
    std::vector<std::byte> to(3);
    CHECK(copy(to, from) == 3);
    CHECK(to.back() == std::byte{3});
    CHECK(copy(to, bytes_view(from).first(1)) == 1);
    CHECK(copy(to, bytes_view()) == 0);
    CHECK(copy(mutable_bytes(), from) == 0);
}

TEST_CASE("copy moves overlapping octets in both directions", "[bytes][span]") {
    for (std::size_t to = 0; to < 8; ++to) {
        for (std::size_t from = 0; from < 8; ++from) {
            std::vector<std::byte> octets(16);
            for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::byte>(i);
            auto const before = octets;
            copy(mutable_bytes(octets).subspan(to), bytes_view(octets).subspan(from, 8));
            CHECK(std::ranges::equal(bytes_view(octets).subspan(to, 8), bytes_view(before).subspan(from, 8)));
        }
    }
}
