// Rules of RFC 9293 that need a host to be seen: checksums, closed ports, pools.

#include "tcp_bench.hpp"

using namespace plywire;
using namespace plywire::testing;

namespace {

// The segment with each of its bits wrong in turn: none has an effect. (A wrong bit in the header before it is IPv4's.)
template <class Packet>
void every_wrong_bit_is_noticed(tcp_bench& b, Packet const& packet) {
    frame const whole = to_frame(to_bytes(packet));
    auto const before = b.host.tcp().statistics();
    for (std::size_t bit = ipv4::header::size * 8; bit < whole.size() * 8; ++bit) {
        frame wrong = whole;
        wrong[bit / 8] ^= std::byte{1} << (bit % 8);
        b.gets_octets(wrong);
    }
    auto const& after = b.host.tcp().statistics();
    CHECK(after.bad_checksum + after.malformed - before.bad_checksum - before.malformed ==
          (whole.size() - ipv4::header::size) * 8);
    CHECK(b.device.sent.empty());
}

} // namespace

TEST_CASE("a SYN, text, a FIN or a RST with a wrong bit has no effect", "[tcp][9293-MUST-3]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    every_wrong_bit_is_noticed(b, from_peer() / segment(tcp::syn = true));
    CHECK(b.host.tcp().connections() == 0);
    std::uint32_t const isn = b.is_connected();
    auto socket = listener->accept();
    REQUIRE(socket);
    auto const next = [&](auto... assigned) {
        return from_peer() /
               segment(tcp::ack = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 1, assigned...);
    };
    every_wrong_bit_is_noticed(b, next() / payload("text"));
    every_wrong_bit_is_noticed(b, next(tcp::fin = true));
    every_wrong_bit_is_noticed(b, next(tcp::rst = true));
    std::array<std::byte, 10> room{};
    CHECK(socket->receive(room).error() == socket_error::would_block);
    CHECK(socket->state() == tcp::state::established);
}

TEST_CASE("a header of fewer than five words, or longer than the segment, is dropped", "[tcp][9293-HDR-2]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    for (std::uint8_t words = 0; words < 16; ++words) {
        if (words == 5) continue;
        b.gets_segment(tcp::data_offset = words, tcp::syn = true);
    }
    CHECK(b.host.tcp().statistics().malformed == 15);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().connections() == 0);
}

TEST_CASE("OPEN without room for a connection is an error, and sends nothing", "[tcp][9293-OPEN-CLOSED-4]") {
    struct small : tcp::minimal<> {
        using connections = fixed_pool<1>;
        using listeners = fixed_pool<1>;
    };
    scripted_device<medium::ip> device;
    stack<scripted_device<medium::ip>, ipv4::layer<>, tcp::layer<small>> host(
        device, ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}});
    host.poll(instant{1});
    auto one = host.tcp().connect({peer_address, 1});
    host.poll(instant{1});
    device.sent.clear();
    CHECK(host.tcp().connect({peer_address, 3}).error() == socket_error::no_room);
    auto listener = host.tcp().listen(80);
    CHECK(host.tcp().listen(81).error() == socket_error::no_room);
    host.poll(instant{1});
    CHECK(device.sent.empty());
}

TEST_CASE("OPEN without a remote socket is an error, and sends nothing", "[tcp][9293-OPEN-CLOSED-3]") {
    tcp_bench b;
    CHECK_FALSE(b.host.tcp().connect({peer_address, 0}).has_value());
    CHECK_FALSE(b.host.tcp().connect({"0.0.0.0"_ipv4, 80}).has_value());
    b.host.poll(b.now);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().connections() == 0);
}

TEST_CASE("CLOSE in LISTEN: whoever comes later is refused", "[tcp][9293-CLOSE-LISTEN-1]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    listener->close();
    CHECK(listener->accept().error() == socket_error::closed);
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 99U);
    auto const answer = b.take_segment();
    CHECK(answer.header[tcp::rst]);
    CHECK(answer.header[tcp::acknowledgment_number] == 100);
}

TEST_CASE("CLOSE in SYN-SENT: nothing is sent, and a SYN,ACK that comes later is refused",
          "[tcp][9293-CLOSE-SYNSENT-1]") {
    tcp_bench b;
    auto socket = b.host.tcp().connect({peer_address, 4000}, {.local_port = 80});
    REQUIRE(socket);
    b.host.poll(b.now);
    auto const isn = b.take_segment().header[tcp::sequence_number];
    socket->close();
    std::array<std::byte, 10> room{};
    CHECK(socket->receive(room).error() == socket_error::closed);
    b.host.poll(b.now);
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().connections() == 0);
    b.gets_segment(tcp::syn = true, tcp::ack = true, tcp::sequence_number = 99U, tcp::acknowledgment_number = isn + 1);
    auto const answer = b.take_segment();
    CHECK(answer.header[tcp::rst]);
    CHECK_FALSE(answer.header[tcp::ack]);
    CHECK(answer.header[tcp::sequence_number] == isn + 1);
}

