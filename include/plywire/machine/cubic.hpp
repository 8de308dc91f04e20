// CUBIC: how fast the window grows depends on how long ago it was reduced, not on how long a round trip takes. Read
// RFC 9438 sections 4 and 5.8 first.
#pragma once

#include <plywire/machine/congestion_controller.hpp>
#include <plywire/machine/initial_window.hpp>
#include <plywire/machine/satisfies.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace plywire::tcp {

// The function of RFC 9438 section 4.2 in integers: C (t - K)^3, with C = 0.4 segments per second cubed (section 5.1).
// Lengths of time are milliseconds, sizes octets.
struct cubic_curve {
    // Further from the inflection than this nothing is computed: it is more than 2^30 octets away even where segments
    // are of one octet.
    static constexpr std::int32_t longest = 1'400'000;

    // C |t|^3, at most `segment_size` times 1.1 million segments. |t| =< longest; segment_size =< 2^17.
    static constexpr std::uint64_t distance(std::int32_t t, std::uint32_t segment_size) {
        auto const length = static_cast<std::uint64_t>(t < 0 ? -t : t);
        std::uint64_t const cube = length * length * length;
        // The product of a larger cube with a segment would not fit; a segment more or less does not matter there.
        if (cube >= std::uint64_t{1} << 46) return cube / per_segment * segment_size;
        return cube * segment_size / per_segment;
    }

    // K: how long the curve takes for so many octets, up to the inflection or from it. The cube root, rounded to the
    // nearest millisecond. `octets` =< 2^30; segment_size > 0.
    static constexpr std::int32_t time_for(std::uint32_t octets, std::uint32_t segment_size) {
        std::uint64_t const cube = std::uint64_t{octets} * per_segment / segment_size;
        std::uint64_t root = 0;
        for (std::uint64_t bit = std::uint64_t{1} << 20; bit > 0; bit >>= 1) { // the largest with root^3 =< cube
            std::uint64_t const tried = root | bit;
            if (tried * tried * tried <= cube) root = tried;
        }
        // (root + 1/2)^3, without its last 1/8.
        if (root * root * root + (3 * root * (2 * root + 1)) / 4 < cube) ++root;
        return static_cast<std::int32_t>(std::min<std::uint64_t>(root, longest));
    }

private:
    static constexpr std::uint64_t per_segment = 2'500'000'000; // milliseconds cubed: 1000^3 / 0.4
};

// CUBIC's window. In slow start one ACK lets it grow by SegmentsPerAck at most, as in basic_new_reno. What RFC 9438
// asks in place of RFC 5681 is a threshold of 0.7 instead of 0.5 of what was in flight. 28 octets of state; a cube root
// for each loss, a division for each acknowledgment. The clock goes by milliseconds.
template <class InitialWindow = initial_window_ten, std::uint32_t SegmentsPerAck = 1>
class basic_cubic {
public:
    using gives_up =
        std::conditional_t<SegmentsPerAck == 1, rules<>,
                           std::conditional_t<SegmentsPerAck == 2, rules<"5681-7">, rules<"5681-7", "3465-1">>>;

    // RFC 5681 section 3.1: with a SYN or SYN,ACK lost, the initial window is one segment.
    constexpr void start(std::uint32_t segment_size, bool syn_was_lost) {
        *this = {};
        window_ = count(syn_was_lost ? segment_size : InitialWindow::octets(segment_size));
    }

    // Section 5.8: what is not used does not grow, and the time in which it is not used does not count.
    constexpr void acknowledged(std::uint32_t octets, path_view const& path) {
        if (!path.uses(window_)) {
            stop_clock(path.now);
        } else if (window_ < threshold_) {
            // Section 4.10: RFC 5681 (2). RFC 3465 section 2.3: two segments only as long as nothing has been lost.
            bool const again = SegmentsPerAck == 2 && threshold_ < largest_window;
            grow(std::min(octets, (again ? 1 : SegmentsPerAck) * path.segment_size));
        } else {
            begin_or_resume_stage(path);
            avoid_congestion(std::min<std::uint32_t>(octets, window_), path);
        }
        // All has arrived: the time until something is in flight again is the application's.
        if (octets >= path.in_flight) stop_clock(path.now);
    }

    // Sections 4.6 and 4.7.
    constexpr void congestion_detected(path_view const& path) {
        // Fast convergence: a flow whose window has not come as far as the last time leaves room for others; times
        // (1 + 0.7) / 2.
        highest_ = window_ < highest_ ? part(window_, 17, 20) : window_;
        reduce_threshold(path);
        window_ = threshold_;
        end_stage();
    }

    // RFC 6582 section 3.2 step 3, full acknowledgment, option (1): no burst of all that the threshold would allow.
    constexpr void recovered(path_view const& path) {
        window_ = std::min(threshold_, count(std::max(path.in_flight, path.segment_size) + path.segment_size));
    }

    // Section 4.8: the window of RFC 5681, the threshold of section 4.6. The stage after it begins at its own summit.
    constexpr void timed_out(path_view const& path, bool first) {
        if (first) reduce_threshold(path);
        window_ = count(path.segment_size);
        highest_ = 0;
        end_stage();
    }

