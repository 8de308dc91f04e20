// Putting texts together.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <string>

namespace http {

// What std::printf would print, as a text of any length; the compiler checks the arguments against the format.
__attribute__((format(printf, 1, 2))) inline std::string formatted(char const* format, ...) {
    std::va_list arguments;
    std::va_list once_more;
    va_start(arguments, format);
    va_copy(once_more, arguments);
    std::string text(static_cast<std::size_t>(std::vsnprintf(nullptr, 0, format, once_more)), '\0');
    va_end(once_more);
    std::vsnprintf(text.data(), text.size() + 1, format, arguments);
    va_end(arguments);
    return text;
}

} // namespace http
