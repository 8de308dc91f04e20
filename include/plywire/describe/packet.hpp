// Headers laid upon each other: `ethernet::header(...) / ipv4::header(...) / udp::header(...) / payload("hello")`.
//
// A packet is a value: the plies in order, nothing filled in yet. build.hpp turns it into octets.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/describe/description.hpp>

#include <boost/hana/tuple.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace plywire {

// Octets that a packet owns; their number is part of the type, so `to_bytes` can give an array.
template <std::size_t Octets>
struct owned_payload {
    static constexpr std::size_t size = Octets;
    std::array<std::byte, Octets> data{};

    constexpr bytes_view octets() const { return data; }
};

// Octets that lie elsewhere and must live until the packet is written.
struct borrowed_payload {
    bytes_view data;

    constexpr bytes_view octets() const { return data; }
};

// What follows the fixed part of a `Header` and belongs to it, such as TCP options; made by that header's functions.
template <class Header, std::size_t Octets>
struct header_tail {
    static constexpr std::size_t size = Octets;
    std::array<std::byte, Octets> data{};

    constexpr bytes_view octets() const { return data; }
};

// A payload of text, without the terminating zero.
template <std::size_t N>
constexpr owned_payload<N - 1> payload(char const (&text)[N]) {
    owned_payload<N - 1> result;
    for (std::size_t i = 0; i + 1 < N; ++i) {
        result.data[i] = static_cast<std::byte>(text[i]);
    }
    return result;
}

// A payload of octets known by number.
template <std::size_t N>
constexpr owned_payload<N> payload(std::array<std::byte, N> const& octets) {
    return {octets};
}

// A payload that is not copied until the packet is written.
constexpr borrowed_payload payload(bytes_view octets) { return {octets}; }

// Octets that go away before the packet is written are refused; the compiler's message quotes the parameter's name.
template <class TemporaryOutlivedByItsPacket>
    requires detail::temporary_owner<TemporaryOutlivedByItsPacket> &&
                 std::constructible_from<bytes_view, TemporaryOutlivedByItsPacket&>
constexpr void payload(TemporaryOutlivedByItsPacket&&) = delete;

// A temporary array is kept in the packet.
template <std::size_t N>
constexpr owned_payload<N> payload(std::array<std::byte, N>&& octets) {
    return {octets};
}

namespace detail {

template <class T>
inline constexpr bool is_raw_ply = false;
template <std::size_t Octets>
inline constexpr bool is_raw_ply<owned_payload<Octets>> = true;
template <>
inline constexpr bool is_raw_ply<borrowed_payload> = true;
template <class Header, std::size_t Octets>
inline constexpr bool is_raw_ply<header_tail<Header, Octets>> = true;

} // namespace detail

// Anything that can be a layer of a packet: the value of a header, the tail of one, or a payload.
template <class T>
concept ply = described_header<T> || detail::is_raw_ply<T>;

// Plies in the order in which they are sent.
template <ply... Plies>
struct packet {
    boost::hana::tuple<Plies...> plies;
};

// Lays one ply upon another.
template <ply Outer, ply Inner>
constexpr packet<Outer, Inner> operator/(Outer const& outer, Inner const& inner) {
    return {{outer, inner}};
}

// Lays one more ply upon a packet.
template <ply... Plies, ply Inner>
constexpr packet<Plies..., Inner> operator/(packet<Plies...> const& outer, Inner const& inner) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return packet<Plies..., Inner>{{boost::hana::at_c<I>(outer.plies)..., inner}};
    }(std::index_sequence_for<Plies...>{});
}

} // namespace plywire
