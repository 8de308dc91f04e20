// What the RST of an ABORT looks like.
#pragma once

#include <concepts>

namespace plywire::tcp {

// What a reset style must answer: whether the RST that ends a connection bears an ACK too. RFC 9293 section 3.10.5 asks
// for <SEQ=SND.NXT><CTL=RST>; a receiver takes either.
template <class T>
concept reset_style = requires {
    { T::acknowledges } -> std::convertible_to<bool>;
};

// RST alone, as the RFC has it.
struct bare_resets {
    static constexpr bool acknowledges = false;
};

// RST and ACK, as kernels send it.
struct acknowledging_resets {
    static constexpr bool acknowledges = true;
};

static_assert(reset_style<bare_resets>);
static_assert(reset_style<acknowledging_resets>);

} // namespace plywire::tcp
