// Networks of more than one link.

#include <plywire/stack/hosts.hpp>
#include <plywire/world/router.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <utility>

using namespace plywire;
using namespace plywire::literals;

namespace {

struct reckless : tcp::defaults {
    using congestion_control = tcp::no_congestion_control;
};

// Sends without end, or reads what comes.
template <class Host>
struct stream {
    typename Host::tcp_listener listener{};
    typename Host::tcp_socket socket{};
    std::uint64_t octets = 0;

    void write() {
        std::array<std::byte, 1000> const block{};
        while (socket.send(block)) {
        }
    }
    void read() {
        if (!socket) {
            if (auto accepted = listener.accept()) socket = std::move(*accepted);
        }
        std::array<std::byte, 4000> room{};
        while (auto const given = socket.receive(room)) octets += *given;
    }
};

using device_type = world_device<medium::ip>;
using host_type = ip_host<device_type>;

ipv4::settings at(ipv4::prefix address, ipv4::address gateway) { return {.address = address, .gateway = gateway}; }

} // namespace

TEST_CASE("hosts of three networks ping each other through a router, which takes one hop", "[world][router]") {
    world w(1);
    auto& a = w.link<medium::ip>(weather{.delay = milliseconds(1)});
    auto& b = w.link<medium::ip>(weather{.delay = milliseconds(2)});
    auto& c = w.link<medium::ip>(weather{.delay = milliseconds(4)});
    router<3> middle;
    CHECK(middle.connect(a.second(), "10.1.0.0/16"_ipv4_prefix));
    CHECK(middle.connect(b.second(), "10.1.2.0/24"_ipv4_prefix)); // the longer prefix wins
    CHECK(middle.connect(c.second(), "10.3.0.0/16"_ipv4_prefix));
    CHECK_FALSE(middle.connect(c.second(), "10.4.0.0/16"_ipv4_prefix));
    w.add_party(middle);
    host_type on_a(a.first(), at("10.1.0.1/24"_ipv4_prefix, "10.1.0.254"_ipv4), tcp::settings{.secret = {1, 1}});
    host_type on_b(b.first(), at("10.1.2.1/24"_ipv4_prefix, "10.1.2.254"_ipv4), tcp::settings{.secret = {1, 2}});
    host_type on_c(c.first(), at("10.3.0.1/24"_ipv4_prefix, "10.3.0.254"_ipv4), tcp::settings{.secret = {1, 3}});
    w.add(on_a);
    w.add(on_b);
    w.add(on_c);

    REQUIRE(on_a.icmp().ping("10.1.2.1"_ipv4, 1, 1, bytes_of("hello")).has_value());
    REQUIRE(w.run_to_the_end(seconds(1)).has_value());
    CHECK(w.elapsed() == milliseconds(6));
    auto const from_b = on_a.icmp().next_reply();
    REQUIRE(from_b);
    CHECK(from_b->time_to_live == ipv4::default_time_to_live - 1);

    REQUIRE(on_c.icmp().ping("10.1.0.1"_ipv4, 1, 1, bytes_of("hello")).has_value());
    REQUIRE(w.run_to_the_end(seconds(1)).has_value());
    CHECK(w.elapsed() == milliseconds(16));
    CHECK(on_c.icmp().next_reply().has_value());
    CHECK(middle.statistics() == router_statistics{.forwarded = 4});

    REQUIRE(on_c.icmp().ping("10.9.0.1"_ipv4, 1, 1, bytes_of("hello")).has_value());
    REQUIRE(w.run_to_the_end(seconds(1)).has_value());
    CHECK(middle.statistics() == router_statistics{.forwarded = 4, .no_route = 1});
}

TEST_CASE("a router drops what is no packet, has no time left, or is too long", "[world][router]") {
    world w(1);
    auto& in = w.link<medium::ip>(weather{});
    auto& out = w.link<medium::ip>(weather{}, {.mtu = 600});
    router<2> middle;
    middle.connect(in.second(), "10.1.0.0/16"_ipv4_prefix);
    middle.connect(out.first(), "10.2.0.0/16"_ipv4_prefix);
    w.add_party(middle);
    host_type left(in.first(), ipv4::settings{.address = "10.1.0.1/16"_ipv4_prefix, .time_to_live = 1},
                   tcp::settings{.secret = {1, 1}});
    host_type other(out.second(), ipv4::settings{.address = "10.2.0.1/16"_ipv4_prefix},
                    tcp::settings{.secret = {1, 1}});
    w.add(left);
    w.add(other);
    REQUIRE(left.icmp().ping("10.2.0.1"_ipv4, 1, 1, bytes_of("hello")).has_value());
    REQUIRE(w.run_to_the_end(seconds(1)).has_value());
    CHECK(middle.statistics() == router_statistics{.time_exceeded = 1});
    in.first().commit(in.first().grant(), {.length = 19});
    REQUIRE(w.run_to_the_end(seconds(1)).has_value());
    CHECK(middle.statistics() == router_statistics{.malformed = 1, .time_exceeded = 1});
    CHECK(out.second().statistics().received_frames == 0);
}

