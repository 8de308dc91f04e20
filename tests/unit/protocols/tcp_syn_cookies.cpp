// What a host does when more SYNs come than it can remember.

#include "tcp_bench.hpp"

#include <plywire/machine/kernel_policies.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace plywire;
using namespace plywire::testing;

namespace {

struct flooded_bench : tcp_bench {
    explicit flooded_bench(tcp::settings const& settings = {.secret = {1, 2}})
        : tcp_bench(settings) {}

    tcp_bench::host_type::tcp_listener listener = *host.tcp().listen(80, {.backlog = 3});

    // So many SYNs that nobody completes that the listener can remember no more.
    void is_flooded() {
        for (std::uint16_t from = 1; from <= 100; ++from) {
            gets_segment(tcp::source_port = from, tcp::syn = true, tcp::sequence_number = 7U * from);
        }
        device.sent.clear();
    }
    template <class... Options>
    sent_segment is_asked_with(Options... options) {
        gets(from_peer() / segment(tcp::syn = true, tcp::sequence_number = 99U) / tcp::options(options...));
        return take_segment();
    }
    void acknowledges(std::uint32_t isn, std::uint32_t number = 100) {
        gets_segment(tcp::ack = true, tcp::sequence_number = number, tcp::acknowledgment_number = isn + 1);
    }
};

template <class Sent>
std::uint32_t number_of(Sent const& sent) {
    return sent.header[tcp::sequence_number];
}

} // namespace

TEST_CASE("in a flood of SYNs a connection can still be made", "[tcp][4987-1]") {
    flooded_bench b;
    for (std::uint16_t from = 1; from <= 1000; ++from) {
        b.gets_segment(tcp::source_port = from, tcp::syn = true, tcp::sequence_number = 7U * from);
    }
    CHECK(b.device.sent.size() == 1000);
    CHECK(b.host.tcp().half_open() == 3);
    CHECK(b.host.tcp().connections() == 3);
    CHECK(b.host.tcp().statistics().cookies_sent == 997);
    b.device.sent.clear();
    std::uint32_t const isn = b.is_connected(4000);
    CHECK(b.host.tcp().statistics().cookies_accepted == 1);
    CHECK(b.host.tcp().half_open() == 3); // those that came before the flood are as good as ever
    auto const event = b.host.tcp().next_ready();
    REQUIRE(event);
    CHECK(event->listener);
    auto socket = b.listener.accept();
    REQUIRE(socket.has_value());
    CHECK(socket->state() == tcp::state::established);
    CHECK(socket->peer() == endpoint{peer_address, 4000});
    // Both ways, from the numbers that the handshake said.
    b.gets(from_peer() / segment(tcp::ack = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = isn + 1) /
           payload("hello"));
    std::array<std::byte, 10> room{};
    CHECK(socket->receive(room) == 5U);
    REQUIRE(socket->send(bytes_of("world")) == 5U);
    b.host.poll(b.now);
    auto const text = b.take_segment();
    CHECK(number_of(text) == isn + 1);
    CHECK(text.header[tcp::acknowledgment_number] == 105);
    CHECK(text_of_bytes(text.header.payload()) == "world");
}

TEST_CASE("cookies are sent under pressure only; below it a SYN,ACK has all options", "[tcp][4987-2]") {
    flooded_bench b;
    auto const plain = b.is_asked_with(tcp::maximum_segment_size(1000), tcp::sack_permitted, tcp::window_scale(5));
    CHECK(b.host.tcp().statistics().cookies_sent == 0);
    CHECK(b.host.tcp().half_open() == 1);
    auto const options = tcp::options_of(plain.header);
    CHECK(options.maximum_segment_size == 1460);
    CHECK(options.sack_permitted);
    CHECK(options.window_scale);
    b.gets_segment(tcp::rst = true, tcp::sequence_number = 100U);
    b.is_flooded();
    // What has no place in a cookie is not agreed on.
    auto const cookie = b.is_asked_with(tcp::maximum_segment_size(1000), tcp::sack_permitted, tcp::window_scale(5));
    CHECK(b.host.tcp().statistics().cookies_sent == 98);
    auto const fewer = tcp::options_of(cookie.header);
    CHECK(fewer.maximum_segment_size == 1460);
    CHECK_FALSE(fewer.sack_permitted);
    CHECK_FALSE(fewer.window_scale);
    CHECK_FALSE(fewer.timestamps);
    CHECK(cookie.header[tcp::acknowledgment_number] == 100);
}

