// Which segments bear PSH. Read RFC 9293 section 3.9.1.2 first.
#pragma once

#include <plywire/base/static_vector.hpp>
#include <plywire/machine/sequence.hpp>

#include <concepts>
#include <cstddef>

namespace plywire::tcp {

// What a push rule must answer. The segment that empties the send buffer always bears PSH (RFC 9293 MUST-61); the rule
// says which others do.
template <class T>
concept push_rule = std::default_initializable<T> && requires(T t, T const k, sequence number) {
    t.forget();                                         // another connection begins
    t.written(number);                                  // a call of SEND has queued octets up to there
    t.acknowledged(number);                             // SND.UNA
    { k.pushes(number, number) } -> std::same_as<bool>; // a segment from there up to there
};

// No others. Has no state.
struct push_when_empty {
    static constexpr void forget() {}
    static constexpr void written(sequence) {}
    static constexpr void acknowledged(sequence) {}
    static constexpr bool pushes(sequence, sequence) { return false; }
};

// Those in which what one call of SEND has queued comes to its end, as Linux does. Remembers the last Calls calls that
// are not acknowledged; of more, the oldest are forgotten.
template <std::size_t Calls = 4>
class push_each_write {
public:
    constexpr void forget() { ends_.clear(); }
    constexpr void written(sequence end) {
        if (ends_.full()) ends_.erase(0);
        ends_.push_back(end);
    }
    constexpr void acknowledged(sequence unacknowledged) {
        while (!ends_.empty() && !after(ends_.front(), unacknowledged)) ends_.erase(0);
    }
    constexpr bool pushes(sequence from, sequence to) const {
        for (auto const& end : ends_) {
            if (after(end, from) && !after(end, to)) return true;
        }
        return false;
    }

private:
    [[no_unique_address]] static_vector<sequence, Calls> ends_{};
};

// Besides those, every second full segment of what leaves in one go, so that the receiver does not wait for the rest; and
// what the user says will be followed by more only when that has come, or when the peer is probed with it. As Linux does
// where it hands the device two segments at a time. A rule that wants to see each segment answers leaves().
class push_bursts : public push_each_write<> {
public:
    constexpr void forget() { *this = push_bursts(); }
    constexpr void written(sequence end) {
        if (!more_follows_) push_each_write<>::written(end);
    }
    constexpr void expect_more(bool on) { more_follows_ = on; }
    // A segment with text leaves. `pushed`: it would bear PSH by pushes() or because it empties the buffer; `full`; at
    // the same time as the one before; as a probe of the peer. Whether it bears PSH.
    constexpr bool leaves(bool pushed, bool full, bool in_one_go, bool probes) {
        half_ = full && !(in_one_go && half_);
        return (pushed && (!more_follows_ || probes)) || (full && !half_);
    }

private:
    bool half_ : 1 = false; // the segment before was full and has not been pushed
    bool more_follows_ : 1 = false;
};

} // namespace plywire::tcp
