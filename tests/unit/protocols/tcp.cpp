// TCP of a host segment by segment: which connection, listener or reset a segment meets. The machine has its own tests.

#include "tcp_bench.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace plywire;
using namespace plywire::testing;

namespace {

struct without_cookies : tcp::defaults {
    static constexpr bool syn_cookies = false;
};

} // namespace

TEST_CASE("a SYN to a listener is answered by SYN,ACK, and accepted when it is acknowledged", "[tcp][9293-3.10.7.2]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    REQUIRE(listener);
    CHECK(listener->port() == 80);
    b.is_connected();
    auto const event = b.host.tcp().next_ready();
    REQUIRE(event);
    CHECK(event->listener);
    CHECK(event->id == listener->id());
    auto socket = listener->accept();
    REQUIRE(socket);
    CHECK(socket->state() == tcp::state::established);
    CHECK(socket->peer() == endpoint{peer_address, 4000});
    CHECK(socket->local() == endpoint{our_address, 80});
    CHECK(listener->accept().error() == socket_error::would_block);
    CHECK_FALSE(b.host.tcp().next_ready());
}

TEST_CASE("segments for no connection are answered by RST", "[tcp][9293-3.10.7.1]") {
    tcp_bench b;
    b.gets_segment(tcp::ack = true, tcp::acknowledgment_number = 777U);
    auto const first = b.take_segment();
    CHECK(first.header[tcp::rst]);
    CHECK_FALSE(first.header[tcp::ack]);
    CHECK(first.header[tcp::sequence_number] == 777);
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 10U);
    auto const second = b.take_segment();
    CHECK(second.header[tcp::rst]);
    CHECK(second.header[tcp::ack]);
    CHECK(second.header[tcp::acknowledgment_number] == 11);
    b.gets_segment(tcp::rst = true);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().statistics().no_connection == 3);
    CHECK(b.host.tcp().statistics().resets_sent == 2);
}

TEST_CASE("a listener passes over RST, answers ACK by RST and drops what is no SYN", "[tcp][9293-3.10.7.2]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    b.gets_segment(tcp::rst = true);
    b.gets_segment(tcp::fin = true);
    b.gets_segment();
    CHECK(b.device.sent.empty());
    b.gets_segment(tcp::syn = true, tcp::ack = true, tcp::acknowledgment_number = 5U);
    CHECK(b.take_segment().header[tcp::rst]);
    CHECK(b.host.tcp().connections() == 0);
}

TEST_CASE("segments to a broadcast or multicast address are dropped", "[tcp][9293-MUST-57]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    for (auto const group : {"255.255.255.255"_ipv4, "10.9.0.255"_ipv4, "224.0.0.1"_ipv4}) {
        b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = group) / segment(tcp::syn = true));
    }
    CHECK(b.host.tcp().statistics().to_group == 3);
    CHECK(b.device.sent.empty());
}

TEST_CASE("every single wrong bit in a segment is noticed", "[tcp][9293-MUST-3]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    frame const whole = to_frame(to_bytes(from_peer() / segment(tcp::syn = true) / payload("text")));
    for (std::size_t bit = ipv4::header::size * 8; bit < whole.size() * 8; ++bit) {
        frame wrong = whole;
        wrong[bit / 8] ^= std::byte{1} << (bit % 8);
        b.gets_octets(wrong);
    }
    auto const& counted = b.host.tcp().statistics();
    CHECK(counted.bad_checksum + counted.malformed == (whole.size() - ipv4::header::size) * 8);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a device that has verified the checksum is believed", "[tcp]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    b.device.checksums = checksum_state::verified;
    b.gets(from_peer() / segment(tcp::syn = true, tcp::checksum = std::uint16_t{1}));
    CHECK(b.device.sent.size() == 1);
}

TEST_CASE("every shorter segment and port 0 are counted as malformed", "[tcp]") {
    tcp_bench b;
    std::vector<std::byte> const octets(tcp::header::size);
    for (std::size_t size = 0; size < tcp::header::size; ++size) {
        frame packet(ipv4::header::size + size);
        REQUIRE(write(from_peer(ipv4::protocol = ipv4::protocol_tcp) / payload(bytes_view(octets).first(size)),
                      packet) == packet.size());
        b.gets_octets(packet);
    }
    b.gets_segment(tcp::source_port = std::uint16_t{0}, tcp::syn = true);
    b.gets_segment(tcp::destination_port = std::uint16_t{0}, tcp::syn = true);
    b.gets_segment(tcp::data_offset = std::uint8_t{4}, tcp::syn = true);
    CHECK(b.host.tcp().statistics().malformed == tcp::header::size + 3);
    CHECK(b.device.sent.empty());
}

