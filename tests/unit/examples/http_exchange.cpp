// The HTTP server's conversations, over a socket that is two strings, on a directory made for the test.
#ifdef __linux__

#include "../../../examples/05_http_server/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <sys/resource.h>

#include <cstdlib>
#include <expected>
#include <filesystem>
#include <fstream>
#include <string>

using namespace plywire;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

enum class wire_error { would_block, end_of_stream, reset };

// What a test sees of the connection.
struct wire {
    std::string to_server;
    std::string to_client;
    std::size_t room = 1 << 20; // octets the send buffer takes before somebody drains it
    bool ended = false;         // the client sends no more
    bool shut = false;
    bool aborted = false;
};

struct string_socket {
    wire* connection;

    std::expected<std::size_t, wire_error> send(bytes_view octets) {
        std::size_t const taken = std::min(octets.size(), connection->room);
        if (taken == 0) {
            return std::unexpected(wire_error::would_block);
        }
        connection->to_client.append(text_of_bytes(octets.first(taken)));
        connection->room -= taken;
        return taken;
    }
    std::expected<std::size_t, wire_error> receive(mutable_bytes room) {
        std::string& from = connection->to_server;
        if (from.empty()) {
            return std::unexpected(connection->ended ? wire_error::end_of_stream : wire_error::would_block);
        }
        std::size_t const given = copy(room, bytes_of(from));
        from.erase(0, given);
        return given;
    }
    bool writable() const { return connection->room > 0; }
    void shutdown() { connection->shut = true; }
    void abort() { connection->aborted = true; }
};

