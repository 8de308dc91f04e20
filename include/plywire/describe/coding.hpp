// How the value of a field stands in octets: the one place where a typed value meets its bits.
#pragma once

#include <plywire/bytes/bits.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/field.hpp>

#include <cstddef>
#include <type_traits>

namespace plywire::detail {

// A type that is its own octets (a hardware address, an IPv6 address).
template <class T>
concept coded_as_octets = requires(T value) { value.octets.data(); };

// A type made from, and giving back, an unsigned integer (an IPv4 address).
template <class T>
concept coded_as_integer = requires(T value) { T::from_value(value.value()); };

// Reads a field that begins `BitOffset` bits behind `header`.
template <class Field, std::size_t BitOffset>
constexpr typename Field::value_type read_field(std::byte const* header) {
    using value_type = typename Field::value_type;
    if constexpr (coded_as_octets<value_type>) {
        static_assert(BitOffset % 8 == 0 && Field::bits == 8 * sizeof(value_type::octets),
                      "plywire: a field of whole octets must begin on an octet and be as wide as its type");
        value_type value{};
        copy(value.octets, bytes_view(header + BitOffset / 8, sizeof value.octets));
        return value;
    } else {
        auto const raw = load_bits<BitOffset, Field::bits>(header);
        if constexpr (coded_as_integer<value_type>) {
            return value_type::from_value(raw);
        } else {
            return static_cast<value_type>(raw);
        }
    }
}

// Not constexpr on purpose: a constant that does not fit its field stops the compiler here.
inline void the_value_does_not_fit_its_field() {}

// Writes a field that begins `BitOffset` bits behind `header`. A value too large for the field, but not
// for the field's type, is refused in a constant expression and reduced modulo 2^bits at run time.
template <class Field, std::size_t BitOffset>
constexpr void write_field(std::byte* header, typename Field::value_type value) {
    using value_type = typename Field::value_type;
    if constexpr (coded_as_octets<value_type>) {
        copy(mutable_bytes(header + BitOffset / 8, sizeof value.octets), value.octets);
    } else {
        using raw_type = decltype(load_bits<BitOffset, Field::bits>(header));
        raw_type raw{};
        if constexpr (coded_as_integer<value_type>) {
            raw = value.value();
        } else {
            raw = static_cast<raw_type>(value);
        }
        if consteval {
            if (Field::bits < 8 * sizeof(raw_type) && (raw >> (Field::bits % (8 * sizeof(raw_type)))) != 0) {
                the_value_does_not_fit_its_field();
            }
        }
        store_bits<BitOffset, Field::bits>(header, raw);
    }
}

} // namespace plywire::detail
