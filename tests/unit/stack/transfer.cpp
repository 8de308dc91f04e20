// Whole hosts talking to each other in memory.

#include "two_hosts.hpp"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace plywire;
using namespace plywire::testing;

namespace {

template <medium M>
struct over {
    static constexpr medium value = M;
};

// Both applications send so much to each other; answers whether both have received what the other sent.
template <class Hosts>
bool exchange(Hosts& hosts, std::size_t from_left, std::size_t from_right, int most_steps = 1'000'000) {
    using socket = typename Hosts::host_type::tcp_socket;
    auto listener = hosts.right.tcp().listen(80);
    talker<socket> left{.socket = *hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80}), .to_send = noise(from_left, 1)};
    talker<socket> right{.to_send = noise(from_right, 2)};
    for (int i = 0; i < most_steps && !(left.is_done() && right.is_done()); ++i) {
        if (!right.socket) {
            if (auto accepted = listener->accept()) {
                right.socket = std::move(*accepted);
            }
        }
        left.act();
        if (right.socket) {
            right.act();
        }
        if (!hosts.step()) {
            break;
        }
    }
    bool const whole =
        left.received == right.to_send && right.received == left.to_send && left.is_done() && right.is_done();
    left.socket.close();
    right.socket.close();
    return whole;
}

// Nothing is left of any connection once time has passed.
template <class Hosts>
void ends(Hosts& hosts) {
    for (int i = 0; i < 100'000 && hosts.step(); ++i) {
    }
    CHECK(hosts.left.tcp().connections() == 0);
    CHECK(hosts.right.tcp().connections() == 0);
    CHECK(hosts.left.tcp().half_open() == 0);
    CHECK(hosts.right.tcp().half_open() == 0);
}

} // namespace

TEMPLATE_TEST_CASE("two hosts exchange megabytes both ways", "[stack][tcp]", over<medium::ip>, over<medium::ethernet>) {
    two_hosts<TestType::value> hosts;
    CHECK(exchange(hosts, 3 << 20, 2 << 20));
    auto const& left = hosts.left.tcp().statistics();
    CHECK(left.bad_checksum == 0);
    CHECK(left.malformed == 0);
    CHECK(left.no_connection == 0);
    ends(hosts);
}

TEMPLATE_TEST_CASE("two hosts exchange everything whatever the weather", "[stack][tcp]", over<medium::ip>,
                   over<medium::ethernet>) {
    auto const w =
        GENERATE(weather{.lost_percent = 1}, weather{.lost_percent = 10}, weather{.repeated_percent = 20},
                 weather{.swapped_percent = 20}, weather{.broken_percent = 5},
                 weather{.lost_percent = 3, .repeated_percent = 3, .swapped_percent = 3, .broken_percent = 3});
    std::uint64_t const seed = GENERATE(1u, 2u, 3u);
    CAPTURE(w.lost_percent, w.repeated_percent, w.swapped_percent, w.broken_percent, seed);
    two_hosts<TestType::value> hosts(w, seed);
    CHECK(exchange(hosts, 300'000, 100'000));
    ends(hosts);
}

TEST_CASE("hosts without a heap exchange everything", "[stack][tcp]") {
    struct lean : tcp::minimal<4096, 4096> {
        using connections = fixed_pool<4>;
        using listeners = fixed_pool<1>;
    };
    two_hosts<medium::ethernet, lean> hosts({.lost_percent = 2});
    CHECK(exchange(hosts, 100'000, 50'000));
    ends(hosts);
}

