// The answer to a segment that belongs to no connection: RFC 9293 section 3.10.7.1.
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/view.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/machine/bare_segment.hpp>
#include <plywire/machine/incoming.hpp>
#include <plywire/machine/timestamps.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// The RST that answers `segment`, whose ports are taken from `seen` and which is no RST itself: nothing answers those. A
// segment with timestamps is answered with its own (RFC 7323 section 5.2), unless `echoes_timestamps` is false.
constexpr bare_segment reset_for(view<header> const& seen, incoming const& segment, bool echoes_timestamps = true) {
    bare_segment answer{.source_port = seen[destination_port], .destination_port = seen[source_port], .has_rst = true};
    // With an ACK the RST takes its number, so that it is believed; without one it acknowledges everything instead.
    if (segment.has_ack) {
        answer.number = segment.acknowledgment;
    } else {
        answer.has_ack = true;
        answer.acknowledgment = segment.number + segment.length();
    }
    answer.has_timestamps = echoes_timestamps && segment.has_timestamps;
    answer.timestamp_echo = segment.timestamp_value;
    return answer;
}

// Writes the RST that answers `segment` to the front of the slot and answers its octets; 0 when there is no answer (a
// RST is never answered) or no room. Timestamps are left out where there is no room for them. `pseudo_header` is the
// sum of source, destination and protocol of the answer; the TCP length is added here.
constexpr std::size_t write_reset_for(view<header> const& segment, mutable_bytes slot, internet_sum pseudo_header,
                                      bool echoes_timestamps = true) {
    if (segment[rst]) return 0;
    auto answer = reset_for(segment, read_segment(segment), echoes_timestamps);
    if (slot.size() < header::size + timestamps_octets) answer.has_timestamps = false;
    return write_bare(answer, slot, pseudo_header);
}

} // namespace plywire::tcp
