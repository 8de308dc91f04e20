#include <plywire/base/random.hpp>
#include <plywire/base/text.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cinttypes>
#include <cstdio>
#include <string>

using namespace plywire;

TEST_CASE("numbers are written as printf writes them", "[base][text]") {
    auto numbers = random_generator(3);
    for (int i = 0; i < 2'000; ++i) {
        std::uint64_t const value = numbers.next() >> numbers.below(64);
        int const digits = static_cast<int>(numbers.below(17));
        char expected[128] = {};
        std::snprintf(expected, sizeof expected, "%0*" PRIu64 " %0*" PRIx64, digits, value, digits, value);
        CHECK(text_of<64>([&](text_writer& out) {
                  out.decimal(value, digits).character(' ').hexadecimal(value, digits);
              }).view() == expected);
    }
}

TEST_CASE("the largest and the smallest number", "[base][text]") {
    CHECK(text_of<20>([](text_writer& out) { out.decimal(~std::uint64_t{0}); }) == "18446744073709551615");
    CHECK(text_of<20>([](text_writer& out) { out.decimal(0).hexadecimal(0); }) == "00");
}

TEST_CASE("what does not fit is dropped, and the writer says so", "[base][text]") {
    std::string const whole = "abcdef";
    for (std::size_t room = 0; room <= whole.size(); ++room) {
        std::string characters(room, '?');
        auto writer = text_writer(characters);
        writer.text(whole);
        CHECK(writer.view() == whole.substr(0, room));
        CHECK(writer.truncated() == (room < whole.size()));
    }
}
