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
    t.forget();                                                       // another connection begins
    t.written(number);                                                // a call of SEND has queued octets up to there
    t.acknowledged(number);                                           // SND.UNA
    { k.pushes(number, number) } -> std::same_as<bool>;               // a segment from there up to there
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

static_assert(push_rule<push_when_empty>);
static_assert(push_rule<push_each_write<>>);

} // namespace plywire::tcp
