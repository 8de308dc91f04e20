// The options of a segment that is sent; those of a SYN as the policy options_layout says.
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
    [[gnu::noinline]] constexpr void put(bytes_view octets) {
        plywire::copy(room_, octets);
        room_ = room_.subspan(octets.size());
    }
    constexpr void padding(std::uint8_t kind = option_kind_no_operation) { put(std::array{std::byte{kind}}); }
    // The end of the room is at a multiple of 4: goes on to the place that is that far from one.
    constexpr void pad_to(std::uint32_t remainder, std::uint8_t kind) {
        while ((0u - room_.size() - remainder) % 4 != 0) padding(kind);
    }

private:
    mutable_bytes room_;
};

// Whether a SYN of this connection carries an option: in SYN-SENT everything is offered, later only what the peer has
// offered as well (RFC 7323 sections 1.3 and 2.2, RFC 2018 section 2).
template <class P>
constexpr bool offers(control_block<P> const& c, bool ours, bool agreed) {
    return c.now_in == state::syn_sent ? ours : agreed;
}

template <class P>
constexpr bool offers(control_block<P> const& c, synchronize_option option) {
    switch (option) {
    case synchronize_option::sack: return offers(c, P::selective_acknowledgments, c.sack_permitted);
    case synchronize_option::stamps: return offers(c, P::timestamps::offered, c.stamps.get().on());
    case synchronize_option::scale: return offers(c, P::window_scaling, c.scaling);
    }
    return false;
}

constexpr std::uint32_t octets_of(synchronize_option option) {
    switch (option) {
    case synchronize_option::sack: return 2;
    case synchronize_option::stamps: return 10;
    case synchronize_option::scale: return 3;
    }
    return 0;
}

// The option of RFC 5482, where the policy speaks it: kind, length and value, 4 octets.
template <class P>
constexpr void write_user_timeout(control_block<P> const& c, octet_writer& to) {
    if constexpr (P::user_timeout::told) {
        std::uint16_t const value = c.user_timeout.get().advertised(P::waiting::for_data);
        to.put(std::array{std::byte{user_timeout_kind}, std::byte{4}, static_cast<std::byte>(value >> 8),
                          static_cast<std::byte>(value & 0xff)});
    }
}

// Whether this is the SYN that speaks of Fast Open: the first one; what is sent again is a SYN like any other, in case
// that something on the path has dropped this one for it (RFC 7413 section 4.1.3.1).
template <class P>
constexpr bool opens_fast(control_block<P> const& c) {
    return c.fast_open.get().wanted() && c.now_in == state::syn_sent && c.send.sent == c.send.unacknowledged;
}

// Octets of options in a SYN or SYN,ACK but for Fast Open.
template <class P>
constexpr std::uint32_t usual_synchronize_octets(control_block<P> const& c) {
    using layout = typename P::options;
    bool const with_timestamps = offers(c, synchronize_option::stamps);
    std::uint32_t size = P::user_timeout::told ? 8 : 4;
    for (auto const option : layout::order) {
        if (!offers(c, option)) continue;
        size += (layout::begins_at(option, with_timestamps) - size) % 4 + octets_of(option);
    }
    return size;
}

// Octets of the Fast Open option; 0 where it is not wanted, or long and there is no room for it beside the others.
template <class P>
constexpr std::uint32_t fast_open_octets(control_block<P> const& c) {
    if constexpr (P::fast_open::supported) {
        std::uint32_t const size = 2u + c.fast_open.get().cookie().size;
        if (opens_fast(c) && usual_synchronize_octets(c) + size <= options_octets_max) return size;
    }
    return 0;
}

// Octets of options in a SYN or SYN,ACK; a multiple of 4.
template <class P>
constexpr std::uint32_t synchronize_options_size(control_block<P> const& c) {
    std::uint32_t const size = usual_synchronize_octets(c) + fast_open_octets(c);
    return size + (0u - size) % 4;
}

