#pragma once
// Putting texts together.

#include <initializer_list>
#include <string>
#include <string_view>

namespace http {

/// Texts, one behind the other: joined({"Content-Length: ", std::to_string(length), "\r\n"}).
inline std::string joined(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (std::string_view const part : parts) {
        all.append(part);
    }
    return all;
}

} // namespace http
