// Reading an HTTP/1.1 request: a pure function from octets to a request (RFC 9112, RFC 9110).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace http {

// What a request asks for. Methods that HTTP knows but this server does not allow are apart from mere words.
enum class method { get, head, not_allowed, unknown };

// A request; its texts point into the octets that it was read from.
struct request {
    http::method method = method::get;
    std::string_view target{};               // the path with its query, as sent: begins with '/'
    bool keep_alive = true;                  // whether the client wants to go on after this one
    std::optional<std::string_view> range{}; // the Range field, when it is to be looked at
    std::uint64_t body_octets = 0;           // octets of a body that nobody asked for, behind the head
};

// What a look at the octets found.
struct parse_result {
    enum class outcome { incomplete, complete, bad };
    outcome found = outcome::incomplete;
    std::size_t head_octets = 0; // complete: how many octets the request line and the fields took
    http::request request{};     // complete: the request
    int status = 0;              // bad: the status code to answer before closing
};

inline constexpr std::size_t largest_head_octets = 8192;    // RFC 9112 section 3 asks for 8000 for the first line alone
inline constexpr std::uint64_t largest_body_octets = 65536; // more is not read just to be thrown away

namespace detail {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

// RFC 9110 section 5.6.2: what names are made of.
constexpr bool is_token(std::string_view text) {
    for (char const c : text) {
        bool const letter = lower(c) >= 'a' && lower(c) <= 'z';
        bool const digit = c >= '0' && c <= '9';
        if (!letter && !digit && std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos) {
            return false;
        }
    }
    return !text.empty();
}

constexpr std::string_view trimmed(std::string_view text) {
    std::size_t const first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

// Digits only; nullopt when there are none or they say 10^18 or more.
constexpr std::optional<std::uint64_t> number(std::string_view text) {
    if (text.empty() || text.size() > 18) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (char const c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

// Whether a comma-separated list (RFC 9110 section 5.6.1) has this word.
constexpr bool lists(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        std::size_t const comma = list.find(',');
        if (same_word(trimmed(list.substr(0, comma)), word)) {
            return true;
        }
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
    return false;
}

// Takes the next line off `text`, without its CR LF. RFC 9112 section 2.2: a lone LF ends a line too, a lone CR is
// nonsense and stays in the line, where no rule lets it pass.
constexpr std::optional<std::string_view> take_line(std::string_view& text) {
    std::size_t const end = text.find('\n');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

constexpr bool has_control_character(std::string_view text) {
    for (char const c : text) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
            return true;
        }
    }
    return false;
}

constexpr method method_of(std::string_view word) {
    if (word == "GET") { // methods are case-sensitive: RFC 9110 section 9.1
        return method::get;
    }
    if (word == "HEAD") {
        return method::head;
    }
    for (std::string_view const known : {"POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
        if (word == known) {
            return method::not_allowed;
        }
    }
    return method::unknown;
}

// What the fields say that matters here.
struct fields_seen {
    int hosts = 0;
    bool close = false;
    bool keep_alive = false;
    bool transfer_encoding = false;
    bool conditional_range = false;
    std::optional<std::string_view> range{};
    std::optional<std::uint64_t> content_length{};
};

// Reads one field line into `seen`; 0, or the status code of what is wrong with it.
constexpr int read_field(std::string_view line, fields_seen& seen) {
    // RFC 9112 section 5.1: no space before the colon; section 5.2: no line goes on in the next. Neither is a token.
    std::size_t const colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || has_control_character(line)) {
        return 400;
    }
    std::string_view const name = line.substr(0, colon);
    std::string_view const value = trimmed(line.substr(colon + 1));
    if (same_word(name, "host")) {
        ++seen.hosts;
    } else if (same_word(name, "connection")) {
        seen.close = seen.close || lists(value, "close");
        seen.keep_alive = seen.keep_alive || lists(value, "keep-alive");
    } else if (same_word(name, "range")) {
        seen.range = value;
    } else if (same_word(name, "if-range")) {
        seen.conditional_range = true;
    } else if (same_word(name, "transfer-encoding")) {
        seen.transfer_encoding = true;
    } else if (same_word(name, "content-length")) {
        // RFC 9112 section 6.3: a length that cannot be read, or two that differ, leave the end of the body unknown.
        auto const length = number(value);
        if (!length || (seen.content_length && *seen.content_length != *length)) {
            return 400;
        }
        seen.content_length = length;
    }
    return 0;
}

// The path of an absolute target, which every server must understand: RFC 9112 section 3.2.2.
constexpr std::string_view origin_form(std::string_view target) {
    std::size_t const scheme = target.find("://");
    if (!target.starts_with('/') && scheme != std::string_view::npos && same_word(target.substr(0, scheme), "http")) {
        std::size_t const path = target.find_first_of("/?", scheme + 3);
        return path == std::string_view::npos || target[path] == '?' ? std::string_view("/") : target.substr(path);
    }
    return target;
}

} // namespace detail

// Looks for a request at the front of `octets`: incomplete while its head has not arrived whole and may still fit into
// `largest_head_octets`.
constexpr parse_result parse_request(std::string_view const octets) {
    auto const bad = [](int status) { return parse_result{parse_result::outcome::bad, 0, {}, status}; };
    std::string_view rest = octets.substr(0, largest_head_octets);
    auto const unfinished = [&](int too_long) {
        return octets.size() >= largest_head_octets ? bad(too_long) : parse_result{};
    };

    auto line = detail::take_line(rest);
    while (line && line->empty()) { // RFC 9112 section 2.2: empty lines before a request are passed over
        line = detail::take_line(rest);
    }
    if (!line) {
        return unfinished(414);
    }

    // RFC 9112 section 3: method SP target SP version, nothing else
    std::size_t const first_space = line->find(' ');
    std::size_t const last_space = line->rfind(' ');
    if (first_space == std::string_view::npos || first_space == last_space) {
        return bad(400);
    }
    std::string_view const word = line->substr(0, first_space);
    std::string_view const target = line->substr(first_space + 1, last_space - first_space - 1);
    std::string_view const version = line->substr(last_space + 1);
    if (!detail::is_token(word) || target.empty() || target.find(' ') != std::string_view::npos ||
        detail::has_control_character(target) || version.size() != 8 || !version.starts_with("HTTP/") ||
        version[6] != '.' || !detail::number(version.substr(5, 1)) || !detail::number(version.substr(7, 1))) {
        return bad(400);
    }
    if (version[5] != '1') {
        return bad(505);
    }
    bool const persistent = version[7] != '0';

    detail::fields_seen seen;
    for (;;) {
        line = detail::take_line(rest);
        if (!line) {
            return unfinished(431);
        }
        if (line->empty()) {
            break;
        }
        if (int const wrong = detail::read_field(*line, seen); wrong != 0) {
            return bad(wrong);
        }
    }
    if (seen.hosts > 1 || (persistent && seen.hosts != 1)) { // RFC 9112 section 3.2
        return bad(400);
    }
    if (seen.transfer_encoding) { // RFC 9112 section 6.1; with a length beside it, somebody is being fooled
        return bad(seen.content_length ? 400 : 501);
    }

    parse_result result{parse_result::outcome::complete, octets.size() < largest_head_octets
                                                             ? octets.size() - rest.size()
                                                             : largest_head_octets - rest.size()};
    request& request = result.request;
    request.method = detail::method_of(word);
    request.target = detail::origin_form(target);
    request.body_octets = seen.content_length.value_or(0);
    // RFC 9112 section 9.3: HTTP/1.1 goes on unless told to close, HTTP/1.0 closes unless told to go on
    request.keep_alive = !seen.close && (persistent || seen.keep_alive);
    // RFC 9110 section 13.1.5: without a validator no If-Range can hold, and then the Range is passed over
    if (request.method == method::get && !seen.conditional_range) {
        request.range = seen.range;
    }
    if (request.body_octets > largest_body_octets) {
        return bad(413);
    }
    bool const served = request.method == method::get || request.method == method::head;
    if (served && !request.target.starts_with('/')) {
        return bad(400);
    }
    return result;
}

} // namespace http
