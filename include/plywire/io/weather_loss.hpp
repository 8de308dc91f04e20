// Which frames a path loses: models that are called with each frame and answer whether it is lost. A function of the
// user's own is a model too:
//
//     weather{.loss = [](passing_frame const& frame, random_generator&) { return frame.number == 3; }}
//
// Probabilities are whole parts per million, since a result must not depend on how a machine rounds.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace plywire {

inline constexpr std::uint32_t one_million = 1'000'000;

// True `per_million` times in a million; 1,000,000 and more is always.
constexpr bool happens(std::uint32_t per_million, random_generator& random) {
    return random.below(one_million) < per_million;
}

// What a loss model is told of a frame.
struct passing_frame {
    std::uint64_t number = 0; // counted from 0 on this path; what the queue has dropped does not count
    instant leaves{};         // when its last octet leaves the sending end of the path
    bytes_view octets{};      // link header included
};

// A loss model: called once for each frame, in the order in which they leave; true: the frame is lost. The generator is
// for this model alone.
template <class L>
concept loss_model = requires(L loss, passing_frame const& frame, random_generator& random) {
    { loss(frame, random) } -> std::convertible_to<bool>;
};

// Nothing is lost.
struct no_loss {
    constexpr bool operator()(passing_frame const&, random_generator&) const { return false; }
};

// Each frame is lost with the same probability, whatever happened to the others.
struct uniform_loss {
    std::uint32_t per_million = 0;

    constexpr bool operator()(passing_frame const&, random_generator& random) const {
        return happens(per_million, random);
    }
};

// Losses in bursts: a path that is good or bad, and may change with each frame (Gilbert, "Capacity of a burst-noise
// channel", 1960; Elliott, 1963, lets both states lose). All in parts per million. A bad spell lasts 1,000,000 /
// bad_to_good frames on average; it begins after that many of the good_to_bad ones.
struct gilbert_elliott_loss {
    std::uint32_t good_to_bad = 0; // the path turns bad behind a frame
    std::uint32_t bad_to_good = 0;
    std::uint32_t lost_in_good = 0;
    std::uint32_t lost_in_bad = one_million;
    bool is_bad = false; // the state it begins in

    constexpr bool operator()(passing_frame const&, random_generator& random) {
        bool const lost = happens(is_bad ? lost_in_bad : lost_in_good, random);
        if (happens(is_bad ? bad_to_good : good_to_bad, random)) {
            is_bad = !is_bad;
        }
        return lost;
    }

    // The share of frames that is lost in the long run, in parts per million, rounded down. The two changes are not
    // both 0.
    constexpr std::uint32_t mean_per_million() const {
        std::uint64_t const lost = std::uint64_t{bad_to_good} * lost_in_good + std::uint64_t{good_to_bad} * lost_in_bad;
        return static_cast<std::uint32_t>(lost / (std::uint64_t{good_to_bad} + bad_to_good));
    }
};

// The frames with these numbers are lost, in any order: `scripted_loss{3, 4, 9}`.
template <std::size_t Count>
struct scripted_loss {
    std::array<std::uint64_t, Count> numbers{};

    constexpr bool operator()(passing_frame const& frame, random_generator&) const {
        for (std::uint64_t const number : numbers) {
            if (number == frame.number) {
                return true;
            }
        }
        return false;
    }
};
template <std::integral... Numbers>
scripted_loss(Numbers...) -> scripted_loss<sizeof...(Numbers)>;

// Everything is lost for a time: what leaves from `from` on and before `until`.
struct outage_loss {
    instant from{};
    instant until{};

    constexpr bool operator()(passing_frame const& frame, random_generator&) const {
        return frame.leaves >= from && frame.leaves < until;
    }
};

// What either of two models loses. Both are asked about each frame.
template <loss_model First, loss_model Second>
struct either_loss {
    First first{};
    Second second{};

    constexpr bool operator()(passing_frame const& frame, random_generator& random) {
        bool const first_loses = first(frame, random);
        bool const second_loses = second(frame, random);
        return first_loses || second_loses;
    }
};
template <class First, class Second>
either_loss(First, Second) -> either_loss<First, Second>;

static_assert(loss_model<no_loss> && loss_model<uniform_loss> && loss_model<gilbert_elliott_loss> &&
              loss_model<scripted_loss<1>> && loss_model<outage_loss> &&
              loss_model<either_loss<uniform_loss, outage_loss>>);

} // namespace plywire