TEST_CASE("hosts with small and large packets exchange everything", "[stack][tcp]") {
    std::size_t const mtu = GENERATE(576U, 1280U, 9000U);
    CAPTURE(mtu);
    two_hosts<medium::ip> hosts({.lost_percent = 1}, 5, {.secret = {1, 7}}, mtu);
    CHECK(exchange(hosts, 500'000, 1));
    ends(hosts);
}

TEST_CASE("a thousand connections open at once, talk and leave nothing behind", "[stack][tcp]") {
    two_hosts<medium::ethernet> hosts;
    using socket = decltype(hosts)::host_type::tcp_socket;
    constexpr std::uint32_t count = 1'000;
    auto listener = hosts.right.tcp().listen(80, {.backlog = count});
    std::vector<talker<socket>> left(count);
    std::vector<talker<socket>> right;
    for (std::uint32_t i = 0; i < count; ++i) {
        left[i].socket = *hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80});
        left[i].to_send = noise(100 + i, i);
    }
    while (hosts.step() && right.size() < count) {
        while (auto accepted = listener->accept()) {
            right.push_back({.socket = std::move(*accepted), .to_send = noise(50, 7)});
        }
        for (auto& talks : left) {
            talks.act();
        }
    }
    REQUIRE(right.size() == count);
    CHECK(hosts.right.tcp().connections() == count);
    auto const everybody_is_done = [&] {
        return std::all_of(left.begin(), left.end(), [](auto const& t) { return t.is_done(); }) &&
               std::all_of(right.begin(), right.end(), [](auto const& t) { return t.is_done(); });
    };
    for (int i = 0; i < 10'000 && !everybody_is_done(); ++i) {
        for (auto& talks : left) {
            talks.act();
        }
        for (auto& talks : right) {
            talks.act();
        }
        hosts.step();
    }
    REQUIRE(everybody_is_done());
    for (auto const& talks : right) {
        CHECK(talks.received.size() >= 100);
        CHECK((talks.received == noise(talks.received.size(), talks.received.size() - 100)));
    }
    left.clear();
    right.clear();
    ends(hosts);
}

TEST_CASE("connections that only next_ready() leads to are all served", "[stack][tcp]") {
    two_hosts<medium::ip> hosts({.lost_percent = 5}, 9);
    using socket = decltype(hosts)::host_type::tcp_socket;
    constexpr std::size_t count = 50;
    auto listener = hosts.right.tcp().listen(80, {.backlog = 64});
    std::vector<socket> served;
    std::vector<talker<socket>> asking(count);
    for (auto& talks : asking) {
        talks.socket = *hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80});
        talks.to_send = noise(20'000, 3);
    }
    // The server echoes. It looks at a socket only when told to.
    std::vector<std::vector<std::byte>> unsent;
    auto const serve = [&](socket& s) {
        std::array<std::byte, 2000> room{};
        auto& waiting = unsent[s.index()];
        while (true) {
            while (!waiting.empty()) {
                auto const taken = s.send(waiting);
                if (!taken) {
                    return;
                }
                waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(*taken));
            }
            auto const given = s.receive(room);
            if (!given) {
                if (given.error() == socket_error::end_of_stream) {
                    s.close();
                }
                return;
            }
            waiting.assign(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*given));
        }
    };
    for (int i = 0; i < 200'000; ++i) {
        for (auto& talks : asking) {
            talks.act();
        }
        while (auto const event = hosts.right.tcp().next_ready()) {
            if (event->listener) {
                while (auto accepted = listener->accept()) {
                    std::uint32_t const index = accepted->index();
                    if (served.size() <= index) {
                        served.resize(index + 1);
                        unsent.resize(index + 1);
                    }
                    served[index] = std::move(*accepted);
                    unsent[index].clear();
                    serve(served[index]);
                }
            } else if (served[event->id.index].id() == event->id) {
                serve(served[event->id.index]);
            }
        }
        if (!hosts.step() || std::all_of(asking.begin(), asking.end(), [](auto const& t) { return t.is_done(); })) {
            break;
        }
    }
    for (auto const& talks : asking) {
        CHECK((talks.received == talks.to_send));
    }
    asking.clear();
    served.clear();
    ends(hosts);
}

