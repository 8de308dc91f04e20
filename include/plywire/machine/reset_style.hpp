// What a RST looks like.
#pragma once

#include <plywire/machine/satisfies.hpp>

#include <concepts>

namespace plywire::tcp {

// What a reset style must answer: whether the RST that ends a connection bears an ACK too. RFC 9293 section 3.10.5 asks
// for <SEQ=SND.NXT><CTL=RST>; a receiver takes either. And whether a RST that answers a segment with timestamps echoes
// them (RFC 7323 section 5.2: it should).
template <class T>
concept reset_style = requires {
    { T::acknowledges } -> std::convertible_to<bool>;
    { T::echoes_timestamps } -> std::convertible_to<bool>;
};

// RST alone, as the RFC has it.
struct bare_resets {
    static constexpr bool acknowledges = false;
    static constexpr bool echoes_timestamps = true;
};

// RST and ACK, as kernels send it; they echo nothing in the RST that answers a segment.
struct acknowledging_resets {
    using gives_up = rules<"9293-ABORT-SYNC-1", "7323-18">;
    static constexpr bool acknowledges = true;
    static constexpr bool echoes_timestamps = false;
};

} // namespace plywire::tcp
