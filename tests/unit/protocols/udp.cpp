// UDP datagram by datagram, each test named after the rule.

#include "host_under_test.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace plywire;
using namespace plywire::testing;

namespace {

template <class... Assigned>
auto datagram(Assigned... assigned) {
    return from_peer() /
           udp::header(udp::source_port = std::uint16_t{4000}, udp::destination_port = std::uint16_t{53}, assigned...) /
           payload("hello");
}

} // namespace

TEST_CASE("a datagram reaches the socket on its port, with its source", "[udp][768]") {
    ip_bench b;
    auto socket = b.host.udp().bind(53);
    REQUIRE(socket);
    CHECK(socket->port() == 53);
    std::array<std::byte, 100> room{};
    CHECK(socket->receive_from(room).error() == socket_error::would_block);
    b.gets(datagram());
    CHECK(b.host.udp().next_ready() == socket->id());
    CHECK_FALSE(b.host.udp().next_ready());
    auto const got = socket->receive_from(room);
    REQUIRE(got);
    CHECK(got->source == endpoint{peer_address, 4000});
    CHECK(text_of_bytes(bytes_view(room).first(got->length)) == "hello");
    CHECK_FALSE(got->truncated);
    CHECK(socket->receive_from(room).error() == socket_error::would_block);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a datagram that is too long for the reader is cut, and the next is whole", "[udp]") {
    ip_bench b;
    auto socket = b.host.udp().bind(53);
    b.gets(datagram());
    b.gets(datagram());
    std::array<std::byte, 3> small{};
    auto const got = socket->receive_from(small);
    REQUIRE(got);
    CHECK(got->truncated);
    CHECK(got->length == 3);
    std::array<std::byte, 100> room{};
    CHECK(socket->receive_from(room)->length == 5);
}

TEST_CASE("a port that nobody has is answered by port unreachable", "[udp][1122-4.1.3.1]") {
    ip_bench b;
    auto const packet = to_bytes(datagram());
    b.gets_octets(to_frame(packet));
    auto const ip = as<ipv4::header>(b.device.sent.front());
    REQUIRE(ip);
    auto const error = as<icmpv4::header>(ip->payload());
    REQUIRE(error);
    CHECK((*error)[icmpv4::type] == icmpv4::type_destination_unreachable);
    CHECK((*error)[icmpv4::code] == icmpv4::code_port_unreachable);
    CHECK(to_frame(error->payload()) == to_frame(packet));
    CHECK(b.host.udp().statistics().no_socket == 1);
}

TEST_CASE("a broadcast to a port that nobody has is not answered", "[udp][1122-3.2.2]") {
    ip_bench b;
    b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = "255.255.255.255"_ipv4) /
           udp::header(udp::destination_port = std::uint16_t{53}));
    CHECK(b.host.udp().statistics().no_socket == 1);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a wrong checksum is discarded in silence, none at all is accepted", "[udp][1122-4.1.3.4]") {
    ip_bench b;
    auto socket = b.host.udp().bind(53);
    b.gets(datagram(udp::checksum = std::uint16_t{0xbad}));
    CHECK(b.host.udp().statistics().bad_checksum == 1);
    b.gets(datagram(udp::checksum = std::uint16_t{0})); // RFC 768: the sender made none
    CHECK(b.host.udp().statistics().received == 1);
    b.device.checksums = checksum_state::verified;
    b.gets(datagram(udp::checksum = std::uint16_t{0xbad}));
    CHECK(b.host.udp().statistics().received == 2);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a wrong length is counted; octets behind the length are not part of the datagram", "[udp][768]") {
    ip_bench b;
    auto socket = b.host.udp().bind(53);
    b.gets(datagram(udp::length = std::uint16_t{7}));
    b.gets(datagram(udp::length = std::uint16_t{14}));
    CHECK(b.host.udp().statistics().malformed == 2);
    b.gets(datagram(udp::length = std::uint16_t{10}, udp::checksum = std::uint16_t{0}));
    std::array<std::byte, 100> room{};
    CHECK(socket->receive_from(room)->length == 2);
}

TEST_CASE("what is sent has lengths, ports and checksums in order", "[udp][768]") {
    ip_bench b;
    auto socket = b.host.udp().bind(1234);
    for (std::size_t size = 0; size < 1472; size += 7) {
        frame const cargo(size, std::byte{0xc3});
        REQUIRE(socket->send_to(cargo, {peer_address, 99}).has_value());
        frame const sent = b.device.take();
        auto const ip = as<ipv4::header>(sent);
        REQUIRE(ip);
        CHECK(internet_checksum(ip->octets()) == 0);
        auto const header = as<udp::header>(ip->payload());
        REQUIRE(header);
        CHECK((*header)[udp::source_port] == 1234);
        CHECK((*header)[udp::destination_port] == 99);
        CHECK((*header)[udp::checksum] != 0);
        internet_sum sum = ipv4::pseudo_header_sum(*ip, ip->payload().size());
        sum.add(ip->payload());
        CHECK(sum.folded() == 0xffff);
        CHECK(to_frame(header->payload()) == cargo);
    }
}

