// OPEN of a host: local addresses and ports, what its packets bear, whom it does not connect to.

#include "tcp_bench.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace plywire;
using namespace plywire::testing;

TEST_CASE("a second listener of a port is refused and changes nothing for the first", "[tcp][9293-MUST-41]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    b.is_connected(4001);
    auto socket = *listener->accept();
    b.gets_segment(tcp::syn = true); // a handshake that is not complete
    b.take_segment();
    CHECK(b.host.tcp().listen(80).error() == socket_error::in_use);
    CHECK(b.host.tcp().listen(80, {.local_address = our_address}).error() == socket_error::in_use);
    CHECK(socket.state() == tcp::state::established);
    CHECK(b.host.tcp().half_open() == 1);
    b.is_connected(4002);
    CHECK(listener->accept().has_value());
}

TEST_CASE("a port can be listened on while its connections are in handshake", "[tcp][9293-MUST-42]") {
    tcp_bench b;
    // In SYN-SENT ...
    auto calling = b.host.tcp().connect({peer_address, 4000}, {.local_port = 80});
    b.host.poll(b.now);
    b.take_segment();
    auto listener = b.host.tcp().listen(80);
    REQUIRE(listener.has_value());
    b.is_connected(4001);
    CHECK(listener->accept().has_value());
    CHECK(calling->state() == tcp::state::syn_sent);
    // ... and, when SYNs cross, in SYN-RECEIVED.
    listener->close();
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 99U);
    b.take_segment();
    CHECK(calling->state() == tcp::state::syn_received);
    auto again = b.host.tcp().listen(80);
    REQUIRE(again.has_value());
    b.device.sent.clear();
    b.is_connected(4002);
    CHECK(again->accept().has_value());
    CHECK(calling->state() == tcp::state::syn_received);
}

TEST_CASE("OPEN takes an address of this host, and no other", "[tcp][9293-MUST-43]") {
    tcp_bench b;
    auto const foreign = "10.9.0.77"_ipv4;
    CHECK(b.host.tcp().listen(80, {.local_address = foreign}).error() == socket_error::not_local);
    CHECK(b.host.tcp().connect({peer_address, 80}, {.local_address = foreign}).error() == socket_error::not_local);
    CHECK(b.host.tcp().connections() == 0);
    auto listener = b.host.tcp().listen(80, {.local_address = our_address});
    REQUIRE(listener.has_value());
    b.is_connected();
    CHECK(listener->accept()->local() == endpoint{our_address, 80});
    auto socket = b.host.tcp().connect({peer_address, 80}, {.local_address = our_address});
    REQUIRE(socket.has_value());
    b.host.poll(b.now);
    CHECK(b.take_segment().packet[ipv4::source] == our_address);
}

TEST_CASE("a connection sends from the address that IP chooses, from its SYN to its end",
          "[tcp][9293-MUST-44][9293-MUST-45]") {
    tcp_bench b;
    auto socket = b.host.tcp().connect({peer_address, 80}, {.local_port = 5000});
    CHECK(socket->local().address == our_address);
    b.host.poll(b.now);
    auto const syn = b.take_segment();
    CHECK(syn.packet[ipv4::source] == our_address);
    std::uint32_t const isn = syn.header[tcp::sequence_number];
    auto const from = [](auto... assigned) {
        return from_peer() / tcp::header(tcp::source_port = std::uint16_t{80},
                                         tcp::destination_port = std::uint16_t{5000}, tcp::window = std::uint16_t{8000},
                                         tcp::ack = true, assigned...);
    };
    b.gets(from(tcp::syn = true, tcp::sequence_number = 99U, tcp::acknowledgment_number = isn + 1));
    REQUIRE(socket->send(bytes_of("hello")).has_value());
    b.host.poll(b.now);
    b.passes(seconds(2)); // a retransmission too
    socket->close();
    b.gets(from(tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 6));
    unsigned segments = 0;
    for (; !b.device.sent.empty(); ++segments) {
        CHECK(b.take_segment().packet[ipv4::source] == our_address);
    }
    CHECK(segments >= 4);
}

TEST_CASE("nobody connects to a group", "[tcp][9293-MUST-46]") {
    tcp_bench b;
    for (auto const group : {"255.255.255.255"_ipv4, "10.9.0.255"_ipv4, "224.0.0.1"_ipv4, "239.1.2.3"_ipv4}) {
        CHECK(b.host.tcp().connect({group, 80}).error() == socket_error::unreachable);
    }
    b.host.poll(b.now);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().connections() == 0);
}

