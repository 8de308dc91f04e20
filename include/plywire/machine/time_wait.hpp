// What is left of a connection in TIME-WAIT, in 16 octets, and what it answers: RFC 9293 section 3.10.7.4, RFC 1337,
// RFC 6191. A connection that nobody holds needs no more than this: all that it still does is to acknowledge the peer's
// FIN again, and to keep old segments from a new connection of the same endpoints.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/incoming.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/settings.hpp>
#include <plywire/machine/timestamps.hpp>

#include <cstdint>

namespace plywire::tcp {

struct time_wait_block {
    sequence send_next{};          // SND.NXT: after our FIN
    sequence receive_next{};       // RCV.NXT: after the peer's
    std::uint32_t recent = 0;      // TS.Recent
    std::uint16_t window = 0;      // RCV.WND as it was announced last, shifted
    std::uint16_t shift : 4 = 0;   // of the window
    std::uint16_t stamped : 1 = 0; // timestamps are in use
    // Challenge ACKs of the present 5 seconds (RFC 5961 section 7); which 5 seconds, modulo 16.
    std::uint16_t challenges : 4 = 0;
    std::uint16_t interval : 4 = 0;

    // RCV.WND in octets.
    constexpr std::uint32_t receive_window() const { return std::uint32_t{window} << shift; }
};

static_assert(sizeof(time_wait_block) == 16);

// What a segment does to a TIME-WAIT.
struct time_wait_answer {
    bool acknowledge = false; // <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>
    bool restart = false;     // 2 MSL begin anew
    bool end = false;         // CLOSED

    friend constexpr bool operator==(time_wait_answer const&, time_wait_answer const&) = default;
};

// Whether a connection in TIME-WAIT may make way for the new one that this SYN asks for (RFC 6191 section 2; RFC 9293
// MAY-2): where both know the time, by the time; else by the number. `offered`: timestamps would protect the new one
// from what is left of the old one, if the SYN has them.
constexpr bool may_reopen(bool offered, bool stamped, std::uint32_t recent, sequence receive_next,
                          incoming const& segment) {
    if (!segment.has_syn || segment.has_ack || segment.has_rst) return false;
    bool const later_number = !before(segment.number, receive_next);
    if (!stamped) return (offered && segment.has_timestamps) || later_number;
    if (!segment.has_timestamps) return later_number;
    return older_timestamp(recent, segment.timestamp_value) || (recent == segment.timestamp_value && later_number);
}

namespace detail {

// RFC 5961 section 7: 10 in 5 seconds.
constexpr time_wait_answer challenge(time_wait_block& b, instant now) {
    auto const interval = static_cast<unsigned>(now.nanoseconds / seconds(5).nanoseconds % 16);
    if (interval != b.interval) {
        b.interval = static_cast<std::uint16_t>(interval & 0xf);
        b.challenges = 0;
    }
    if (b.challenges >= 10) return {};
    b.challenges = static_cast<std::uint16_t>((b.challenges + 1u) & 0xf);
    return {.acknowledge = true};
}

// Text and FIN are always answered; two ends that disagree must not answer each other's ACKs for ever.
constexpr time_wait_answer answer_unacceptable(time_wait_block& b, incoming const& segment, instant now) {
    if (segment.text.empty() && !segment.has_fin) return challenge(b, now);
    return {.acknowledge = true};
}

} // namespace detail

// The steps of RFC 9293 section 3.10.7.4 in TIME-WAIT. `ignore_resets`: RFC 1337 section 3, fix F1.
constexpr time_wait_answer segment_arrives_in_time_wait(time_wait_block& b, incoming const& segment, instant now,
                                                        bool ignore_resets) {
    // RFC 7323 section 5.3, R1. TIME-WAIT ends long before a timestamp is too old to tell (section 5.5).
    if (b.stamped && !segment.has_rst) {
        if (!segment.has_timestamps) return {}; // section 3.2
        if (older_timestamp(segment.timestamp_value, b.recent)) {
            return detail::answer_unacceptable(b, segment, now);
        }
    }
    // first: the sequence number
    if (!lies_in_window(b.receive_next, b.receive_window(), segment)) {
        if (!segment.has_rst) {
            // The peer's FIN again has an old number, which must not keep 2 MSL from beginning anew.
            bool const again =
                segment.has_fin && !segment.has_syn && segment.number + segment.length() == b.receive_next;
            auto answer = detail::answer_unacceptable(b, segment, now);
            answer.restart = again;
            return answer;
        }
        if (segment.number != b.receive_next) return {}; // RFC 5961 section 3.2
    }
    // second: RST
    if (segment.has_rst) {
        if (segment.number != b.receive_next) return detail::challenge(b, now);
        return {.end = !ignore_resets};
    }
    // fourth: SYN
    if (segment.has_syn) return detail::challenge(b, now);
    // fifth: ACK. How large the peer's window was is forgotten: as large as can be (RFC 5961 section 5.2).
    if (!segment.has_ack) return {};
    if (after(segment.acknowledgment, b.send_next) || before(segment.acknowledgment, b.send_next - largest_buffer)) {
        return detail::challenge(b, now);
    }
    // RFC 7323 section 4.3 (2)
    if (b.stamped && !after(segment.number, b.receive_next)) b.recent = segment.timestamp_value;
    // eighth: FIN. "Restart the 2 MSL time-wait timeout."
    return {.acknowledge = segment.has_fin, .restart = segment.has_fin};
}

} // namespace plywire::tcp
