// What a literal operator answers when its text has no meaning.
#pragma once

#include <optional>

namespace plywire::detail {

// Not constexpr on purpose: a literal that means nothing stops the compiler here, and it quotes this name.
inline void the_literal_is_not_well_formed() {}

// The value that was read from a literal, which must have one.
template <class T>
consteval T value_of_literal(std::optional<T> const& read) {
    if (!read) the_literal_is_not_well_formed();
    return *read;
}

} // namespace plywire::detail
