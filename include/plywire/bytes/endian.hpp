// Whole integers in network order (most significant octet first) and in little-endian order, at any address.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace plywire {

static_assert(std::endian::native == std::endian::big || std::endian::native == std::endian::little,
              "plywire: machines with mixed byte order are not supported");

namespace detail {

template <std::endian Order, std::unsigned_integral T>
constexpr T load(std::byte const* octets) {
    T value = 0;
    if consteval {
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            std::size_t const place = Order == std::endian::big ? sizeof(T) - 1 - i : i;
            value = static_cast<T>(value | std::to_integer<T>(octets[i]) << (8 * place));
        }
    } else {
        std::memcpy(&value, octets, sizeof(T));
        if constexpr (Order != std::endian::native) value = std::byteswap(value);
    }
    return value;
}

template <std::endian Order, std::unsigned_integral T>
constexpr void store(std::byte* octets, T value) {
    if consteval {
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            std::size_t const place = Order == std::endian::big ? sizeof(T) - 1 - i : i;
            octets[i] = static_cast<std::byte>(value >> (8 * place));
        }
    } else {
        if constexpr (Order != std::endian::native) value = std::byteswap(value);
        std::memcpy(octets, &value, sizeof(T));
    }
}

} // namespace detail

// The sizeof(T) octets at `octets`, most significant first. One load and one byte swap.
template <std::unsigned_integral T>
constexpr T load_big(std::byte const* octets) {
    return detail::load<std::endian::big, T>(octets);
}

template <std::unsigned_integral T>
constexpr void store_big(std::byte* octets, T value) {
    detail::store<std::endian::big, T>(octets, value);
}

// The sizeof(T) octets at `octets`, least significant first.
template <std::unsigned_integral T>
constexpr T load_little(std::byte const* octets) {
    return detail::load<std::endian::little, T>(octets);
}

template <std::unsigned_integral T>
constexpr void store_little(std::byte* octets, T value) {
    detail::store<std::endian::little, T>(octets, value);
}

} // namespace plywire
