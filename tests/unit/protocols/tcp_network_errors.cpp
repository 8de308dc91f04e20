// ICMP errors about the segments of a host: whom they reach, what they do there, and what is made up about them.

#include "tcp_bench.hpp"

#include <catch2/catch_test_macros.hpp>

#include <utility>
#include <vector>

using namespace plywire;
using namespace plywire::testing;

namespace {

using host_type = tcp_bench::host_type;

// A connection with five octets on their way, and the packet that they are in.
struct talking_bench : tcp_bench {
    host_type::tcp_listener listener = *host.tcp().listen(80);
    std::uint32_t isn = is_connected();
    host_type::tcp_socket socket = *listener.accept();
    frame quote{};

    talking_bench() {
        while (host.tcp().next_ready()) {
        }
        REQUIRE(socket.send(bytes_of("hello")) == 5U);
        host.poll(now);
        quote = take_segment().octets;
    }
    // Whether the transfer goes on as if nothing had happened.
    bool goes_on() {
        REQUIRE(socket.send(bytes_of("more")) == 4U);
        gets_segment(tcp::ack = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 6);
        if (device.sent.empty()) {
            return false;
        }
        auto const next = take_segment();
        return text_of_bytes(next.header.payload()) == "more" && socket.unacknowledged() == 4;
    }
};

constexpr std::uint8_t unreachable = icmpv4::type_destination_unreachable;

struct told {
    std::uint8_t type;
    std::uint8_t code;
    tcp::advice advice;
};
constexpr told soft_errors[] = {{unreachable, 0, tcp::advice::network_unreachable},
                                {unreachable, 1, tcp::advice::host_unreachable},
                                {unreachable, 5, tcp::advice::source_route_failed},
                                {icmpv4::type_time_exceeded, 0, tcp::advice::time_exceeded},
                                {icmpv4::type_time_exceeded, 1, tcp::advice::time_exceeded},
                                {icmpv4::type_parameter_problem, 0, tcp::advice::parameter_problem}};

} // namespace

TEST_CASE("an ICMP error reaches the connection that it quotes and no other", "[tcp][9293-MUST-54]") {
    tcp_bench b;
    std::vector<host_type::tcp_socket> sockets;
    std::vector<frame> quotes;
    for (std::uint16_t port = 5000; port < 5003; ++port) {
        sockets.push_back(*b.host.tcp().connect({peer_address, 80}, {.local_port = port}));
        b.host.poll(b.now);
        quotes.push_back(b.take_segment().octets);
    }
    b.gets_error(unreachable, icmpv4::code_host_unreachable, quotes[1]);
    CHECK_FALSE(sockets[0].next_advice());
    CHECK(sockets[1].next_advice() == tcp::advice::host_unreachable);
    CHECK_FALSE(sockets[1].next_advice());
    CHECK_FALSE(sockets[2].next_advice());
    b.gets_error(unreachable, icmpv4::code_port_unreachable, quotes[2]);
    CHECK(sockets[0].state() == tcp::state::syn_sent);
    CHECK(sockets[1].state() == tcp::state::syn_sent);
    CHECK(sockets[2].state() == tcp::state::closed);
    CHECK(b.host.tcp().statistics().network_errors == 2);
}

TEST_CASE("soft errors end nothing, in any phase of a connection", "[tcp][9293-MUST-56]") {
    for (auto const& error : soft_errors) {
        INFO("type " << int{error.type} << " code " << int{error.code});
        talking_bench b;
        b.gets_error(error.type, error.code, b.quote);
        CHECK(b.socket.state() == tcp::state::established);
        CHECK(b.goes_on());
        tcp_bench calling;
        auto socket = calling.host.tcp().connect({peer_address, 80});
        calling.host.poll(calling.now);
        calling.gets_error(error.type, error.code, calling.take_segment().octets);
        CHECK(socket->state() == tcp::state::syn_sent);
        calling.passes(seconds(2));
        CHECK(calling.take_segment().header[tcp::syn]); // it asks again
    }
}

