// Who may send when the device has room for little.

#include "two_hosts.hpp"

#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/stack/hosts.hpp>

#include <support/scripted_device.hpp>

#include <catch2/catch_test_macros.hpp>

#include <map>

using namespace plywire;
using namespace plywire::testing;

TEST_CASE("nothing is sent while the device is full, and the host says that it waits for room", "[stack]") {
    scripted_device<medium::ip> device;
    ip_host<scripted_device<medium::ip>> host(device, ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix},
                                              tcp::settings{.secret = {1, 2}});
    instant const now{1'000'000'000};
    host.poll(now);
    device.full = true;
    auto one = host.tcp().connect({"10.9.0.2"_ipv4, 80});
    auto two = host.tcp().connect({"10.9.0.2"_ipv4, 80});
    CHECK(host.deadline() == now); // it has not been tried yet
    CHECK(host.poll(now) == 0);
    CHECK(host.wants_to_transmit());
    CHECK(host.deadline() > now); // waiting is for room, not for a time
    device.full = false;
    CHECK(host.poll(now) == 2);
    CHECK_FALSE(host.wants_to_transmit());
    CHECK(device.sent.size() == 2);
}

TEST_CASE("connections with much to send take turns of a few segments", "[stack][tcp]") {
    two_hosts<medium::ip> hosts;
    using socket_type = decltype(hosts)::host_type::tcp_socket;
    auto listener = hosts.right.tcp().listen(80);
    std::vector<socket_type> left;
    std::vector<socket_type> right;
    auto const octets = noise(60'000, 1);
    for (int i = 0; i < 4; ++i) {
        left.push_back(*hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80}));
        hosts.settle();
        right.push_back(*listener->accept());
    }
    // Windows open with the first exchanges; then each has more to send than a turn.
    std::vector<std::byte> room(100'000);
    for (int round = 0; round < 6; ++round) {
        for (auto& socket : left) {
            (void)socket.send(octets);
        }
        hosts.settle();
        for (auto& socket : right) {
            while (socket.receive(room)) {
            }
        }
        hosts.settle();
    }
    for (auto& socket : left) {
        REQUIRE(socket.send(octets) == octets.size());
    }
    hosts.left.transmit(hosts.now, 64);
    std::map<std::uint16_t, int> segments;
    std::vector<std::uint16_t> order;
    while (received_frame const frame = hosts.link.second().receive()) {
        auto const packet = parse<ipv4::header>(frame.octets);
        std::uint16_t const port = (*parse<tcp::header>(packet->payload()))[tcp::source_port];
        ++segments[port];
        if (order.empty() || order.back() != port) {
            order.push_back(port);
        }
    }
    CHECK(segments.size() == 4);
    CHECK(order.size() == 4);
    for (auto const& [port, count] : segments) {
        CHECK(count == 16);
    }
}
