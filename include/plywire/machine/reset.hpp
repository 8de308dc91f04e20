// The answer to a segment that belongs to no connection: RFC 9293 section 3.10.7.1.
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/view.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/machine/incoming.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// Writes the RST that answers `segment` to the front of the slot and answers its octets; 0 when there is no answer (a
// RST is never answered) or no room. `pseudo_header` is the sum of source, destination and protocol of the answer; the
// TCP length is added here.
constexpr std::size_t write_reset_for(view<header> const& segment, mutable_bytes slot, internet_sum pseudo_header) {
    if (segment[rst] || slot.size() < header::size) return 0;
    bool const acknowledges = segment[ack];
    // With an ACK the RST takes its number, so that it is believed; without one it acknowledges everything instead.
    std::uint32_t const number = acknowledges ? segment[acknowledgment_number] : 0u;
    auto const seen = read_segment(segment);
    std::uint32_t const acknowledged = acknowledges ? 0u : (seen.number + seen.length()).value();
    mutable_view<header> const to(slot.data(), header::size, 0);
    to.set(source_port = segment[destination_port], destination_port = segment[source_port], sequence_number = number,
           acknowledgment_number = acknowledged, data_offset = std::uint8_t{header::size / 4},
           reserved = std::uint8_t{0}, cwr = false, ece = false, urg = false, ack = !acknowledges, psh = false,
           rst = true, syn = false, fin = false, window = std::uint16_t{0}, checksum = std::uint16_t{0},
           urgent_pointer = std::uint16_t{0});
    pseudo_header.add_word(header::size);
    pseudo_header.add(to.octets());
    to.set(checksum = pseudo_header.checksum());
    return header::size;
}

} // namespace plywire::tcp
