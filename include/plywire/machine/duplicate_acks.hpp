// Fast retransmit and NewReno's fast recovery. Read RFC 5681 section 3.2 first, then RFC 6582 section 3.2.
#pragma once

#include <plywire/machine/loss_recovery.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace plywire::tcp {

// Three duplicate ACKs mean a loss; partial acknowledgments mean another one in the same flight. Octets are counted in
// Count, which holds the largest window: 9 octets of state with 32 bits, 7 with 16.
template <class Count = std::uint32_t>
class basic_duplicate_acks {
public:
    // RFC 6582 section 3.2 step 1: recover = ISS.
    constexpr void start(sequence initial) { *this = basic_duplicate_acks(initial); }

    template <congestion_controller Control>
    constexpr bool duplicate(acknowledgment_view const& heard, path_view const& path, Control& control) {
        if (in_recovery_) {
            // RFC 5681 section 3.2 (4): another segment has left the network. No more can have left than were in it:
            // whoever sends duplicates without end gains nothing (RFC 5681 section 7).
            if (inflation_ < octets_between(heard.acknowledged, recover_)) inflate(path.segment_size);
            return false;
        }
        if (count_ < threshold) ++count_;
        if (count_ < threshold) return false;
        // RFC 6582 section 3.2 step 2: duplicates of what was already repaired once do not mean a new loss.
        if (!after(heard.acknowledged, recover_)) return false;
        in_recovery_ = true;
        recover_ = heard.sent;
        control.congestion_detected(path);
        inflation_ = 0;
        inflate(threshold * path.segment_size); // RFC 5681 section 3.2 (3): the three segments that left the network
        return true;
    }

    template <congestion_controller Control>
    constexpr bool advanced(acknowledgment_view const& heard, path_view const& path, Control& control) {
        count_ = 0;
        if (!in_recovery_) {
            // Moves along just behind, or after 2 GiB without a loss it would seem to lie ahead (RFC 9293 section 3.4).
            if (after(heard.acknowledged, recover_)) recover_ = heard.acknowledged - 1;
            control.acknowledged(heard.octets, path);
            return false;
        }
        if (before(heard.acknowledged, recover_)) {
            // RFC 6582 section 3.2 step 3, partial acknowledgment: the next hole is sent at once, the window shrinks by
            // what was acknowledged and grows by one segment when at least that much was.
            inflation_ -= static_cast<Count>(std::min<std::uint32_t>(inflation_, heard.octets));
            if (heard.octets >= path.segment_size) inflate(path.segment_size);
            return true;
        }
        in_recovery_ = false;
        inflation_ = 0;
        auto after_ack = path;
        after_ack.in_flight = octets_between(heard.acknowledged, heard.sent);
        control.recovered(after_ack);
        return false;
    }

    // RFC 6582 section 3.2 step 4 (and RFC 5681): everything in flight counts as lost, recovery ends.
    constexpr void timed_out(sequence sent) { *this = basic_duplicate_acks(sent); }

    constexpr std::uint32_t inflation() const { return inflation_; }
    constexpr bool in_recovery() const { return in_recovery_; }

    constexpr basic_duplicate_acks() = default;

private:
    static constexpr std::uint8_t threshold = 3; // RFC 5681 section 3.2
    static constexpr std::uint32_t most_inflation =
        std::min<std::uint32_t>(std::numeric_limits<Count>::max(), std::uint32_t{1} << 29);

    explicit constexpr basic_duplicate_acks(sequence recover)
        : recover_(recover) {}
    constexpr void inflate(std::uint32_t octets) {
        inflation_ = static_cast<Count>(std::min(inflation_ + octets, most_inflation));
    }

    sequence recover_{};         // the number after the last octet sent when the last loss was found
    Count inflation_ = 0;        // octets
    std::uint8_t count_ : 2 = 0; // duplicate ACKs in a row, up to the threshold
    bool in_recovery_ : 1 = false;
};

using duplicate_acks = basic_duplicate_acks<>;

} // namespace plywire::tcp