TEST_CASE("after 2 MSL the pair of endpoints is free, and the peer's FIN draws a RST",
          "[tcp][9293-MUST-13][9293-TMO-TIMEWAIT]") {
    tcp_bench b;
    auto listener = b.host.tcp().listen(80);
    std::uint32_t const isn = b.is_connected();
    listener->accept()->close();
    b.host.poll(b.now);
    CHECK(b.take_segment().header[tcp::fin]);
    auto const finish = [&] {
        b.gets_segment(tcp::ack = true, tcp::fin = true, tcp::sequence_number = 100U,
                       tcp::acknowledgment_number = isn + 2);
        b.passes(milliseconds(0));
        return b.take_segment();
    };
    auto const acknowledged = finish();
    CHECK(acknowledged.header[tcp::ack]);
    CHECK(acknowledged.header[tcp::acknowledgment_number] == 101);
    b.passes(2 * tcp::standard_patience::maximum_segment_lifetime - seconds(1));
    auto const again = finish(); // which starts it anew
    CHECK(again.header[tcp::ack]);
    CHECK_FALSE(again.header[tcp::rst]);
    b.passes(2 * tcp::standard_patience::maximum_segment_lifetime - seconds(1));
    CHECK_FALSE(finish().header[tcp::rst]);
    b.passes(2 * tcp::standard_patience::maximum_segment_lifetime + seconds(1));
    b.device.sent.clear();
    CHECK(b.host.tcp().connections() == 0);
    CHECK(finish().header[tcp::rst]);
}

TEST_CASE("each pair of endpoints has a timestamp clock of its own, which only goes forward", "[tcp][7323-20]") {
    auto const clock_of = [](std::uint16_t from, instant at) {
        tcp_bench b;
        auto listener = b.host.tcp().listen(80);
        b.passes(at - b.now);
        b.gets(from_peer() / segment(tcp::source_port = from, tcp::syn = true) / tcp::options(tcp::timestamps(5, 0)));
        auto const stamps = tcp::options_of(b.take_segment().header).timestamps;
        REQUIRE(stamps);
        return stamps->value;
    };
    instant const now{seconds(10).nanoseconds};
    std::uint32_t const one = clock_of(4000, now);
    CHECK(clock_of(4000, now + milliseconds(1234)) - one == 1234);
    CHECK(clock_of(4000, now + hours(1)) - one == 3'600'000);
    std::uint32_t const two = clock_of(4001, now);
    std::uint32_t const three = clock_of(4002, now);
    CHECK(one != 10'000); // the host's own clock
    CHECK(two - one != three - two);
    CHECK(two != one);
}

TEST_CASE("after R1 the next hop is asked whether it is still there, and forgotten if it is not",
          "[tcp][9293-MUST-20]") {
    ethernet_bench b;
    b.knows_peer();
    auto socket = b.host.tcp().connect({peer_address, 80});
    REQUIRE(socket.has_value());
    b.host.poll(b.now);
    instant const begin = b.now;
    // What has left: SYNs, and polls of the peer's hardware address.
    struct count {
        unsigned syns = 0;
        unsigned polls = 0;
    };
    auto const left = [&] {
        count c;
        for (auto const& octets : b.device.sent) {
            auto const type = (*as<ethernet::header>(octets))[ethernet::type];
            c.syns += type == ethernet::type_ipv4 ? 1 : 0;
            c.polls += type == ethernet::type_arp ? 1 : 0;
        }
        b.device.sent.clear();
        return c;
    };
    auto const next = [&] {
        b.now = b.host.deadline();
        b.host.poll(b.now);
        return left();
    };
    CHECK(left().syns == 1);
    unsigned syns = 1;
    while (syns < 1 + tcp::standard_patience::retransmissions_before_advice) {
        auto const c = next();
        syns += c.syns;
        CHECK(c.polls == 0);
    }
    REQUIRE(b.host.arp().size() == 1);
    unsigned polls = 0;
    while (b.host.arp().size() == 1 && b.host.deadline() - begin < arp::settings().trusted) polls += next().polls;
    CHECK(polls >= 2); // RFC 1122 section 2.3.2.1: several of them before it is forgotten
    CHECK(b.host.arp().size() == 0);
    CHECK(socket->state() == tcp::state::syn_sent); // the connection goes on
}
