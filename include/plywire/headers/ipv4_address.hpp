// IPv4 addresses and prefixes: "10.9.0.2"_ipv4, "10.9.0.0/24"_ipv4_prefix.
#pragma once

#include <plywire/base/literal.hpp>
#include <plywire/base/text.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plywire::ipv4 {

// An IPv4 address (RFC 791 3.2). Default-constructed it is 0.0.0.0, "this host" (RFC 1122 3.2.1.3).
class address {
public:
    constexpr address() = default;
    constexpr address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
        : value_(std::uint32_t{a} << 24 | std::uint32_t{b} << 16 | std::uint32_t{c} << 8 | d) {}

    // From the address as a number: 10.0.0.1 is 0x0a000001 on every machine.
    static constexpr address from_value(std::uint32_t value) {
        address result;
        result.value_ = value;
        return result;
    }
    // Dotted decimal, four numbers of 0 to 255 without leading zeros (which some read as octal); nothing else.
    static constexpr std::optional<address> from_text(std::string_view text);

    constexpr std::uint32_t value() const { return value_; }

    constexpr bool is_unspecified() const { return value_ == 0; }
    // 127.0.0.0/8 (RFC 1122 3.2.1.3 g)
    constexpr bool is_loopback() const { return value_ >> 24 == 127; }
    // 224.0.0.0/4 (RFC 5771)
    constexpr bool is_multicast() const { return value_ >> 28 == 0xe; }
    // 255.255.255.255 (RFC 919)
    constexpr bool is_limited_broadcast() const { return value_ == 0xffffffff; }
    // 240.0.0.0/4 but for the limited broadcast: reserved, no host has it (RFC 1112 4)
    constexpr bool is_reserved() const { return value_ >> 28 == 0xf && !is_limited_broadcast(); }

    friend constexpr bool operator==(address, address) = default;
    friend constexpr auto operator<=>(address, address) = default;

private:
    std::uint32_t value_ = 0; // host order
};

// A network: an address and how many of its leading bits are the network's (RFC 4632 3.1). As an interface's address it
// says both who the host is and who its neighbours are.
struct prefix {
    ipv4::address address;
    // 0 to 32 bits
    std::uint8_t length = 32;

    // "10.9.0.2/24"
    static constexpr std::optional<prefix> from_text(std::string_view text);

    // The network's bits as ones; a length above 32 counts as 32.
    constexpr std::uint32_t mask() const {
        if (length == 0) return 0;
        return length >= 32 ? ~std::uint32_t{0} : ~std::uint32_t{0} << (32 - length);
    }
    constexpr bool contains(ipv4::address other) const { return ((address.value() ^ other.value()) & mask()) == 0; }
    // The address of all hosts in the network (RFC 919). A network of one or two addresses (RFC 3021) has none: then
    // the limited broadcast, 255.255.255.255.
    constexpr ipv4::address directed_broadcast() const {
        return length >= 31 ? ipv4::address::from_value(0xffffffff)
                            : ipv4::address::from_value(address.value() | ~mask());
    }

    friend constexpr bool operator==(prefix, prefix) = default;
};

namespace detail {

// A decimal number of at most `most`, without leading zeros, from the front of `text`, which moves behind it.
constexpr std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t most) {
    std::uint32_t value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
        ++digits;
        if (value > most) {
            return std::nullopt;
        }
    }
    if (digits == 0 || (digits > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    return value;
}

} // namespace detail

constexpr std::optional<address> address::from_text(std::string_view text) {
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (!text.starts_with('.')) {
                return std::nullopt;
            }
            text.remove_prefix(1);
        }
        auto const number = detail::take_number(text, 255);
        if (!number) {
            return std::nullopt;
        }
        value = value << 8 | *number;
    }
    if (!text.empty()) {
        return std::nullopt;
    }
    return from_value(value);
}

constexpr std::optional<prefix> prefix::from_text(std::string_view text) {
    std::size_t const slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    auto const address = ipv4::address::from_text(text.substr(0, slash));
    text.remove_prefix(slash + 1);
    auto const length = detail::take_number(text, 32);
    if (!address || !length || !text.empty()) {
        return std::nullopt;
    }
    return prefix{*address, static_cast<std::uint8_t>(*length)};
}

// Writes "10.9.0.2".
constexpr void print(text_writer& to, address a) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        to.decimal(a.value() >> shift & 0xff);
        if (shift > 0) {
            to.character('.');
        }
    }
}

// Writes "10.9.0.2/24".
constexpr void print(text_writer& to, prefix p) {
    print(to, p.address);
    to.character('/').decimal(p.length);
}

} // namespace plywire::ipv4

namespace plywire::literals {

// "10.9.0.2"_ipv4; anything that is no address does not compile.
consteval ipv4::address operator""_ipv4(char const* text, std::size_t size) {
    return plywire::detail::value_of_literal(ipv4::address::from_text({text, size}));
}

// "10.9.0.2/24"_ipv4_prefix
consteval ipv4::prefix operator""_ipv4_prefix(char const* text, std::size_t size) {
    return plywire::detail::value_of_literal(ipv4::prefix::from_text({text, size}));
}

} // namespace plywire::literals
