// The door: every length is checked, every shorter input is refused with the reason, nothing behind the end is read.
#include "made_up_headers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <plywire/base/random.hpp>
#include <plywire/describe/print.hpp>

#include <array>
#include <string>
#include <vector>

using namespace plywire;

namespace {

std::vector<std::byte> outer_octets(std::size_t words, std::size_t octets, std::size_t present) {
    std::vector<std::byte> result(present);
    auto const head =
        std::array{std::byte{0x5a}, static_cast<std::byte>(words << 4), static_cast<std::byte>(octets), std::byte{77}};
    copy(result, head);
    return result;
}

std::string printed(parse_error const& error) {
    return std::string(text_of<200>([&](text_writer& to) { print(to, error); }).view());
}

} // namespace

TEST_CASE("every input shorter than the fixed part is refused with what is needed and what is there", "[describe]") {
    std::array<std::byte, 13> octets{};
    for (std::size_t present = 0; present < octets.size(); ++present) {
        // A vector of just that size, so that a sanitizer sees a read behind it.
        std::vector<std::byte> const shorter(present);
        CHECK(parse<odd::header>(shorter, 34) == std::unexpected(parse_error{"odd", 34, 13, present}));
    }
    CHECK(parse<odd::header>(octets));
}

TEST_CASE("a header's own length and the packet's are checked for every value and every size", "[describe]") {
    for (std::size_t words = 0; words < 16; ++words) {
        for (std::size_t octets = 0; octets < 48; ++octets) {
            for (std::size_t present = 4; present < 48; ++present) {
                auto const input = outer_octets(words, octets, present);
                auto const result = parse<outer::header>(input);
                INFO(words << " words, " << octets << " octets, " << present << " there");
                if (words * 2 < 4) {
                    REQUIRE(result ==
                            std::unexpected(parse_error{"outer", 0, 4, words * 2, parse_problem::bad_length, "words"}));
                } else if (words * 2 > present) {
                    REQUIRE(result == std::unexpected(parse_error{"outer", 0, words * 2, present,
                                                                  parse_problem::truncated, "words"}));
                } else if (octets < words * 2) {
                    REQUIRE(result == std::unexpected(parse_error{"outer", 0, words * 2, octets,
                                                                  parse_problem::bad_length, "octets"}));
                } else if (octets > present) {
                    REQUIRE(result == std::unexpected(parse_error{"outer", 0, octets, present, parse_problem::truncated,
                                                                  "octets"}));
                } else {
                    REQUIRE(result);
                    REQUIRE(result->octets().size() == words * 2);
                    REQUIRE(result->options().size() == words * 2 - 4);
                    REQUIRE(result->payload().size() == octets - words * 2);
                    REQUIRE(result->payload().data() == input.data() + words * 2);
                    REQUIRE(result->packet().size() == octets);
                }
            }
        }
    }
}

TEST_CASE("a field with one legal value refuses all others", "[describe]") {
    auto octets = outer_octets(2, 4, 4);
    CHECK(parse<outer::header>(octets));
    octets[0] = std::byte{0x5b};
    CHECK(parse<outer::header>(octets) ==
          std::unexpected(parse_error{"outer", 0, 0x5a, 0x5b, parse_problem::bad_value, "magic"}));
}

TEST_CASE("a mutable view writes one field and no other", "[describe]") {
    random_generator random(2);
    std::array<std::byte, 13> octets{};
    for (auto& octet : octets) {
        octet = static_cast<std::byte>(random.below(256));
    }
    auto const before = octets;
    auto const header = *parse_mutable<odd::header>(octets);
    header.set(odd::nine = 0x155, odd::flag = true);
    view<odd::header> const after = header;
    CHECK(after[odd::nine] == 0x155);
    CHECK(after[odd::flag]);
    auto const old = *parse<odd::header>(before);
    CHECK(after[odd::three] == old[odd::three]);
    CHECK(after[odd::eleven] == old[odd::eleven]);
    CHECK(after[odd::fifty] == old[odd::fifty]);
    CHECK(after[odd::shade] == old[odd::shade]);
    CHECK(after[odd::address] == old[odd::address]);
}

TEST_CASE("a chain follows the headers, reports offsets from the start, and refuses another cargo", "[describe]") {
    auto octets = to_bytes(outer::header() / outer::tail<6>() / odd::header(odd::nine = 300) / payload("rest"));
    auto const both = parse<outer::header, odd::header>(octets);
    REQUIRE(both);
    CHECK((*both)[odd::nine] == 300);
    CHECK((*both)[outer::next] == 77);
    CHECK(both->get<outer::header>().options().size() == 6);
    CHECK(both->payload().size() == 4);

    octets[2] = std::byte{12}; // the outer header now leaves two octets to the inner one
    CHECK(parse<outer::header, odd::header>(octets).error() == parse_error{"odd", 10, 13, 2});
    octets[3] = std::byte{78};
    CHECK(parse<outer::header, odd::header>(octets).error() ==
          parse_error{"outer", 0, 77, 78, parse_problem::other_cargo, "next"});
}

TEST_CASE("an error reads as a sentence", "[describe]") {
    CHECK(printed({"UDP", 34, 8, 3}) == "UDP at offset 34: needs 8 octets, 3 are there");
    CHECK(printed({"IPv4", 14, 20, 16, parse_problem::bad_length, "header_length"}) ==
          "IPv4 at offset 14: header_length says 16 octets, the header takes 20");
    CHECK(printed({"IPv4", 14, 4, 6, parse_problem::bad_value, "version"}) == "IPv4 at offset 14: version is 6, not 4");
}
