// A hierarchical timer wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987): any number of timers,
// each operation O(1). Eight wheels of 64 slots; a slot of one wheel is as long as a whole turn of the wheel below it.
// A timer waits in the wheel of the highest digit (base 64) in which its tick differs from the present one, and comes
// down a wheel each time that its slot begins, at most seven times in its life.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/protocols/index_list.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace plywire {

// An element's timer in one timer_wheel.
struct timer_link {
    list_link link{};
    std::uint64_t tick = 0;  // when it is due
    std::uint16_t place = 0; // wheel * 64 + slot, while it is armed

    // Whether the timer runs.
    constexpr bool is_armed() const { return link.is_linked(); }
};

// Timers of a table's elements. `timers(index)` must give the timer_link& of an element. Time is rounded up to ticks
// of 2^TickBits nanoseconds: a timer is never early, and late by less than a tick. Instants before zero count as zero.
template <unsigned TickBits = 18>
class timer_wheel {
    static constexpr unsigned wheels = 8;
    static constexpr unsigned slot_bits = 6;
    static constexpr std::size_t slots = std::size_t{1} << slot_bits;
    static_assert(TickBits >= 15 && TickBits <= 30, "plywire: a tick lies between 33 microseconds and a second");
    static_assert(TickBits + wheels * slot_bits >= 63, "plywire: the wheels must hold every instant");

public:
    // The length of a tick.
    static constexpr duration tick = nanoseconds(std::int64_t{1} << TickBits);

    constexpr std::uint32_t size() const { return size_; }

    // Starts or moves a timer. One that is due already expires at the next expire().
    template <class Timers>
    constexpr void arm(std::uint32_t index, instant due, Timers const& timers) {
        cancel(index, timers);
        std::uint64_t const when = tick_of(due);
        timers(index).tick = when < now_ ? now_ : when;
        place(index, timers);
        ++size_;
    }

    // Starts a timer, or moves it to an earlier time, but never to a later one. For who moves a timer away at every
    // packet: it may expire for nothing once, and is then armed for the time that holds.
    template <class Timers>
    constexpr void arm_no_later(std::uint32_t index, instant due, Timers const& timers) {
        timer_link const& timer = timers(index);
        if (!timer.is_armed() || tick_of(due) < timer.tick) {
            arm(index, due, timers);
        }
    }

    // Stops a timer; does nothing when it does not run.
    template <class Timers>
    constexpr void cancel(std::uint32_t index, Timers const& timers) {
        timer_link& timer = timers(index);
        if (!timer.is_armed()) {
            return;
        }
        take_out(index, timers);
        --size_;
    }

    // Stops and returns a timer that is due, no_index when no more are. Ask until then. O(1), amortised over the
    // lives of the timers.
    template <class Timers>
    constexpr std::uint32_t expire(instant now, Timers const& timers) {
        std::uint64_t const present = since_zero(now) >> TickBits;
        while (size_ != 0) {
            slot_start const next = first_slot();
            if (next.tick > present) {
                break;
            }
            now_ = next.tick > now_ ? next.tick : now_;
            if (next.place < slots) {
                std::uint32_t const index = lists_[next.place].front();
                take_out(index, timers);
                --size_;
                return index;
            }
            // The whole slot comes down at once: a timer left in it would hide behind those below.
            while (!lists_[next.place].empty()) {
                std::uint32_t const index = lists_[next.place].front();
                take_out(index, timers);
                place(index, timers);
            }
        }
        now_ = present > now_ ? present : now_;
        return no_index;
    }

    // When expire() has something to do: exact to a tick for the timers of the lowest wheel, early (when a slot of a
    // higher wheel begins) for the others. never() when no timer runs.
    constexpr instant deadline() const {
        if (size_ == 0) {
            return instant::never();
        }
        return instant{static_cast<std::int64_t>(first_slot().tick << TickBits)};
    }

private:
    struct slot_start {
        std::uint64_t tick;
        std::size_t place;
    };

    static constexpr std::uint64_t since_zero(instant t) {
        return t.nanoseconds <= 0 ? 0 : static_cast<std::uint64_t>(t.nanoseconds);
    }

    // The first tick that is not before `due`.
    static constexpr std::uint64_t tick_of(instant due) {
        return (since_zero(due) + ((std::uint64_t{1} << TickBits) - 1)) >> TickBits;
    }

    template <class Timers>
    constexpr void place(std::uint32_t index, Timers const& timers) {
        timer_link& timer = timers(index);
        // A timer that came down to its own tick differs in no digit: it belongs to the lowest wheel.
        std::uint64_t const differs = (timer.tick ^ now_) | 1;
        unsigned const wheel = static_cast<unsigned>(std::bit_width(differs) - 1) / slot_bits;
        auto const slot = static_cast<std::size_t>((timer.tick >> (wheel * slot_bits)) & (slots - 1));
        timer.place = static_cast<std::uint16_t>(wheel * slots + slot);
        lists_[timer.place].push_back(index, links_of(timers));
        occupied_[wheel] |= std::uint64_t{1} << slot;
    }

    template <class Timers>
    [[gnu::noinline]] constexpr void take_out(std::uint32_t index, Timers const& timers) {
        std::size_t const place = timers(index).place;
        lists_[place].remove(index, links_of(timers));
        if (lists_[place].empty()) {
            occupied_[place / slots] &= ~(std::uint64_t{1} << (place % slots));
        }
    }

    // The slot that begins first. Lower wheels come first: they hold what is due within the present slot of those
    // above.
    constexpr slot_start first_slot() const {
        for (unsigned wheel = 0; wheel < wheels; ++wheel) {
            if (occupied_[wheel] != 0) {
                auto const slot = static_cast<unsigned>(std::countr_zero(occupied_[wheel]));
                unsigned const shift = wheel * slot_bits;
                std::uint64_t const turn = now_ >> (shift + slot_bits) << (shift + slot_bits);
                return {turn | std::uint64_t{slot} << shift, wheel * slots + slot};
            }
        }
        return {~std::uint64_t{0}, 0}; // not reached: some timer runs
    }

    template <class Timers>
    static constexpr auto links_of(Timers const& timers) {
        return [&timers](std::uint32_t index) -> list_link& { return timers(index).link; };
    }

    std::array<index_list, wheels * slots> lists_{};
    std::array<std::uint64_t, wheels> occupied_{}; // a bit for each slot that is not empty
    std::uint64_t now_ = 0;                        // the present tick
    std::uint32_t size_ = 0;
};

} // namespace plywire
