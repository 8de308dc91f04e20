// An HTTP server on a TCP/IP stack of its own: the kernel carries its packets and has no part in its connections.
//
//     http_server --tun NAME | --tap NAME --address 10.9.0.2/24 [--port 80] [--root DIR]
//
// It creates the interface (or attaches to one that was made for it), says which two `ip` commands give the kernel its
// side, and serves the files below DIR (default: the current directory). Then, from the same machine:
//
//     curl http://10.9.0.2/
//
// How it is made:
//
//   main.cpp               the host's events: accept, advance, drop the silent
//   http_exchange.hpp      one client: a conversation over a socket, never waiting
//   http_conversation.hpp  requests in, answers out
//   http_response.hpp      what to answer
//   http_request.hpp       reading a request: a pure function, tested at compile time
//   http_range.hpp         which octets a Range asks for
//   http_path.hpp          from a target to a name below the root
//   http_files.hpp         opening it without ever leaving the root
//
// The host calls nobody. After each turn of the loop the handler below asks which sockets are ready and goes on with
// their exchanges as far as they can go without waiting. A file of any size needs no more memory than its connection's
// send buffer: its octets go from the file to that buffer, and from there, when TCP may send, into the device.
//
// HTTP/1.1 (RFC 9110, 9112): GET and HEAD, keep-alive and pipelining, ranges; everything else is refused by name.

#include "../common/host_on_interface.hpp"
#include "http_exchange.hpp"

#include <plywire/io/file_descriptor.hpp>
#include <plywire/machine/policies.hpp>
#include <plywire/protocols/tcp_layer.hpp>

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <list>
#include <string>

using namespace plywire;

// What this server does not use is not compiled, and costs its connections nothing.
struct web : tcp::defaults {
    using urgent = tcp::no_urgent_data;
    using keep_alive = tcp::no_keep_alive;
    using user_timeout = tcp::fixed_user_timeout;
    using cork = tcp::no_cork;
    using linger = tcp::no_linger;
    using duplicates = tcp::no_duplicate_sack;
    using reports = tcp::no_reports;
    using counters = tcp::no_counters;
};

namespace {

constexpr std::string_view usage =
    "usage: http_server --tun NAME | --tap NAME --address 10.9.0.2/24 [--port 80] [--root DIR]";

constexpr duration patience = seconds(60); // a client from whom nothing comes or goes for so long is dropped
constexpr std::uint32_t backlog = 256;     // connections that may be in their handshake or wait to be accepted

// All clients of one listener. Sockets are of one type on every host with this layer, whatever its device.
class server {
public:
    using clients = std::list<http::exchange<tcp_socket<tcp::layer<web>>>>;

    server(tcp_listener<tcp::layer<web>> listener, int root)
        : listener_(std::move(listener))
        , root_(root) {}

    // Goes on with every socket that is ready; answers when it wants to be called again at the latest.
    template <class Host>
    instant serve(Host& host) {
        while (auto const ready = host.tcp().next_ready()) {
            go_on(*ready, host.now());
        }
        return drop_the_silent(host.now());
    }

private:
    void go_on(tcp::ready_event const& ready, instant now) {
        if (ready.listener) {
            return accept_all(now);
        }
        auto& some = those_like(ready.id.index);
        for (auto at = some.begin(); at != some.end(); ++at) {
            if (at->socket().index() == ready.id.index) {
                return advance(some, at, now);
            }
        }
    }

    void accept_all(instant now) {
        while (auto socket = listener_.accept()) {
            auto& some = those_like(socket->index());
            some.emplace_front(std::move(*socket), now);
            advance(some, some.begin(), now); // its first request may be here already
        }
    }

    void advance(clients& some, clients::iterator at, instant now) {
        if (!at->advance(root_, scratch_, now)) {
            some.erase(at); // the socket closes as it goes
        }
    }

    instant drop_the_silent(instant now) {
        if (now < next_sweep_) {
            return next_sweep_;
        }
        bool none_left = true;
        for (clients& some : clients_) {
            for (auto at = some.begin(); at != some.end();) {
                if (now - at->last_progress() > patience) {
                    at->socket().abort();
                    at = some.erase(at);
                } else {
                    none_left = false;
                    ++at;
                }
            }
        }
        next_sweep_ = now + seconds(1);
        return none_left ? instant::never() : next_sweep_;
    }

    // Short lists, each of the clients whose sockets have indexes that end alike: what a hash table is, for little code.
    clients& those_like(std::uint32_t index) { return clients_[index % clients_.size()]; }

    tcp_listener<tcp::layer<web>> listener_;
    int root_;
    std::array<clients, 1024> clients_{};
    std::array<std::byte, 16384> scratch_{};
    instant next_sweep_{};
};

} // namespace

int main(int count, char** words) {
    common::command_line const options(count, words, {"--port", "--root"});
    auto const port = options.number("--port", 80, 1, 65535);
    std::string const directory(options.value("--root").value_or("."));
    file_descriptor const root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!port) {
        return common::complain(usage);
    }
    if (!root) {
        return common::complain(os_error{errno, "cannot open the root directory", directory}.message().view());
    }
    return common::with_host<tcp::layer<web>>(options, usage, [&](auto& host, run_loop& loop) {
        auto listener = host.tcp().listen(static_cast<std::uint16_t>(*port), {.backlog = backlog});
        if (!listener) {
            return common::complain(name_of(listener.error()));
        }
        server clients(std::move(*listener), root.number());
        auto const ended = loop.run(host, [&](auto& h) { return clients.serve(h); });
        return ended ? EXIT_SUCCESS : common::complain(ended.error().message().view());
    });
}