TEST_CASE("a checksum that comes out as zero is sent as all ones", "[udp][768]") {
    ip_bench b;
    auto socket = b.host.udp().bind(1234);
    int zeros = 0;
    for (std::uint32_t number = 0; number <= 0xffff; ++number) {
        std::array<std::byte, 2> cargo{};
        store_big(cargo.data(), static_cast<std::uint16_t>(number));
        REQUIRE(socket->send_to(cargo, {peer_address, 99}).has_value());
        auto const sum = (*as<udp::header>(as<ipv4::header>(b.device.sent.front())->payload()))[udp::checksum];
        REQUIRE(sum != 0);
        zeros += sum == 0xffff ? 1 : 0;
        b.device.sent.clear();
    }
    CHECK(zeros >= 1);
}

TEST_CASE("datagrams that cannot be sent say why", "[udp]") {
    ip_bench b;
    auto socket = b.host.udp().bind(1234);
    CHECK(socket->send_to(frame(1473), {peer_address, 9}).error() == socket_error::too_long);
    CHECK(socket->send_to({}, {peer_address, 0}).error() == socket_error::invalid);
    CHECK(socket->send_to({}, {our_address, 9}).error() == socket_error::unreachable);
    b.device.full = true;
    CHECK(socket->send_to({}, {peer_address, 9}).error() == socket_error::would_block);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a port belongs to one socket; closing it frees it", "[udp]") {
    ip_bench b;
    auto first = b.host.udp().bind(53);
    CHECK(b.host.udp().bind(53).error() == socket_error::in_use);
    auto any = b.host.udp().bind(0);
    auto other = b.host.udp().bind(0);
    CHECK(any->port() >= 49152);
    CHECK(any->port() != other->port());
    pool_id const id = first->id();
    first->close();
    CHECK(first->port() == 0);
    CHECK(first->send_to({}, {peer_address, 9}).error() == socket_error::closed);
    CHECK(first->receive_from({}).error() == socket_error::closed);
    auto again = b.host.udp().bind(53);
    REQUIRE(again);
    CHECK(again->id() != id);
    CHECK(b.host.layer<udp::tag>().receive_from(id, {}).error() == socket_error::closed);
    CHECK(b.host.udp().sockets() == 3);
}

TEST_CASE("ports for who does not care cannot be guessed without the secret", "[udp][8085-5.1][6056]") {
    auto const ports_with = [](siphash_key secret) {
        scripted_device<medium::ip> device;
        ip_host<scripted_device<medium::ip>> host(device, tcp::settings{.secret = secret});
        std::array<std::uint16_t, 5> ports{};
        for (std::uint16_t& port : ports) { // the socket closes again at once
            port = host.udp().bind(0)->port();
            CHECK(port >= 49152);
        }
        return ports;
    };
    auto const ports = ports_with({1, 2});
    CHECK(ports == ports_with({1, 2}));
    CHECK(ports != ports_with({1, 3}));
    CHECK(ports[1] != ports[0] + 1);
    CHECK(ports[2] - ports[1] != ports[1] - ports[0]);
}

TEST_CASE("every dynamic port is given before there is none", "[udp]") {
    struct many : udp::defaults {
        using sockets = slab_pool<0x1'0000>;
    };
    scripted_device<medium::ip> device;
    stack<scripted_device<medium::ip>, ipv4::layer<>, udp::layer<many>> host(device, udp::settings{.secret = {1, 2}});
    std::vector<decltype(host)::udp_socket> sockets;
    for (int i = 49152; i < 0x1'0000; ++i) {
        auto socket = host.udp().bind(0);
        REQUIRE(socket);
        sockets.push_back(std::move(*socket));
    }
    CHECK(host.udp().bind(0).error() == socket_error::no_room);
}

TEST_CASE("a socket's queue is bounded, and survives being full", "[udp]") {
    ip_bench b;
    auto socket = b.host.udp().bind(53);
    frame const cargo(1000);
    frame packet(1028);
    REQUIRE(write(from_peer() / udp::header(udp::destination_port = std::uint16_t{53}) / payload(bytes_view(cargo)),
                  packet) == 1028U);
    for (int i = 0; i < 200; ++i) {
        b.gets_octets(packet);
    }
    CHECK(b.host.udp().statistics().received == 65536 / 1008);
    CHECK(b.host.udp().statistics().queue_full == 200 - 65536 / 1008);
    std::array<std::byte, 2000> room{};
    int read = 0;
    while (auto const got = socket->receive_from(room)) {
        CHECK(got->length == 1000);
        ++read;
    }
    CHECK(read == 65536 / 1008);
}

TEST_CASE("errors of the network about our datagrams are counted", "[udp][1122-4.1.3.3]") {
    ip_bench b;
    auto socket = b.host.udp().bind(1234);
    REQUIRE(socket->send_to(bytes_of("x"), {peer_address, 99}).has_value());
    frame error(20 + 8 + 29);
    frame const quote = b.device.take();
    REQUIRE(write(from_peer() /
                      icmpv4::header(icmpv4::type = icmpv4::type_destination_unreachable,
                                     icmpv4::code = icmpv4::code_port_unreachable) /
                      payload(bytes_view(quote)),
                  error) == error.size());
    b.gets_octets(error);
    CHECK(b.host.udp().statistics().unreachable == 1);
}
