#include <plywire/machine/sequence.hpp>

#include <catch2/catch_test_macros.hpp>

using plywire::tcp::after;
using plywire::tcp::before;
using plywire::tcp::between;
using plywire::tcp::octets_between;
using plywire::tcp::sequence;

TEST_CASE("order goes round at 2^32", "[tcp][9293-3.4]") {
    for (std::uint32_t const start : {0u, 1u, 0x7fff'ffffu, 0x8000'0000u, 0xffff'fffeu, 0xffff'ffffu}) {
        sequence const a(start);
        for (std::uint32_t const ahead : {1u, 2u, 65535u, 0x3fff'ffffu, 0x7fff'ffffu}) {
            sequence const b = a + ahead;
            CHECK(before(a, b));
            CHECK(after(b, a));
            CHECK(!before(b, a));
            CHECK(!after(a, b));
            CHECK(octets_between(a, b) == ahead);
            CHECK(octets_between(b, a) == 0);
            CHECK(b - a == static_cast<std::int32_t>(ahead));
            CHECK(later(a, b) == b);
            CHECK(later(b, a) == b);
            CHECK(between(a, a, b));
            CHECK(between(a, b, b));
            CHECK(between(a, a + 1, b));
            CHECK(!between(a, b + 1, b));
            CHECK(!between(a, a - 1, b));
        }
        CHECK(!before(a, a));
        CHECK(!after(a, a));
    }
}
