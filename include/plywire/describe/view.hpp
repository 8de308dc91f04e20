// A header where it lies: reading a field loads its octets from the packet, and nothing is copied.
//
// A view comes from `parse`, which has checked every length; the accessors trust that check. It points into the
// caller's octets and is valid as long as they are. Views are cheap to copy and may be read from many threads.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/describe/description.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace plywire {

namespace detail {

// What both kinds of view share. `Octet` is `std::byte const` or `std::byte`.
template <class Header, class Octet>
class basic_view {
public:
    using header_type = Header;

    // Trusts the caller: `header_octets` >= Header::size, and that many plus `payload_octets` lie behind `data`.
    // Everybody but `parse` wants `parse`.
    constexpr basic_view(Octet* data, std::uint32_t header_octets, std::uint32_t payload_octets)
        : data_(data)
        , header_octets_(header_octets)
        , payload_octets_(payload_octets) {}

    // The value of a field.
    template <header_field Field>
    constexpr typename Field::value_type operator[](Field) const {
        constexpr bool belongs_here = Header::template has<Field>;
        static_assert(belongs_here, "plywire: this field belongs to another header");
        if constexpr (belongs_here) return read_field<Field, Header::template bit_offset_of<Field>>(data_);
    }

    // The header with its options.
    constexpr std::span<Octet> octets() const { return {data_, header_octets_}; }
    // What lies between the described fields and the payload; empty for a header of fixed size.
    constexpr std::span<Octet> options() const { return {data_ + Header::size, header_octets_ - Header::size}; }
    // What the header carries; where a field counts the octets of the packet, without the padding behind them.
    constexpr std::span<Octet> payload() const { return {data_ + header_octets_, payload_octets_}; }
    // Header and payload together.
    constexpr std::span<Octet> packet() const { return {data_, std::size_t{header_octets_} + payload_octets_}; }

protected:
    Octet* data_;
    std::uint32_t header_octets_;
    std::uint32_t payload_octets_;
};

} // namespace detail

// Reads a `Header` in place.
template <described_header Header>
class view : public detail::basic_view<Header, std::byte const> {
public:
    using detail::basic_view<Header, std::byte const>::basic_view;
};

// Reads and writes a `Header` in place. Writing a field changes that field alone: lengths and checksums are the
// caller's business (see update_checksum in bytes/checksum.hpp for RFC 1624).
template <described_header Header>
class mutable_view : public detail::basic_view<Header, std::byte> {
public:
    using detail::basic_view<Header, std::byte>::basic_view;

    // Sets fields by name: `segment.set(tcp::window = 512, tcp::psh = true)`.
    template <class... Fields>
    constexpr void set(assignment<Fields>... assignments) const {
        (detail::write_field<Fields, Header::template bit_offset_of<Fields>>(this->data_, assignments.value), ...);
    }

    // The same octets, to be read only.
    constexpr operator view<Header>() const { return {this->data_, this->header_octets_, this->payload_octets_}; }
};

} // namespace plywire
