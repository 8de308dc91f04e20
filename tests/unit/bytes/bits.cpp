// Every width at every bit of an octet (and across two words) against a loop over single bits.
#include <plywire/base/random.hpp>
#include <plywire/bytes/bits.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <utility>
#include <vector>

using namespace plywire;

namespace {

using octets = std::vector<std::byte>;

bool bit(octets const& all, std::size_t position) {
    return ((std::to_integer<unsigned>(all[position / 8]) >> (7 - position % 8)) & 1) != 0;
}

std::uint64_t loaded_bit_by_bit(octets const& all, std::size_t offset, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 1 | (bit(all, offset + i) ? 1u : 0u);
    return value;
}

octets stored_bit_by_bit(octets all, std::size_t offset, std::size_t width, std::uint64_t value) {
    for (std::size_t i = 0; i < width; ++i) {
        auto& octet = all[(offset + i) / 8];
        auto const mask = std::byte{0x80} >> static_cast<int>((offset + i) % 8);
        octet = (value >> (width - 1 - i) & 1) != 0 ? octet | mask : octet & ~mask;
    }
    return all;
}

// One field; its two functions with the widest value in their signature.
struct field_at {
    std::size_t offset;
    std::size_t width;
    std::uint64_t (*load)(std::byte const*);
    void (*store)(std::byte*, std::uint64_t);
};

template <std::size_t Offset, std::size_t Width>
constexpr field_at field = {
    Offset, Width, [](std::byte const* p) -> std::uint64_t { return load_bits<Offset, Width>(p); },
    [](std::byte* p, std::uint64_t value) { store_bits<Offset, Width>(p, static_cast<uint_of_width<Width>>(value)); }};

template <std::size_t... Index>
constexpr std::array<field_at, sizeof...(Index)> fields_of(std::index_sequence<Index...>) {
    return {field<Index / 64, Index % 64 + 1>...};
}

} // namespace

TEST_CASE("fields of 1 to 64 bits at offsets 0 to 15 are read and written bit for bit", "[bytes][bits]") {
    auto numbers = random_generator(1);
    static constexpr auto fields = fields_of(std::make_index_sequence<std::size_t{16} * 64>());
    for (auto const& field : fields) {
        CAPTURE(field.offset, field.width);
        // Exactly the octets up to the field's last, on the heap: a sanitizer sees every step beyond.
        octets all((field.offset + field.width + 7) / 8);
        for (int round = 0; round < 8; ++round) {
            for (auto& octet : all) octet = static_cast<std::byte>(numbers.next());
            REQUIRE(field.load(all.data()) == loaded_bit_by_bit(all, field.offset, field.width));
            auto const value = numbers.next();
            auto const expected = stored_bit_by_bit(all, field.offset, field.width, value);
            field.store(all.data(), value);
            REQUIRE(all == expected);
        }
    }
}
