// CoDel: a queue that drops (or marks) when what leaves it has waited too long for too long. Read RFC 8289 section 5
// first; names and steps are its.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/io/weather_queue.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace plywire {

// The square root, rounded down, in integers: two bits of the number make one of the root.
constexpr std::uint64_t square_root(std::uint64_t number) {
    std::uint64_t root = 0;
    for (int shift = number == 0 ? -1 : (static_cast<int>(std::bit_width(number)) - 1) / 2; shift >= 0; --shift) {
        std::uint64_t const tried = root | std::uint64_t{1} << shift;
        if (tried <= number / tried) {
            root = tried;
        }
    }
    return root;
}

// Where the path is given a marking, frames are marked that can be, instead of dropped; one that is marked leaves.
class codel {
public:
    struct settings {
        drop_tail limit{};                     // the queue is not endless either
        duration target = milliseconds(5);     // the standing delay that is acceptable
        duration interval = milliseconds(100); // as long as most round trips; at most 4 s
        std::size_t largest_packet = 1514;     // octets; a queue that holds no more than this is left alone
    };

    constexpr codel() = default;
    explicit constexpr codel(settings const& s)
        : settings_(s) {}

    template <class Line>
    constexpr admission admits(Line const& line, std::size_t arriving, instant, random_generator&) const {
        return settings_.limit.is_full(line, arriving) ? admission::drop : admission::take;
    }

    // Section 5.5, deque(): the frame that leaves is the one that is at the front in the end.
    template <class Line>
    constexpr bool next(Line& line, instant now) {
        bool may_drop = ok_to_drop(line, now);
        if (dropping_) {
            if (!may_drop) {
                dropping_ = false; // the delay is below the target: leave the dropping state
            }
            while (dropping_ && now >= drop_next_) {
                ++count_;
                if (line.mark_front()) {
                    drop_next_ = control_law(drop_next_);
                    break; // marked, it leaves
                }
                line.drop_front();
                may_drop = ok_to_drop(line, now);
                if (!may_drop) {
                    dropping_ = false;
                } else {
                    drop_next_ = control_law(drop_next_);
                }
            }
        } else if (may_drop) {
            if (!line.mark_front()) {
                line.drop_front();
                static_cast<void>(ok_to_drop(line, now));
            }
            dropping_ = true;
            // Having dropped not long ago, go on at about the rate that controlled the queue then.
            std::uint32_t const delta = count_ - last_count_;
            count_ = delta > 1 && now - drop_next_ < 16 * settings_.interval ? delta : 1;
            drop_next_ = control_law(now);
            last_count_ = count_;
        }
        return !line.empty();
    }

    // ---- for tests and plots ----
    constexpr bool dropping() const { return dropping_; }
    constexpr std::uint32_t count() const { return count_; }
    constexpr instant drop_next() const { return drop_next_; }

private:
    // 5.6, dodeque(): whether the frame at the front has waited longer than the target, as all have for an interval.
    template <class Line>
    constexpr bool ok_to_drop(Line const& line, instant now) {
        if (line.empty()) {
            first_above_ = none;
            return false;
        }
        duration const sojourn = now - line.front_entered();
        if (sojourn < settings_.target || line.octets() - line.front_octets() <= settings_.largest_packet) {
            first_above_ = none;
            return false;
        }
        if (first_above_ == none) {
            first_above_ = now + settings_.interval;
            return false;
        }
        return now >= first_above_;
    }

    // 5.6: t + interval / sqrt(count).
    constexpr instant control_law(instant t) const {
        auto const interval = static_cast<std::uint64_t>(settings_.interval.nanoseconds);
        return t + duration{static_cast<std::int64_t>(square_root(interval * interval / count_))};
    }

    static constexpr instant none = instant::never();

    settings settings_{};
    instant first_above_ = none;
    instant drop_next_{};
    std::uint32_t count_ = 0;
    std::uint32_t last_count_ = 0;
    bool dropping_ = false;
};
static_assert(queue_discipline<codel, line_view>);

} // namespace plywire
