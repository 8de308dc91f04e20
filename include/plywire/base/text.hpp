// Text without a heap or a locale: a writer into a caller's characters, and a small text that can be returned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace plywire {

// Appends to the characters it was given. What does not fit is dropped, and truncated() says so from then on.
class text_writer {
public:
    explicit constexpr text_writer(std::span<char> room)
        : room_(room) {}

    constexpr text_writer& character(char c) {
        if (size_ < room_.size()) {
            room_[size_++] = c;
        } else {
            truncated_ = true;
        }
        return *this;
    }

    constexpr text_writer& text(std::string_view characters) {
        for (char const c : characters) character(c);
        return *this;
    }

    // In base 10, with zeros in front up to the given number of digits (at most 20).
    constexpr text_writer& decimal(std::uint64_t value, int digits = 1) { return number(10, value, digits); }

    // In base 16, lower case, with zeros in front up to the given number of digits (at most 16).
    constexpr text_writer& hexadecimal(std::uint64_t value, int digits = 1) { return number(16, value, digits); }

    constexpr std::string_view view() const { return std::string_view(room_.data(), size_); }
    constexpr std::size_t size() const { return size_; }
    constexpr bool truncated() const { return truncated_; }

private:
    constexpr text_writer& number(unsigned base, std::uint64_t value, int digits) {
        std::array<char, 20> reversed = {}; // 2^64 - 1 has 20 decimal digits
        std::size_t count = 0;
        do {
            reversed[count++] = "0123456789abcdef"[value % base];
            value /= base;
        } while (value != 0);
        while (count < reversed.size() && static_cast<int>(count) < digits) reversed[count++] = '0';
        while (count > 0) character(reversed[--count]);
        return *this;
    }

    std::span<char> room_;
    std::size_t size_ = 0;
    bool truncated_ = false;
};

// A text of at most N characters that is a value.
template <std::size_t N>
struct text {
    std::array<char, N> characters = {};
    std::size_t size = 0;

    constexpr std::string_view view() const { return std::string_view(characters.data(), size); }

    friend constexpr bool operator==(text const& a, text const& b) { return a.view() == b.view(); }
    friend constexpr bool operator==(text const& a, std::string_view b) { return a.view() == b; }
};

// The text that `write(text_writer&)` writes, cut off after N characters.
template <std::size_t N, class Write>
constexpr text<N> text_of(Write&& write) {
    text<N> result = {};
    auto writer = text_writer(result.characters);
    write(writer);
    result.size = writer.size();
    return result;
}

} // namespace plywire
