// Octets that somebody else owns, and octets written as hexadecimal digits.
#pragma once

#include <plywire/base/fixed_string.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace plywire {

using bytes_view = std::span<std::byte const>;
using mutable_bytes = std::span<std::byte>;

namespace detail {

template <class T>
inline constexpr bool is_span = false;
template <class T, std::size_t Extent>
inline constexpr bool is_span<std::span<T, Extent>> = true;

// An owner of octets that is about to go away.
template <class T>
concept temporary_owner = !std::is_lvalue_reference_v<T> && !is_span<std::remove_cv_t<T>>;

constexpr bool is_white_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// The value of a hexadecimal digit, or -1.
constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

struct hex_census {
    std::size_t digits = 0;
    bool legal = true;
};

constexpr hex_census count_hex(std::string_view characters) {
    hex_census census = {};
    for (char const c : characters) {
        if (is_white_space(c)) continue;
        if (hex_digit(c) < 0) census.legal = false;
        ++census.digits;
    }
    return census;
}

} // namespace detail

// Octets from their digits, two each, white space ignored: hex<"4500 0054">() is a std::array<std::byte, 4>.
template <fixed_string Digits>
consteval auto hex() {
    constexpr auto census = detail::count_hex(Digits.view());
    static_assert(census.legal, "plywire: hex<> takes hexadecimal digits and white space only");
    static_assert(census.digits % 2 == 0, "plywire: hex<> takes two digits for each octet; one is missing");
    std::array<std::byte, census.digits / 2> octets = {};
    std::size_t position = 0;
    for (char const c : Digits.view()) {
        if (detail::is_white_space(c)) continue;
        auto& octet = octets[position / 2];
        octet = (octet << 4) | std::byte(detail::hex_digit(c));
        ++position;
    }
    return octets;
}

// The octets of a text; valid as long as the text.
inline bytes_view bytes_of(std::string_view characters) {
    return std::as_bytes(std::span<char const>(characters.data(), characters.size()));
}

// The characters of octets; valid as long as the octets.
inline std::string_view text_of_bytes(bytes_view octets) {
    return std::string_view(reinterpret_cast<char const*>(octets.data()), octets.size());
}

// Copies as much of `from` as `to` has room for to the front of `to`; answers the number of octets. The two may
// overlap.
constexpr std::size_t copy(mutable_bytes to, bytes_view from) {
    std::size_t const count = from.size() < to.size() ? from.size() : to.size();
    if (count == 0) return 0;
    if consteval {
        // Which of two unrelated pointers comes first cannot be asked here, so the octets are put aside.
        auto* const aside = new std::byte[count]();
        for (std::size_t i = 0; i < count; ++i) aside[i] = from[i];
        for (std::size_t i = 0; i < count; ++i) to[i] = aside[i];
        delete[] aside;
    } else {
        std::memmove(to.data(), from.data(), count);
    }
    return count;
}

} // namespace plywire