TEST_CASE("the segment size comes back with the cookie", "[tcp]") {
    for (auto const& [said, kept] :
         {std::pair{1460, 1460}, {9000, 1460}, {1459, 1440}, {1300, 1220}, {536, 536}, {500, 48}, {0, 536}}) {
        flooded_bench b;
        b.is_flooded();
        if (said == 0) {
            b.gets_segment(tcp::syn = true, tcp::sequence_number = 99U);
        }
        std::uint32_t const isn =
            number_of(said == 0 ? b.take_segment()
                                : b.is_asked_with(tcp::maximum_segment_size(static_cast<std::uint16_t>(said))));
        b.acknowledges(isn);
        auto socket = b.listener.accept();
        REQUIRE(socket.has_value());
        std::array<std::byte, 4000> const cargo{};
        REQUIRE(socket->send(cargo).has_value());
        b.host.poll(b.now);
        CHECK(b.take_segment().header.payload().size() == static_cast<std::size_t>(kept));
    }
}

TEST_CASE("with timestamps SACK and the window scale come back too", "[tcp]") {
    for (std::uint8_t shift = 0; shift <= 14; ++shift) {
        flooded_bench b({.secret = {1, 2}, .connection = {.receive_buffer = 1 << 20}});
        b.is_flooded();
        b.now += milliseconds(33 * (shift + 1));
        auto const answer = b.is_asked_with(tcp::maximum_segment_size(1460), tcp::sack_permitted,
                                            tcp::timestamps(5000, 0), tcp::window_scale(shift));
        auto const options = tcp::options_of(answer.header);
        REQUIRE(options.timestamps);
        CHECK(options.timestamps->echo == 5000);
        CHECK(options.sack_permitted);
        CHECK(options.window_scale == 5); // a buffer of 1 MiB
        CHECK(b.host.tcp().statistics().cookies_sent == 98);
        b.now += milliseconds(40);
        b.gets(
            from_peer() /
            segment(tcp::ack = true, tcp::sequence_number = 100U, tcp::acknowledgment_number = number_of(answer) + 1) /
            tcp::options(tcp::timestamps(5040, options.timestamps->value)));
        auto socket = b.listener.accept();
        REQUIRE(socket.has_value());
        auto const info = b.host.layer<tcp::tag>().machine(socket->id())->info();
        CHECK(info.timestamps);
        CHECK(info.selective_acknowledgments);
        CHECK(info.send_window_scale == shift);
        CHECK(info.receive_window_scale == 5);
        // The clock does not go back behind the cookie's time.
        REQUIRE(socket->send(bytes_of("x")).has_value());
        b.host.poll(b.now);
        auto const later = tcp::options_of(b.take_segment().header).timestamps;
        REQUIRE(later);
        CHECK_FALSE(tcp::older_timestamp(later->value, options.timestamps->value));
        CHECK(later->value - options.timestamps->value < 40 + 32);
        CHECK(later->echo == 5040);
    }
}

