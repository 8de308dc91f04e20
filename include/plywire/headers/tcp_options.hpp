// The options of TCP that a connection negotiates and uses: maximum segment size (RFC 9293 3.7.1), window scale and
// timestamps (RFC 7323), selective acknowledgment (RFC 2018).
#pragma once

#include <plywire/base/static_vector.hpp>
#include <plywire/bytes/endian.hpp>
#include <plywire/describe/options.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace plywire::tcp {

// The data offset counts at most 15 words, five of which are the header (RFC 9293 3.1).
inline constexpr std::size_t options_octets_max = 40;
// More blocks do not fit beside the kind and the length (RFC 2018 3).
inline constexpr std::size_t sack_blocks_max = 4;

inline constexpr field<"tcp.mss", 16> mss;                         // octets of payload
inline constexpr field<"tcp.window_shift", 8> window_shift;        // bits, 0 to 14
inline constexpr field<"tcp.timestamp_value", 32> timestamp_value; // the sender's clock
inline constexpr field<"tcp.timestamp_echo", 32> timestamp_echo;   // the receiver's clock, sent back
inline constexpr field<"tcp.sack_left_edge", 32> sack_left_edge;   // first octet of a received run
inline constexpr field<"tcp.sack_right_edge", 32> sack_right_edge; // first octet behind it

// The most payload that the sender can receive in one segment; in a SYN only.
struct maximum_segment_size : option<"TCP maximum segment size", 2, mss> {
    using option::option;
};
// The shift that the sender applies to its window from the SYN on; in a SYN only.
struct window_scale : option<"TCP window scale", 3, window_shift> {
    using option::option;
};
// The sender understands selective acknowledgments; in a SYN only.
struct sack_permitted_option : option<"TCP SACK permitted", 4> {
    using option::option;
};
inline constexpr sack_permitted_option sack_permitted;
// The sender's clock and the last one heard from the receiver.
struct timestamps : option<"TCP timestamps", 8, timestamp_value, timestamp_echo> {
    using option::option;
};

// A run of octets that has arrived, as sequence numbers: [left, right).
struct sack_block {
    std::uint32_t left = 0;
    std::uint32_t right = 0;

    friend constexpr bool operator==(sack_block, sack_block) = default;
};

inline constexpr std::uint8_t sack_kind = 5;
// How long the sender waits for acknowledgments (RFC 5482 3): two octets of value, minutes if the highest bit is set.
inline constexpr std::uint8_t user_timeout_kind = 28;
// Asks for a cookie when it is empty, else shows or gives one (RFC 7413 4.1.1); in a SYN only.
inline constexpr std::uint8_t fast_open_kind = 34;
inline constexpr std::size_t fast_open_cookie_octets_min = 4;
inline constexpr std::size_t fast_open_cookie_octets_max = 16;

namespace detail {
struct described_sack_block : description<"TCP SACK block", sack_left_edge, sack_right_edge> {
    using description::description;
};
} // namespace detail

// Selective acknowledgment of one to four blocks.
template <std::size_t Blocks>
    requires(Blocks >= 1 && Blocks <= sack_blocks_max)
class sack {
public:
    static constexpr std::size_t size = 2 + Blocks * detail::described_sack_block::size;

    template <class... Block>
    constexpr explicit sack(Block... blocks)
        : blocks_{blocks...} {}

    constexpr std::array<std::byte, size> octets() const {
        std::array<std::byte, size> result{std::byte{sack_kind}, std::byte{size}};
        std::size_t at = 2;
        for (sack_block const block : blocks_) {
            detail::described_sack_block const described(sack_left_edge = block.left, sack_right_edge = block.right);
            for (std::byte const octet : described.octets()) {
                result[at++] = octet;
            }
        }
        return result;
    }

private:
    std::array<sack_block, Blocks> blocks_;
};
template <class... Block>
sack(Block...) -> sack<sizeof...(Block)>;

// Options for a segment: `tcp::header(...) / tcp::options(tcp::maximum_segment_size(1460), tcp::sack_permitted)`.
template <class... Options>
constexpr auto options(Options const&... list) {
    static_assert((std::size_t{0} + ... + Options::size) <= options_octets_max,
                  "plywire: the options of a TCP segment have room for 40 octets");
    return make_options<header>(list...);
}

// What the options of a segment say. Kinds that are not known here are passed over (RFC 9293 MUST-6).
struct received_options {
    struct timestamp_pair {
        std::uint32_t value = 0;
        std::uint32_t echo = 0;
    };

    std::optional<std::uint16_t> maximum_segment_size; // octets
    std::optional<std::uint8_t> window_scale;          // bits as sent; RFC 7323 2.3 caps what is used at 14
    std::optional<timestamp_pair> timestamps;
    bool sack_permitted = false;
    std::uint16_t user_timeout = 0; // RFC 5482 3.3: the granularity bit and the value; 0, which is reserved, for none
    static_vector<sack_block, sack_blocks_max> sack_blocks;
    std::optional<bytes_view> fast_open; // the cookie, where it stands in the segment; empty when one is asked for
    // An option's length was impossible; those in front of it are above.
    bool malformed = false;
};

namespace detail {

// Its kind is known already; then its length is all that can be wrong.
template <class Option>
constexpr bool has_length_of(option_view const& found) {
    return found.octets.size() == Option::size;
}

template <class Header>
constexpr view<Header> view_as(bytes_view octets) {
    return {octets.data(), Header::size, 0};
}

} // namespace detail

// Reads the options of a segment. An option of a known kind with another length than its own is passed over.
constexpr received_options options_of(view<header> const& segment) {
    received_options result;
    option_list const list(segment.options());
    auto at = list.begin();
    for (; at != list.end(); ++at) {
        auto const option = *at;
        switch (option.kind) {
        case maximum_segment_size::kind:
            if (detail::has_length_of<maximum_segment_size>(option)) {
                result.maximum_segment_size = detail::view_as<maximum_segment_size>(option.octets)[mss];
            }
            break;
        case window_scale::kind:
            if (detail::has_length_of<window_scale>(option)) {
                result.window_scale = detail::view_as<window_scale>(option.octets)[window_shift];
            }
            break;
        case sack_permitted_option::kind:
            result.sack_permitted = result.sack_permitted || detail::has_length_of<sack_permitted_option>(option);
            break;
        case sack_kind: {
            using detail::described_sack_block;
            auto blocks = option.value();
            if (blocks.size() % described_sack_block::size != 0) break;
            for (; !blocks.empty(); blocks = blocks.subspan(described_sack_block::size)) {
                auto const block = detail::view_as<described_sack_block>(blocks);
                result.sack_blocks.push_back({block[sack_left_edge], block[sack_right_edge]});
            }
            break;
        }
        case timestamps::kind:
            if (detail::has_length_of<timestamps>(option)) {
                auto const stamps = detail::view_as<timestamps>(option.octets);
                result.timestamps = {stamps[timestamp_value], stamps[timestamp_echo]};
            }
            break;
        case user_timeout_kind:
            if (option.value().size() == 2) result.user_timeout = load_big<std::uint16_t>(option.value().data());
            break;
        case fast_open_kind: {
            auto const cookie = option.value();
            bool const possible = cookie.size() >= fast_open_cookie_octets_min &&
                                  cookie.size() <= fast_open_cookie_octets_max && cookie.size() % 2 == 0;
            if (cookie.empty() || possible) result.fast_open = cookie;
            break;
        }
        default: break;
        }
    }
    result.malformed = at.stopped_at_nonsense();
    return result;
}

} // namespace plywire::tcp