TEST_CASE("without cookies the oldest half-open one makes way for a new SYN", "[tcp][4987-1]") {
    basic_tcp_bench<without_cookies> b;
    auto listener = b.host.tcp().listen(80, {.backlog = 3});
    for (std::uint16_t from = 1; from <= 10; ++from) {
        b.gets_segment(tcp::source_port = from, tcp::syn = true);
    }
    CHECK(b.device.sent.size() == 10);
    CHECK(b.host.tcp().half_open() == 3);
    CHECK(b.host.tcp().connections() == 3);
    CHECK(b.host.tcp().statistics().half_open_ended == 7);
    b.device.sent.clear();
    b.is_connected(50); // in spite of the flood
    CHECK(b.host.tcp().half_open() == 2);
    CHECK(listener->accept().has_value());
}

TEST_CASE("SYNs beyond a backlog of connections that nobody accepts are dropped, not refused", "[tcp]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80, {.backlog = 3});
    b.gets_segment(tcp::source_port = std::uint16_t{1}, tcp::syn = true);
    b.device.sent.clear();
    for (std::uint16_t from = 50; from < 53; ++from) {
        b.is_connected(from);
    }
    CHECK(b.host.tcp().half_open() == 1);
    b.gets_segment(tcp::source_port = std::uint16_t{53}, tcp::syn = true);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().statistics().listener_full == 1);
    auto socket = listener->accept();
    REQUIRE(socket);
    b.gets_segment(tcp::source_port = std::uint16_t{53}, tcp::syn = true);
    CHECK(b.take_segment().header[tcp::syn]);
}

TEST_CASE("half-open connections of all listeners together are bounded", "[tcp]") {
    basic_tcp_bench<without_cookies> b({.secret = {1, 2}, .most_half_open = 5});
    auto& device = b.device;
    auto& host = b.host;
    auto flooded = host.tcp().listen(80, {.backlog = 100});
    auto other = host.tcp().listen(81);
    auto const syn = [&](std::uint16_t from, std::uint16_t to) {
        device.incoming.push_back(to_frame(
            to_bytes(from_peer() / segment(tcp::source_port = from, tcp::destination_port = to, tcp::syn = true))));
    };
    for (std::uint16_t from = 1; from <= 50; ++from) {
        syn(from, 80);
    }
    host.poll(b.now);
    CHECK(host.tcp().half_open() == 5);
    syn(51, 81); // nothing of this listener's can make way
    host.poll(b.now);
    CHECK(host.tcp().statistics().half_open_full == 1);
    // They give up in the end, and leave nothing behind.
    for (instant now = host.deadline(); now != instant::never(); now = host.deadline()) {
        host.poll(now);
    }
    CHECK(host.tcp().half_open() == 0);
    CHECK(host.tcp().connections() == 0);
}

TEST_CASE("closing a listener resets what nobody has accepted", "[tcp]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    b.is_connected(1);
    b.gets_segment(tcp::source_port = std::uint16_t{2}, tcp::syn = true);
    b.take_segment();
    listener->close();
    b.host.poll(b.now);
    CHECK(b.take_segment().header[tcp::rst]);
    CHECK(b.take_segment().header[tcp::rst]);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().connections() == 0);
    b.gets_segment(tcp::source_port = std::uint16_t{3}, tcp::syn = true);
    CHECK(b.take_segment().header[tcp::rst]);
    CHECK(listener->accept().error() == socket_error::closed);
    CHECK(b.host.tcp().listen(80).has_value());
}

TEST_CASE("a connection that is reset while it waits is handed out with its error", "[tcp]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    b.is_connected();
    b.gets_segment(tcp::rst = true, tcp::sequence_number = 100U);
    auto socket = listener->accept();
    REQUIRE(socket);
    std::array<std::byte, 10> room{};
    CHECK(socket->receive(room).error() == socket_error::reset);
    CHECK(socket->send(room).error() == socket_error::reset);
    CHECK(b.host.tcp().connections() == 1); // the error is kept for the holder
    socket->close();
    CHECK(b.host.tcp().connections() == 0);
    CHECK(b.device.sent.empty());
}

