// Slow start, congestion avoidance and the window reductions of Reno. Read RFC 5681 section 3 first, then RFC 6582.
#pragma once

#include <plywire/machine/congestion_controller.hpp>
#include <plywire/machine/initial_window.hpp>
#include <plywire/machine/satisfies.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace plywire::tcp {

// NewReno's window. The artificial inflation during fast recovery (RFC 6582 section 3.2 steps 2 to 3) belongs to the
// recovery, so the window here is the one of RFC 5681 outside of it and `slow_start_threshold` inside.
// InitialWindow::octets(segment size) answers the window to begin with. Octets are counted in Count: 12 octets of state
// with 32 bits, 6 with 16, which is enough where windows are not scaled. In slow start one ACK lets the window grow by
// SegmentsPerAck at most: 1 is RFC 5681's; more make up for peers that acknowledge seldom (RFC 3465 section 2.3). No
// division.
template <class InitialWindow = initial_window_ten, class Count = std::uint32_t, std::uint32_t SegmentsPerAck = 1>
class basic_new_reno {
public:
    using gives_up =
        std::conditional_t<SegmentsPerAck == 1, rules<>,
                           std::conditional_t<SegmentsPerAck == 2, rules<"5681-7">, rules<"5681-7", "3465-1">>>;

    // RFC 5681 section 3.1: with a SYN or SYN,ACK lost, the initial window is one segment.
    constexpr void start(std::uint32_t segment_size, bool syn_was_lost) {
        window_ = count(syn_was_lost ? segment_size : InitialWindow::octets(segment_size));
        threshold_ = largest_window;
        counted_ = 0;
    }

    // RFC 7661 section 4.3: what is not used does not grow.
    constexpr void acknowledged(std::uint32_t octets, path_view const& path) {
        if (!path.uses(window_)) return;
        if (window_ < threshold_) {
            // RFC 5681 (2): by no more than is acknowledged, so that dividing ACKs gains nothing.
            // RFC 3465 section 2.3: two segments only as long as nothing has been lost.
            bool const again = SegmentsPerAck == 2 && threshold_ < largest_window;
            grow(std::min(octets, (again ? 1 : SegmentsPerAck) * path.segment_size));
            return;
        }
        // RFC 5681 section 3.1, the way it recommends: one segment more for each window's worth of octets acknowledged.
        std::uint32_t const counted = counted_ + octets;
        counted_ = count(counted >= window_ ? counted - window_ : counted);
        if (counted >= window_) grow(path.segment_size);
    }

    // RFC 5681 (4): ssthresh = max(FlightSize / 2, 2 SMSS).
    constexpr void congestion_detected(path_view const& path) {
        threshold_ = half_of_flight(path);
        window_ = threshold_;
        counted_ = 0;
    }

    // RFC 6582 section 3.2 step 3, full acknowledgment, option (1): no burst of all that the threshold would allow.
    constexpr void recovered(path_view const& path) {
        window_ = std::min(threshold_, count(std::max(path.in_flight, path.segment_size) + path.segment_size));
        counted_ = 0;
    }

    // RFC 5681 section 3.1: the loss window is one segment; ssthresh is lowered only by the first time-out in a row.
    constexpr void timed_out(path_view const& path, bool first) {
        if (first) threshold_ = half_of_flight(path);
        window_ = count(path.segment_size);
        counted_ = 0;
    }

    // RFC 5681 section 4.1: the restart window is min(IW, cwnd).
    constexpr void resumed_after_idle(path_view const& path) {
        window_ = std::min(window_, count(InitialWindow::octets(path.segment_size)));
        counted_ = 0;
    }

    constexpr std::uint32_t window() const { return window_; }
    constexpr std::uint32_t slow_start_threshold() const { return threshold_; }

private:
    // No window needs more than the largest that can be announced (RFC 7323 section 2.2: 2^30).
    static constexpr Count largest_window =
        std::min<std::uint32_t>(std::numeric_limits<Count>::max(), std::uint32_t{1} << 30);

    static constexpr Count count(std::uint32_t octets) {
        return static_cast<Count>(std::min<std::uint32_t>(octets, largest_window));
    }
    static constexpr Count half_of_flight(path_view const& path) {
        return count(std::max(path.in_flight / 2, 2 * path.segment_size));
    }
    constexpr void grow(std::uint32_t octets) { window_ = count(window_ + octets); }

    Count window_ = 0;
    Count threshold_ = largest_window;
    Count counted_ = 0; // octets acknowledged since the window last grew in congestion avoidance
};

using new_reno = basic_new_reno<>;

} // namespace plywire::tcp
