#include <plywire/bytes/endian.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>

using namespace plywire;

TEMPLATE_TEST_CASE("integers of every size lie in both orders at every address", "[bytes][endian]", std::uint8_t,
                   std::uint16_t, std::uint32_t, std::uint64_t) {
    TestType value = 0;
    for (std::size_t i = 1; i <= sizeof(TestType); ++i)
        value = static_cast<TestType>(std::uint64_t{value} << 8 | i * 0x11);
    for (std::size_t address = 0; address < 8; ++address) {
        std::array<std::byte, 24> octets = {};
        store_big(octets.data() + address, value);
        for (std::size_t i = 0; i < sizeof(TestType); ++i) {
            CHECK(octets[address + i] == static_cast<std::byte>((i + 1) * 0x11));
        }
        CHECK(octets[address + sizeof(TestType)] == std::byte{0});
        CHECK(load_big<TestType>(octets.data() + address) == value);

        store_little(octets.data() + address, value);
        for (std::size_t i = 0; i < sizeof(TestType); ++i) {
            CHECK(octets[address + i] == static_cast<std::byte>((sizeof(TestType) - i) * 0x11));
        }
        CHECK(octets[address + sizeof(TestType)] == std::byte{0});
        CHECK(load_little<TestType>(octets.data() + address) == value);
    }
}
