// Fetches a file by HTTP, as a client with a network stack of its own.
//
//     fetch --tun NAME | --tap NAME --address 10.9.0.2/24 http://10.9.0.1:8000/file > file
//
// The other side of http_server: this program opens the connection. It creates the interface, or attaches to one that
// was made for it, and says which two `ip` commands give the kernel its side; any web server of the machine will do,
// such as `python3 -m http.server`. Exit status 0 when the answer was "200" and all of it arrived.
//
// A client is a small state machine over one socket: what is left to send goes out as the socket has room, what arrives
// is read until would_block, and the end of the stream is the end of the answer (the request is HTTP/1.0, so that the
// server closes). connect() returns at once; that it worked, or why it did not, is told like everything else: the socket
// is handed out as ready, and its calls say so.

#include "common/host_on_interface.hpp"

#include <plywire/protocols/tcp_layer.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

using namespace plywire;

namespace {

constexpr std::string_view usage =
    "usage: fetch --tun NAME | --tap NAME --address 10.9.0.2/24 http://10.9.0.1:8000/file";

struct place {
    endpoint server;
    std::string_view path;
};

// What stands behind http://; names are not looked up.
std::optional<place> place_of(std::string_view url) {
    if (!url.starts_with("http://")) {
        return std::nullopt;
    }
    url = url.substr(7);
    std::size_t const slash = std::min(url.find('/'), url.size());
    std::size_t const colon = std::min(url.find(':'), slash);
    auto const address = ipv4::address::from_text(url.substr(0, colon));
    std::uint32_t port = colon == slash ? 80 : 0;
    for (char const digit : url.substr(colon, slash - colon)) {
        bool const is_digit = digit >= '0' && digit <= '9';
        port = digit == ':'               ? port
               : is_digit && port < 65536 ? port * 10 + static_cast<std::uint32_t>(digit - '0')
                                          : 65536;
    }
    if (!address || port == 0 || port > 65535) {
        return std::nullopt;
    }
    return place{{*address, static_cast<std::uint16_t>(port)}, slash == url.size() ? "/" : url.substr(slash)};
}

// An answer as it arrives: its head is kept, its body goes to standard output.
class answer {
public:
    void takes(std::string_view octets) {
        if (body_octets_ == unknown) {
            if (head_.size() > most_head_octets) {
                return; // no head: is_good() will say so
            }
            head_.append(octets);
            std::size_t const end = head_.find("\r\n\r\n");
            if (end == std::string::npos) {
                return;
            }
            body_octets_ = 0;
            std::string const rest = head_.substr(end + 4);
            head_.resize(end + 2);
            return takes(rest);
        }
        body_octets_ += std::fwrite(octets.data(), 1, octets.size(), stdout);
    }

    // Whether it is a whole answer of the kind that was hoped for; says what it was.
    bool is_good() const {
        std::fprintf(stderr, "%s\n", head_.substr(0, head_.find('\r')).c_str());
        if (body_octets_ == unknown || !head_.starts_with("HTTP/1.") || head_.compare(8, 5, " 200 ") != 0) {
            return false;
        }
        std::string fields = head_; // their names may be in any case (RFC 9110 5.1)
        std::ranges::transform(fields, fields.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        constexpr std::string_view name = "\r\ncontent-length:";
        std::size_t const field = fields.find(name);
        return field == std::string::npos ||
               body_octets_ == std::strtoull(fields.c_str() + field + name.size(), nullptr, 10);
    }

private:
    static constexpr std::size_t unknown = ~std::size_t{0};
    static constexpr std::size_t most_head_octets = 16384;

    std::string head_{};
    std::size_t body_octets_ = unknown; // written so far, once the head is complete
};

} // namespace

int main(int count, char** words) {
    common::command_line const options(count, words, {}, true);
    auto const from = place_of(options.last().value_or(""));
    if (!from) {
        return common::complain(usage);
    }
    return common::with_host<tcp::layer<>>(options, usage, [&](auto& host, run_loop& loop) {
        auto socket = host.tcp().connect(from->server);
        if (!socket) {
            return common::complain(name_of(socket.error()));
        }
        std::string request = "GET ";
        request.append(from->path).append(" HTTP/1.0\r\n\r\n");
        answer got;
        socket_error ended_by = socket_error::would_block;
        std::array<std::byte, 65536> room;

        auto const ended = loop.run(host, [&](auto& h) {
            while (h.tcp().next_ready()) { // there is only one socket
            }
            if (auto const sent = socket->send(bytes_of(request)); sent) {
                request.erase(0, *sent);
            }
            auto received = socket->receive(room);
            for (; received; received = socket->receive(room)) {
                got.takes(text_of_bytes(bytes_view(room).first(*received)));
            }
            ended_by = received.error();
            return ended_by == socket_error::would_block; // go on
        });
        if (!ended) {
            return common::complain(ended.error().message().view());
        }
        if (ended_by != socket_error::end_of_stream) {
            return common::complain(ended_by == socket_error::would_block ? "interrupted" : name_of(ended_by));
        }
        socket->close();
        host.poll(monotonic_now()); // the loop has ended: let the last FIN out
        return got.is_good() && std::fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    });
}