TEST_CASE("a SYN to a group is dropped in silence", "[tcp][9293-MUST-57]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    for (auto const group : {"255.255.255.255"_ipv4, "10.9.0.255"_ipv4, "224.0.0.1"_ipv4}) {
        b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = group) / segment(tcp::syn = true));
        b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = group) /
               segment(tcp::destination_port = std::uint16_t{81}, tcp::syn = true));
    }
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().connections() == 0);
    CHECK(b.host.tcp().statistics().to_group == 6);
}

TEST_CASE("a SYN from what is no host is dropped in silence", "[tcp][9293-MUST-63]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    for (auto const source : {"255.255.255.255"_ipv4, "10.9.0.255"_ipv4, "224.0.0.1"_ipv4, "127.0.0.1"_ipv4,
                              "0.0.0.0"_ipv4, "240.0.0.1"_ipv4, our_address}) {
        b.gets(ipv4::header(ipv4::source = source, ipv4::destination = our_address) / segment(tcp::syn = true));
    }
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().connections() == 0);
    b.gets_segment(tcp::syn = true);
    CHECK(b.take_segment().header[tcp::syn]);
}

TEST_CASE("the packets of a connection bear its code point", "[tcp][9293-MUST-48][9293-SHLD-22]") {
    tcp_bench b;
    auto socket = b.host.tcp().connect({peer_address, 80}, {.marks = {.diffserv = 46}});
    b.host.poll(b.now);
    auto const syn = b.take_segment();
    CHECK(syn.packet[ipv4::dscp] == 46);
    CHECK(syn.packet[ipv4::ecn] == 0);
    // It can change while the connection lives.
    REQUIRE(socket->set_marks({.diffserv = 10}).has_value());
    b.passes(seconds(2));
    CHECK(b.take_segment().packet[ipv4::dscp] == 10);
    CHECK(socket->set_marks({.diffserv = 64}).error() == socket_error::invalid);
    CHECK(b.host.tcp().connect({peer_address, 80}, {.marks = {.diffserv = 64}}).error() == socket_error::invalid);
    CHECK(b.host.tcp().listen(81, {.marks = {.diffserv = 64}}).error() == socket_error::invalid);
    // What a listener is given its connections have.
    auto listener = b.host.tcp().listen(80, {.marks = {.diffserv = 8}});
    b.gets_segment(tcp::syn = true);
    CHECK(b.take_segment().packet[ipv4::dscp] == 8);
}

TEST_CASE("the hops that segments may go can be set, for a host and for a connection", "[tcp][9293-MUST-49]") {
    tcp_bench b({.secret = {1, 2}}, {.address = "10.9.0.1/24"_ipv4_prefix, .time_to_live = 33});
    auto socket = b.host.tcp().connect({peer_address, 80});
    b.host.poll(b.now);
    CHECK(b.take_segment().packet[ipv4::time_to_live] == 33);
    REQUIRE(socket->set_marks({.time_to_live = 255}).has_value());
    b.passes(seconds(2));
    CHECK(b.take_segment().packet[ipv4::time_to_live] == 255);
    auto listener = b.host.tcp().listen(80, {.marks = {.time_to_live = 1}});
    b.gets_segment(tcp::syn = true);
    CHECK(b.take_segment().packet[ipv4::time_to_live] == 1);
    b.gets_segment(tcp::destination_port = std::uint16_t{81}, tcp::syn = true);
    CHECK(b.take_segment().packet[ipv4::time_to_live] == 33); // a reset that belongs to no connection
}

TEST_CASE("segments must not be fragmented on their way", "[tcp][7323-21]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    std::uint32_t const isn = b.is_connected();
    auto socket = *listener->accept();
    REQUIRE(socket.send(bytes_of("text")).has_value());
    b.host.poll(b.now);
    auto const text = b.take_segment();
    CHECK(text.packet[ipv4::dont_fragment]);
    CHECK(text.header[tcp::sequence_number] == isn + 1);
    auto calling = b.host.tcp().connect({peer_address, 80});
    b.host.poll(b.now);
    CHECK(b.take_segment().packet[ipv4::dont_fragment]);
    b.gets_segment(tcp::destination_port = std::uint16_t{81}, tcp::syn = true);
    CHECK(b.take_segment().packet[ipv4::dont_fragment]);
}

