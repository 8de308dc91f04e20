// ARP frame by frame, each test named after the rule.

#include "host_under_test.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace plywire;
using namespace plywire::testing;

namespace {

constexpr auto stranger_mac = "02:00:00:00:00:03"_mac;
constexpr auto stranger = "10.9.0.3"_ipv4;

auto request(ipv4::address asked, ethernet::address const& from = peer_mac, ipv4::address sender = peer_address) {
    return ethernet::header(ethernet::destination = ethernet::broadcast, ethernet::source = from) /
           arp::header(arp::operation = arp::operation_request, arp::sender_hardware = from,
                       arp::sender_protocol = sender, arp::target_protocol = asked);
}

auto reply(ethernet::address const& from = peer_mac, ipv4::address sender = peer_address) {
    return ethernet::header(ethernet::destination = our_mac, ethernet::source = from) /
           arp::header(arp::operation = arp::operation_reply, arp::sender_hardware = from,
                       arp::sender_protocol = sender, arp::target_hardware = our_mac,
                       arp::target_protocol = our_address);
}

// The ARP packet in a frame.
view<arp::header> arp_of(frame const& octets) {
    auto const link = as<ethernet::header>(octets);
    REQUIRE(link);
    REQUIRE((*link)[ethernet::type] == ethernet::type_arp);
    auto const packet = as<arp::header>(link->payload());
    REQUIRE(packet);
    return *packet;
}

bool is_ipv4(frame const& octets, ethernet::address const& to) {
    auto const link = as<ethernet::header>(octets);
    return link && (*link)[ethernet::type] == ethernet::type_ipv4 && (*link)[ethernet::destination] == to &&
           (*link)[ethernet::source] == our_mac;
}

void send_something(ethernet_bench& b, ipv4::address to = peer_address) {
    REQUIRE(b.host.icmp().ping(to, 1, 1, {}).has_value());
    b.host.poll(b.now);
}

} // namespace

TEST_CASE("a request for our address is answered to its sender", "[arp][826]") {
    ethernet_bench b;
    b.gets(request(our_address));
    frame const answer = b.device.take();
    CHECK((*as<ethernet::header>(answer))[ethernet::destination] == peer_mac);
    CHECK((*as<ethernet::header>(answer))[ethernet::source] == our_mac);
    auto const packet = arp_of(answer);
    CHECK(packet[arp::operation] == arp::operation_reply);
    CHECK(packet[arp::sender_hardware] == our_mac);
    CHECK(packet[arp::sender_protocol] == our_address);
    CHECK(packet[arp::target_hardware] == peer_mac);
    CHECK(packet[arp::target_protocol] == peer_address);
    CHECK(b.device.sent.empty());
}

TEST_CASE("who asks for us is known from then on", "[arp][826]") {
    ethernet_bench b;
    b.knows_peer();
    send_something(b);
    CHECK(is_ipv4(b.device.take(), peer_mac));
    CHECK(b.device.sent.empty());
}

TEST_CASE("a request for somebody else is not answered and teaches nothing new", "[arp][826]") {
    ethernet_bench b;
    b.gets(request(stranger));
    CHECK(b.device.sent.empty());
    CHECK(b.host.arp().size() == 0);
    CHECK(b.host.arp().statistics().ignored == 1);
}

TEST_CASE("whatever a known neighbour says updates its address", "[arp][826]") {
    ethernet_bench b;
    b.knows_peer();
    b.gets(request(stranger, stranger_mac, peer_address)); // it has a new card
    send_something(b);
    CHECK(is_ipv4(b.device.take(), stranger_mac));
}

TEST_CASE("a reply that nobody asked for gives no entry", "[arp][826]") {
    ethernet_bench b;
    b.gets(reply(stranger_mac, stranger));
    CHECK(b.host.arp().size() == 0);
    CHECK(b.host.arp().statistics().unsolicited == 1);
}