TEST_CASE("what a cookie says of our window is what the connection then keeps to", "[tcp]") {
    // Policies that announce a whole number of segments, and a larger shift than the buffer needs.
    basic_tcp_bench<tcp::linux_like> b({.secret = {1, 2}});
    auto listener = *b.host.tcp().listen(80, {.backlog = 1});
    auto const is_asked_from = [&](std::uint16_t port) {
        b.gets(from_peer() / segment(tcp::source_port = port, tcp::syn = true, tcp::sequence_number = 99U) /
               tcp::options(tcp::maximum_segment_size(1460), tcp::timestamps(5000, 0), tcp::window_scale(3)));
        return b.take_segment();
    };
    auto const remembered = is_asked_from(4000);
    auto const cookie = is_asked_from(4001);
    REQUIRE(b.host.tcp().statistics().cookies_sent == 1);
    CHECK(cookie.header[tcp::window] == remembered.header[tcp::window]);
    auto const options = tcp::options_of(cookie.header);
    CHECK(options.window_scale == tcp::options_of(remembered.header).window_scale);
    b.gets_segment(tcp::rst = true, tcp::sequence_number = 100U);
    b.gets(from_peer() /
           segment(tcp::source_port = std::uint16_t{4001}, tcp::ack = true, tcp::sequence_number = 100U,
                   tcp::acknowledgment_number = number_of(cookie) + 1) /
           tcp::options(tcp::timestamps(5000, options.timestamps->value)));
    auto socket = listener.accept();
    REQUIRE(socket.has_value());
    auto const info = b.host.layer<tcp::tag>().machine(socket->id())->info();
    CHECK(info.receive_window_scale == options.window_scale);
    CHECK(info.receive_window == cookie.header[tcp::window]);
}

TEST_CASE("an ACK that brings no cookie of this host back is answered by RST", "[tcp][4987-3]") {
    flooded_bench b;
    b.is_flooded();
    std::uint32_t const isn = number_of(b.is_asked_with(tcp::maximum_segment_size(1460)));
    auto const is_reset = [&] {
        auto const answer = b.take_segment();
        CHECK(b.host.tcp().statistics().cookies_accepted == 0);
        return answer.header[tcp::rst];
    };
    for (unsigned bit = 0; bit < 32; ++bit) { // made up
        b.acknowledges(isn ^ 1U << bit);
        CHECK(is_reset());
    }
    b.acknowledges(isn, 101); // another SYN's
    CHECK(is_reset());
    b.gets_segment(tcp::source_port = std::uint16_t{4001}, tcp::ack = true, tcp::sequence_number = 100U,
                   tcp::acknowledgment_number = isn + 1); // another port's
    CHECK(is_reset());
    CHECK(b.host.tcp().connections() == 3);
    b.acknowledges(isn); // nothing has been remembered, and it is good
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().statistics().cookies_accepted == 1);
    CHECK(b.listener.accept().has_value());
}