TEST_CASE("IP options that nobody understands do not keep a segment away", "[tcp][9293-MUST-50]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    frame const plain = to_frame(to_bytes(from_peer() / segment(tcp::syn = true)));
    // The same packet with an option of kind 0x9e, 4 octets, between the headers.
    frame packet(plain.begin(), plain.begin() + ipv4::header::size);
    for (unsigned const octet : {0x9eU, 4U, 1U, 2U}) {
        packet.push_back(static_cast<std::byte>(octet));
    }
    packet.insert(packet.end(), plain.begin() + ipv4::header::size, plain.end());
    packet[0] = std::byte{0x46};
    packet[3] = static_cast<std::byte>(packet.size());
    packet[10] = packet[11] = std::byte{0};
    std::uint16_t const sum = internet_checksum(bytes_view(packet).first(24));
    packet[10] = static_cast<std::byte>(sum >> 8);
    packet[11] = static_cast<std::byte>(sum & 0xff);
    b.gets_octets(packet);
    CHECK(b.take_segment().header[tcp::syn]);
}

TEST_CASE("the segment size announced is the MTU less 40, whatever options there are", "[tcp][9293-MUST-67]") {
    for (std::size_t const mtu : {576U, 1280U, 1500U, 9000U}) {
        basic_tcp_bench<> b;
        b.device.mtu_octets = mtu;
        auto socket = b.host.tcp().connect({peer_address, 80});
        b.host.poll(b.now);
        auto const syn = b.take_segment();
        auto const options = tcp::options_of(syn.header);
        CHECK(options.maximum_segment_size == mtu - 40);
        CHECK(options.timestamps);
        auto listener = b.host.tcp().listen(80);
        b.gets_segment(tcp::syn = true);
        CHECK(tcp::options_of(b.take_segment().header).maximum_segment_size == mtu - 40);
    }
    // A host may ask for less, never for more.
    tcp_bench less({.secret = {1, 2}, .maximum_segment_size = 1000});
    auto socket = less.host.tcp().connect({peer_address, 80});
    less.host.poll(less.now);
    CHECK(tcp::options_of(less.take_segment().header).maximum_segment_size == 1000);
}

TEST_CASE("ports are chosen from all that are no service of this host", "[tcp][6056-1]") {
    tcp_bench b;
    std::uint16_t lowest = 0xffff;
    std::uint16_t highest = 0;
    for (std::uint16_t to = 1; to <= 2000; ++to) {
        auto socket = b.host.tcp().connect({peer_address, to});
        REQUIRE(socket.has_value());
        lowest = std::min(lowest, socket->local().port);
        highest = std::max(highest, socket->local().port);
    }
    CHECK(lowest >= 1024);
    CHECK(lowest < 1024 + 500);
    CHECK(highest > 65'535 - 500);
    // With two to choose from and one of them listened on there is no choice.
    tcp_bench few({.secret = {1, 2}, .first_ephemeral_port = 2000, .last_ephemeral_port = 2001});
    auto listener = few.host.tcp().listen(2000);
    for (std::uint16_t to = 1; to <= 20; ++to) {
        CHECK(few.host.tcp().connect({peer_address, to})->local().port == 2001);
    }
}

TEST_CASE("ports do not follow one another across destinations", "[tcp][6056-2]") {
    tcp_bench b;
    std::set<int> steps;
    int previous = 0;
    for (std::uint16_t to = 1; to <= 100; ++to) {
        int const port = b.host.tcp().connect({peer_address, to})->local().port;
        steps.insert(port - previous);
        previous = port;
    }
    CHECK(steps.size() > 90);
    // Who does not know the secret cannot tell them.
    auto const first_port = [](siphash_key secret) {
        tcp_bench bench({.secret = secret});
        return bench.host.tcp().connect({peer_address, 80})->local().port;
    };
    CHECK(first_port({1, 2}) == first_port({1, 2}));
    CHECK(first_port({1, 2}) != first_port({1, 3}));
}

TEST_CASE("a port makes a new pair of endpoints; when none does, that is an error", "[tcp][6056-3]") {
    tcp_bench b({.secret = {1, 2}, .first_ephemeral_port = 3000, .last_ephemeral_port = 3009});
    std::vector<tcp_bench::host_type::tcp_socket> sockets;
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 10; ++i) {
        auto socket = b.host.tcp().connect({peer_address, 80});
        REQUIRE(socket.has_value());
        ports.insert(socket->local().port);
        sockets.push_back(std::move(*socket));
    }
    CHECK(ports.size() == 10);
    CHECK(b.host.tcp().connect({peer_address, 80}).error() == socket_error::no_room);
    CHECK(b.host.tcp().connections() == 10);
    // To another port of the peer the same ones will do.
    CHECK(b.host.tcp().connect({peer_address, 81}).has_value());
    sockets[3].close();
    CHECK(b.host.tcp().connect({peer_address, 80}).has_value());
    // A range without ports is no catastrophe either.
    tcp_bench none({.secret = {1, 2}, .first_ephemeral_port = 5, .last_ephemeral_port = 4});
    CHECK(none.host.tcp().connect({peer_address, 80}).error() == socket_error::no_room);
}