TEST_CASE("initial sequence numbers depend on the four-tuple, the time and the secret", "[tcp][6528]") {
    auto const isn_with = [](siphash_key secret, std::uint16_t from, instant now) {
        scripted_device<medium::ip> device;
        ip_host<scripted_device<medium::ip>> host(device, ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix},
                                                  tcp::settings{.secret = secret});
        auto listener = host.tcp().listen(80);
        device.incoming.push_back(to_frame(to_bytes(from_peer() / segment(tcp::source_port = from, tcp::syn = true))));
        host.poll(now);
        return (*as<tcp::header>(as<ipv4::header>(device.sent.front())->payload()))[tcp::sequence_number];
    };
    instant const now{1'000'000'000};
    std::uint32_t const isn = isn_with({1, 2}, 1, now);
    CHECK(isn == isn_with({1, 2}, 1, now));
    CHECK(isn + 250 == isn_with({1, 2}, 1, now + milliseconds(1))); // the clock ticks every 4 microseconds
    CHECK(isn != isn_with({1, 3}, 1, now));
    CHECK(isn != isn_with({1, 2}, 2, now));
}

TEST_CASE("connecting sends a SYN from a free port with the segment size of the device", "[tcp][9293-3.10.1]") {
    tcp_bench b;
    auto socket = b.host.tcp().connect({peer_address, 80});
    REQUIRE(socket);
    CHECK(socket->state() == tcp::state::syn_sent);
    CHECK(b.host.deadline() == b.now); // there is something to send
    b.host.poll(b.now);
    auto const syn = b.take_segment();
    CHECK(syn.header[tcp::syn]);
    CHECK_FALSE(syn.header[tcp::ack]);
    CHECK(syn.header[tcp::source_port] >= 1024);
    CHECK(tcp::options_of(syn.header).maximum_segment_size == 1460);
    auto other = b.host.tcp().connect({peer_address, 80});
    REQUIRE(other);
    CHECK(other->local() != socket->local());
}

TEST_CASE("half-close waits for the peer: what is queued for it is not thrown away", "[tcp][9293-3.10.4]") {
    tcp_bench b;
    auto socket = b.host.tcp().connect({peer_address, 80});
    REQUIRE(socket->send(bytes_of("early")) == 5U);
    CHECK(socket->shutdown().error() == socket_error::not_connected);
    CHECK(socket->state() == tcp::state::syn_sent);
}

TEST_CASE("connections that cannot be made say why", "[tcp]") {
    tcp_bench b;
    CHECK(b.host.tcp().connect({peer_address, 0}).error() == socket_error::invalid);
    CHECK(b.host.tcp().connect({our_address, 80}).error() == socket_error::unreachable);
    CHECK(b.host.tcp().connect({"10.9.0.255"_ipv4, 80}).error() == socket_error::unreachable);
    CHECK(b.host.tcp().connect({"224.0.0.1"_ipv4, 80}).error() == socket_error::unreachable);
    auto one = b.host.tcp().connect({peer_address, 80}, {.local_port = 7});
    CHECK(one);
    CHECK(b.host.tcp().connect({peer_address, 80}, {.local_port = 7}).error() == socket_error::in_use);
    CHECK(b.host.tcp().listen(0).error() == socket_error::invalid);
    auto listener = b.host.tcp().listen(80);
    CHECK(b.host.tcp().listen(80).error() == socket_error::in_use);
}

TEST_CASE("a refused connection says so, to whoever holds it", "[tcp][9293-3.10.7.3]") {
    tcp_bench b;
    auto socket = b.host.tcp().connect({peer_address, 80}, {.local_port = 5000});
    b.host.poll(b.now);
    auto const syn = b.take_segment();
    b.gets(from_peer() / tcp::header(tcp::source_port = std::uint16_t{80}, tcp::destination_port = std::uint16_t{5000},
                                     tcp::rst = true, tcp::ack = true,
                                     tcp::acknowledgment_number = syn.header[tcp::sequence_number] + 1));
    auto const event = b.host.tcp().next_ready();
    REQUIRE(event);
    CHECK(event->id == socket->id());
    CHECK_FALSE(event->listener);
    std::array<std::byte, 10> room{};
    CHECK(socket->receive(room).error() == socket_error::refused);
    CHECK(socket->send(room).error() == socket_error::refused);
    // The pair of endpoints is free again even while the dead socket is held.
    CHECK(b.host.tcp().connect({peer_address, 80}, {.local_port = 5000}).has_value());
}

