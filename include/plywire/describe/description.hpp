// A header described once, as the list of its fields in the order of the RFC's picture.
//
//     struct header : description<"UDP", source_port, destination_port, length, checksum> {
//         using description::description;
//     };
//
// Everything else derives from that list: offsets, the view, the value below, the builder, the printer. Nobody writes
// an offset or a mask.
#pragma once

#include <plywire/base/fixed_string.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/coding.hpp>
#include <plywire/describe/field.hpp>

#include <boost/hana/tuple.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace plywire {

namespace detail {

template <class... Fields>
consteval bool have_distinct_names() {
    constexpr std::string_view names[] = {Fields::full_name..., {}};
    for (std::size_t i = 0; i < sizeof...(Fields); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (names[i] == names[j]) return false;
        }
    }
    return true;
}

} // namespace detail

// The layout of a header and, as an object, a value of it: its octets with every field at its default or as assigned.
// Derive from it and inherit its constructor. `Fields` are `field` objects; their widths must add up to whole octets.
template <fixed_string Name, auto... Fields>
class description {
public:
    // The name that error messages and printed packets use.
    static constexpr std::string_view name = Name.view();
    // The fields in order, for those who walk over them.
    static constexpr boost::hana::tuple<std::remove_cvref_t<decltype(Fields)>...> fields{};
    static constexpr std::size_t field_count = sizeof...(Fields);
    // Octets of the header without options.
    static constexpr std::size_t size = (std::size_t{0} + ... + std::remove_cvref_t<decltype(Fields)>::bits) / 8;

    static_assert((std::size_t{0} + ... + std::remove_cvref_t<decltype(Fields)>::bits) % 8 == 0,
                  "plywire: the fields of a header must add up to whole octets");
    static_assert(detail::have_distinct_names<std::remove_cvref_t<decltype(Fields)>...>(),
                  "plywire: two fields of a header have the same name");
    static_assert(field_count <= 64, "plywire: a description has at most 64 fields");

    // Where `Field` stands in the list; `field_count` if it is not there.
    template <class Field>
    static constexpr std::size_t index_of = [] {
        constexpr bool matches[] = {std::is_same_v<std::remove_cvref_t<decltype(Fields)>, Field>..., true};
        std::size_t index = 0;
        while (!matches[index]) {
            ++index;
        }
        return index;
    }();

    // Whether `Field` belongs to this header.
    template <class Field>
    static constexpr bool has = index_of<Field> < field_count;

    // Bits from the start of the header to `Field`.
    template <class Field>
    static constexpr std::size_t bit_offset_of = [] {
        constexpr bool belongs_here = has<Field>;
        static_assert(belongs_here, "plywire: this field belongs to another header");
        constexpr std::size_t widths[] = {std::remove_cvref_t<decltype(Fields)>::bits..., 0};
        std::size_t offset = 0;
        for (std::size_t i = 0; i < index_of<Field>; ++i) {
            offset += widths[i];
        }
        return offset;
    }();

    // A header of defaults.
    constexpr description() { (set_default(Fields), ...); }

    // A header with the assigned fields set, the others at their defaults: `header(source_port = 53, ...)`.
    template <class... Assigned>
        requires(sizeof...(Assigned) > 0)
    constexpr explicit description(assignment<Assigned>... assignments)
        : description() {
        (set(assignments), ...);
    }

    // The value of a field.
    template <header_field Field>
    constexpr typename Field::value_type operator[](Field) const {
        return detail::read_field<Field, bit_offset_of<Field>>(octets_.data());
    }

    // Sets a field; from now on `to_bytes` leaves it as it is, even if it has a rule for it.
    template <class Field>
    constexpr void set(assignment<Field> to) {
        detail::write_field<Field, bit_offset_of<Field>>(octets_.data(), to.value);
        assigned_ |= std::uint64_t{1} << index_of<Field>;
    }

    // Whether the field was set by name, so that no rule may overwrite it.
    template <header_field Field>
    constexpr bool is_assigned(Field) const {
        return (assigned_ >> index_of<Field> & 1) != 0;
    }

    // The octets as they stand; lengths, numbers and checksums that a rule fills in are still at their defaults.
    constexpr std::array<std::byte, size> const& octets() const { return octets_; }

    friend constexpr bool operator==(description const& a, description const& b) { return a.octets_ == b.octets_; }

private:
    template <class Field>
    constexpr void set_default(Field) {
        if constexpr (requires { Field::traits::default_value; }) {
            detail::write_field<Field, bit_offset_of<Field>>(
                octets_.data(), static_cast<typename Field::value_type>(Field::traits::default_value));
        }
    }

    std::array<std::byte, size> octets_{};
    std::uint64_t assigned_ = 0; // one bit a field, in order
};

namespace detail {

template <fixed_string Name, auto... Fields>
std::true_type derives_from_description(description<Name, Fields...> const*);
std::false_type derives_from_description(void const*);

} // namespace detail

// A type that derives from `description<...>`.
template <class T>
concept described_header = decltype(detail::derives_from_description(static_cast<T*>(nullptr)))::value;

namespace detail {

// The field of `Header` for which `Matches<Field>` holds, as a `type_identity`; `type_identity<void>` if none does.
template <template <class> class Matches, fixed_string Name, auto... Fields>
consteval auto find_field(description<Name, Fields...> const*) {
    constexpr std::size_t found = [] {
        constexpr bool matches[] = {Matches<std::remove_cvref_t<decltype(Fields)>>::value..., true};
        std::size_t index = 0;
        while (!matches[index]) {
            ++index;
        }
        return index;
    }();
    if constexpr (found == sizeof...(Fields)) {
        return std::type_identity<void>{};
    } else {
        return std::type_identity<
            std::remove_cvref_t<decltype(boost::hana::at_c<found>(description<Name, Fields...>::fields))>>{};
    }
}

template <class Field>
using is_header_counter = std::bool_constant<requires { Field::traits::header_unit_octets; }>;
template <class Field>
using is_packet_counter = std::bool_constant<requires { Field::traits::counts_packet_octets; }>;
template <class Field>
using is_next_protocol = std::bool_constant<requires { Field::traits::names_next_protocol; }>;
template <class Field>
using is_fragment_place = std::bool_constant<requires { Field::traits::places_fragment_of_cargo; }>;
template <class Field>
using is_checksum = std::bool_constant<requires { Field::traits::checksum_covers; }>;

template <class Header, template <class> class Matches>
using field_of = typename decltype(find_field<Matches>(static_cast<Header const*>(nullptr)))::type;

} // namespace detail

// The field of a header that counts its own octets (with options); `void` if the header is of fixed size.
template <described_header Header>
using header_counter_of = detail::field_of<Header, detail::is_header_counter>;
// The field that counts header and payload; `void` if there is none.
template <described_header Header>
using packet_counter_of = detail::field_of<Header, detail::is_packet_counter>;
// The field that names the next protocol; `void` if there is none.
template <described_header Header>
using next_protocol_of = detail::field_of<Header, detail::is_next_protocol>;
// The field that is 0 in the first fragment of a datagram only; `void` if packets are never fragments.
template <described_header Header>
using fragment_place_of = detail::field_of<Header, detail::is_fragment_place>;
// The field that holds the checksum; `void` if there is none.
template <described_header Header>
using checksum_of = detail::field_of<Header, detail::is_checksum>;

} // namespace plywire