TEST_CASE("an application is told of soft errors, and that there is something to be told",
          "[tcp][9293-MUST-47][9293-SHLD-25]") {
    for (auto const& error : soft_errors) {
        talking_bench b;
        CHECK_FALSE(b.host.tcp().next_ready());
        b.gets_error(error.type, error.code, b.quote);
        auto const event = b.host.tcp().next_ready();
        REQUIRE(event);
        CHECK(event->id == b.socket.id());
        CHECK(b.socket.next_advice() == error.advice);
        CHECK_FALSE(b.socket.next_advice());
    }
    // The peer does not answer ...
    talking_bench silent;
    for (int i = 0; i < 20 && silent.host.deadline() < silent.now + minutes(2); ++i) {
        silent.now = std::max(silent.now, silent.host.deadline());
        silent.host.poll(silent.now);
        if (auto const advice = silent.socket.next_advice()) {
            CHECK(advice == tcp::advice::excessive_retransmission);
            CHECK(silent.host.tcp().next_ready()->id == silent.socket.id());
            silent.device.full = true; // it was told
            break;
        }
    }
    CHECK(silent.device.full);
    // ... or says that something is urgent.
    talking_bench urgent;
    urgent.gets(from_peer() /
                segment(tcp::ack = true, tcp::urg = true, tcp::urgent_pointer = std::uint16_t{3},
                        tcp::sequence_number = 100U, tcp::acknowledgment_number = urgent.isn + 6) /
                payload("abcdef"));
    CHECK(urgent.host.tcp().next_ready()->id == urgent.socket.id());
    CHECK(urgent.socket.next_advice() == tcp::advice::urgent_data);
    CHECK(urgent.socket.urgent_left() > 0);
}

TEST_CASE("source quench is dropped in silence", "[tcp][9293-MUST-55]") {
    talking_bench b;
    auto const info = [&] { return b.host.layer<tcp::tag>().machine(b.socket.id())->info(); };
    auto const before = info();
    b.gets_error(icmpv4::type_source_quench, 0, b.quote);
    CHECK(b.device.sent.empty());
    CHECK(info().congestion_window == before.congestion_window);
    CHECK(info().slow_start_threshold == before.slow_start_threshold);
    CHECK(b.socket.state() == tcp::state::established);
    CHECK_FALSE(b.socket.next_advice());
    CHECK(b.goes_on());
}

TEST_CASE("a hard error ends an attempt to connect at once", "[tcp][9293-SHLD-26]") {
    for (auto const& [code, why] : {std::pair{icmpv4::code_port_unreachable, socket_error::refused},
                                    {icmpv4::code_protocol_unreachable, socket_error::refused}}) {
        tcp_bench b;
        auto socket = b.host.tcp().connect({peer_address, 80});
        b.host.poll(b.now);
        b.gets_error(unreachable, code, b.take_segment().octets);
        CHECK(b.host.tcp().next_ready()->id == socket->id());
        std::array<std::byte, 10> room{};
        CHECK(socket->receive(room).error() == why);
        CHECK(socket->send(room).error() == why);
    }
}

TEST_CASE("hard errors do not end what is established", "[tcp][5927-2]") {
    for (std::uint8_t const code : {icmpv4::code_protocol_unreachable, icmpv4::code_port_unreachable}) {
        talking_bench b;
        b.gets_error(unreachable, code, b.quote);
        CHECK(b.socket.state() == tcp::state::established);
        CHECK(b.socket.next_advice());
        CHECK(b.goes_on());
    }
}

TEST_CASE("an error about what is not on its way has no effect", "[tcp][5927-1]") {
    talking_bench b; // isn + 1 to isn + 5 are on their way
    auto const gets_error_about = [&](std::uint32_t number, std::uint8_t code) {
        frame made_up = b.quote;
        for (std::size_t i = 0; i < 4; ++i) {
            made_up[24 + i] = static_cast<std::byte>(number >> (24 - 8 * i) & 0xff);
        }
        b.gets_error(unreachable, code, made_up);
    };
    for (std::uint32_t const number : {b.isn, b.isn + 6, b.isn + 0x8000'0000U, b.isn - 1000}) {
        gets_error_about(number, icmpv4::code_host_unreachable);
        CHECK_FALSE(b.socket.next_advice());
        CHECK_FALSE(b.host.tcp().next_ready());
    }
    for (std::uint32_t const number : {b.isn + 1, b.isn + 5}) {
        gets_error_about(number, icmpv4::code_host_unreachable);
        CHECK(b.socket.next_advice() == tcp::advice::host_unreachable);
    }
    // Nor does an attempt to connect end by a guess.
    tcp_bench calling;
    auto socket = calling.host.tcp().connect({peer_address, 80});
    calling.host.poll(calling.now);
    frame quote = calling.take_segment().octets;
    for (std::size_t bit = 0; bit < 32; ++bit) {
        frame guess = quote;
        guess[24 + bit / 8] ^= std::byte{1} << (bit % 8);
        calling.gets_error(unreachable, icmpv4::code_port_unreachable, guess);
        CHECK(socket->state() == tcp::state::syn_sent);
    }
    calling.gets_error(unreachable, icmpv4::code_port_unreachable, quote);
    CHECK(socket->state() == tcp::state::closed);
}
