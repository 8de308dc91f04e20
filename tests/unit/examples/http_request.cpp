// The HTTP server's reading of requests, ranges and paths: all of it pure functions, most of it at compile time.

#include "../../../examples/05_http_server/http_request.hpp"
#include "../../../examples/05_http_server/http_path.hpp"
#include "../../../examples/05_http_server/http_range.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>

using namespace http;
using outcome = parse_result::outcome;

namespace {

constexpr int status_of(std::string_view octets) { return parse_request(octets).status; }

constexpr bool complete(std::string_view octets) { return parse_request(octets).found == outcome::complete; }

constexpr bool keeps_alive(std::string_view octets) {
    return complete(octets) && parse_request(octets).request.keep_alive;
}

constexpr part some(std::uint64_t first, std::uint64_t length) { return {part::kind::some, first, length}; }
constexpr part whole(std::uint64_t length) { return {part::kind::whole, 0, length}; }
constexpr part none{part::kind::none, 0, 0};

} // namespace

TEST_CASE("a request is its line, its fields and an empty line", "[http][9112-2.1]") {
    constexpr std::string_view text = "GET /a?b HTTP/1.1\r\nHost: x\r\nRange:  bytes=0-1 \r\n\r\nrest";
    constexpr auto parsed = parse_request(text);
    STATIC_REQUIRE(parsed.found == outcome::complete);
    STATIC_REQUIRE(parsed.head_octets == text.size() - 4);
    STATIC_REQUIRE(parsed.request.method == method::get);
    STATIC_REQUIRE(parsed.request.target == "/a?b");
    STATIC_REQUIRE(parsed.request.range == "bytes=0-1");
    STATIC_REQUIRE(parsed.request.keep_alive);
    STATIC_REQUIRE(parsed.request.body_octets == 0);
}

TEST_CASE("every shorter piece of a request is incomplete", "[http]") {
    std::string const text = "\r\nHEAD /index.html HTTP/1.1\r\nHost: 10.9.0.2\r\nAccept: */*\r\n\r\n";
    for (std::size_t length = 0; length < text.size(); ++length) {
        CHECK(parse_request(std::string_view(text).substr(0, length)).found == outcome::incomplete);
    }
    CHECK(complete(text));
}

TEST_CASE("lines may end with a lone LF, and empty lines may precede a request", "[http][9112-2.2]") {
    STATIC_REQUIRE(complete("\r\n\nGET / HTTP/1.1\nHost: x\n\n"));
    STATIC_REQUIRE(status_of("GET / HTTP/1.1\rHost: x\r\r\n\r\n") == 400);
}

