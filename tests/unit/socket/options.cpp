// What an application can ask of a connection beside octets: seen from both ends.

#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>

using namespace plywire;
using namespace plywire::literals;

namespace {

struct two_hosts {
    using link_type = memory_link<medium::ip>;
    using host = ip_host<link_type::end>;

    two_hosts() {
        settle();
        client = *left.tcp().connect({"10.9.0.2"_ipv4, 80});
        settle();
        server = *listener.accept();
    }
    void settle() {
        while (left.poll(now) + right.poll(now) != 0) {
        }
    }
    void passes(duration length) {
        for (instant const end = now + length; now < end;) {
            now = std::min(end, std::max(now + microseconds(1), std::min(left.deadline(), right.deadline())));
            settle();
        }
    }
    // The cable is cut: only the left host is driven from now on.
    void passes_alone(duration length) {
        for (instant const end = now + length; now < end;) {
            now = std::min(end, std::max(now + microseconds(1), left.deadline()));
            left.poll(now);
            while (link.second().receive()) {
            }
        }
    }

    link_type link;
    host left{link.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}}};
    host right{link.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix}, tcp::settings{.secret = {3, 4}}};
    instant now{1'000'000'000};
    host::tcp_listener listener = *right.tcp().listen(80);
    host::tcp_socket client{};
    host::tcp_socket server{};
    std::array<std::byte, 2000> room{};
};

} // namespace

TEST_CASE("urgent octets are announced, and the reader knows where they end", "[socket]") {
    two_hosts hosts;
    REQUIRE(hosts.client.send_urgent(bytes_of("stop")) == 4U);
    hosts.settle();
    CHECK(hosts.server.next_advice() == tcp::advice::urgent_data);
    CHECK(hosts.server.urgent_left() == 4);
    CHECK(hosts.server.receive(hosts.room) == 4U);
    CHECK(hosts.server.urgent_left() == 0);
}

TEST_CASE("a corked socket sends what fills a segment; the rest leaves with the cork", "[socket]") {
    two_hosts hosts;
    hosts.client.set_cork(true);
    REQUIRE(hosts.client.send(bytes_of("head")) == 4U);
    hosts.settle();
    CHECK(hosts.server.unread() == 0);
    REQUIRE(hosts.client.send(bytes_of("body")) == 4U);
    hosts.client.set_cork(false);
    hosts.settle();
    CHECK(hosts.server.unread() == 8);
}

TEST_CASE("a peer that is gone is found by keep-alive, and only where it was asked for", "[socket]") {
    two_hosts hosts;
    SECTION("asked for") {
        hosts.client.set_keep_alive(tcp::keep_alive_settings{.idle = minutes(1), .interval = seconds(10), .probes = 3});
        hosts.passes_alone(minutes(2));
        CHECK(hosts.client.receive(hosts.room).error() == socket_error::timed_out);
    }
    SECTION("not asked for") {
        hosts.passes_alone(hours(24));
        CHECK(hosts.client.receive(hosts.room).error() == socket_error::would_block);
    }
}

TEST_CASE("a connection fails when the peer is silent for as long as the user says", "[socket]") {
    two_hosts hosts;
    hosts.client.set_user_timeout(seconds(20));
    REQUIRE(hosts.client.send(bytes_of("anybody?")).has_value());
    hosts.passes_alone(seconds(19));
    CHECK(hosts.client.receive(hosts.room).error() == socket_error::would_block);
    hosts.passes_alone(seconds(2));
    CHECK(hosts.client.receive(hosts.room).error() == socket_error::timed_out);
}

TEST_CASE("a socket that does not linger resets when it is closed", "[socket]") {
    two_hosts hosts;
    hosts.client.set_linger(duration{});
    REQUIRE(hosts.client.send(bytes_of("lost")).has_value());
    hosts.client.close();
    hosts.settle();
    CHECK(hosts.server.receive(hosts.room).error() == socket_error::reset);
    CHECK(hosts.left.tcp().connections() == 0);
}

TEST_CASE("lingering ends at the time that was said", "[socket]") {
    two_hosts hosts;
    hosts.client.set_linger(seconds(5));
    REQUIRE(hosts.client.send(bytes_of("lost")).has_value());
    hosts.client.close();
    hosts.passes_alone(seconds(4));
    CHECK(hosts.left.tcp().connections() == 1);
    hosts.passes_alone(seconds(2));
    CHECK(hosts.left.tcp().connections() == 0);
}

TEST_CASE("an empty socket takes every wish and answers none", "[socket]") {
    two_hosts::host::tcp_socket empty;
    CHECK(empty.send_urgent(bytes_of("x")).error() == socket_error::closed);
    CHECK(empty.set_marks({}).error() == socket_error::closed);
    CHECK(empty.urgent_left() == 0);
    empty.set_cork(true);
    empty.set_keep_alive(tcp::keep_alive_settings{});
    empty.set_user_timeout(seconds(1));
    empty.set_linger(seconds(1));
    CHECK_FALSE(empty.next_advice());
}
