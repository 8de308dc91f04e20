// TCP options: what is built is read again, and no octets make the reader stumble.
#include <catch2/catch_test_macros.hpp>

#include <plywire/base/random.hpp>
#include <plywire/describe/build.hpp>
#include <plywire/headers/tcp_options.hpp>

#include <vector>

using namespace plywire;

namespace {

// A segment of a header with just these octets of options, which are padded with zeros to a whole word.
std::vector<std::byte> segment_with(bytes_view options) {
    std::size_t const padded = (options.size() + 3) / 4 * 4;
    auto const words = static_cast<std::uint8_t>((tcp::header::size + padded) / 4);
    auto const header = to_bytes(tcp::header(tcp::data_offset = words));
    std::vector<std::byte> segment(header.begin(), header.end());
    for (std::byte const octet : options) segment.push_back(octet);
    segment.resize(tcp::header::size + padded);
    return segment;
}

tcp::received_options read(bytes_view options) {
    auto const segment = segment_with(options);
    return tcp::options_of(*parse<tcp::header>(segment));
}

} // namespace

TEST_CASE("the options that a SYN offers are read as they were built", "[tcp][9293-3.1][7323-2.2]") {
    constexpr auto syn = to_bytes(tcp::header(tcp::syn = true) / tcp::options(tcp::maximum_segment_size(1460),
                                                                              tcp::window_scale(7), tcp::sack_permitted,
                                                                              tcp::timestamps(0x01020304, 0xfffffffe)));
    auto const segment = *parse<tcp::header>(syn);
    CHECK(segment[tcp::data_offset] == 10); // 4 + 3 + 2 + 10 = 19 octets, padded to 20
    auto const options = tcp::options_of(segment);
    CHECK(options.maximum_segment_size == 1460);
    CHECK(options.window_scale == 7);
    CHECK(options.sack_permitted);
    REQUIRE(options.timestamps);
    CHECK(options.timestamps->value == 0x01020304);
    CHECK(options.timestamps->echo == 0xfffffffe);
    CHECK(options.sack_blocks.empty());
    CHECK_FALSE(options.malformed);
}

TEST_CASE("one to four SACK blocks are read as they were built", "[tcp][2018-3]") {
    constexpr tcp::sack_block a{1, 2}, b{3, 0x80000000}, c{5, 6}, d{0xfffffff0, 8};
    auto const check = [](auto const& option, std::vector<tcp::sack_block> const& expected) {
        auto const segment = to_bytes(tcp::header() / tcp::options(option));
        auto const found = tcp::options_of(*parse<tcp::header>(segment)).sack_blocks;
        CHECK(std::vector(found.begin(), found.end()) == expected);
    };
    check(tcp::sack(a), {a});
    check(tcp::sack(a, b), {a, b});
    check(tcp::sack(a, b, c), {a, b, c});
    check(tcp::sack(a, b, c, d), {a, b, c, d});
}

TEST_CASE("no-operations separate options and the end of the list hides what follows", "[tcp][9293-MUST-4]") {
    auto const options = read(hex<"01 01 02 04 05b4 01 00 03 03 07">());
    CHECK(options.maximum_segment_size == 1460);
    CHECK_FALSE(options.window_scale);
    CHECK_FALSE(options.malformed);
}

TEST_CASE("an unknown option is passed over by its length", "[tcp][9293-MUST-6]") {
    auto const options = read(hex<"fe 06 01020304 03 03 09">());
    CHECK(options.window_scale == 9);
    CHECK_FALSE(options.malformed);
}

TEST_CASE("an impossible length ends the list and is reported", "[tcp][9293-MUST-7]") {
    CHECK(read(hex<"03 03 02 02 00 05b4 00">()).malformed);
    CHECK(read(hex<"03 03 02 02 00 05b4 00">()).window_scale == 2);
    CHECK(read(hex<"02 01 05b4">()).malformed);
    CHECK(read(hex<"01 01 01 02">()).malformed);
    CHECK(read(hex<"02 05 05b4">()).malformed);
    CHECK(read(hex<"08 0a 0000">()).malformed);
}

TEST_CASE("a known option of another length is passed over", "[tcp]") {
    auto const options = read(hex<"02 03 05 03 04 0102 04 03 00 05 09 00000001000000 08 03 01">());
    CHECK_FALSE(options.maximum_segment_size);
    CHECK_FALSE(options.window_scale);
    CHECK_FALSE(options.sack_permitted);
    CHECK(options.sack_blocks.empty());
    CHECK_FALSE(options.timestamps);
    CHECK_FALSE(options.malformed);
}

TEST_CASE("random octets are read to their end and never beyond", "[tcp][9293-MUST-7]") {
    random_generator random(9293);
    for (int round = 0; round < 20000; ++round) {
        std::vector<std::byte> options(random.below(11) * 4);
        for (auto& octet : options) {
            // Mostly small numbers: those are the kinds and lengths that mean something.
            octet = static_cast<std::byte>(random.below(4) == 0 ? random.below(256) : random.below(12));
        }
        std::size_t octets = 0;
        for (auto const option : option_list(options)) {
            REQUIRE(option.octets.size() >= 2);
            octets += option.octets.size();
        }
        REQUIRE(octets <= options.size());
        read(options);
    }
}
