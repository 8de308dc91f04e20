// Putting texts together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace http {

// A number's decimal digits, with zeros in front up to `least` of them; a text for as long as the expression lasts.
class decimal {
public:
    explicit decimal(std::uint64_t value, std::size_t least = 1) {
        while (value != 0 || characters_.size() - first_ < least) {
            characters_[--first_] = static_cast<char>('0' + value % 10);
            value /= 10;
        }
    }
    operator std::string_view() const { return {characters_.data() + first_, characters_.size() - first_}; }

private:
    std::array<char, 20> characters_; // 2^64 - 1 has 20 digits
    std::size_t first_ = 20;
};

// Texts, one behind the other: joined({"Content-Length: ", decimal(length), "\r\n"}).
inline std::string joined(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (std::string_view const part : parts) {
        all.append(part);
    }
    return all;
}

} // namespace http
