// A reason that a compiler prints when a constraint is not met.
#pragma once

#include <plywire/base/fixed_string.hpp>

namespace plywire {

// Always false. `concept frame = condition || because<"plywire: a frame has octets">;` has the value of `condition`,
// and where that is false the compiler's note quotes the sentence.
template <fixed_string Reason>
inline constexpr bool because = false;

} // namespace plywire
