// What went wrong when the operating system was asked for something: the step, the reason, and what may help.
#pragma once

#include <plywire/base/text.hpp>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace plywire {

namespace detail {

// strerror_r comes in two kinds, told apart by what they return: GNU's answers the text, POSIX's fills the buffer.
inline std::string_view error_text(char const* answer, char const*) { return answer; }
inline std::string_view error_text(int failed, char const* buffer) { return failed == 0 ? buffer : "unknown error"; }

} // namespace detail

// A step that failed, its errno, and perhaps a hint. The texts are literals or live as long as the program.
struct os_error {
    int code = 0;              // errno, 0 when the step failed without one
    std::string_view step{};   // in words: "cannot open /dev/net/tun"
    std::string_view advice{}; // what may help, in words; may be empty

    // "cannot open /dev/net/tun: Permission denied (run as root, ...)"
    text<256> message() const {
        return text_of<256>([&](text_writer& out) {
            out.text(step);
            if (code != 0) {
                char buffer[96] = {};
                out.text(": ").text(detail::error_text(::strerror_r(code, buffer, sizeof buffer), buffer));
            }
            if (!advice.empty()) {
                out.text(" (").text(advice).text(")");
            }
        });
    }
};

} // namespace plywire
