// A segment as the machine looks at it: SEG.SEQ, SEG.LEN and so on of RFC 9293 section 3.3.1.
#pragma once

#include <plywire/bytes/endian.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/machine/sequence.hpp>

#include <cstdint>

namespace plywire::tcp {

// What arrived. Points to the text in the caller's octets; valid as long as they are.
struct incoming {
    sequence number{};            // SEG.SEQ
    sequence acknowledgment{};    // SEG.ACK, when has_ack
    std::uint16_t raw_window = 0; // SEG.WND before scaling
    bool has_syn = false;
    bool has_ack = false;
    bool has_rst = false;
    bool has_fin = false;
    bool has_urg = false;
    bool has_timestamps = false;
    bool permits_sack = false;
    bool reports_gap = false; // a SACK block lies beyond the acknowledgment: something before it has not arrived
    sequence reported_end{};  // the farthest right edge of such blocks, when reports_gap
    bool scales_window = false;
    std::uint8_t window_shift = 0;     // bits, at most 14
    std::uint16_t segment_size = 0;    // MSS option; 0 when there is none
    std::uint32_t timestamp_value = 0; // TSval
    std::uint32_t timestamp_echo = 0;  // TSecr
    std::uint16_t user_timeout = 0;    // the value of the user time-out option (RFC 5482); 0 when there is none
    std::uint16_t source_port = 0;
    std::uint16_t urgent_offset = 0; // the urgent pointer as it stands in the header, when has_urg
    bytes_view options{};            // all of them where there are SACK blocks; else empty
    bytes_view fast_open{};          // the cookie of RFC 7413 in a SYN; empty when there is none
    bytes_view text{};

    // SEG.LEN: octets of text, SYN and FIN counted (RFC 9293 section 3.4).
    constexpr std::uint32_t length() const {
        return static_cast<std::uint32_t>(text.size()) + (has_syn ? 1u : 0u) + (has_fin ? 1u : 0u);
    }
    // The number of the first octet of text: a SYN comes before it.
    constexpr sequence first_octet() const { return number + (has_syn ? 1u : 0u); }
    // The number of the FIN, when has_fin.
    constexpr sequence finish() const { return first_octet() + static_cast<std::uint32_t>(text.size()); }
};

// The four cases of RFC 9293 section 3.10.7.4, first (table 6), for RCV.NXT and RCV.WND. A segment without text may
// also stand right behind the window: when each side has filled the other's window with text that was lost, all that
// the two can say has that number, and answering every ACK with an ACK would not end before a timer does.
constexpr bool lies_in_window(sequence next, std::uint32_t room, incoming const& segment) {
    std::uint32_t const length = segment.length();
    std::uint32_t const offset = segment.number.value() - next.value();
    if (length == 0) return offset < room || (offset == room && (room == 0 || !segment.has_rst));
    return room > 0 && (offset < room || offset + (length - 1) < room);
}

namespace detail {

// The form in which everybody sends timestamps outside of SYN (RFC 7323 appendix A): two of padding, kind 8, length 10.
inline constexpr std::uint32_t usual_timestamps_begin = 0x0101080a;

constexpr void read_options(incoming& segment, view<header> const& seen) {
    auto const raw = seen.options();
    if (raw.empty()) return;
    if (raw.size() == 12 && load_big<std::uint32_t>(raw.data()) == usual_timestamps_begin) {
        segment.has_timestamps = true;
        segment.timestamp_value = load_big<std::uint32_t>(raw.data() + 4);
        segment.timestamp_echo = load_big<std::uint32_t>(raw.data() + 8);
        return;
    }
    auto const read = options_of(seen);
    segment.user_timeout = read.user_timeout;
    if (read.timestamps) {
        segment.has_timestamps = true;
        segment.timestamp_value = read.timestamps->value;
        segment.timestamp_echo = read.timestamps->echo;
    }
    if (!read.sack_blocks.empty()) segment.options = raw;
    // A block that is not beyond it reports a duplicate (RFC 2883), an empty one nothing.
    for (auto const& block : read.sack_blocks) {
        sequence const left(block.left);
        sequence const right(block.right);
        if (!after(left, segment.acknowledgment) || !after(right, left)) continue;
        segment.reported_end = segment.reports_gap ? later(segment.reported_end, right) : right;
        segment.reports_gap = true;
    }
    if (!segment.has_syn) return; // the others mean something with SYN only
    segment.segment_size = read.maximum_segment_size.value_or(0);
    segment.permits_sack = read.sack_permitted;
    if (read.fast_open) segment.fast_open = *read.fast_open;
    if (read.window_scale) {
        segment.scales_window = true;
        // RFC 7323 section 2.3: a larger shift counts as 14.
        segment.window_shift = *read.window_scale < 14 ? *read.window_scale : std::uint8_t{14};
    }
}

} // namespace detail

// Reads a segment whose lengths `parse` has checked.
constexpr incoming read_segment(view<header> const& seen) {
    incoming segment;
    segment.number = sequence(seen[sequence_number]);
    segment.acknowledgment = sequence(seen[acknowledgment_number]);
    segment.raw_window = seen[window];
    segment.has_syn = seen[syn];
    segment.has_ack = seen[ack];
    segment.has_rst = seen[rst];
    segment.has_fin = seen[fin];
    segment.has_urg = seen[urg];
    segment.urgent_offset = seen[urgent_pointer];
    segment.source_port = seen[source_port];
    segment.text = seen.payload();
    detail::read_options(segment, seen);
    return segment;
}

} // namespace plywire::tcp
