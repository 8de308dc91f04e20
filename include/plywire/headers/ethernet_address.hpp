// Ethernet (MAC) addresses: "02:00:00:00:00:01"_mac.
#pragma once

#include <plywire/base/literal.hpp>
#include <plywire/base/text.hpp>
#include <plywire/bytes/endian.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plywire::ethernet {

// A 48-bit address (IEEE 802-2014, 8), in the order in which its octets are sent.
struct address {
    std::array<std::byte, 6> octets{};

    // Six pairs of hexadecimal digits with colons (or hyphens) between them.
    static constexpr std::optional<address> from_text(std::string_view text);

    // To a group of stations; the broadcast is one of these.
    constexpr bool is_multicast() const { return (octets[0] & std::byte{1}) != std::byte{0}; }
    constexpr bool is_broadcast() const {
        for (std::byte const octet : octets) {
            if (octet != std::byte{0xff}) {
                return false;
            }
        }
        return true;
    }
    constexpr bool is_unspecified() const { return *this == address{}; }

    friend constexpr bool operator==(address const& a, address const& b) {
        // One comparison of 32 bits and one of 16; of an array's own operator compilers make a loop.
        return load_little<std::uint32_t>(a.octets.data()) == load_little<std::uint32_t>(b.octets.data()) &&
               load_little<std::uint16_t>(a.octets.data() + 4) == load_little<std::uint16_t>(b.octets.data() + 4);
    }
};

// To every station of the network.
inline constexpr address broadcast{
    {std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}}};

constexpr std::optional<address> address::from_text(std::string_view text) {
    auto const digit = [](char c) -> int {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        char const lower = static_cast<char>(c | 0x20);
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    };
    if (text.size() != 17) {
        return std::nullopt;
    }
    address result;
    for (std::size_t i = 0; i < 6; ++i) {
        int const high = digit(text[3 * i]);
        int const low = digit(text[3 * i + 1]);
        bool const separated = i == 5 || text[3 * i + 2] == ':' || text[3 * i + 2] == '-';
        if (high < 0 || low < 0 || !separated) {
            return std::nullopt;
        }
        result.octets[i] = static_cast<std::byte>(high << 4 | low);
    }
    return result;
}

// Writes "02:00:00:00:00:01".
constexpr void print(text_writer& to, address const& a) {
    for (std::size_t i = 0; i < a.octets.size(); ++i) {
        if (i > 0) {
            to.character(':');
        }
        to.hexadecimal(std::to_integer<std::uint64_t>(a.octets[i]), 2);
    }
}

} // namespace plywire::ethernet

namespace plywire::literals {

// "02:00:00:00:00:01"_mac; anything that is no address does not compile.
consteval ethernet::address operator""_mac(char const* text, std::size_t size) {
    return plywire::detail::value_of_literal(ethernet::address::from_text({text, size}));
}

} // namespace plywire::literals
