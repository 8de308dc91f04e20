// A condition with the sentence that a compiler quotes where it does not hold.
#pragma once

#include <plywire/base/fixed_string.hpp>

namespace plywire {

// `Holds`. `concept frame = required<condition, "plywire: a frame has octets">;` has the value of `condition`, and where
// that is false the note of g++ and of clang quotes the sentence. (Of `condition || sentence` g++ shows the left side
// only, unless it is asked for more.)
template <bool Holds, fixed_string Otherwise>
inline constexpr bool required = Holds;

} // namespace plywire