template <class P>
constexpr void write_synchronize_options(control_block<P> const& c, mutable_bytes room, instant now) {
    using layout = typename P::options;
    bool const with_timestamps = offers(c, synchronize_option::stamps);
    octet_writer to(room);
    to.put(maximum_segment_size(c.segment_limit).octets()); // RFC 9293 MUST-14
    write_user_timeout(c, to);
    for (auto const option : layout::order) {
        if (!offers(c, option)) continue;
        to.pad_to(layout::begins_at(option, with_timestamps), option_kind_no_operation);
        switch (option) {
        case synchronize_option::sack: to.put(sack_permitted.octets()); break;
        case synchronize_option::stamps:
            // TSecr is 0 where there is nothing to echo (RFC 7323 section 3.2).
            to.put(timestamps(c.stamps.get().clock(now), c.stamps.get().recent()).octets());
            break;
        case synchronize_option::scale: to.put(window_scale(c.receive.shift).octets()); break;
        }
    }
    if constexpr (P::fast_open::supported) {
        if (auto const octets = fast_open_octets(c); octets > 0) {
            to.put(std::array{std::byte{fast_open_kind}, static_cast<std::byte>(octets)});
            to.put(c.fast_open.get().cookie().view());
        }
    }
    to.pad_to(0, layout::ends_the_list ? option_kind_end_of_list : option_kind_no_operation);
}

// How many SACK blocks fit and are known: four, or three beside timestamps (RFC 2018 section 3).
template <class P>
constexpr std::size_t sack_blocks_to_send(control_block<P> const& c) {
    if constexpr (!P::selective_acknowledgments) return 0;
    if (!c.sack_permitted) return 0;
    std::size_t const known = c.beyond.ranges().size() + (c.duplicates.get().pending() ? 1u : 0u);
    return std::min<std::size_t>(known, c.stamps.get().on() ? 3 : 4);
}

// RFC 7323: a RST that answers a segment echoes its timestamp and has none of its own (section 5.2); another one bears
// the option because all segments do (section 3.2), and echoes something only if it acknowledges something.
template <class P>
constexpr std::uint32_t reset_options_size(control_block<P> const& c) {
    return (c.reset_reply ? P::resets::echoes_timestamps && c.stamps.get().reset_stamped() : c.stamps.get().on())
               ? timestamps_octets
               : 0u;
}

template <class P>
constexpr void write_reset_options(control_block<P> const& c, mutable_bytes room, instant now) {
    octet_writer to(room);
    to.padding();
    to.padding();
    auto&& stamps = c.stamps.get();
    std::uint32_t const recent = P::resets::acknowledges ? stamps.recent() : 0u;
    to.put((c.reset_reply ? timestamps(0, stamps.reset_echo()) : timestamps(stamps.clock(now), recent)).octets());
}

// Octets of timestamps and SACK.
template <class P>
constexpr std::uint32_t usual_options_size(control_block<P> const& c) {
    auto const blocks = static_cast<std::uint32_t>(sack_blocks_to_send(c));
    return (c.stamps.get().on() ? timestamps_octets : 0u) + (blocks == 0 ? 0u : 4u + 8u * blocks);
}

// Whether the user time-out option is owed, and there is room for it beside the others.
template <class P>
constexpr bool tells_user_timeout(control_block<P> const& c) {
    if constexpr (P::user_timeout::told) {
        return c.user_timeout.get().owed() && usual_options_size(c) + 4 <= options_octets_max;
    } else {
        return false;
    }
}

// Octets of options in every other segment; a multiple of 4.
template <class P>
constexpr std::uint32_t options_size(control_block<P> const& c) {
    return usual_options_size(c) + (tells_user_timeout(c) ? 4u : 0u);
}

template <class P>
constexpr void write_options(control_block<P> const& c, mutable_bytes room, instant now) {
    octet_writer to(room);
    if (c.stamps.get().on()) {
        to.padding();
        to.padding();
        to.put(timestamps(c.stamps.get().clock(now), c.stamps.get().recent()).octets());
    }
    if (tells_user_timeout(c)) write_user_timeout(c, to);
    std::size_t const blocks = sack_blocks_to_send(c);
    if (blocks == 0) return;
    to.padding();
    to.padding();
    to.put(std::array{std::byte{sack_kind}, static_cast<std::byte>(2 + 8 * blocks)});
    // RFC 2883 section 4: a duplicate comes first.
    std::size_t const duplicates = c.duplicates.get().pending() ? 1 : 0;
    for (std::size_t i = 0; i < blocks; ++i) {
        auto const range = i < duplicates ? c.duplicates.get().range() : c.beyond.ranges()[i - duplicates];
        described_sack_block const block(sack_left_edge = range.first.value(), sack_right_edge = range.last.value());
        to.put(block.octets());
    }
}

} // namespace plywire::tcp::detail
