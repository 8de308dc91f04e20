// The queue in front of a link: which frames get in and which get out again. A discipline decides; the frames
// themselves lie in a line, first in, first out, that the path keeps (weather_path.hpp).
//
// Marking, instead of dropping, is setting the CE code point of RFC 3168 in a packet whose sender knows about it. That
// takes a look into the IP header, which io/ does not know, so what marks is given from above: world/ecn_marking.hpp.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace plywire {

// What a discipline sees of the line. The frame that is being sent at the moment is not in it any more.
// - `empty()`, `frames()`, `octets()`: what waits.
// - `empty_since()`: since when, while it is empty.
// - `front_octets()`, `front_entered()`: the oldest frame, and when it came; not of an empty line.
// - `drop_front()`: it is dropped, and counted.
// - `mark_front()`: it is marked, and counted; false when it cannot be.
template <class L>
concept waiting_line = requires(L line, L const seen) {
    { seen.empty() } -> std::convertible_to<bool>;
    { seen.frames() } -> std::convertible_to<std::size_t>;
    { seen.octets() } -> std::convertible_to<std::size_t>;
    { seen.empty_since() } -> std::same_as<instant>;
    { seen.front_octets() } -> std::convertible_to<std::size_t>;
    { seen.front_entered() } -> std::same_as<instant>;
    line.drop_front();
    { line.mark_front() } -> std::convertible_to<bool>;
};

// What becomes of a frame that comes to a queue.
enum class admission : std::uint8_t {
    take,
    mark,         // take it, marked if it can be
    mark_or_drop, // take it if it can be marked
    drop,
};

// What a queue discipline must answer, told of `Line`, a waiting_line:
// - `admits(line, octets, now, random)`: what becomes of a frame that comes now and is not in the line yet;
// - `next(line, now)`: the link is free; whether a frame shall leave, which is then the front one. It may drop and mark
//   frames at the front before it answers. False only of a line that is empty then.
template <class D, class Line>
concept queue_discipline = requires(D d, Line& line, std::size_t octets, instant now, random_generator& random) {
    { d.admits(line, octets, now, random) } -> std::same_as<admission>;
    { d.next(line, now) } -> std::convertible_to<bool>;
};

// A line that says what it is told to; for concepts, and for tests of disciplines.
struct line_view {
    std::size_t waiting_frames = 0;
    std::size_t waiting_octets = 0;
    std::size_t oldest_octets = 0;
    instant oldest_entered{};
    instant emptied{};

    constexpr bool empty() const { return waiting_frames == 0; }
    constexpr std::size_t frames() const { return waiting_frames; }
    constexpr std::size_t octets() const { return waiting_octets; }
    constexpr instant empty_since() const { return emptied; }
    constexpr std::size_t front_octets() const { return oldest_octets; }
    constexpr instant front_entered() const { return oldest_entered; }
    constexpr void drop_front() {
        --waiting_frames;
        waiting_octets -= oldest_octets;
    }
    constexpr bool mark_front() { return false; }
};
static_assert(waiting_line<line_view>);

// Can mark nothing. What marks is called with the packet, without its link header, and answers whether it is marked now.
struct no_marking {
    constexpr bool operator()(mutable_bytes) const { return false; }
};

// First in, first out, until it is full.
struct drop_tail {
    std::size_t octets = 256 * 1024;
    std::size_t frames = ~std::size_t{0};

    template <class Line>
    constexpr bool is_full(Line const& line, std::size_t arriving) const {
        return line.frames() >= frames || arriving > octets || line.octets() > octets - arriving;
    }
    template <class Line>
    constexpr admission admits(Line const& line, std::size_t arriving, instant, random_generator&) const {
        return is_full(line, arriving) ? admission::drop : admission::take;
    }
    template <class Line>
    constexpr bool next(Line const& line, instant) const {
        return !line.empty();
    }
};
static_assert(queue_discipline<drop_tail, line_view>);

// A drop-tail queue that marks what comes while more than so many octets wait: the switch of RFC 8257 section 3.1. What
// cannot be marked is taken all the same, as long as there is room.
struct step_marking {
    drop_tail limit{};
    std::size_t mark_beyond_octets = 0;

    template <class Line>
    constexpr admission admits(Line const& line, std::size_t arriving, instant, random_generator&) const {
        if (limit.is_full(line, arriving)) {
            return admission::drop;
        }
        return line.octets() > mark_beyond_octets ? admission::mark : admission::take;
    }
    template <class Line>
    constexpr bool next(Line const& line, instant) const {
        return !line.empty();
    }
};

} // namespace plywire
