// The one door from octets to a view: every length is checked here once, and never again.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/describe/view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace plywire {

// What is wrong with octets that do not hold the header they should.
enum class parse_problem : std::uint8_t {
    truncated,   // fewer octets are there than the header, or a length in it, asks for
    bad_length,  // a length field says less than the header that holds it
    bad_value,   // a field that has one legal value (the IP version) has another
    other_cargo, // the header carries another protocol, or a later piece of it, than the one asked for
};

// Why octets could not be read as a header, and where.
struct parse_error {
    // The header's name, "UDP".
    std::string_view layer;
    // Octets from the start of the frame to this header.
    std::size_t offset = 0;
    // Octets that the header needs; for `bad_value` and `other_cargo` the value it should have.
    std::size_t needed = 0;
    // Octets that are there, or that a length field claims; for `bad_value` and `other_cargo` the value it has.
    std::size_t present = 0;
    parse_problem problem = parse_problem::truncated;
    // The field that decided, "total_length"; empty if the fixed part itself did not fit.
    std::string_view field = {};

    friend constexpr bool operator==(parse_error const&, parse_error const&) = default;
};

namespace detail {

template <class Field>
concept has_required_value = requires { Field::traits::required_value; };

// The first field that does not hold the one value it should have goes into `error`.
template <class Header, has_required_value Field>
constexpr bool holds_required_value(std::byte const* data, Field, parse_error& error) {
    auto const value = read_field<Field, Header::template bit_offset_of<Field>>(data);
    if (value == static_cast<typename Field::value_type>(Field::traits::required_value)) {
        return true;
    }
    error.needed = static_cast<std::size_t>(Field::traits::required_value);
    error.present = static_cast<std::size_t>(value);
    error.problem = parse_problem::bad_value;
    error.field = Field::name;
    return false;
}

// Where the fields of a description that have one legal value stand in its list.
template <auto... Fields>
inline constexpr auto places_of_required_values = [] {
    constexpr bool is_one[] = {has_required_value<std::remove_cvref_t<decltype(Fields)>>..., false};
    constexpr std::size_t count = (std::size_t{0} + ... + has_required_value<std::remove_cvref_t<decltype(Fields)>>);
    std::array<std::size_t, count> places{};
    for (std::size_t i = 0, found = 0; i < sizeof...(Fields); ++i) {
        if (is_one[i]) places[found++] = i;
    }
    return places;
}();

// Only those fields are walked over: a function for each of the others would be compiled for nothing.
template <class Header, fixed_string Name, auto... Fields>
constexpr bool holds_required_values(description<Name, Fields...> const*, std::byte const* data, parse_error& error) {
    using all = std::tuple<std::remove_cvref_t<decltype(Fields)>...>;
    constexpr auto places = places_of_required_values<Fields...>;
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return (holds_required_value<Header>(data, std::tuple_element_t<places[I], all>{}, error) && ...);
    }(std::make_index_sequence<places.size()>{});
}

// A view of the octets, of none when they do not hold a `Header`: then `error` says why, but for its layer and offset.
template <class View, class Header, class Octet>
constexpr View view_or_error(std::span<Octet> octets, parse_error& error) {
    auto const refused = [&](std::size_t needed, std::size_t present, parse_problem problem, std::string_view field) {
        error.needed = needed;
        error.present = present;
        error.problem = problem;
        error.field = field;
        return View(nullptr, 0, 0);
    };
    std::size_t const present = octets.size();
    if (present < Header::size) {
        return refused(Header::size, present, parse_problem::truncated, {});
    }
    if (!holds_required_values<Header>(static_cast<Header const*>(nullptr), octets.data(), error)) {
        return View(nullptr, 0, 0);
    }
    std::size_t header_octets = Header::size;
    if constexpr (using counter = header_counter_of<Header>; !std::is_void_v<counter>) {
        header_octets = std::size_t{counter::traits::header_unit_octets} *
                        read_field<counter, Header::template bit_offset_of<counter>>(octets.data());
        if (header_octets < Header::size) {
            return refused(Header::size, header_octets, parse_problem::bad_length, counter::name);
        }
        if (header_octets > present) {
            return refused(header_octets, present, parse_problem::truncated, counter::name);
        }
    }
    std::size_t packet_octets = present;
    if constexpr (using counter = packet_counter_of<Header>; std::is_void_v<counter>) {
        // A packet is at most 64 KiB and a super-segment a few times that; what lies beyond 4 GiB cannot belong to it.
        if (packet_octets > std::numeric_limits<std::uint32_t>::max()) {
            packet_octets = std::numeric_limits<std::uint32_t>::max();
        }
    } else {
        static_assert(counter::bits <= 32, "plywire: a packet's length has at most 32 bits");
        packet_octets = read_field<counter, Header::template bit_offset_of<counter>>(octets.data());
        if (packet_octets < header_octets) {
            return refused(header_octets, packet_octets, parse_problem::bad_length, counter::name);
        }
        if (packet_octets > present) {
            return refused(packet_octets, present, parse_problem::truncated, counter::name);
        }
    }
    return View(octets.data(), static_cast<std::uint32_t>(header_octets),
                static_cast<std::uint32_t>(packet_octets - header_octets));
}

template <class View, class Header, class Octet>
constexpr std::expected<View, parse_error> parse_as(std::span<Octet> octets, std::size_t offset) {
    parse_error error{Header::name, offset};
    View const found = view_or_error<View, Header>(octets, error);
    return found.octets().empty() ? std::unexpected(error) : std::expected<View, parse_error>(found);
}

} // namespace detail

// Reads the octets as a `Header`. Checks the fixed size, fields with one legal value, the header's own length field
// and the packet's; never reads beyond `octets`. `offset` is only reported in an error.
template <described_header Header>
constexpr std::expected<view<Header>, parse_error> parse(bytes_view octets, std::size_t offset = 0) {
    return detail::parse_as<view<Header>, Header>(octets, offset);
}

// The same, giving a view through which the header can be changed.
template <described_header Header>
constexpr std::expected<mutable_view<Header>, parse_error> parse_mutable(mutable_bytes octets, std::size_t offset = 0) {
    return detail::parse_as<mutable_view<Header>, Header>(octets, offset);
}

// The same for who drops what is wrong and asks no further, as layers do: a view without octets() then, of which nothing
// else may be asked.
template <described_header Header>
constexpr view<Header> view_if_sound(bytes_view octets) {
    parse_error unread;
    return detail::view_or_error<view<Header>, Header>(octets, unread);
}

// Octets that go away at the end of the statement are refused; the compiler's message quotes the parameter's name.
template <described_header Header, class TemporaryOutlivedByItsView>
    requires detail::temporary_owner<TemporaryOutlivedByItsView>
constexpr void parse(TemporaryOutlivedByItsView&&, std::size_t = 0) = delete;

template <described_header Header, class TemporaryOutlivedByItsView>
    requires detail::temporary_owner<TemporaryOutlivedByItsView>
constexpr void view_if_sound(TemporaryOutlivedByItsView&&) = delete;

} // namespace plywire
