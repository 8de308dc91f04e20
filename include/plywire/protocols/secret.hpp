// What only the host itself may know.
#pragma once

#include <plywire/base/siphash.hpp>

#include <cstdint>

namespace plywire {

// 128 bits that nobody else can guess: what peers must not foresee is derived from them. Draw it from the system's
// random source once per host. It has no default, since whoever forgets it would be guessed by everybody.
class secret {
public:
    constexpr secret(siphash_key const& key)
        : key_(key) {}
    constexpr secret(std::uint64_t first_half, std::uint64_t second_half)
        : key_{first_half, second_half} {}

    constexpr siphash_key const& key() const { return key_; }
    // A key for one use: whoever learns it learns nothing of the others.
    constexpr siphash_key derived(std::uint64_t use) const {
        return {siphash_2_4_words(key_, use, 0), siphash_2_4_words(key_, use, 1)};
    }

private:
    siphash_key key_;
};

} // namespace plywire
