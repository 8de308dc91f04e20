// How much an exhaustive test does: everything in the release builds, a sample of it under the sanitizers.
#pragma once

#include <cstdint>

namespace plywire::testing {

#ifdef PLYWIRE_SAMPLED
inline constexpr bool sampled = true;
#else
inline constexpr bool sampled = false;
#endif

// The step of a loop over a whole space: 1, or `sparse` (best a prime) where only a sample is wanted.
constexpr std::uint64_t stride(std::uint64_t sparse) { return sampled ? sparse : 1; }

} // namespace plywire::testing
