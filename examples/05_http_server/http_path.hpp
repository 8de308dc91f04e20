// From a request's target to the name of a file below the root, and back for listings.
#pragma once

#include "http_text.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace http {

// The value of "%41" and the like; -1 for what is no hexadecimal digit.
constexpr int hexadecimal_value(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

// The target's path, decoded, without its query and without slashes at its front: "a/b.txt", "" for the root; a slash
// at its end stays. Nothing when it is nonsense or would climb: a broken escape, a zero octet, a segment "..".
inline std::optional<std::string> path_of(std::string_view target) {
    target = target.substr(0, target.find_first_of("?#"));
    std::string path;
    for (std::size_t i = 0; i < target.size(); ++i) {
        char c = target[i];
        if (c == '%') {
            int const high = i + 2 < target.size() ? hexadecimal_value(target[i + 1]) : -1;
            int const low = i + 2 < target.size() ? hexadecimal_value(target[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (c == '\0') {
            return std::nullopt;
        }
        if (c != '/' || (!path.empty() && path.back() != '/')) { // several slashes are one, at the front none
            path += c;
        }
    }
    for (std::size_t start = 0; start < path.size();) {
        std::size_t const end = path.find('/', start);
        if (path.substr(start, end - start) == "..") {
            return std::nullopt;
        }
        start = end == std::string::npos ? path.size() : end + 1;
    }
    return path;
}

// A file name as part of a link.
inline std::string escaped_for_link(std::string_view name) {
    std::string result;
    for (char const c : name) {
        bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~' || c == '/';
        result += formatted(plain ? "%c" : "%%%02X", static_cast<unsigned char>(c));
    }
    return result;
}

// The media type that a file's name suggests.
constexpr char const* media_type(std::string_view path) {
    struct known {
        std::string_view ending;
        char const* type;
    };
    for (known const& each : {known{".html", "text/html; charset=utf-8"},
                              {".txt", "text/plain; charset=utf-8"},
                              {".css", "text/css"},
                              {".js", "text/javascript"},
                              {".json", "application/json"},
                              {".png", "image/png"},
                              {".jpg", "image/jpeg"},
                              {".svg", "image/svg+xml"},
                              {".pdf", "application/pdf"}}) {
        if (path.ends_with(each.ending)) {
            return each.type;
        }
    }
    return "application/octet-stream";
}

} // namespace http