TEST_CASE("an ICMP error ends an attempt to connect only if it quotes its SYN", "[tcp][1122-4.2.3.9][5927]") {
    tcp_bench b;
    auto socket = b.host.tcp().connect({peer_address, 80}, {.local_port = 5000});
    b.host.poll(b.now);
    frame quote = b.take_segment().octets;
    auto const says = [&](std::uint8_t code) {
        frame error(28 + 28);
        REQUIRE(write(from_peer() /
                          icmpv4::header(icmpv4::type = icmpv4::type_destination_unreachable, icmpv4::code = code) /
                          payload(bytes_view(quote).first(28)),
                      error) == error.size());
        b.gets_octets(error);
    };
    says(icmpv4::code_host_unreachable);
    quote[27] ^= std::byte{1}; // somebody guesses the sequence number
    says(icmpv4::code_port_unreachable);
    CHECK(socket->state() == tcp::state::syn_sent);
    quote[27] ^= std::byte{1};
    says(icmpv4::code_port_unreachable);
    std::array<std::byte, 10> room{};
    CHECK(socket->receive(room).error() == socket_error::refused);
    CHECK(b.host.tcp().statistics().network_errors == 3);
}

TEST_CASE("an ICMP error does not touch an established connection", "[tcp][5927]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    b.is_connected();
    auto socket = listener->accept();
    REQUIRE(socket->send(bytes_of("hello")).has_value());
    b.host.poll(b.now);
    frame const quote = b.take_segment().octets;
    frame error(28 + 28);
    REQUIRE(write(from_peer() /
                      icmpv4::header(icmpv4::type = icmpv4::type_destination_unreachable,
                                     icmpv4::code = icmpv4::code_port_unreachable) /
                      payload(bytes_view(quote).first(28)),
                  error) == error.size());
    b.gets_octets(error);
    CHECK(socket->state() == tcp::state::established);
    CHECK(b.host.tcp().statistics().network_errors == 1);
}

TEST_CASE("data that arrives makes the socket ready once", "[tcp]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    std::uint32_t const isn = b.is_connected();
    auto socket = listener->accept();
    b.host.tcp().next_ready();
    b.gets(from_peer() / segment(tcp::ack = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 1) /
           payload("abc"));
    b.gets(from_peer() / segment(tcp::ack = true, tcp::sequence_number = 103U, tcp::acknowledgment_number = isn + 1) /
           payload("def"));
    auto const event = b.host.tcp().next_ready();
    REQUIRE(event);
    CHECK(event->id == socket->id());
    CHECK_FALSE(b.host.tcp().next_ready());
    std::array<std::byte, 10> room{};
    CHECK(socket->receive(room) == 6U);
    CHECK(text_of_bytes(bytes_view(room).first(6)) == "abcdef");
    CHECK(socket->receive(room).error() == socket_error::would_block);
    // The end of the stream is news too.
    b.gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 106U, tcp::acknowledgment_number = isn + 1);
    CHECK(b.host.tcp().next_ready()->id == socket->id());
    CHECK(socket->receive(room).error() == socket_error::end_of_stream);
}

TEST_CASE("a socket destroyed with unread data resets the connection", "[tcp][2525-2.17]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    std::uint32_t const isn = b.is_connected();
    {
        auto socket = listener->accept();
        b.gets(from_peer() /
               segment(tcp::ack = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 1) /
               payload("abc"));
        b.device.sent.clear();
    }
    b.host.poll(b.now);
    CHECK(b.take_segment().header[tcp::rst]);
    CHECK(b.host.tcp().connections() == 0);
}

TEST_CASE("a TIME-WAIT makes way for a new SYN that is later", "[tcp][6191][9293-MAY-2]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    std::uint32_t const isn = b.is_connected();
    listener->accept()->close();
    b.host.poll(b.now);
    CHECK(b.take_segment().header[tcp::fin]);
    b.gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 2);
    b.passes(milliseconds(500));
    b.device.sent.clear();
    CHECK(b.host.tcp().connections() == 1);
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 50'000U);
    CHECK(b.take_segment().header[tcp::syn]);
    CHECK(b.host.tcp().statistics().time_wait_reopened == 1);
    CHECK(b.host.tcp().connections() == 1);
}

