// The options of a segment that is sent, in the order and with the padding that common kernels use.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/machine/control_block.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp::detail {

// Octets behind one another in a slot that is known to have room for them.
class octet_writer {
public:
    explicit constexpr octet_writer(mutable_bytes room)
        : room_(room) {}
    constexpr void put(bytes_view octets) {
        plywire::copy(room_, octets);
        room_ = room_.subspan(octets.size());
    }
    constexpr void padding() { put(std::array{std::byte{option_kind_no_operation}}); }

private:
    mutable_bytes room_;
};

// Whether a SYN of this connection carries an option: in SYN-SENT everything is offered, later only what the peer has
// offered as well (RFC 7323 sections 1.3 and 2.2, RFC 2018 section 2).
template <class P>
constexpr bool offers(control_block<P> const& c, bool ours, bool agreed) {
    return c.now_in == state::syn_sent ? ours : agreed;
}

// Octets of options in a SYN or SYN,ACK; a multiple of 4.
template <class P>
constexpr std::uint32_t synchronize_options_size(control_block<P> const& c) {
    std::uint32_t size = 4;
    if (offers(c, P::timestamps::offered, c.stamps.get().on())) {
        size += 12;
    } else if (offers(c, P::selective_acknowledgments, c.sack_permitted)) {
        size += 4;
    }
    if (offers(c, P::window_scaling, c.scaling)) size += 4;
    return size;
}

template <class P>
constexpr void write_synchronize_options(control_block<P> const& c, mutable_bytes room, instant now) {
    octet_writer to(room);
    to.put(maximum_segment_size(c.segment_limit).octets()); // RFC 9293 MUST-14
    bool const sack_too = offers(c, P::selective_acknowledgments, c.sack_permitted);
    if (offers(c, P::timestamps::offered, c.stamps.get().on())) {
        // SACK-permitted is as long as the padding in front of timestamps.
        if (sack_too) {
            to.put(sack_permitted.octets());
        } else {
            to.padding();
            to.padding();
        }
        // TSecr is 0 where there is nothing to echo (RFC 7323 section 3.2).
        to.put(timestamps(c.stamps.get().clock(now), c.stamps.get().recent()).octets());
    } else if (sack_too) {
        to.padding();
        to.padding();
        to.put(sack_permitted.octets());
    }
    if (offers(c, P::window_scaling, c.scaling)) {
        to.padding();
        to.put(window_scale(c.receive.shift).octets());
    }
}

// How many SACK blocks fit and are known: four, or three beside timestamps (RFC 2018 section 3).
template <class P>
constexpr std::size_t sack_blocks_to_send(control_block<P> const& c) {
    if constexpr (!P::selective_acknowledgments) return 0;
    if (!c.sack_permitted) return 0;
    return std::min<std::size_t>(c.beyond.ranges().size(), c.stamps.get().on() ? 3 : 4);
}

// Octets of options in every other segment; a multiple of 4.
template <class P>
constexpr std::uint32_t options_size(control_block<P> const& c) {
    auto const blocks = static_cast<std::uint32_t>(sack_blocks_to_send(c));
    return (c.stamps.get().on() ? timestamps_octets : 0u) + (blocks == 0 ? 0u : 4u + 8u * blocks);
}

template <class P>
constexpr void write_options(control_block<P> const& c, mutable_bytes room, instant now) {
    octet_writer to(room);
    if (c.stamps.get().on()) {
        to.padding();
        to.padding();
        to.put(timestamps(c.stamps.get().clock(now), c.stamps.get().recent()).octets());
    }
    std::size_t const blocks = sack_blocks_to_send(c);
    if (blocks == 0) return;
    to.padding();
    to.padding();
    to.put(std::array{std::byte{sack_kind}, static_cast<std::byte>(2 + 8 * blocks)});
    for (std::size_t i = 0; i < blocks; ++i) {
        auto const& range = c.beyond.ranges()[i];
        described_sack_block const block(sack_left_edge = range.first.value(), sack_right_edge = range.last.value());
        to.put(block.octets());
    }
}

} // namespace plywire::tcp::detail
