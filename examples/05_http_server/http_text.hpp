#pragma once
// Putting texts together.

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace http {

/// Texts and numbers, one behind the other.
template <class... Parts>
std::string joined(Parts const&... parts) {
    std::string all;
    auto const append = [&](auto const& part) {
        if constexpr (std::integral<std::remove_cvref_t<decltype(part)>>) {
            all.append(std::to_string(part));
        } else {
            all.append(std::string_view(part));
        }
    };
    (append(parts), ...);
    return all;
}

} // namespace http