TEST_CASE("a reopened connection begins beyond every number of the old one", "[tcp][9293-MAY-2]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    std::uint32_t end = b.is_connected() + 1;
    auto socket = *listener->accept();
    socket.set_no_delay(true);
    std::array<std::byte, 4000> cargo{};
    for (int i = 0; i < 100; ++i) { // far more than the clock of initial numbers goes on meanwhile
        REQUIRE(socket.send(cargo) == cargo.size());
        b.host.poll(b.now);
        b.passes(milliseconds(1));
        b.device.sent.clear();
        end += static_cast<std::uint32_t>(cargo.size());
        b.gets_segment(tcp::ack = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = end);
    }
    socket.close();
    b.host.poll(b.now);
    b.device.sent.clear();
    b.gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = end + 1);
    b.passes(milliseconds(100));
    b.device.sent.clear();
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 50'000U);
    auto const answer = b.take_segment();
    REQUIRE(answer.header[tcp::syn]);
    CHECK(b.host.tcp().statistics().time_wait_reopened == 1);
    CHECK(after(tcp::sequence(answer.header[tcp::sequence_number]), tcp::sequence(end + 1)));
}

TEST_CASE("a TIME-WAIT stays while the listener has no place for a successor", "[tcp][9293-MAY-2]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80, {.backlog = 1});
    std::uint32_t const isn = b.is_connected();
    listener->accept()->close();
    b.host.poll(b.now);
    b.gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 2);
    b.passes(milliseconds(500));
    b.device.sent.clear();
    b.is_connected(4001); // and is not accepted
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 50'000U);
    CHECK(b.host.tcp().statistics().time_wait_reopened == 0);
    CHECK(b.host.tcp().connections() == 2);
}

TEST_CASE("a handle that names nothing is an error, never more", "[tcp][socket]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    b.is_connected();
    auto socket = *listener->accept();
    pool_id const old = socket.id();
    auto other = std::move(socket);
    std::array<std::byte, 10> room{};
    for (int i = 0; i < 2; ++i) {
        CHECK(socket.send(room).error() == socket_error::closed);
        CHECK(socket.receive(room).error() == socket_error::closed);
        CHECK(socket.shutdown().error() == socket_error::closed);
        CHECK(socket.state() == tcp::state::closed);
        CHECK_FALSE(socket.writable());
        CHECK(socket.peer() == endpoint{});
        CHECK_FALSE(socket);
        socket.close();
        socket.abort();
    }
    other.abort();
    CHECK_FALSE(other);
    b.host.poll(b.now);
    // The layer's own door, with an id whose connection is gone and whose place is taken by another.
    b.device.sent.clear();
    b.is_connected(4001);
    auto third = *listener->accept();
    CHECK(third.index() == old.index);
    auto& layer = b.host.layer<tcp::tag>();
    CHECK(layer.send(old, room, b.now).error() == socket_error::closed);
    CHECK(layer.receive(old, room, b.now).error() == socket_error::closed);
    layer.close(old, b.now);
    layer.abort(old, b.now);
    CHECK(third.state() == tcp::state::established);
}

TEST_CASE("the pool bounds the connections", "[tcp]") {
    struct small : tcp::minimal<> {
        using connections = fixed_pool<2>;
        using listeners = fixed_pool<1>;
    };
    scripted_device<medium::ip> device;
    stack<scripted_device<medium::ip>, ipv4::layer<>, tcp::layer<small>> host(
        device, ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}});
    host.poll(instant{1});
    auto one = host.tcp().connect({peer_address, 1});
    auto two = host.tcp().connect({peer_address, 2});
    CHECK(host.tcp().connect({peer_address, 3}).error() == socket_error::no_room);
    CHECK(host.tcp().statistics().no_room == 1);
    one->close(); // nothing was sent: it is gone at once
    CHECK(host.tcp().connect({peer_address, 3}).has_value());
    auto listener = host.tcp().listen(80);
    CHECK(host.tcp().listen(81).error() == socket_error::no_room);
}
