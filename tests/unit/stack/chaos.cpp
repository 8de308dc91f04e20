// Applications that do anything at any time, on bad links and with little room: whatever happens, the tables stay within
// their bounds, no handle is ever wrong, and in the end nothing is left.

#include "two_hosts.hpp"

#include <support/effort.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace plywire;
using namespace plywire::testing;

namespace {

constexpr std::uint32_t room_for = 6;

struct cramped : tcp::minimal<1024, 1024> {
    using connections = fixed_pool<room_for>;
    using listeners = fixed_pool<2>;
};
struct roomy : tcp::defaults {
    using connections = slab_pool<room_for>;
    using listeners = slab_pool<2>;
};

// An application that holds sockets and does with them what the dice say.
template <class Host>
class gambler {
public:
    gambler(Host& host, ipv4::address peer, std::uint64_t seed)
        : host_(host)
        , peer_(peer)
        , random_(seed) {}

    void act() {
        std::size_t const which = random_.below(sockets_.size());
        auto& socket = sockets_[which];
        std::array<std::byte, 700> room{};
        switch (random_.below(12)) {
        case 0:
            if (auto connected = host_.tcp().connect({peer_, port()})) {
                socket = std::move(*connected); // and the one that was there is closed
            }
            break;
        case 1:
            if (auto listening =
                    host_.tcp().listen(port(), {.backlog = static_cast<std::uint32_t>(random_.below(4))})) {
                listeners_[random_.below(2)] = std::move(*listening);
            }
            break;
        case 2:
        case 3:
            if (auto accepted = listeners_[random_.below(2)].accept()) {
                socket = std::move(*accepted);
            }
            break;
        case 4:
        case 5:
        case 6: (void)socket.send(bytes_view(room).first(random_.below(room.size()))); break;
        case 7:
        case 8: (void)socket.receive(mutable_bytes(room).first(random_.below(room.size()))); break;
        case 9: (void)socket.shutdown(); break;
        case 10: random_.below(2) == 0 ? socket.close() : socket.abort(); break;
        default:
            if (random_.below(8) == 0) {
                listeners_[random_.below(2)].close();
            }
            while (auto const event = host_.tcp().next_ready()) {
                is_sound_ = is_sound_ && event->id.index < (event->listener ? 2 : room_for);
            }
        }
        std::uint32_t const waiting = host_.tcp().time_waits();
        is_sound_ = is_sound_ && waiting <= room_for && host_.tcp().connections() <= room_for + waiting &&
                    host_.tcp().half_open() <= room_for;
    }

    void leave() {
        for (auto& socket : sockets_) {
            socket.close();
        }
        for (auto& listener : listeners_) {
            listener.close();
        }
    }
    bool is_sound() const { return is_sound_; }

private:
    std::uint16_t port() { return static_cast<std::uint16_t>(80 + random_.below(3)); }

    Host& host_;
    ipv4::address peer_;
    random_generator random_;
    std::array<typename Host::tcp_socket, room_for> sockets_{};
    std::array<typename Host::tcp_listener, 2> listeners_{};
    bool is_sound_ = true;
};

} // namespace

TEMPLATE_TEST_CASE("applications that do anything leave nothing behind", "[stack][tcp]", cramped, roomy) {
    std::uint64_t accepted = 0;
    std::uint64_t cut_short = 0;
    for (std::uint64_t seed = 1; seed <= 60; seed += stride(7)) {
        INFO("seed " << seed);
        two_hosts<medium::ethernet, TestType> hosts({.lost_percent = seed % 4 * 3,
                                                     .repeated_percent = seed % 3 * 4,
                                                     .swapped_percent = seed % 5 * 3,
                                                     .broken_percent = seed % 2},
                                                    seed);
        gambler left(hosts.left, "10.9.0.2"_ipv4, seed * 2);
        gambler right(hosts.right, "10.9.0.1"_ipv4, seed * 2 + 1);
        random_generator random(seed);
        for (int step = 0; step < 3'000; ++step) {
            left.act();
            right.act();
            if (random.below(3) == 0) {
                hosts.left.poll(hosts.now);
                hosts.right.poll(hosts.now);
                hosts.now +=
                    microseconds(static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(24))));
            }
        }
        CHECK(left.is_sound());
        CHECK(right.is_sound());
        left.leave();
        right.leave();
        for (int i = 0; i < 100'000 && hosts.step(); ++i) {
        }
        CHECK(hosts.left.tcp().connections() == 0);
        CHECK(hosts.right.tcp().connections() == 0);
        CHECK(hosts.left.tcp().half_open() == 0);
        CHECK(hosts.right.tcp().half_open() == 0);
        CHECK_FALSE(hosts.left.tcp().next_ready());
        CHECK(hosts.left.deadline() == instant::never());
        accepted += hosts.left.tcp().statistics().accepted + hosts.right.tcp().statistics().accepted;
        cut_short += hosts.left.tcp().statistics().time_wait_ended + hosts.right.tcp().statistics().time_wait_ended;
    }
    CHECK(accepted > 100); // it was not all in vain
    CHECK(cut_short > 0);
}

TEST_CASE("the oldest TIME-WAIT makes room when the pool is full", "[stack][tcp]") {
    two_hosts<medium::ip, cramped> hosts;
    auto listener = hosts.right.tcp().listen(80);
    for (std::uint32_t i = 0; i < 5 * room_for; ++i) {
        auto client = hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80});
        REQUIRE(client);
        hosts.settle();
        auto server = listener->accept();
        REQUIRE(server);
        client->close();
        hosts.settle();
        server->close();
        hosts.settle();
    }
    CHECK(hosts.left.tcp().connections() == room_for);
    CHECK(hosts.left.tcp().statistics().time_wait_ended == 4 * room_for);
}

TEST_CASE("a connection outlives the neighbour's entry in the ARP table", "[stack][arp]") {
    two_hosts<medium::ethernet> hosts;
    auto listener = hosts.right.tcp().listen(80);
    auto client = *hosts.left.tcp().connect({"10.9.0.2"_ipv4, 80});
    hosts.settle();
    auto server = *listener->accept();
    std::array<std::byte, 100> room{};
    for (int minute = 0; minute < 90; minute += 30) {
        hosts.now += seconds(1); // delayed acknowledgments
        hosts.settle();
        hosts.now += minutes(30); // the entry is forgotten
        hosts.settle();
        REQUIRE(hosts.left.arp().size() == 0);
        REQUIRE(client.send(bytes_of("still there?")) == 12U);
        for (int i = 0; i < 100 && server.unread() == 0; ++i) {
            hosts.step();
        }
        CHECK(server.receive(room) == 12U);
    }
    CHECK(hosts.left.tcp().statistics().bad_checksum == 0);
}