TEST_CASE("nonsense in the request line is a bad request", "[http][9112-3]") {
    STATIC_REQUIRE(status_of("nonsense\r\n") == 400);
    STATIC_REQUIRE(status_of("GET /\r\n") == 400);
    STATIC_REQUIRE(status_of("GET  / HTTP/1.1\r\n") == 400);
    STATIC_REQUIRE(status_of("GET /a b HTTP/1.1\r\n") == 400);
    STATIC_REQUIRE(status_of("G@T / HTTP/1.1\r\n") == 400);
    STATIC_REQUIRE(status_of("GET / HTTP/1\r\n") == 400);
    STATIC_REQUIRE(status_of("GET / http/1.1\r\n") == 400);
    STATIC_REQUIRE(status_of("GET / HTTP/x.1\r\n") == 400);
    STATIC_REQUIRE(status_of("GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    STATIC_REQUIRE(status_of("GET * HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    STATIC_REQUIRE(status_of(std::string_view("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 31)) == 400);
}

TEST_CASE("only HTTP/1 is spoken", "[http][9110-15.6.6]") {
    STATIC_REQUIRE(status_of("GET / HTTP/2.0\r\n") == 505);
    STATIC_REQUIRE(status_of("GET / HTTP/0.9\r\n") == 505);
    STATIC_REQUIRE(complete("GET / HTTP/1.7\r\nHost: x\r\n\r\n"));
}

TEST_CASE("HTTP/1.1 requires exactly one Host", "[http][9112-3.2]") {
    STATIC_REQUIRE(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
    STATIC_REQUIRE(status_of("GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n") == 400);
    STATIC_REQUIRE(complete("GET / HTTP/1.0\r\n\r\n"));
}

TEST_CASE("no space before a colon, no line that goes on in the next", "[http][9112-5.1][9112-5.2]") {
    STATIC_REQUIRE(status_of("GET / HTTP/1.1\r\nHost : x\r\n\r\n") == 400);
    STATIC_REQUIRE(status_of("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n") == 400);
    STATIC_REQUIRE(status_of("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n") == 400);
    STATIC_REQUIRE(status_of("GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n") == 400);
}

TEST_CASE("HTTP/1.1 goes on unless told to close, HTTP/1.0 the other way round", "[http][9112-9.3]") {
    STATIC_REQUIRE(keeps_alive("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    STATIC_REQUIRE(!keeps_alive("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade, Close\r\n\r\n"));
    STATIC_REQUIRE(!keeps_alive("GET / HTTP/1.0\r\n\r\n"));
    STATIC_REQUIRE(keeps_alive("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST_CASE("a body whose end cannot be known is refused", "[http][9112-6.1][9112-6.3]") {
    STATIC_REQUIRE(status_of("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n") == 501);
    STATIC_REQUIRE(status_of("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n") ==
                   400);
    STATIC_REQUIRE(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n") == 400);
    STATIC_REQUIRE(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n") == 400);
    STATIC_REQUIRE(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n") == 413);
    STATIC_REQUIRE(parse_request("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n").request.body_octets == 3);
}

TEST_CASE("methods that are known and not allowed are apart from unknown ones", "[http][9110-9.1]") {
    STATIC_REQUIRE(parse_request("POST / HTTP/1.1\r\nHost: x\r\n\r\n").request.method == method::not_allowed);
    STATIC_REQUIRE(parse_request("BREW / HTTP/1.1\r\nHost: x\r\n\r\n").request.method == method::unknown);
    STATIC_REQUIRE(parse_request("get / HTTP/1.1\r\nHost: x\r\n\r\n").request.method == method::unknown);
    STATIC_REQUIRE(parse_request("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").request.method == method::not_allowed);
}

TEST_CASE("an absolute target is understood", "[http][9112-3.2.2]") {
    STATIC_REQUIRE(parse_request("GET http://x/a/b HTTP/1.1\r\nHost: x\r\n\r\n").request.target == "/a/b");
    STATIC_REQUIRE(parse_request("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n").request.target == "/");
    STATIC_REQUIRE(parse_request("GET http://x?q HTTP/1.1\r\nHost: x\r\n\r\n").request.target == "/");
}

TEST_CASE("a head that does not end within 8192 octets is refused", "[http][9110-5.4]") {
    std::string const endless_target = "GET /" + std::string(largest_head_octets, 'a');
    CHECK(status_of(endless_target) == 414);
    std::string fields = "GET / HTTP/1.1\r\nHost: x\r\n";
    while (fields.size() < largest_head_octets) {
        fields += "A: b\r\n";
    }
    CHECK(status_of(fields) == 431);
    std::string const followed = "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(largest_head_octets, 'a');
    CHECK(parse_request(followed).head_octets == 27);
}

TEST_CASE("a range asks for part of a file", "[http][9110-14.1.2]") {
    STATIC_REQUIRE(part_of(std::nullopt, 10) == whole(10));
    STATIC_REQUIRE(part_of("bytes=0-0", 10) == some(0, 1));
    STATIC_REQUIRE(part_of("bytes=2-5", 10) == some(2, 4));
    STATIC_REQUIRE(part_of("bytes=2-", 10) == some(2, 8));
    STATIC_REQUIRE(part_of("bytes=2-100", 10) == some(2, 8));
    STATIC_REQUIRE(part_of("bytes=-3", 10) == some(7, 3));
    STATIC_REQUIRE(part_of("bytes=-30", 10) == some(0, 10));
    STATIC_REQUIRE(part_of("Bytes=1-1", 10) == some(1, 1));
}

TEST_CASE("a range with none of the file's octets cannot be satisfied", "[http][9110-15.5.17]") {
    STATIC_REQUIRE(part_of("bytes=10-", 10) == none);
    STATIC_REQUIRE(part_of("bytes=10-20", 10) == none);
    STATIC_REQUIRE(part_of("bytes=-0", 10) == none);
    STATIC_REQUIRE(part_of("bytes=0-", 0) == none);
    STATIC_REQUIRE(part_of("bytes=-5", 0) == none);
}

TEST_CASE("a range that is not understood is passed over", "[http][9110-14.2]") {
    for (std::string_view const range : {"bytes=5-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1",
                                         "bytes=1", "bytes=--1", "bytes=99999999999999999999-", "b"}) {
        CHECK(part_of(range, 10) == whole(10));
    }
    STATIC_REQUIRE(!parse_request("HEAD / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n").request.range);
    STATIC_REQUIRE(
        !parse_request("GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\nIf-Range: \"a\"\r\n\r\n").request.range);
}

TEST_CASE("a target becomes a path below the root or nothing", "[http]") {
    CHECK(path_of("/") == "");
    CHECK(path_of("/a/b.txt?query") == "a/b.txt");
    CHECK(path_of("//a//b/") == "a/b/");
    CHECK(path_of("/%41%20b") == "A b");
    CHECK(path_of("/a%2fb") == "a/b");
    CHECK(path_of("/..a/b..") == "..a/b..");
    for (std::string_view const target :
         {"/..", "/../etc/passwd", "/a/../../b", "/a/..", "/%2e%2e/x", "/a%2f..%2fb", "/%", "/%4", "/%4g", "/a%00b"}) {
        CHECK(!path_of(target));
    }
}

TEST_CASE("file names are escaped in links", "[http]") {
    CHECK(escaped_for_link("a b/<c>\"\xff") == "a%20b/%3Cc%3E%22%FF");
    CHECK(path_of("/" + escaped_for_link("a b\xff%")) == "a b\xff%");
}
