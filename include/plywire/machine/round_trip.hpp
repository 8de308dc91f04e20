// The retransmission time-out, computed from measured round trips. Read RFC 6298 first.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/satisfies.hpp>

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// What a retransmission timing policy must answer: five constant lengths of time.
template <class T>
concept retransmission_timing = requires {
    { T::first_timeout } -> std::convertible_to<duration>;  // before anything has been measured
    { T::after_lost_syn } -> std::convertible_to<duration>; // for data, when the timer ran out for the SYN
    { T::floor } -> std::convertible_to<duration>;          // never shorter
    { T::ceiling } -> std::convertible_to<duration>;        // never longer, backed off or not
    { T::granularity } -> std::convertible_to<duration>;    // G, the step of the clock that measures
};

// RFC 6298 to the letter.
struct standard_timing {
    static constexpr duration first_timeout = seconds(1);  // (2.1)
    static constexpr duration after_lost_syn = seconds(3); // (5.7)
    static constexpr duration floor = seconds(1);          // (2.4)
    static constexpr duration ceiling = seconds(60);       // (2.5): at least 60 s
    static constexpr duration granularity = milliseconds(1);
};

// As common kernels do: a floor of 200 ms instead of one second (against the SHOULD of RFC 6298 (2.4)).
struct kernel_timing : standard_timing {
    using gives_up = rules<"6298-4">;
    static constexpr duration floor = milliseconds(200);
    static constexpr duration ceiling = seconds(120);
};

// SRTT, RTTVAR and RTO of RFC 6298 section 2 in integers: microseconds, SRTT times 8 and RTTVAR times 4, so that the
// RFC's alpha = 1/8 and beta = 1/4 are shifts (Jacobson and Karels, 1988). 9 octets.
template <retransmission_timing Timing>
class round_trip_estimator {
public:
    // A round trip that was measured; never one of a retransmitted segment (Karn's algorithm, section 3). Ends any
    // backing off (section 5, last paragraph). Longer than 67 s counts as 67 s.
    constexpr void measured(duration round_trip) {
        std::int64_t micros = round_trip.nanoseconds / 1'000;
        if (micros < 0) micros = 0;
        if (micros > longest_micros) micros = longest_micros;
        auto const sample = static_cast<std::uint32_t>(micros);
        backed_off_ = 0;
        syn_was_lost_ = 0;
        if (!known_) {
            known_ = 1;
            smoothed_8_ = sample << 3;  // (2.2): SRTT = R
            variation_4_ = sample << 1; // RTTVAR = R/2
            return;
        }
        // (2.3): RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R'|, then SRTT = 7/8 SRTT + 1/8 R'. The difference keeps the three
        // bits below the microsecond that SRTT has; RTTVAR has two.
        std::uint32_t const sample_8 = sample << 3;
        std::uint32_t const difference_8 = sample_8 > smoothed_8_ ? sample_8 - smoothed_8_ : smoothed_8_ - sample_8;
        variation_4_ = variation_4_ - (variation_4_ >> 2) + (difference_8 >> 3);
        smoothed_8_ = smoothed_8_ - (smoothed_8_ >> 3) + sample;
    }

    // RTO: at least the floor, doubled for each time-out since the last measurement, at most the ceiling.
    [[gnu::noinline]] constexpr duration timeout() const {
        duration base = syn_was_lost_ ? Timing::after_lost_syn : Timing::first_timeout;
        if (known_) {
            // (2.3): RTO = SRTT + max(G, 4 RTTVAR); four times the variation is what is stored.
            duration const spread = microseconds(variation_4_);
            base = microseconds(smoothed_8_ >> 3) + (spread < Timing::granularity ? Timing::granularity : spread);
            if (base < Timing::floor) base = Timing::floor;
        }
        for (std::uint8_t i = 0; i < backed_off_ && base < Timing::ceiling; ++i) base = base * 2;
        return base < Timing::ceiling ? base : Timing::ceiling;
    }

    // The retransmission timer ran out: (5.5) RTO = 2 RTO.
    constexpr void back_off() {
        if (backed_off_ < most_doublings) ++backed_off_;
    }

    // The handshake is over. (5.7): when its timer had run out, the time-out for data begins at 3 s.
    constexpr void established() {
        if (known_ || backed_off_ == 0) return;
        backed_off_ = 0;
        syn_was_lost_ = 1;
    }

    // Whether anything has been measured yet.
    constexpr bool known() const { return known_; }
    // SRTT; zero before the first measurement.
    constexpr duration smoothed() const { return microseconds(smoothed_8_ >> 3); }
    // RTTVAR; zero before the first measurement.
    constexpr duration variation() const { return duration{std::int64_t{variation_4_} * 250}; }
    // How many times the timer has run out since the last measurement.
    constexpr unsigned backed_off() const { return backed_off_; }

private:
    static constexpr std::int64_t longest_micros = (std::int64_t{1} << 26) - 1; // 67 s: times 8 it still fits
    static constexpr std::uint8_t most_doublings = 31;

    std::uint32_t smoothed_8_ = 0;
    std::uint32_t variation_4_ = 0;
    std::uint8_t backed_off_ : 5 = 0;
    std::uint8_t known_ : 1 = 0;
    std::uint8_t syn_was_lost_ : 1 = 0;
};

} // namespace plywire::tcp
