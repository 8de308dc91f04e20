// The laws of congestion controllers (machine/congestion_controller.hpp): what each of them promises beyond its
// signatures. To try a controller of your own:
//
//     CHECK(obeys_the_congestion_laws<my_controller>([](std::string_view says, bool holds) { ... }));
//
// A law answers true or false. The path of a law is one segment wide or 2^30 octets, its round trip nothing or a minute,
// and it is always used up unless the law is about that.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/machine/congestion_controller.hpp>
#include <plywire/machine/duplicate_acks.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace plywire::laws {

// The largest window that can be announced (RFC 7323 section 2.2).
inline constexpr std::uint32_t largest_window = std::uint32_t{1} << 30;
inline constexpr std::array<std::uint32_t, 5> segment_sizes{1, 536, 1448, 8948, 65'495};

// A controller on a path of constant round trip whose capacity is never reached.
template <class C>
struct drive {
    C control{};
    std::uint32_t segment_size = 0;
    duration round_trip = milliseconds(100);
    instant now{};

    constexpr explicit drive(std::uint32_t size, instant begin = {})
        : segment_size(size)
        , now(begin) {
        control.start(size, false);
    }
    constexpr tcp::path_view path(std::uint32_t in_flight) const { return {segment_size, in_flight, round_trip, now}; }
    // What a sender with enough to send has in flight: whole segments.
    constexpr std::uint32_t full() const { return control.window() - control.window() % segment_size; }
    // A round trip: all that was in flight at its beginning is acknowledged, in at most 64 steps, and as much follows.
    constexpr void round() {
        std::uint32_t const began = full();
        std::uint32_t const segments = began / segment_size;
        std::uint32_t const step = std::max<std::uint32_t>(segments / 64, 1) * segment_size;
        std::uint32_t const steps = (began + step - 1) / step;
        for (std::uint32_t i = 0; i < steps; ++i) {
            now += round_trip / steps;
            control.acknowledged(std::min(step, began - i * step), path(full()));
        }
    }
    constexpr void rounds(int count) {
        for (int i = 0; i < count; ++i) round();
    }
    // Whether the window gets that large in 1,000 round trips.
    constexpr bool reaches(std::uint32_t octets) {
        for (int i = 0; i < 1'000 && control.window() < octets; ++i) {
            round();
        }
        return control.window() >= octets;
    }
    // A loss, and all that was in flight acknowledged a round trip later.
    constexpr void loss() {
        control.congestion_detected(path(full()));
        now += round_trip;
        control.recovered(path(control.window()));
    }
};

// One event out of all that a controller is told of, with numbers from end to end of what they can be. Time only goes
// forward.
template <class C>
constexpr void anything_happens(C& control, tcp::path_view& path, random_generator& random) {
    constexpr std::array<std::uint32_t, 6> octets{1, 100, 1448, 65'535, largest_window / 3, largest_window};
    constexpr std::array<duration, 6> spans{duration{}, nanoseconds(1), milliseconds(1),
                                            seconds(1), hours(1),       hours(24 * 40)};
    constexpr std::array<duration, 4> round_trips{duration{}, microseconds(50), milliseconds(100), seconds(60)};
    path.now += spans[random.below(spans.size())];
    path.smoothed_round_trip = round_trips[random.below(round_trips.size())];
    path.in_flight =
        random.below(2) == 0 ? std::min(control.window(), largest_window) : octets[random.below(octets.size())];
    switch (random.below(12)) {
    case 0: control.congestion_detected(path); break;
    case 1: control.recovered(path); break;
    case 2: control.timed_out(path, random.below(2) == 0); break;
    case 3: control.resumed_after_idle(path); break;
    default: control.acknowledged(octets[random.below(octets.size())], path); break;
    }
}

template <class C>
constexpr bool never_below_one_segment() {
    for (std::uint32_t const size : segment_sizes) {
        for (bool const syn_was_lost : {false, true}) {
            random_generator random(size);
            tcp::path_view path{.segment_size = size};
            C control{};
            control.start(size, syn_was_lost);
            for (int i = 0; i < 2'000; ++i) {
                if (control.window() < size) return false;
                anything_happens(control, path, random);
            }
        }
    }
    return true;
}

template <class C>
constexpr bool never_above_the_largest_window() {
    for (std::uint32_t const size : segment_sizes) {
        random_generator random(size + 1);
        tcp::path_view path{.segment_size = size};
        C control{};
        control.start(size, false);
        for (int i = 0; i < 2'000; ++i) {
            anything_happens(control, path, random);
            if (control.window() > largest_window) return false;
        }
        for (int i = 0; i < 2'000; ++i) {
            path.in_flight = largest_window;
            path.now += seconds(1);
            control.acknowledged(largest_window, path);
            if (control.window() > largest_window || control.window() < size) return false;
        }
    }
    return true;
}

template <class C>
constexpr bool a_loss_makes_no_window_larger() {
    for (std::uint32_t const size : segment_sizes) {
        drive<C> d(size);
        for (int i = 0; i < 30; ++i) {
            d.rounds(i % 7);
            std::uint32_t const before = d.control.window();
            d.loss();
            if (d.control.window() > std::max(before, 2 * size)) return false;
            d.control.timed_out(d.path(d.full()), true);
            if (d.control.window() > before) return false;
        }
    }
    return true;
}

// RFC 5681 section 4.3: the losses of one flight are one congestion. Every third of 30 segments is lost, and NewReno's
// recovery needs ten round trips.
template <class C>
constexpr bool one_reaction_for_the_losses_of_a_flight() {
    constexpr std::uint32_t size = 1000;
    constexpr std::uint32_t end = 30 * size;
    drive<C> d(size);
    if (!d.reaches(end)) return false;
    tcp::duplicate_acks recovery{};
    recovery.start(tcp::sequence(0) - 1);
    std::uint32_t threshold = d.control.slow_start_threshold();
    int reactions = 0;
    auto const look = [&] {
        reactions += d.control.slow_start_threshold() != threshold ? 1 : 0;
        threshold = d.control.slow_start_threshold();
    };
    for (int i = 0; i < 20; ++i) {
        recovery.duplicate({tcp::sequence(0), tcp::sequence(end), 0}, d.path(end), d.control);
        look();
    }
    for (std::uint32_t acknowledged = 0; acknowledged < end;) {
        d.now += d.round_trip;
        auto const path = d.path(end - acknowledged);
        acknowledged += 3 * size;
        recovery.advanced({tcp::sequence(acknowledged), tcp::sequence(end), 3 * size}, path, d.control);
        look();
        for (int i = 0; i < 5 && acknowledged < end; ++i) {
            recovery.duplicate({tcp::sequence(acknowledged), tcp::sequence(end), 0}, d.path(end - acknowledged),
                               d.control);
            look();
        }
    }
    return reactions <= 1 && !recovery.in_recovery() && d.control.window() >= size;
}

// RFC 5681 section 3.1: slow start doubles the window; nothing is faster.
template <class C>
constexpr bool a_round_trip_doubles_the_window_at_most() {
    for (std::uint32_t const size : segment_sizes) {
        drive<C> d(size);
        for (int i = 0; i < 200; ++i) {
            if (i % 40 == 20) d.loss();
            std::uint32_t const before = d.control.window();
            d.round();
            if (d.control.window() > std::max(std::min(2 * before, largest_window), before)) return false;
        }
    }
    return true;
}

// RFC 7661 section 4.3: an application that has four segments in flight gets a window of no more than twice that.
template <class C>
constexpr bool what_is_not_used_does_not_grow() {
    constexpr std::uint32_t size = 1448;
    drive<C> d(size);
    for (int losses = 0; losses < 4; ++losses) {
        std::uint32_t const most = std::max(d.control.window(), 9 * size);
        for (int i = 0; i < 2'000; ++i) {
            d.now += d.round_trip / 4;
            d.control.acknowledged(size, d.path(std::min(d.full(), 4 * size)));
            if (d.control.window() > most) return false;
        }
        d.loss();
    }
    return true;
}

// After a pause the window is no larger than before, and full rounds bring it back: 300 for what was 100 segments.
template <class C>
constexpr bool recovers_after_idle() {
    constexpr std::uint32_t size = 1448;
    drive<C> d(size);
    if (!d.reaches(100 * size)) return false;
    d.loss();
    std::uint32_t const before = d.control.window();
    d.now += hours(24 * 60);
    d.control.resumed_after_idle(d.path(0));
    if (d.control.window() > before) return false;
    d.rounds(300);
    return d.control.window() >= before;
}

template <class C>
constexpr bool recovers_after_a_time_out() {
    constexpr std::uint32_t size = 1448;
    drive<C> d(size);
    if (!d.reaches(100 * size)) return false;
    std::uint32_t const before = d.control.window();
    for (bool const first : {true, false, false}) {
        d.control.timed_out(d.path(first ? d.full() : size), first);
        d.now += seconds(3);
    }
    if (d.control.window() > before) return false;
    d.rounds(300);
    return d.control.window() >= before;
}

// Where the clock began means nothing, and nothing happens when 32 bits of milliseconds or microseconds are over.
template <class C>
constexpr bool only_differences_of_time_count() {
    constexpr std::array<instant, 4> begins{instant{} + milliseconds((std::int64_t{1} << 32) - 5'000),
                                            instant{} + milliseconds((std::int64_t{1} << 31) - 5'000),
                                            instant{} + milliseconds(4'290'000), instant{} + hours(24 * 365 * 100)};
    for (instant const begin : begins) {
        drive<C> here(1448);
        drive<C> there(1448, begin);
        for (int i = 0; i < 150; ++i) {
            for (auto* d : {&here, &there}) {
                if (i == 10 || i == 80) d->loss();
                if (i == 120) d->control.timed_out(d->path(d->full()), true);
                d->round();
            }
            if (here.control.window() != there.control.window()) return false;
        }
    }
    return true;
}

struct congestion_law {
    std::string_view says;
    bool (*holds)();
};

// All of them.
template <tcp::congestion_controller C>
inline constexpr std::array<congestion_law, 9> congestion_laws{{
    {"the window is never below one segment, whatever happens", never_below_one_segment<C>},
    {"the window is never above 2^30 octets, whatever happens", never_above_the_largest_window<C>},
    {"neither a loss nor a time-out makes the window larger", a_loss_makes_no_window_larger<C>},
    {"the losses of one flight draw one reaction", one_reaction_for_the_losses_of_a_flight<C>},
    {"a round trip doubles the window at most", a_round_trip_doubles_the_window_at_most<C>},
    {"a window that is not used does not grow", what_is_not_used_does_not_grow<C>},
    {"after a pause the window is no larger, and comes back", recovers_after_idle<C>},
    {"after a time-out the window comes back", recovers_after_a_time_out<C>},
    {"only differences of time count", only_differences_of_time_count<C>},
}};

// Tries every law and tells `report(says, holds)` of each; whether all hold.
template <tcp::congestion_controller C, class Report>
constexpr bool obeys_the_congestion_laws(Report report) {
    bool all = true;
    for (auto const& law : congestion_laws<C>) {
        bool const holds = law.holds();
        report(law.says, holds);
        all = all && holds;
    }
    return all;
}

} // namespace plywire::laws
