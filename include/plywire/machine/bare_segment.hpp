// A segment without text that is written for no connection in memory: the RST that answers a stranger, the ACK of a
// TIME-WAIT, the SYN,ACK with a cookie. Read RFC 9293 section 3.5.2 first.
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/view.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/machine/sequence.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

struct bare_segment {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    sequence number{};
    sequence acknowledgment{}; // 0 when has_ack is false
    bool has_syn = false;
    bool has_ack = false;
    bool has_rst = false;
    bool has_timestamps = false;
    bool permits_sack = false;
    bool scales_window = false;
    std::uint8_t window_shift = 0;
    std::uint16_t window = 0;       // as it stands in the header
    std::uint16_t segment_size = 0; // MSS option; 0: none
    std::uint32_t timestamp_value = 0;
    std::uint32_t timestamp_echo = 0;
};

namespace detail {

// The options of a bare segment: at most MSS (4), SACK-permitted or padding with timestamps (12), window scale (4).
struct bare_options {
    std::array<std::byte, 20> octets{};
    std::size_t size = 0;

    constexpr void put(bytes_view some) {
        plywire::copy(mutable_bytes(octets).subspan(size), some);
        size += some.size();
    }
    constexpr void pad(std::size_t count) {
        for (; count > 0; --count) octets[size++] = std::byte{option_kind_no_operation};
    }
};

constexpr bare_options options_of_bare(bare_segment const& segment) {
    bare_options to;
    if (segment.segment_size != 0) to.put(maximum_segment_size(segment.segment_size).octets());
    // SACK-permitted is as long as the padding in front of timestamps.
    if (segment.permits_sack && !segment.has_timestamps) to.pad(2);
    if (segment.permits_sack) to.put(sack_permitted.octets());
    if (segment.has_timestamps) {
        if (!segment.permits_sack) to.pad(2);
        to.put(timestamps(segment.timestamp_value, segment.timestamp_echo).octets());
    }
    if (segment.scales_window) {
        to.pad(1);
        to.put(window_scale(segment.window_shift).octets());
    }
    return to;
}

} // namespace detail

// Writes the segment to the front of the slot and answers its octets; 0 when there is no room. `pseudo_header` is the
// sum of source, destination and protocol; the TCP length is added here.
constexpr std::size_t write_bare(bare_segment const& segment, mutable_bytes slot, internet_sum pseudo_header) {
    auto const options = detail::options_of_bare(segment);
    std::size_t const octets = header::size + options.size;
    if (slot.size() < octets) return 0;
    mutable_view<header> const to(slot.data(), static_cast<std::uint32_t>(octets), 0);
    to.set(source_port = segment.source_port, destination_port = segment.destination_port,
           sequence_number = segment.number.value(), acknowledgment_number = segment.acknowledgment.value(),
           data_offset = static_cast<std::uint8_t>(octets / 4), reserved = std::uint8_t{0}, cwr = false, ece = false,
           urg = false, ack = segment.has_ack, psh = false, rst = segment.has_rst, syn = segment.has_syn, fin = false,
           window = segment.window, checksum = std::uint16_t{0}, urgent_pointer = std::uint16_t{0});
    plywire::copy(to.options(), bytes_view(options.octets).first(options.size));
    pseudo_header.add_word(static_cast<std::uint16_t>(octets));
    pseudo_header.add(to.octets());
    to.set(checksum = pseudo_header.checksum());
    return octets;
}

} // namespace plywire::tcp
