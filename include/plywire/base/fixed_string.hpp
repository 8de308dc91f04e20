// A string literal as a template argument: names of fields, and reasons inside compiler errors.
#pragma once

#include <cstddef>
#include <string_view>

namespace plywire {

// A literal of N characters (its closing NUL not counted). All members are public so that it may be a template
// argument.
template <std::size_t N>
struct fixed_string {
    char characters[N + 1] = {};

    consteval fixed_string(char const (&literal)[N + 1]) {
        for (std::size_t i = 0; i <= N; ++i) characters[i] = literal[i];
    }

    // The characters without the closing NUL.
    constexpr std::string_view view() const { return std::string_view(characters, N); }
    static constexpr std::size_t size() { return N; }

    friend constexpr bool operator==(fixed_string const&, fixed_string const&) = default;
};

template <std::size_t M>
fixed_string(char const (&)[M]) -> fixed_string<M - 1>;

} // namespace plywire
