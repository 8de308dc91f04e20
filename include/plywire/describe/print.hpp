// A header as one line of text, by the names of its fields, as where it is built. A type of your own (typed<T>) that is
// neither a number nor an enumeration needs a function `print(text_writer&, T)` in its namespace.
//
//     UDP(source_port=53, destination_port=33000, length=20, checksum=0x1c46)
//
// Flags are named when they are set: `TCP(source_port=80, ..., ack, psh, window=512, ...)`.
#pragma once

#include <plywire/base/text.hpp>
#include <plywire/describe/parse_chain.hpp>

#include <boost/hana/for_each.hpp>

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace plywire {

namespace detail {

template <class Field>
constexpr void print_value(text_writer& to, typename Field::value_type const& value) {
    if constexpr (requires { print(to, value); }) {
        print(to, value);
    } else if constexpr (requires { Field::traits::prints_hexadecimal; }) {
        to.text("0x").hexadecimal(static_cast<std::uint64_t>(value), static_cast<int>((Field::bits + 3) / 4));
    } else {
        to.decimal(static_cast<std::uint64_t>(value));
    }
}

} // namespace detail

// Writes the fields of a header in order; a flag stands for itself and only when it is set.
template <class Header>
constexpr void print(text_writer& to, view<Header> const& header) {
    to.text(Header::name).character('(');
    bool first = true;
    boost::hana::for_each(Header::fields, [&](auto field) {
        using field_type = decltype(field);
        auto const value = header[field];
        constexpr bool is_flag = std::is_same_v<typename field_type::value_type, bool>;
        if constexpr (is_flag) {
            if (!value) {
                return;
            }
        }
        to.text(first ? "" : ", ").text(field_type::name);
        first = false;
        if constexpr (!is_flag) {
            to.character('=');
            detail::print_value<field_type>(to, value);
        }
    });
    to.character(')');
}

// The same for a value; lengths and checksums that `to_bytes` would fill in are shown as they stand.
template <described_header Header>
constexpr void print(text_writer& to, Header const& header) {
    print(to, view<Header>(header.octets().data(), Header::size, 0));
}

// Writes headers that lie one inside the other, as they would be composed: "Ethernet(...) / IPv4(...) / UDP(...)".
template <class Outermost, class... Headers>
constexpr void print(text_writer& to, view_chain<Outermost, Headers...> const& headers) {
    print(to, headers.template get<Outermost>());
    ((to.text(" / "), print(to, headers.template get<Headers>())), ...);
}

// Writes what is wrong, and where: "UDP at offset 34: needs 8 octets, 3 are there".
constexpr void print(text_writer& to, parse_error const& error) {
    to.text(error.layer).text(" at offset ").decimal(error.offset).text(": ");
    switch (error.problem) {
    case parse_problem::truncated:
        to.text("needs ").decimal(error.needed).text(" octets, ").decimal(error.present).text(" are there");
        break;
    case parse_problem::bad_length:
        to.text(error.field).text(" says ").decimal(error.present).text(" octets, the header takes ");
        to.decimal(error.needed);
        break;
    case parse_problem::bad_value:
    case parse_problem::other_cargo:
        to.text(error.field).text(" is ").decimal(error.present).text(", not ").decimal(error.needed);
        break;
    }
}

} // namespace plywire