TEST_CASE("hosts ping each other, and datagrams go both ways", "[stack][icmp][udp]") {
    two_hosts<medium::ethernet> hosts;
    REQUIRE(hosts.left.icmp().ping("10.9.0.2"_ipv4, 1, 2, noise(1472, 1)).has_value());
    hosts.settle();
    auto const reply = hosts.left.icmp().next_reply();
    REQUIRE(reply);
    CHECK(reply->length == 1472);
    auto ours = hosts.left.udp().bind(0);
    auto theirs = hosts.right.udp().bind(7);
    REQUIRE(ours->send_to(bytes_of("hello"), {"10.9.0.2"_ipv4, 7}).has_value());
    hosts.settle();
    std::array<std::byte, 10> room{};
    auto const got = theirs->receive_from(room);
    REQUIRE(got);
    REQUIRE(theirs->send_to(bytes_view(room).first(got->length), got->source).has_value());
    hosts.settle();
    CHECK(ours->receive_from(room)->source == endpoint{"10.9.0.2"_ipv4, 7});
}

TEST_CASE("half-close: one side ends, the other goes on", "[stack][tcp][socket]") {
    two_hosts<medium::ip> hosts;
    auto listener = hosts.right.tcp().listen(80);
    auto client = *hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80});
    hosts.settle();
    auto server = *listener->accept();
    REQUIRE(client.send(bytes_of("question")) == 8U);
    REQUIRE(client.shutdown().has_value());
    CHECK(client.send(bytes_of("more")).error() == socket_error::closing);
    CHECK(client.shutdown().error() == socket_error::closing);
    hosts.settle();
    std::array<std::byte, 100> room{};
    CHECK(server.receive(room) == 8U);
    CHECK(server.receive(room).error() == socket_error::end_of_stream);
    CHECK(server.state() == tcp::state::close_wait);
    REQUIRE(server.send(bytes_of("answer")) == 6U);
    server.close();
    hosts.settle();
    CHECK(client.receive(room) == 6U);
    CHECK(client.receive(room).error() == socket_error::end_of_stream);
    CHECK(client.state() == tcp::state::time_wait);
    client.close();
    ends(hosts);
}

TEST_CASE("abort reaches the peer as a reset", "[stack][tcp][socket]") {
    two_hosts<medium::ip> hosts;
    auto listener = hosts.right.tcp().listen(80);
    auto client = *hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80});
    hosts.settle();
    auto server = *listener->accept();
    client.abort();
    hosts.settle();
    std::array<std::byte, 100> room{};
    CHECK(server.receive(room).error() == socket_error::reset);
    CHECK(hosts.left.tcp().connections() == 0);
}

TEST_CASE("a peer that falls silent times out", "[stack][tcp][socket]") {
    two_hosts<medium::ip> hosts;
    auto client = *hosts.left.tcp().connect({"10.9.0.77"_ipv4, 80});
    instant const began = hosts.now;
    for (int i = 0; i < 10'000 && client.state() != tcp::state::closed && hosts.step(); ++i) {
    }
    std::array<std::byte, 100> room{};
    CHECK(client.receive(room).error() == socket_error::timed_out);
    CHECK(hosts.now - began >= minutes(3)); // RFC 9293 MUST-23
}

TEST_CASE("a writer is told when there is room again, and time stands still while nothing happens",
          "[stack][tcp][socket]") {
    two_hosts<medium::ip> hosts;
    auto listener = hosts.right.tcp().listen(80);
    auto client = *hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80});
    hosts.settle();
    auto server = *listener->accept();
    auto const octets = noise(1 << 20, 1);
    std::size_t sent = 0;
    while (auto const taken = client.send(bytes_view(octets).subspan(sent))) {
        sent += *taken;
    }
    CHECK_FALSE(client.writable());
    while (hosts.left.tcp().next_ready()) {
    }
    hosts.settle();
    CHECK(hosts.left.tcp().next_ready()->id == client.id());
    CHECK(client.writable());
    // Both buffers fill up; then nothing moves until the reader reads.
    while (auto const taken = client.send(bytes_view(octets).subspan(sent))) {
        sent += *taken;
        hosts.settle();
    }
    CHECK(sent >= server.unread());
    CHECK(hosts.left.poll(hosts.now) + hosts.right.poll(hosts.now) == 0);
    while (hosts.left.tcp().next_ready()) {
    }
    std::vector<std::byte> room(1 << 20);
    CHECK(server.receive(room).has_value());
    hosts.settle();
    CHECK(hosts.left.tcp().next_ready().has_value());
}
