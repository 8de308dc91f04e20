// What a field is, and what cannot be done with it.
#include <plywire/describe/parse_chain.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/udp.hpp>

#include <array>
#include <concepts>
#include <vector>

namespace {

using namespace plywire;

// A field is a key: it has a name and a type of its own, and no state.
static_assert(std::is_empty_v<decltype(udp::length)>);
static_assert(decltype(udp::source_port)::full_name == "udp.source_port");
static_assert(decltype(udp::source_port)::name == "source_port");
static_assert(!std::same_as<decltype(udp::checksum), decltype(tcp::checksum)>);

// The type that a reader gets: bool for a bit, else the smallest unsigned integer, or what the field says.
static_assert(std::same_as<decltype(tcp::syn)::value_type, bool>);
static_assert(std::same_as<decltype(tcp::data_offset)::value_type, std::uint8_t>);
static_assert(std::same_as<decltype(ipv4::fragment_offset)::value_type, std::uint16_t>);
static_assert(std::same_as<decltype(tcp::sequence_number)::value_type, std::uint32_t>);
static_assert(std::same_as<decltype(ipv4::source)::value_type, ipv4::address>);
static_assert(std::same_as<decltype(ethernet::source)::value_type, ethernet::address>);

template <class Field, class Value>
concept can_assign = requires(Field field, Value value) { field = value; };

static_assert(can_assign<decltype(ipv4::source) const, ipv4::address>);
static_assert(!can_assign<decltype(ipv4::source) const, std::uint32_t>);
static_assert(!can_assign<decltype(ipv4::source) const, ethernet::address>);
static_assert(!can_assign<decltype(udp::source_port) const, ipv4::address>);

// A view of octets that are about to go away cannot be had; of octets that stay, it can.
template <class Owner>
concept can_be_parsed = requires(Owner&& owner) { parse<udp::header>(static_cast<Owner&&>(owner)); };

static_assert(can_be_parsed<std::array<std::byte, 8>&>);
static_assert(can_be_parsed<std::array<std::byte, 8> const&>);
static_assert(can_be_parsed<std::vector<std::byte>&>);
static_assert(can_be_parsed<bytes_view>);
static_assert(can_be_parsed<mutable_bytes>);
static_assert(!can_be_parsed<std::array<std::byte, 8>>);
static_assert(!can_be_parsed<std::array<std::byte, 8> const>);
static_assert(!can_be_parsed<std::vector<std::byte>>);

template <class Owner>
concept can_be_parsed_in_a_chain =
    requires(Owner&& owner) { parse<ethernet::header, ipv4::header>(static_cast<Owner&&>(owner)); };

static_assert(can_be_parsed_in_a_chain<std::array<std::byte, 64>&>);
static_assert(!can_be_parsed_in_a_chain<std::array<std::byte, 64>>);

// Only a mutable view writes, and only mutable octets give one.
template <class View>
concept can_set = requires(View header) { header.set(udp::length = 8); };
template <class Owner>
concept can_be_parsed_mutable = requires(Owner owner) { parse_mutable<udp::header>(owner); };

static_assert(can_set<mutable_view<udp::header>>);
static_assert(!can_set<view<udp::header>>);
static_assert(can_be_parsed_mutable<mutable_bytes>);
static_assert(!can_be_parsed_mutable<bytes_view>);
static_assert(std::convertible_to<mutable_view<udp::header>, view<udp::header>>);
static_assert(!std::convertible_to<view<udp::header>, mutable_view<udp::header>>);

// A view is two words, so it travels in registers.
static_assert(sizeof(view<tcp::header>) == sizeof(void*) + 8);
static_assert(std::is_trivially_copyable_v<view<tcp::header>>);

} // namespace