TEST_CASE("what passes a narrow link waits in its queue only", "[world][router]") {
    world w(1);
    auto& wide = w.link<medium::ip>(weather{});
    auto& narrow =
        w.link<medium::ip>(weather{.bits_per_second = 1'000'000, .queue = drop_tail{.octets = 10'000}}, weather{});
    router<2> middle;
    middle.connect(wide.second(), "10.1.0.0/16"_ipv4_prefix);
    middle.connect(narrow.first(), "10.2.0.0/16"_ipv4_prefix);
    w.add_party(middle);
    host_type left(wide.first(), at("10.1.0.1/16"_ipv4_prefix, "10.1.0.2"_ipv4), tcp::settings{.secret = {1, 1}});
    host_type right(narrow.second(), at("10.2.0.1/16"_ipv4_prefix, "10.2.0.2"_ipv4), tcp::settings{.secret = {1, 2}});
    w.add(left);
    w.add(right);
    auto sender = *left.udp().bind(1);
    auto receiver = *right.udp().bind(2);
    std::array<std::byte, 972> const text{}; // packets of 1000 octets, 8 ms each
    for (int i = 0; i < 20; ++i) {
        REQUIRE(sender.send_to(text, {"10.2.0.1"_ipv4, 2}).has_value());
    }
    REQUIRE(w.run_to_the_end(seconds(10)).has_value());
    CHECK(w.elapsed() == milliseconds(88));
    CHECK(right.udp().statistics().received == 11);
    CHECK(narrow.first().outgoing().statistics().dropped == 9);
}

TEST_CASE("hosts of different kinds share a bottleneck", "[world][router][tcp]") {
    world w(1);
    auto& a = w.link<medium::ip>(weather{.delay = milliseconds(1)});
    auto& b = w.link<medium::ip>(weather{.delay = milliseconds(1)});
    auto& shared = w.link<medium::ip>(
        weather{.bits_per_second = 8'000'000, .queue = drop_tail{.octets = 20'000}, .delay = milliseconds(10)},
        weather{.delay = milliseconds(10)});
    router<3> middle;
    middle.connect(a.second(), "10.1.0.0/16"_ipv4_prefix);
    middle.connect(b.second(), "10.2.0.0/16"_ipv4_prefix);
    middle.connect(shared.first(), "10.9.0.0/16"_ipv4_prefix);
    w.add_party(middle);
    using reckless_host = ip_host<device_type, reckless>;
    host_type fair(a.first(), at("10.1.0.1/16"_ipv4_prefix, "10.1.0.9"_ipv4), tcp::settings{.secret = {1, 1}});
    reckless_host unfair(b.first(), at("10.2.0.1/16"_ipv4_prefix, "10.2.0.9"_ipv4), tcp::settings{.secret = {1, 2}});
    host_type server(shared.second(), at("10.9.0.1/16"_ipv4_prefix, "10.9.0.9"_ipv4), tcp::settings{.secret = {1, 3}});
    stream<host_type> from_fair;
    stream<reckless_host> from_unfair;
    stream<host_type> first{.listener = std::move(*server.tcp().listen(1))};
    stream<host_type> second{.listener = std::move(*server.tcp().listen(2))};
    w.add(fair, [&] { from_fair.write(); });
    w.add(unfair, [&] { from_unfair.write(); });
    w.add(server, [&] {
        first.read();
        second.read();
    });
    from_fair.socket = std::move(*fair.tcp().connect({"10.9.0.1"_ipv4, 1}));
    from_unfair.socket = std::move(*unfair.tcp().connect({"10.9.0.1"_ipv4, 2}));
    REQUIRE(w.run_for(seconds(10)).has_value());
    // Both get something of a million octets per second, and the link is not faster than it is.
    CHECK(first.octets > 100'000);
    CHECK(second.octets > 100'000);
    CHECK(first.octets + second.octets <= 10'000'000);
    CHECK(shared.first().outgoing().statistics().dropped > 0);
    CHECK(shared.first().outgoing().statistics().most_waiting_octets <= 20'000);
}