TEST_CASE("a cookie is good for more than 90 seconds and for less than 130", "[tcp][4987-3]") {
    for (int second = 0; second < 400; ++second) {
        flooded_bench b;
        b.now = instant{} + seconds(10'000 + second % 40);
        b.is_flooded();
        std::uint32_t const isn = number_of(b.is_asked_with(tcp::maximum_segment_size(1460)));
        b.now += seconds(second);
        b.device.incoming.push_back(
            to_frame(to_bytes(from_peer() / segment(tcp::syn = true, tcp::source_port = std::uint16_t{9}))));
        b.host.receive(b.now);
        b.device.sent.clear();
        b.acknowledges(isn);
        bool const good = b.host.tcp().statistics().cookies_accepted == 1;
        INFO("after " << second);
        if (second <= 90) {
            CHECK(good);
        }
        if (second >= 130) {
            CHECK_FALSE(good);
        }
    }
}

TEST_CASE("a host that has sent no cookie believes none", "[tcp]") {
    flooded_bench b;
    b.is_flooded();
    std::uint32_t const isn = number_of(b.is_asked_with(tcp::maximum_segment_size(1460)));
    flooded_bench calm; // of the same secret
    calm.acknowledges(isn);
    CHECK(calm.take_segment().header[tcp::rst]);
}

TEST_CASE("cookies depend on the secret", "[tcp]") {
    auto const isn_with = [](siphash_key secret) {
        flooded_bench b({.secret = secret});
        b.is_flooded();
        return number_of(b.is_asked_with(tcp::maximum_segment_size(1460)));
    };
    CHECK(isn_with({1, 2}) == isn_with({1, 2}));
    CHECK(isn_with({1, 2}) != isn_with({1, 3}));
}

TEST_CASE("a cookie that comes back to a full backlog is dropped, and taken when there is room", "[tcp]") {
    flooded_bench b;
    std::vector<std::uint32_t> numbers;
    b.is_flooded();
    for (std::uint16_t from = 200; from < 204; ++from) {
        b.gets_segment(tcp::source_port = from, tcp::syn = true, tcp::sequence_number = 99U);
        numbers.push_back(number_of(b.take_segment()));
    }
    for (std::uint16_t i = 0; i < 4; ++i) {
        b.gets_segment(tcp::source_port = std::uint16_t(200 + i), tcp::ack = true, tcp::sequence_number = 100U,
                       tcp::acknowledgment_number = numbers[i] + 1);
    }
    CHECK(b.device.sent.empty());
    CHECK(b.host.tcp().statistics().cookies_accepted == 3);
    CHECK(b.host.tcp().statistics().listener_full == 1);
    auto socket = b.listener.accept();
    // The peer sends again, now with text.
    b.gets(from_peer() /
           segment(tcp::source_port = std::uint16_t{203}, tcp::ack = true, tcp::sequence_number = 100U,
                   tcp::acknowledgment_number = numbers[3] + 1) /
           payload("text"));
    CHECK(b.host.tcp().statistics().cookies_accepted == 4);
    auto second = b.listener.accept();
    auto third = b.listener.accept();
    auto fourth = b.listener.accept();
    REQUIRE(fourth.has_value());
    CHECK(fourth->unread() == 4);
}

TEST_CASE("half-open connections ask again, and are forgotten in the end", "[tcp][4987-4]") {
    flooded_bench b;
    b.gets_segment(tcp::syn = true, tcp::sequence_number = 99U);
    std::uint32_t const isn = number_of(b.take_segment());
    b.passes(seconds(2)); // it was lost
    auto const again = b.take_segment();
    CHECK(again.header[tcp::syn]);
    CHECK(again.header[tcp::ack]);
    CHECK(number_of(again) == isn);
    b.is_flooded();
    CHECK(b.host.tcp().half_open() == 3);
    for (int i = 0; i < 1000 && b.host.deadline() != instant::never(); ++i) {
        b.now = std::max(b.now, b.host.deadline());
        b.host.poll(b.now);
    }
    CHECK(b.host.tcp().half_open() == 0);
    CHECK(b.host.tcp().connections() == 0);
}

TEST_CASE("the round trip of a handshake by cookie is not guessed", "[tcp]") {
    flooded_bench b;
    b.is_flooded();
    std::uint32_t const isn = number_of(b.is_asked_with(tcp::maximum_segment_size(1460)));
    b.now += milliseconds(300);
    b.acknowledges(isn);
    auto socket = b.listener.accept();
    REQUIRE(socket.has_value());
    auto const info = b.host.layer<tcp::tag>().machine(socket->id())->info();
    CHECK(info.smoothed_round_trip == duration{});
    CHECK(info.retransmission_timeout >= seconds(1));
}

TEST_CASE("all half-open connections of a host together are bounded, with cookies beyond", "[tcp]") {
    tcp_bench b({.secret = {1, 2}, .most_half_open = 5});
    auto one = b.host.tcp().listen(80, {.backlog = 100});
    auto other = b.host.tcp().listen(81, {.backlog = 100});
    for (std::uint16_t from = 1; from <= 50; ++from) {
        b.gets_segment(tcp::source_port = from, tcp::syn = true);
    }
    CHECK(b.host.tcp().half_open() == 5);
    b.device.sent.clear();
    b.gets_segment(tcp::destination_port = std::uint16_t{81}, tcp::syn = true, tcp::sequence_number = 99U);
    std::uint32_t const isn = number_of(b.take_segment());
    b.gets_segment(tcp::destination_port = std::uint16_t{81}, tcp::ack = true, tcp::sequence_number = 100U,
                   tcp::acknowledgment_number = isn + 1);
    CHECK(other->accept().has_value());
    CHECK(b.host.tcp().half_open() == 5);
}
