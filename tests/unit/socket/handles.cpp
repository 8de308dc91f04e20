// What happens to connections when the handles that own them are moved, overwritten and destroyed.

#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <utility>

using namespace plywire;
using namespace plywire::literals;

namespace {

struct two_hosts {
    using link_type = memory_link<medium::ip>;
    using host = ip_host<link_type::end>;

    two_hosts() { settle(); }
    void settle() {
        while (left.poll(now) + right.poll(now) != 0) {
        }
    }
    // A connection, seen from both ends.
    std::pair<host::tcp_socket, host::tcp_socket> connection() {
        auto client = *left.tcp().connect({"10.9.0.2"_ipv4, 80});
        settle();
        return {std::move(client), *listener.accept()};
    }

    link_type link;
    host left{link.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}}};
    host right{link.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix}, tcp::settings{.secret = {3, 4}}};
    instant now{1'000'000'000};
    host::tcp_listener listener = *right.tcp().listen(80);
};

} // namespace

TEST_CASE("a destroyed socket closes its connection", "[socket]") {
    two_hosts hosts;
    auto [client, server] = hosts.connection();
    {
        auto const gone = std::move(client);
    }
    hosts.settle();
    std::array<std::byte, 10> room{};
    CHECK(server.receive(room).error() == socket_error::end_of_stream);
    CHECK(server.state() == tcp::state::close_wait);
}

TEST_CASE("a moved socket keeps its connection, the one moved from has none", "[socket]") {
    two_hosts hosts;
    auto [client, server] = hosts.connection();
    pool_id const id = client.id();
    auto moved = std::move(client);
    CHECK(moved.id() == id);
    CHECK(moved.state() == tcp::state::established);
    CHECK(client.id() == pool_id{});
    CHECK(client.state() == tcp::state::closed);
    hosts.settle();
    CHECK(server.state() == tcp::state::established);
}

TEST_CASE("assigning to a socket closes the connection that it had", "[socket]") {
    two_hosts hosts;
    auto [first, first_server] = hosts.connection();
    auto [second, second_server] = hosts.connection();
    first = std::move(second);
    hosts.settle();
    CHECK(first_server.state() == tcp::state::close_wait);
    CHECK(second_server.state() == tcp::state::established);
    CHECK(first.peer() == second_server.local());
}

TEST_CASE("assigning a socket to itself changes nothing", "[socket]") {
    two_hosts hosts;
    auto [client, server] = hosts.connection();
    auto& same = client;
    client = std::move(same);
    CHECK(client.state() == tcp::state::established);
}

TEST_CASE("both ends know the same pair of endpoints", "[socket]") {
    two_hosts hosts;
    auto [client, server] = hosts.connection();
    CHECK(client.peer() == server.local());
    CHECK(client.local() == server.peer());
    CHECK(client.peer() == endpoint{"10.9.0.2"_ipv4, 80});
}

TEST_CASE("what was sent before close() arrives", "[socket]") {
    two_hosts hosts;
    auto [client, server] = hosts.connection();
    REQUIRE(client.send(bytes_of("the last words")) == 14U);
    CHECK(client.unacknowledged() == 14);
    client.close();
    hosts.settle();
    std::array<std::byte, 100> room{};
    CHECK(server.readable());
    CHECK(server.unread() == 14);
    CHECK(server.receive(room) == 14U);
    CHECK(server.receive(room).error() == socket_error::end_of_stream);
    CHECK(server.readable()); // the end is something to read too
}

TEST_CASE("sending and receiving nothing is no error and does nothing", "[socket]") {
    two_hosts hosts;
    auto [client, server] = hosts.connection();
    CHECK(client.send({}) == 0U);
    CHECK(client.unacknowledged() == 0);
}

TEST_CASE("a listener that is destroyed accepts no more", "[socket]") {
    two_hosts hosts;
    auto [client, server] = hosts.connection();
    {
        auto const gone = std::move(hosts.listener);
    }
    CHECK(server.state() == tcp::state::established); // what was accepted stays
    auto late = *hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80});
    hosts.settle();
    std::array<std::byte, 10> room{};
    CHECK(late.receive(room).error() == socket_error::refused);
    CHECK(hosts.listener.accept().error() == socket_error::closed);
}

TEST_CASE("indexes are dense and unique among living sockets", "[socket]") {
    two_hosts hosts;
    std::optional<std::pair<two_hosts::host::tcp_socket, two_hosts::host::tcp_socket>> pairs[8];
    for (auto& pair : pairs) {
        pair.emplace(hosts.connection());
    }
    std::uint32_t seen = 0;
    for (auto const& pair : pairs) {
        REQUIRE(pair->second.index() < 8);
        seen |= 1U << pair->second.index();
    }
    CHECK(seen == 0xff);
    // An index is used again, its id is not.
    pool_id const old = pairs[3]->second.id();
    pairs[3]->first.abort();
    hosts.settle();
    pairs[3].reset();
    pairs[3].emplace(hosts.connection());
    CHECK(pairs[3]->second.index() == old.index);
    CHECK(pairs[3]->second.id() != old);
}

TEST_CASE("a UDP socket moves, and its port is free when it is gone", "[socket][udp]") {
    two_hosts hosts;
    {
        auto socket = *hosts.left.udp().bind(53);
        auto moved = std::move(socket);
        CHECK(moved.port() == 53);
        CHECK(socket.port() == 0);
        CHECK(hosts.left.udp().bind(53).error() == socket_error::in_use);
    }
    CHECK(hosts.left.udp().bind(53).has_value());
}
