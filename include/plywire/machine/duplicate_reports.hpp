// What has been received twice, as the peer is told of it: the D-SACK block of RFC 2883, an extension of RFC 2018.
#pragma once

#include <plywire/machine/reassembly.hpp>
#include <plywire/machine/satisfies.hpp>

#include <concepts>

namespace plywire::tcp {

// What a policy that reports duplicates must answer. Asked only where SACK has been agreed on.
template <class T>
concept duplicate_reporting = std::default_initializable<T> && requires(T t, T const k, sequence_range range) {
    t.seen(range);                         // octets that had been received before; not empty
    t.reported();                          // an ACK has left
    { k.pending() } -> std::same_as<bool>; // whether the next ACK has something to report
    { k.range() } -> std::same_as<sequence_range>;
};

// The last duplicate is reported in front of the other blocks, once (RFC 2883 section 4). 8 octets of state.
class duplicate_sack {
public:
    constexpr void seen(sequence_range range) { range_ = range; }
    constexpr void reported() { range_ = {}; }
    constexpr bool pending() const { return range_.first != range_.last; }
    constexpr sequence_range range() const { return range_; }

private:
    sequence_range range_{};
};

// Duplicates are not reported. Has no state.
struct no_duplicate_sack {
    using gives_up = rules<"2883-1", "2883-2", "2883-3">;
    static constexpr void seen(sequence_range) {}
    static constexpr void reported() {}
    static constexpr bool pending() { return false; }
    static constexpr sequence_range range() { return {}; }
};

} // namespace plywire::tcp
