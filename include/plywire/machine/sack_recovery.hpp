// Loss recovery by what the peer reports: RFC 6675, with lost retransmissions found besides. Read its section 5 first.
#pragma once

#include <plywire/machine/duplicate_acks.hpp>
#include <plywire/machine/loss_recovery.hpp>
#include <plywire/machine/scoreboard.hpp>
#include <plywire/machine/slot.hpp>
#include <plywire/machine/window_reduction.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// Knows of up to so many holes at once; the Reduction says how it comes down to the smaller window. Where the peer does
// not permit SACK, it is duplicate_acks. 20 octets of state per hole, and about 70 besides those of the reduction.
template <std::size_t Holes = 16, window_reduction Reduction = reduce_at_once>
class basic_sack_recovery {
public:
    static constexpr bool selective = true;

    constexpr void start(sequence initial) {
        *this = basic_sack_recovery();
        counted_.start(initial);
        recover_ = initial;
        board_.clear(initial);
        told_ = initial;
    }

    // ---- what selective recoveries are told besides ----

    // An acknowledgment has come, of so much, while `sent` is SND.NXT; then each of its blocks.
    constexpr void hears(sequence acknowledged, path_view const& path) {
        on_ = true;
        reports_ = false;
        board_.advance(acknowledged, micros(path.now), least_trip(path));
    }
    constexpr void hears_of(sequence_range block, acknowledgment_view const& heard, path_view const& path) {
        // RFC 2018 section 4: what is no run of octets on their way reports nothing. Below SND.UNA are duplicates.
        if (!after(block.first, heard.acknowledged) || !after(block.last, block.first)) return;
        if (after(block.last, heard.sent)) return;
        if (board_.report(block, micros(path.now), least_trip(path))) reports_ = true;
    }
    // Whether the blocks of the last acknowledgment have reported anything new: then it is a duplicate ACK in the sense
    // of RFC 6675 section 2, whatever else it bears.
    constexpr bool has_report() const { return reports_; }

    // The timer has run out, SND.UNA and SND.NXT are these: all of it will be asked for by to_repair().
    constexpr void lose_all(sequence acknowledged, sequence sent) {
        on_ = true;
        board_.lose_all(acknowledged, sent);
        recover_ = sent; // RFC 6675 section 5.1
        end_recovery();
        duplicates_ = 0;
    }

    // NextSeg() (1): lost octets that have not been sent again yet. Empty: none.
    constexpr sequence_range to_repair() const { return board_.to_repair(); }
    // NextSeg() (3) and (4), when there is nothing new to send: octets that are missing though they do not count as
    // lost, or, once per recovery, the last ones sent.
    constexpr sequence_range to_try(sequence acknowledged, sequence sent, std::uint32_t segment_size) const {
        if (!in_recovery_) return {};
        if (auto const missing = board_.missing(); missing.first != missing.last) return missing;
        if (!before(board_.high(), sent) || before(acknowledged, rescue_)) return {};
        bool const whole = octets_between(board_.high(), sent) > segment_size;
        return {whole ? sent - segment_size : board_.high(), sent};
    }
    // How many octets of the first segment are missing.
    constexpr std::uint32_t first_hole() const {
        if (board_.empty()) return ~std::uint32_t{0};
        return octets_between(board_.holes().front().first, board_.holes().front().last);
    }
    // These octets have left again.
    constexpr void repaired(sequence_range range, sequence sent, instant now) {
        board_.repaired(range, sent, micros(now));
        if (!in_recovery_) return;
        resent_ += octets_between(range.first, range.last);
        if (!before(range.first, board_.high())) rescue_ = recover_ + 1;
    }

    // ---- what all recoveries are told ----

    template <congestion_controller Control>
    constexpr bool duplicate(acknowledgment_view const& heard, path_view const& path, Control& control) {
        if (!on_) return counted_.duplicate(heard, path, control);
        if (duplicates_ == 0) flight_end_ = heard.sent;
        if (duplicates_ < threshold) ++duplicates_;
        return considered(heard, path, control, false);
    }

    template <congestion_controller Control>
    constexpr bool advanced(acknowledgment_view const& heard, path_view const& path, Control& control) {
        if (!on_) return counted_.advanced(heard, path, control);
        duplicates_ = 0;
        bool const complete = !before(heard.acknowledged, recover_);
        if (complete && in_recovery_) { // RFC 6675 section 5 (A)
            end_recovery();
            auto after_ack = path;
            after_ack.in_flight = octets_between(heard.acknowledged, heard.sent);
            control.recovered(after_ack);
        } else if (!in_recovery_) {
            control.acknowledged(heard.octets, path);
        }
        // Moves along, or after 2 GiB without a loss it would seem to lie ahead (RFC 9293 section 3.4).
        if (complete) recover_ = heard.acknowledged;
        flight_end_ = heard.sent;
        return considered(heard, path, control, true);
    }