    // RFC 5681 section 4.1: the restart window is min(IW, cwnd). The curve is drawn anew from there.
    constexpr void resumed_after_idle(path_view const& path) {
        window_ = std::min(window_, count(InitialWindow::octets(path.segment_size)));
        end_stage();
    }

    constexpr std::uint32_t window() const { return window_; }
    constexpr std::uint32_t slow_start_threshold() const { return threshold_; }

private:
    // No window needs more than the largest that can be announced (RFC 7323 section 2.2: 2^30).
    static constexpr std::uint32_t largest_window = std::uint32_t{1} << 30;

    static constexpr std::uint32_t count(std::uint64_t octets) {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(octets, largest_window));
    }
    static constexpr std::uint32_t part(std::uint32_t octets, std::uint32_t of, std::uint32_t in) {
        return static_cast<std::uint32_t>(std::uint64_t{octets} * of / in);
    }
    constexpr void grow(std::uint32_t octets) { window_ = count(std::uint64_t{window_} + octets); }

    // Section 4.6: ssthresh = max(0.7 FlightSize, 2 SMSS).
    constexpr void reduce_threshold(path_view const& path) {
        before_ = window_;
        threshold_ = count(std::max(part(path.in_flight, 7, 10), 2 * path.segment_size));
    }

    // ---- a stage of congestion avoidance, from one reduction to the next ----

    static constexpr std::uint32_t clock(instant now) {
        return static_cast<std::uint32_t>(now.nanoseconds / 1'000'000);
    }

    constexpr void end_stage() {
        reno_ = 0;
        counted_ = 0;
        stopped_ = 0;
    }

    // While the clock stands, `inflection_` is how far ahead of now it is.
    constexpr void stop_clock(instant now) {
        if (reno_ == 0 || stopped_ != 0) return;
        inflection_ -= clock(now);
        stopped_ = 1;
    }

    constexpr void begin_or_resume_stage(path_view const& path) {
        if (reno_ == 0) {
            // Section 4.2: K = cbrt((W_max - cwnd_epoch) / C). Nothing above the window to return to: K = 0.
            if (highest_ < window_) highest_ = window_;
            auto const ahead = cubic_curve::time_for(highest_ - window_, path.segment_size);
            inflection_ = clock(path.now) + static_cast<std::uint32_t>(ahead);
            reno_ = window_ & 0x7fff'ffff;
        } else if (stopped_ != 0) {
            inflection_ += clock(path.now);
        }
        stopped_ = 0;
    }

    // W_cubic so many milliseconds after the inflection, or before it.
    constexpr std::uint32_t curve_at(std::int32_t time, std::uint32_t segment_size) const {
        std::uint64_t const distance = cubic_curve::distance(time, segment_size);
        if (time >= 0) return count(highest_ + distance);
        return distance < highest_ ? static_cast<std::uint32_t>(highest_ - distance) : 0u;
    }

    constexpr void avoid_congestion(std::uint32_t octets, path_view const& path) {
        // t - K. A stage may last for years; the clock goes round after 49 days.
        auto time = static_cast<std::int32_t>(clock(path.now) - inflection_);
        time = std::max(time, -cubic_curve::longest);
        if (time > cubic_curve::longest) {
            time = cubic_curve::longest;
            inflection_ = clock(path.now) - static_cast<std::uint32_t>(time);
        }
        // Section 4.3: Reno's window, were it reduced to 0.7 too, grows by alpha = 9/17 segments each round trip; by 1
        // from where the last reduction was.
        bool const catching_up = reno_ < before_;
        std::uint64_t const due = catching_up ? std::uint64_t{window_} * 17 / 9 : window_;
        counted_ += octets;
        if (counted_ >= due) {
            counted_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(counted_ - due, window_));
            reno_ = count(std::uint64_t{reno_} + path.segment_size) & 0x7fff'ffff;
        }
        if (curve_at(time, path.segment_size) < reno_) {
            window_ = std::max<std::uint32_t>(window_, reno_);
            return;
        }
        // Sections 4.2, 4.4, 4.5: towards where the curve is a round trip from now, by not more than a half of it.
        auto const round_trip =
            std::min<std::int64_t>(path.smoothed_round_trip / milliseconds(1), cubic_curve::longest);
        time = std::min(time + static_cast<std::int32_t>(round_trip), cubic_curve::longest);
        std::uint32_t const target = std::min(curve_at(time, path.segment_size), count(std::uint64_t{window_} * 3 / 2));
        if (target > window_) grow(part(target - window_, octets, window_));
    }

    std::uint32_t window_ = 0;
    std::uint32_t threshold_ = largest_window;
    std::uint32_t before_ = 0;     // cwnd_prior: the window when the threshold was last set
    std::uint32_t highest_ = 0;    // W_max: where the curve is flat
    std::uint32_t inflection_ = 0; // t_epoch + K: when it is, by clock()
    std::uint32_t counted_ = 0;    // octets acknowledged since reno_ last grew
    std::uint32_t reno_ : 31 = 0;  // W_est; 0 between stages
    std::uint32_t stopped_ : 1 = 0;
};

using cubic = basic_cubic<>;

} // namespace plywire::tcp
