// RED: a queue that drops (or marks) early, at random, the more often the longer it is on average. Read Floyd and
// Jacobson, "Random Early Detection gateways for congestion avoidance" (1993), first, sections 4 and 11; RFC 7567 for
// why; RFC 3168 section 7 for marking. Integers throughout: the average has 16 bits below the octet, probabilities are
// parts per million.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/io/weather_loss.hpp>
#include <plywire/io/weather_queue.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire {

// Whether a frame is dropped does not depend on its size (RFC 7141 section 2.2); the average is of octets. Where the
// path is given a marking, frames are marked that can be, instead of dropped, below the upper threshold; beyond it all
// are dropped.
class red {
public:
    struct settings {
        drop_tail limit{};
        std::size_t lower_octets = 16 * 1024;           // min_th: below it nothing is dropped; at most 2^31
        std::size_t upper_octets = 48 * 1024;           // max_th: above lower_octets
        std::uint32_t most_per_million = 100'000;       // max_p: the probability just below the upper threshold
        unsigned weight_shift = 9;                      // w_q = 2^-9, about the paper's 0.002; 1 to 16
        duration typical_frame_time = microseconds(60); // s: of a link that is idle; 1500 octets at 200 Mbit/s
        // From the upper threshold to twice as much the probability rises to one, instead of at once ("gentle").
        bool gentle = true;
    };

    constexpr red() = default;
    explicit constexpr red(settings const& s)
        : settings_(s) {}

    template <class Line>
    constexpr admission admits(Line const& line, std::size_t arriving, instant now, random_generator& random) {
        see(line, now);
        if (settings_.limit.is_full(line, arriving)) {
            since_last_ = 0;
            return admission::drop;
        }
        auto const average = average_octets();
        if (average < settings_.lower_octets) {
            since_last_ = -1;
            return admission::take;
        }
        bool const marks = average < settings_.upper_octets;
        std::uint64_t const probability = per_million(average);
        ++since_last_;
        if (probability >= one_million || is_due(probability, random)) {
            since_last_ = 0;
            return marks ? admission::mark_or_drop : admission::drop;
        }
        return admission::take;
    }

    template <class Line>
    constexpr bool next(Line const& line, instant) const {
        return !line.empty();
    }

    // ---- for tests and plots ----

    // The average length of the queue when the last frame came, in octets, rounded down.
    constexpr std::size_t average_octets() const { return static_cast<std::size_t>(average_ >> 16); }

    // p_b: the probability at this average, before it is spread, in parts per million.
    constexpr std::uint64_t per_million(std::size_t average) const {
        if (average < settings_.lower_octets) {
            return 0;
        }
        if (average < settings_.upper_octets) {
            return std::uint64_t{settings_.most_per_million} * (average - settings_.lower_octets) /
                   (settings_.upper_octets - settings_.lower_octets);
        }
        if (!settings_.gentle || average >= 2 * settings_.upper_octets) {
            return one_million;
        }
        return settings_.most_per_million + (std::uint64_t{one_million} - settings_.most_per_million) *
                                                (average - settings_.upper_octets) / settings_.upper_octets;
    }

private:
    // avg = (1 - w) avg + w q; after an idle time as if as many small frames as fit into it had met an empty queue.
    template <class Line>
    constexpr void see(Line const& line, instant now) {
        if (line.empty()) {
            duration const idle = now - line.empty_since();
            average_ = decayed(idle.nanoseconds <= 0 || settings_.typical_frame_time.nanoseconds <= 0
                                   ? 1
                                   : static_cast<std::uint64_t>(idle / settings_.typical_frame_time) + 1);
            return;
        }
        std::uint64_t const now_16 = std::uint64_t{line.octets()} << 16;
        average_ = average_ - (average_ >> settings_.weight_shift) + (now_16 >> settings_.weight_shift);
    }

    // (1 - w)^times average, the power by squaring, with 31 bits below one.
    constexpr std::uint64_t decayed(std::uint64_t times) const {
        std::uint64_t factor = (std::uint64_t{1} << 31) - (std::uint64_t{1} << (31 - settings_.weight_shift));
        std::uint64_t average = average_;
        for (; times != 0 && average != 0; times >>= 1) {
            if ((times & 1) != 0) {
                average = (average >> 16) * factor >> 15;
            }
            factor = factor * factor >> 31;
        }
        return average;
    }

    // Section 4: p_a = p_b / (1 - count p_b), so that the gaps between drops are even and not geometric.
    constexpr bool is_due(std::uint64_t probability, random_generator& random) const {
        std::uint64_t const used = static_cast<std::uint64_t>(since_last_) * probability;
        return used >= one_million || random.below(one_million - used) < probability;
    }

    settings settings_{};
    std::uint64_t average_ = 0;    // octets times 2^16
    std::int64_t since_last_ = -1; // count: frames taken since the last that was dropped or marked
};
static_assert(queue_discipline<red, line_view>);

} // namespace plywire
