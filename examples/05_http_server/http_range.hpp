// Which octets of a file a Range field asks for (RFC 9110 section 14).
#pragma once

#include "http_request.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace http {

// The part of a file that is sent. Octets from `first`, `length` of them.
struct part {
    enum class kind { whole, some, none };
    kind is = kind::whole; // whole: 200; some: 206; none of the file's octets is asked for: 416
    std::uint64_t first = 0;
    std::uint64_t length = 0;

    friend constexpr bool operator==(part const&, part const&) = default;
};

// The part that `range` asks for of a file of `size` octets. What is not understood, and lists of ranges, ask for the
// whole: RFC 9110 section 14.2 allows any Range field to be passed over.
constexpr part part_of(std::optional<std::string_view> range, std::uint64_t size) {
    part const whole{part::kind::whole, 0, size};
    if (!range || !detail::same_word(range->substr(0, 6), "bytes=")) {
        return whole;
    }
    std::string_view const spec = detail::trimmed(range->substr(6));
    std::size_t const dash = spec.find('-');
    if (dash == std::string_view::npos) {
        return whole;
    }
    auto const before = detail::number(spec.substr(0, dash));
    auto const after = detail::number(spec.substr(dash + 1));
    bool const open = dash + 1 == spec.size();
    if (dash == 0) { // "-500": the last 500
        if (!after) {
            return whole;
        }
        std::uint64_t const length = std::min(*after, size);
        return length == 0 ? part{part::kind::none, 0, 0} : part{part::kind::some, size - length, length};
    }
    if (!before || (!after && !open) || (after && *after < *before)) {
        return whole;
    }
    if (*before >= size) {
        return {part::kind::none, 0, 0};
    }
    std::uint64_t const last = open ? size - 1 : std::min(*after, size - 1);
    return {part::kind::some, *before, last - *before + 1};
}

} // namespace http