    constexpr void timed_out(sequence sent) {
        counted_.timed_out(sent);
        board_.clear(sent);
        recover_ = sent;
        end_recovery();
        duplicates_ = 0;
    }

    constexpr std::uint32_t inflation() const {
        return on_ ? board_.not_in_pipe() + reduction_.get().beyond() : counted_.inflation();
    }
    // How many octets from SND.UNA to SND.NXT are not on their way any more.
    constexpr std::uint32_t not_in_pipe() const { return board_.not_in_pipe(); }
    constexpr bool in_recovery() const { return on_ ? in_recovery_ : counted_.in_recovery(); }

    constexpr basic_sack_recovery() = default;

private:
    static constexpr std::uint8_t threshold = 3; // DupThresh

    static constexpr std::uint32_t micros(instant now) { return static_cast<std::uint32_t>(now.nanoseconds / 1'000); }
    // Nothing comes back much faster than a round trip.
    static constexpr std::uint32_t least_trip(path_view const& path) {
        return static_cast<std::uint32_t>(path.smoothed_round_trip / microseconds(2));
    }

    constexpr void end_recovery() {
        in_recovery_ = false;
        reduction_.get().ends();
    }

    // consider(), and what it means for the window.
    template <congestion_controller Control>
    constexpr bool considered(acknowledgment_view const& heard, path_view const& path, Control& control, bool moved) {
        sequence const lost = board_.lost();
        bool const was_in_recovery = in_recovery_;
        bool const repair = consider(heard, path, control);
        // Everything that has arrived, in order or not, as one number.
        sequence const arrived = heard.acknowledged + board_.arrived();
        if (in_recovery_) {
            if (!was_in_recovery) {
                resent_ = 0;
                reduction_.get().begins(octets_between(told_, heard.sent));
            }
            std::uint32_t const flight = octets_between(heard.acknowledged, heard.sent);
            std::uint32_t const gone = board_.not_in_pipe();
            bool const more_is_lost = repair || after(board_.lost(), later(lost, heard.acknowledged));
            reduction_.get().advances({.segment_size = path.segment_size,
                                       .window = control.window(),
                                       .in_flight = flight - std::min(flight, gone),
                                       .delivered = octets_between(told_, arrived),
                                       .sent = resent_ + octets_between(recover_, heard.sent),
                                       .is_safe = moved && !more_is_lost});
        }
        told_ = arrived;
        return repair;
    }

    // Whether the first segment is to be sent again at once, because recovery begins or its last copy is lost.
    template <congestion_controller Control>
    constexpr bool consider(acknowledgment_view const& heard, path_view const& path, Control& control) {
        board_.find_losses(path.segment_size);
        bool const repaired = is_first_repaired();
        if (board_.find_lost_retransmissions(path.segment_size, reduced_at_) && in_recovery_) {
            reduced_at_ = micros(path.now);
            auto remaining = path; // RFC 5681 section 4.3: two indications of congestion
            remaining.in_flight = std::min(path.in_flight, control.window());
            control.congestion_detected(remaining);
        }
        if (repaired && !is_first_repaired()) return true;
        if (in_recovery_ || board_.empty() || before(heard.acknowledged, recover_)) return false;
        if (duplicates_ >= threshold) board_.lose_first(path.segment_size);
        if (!after(board_.lost(), heard.acknowledged)) return false;
        in_recovery_ = true;
        recover_ = heard.sent;
        rescue_ = heard.acknowledged + 1;
        reduced_at_ = micros(path.now);
        auto before_duplicates = path; // RFC 5681 section 3.2 (2): limited transmit does not count
        before_duplicates.in_flight = std::min(path.in_flight, octets_between(heard.acknowledged, flight_end_));
        control.congestion_detected(before_duplicates);
        return !is_first_repaired();
    }

    constexpr bool is_first_repaired() const {
        return !board_.empty() && board_.holes().front().resent != board_.holes().front().first;
    }

    [[no_unique_address]] slot<Reduction, 20> reduction_{};
    scoreboard<Holes> board_{};
    duplicate_acks counted_{};
    sequence told_{};          // SND.UNA and what has arrived beyond it, after the last acknowledgment
    std::uint32_t resent_ = 0; // octets since recovery began
    sequence recover_{};       // RecoveryPoint
    sequence flight_end_{};    // SND.NXT before the first duplicate ACK
    sequence rescue_{};        // the last octets may be sent again once SND.UNA is there
    std::uint32_t reduced_at_ = 0;
    std::uint8_t duplicates_ : 2 = 0; // DupAcks, up to the threshold
    bool in_recovery_ : 1 = false;
    bool on_ : 1 = false; // the peer has permitted SACK
    bool reports_ : 1 = false;
};

using sack_recovery = basic_sack_recovery<>;
// With Proportional Rate Reduction.
using proportional_sack_recovery = basic_sack_recovery<16, reduce_in_proportion>;

} // namespace plywire::tcp
