// One field of a header: its full name, its width in bits, and what it means.
//
//     inline constexpr field<"udp.length", 16, counts_packet> length;
//
// The name makes the type unique, so a header can be indexed by its own fields only; its part behind the dot is what is
// printed. What follows the width are traits: the type a reader gets, a default, or the rule by which `to_bytes`
// fills the field in.
#pragma once

#include <plywire/base/fixed_string.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace plywire {

// Trait: reading the field gives a `T` (an address, an enumeration) instead of an unsigned integer.
// `T` is an enumeration, or has `static T from_value(unsigned)` and `value()`, or has a public `octets` array.
template <class T>
struct typed {
    using type = T;
};

// Trait: a value of the header starts with this field set to `Value`.
template <auto Value>
struct defaults_to {
    static constexpr auto default_value = Value;
};

// Trait: a header in which this field holds anything else is not of this protocol; `parse` refuses it.
template <auto Value>
struct must_be : defaults_to<Value> {
    static constexpr auto required_value = Value;
};

// Trait: the field counts the octets of the header with its options, in units of `UnitOctets`.
template <std::size_t UnitOctets>
struct counts_header {
    static constexpr std::size_t header_unit_octets = UnitOctets;
};

// Trait: the field counts the octets of the header and everything behind it; what lies further is padding.
struct counts_packet {
    static constexpr bool counts_packet_octets = true;
};

// Trait: the field holds the number of the protocol that follows (see carries.hpp).
struct names_next {
    static constexpr bool names_next_protocol = true;
};

// Trait: the field says which part of its datagram a packet carries. Only the first part, number 0, begins with the header
// that `names_next` tells of.
struct places_fragment {
    static constexpr bool places_fragment_of_cargo = true;
};

// What an Internet checksum (RFC 1071) is the sum of.
enum class covers {
    header,                           // the header with its options (IPv4)
    packet,                           // the header and all behind it (ICMP)
    packet_and_pseudo_header,         // that, and a pseudo-header made from the carrier's addresses (TCP)
    packet_and_pseudo_header_or_none, // the same, where a sum of 0 is sent as 0xffff because 0 says "no checksum" (UDP)
};

// Trait: the field holds an Internet checksum over `Covered`.
template <covers Covered>
struct checksums {
    static constexpr covers checksum_covers = Covered;
};

// Trait: print the field in hexadecimal.
struct in_hexadecimal {
    static constexpr bool prints_hexadecimal = true;
};

namespace detail {

template <std::size_t Bits>
consteval auto unsigned_of_width() {
    static_assert(Bits <= 64, "plywire: a field wider than 64 bits needs a type with an octets array: typed<T>");
    if constexpr (Bits == 1) {
        return bool{};
    } else if constexpr (Bits <= 8) {
        return std::uint8_t{};
    } else if constexpr (Bits <= 16) {
        return std::uint16_t{};
    } else if constexpr (Bits <= 32) {
        return std::uint32_t{};
    } else {
        return std::uint64_t{};
    }
}

template <std::size_t Bits, class Field>
consteval auto value_of_field() {
    if constexpr (requires { typename Field::type; }) {
        return std::type_identity<typename Field::type>{};
    } else {
        return std::type_identity<decltype(unsigned_of_width<Bits>())>{};
    }
}

template <class... Traits>
struct all_traits : Traits... {};

} // namespace detail

// A field together with the value it shall take: what `udp::source_port = 53` gives.
template <class Field>
struct assignment {
    using field_type = Field;
    typename Field::value_type value;
};

// A named run of `Bits` bits of a header, in network order. An empty value: it is used as a key.
// `Name` is "protocol.field", `Traits` are the structs above.
template <fixed_string Name, std::size_t Bits, class... Traits>
struct field {
    static_assert(Bits > 0, "plywire: a field is at least one bit wide");

    // The traits, for the code that derives something from a description.
    using traits = detail::all_traits<Traits...>;
    // What reading the field gives: `bool` for one bit, else the smallest unsigned integer, or what `typed` says.
    using value_type = typename decltype(detail::value_of_field<Bits, traits>())::type;

    // "udp.source_port"
    static constexpr std::string_view full_name = Name.view();
    // "source_port"
    static constexpr std::string_view name = full_name.substr(full_name.rfind('.') + 1);
    static constexpr std::size_t bits = Bits;

    // Names the value of this field where a header is built: `udp::header(udp::source_port = 53)`.
    constexpr assignment<field> operator=(value_type value) const { return {value}; }
};

template <class T>
inline constexpr bool is_field = false;
template <fixed_string Name, std::size_t Bits, class... Traits>
inline constexpr bool is_field<field<Name, Bits, Traits...>> = true;

// Any `field<...>`.
template <class T>
concept header_field = is_field<std::remove_cvref_t<T>>;

} // namespace plywire
