// Building: what is filled in, what is left alone, and what cannot be written.
#include "made_up_headers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string_view>
#include <vector>

using namespace plywire;

TEST_CASE("lengths and the next protocol's number are filled in", "[describe]") {
    constexpr auto octets =
        to_bytes(outer::header(outer::spare = 9) / outer::tail<2>() / odd::header() / payload("abc"));
    static_assert(octets.size() == 4 + 2 + 13 + 3);
    auto const header = *parse<outer::header>(octets);
    CHECK(header[outer::magic] == 0x5a);
    CHECK(header[outer::words] == 3);
    CHECK(header[outer::spare] == 9);
    CHECK(header[outer::octets] == octets.size());
    CHECK(header[outer::next] == 77);
    CHECK(header.options()[0] == std::byte{0xee});
}

TEST_CASE("a field that was assigned is left as it is, right or wrong", "[describe]") {
    auto const octets = to_bytes(
        outer::header(outer::octets = 3, outer::next = 1, outer::words = 15, outer::magic = 0) / odd::header());
    CHECK(octets[0] == std::byte{0});
    CHECK(octets[1] == std::byte{0xf0});
    CHECK(octets[2] == std::byte{3});
    CHECK(octets[3] == std::byte{1});
}

TEST_CASE("a payload that lies elsewhere is written into a span", "[describe]") {
    std::vector<std::byte> const cargo(100, std::byte{7});
    auto const source = outer::header() / payload(bytes_view(cargo));
    CHECK(size_of(source) == 104);
    std::array<std::byte, 200> room{};
    REQUIRE(write(source, room) == 104);
    CHECK(room[2] == std::byte{104});
    CHECK(room[4] == std::byte{7});
    CHECK(room[103] == std::byte{7});
    CHECK(room[104] == std::byte{0});
}

TEST_CASE("room too small by any number of octets is an error and nothing is written", "[describe]") {
    auto const source = outer::header() / odd::header();
    for (std::size_t room = 0; room < 17; ++room) {
        std::vector<std::byte> to(room);
        CHECK(write(source, to) == std::unexpected(build_error{{}, 17, room}));
        CHECK(to == std::vector<std::byte>(room));
    }
}

TEST_CASE("a packet longer than its length field can say is refused", "[describe]") {
    std::vector<std::byte> const cargo(252);
    std::vector<std::byte> room(1000);
    CHECK(write(outer::header() / payload(bytes_view(cargo)), room) == std::unexpected(build_error{"outer", 256, 255}));
    CHECK(write(outer::header() / payload(bytes_view(cargo).first(251)), room) == 255);
    CHECK(write(outer::header() / outer::tail<28>(), room) == std::unexpected(build_error{"outer", 32, 30}));
    // Said by name, a wrong length is what the caller wants.
    CHECK(write(outer::header(outer::octets = 9) / payload(bytes_view(cargo)), room) == 256);
}

TEST_CASE("a packet can be laid out ahead and payload added behind", "[describe]") {
    constexpr auto head = outer::header() / outer::tail<4>();
    constexpr auto octets = to_bytes(head / payload("hello"));
    CHECK(text_of_bytes(parse<outer::header>(octets)->payload()) == "hello");
}