// A root with a few files, gone after the test.
struct site {
    site() {
        std::string pattern = (std::filesystem::temp_directory_path() / "plywire_site_XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        root = pattern;
        write("hello.txt", "hello, world\n");
        write("large", std::string(300'000, 'x'));
        std::filesystem::create_directory(root / "sub");
        write("sub/index.html", "<p>index</p>");
        std::filesystem::create_directory(root / "list");
        write("list/a b.txt", "");
        std::filesystem::create_symlink("/etc", root / "link");
        std::filesystem::create_symlink("/etc/passwd", root / "link_to_file");
        directory = file_descriptor(::open(root.c_str(), O_RDONLY | O_DIRECTORY));
    }
    ~site() { std::filesystem::remove_all(root); }
    void write(char const* name, std::string const& text) { std::ofstream(root / name) << text; }

    std::filesystem::path root;
    file_descriptor directory;
};

struct client {
    site files;
    wire connection;
    http::exchange<string_socket> server{string_socket{&connection}, instant{}};
    std::array<std::byte, 16384> scratch{};

    bool advance() { return server.advance(files.directory.number(), scratch, instant{1}); }

    std::string says(std::string const& text) {
        connection.to_server += text;
        alive = advance();
        return std::exchange(connection.to_client, {});
    }
    std::string gets(std::string const& path, std::string const& fields = {}) {
        return says("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
    }

    bool alive = true;
};

} // namespace

TEST_CASE("a file is served with its length and type, and the connection goes on", "[http]") {
    client c;
    auto const answer = c.gets("/hello.txt");
    CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    CHECK_THAT(answer, ContainsSubstring("Content-Length: 13\r\n"));
    CHECK_THAT(answer, ContainsSubstring("Content-Type: text/plain; charset=utf-8\r\n"));
    CHECK_THAT(answer, EndsWith("\r\n\r\nhello, world\n"));
    CHECK(c.alive);
    CHECK_THAT(c.gets("/sub/"), EndsWith("<p>index</p>"));
}

TEST_CASE("HEAD gives the head of GET and nothing else", "[http][9110-9.3.2]") {
    client c;
    auto const answer = c.says("HEAD /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_THAT(answer, ContainsSubstring("Content-Length: 13\r\n"));
    CHECK_THAT(answer, EndsWith("\r\n\r\n"));
    CHECK_THAT(c.says("HEAD /nothing HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("\r\n\r\n"));
}

TEST_CASE("parts of a file are served as asked for", "[http][9110-15.3.7]") {
    client c;
    auto const middle = c.gets("/hello.txt", "Range: bytes=7-11\r\n");
    CHECK_THAT(middle, StartsWith("HTTP/1.1 206 Partial Content\r\n"));
    CHECK_THAT(middle, ContainsSubstring("Content-Range: bytes 7-11/13\r\n"));
    CHECK_THAT(middle, ContainsSubstring("Content-Length: 5\r\n"));
    CHECK_THAT(middle, EndsWith("\r\n\r\nworld"));
    CHECK_THAT(c.gets("/hello.txt", "Range: bytes=-3\r\n"), EndsWith("\r\n\r\nld\n"));
    auto const beyond = c.gets("/hello.txt", "Range: bytes=13-\r\n");
    CHECK_THAT(beyond, StartsWith("HTTP/1.1 416 Range Not Satisfiable\r\n"));
    CHECK_THAT(beyond, ContainsSubstring("Content-Range: bytes */13\r\n"));
    CHECK(c.alive);
}

TEST_CASE("what is not there, or not below the root, is not found", "[http]") {
    client c;
    for (char const* const path :
         {"/nothing", "/hello.txt/", "/hello.txt/x", "/link/passwd", "/link_to_file", "/link"}) {
        CHECK_THAT(c.gets(path), StartsWith("HTTP/1.1 404 Not Found\r\n"));
    }
    CHECK_THAT(c.gets("/../hello.txt"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    CHECK(c.alive);
}

TEST_CASE("a directory without an index is listed, one without its slash is redirected", "[http]") {
    client c;
    CHECK_THAT(c.gets("/list/"), EndsWith("\r\n\r\na b.txt\n"));
    auto const moved = c.gets("/list");
    CHECK_THAT(moved, StartsWith("HTTP/1.1 301 Moved Permanently\r\n"));
    CHECK_THAT(moved, ContainsSubstring("Location: /list/\r\n"));
}

TEST_CASE("methods other than GET and HEAD are refused by name", "[http][9110-15.5.6]") {
    client c;
    auto const answer = c.says("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
    CHECK_THAT(answer, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
    CHECK_THAT(answer, ContainsSubstring("Allow: GET, HEAD\r\n"));
    CHECK(c.says("cd") == "");
    CHECK_THAT(c.says("eGET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("hello, world\n"));
    CHECK_THAT(c.says("BREW / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 501 Not Implemented\r\n"));
}

TEST_CASE("pipelined requests are answered in order", "[http][9112-9.3.2]") {
    client c;
    std::string const one = "GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    std::string const two = "GET /sub/ HTTP/1.1\r\nHost: x\r\n\r\n";
    auto const answers = c.says(one + two + one + two.substr(0, 10));
    auto const first = answers.find("hello, world");
    auto const second = answers.find("<p>index</p>");
    CHECK(first < second);
    CHECK(answers.find("hello, world", second) != std::string::npos);
    CHECK_THAT(c.says(two.substr(10)), EndsWith("<p>index</p>"));
}

TEST_CASE("nonsense is answered with 400 and the connection is closed, what follows read and dropped",
          "[http][9112-9.6]") {
    client c;
    auto const answer = c.says("nonsense\r\n\r\n");
    CHECK_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    CHECK_THAT(answer, ContainsSubstring("Connection: close\r\n"));
    CHECK(c.connection.shut);
    CHECK(c.alive);
    CHECK(c.says("GET / HTTP/1.1\r\nHost: x\r\n\r\n") == "");
    c.connection.ended = true;
    CHECK(!c.advance());
    CHECK(!c.connection.aborted);
}

TEST_CASE("Connection: close is honoured after the answer", "[http][9112-9.6]") {
    client c;
    CHECK_THAT(c.gets("/hello.txt", "Connection: close\r\n"), ContainsSubstring("Connection: close\r\n"));
    CHECK(c.connection.shut);
}

TEST_CASE("a client that closes its side after a request is answered first", "[http]") {
    client c;
    c.connection.ended = true;
    CHECK_THAT(c.gets("/hello.txt"), EndsWith("hello, world\n"));
    CHECK(!c.alive);
}

TEST_CASE("a large file goes out as the socket has room, and whole", "[http]") {
    client c;
    c.connection.room = 1000;
    std::string all = c.gets("/large");
    while (c.connection.room == 0) {
        CHECK(c.alive);
        c.connection.room = 70'001;
        c.alive = c.advance();
        all += std::exchange(c.connection.to_client, {});
    }
    CHECK(all.size() - (all.find("\r\n\r\n") + 4) == 300'000);
    CHECK_THAT(c.gets("/hello.txt"), EndsWith("hello, world\n"));
}

TEST_CASE("a client that keeps its connection keeps no file open", "[http]") {
    client c;
    auto const open_files = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
    auto const before = open_files();
    for (auto const* path : {"/hello.txt", "/large", "/list/a%20b.txt"}) {
        CHECK_THAT(c.gets(path), StartsWith("HTTP/1.1 200 OK\r\n"));
        CHECK(c.alive);
        CHECK(open_files() == before);
    }
}

TEST_CASE("a file that cannot be opened for want of descriptors is not called missing", "[http][9110-15.6.4]") {
    client c;
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlimit const none{0, limit.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    auto const answer = c.gets("/hello.txt");
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK_THAT(answer, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_CASE("a file that shrinks while it is sent ends in an abort, not in wrong octets", "[http]") {
    client c;
    c.connection.room = 1000;
    c.gets("/large");
    std::filesystem::resize_file(c.files.root / "large", 10);
    c.connection.room = 1000;
    CHECK(!c.advance());
    CHECK(c.connection.aborted);
}

TEST_CASE("a date is written in English and in UTC", "[http][9110-5.6.7]") {
    CHECK(http::date_field(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

#endif