TEST_CASE("a packet waits for the reply and then goes out", "[arp][1122-2.3.2.2]") {
    ethernet_bench b;
    send_something(b);
    frame const question = b.device.take();
    CHECK((*as<ethernet::header>(question))[ethernet::destination] == ethernet::broadcast);
    auto const packet = arp_of(question);
    CHECK(packet[arp::operation] == arp::operation_request);
    CHECK(packet[arp::target_protocol] == peer_address);
    CHECK(packet[arp::target_hardware].is_unspecified());
    CHECK(packet[arp::sender_protocol] == our_address);
    CHECK(b.device.sent.empty());
    b.gets(reply());
    frame const kept = b.device.take();
    CHECK(is_ipv4(kept, peer_mac));
    auto const ip = as<ipv4::header>(as<ethernet::header>(kept)->payload());
    REQUIRE(ip);
    CHECK(internet_checksum(ip->octets()) == 0);
    CHECK((*ip)[ipv4::destination] == peer_address);
    CHECK(b.device.sent.empty());
}

TEST_CASE("the latest packets for a neighbour are kept, the oldest make way", "[arp][1122-2.3.2.2]") {
    ethernet_bench b;
    for (std::uint16_t number = 0; number < 10; ++number) {
        REQUIRE(b.host.icmp().ping(peer_address, 1, number, {}).has_value());
    }
    b.host.poll(b.now);
    b.device.sent.clear();
    b.gets(reply());
    CHECK(b.device.sent.size() == arp::defaults::packets_per_neighbour);
    CHECK(b.host.arp().statistics().packets_dropped == 10U - arp::defaults::packets_per_neighbour);
    auto const last = as<ethernet::header>(b.device.sent.back());
    auto const echo = as<icmpv4::echo>(as<ipv4::header>(last->payload())->payload());
    CHECK((*echo)[icmpv4::sequence] == 9);
}

TEST_CASE("requests are repeated once a second at most, and given up", "[arp][1122-2.3.2.1]") {
    ethernet_bench b;
    int requests = 0;
    for (int tenth = 0; tenth < 100; ++tenth) {
        if (tenth < 25) {
            send_something(b); // asking more often does not make more requests
        } else {
            b.host.poll(b.now);
        }
        while (!b.device.sent.empty()) {
            arp_of(b.device.take());
            ++requests;
            CHECK(tenth % 10 == 0);
        }
        b.now += milliseconds(100);
    }
    CHECK(requests == 3);
    CHECK(b.host.arp().statistics().unresolved == 1);
    CHECK(b.host.arp().statistics().packets_dropped == 25);
    CHECK(b.host.arp().size() == 0);
    CHECK(b.host.deadline() == instant::never());
}

TEST_CASE("an old entry is confirmed by unicast while it is used, and forgotten without an answer",
          "[arp][1122-2.3.2.1]") {
    ethernet_bench b;
    b.knows_peer();
    b.passes(seconds(61));
    send_something(b);
    CHECK(is_ipv4(b.device.take(), peer_mac));
    frame const poll = b.device.take();
    CHECK((*as<ethernet::header>(poll))[ethernet::destination] == peer_mac);
    CHECK(arp_of(poll)[arp::operation] == arp::operation_request);
    SECTION("it answers") {
        b.gets(reply());
        b.passes(seconds(10));
        send_something(b);
        CHECK(is_ipv4(b.device.take(), peer_mac));
        CHECK(b.device.sent.empty());
    }
    SECTION("it does not") {
        for (int i = 0; i < 5; ++i) {
            b.passes(seconds(1));
        }
        b.device.sent.clear();
        CHECK(b.host.arp().size() == 0);
        send_something(b);
        CHECK((*as<ethernet::header>(b.device.take()))[ethernet::destination] == ethernet::broadcast);
    }
}

TEST_CASE("an entry that nobody uses is forgotten", "[arp][1122-2.3.2.1]") {
    ethernet_bench b;
    b.knows_peer();
    CHECK(b.host.arp().size() == 1);
    b.passes(minutes(21));
    CHECK(b.host.arp().size() == 0);
    CHECK(b.device.sent.empty());
}

