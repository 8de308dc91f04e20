// A UDP echo server (RFC 862) on a network stack of its own: every datagram goes back to where it came from.
//
//     udp_echo --tun NAME | --tap NAME --address 10.9.0.2/24 [--port 7]
//
// It creates the interface, or attaches to one that was made for it, and says which two `ip` commands give the kernel
// its side. Then, from the same machine, with netcat or socat:
//
//     echo hello | nc -u -w1 10.9.0.2 7
//
// The handler shows the pattern of every plywire application: after each turn of the loop ask what is ready, and read
// until would_block. send_to() writes headers and payload straight into the device's buffer; it answers would_block
// when the device is full, and then a datagram is lost, as UDP may: an echo is no reason to keep a queue.

#include "common/host_on_interface.hpp"

#include <plywire/protocols/udp_layer.hpp>

#include <array>
#include <cstdlib>

using namespace plywire;

namespace {

constexpr std::string_view usage = "usage: udp_echo --tun NAME | --tap NAME --address 10.9.0.2/24 [--port 7]";

} // namespace

int main(int count, char** words) {
    common::command_line const options(count, words, {"--port"});
    auto const port = options.number("--port", 7, 1, 65535);
    if (!port) {
        return common::complain(usage);
    }
    return common::with_host<udp::layer<>>(options, usage, [&](auto& host, run_loop& loop) {
        auto socket = host.udp().bind(static_cast<std::uint16_t>(*port));
        if (!socket) {
            return common::complain(name_of(socket.error()));
        }
        std::array<std::byte, 65536> datagram{};
        auto const ended = loop.run(host, [&](auto& h) {
            while (h.udp().next_ready()) { // there is only one socket
            }
            while (auto const received = socket->receive_from(datagram)) {
                static_cast<void>(socket->send_to(bytes_view(datagram).first(received->length), received->source));
            }
        });
        return ended ? EXIT_SUCCESS : common::complain(ended.error().message().view());
    });
}
