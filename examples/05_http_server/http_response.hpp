// What to answer a request with: a head, and a body that is a text or a part of a file (RFC 9110 section 15).
#pragma once

#include "http_files.hpp"
#include "http_range.hpp"
#include "http_request.hpp"
#include "http_text.hpp"

#include <plywire/io/file_descriptor.hpp>

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

namespace http {

// An answer that is ready to be sent: `text` first, then `file_octets` of the file from `file_offset` on.
struct response {
    std::string text{}; // the head, and the body when that is short
    plywire::file_descriptor file{};
    std::uint64_t file_offset = 0;
    std::uint64_t file_octets = 0;
    bool keep_alive = true;
};

constexpr char const* reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 416: return "Range Not Satisfiable";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Error";
    }
}

// "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110 section 5.6.7. In English as long as nobody calls std::setlocale.
inline std::string date_field(std::time_t when) {
    std::tm utc{};
    ::gmtime_r(&when, &utc);
    char text[32] = {};
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    return text;
}

// The head of an answer, up to the empty line. `fields` are whole lines.
inline std::string head_of(int status, std::uint64_t body_octets, char const* type, bool keep_alive,
                           char const* fields) {
    return formatted("HTTP/1.1 %d %s\r\nServer: plywire\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %ju\r\n"
                     "%sConnection: %s\r\n\r\n",
                     status, reason(status), date_field(std::time(nullptr)).c_str(), type, std::uintmax_t{body_octets},
                     fields, keep_alive ? "keep-alive" : "close");
}

// An answer whose body is a text made here. HEAD gets the same head and no body.
inline response page(int status, std::string_view body, method asked, bool keep_alive, char const* fields = "") {
    response made{.text = head_of(status, body.size(), "text/plain; charset=utf-8", keep_alive, fields),
                  .keep_alive = keep_alive};
    if (asked != method::head) {
        made.text.append(body);
    }
    return made;
}

// An answer that says what is wrong.
inline response refusal(int status, method asked, bool keep_alive, char const* fields = "") {
    return page(status, formatted("%d %s\n", status, reason(status)), asked, keep_alive, fields);
}

// An answer whose body is the file, or the part of it that is asked for.
inline response file_response(found file, std::string_view name, request const& asked) {
    part const sent = part_of(asked.range, file.size);
    if (sent.is == part::kind::none) {
        auto const fields =
            formatted("Accept-Ranges: bytes\r\nContent-Range: bytes */%ju\r\n", std::uintmax_t{file.size});
        return refusal(416, asked.method, asked.keep_alive, fields.c_str());
    }
    std::string fields = "Accept-Ranges: bytes\r\n";
    if (sent.is == part::kind::some) {
        fields += formatted("Content-Range: bytes %ju-%ju/%ju\r\n", std::uintmax_t{sent.first},
                            std::uintmax_t{sent.first + sent.length - 1}, std::uintmax_t{file.size});
    }
    response made{.text = head_of(sent.is == part::kind::some ? 206 : 200, sent.length, media_type(name),
                                  asked.keep_alive, fields.c_str()),
                  .keep_alive = asked.keep_alive};
    if (asked.method != method::head) {
        made.file = std::move(file.descriptor);
        made.file_offset = sent.first;
        made.file_octets = sent.length;
    }
    return made;
}

// The answer to a request, from the files below the directory `root`.
inline response respond(request const& asked, int root) {
    int problem = asked.method == method::not_allowed ? 405 : asked.method == method::unknown ? 501 : 400;
    if (auto path = path_of(asked.target); path && problem == 400) {
        found there = open_below(root, *path);
        bool const names_directory = path->empty() || path->ends_with('/');
        if (there.is == found::kind::directory &&
            !names_directory) { // so that relative links in the page lead below it
            auto const place = formatted("Location: /%s/\r\n", escaped_for_link(*path).c_str());
            return page(301, "", asked.method, asked.keep_alive, place.c_str());
        }
        if (there.is == found::kind::directory) {
            found index = open_below(there.descriptor.number(), "index.html");
            if (index.is != found::kind::file && index.is != found::kind::no_room) {
                return page(200, listing_of(there.descriptor), asked.method, asked.keep_alive);
            }
            there = std::move(index);
            *path = "index.html";
        }
        if (there.is == found::kind::file) {
            return file_response(std::move(there), *path, asked);
        }
        problem = there.is == found::kind::no_room ? 503 : 404;
    }
    // RFC 9110 section 15.5.6
    return refusal(problem, asked.method, asked.keep_alive, problem == 405 ? "Allow: GET, HEAD\r\n" : "");
}

} // namespace http