TEST_CASE("somebody else with our address is counted and teaches nothing", "[arp][5227]") {
    ethernet_bench b;
    b.gets(request(our_address, stranger_mac, our_address));
    b.gets(reply(stranger_mac, our_address));
    CHECK(b.host.arp().statistics().conflicts == 2);
    CHECK(b.host.arp().size() == 0);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a probe is answered but teaches nothing", "[arp][5227-1.1]") {
    ethernet_bench b;
    b.gets(request(our_address, stranger_mac, ipv4::address{}));
    CHECK(arp_of(b.device.take())[arp::operation] == arp::operation_reply);
    CHECK(b.host.arp().size() == 0);
}

TEST_CASE("senders that no station can be are counted", "[arp]") {
    ethernet_bench b;
    b.gets(ethernet::header(ethernet::destination = our_mac, ethernet::source = peer_mac) /
           arp::header(arp::operation = arp::operation_request, arp::sender_hardware = ethernet::broadcast,
                       arp::sender_protocol = peer_address, arp::target_protocol = our_address));
    b.gets(request(our_address, peer_mac, "224.0.0.5"_ipv4));
    CHECK(b.host.arp().statistics().bad_sender == 2);
    CHECK(b.device.sent.empty());
}

TEST_CASE("every shorter ARP packet is counted as malformed", "[arp]") {
    ethernet_bench b;
    frame const whole = to_frame(to_bytes(request(our_address)));
    for (std::size_t size = ethernet::header::size; size < whole.size(); ++size) {
        b.gets_octets(frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    }
    CHECK(b.host.arp().statistics().malformed == arp::header::size);
    CHECK(b.device.sent.empty());
}

TEST_CASE("the table is bounded: who was confirmed longest ago makes way", "[arp]") {
    ethernet_bench b;
    for (std::uint32_t i = 2; i < 250; ++i) {
        b.gets(request(our_address, peer_mac, ipv4::address::from_value(0x0a09'0000 + i)));
    }
    CHECK(b.host.arp().size() == arp::defaults::neighbours);
    CHECK(b.host.arp().statistics().evicted == 248 - arp::defaults::neighbours);
    CHECK(b.host.arp().statistics().replies_sent == 248);
    b.device.sent.clear();
    send_something(b, "10.9.0.249"_ipv4);
    CHECK(is_ipv4(b.device.take(), peer_mac));
}

TEST_CASE("neighbours that never answered push out nobody who did", "[arp]") {
    ethernet_bench b;
    b.knows_peer();
    for (std::uint32_t i = 10; i < 10 + 2 * arp::defaults::neighbours - 20; ++i) {
        send_something(b, ipv4::address::from_value(0x0a09'0000 + i));
    }
    CHECK(b.host.arp().statistics().evicted == 0);
    CHECK(b.host.arp().size() <= arp::defaults::neighbours / 2 + 1);
    b.device.sent.clear();
    send_something(b);
    CHECK(is_ipv4(b.device.take(), peer_mac));
    CHECK(b.device.sent.empty());
}

TEST_CASE("a crowd of silent neighbours is no way around one request a second", "[arp][1122-2.3.2.1]") {
    ethernet_bench b;
    auto const silent = "10.9.0.200"_ipv4;
    for (int round = 0; round < 20; ++round) {
        send_something(b, silent);
        for (std::uint32_t i = 10; i < 10 + arp::defaults::neighbours; ++i) {
            send_something(b, ipv4::address::from_value(0x0a09'0000 + i));
        }
    }
    int requests = 0;
    while (!b.device.sent.empty()) {
        requests += arp_of(b.device.take())[arp::target_protocol] == silent ? 1 : 0;
    }
    CHECK(requests == 1);
}

TEST_CASE("silent neighbours leave places for the latest packet of others", "[arp][1122-2.3.2.2]") {
    ethernet_bench b;
    auto const nth = [](std::uint32_t n) { return ipv4::address::from_value("10.9.0.20"_ipv4.value() + n); };
    for (std::uint32_t n = 0; n < 5; ++n) {
        for (int i = 0; i < 4; ++i) {
            send_something(b, nth(n));
        }
    }
    for (std::uint32_t n = 0; n < 5; ++n) {
        b.device.sent.clear();
        b.gets(reply(peer_mac, nth(n)));
        CHECK(b.device.sent.size() >= 1);
    }
}

TEST_CASE("a packet does not overtake those that wait for its neighbour", "[arp]") {
    ethernet_bench b;
    auto const send = [&](std::uint16_t number) {
        REQUIRE(b.host.icmp().ping(peer_address, 1, number, {}).has_value());
    };
    bool const was_full = GENERATE(false, true);
    send(1);
    b.host.poll(b.now);
    b.device.sent.clear();
    b.device.incoming.push_back(to_frame(to_bytes(reply())));
    b.device.full = was_full; // when the reply comes
    b.host.receive(b.now);
    b.device.full = false;
    send(2);
    b.host.transmit(b.now);
    REQUIRE(b.device.sent.size() == 2);
    for (std::uint16_t number = 1; number <= 2; ++number) {
        frame const sent = b.device.take();
        auto const echo = as<icmpv4::echo>(as<ipv4::header>(as<ethernet::header>(sent)->payload())->payload());
        CHECK((*echo)[icmpv4::sequence] == number);
    }
}

TEST_CASE("packets for other networks go to the gateway", "[arp][1122-3.3.1.1]") {
    ethernet_bench b;
    send_something(b, "192.0.2.1"_ipv4);
    CHECK(arp_of(b.device.take())[arp::target_protocol] == gateway_address);
}

TEST_CASE("nothing is asked while the device is full, and all of it later", "[arp]") {
    ethernet_bench b;
    send_something(b);
    b.device.sent.clear();
    b.device.full = true;
    b.gets(reply());
    CHECK(b.device.sent.empty());
    CHECK(b.host.wants_to_transmit());
    b.device.full = false;
    b.host.poll(b.now);
    CHECK(is_ipv4(b.device.take(), peer_mac));
    CHECK_FALSE(b.host.wants_to_transmit());
}

TEST_CASE("frames for other stations and groups are counted and dropped", "[ethernet]") {
    ethernet_bench b;
    b.gets(ethernet::header(ethernet::destination = stranger_mac, ethernet::source = peer_mac,
                            ethernet::type = ethernet::type_ipv4));
    b.gets(ethernet::header(ethernet::destination = "01:00:5e:00:00:fb"_mac, ethernet::source = peer_mac));
    b.gets(ethernet::header(ethernet::destination = our_mac, ethernet::source = peer_mac,
                            ethernet::type = std::uint16_t{0x88cc}));
    b.gets_octets(frame(13));
    auto const& counted = b.host.ethernet().statistics();
    CHECK(counted.other_station == 1);
    CHECK(counted.multicast == 1);
    CHECK(counted.unknown_type == 1);
    CHECK(counted.truncated == 1);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a frame whose source is a group is dropped", "[ethernet][8023]") {
    ethernet_bench b;
    b.knows_peer();
    b.gets(ethernet::header(ethernet::destination = our_mac, ethernet::source = "03:00:00:00:00:02"_mac) / from_peer() /
           icmpv4::echo(icmpv4::type = icmpv4::type_echo_request));
    CHECK(b.host.ethernet().statistics().bad_source == 1);
    CHECK(b.device.sent.empty());
}

TEST_CASE("broadcasts and multicasts are mapped, not resolved", "[ethernet][1112-6.4]") {
    ethernet_bench b;
    auto socket = b.host.udp().bind(5000);
    REQUIRE(socket);
    REQUIRE(socket->send_to({}, {"255.255.255.255"_ipv4, 9}).has_value());
    CHECK(is_ipv4(b.device.take(), ethernet::broadcast));
    REQUIRE(socket->send_to({}, {"10.9.0.255"_ipv4, 9}).has_value());
    CHECK(is_ipv4(b.device.take(), ethernet::broadcast));
    REQUIRE(socket->send_to({}, {"239.129.2.3"_ipv4, 9}).has_value());
    CHECK(is_ipv4(b.device.take(), "01:00:5e:01:02:03"_mac));
}
