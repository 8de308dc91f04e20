// IPv4 and ICMP packet by packet, each test named after the rule.

#include "host_under_test.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace plywire;
using namespace plywire::testing;

namespace {

constexpr auto echo_request = icmpv4::echo(icmpv4::type = icmpv4::type_echo_request,
                                           icmpv4::identifier = std::uint16_t{7}, icmpv4::sequence = std::uint16_t{8});
constexpr auto cargo = payload("abcdefg");

auto ping() { return from_peer() / echo_request / cargo; }

struct answer {
    frame octets;
    view<ipv4::header> ip;
    view<icmpv4::echo> icmp;
};

// The ICMP packet that the host has sent.
answer take_icmp(ip_bench& b) {
    frame octets = b.device.take();
    auto const ip = as<ipv4::header>(octets);
    REQUIRE(ip);
    REQUIRE((*ip)[ipv4::protocol] == ipv4::protocol_icmp);
    CHECK(internet_checksum(ip->octets()) == 0);
    CHECK(internet_checksum(ip->payload()) == 0);
    auto const icmp = as<icmpv4::echo>(ip->payload());
    REQUIRE(icmp);
    return {std::move(octets), *ip, *icmp};
}

} // namespace

TEST_CASE("a ping is answered with all of its payload", "[icmp][1122-3.2.2.6]") {
    ip_bench b;
    b.gets(ping());
    auto const reply = take_icmp(b);
    CHECK(reply.ip[ipv4::source] == our_address);
    CHECK(reply.ip[ipv4::destination] == peer_address);
    CHECK(reply.ip[ipv4::time_to_live] == 64);
    CHECK(reply.ip[ipv4::dont_fragment]);
    CHECK(reply.icmp[icmpv4::type] == icmpv4::type_echo_reply);
    CHECK(reply.icmp[icmpv4::identifier] == 7);
    CHECK(reply.icmp[icmpv4::sequence] == 8);
    CHECK(text_of_bytes(reply.icmp.payload()) == "abcdefg");
}

TEST_CASE("pings of every size up to the MTU are answered", "[icmp][1122-3.2.2.6]") {
    ip_bench b;
    std::vector<std::byte> const octets(1472, std::byte{0x5a});
    for (std::size_t size = 0; size <= octets.size(); ++size) {
        frame request(28 + size);
        REQUIRE(write(from_peer() / icmpv4::echo(icmpv4::type = icmpv4::type_echo_request) /
                          payload(bytes_view(octets).first(size)),
                      request) == request.size());
        b.gets_octets(request);
        auto const reply = take_icmp(b);
        REQUIRE(reply.icmp.payload().size() == size);
    }
}

TEST_CASE("a device that pads frames changes nothing", "[ipv4][894]") {
    ip_bench b;
    frame padded = to_frame(to_bytes(ping()));
    padded.resize(46, std::byte{0xee});
    b.gets_octets(padded);
    CHECK(take_icmp(b).icmp.payload().size() == 7);
}

TEST_CASE("a wrong version, header length or total length is discarded in silence", "[ipv4][1122-3.2.1.1]") {
    ip_bench b;
    b.gets(from_peer(ipv4::version = std::uint8_t{6}) / echo_request / cargo);
    b.gets(from_peer(ipv4::header_length = std::uint8_t{4}) / echo_request / cargo);
    b.gets(from_peer(ipv4::header_length = std::uint8_t{15}) / echo_request / cargo);
    b.gets(from_peer(ipv4::total_length = std::uint16_t{19}) / echo_request / cargo);
    b.gets(from_peer(ipv4::total_length = std::uint16_t{36}) / echo_request / cargo);
    CHECK(b.host.ipv4().statistics().malformed == 5);
    CHECK(b.device.sent.empty());
}

TEST_CASE("every shorter packet is counted, none is answered", "[ipv4]") {
    ip_bench b;
    frame const whole = to_frame(to_bytes(ping()));
    for (std::size_t size = 1; size < whole.size(); ++size) {
        b.gets_octets(frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    }
    CHECK(b.host.ipv4().statistics().malformed == whole.size() - 1);
    CHECK(b.device.sent.empty());
}

TEST_CASE("every single wrong bit in a header is noticed", "[ipv4][1122-3.2.1.2]") {
    ip_bench b;
    frame const whole = to_frame(to_bytes(ping()));
    for (std::size_t bit = 0; bit < ipv4::header::size * 8; ++bit) {
        frame wrong = whole;
        wrong[bit / 8] ^= std::byte{1} << (bit % 8);
        b.gets_octets(wrong);
    }
    auto const& counted = b.host.ipv4().statistics();
    CHECK(counted.bad_checksum + counted.malformed == ipv4::header::size * 8);
    CHECK(b.device.sent.empty());
}

TEST_CASE("options in a header are skipped", "[ipv4][791]") {
    ip_bench b;
    frame packet =
        to_frame(to_bytes(from_peer(ipv4::header_length = std::uint8_t{6}, ipv4::header_checksum = std::uint16_t{0},
                                    ipv4::total_length = std::uint16_t{39}) /
                          payload(hex<"01 01 01 00">()) / echo_request / cargo));
    auto const header = *parse_mutable<ipv4::header>(packet);
    header.set(ipv4::protocol = ipv4::protocol_icmp);
    header.set(ipv4::header_checksum = internet_checksum(header.octets()));
    b.gets_octets(packet);
    CHECK(text_of_bytes(take_icmp(b).icmp.payload()) == "abcdefg");
}

TEST_CASE("packets for other hosts are dropped", "[ipv4][1122-3.2.1.3]") {
    ip_bench b;
    b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = "10.9.0.77"_ipv4) / echo_request / cargo);
    b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = "127.0.0.1"_ipv4) / echo_request / cargo);
    b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = "224.0.0.251"_ipv4) / echo_request / cargo);
    auto const& counted = b.host.ipv4().statistics();
    CHECK(counted.other_host == 1);
    CHECK(counted.bad_destination == 1);
    CHECK(counted.multicast == 1);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a host without an address is not the one for 0.0.0.0", "[ipv4][1122-3.2.1.3]") {
    scripted_device<medium::ip> device;
    ip_host<scripted_device<medium::ip>> host(device, tcp::settings{.secret = {1, 2}});
    auto listener = host.tcp().listen(80);
    device.incoming.push_back(to_frame(to_bytes(
        ipv4::header(ipv4::source = peer_address, ipv4::destination = ipv4::address{}) /
        tcp::header(tcp::source_port = std::uint16_t{7}, tcp::destination_port = std::uint16_t{80}, tcp::syn = true))));
    host.poll(instant{1});
    CHECK(host.ipv4().statistics().other_host == 1);
    CHECK(host.tcp().half_open() == 0);
}

TEST_CASE("a source that is no host's is discarded in silence", "[ipv4][1122-3.2.1.3]") {
    ip_bench b;
    for (auto const source : {"0.0.0.0"_ipv4, "255.255.255.255"_ipv4, "10.9.0.255"_ipv4, "224.0.0.1"_ipv4,
                              "127.0.0.1"_ipv4, "240.0.0.1"_ipv4, our_address}) {
        b.gets(ipv4::header(ipv4::source = source, ipv4::destination = our_address) / echo_request / cargo);
    }
    CHECK(b.host.ipv4().statistics().bad_source == 7);
    CHECK(b.device.sent.empty());
}

TEST_CASE("fragments are counted and dropped", "[ipv4]") {
    ip_bench b;
    b.gets(from_peer(ipv4::more_fragments = true) / echo_request / cargo);
    b.gets(from_peer(ipv4::fragment_offset = std::uint16_t{3}) / echo_request / cargo);
    CHECK(b.host.ipv4().statistics().fragments == 2);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a unicast packet in a broadcast frame is dropped", "[ipv4][1122-3.3.6]") {
    ethernet_bench b;
    b.knows_peer();
    b.gets(ethernet::header(ethernet::destination = ethernet::broadcast, ethernet::source = peer_mac) / from_peer() /
           echo_request / cargo);
    CHECK(b.host.ipv4().statistics().other_host == 1);
    CHECK(b.device.sent.empty());
}

TEST_CASE("pings to a group are not answered", "[icmp][1122-3.2.2.6]") {
    ip_bench b;
    for (auto const group : {"255.255.255.255"_ipv4, "10.9.0.255"_ipv4, "224.0.0.1"_ipv4}) {
        b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = group) / echo_request / cargo);
    }
    CHECK(b.host.icmp().statistics().to_group == 3);
    CHECK(b.device.sent.empty());
}

TEST_CASE("a wrong ICMP checksum is counted, unless the device has verified it", "[icmp][792]") {
    ip_bench b;
    auto const wrong =
        from_peer() / icmpv4::echo(icmpv4::type = icmpv4::type_echo_request, icmpv4::checksum = std::uint16_t{1});
    b.gets(wrong);
    CHECK(b.host.icmp().statistics().bad_checksum == 1);
    CHECK(b.device.sent.empty());
    b.device.checksums = checksum_state::verified;
    b.gets(wrong);
    CHECK(b.device.sent.size() == 1);
}

TEST_CASE("a ping is dropped when the device is full", "[icmp]") {
    ip_bench b;
    b.device.full = true;
    b.gets(ping());
    CHECK(b.host.icmp().statistics().replies_dropped == 1);
}

TEST_CASE("our own pings go out, and answers are handed out with their payload", "[icmp][792]") {
    ip_bench b;
    REQUIRE(b.host.icmp().ping(peer_address, 3, 4, bytes_of("hello")).has_value());
    auto const request = take_icmp(b);
    CHECK(request.icmp[icmpv4::type] == icmpv4::type_echo_request);
    CHECK(text_of_bytes(request.icmp.payload()) == "hello");
    b.gets(from_peer(ipv4::time_to_live = std::uint8_t{60}) /
           icmpv4::echo(icmpv4::type = icmpv4::type_echo_reply, icmpv4::identifier = std::uint16_t{3},
                        icmpv4::sequence = std::uint16_t{4}) /
           payload("hello"));
    auto const reply = b.host.icmp().next_reply();
    REQUIRE(reply);
    CHECK(reply->source == peer_address);
    CHECK(reply->identifier == 3);
    CHECK(reply->sequence == 4);
    CHECK(reply->time_to_live == 60);
    CHECK(reply->length == 5);
    CHECK(text_of_bytes(bytes_view(reply->payload).first(5)) == "hello");
    CHECK(reply->received == b.now);
    CHECK_FALSE(b.host.icmp().next_reply());
}

TEST_CASE("answers that nobody asked for are not kept", "[icmp]") {
    ip_bench b;
    auto const answers = [&](ipv4::address from, std::uint16_t identifier) {
        b.gets(ipv4::header(ipv4::source = from, ipv4::destination = our_address) /
               icmpv4::echo(icmpv4::type = icmpv4::type_echo_reply, icmpv4::identifier = identifier));
    };
    REQUIRE(b.host.icmp().ping(peer_address, 3, 0, {}).has_value());
    answers(peer_address, 3);
    for (int i = 0; i < 20; ++i) {
        answers(peer_address, 4);
        answers("10.9.0.3"_ipv4, 3);
    }
    CHECK(b.host.icmp().statistics().unasked_replies == 40);
    CHECK(b.host.icmp().next_reply());
    CHECK_FALSE(b.host.icmp().next_reply());
}

TEST_CASE("whoever answers a ping to a group was asked", "[icmp]") {
    ip_bench b;
    REQUIRE(b.host.icmp().ping("10.9.0.255"_ipv4, 3, 0, {}).has_value());
    b.gets(from_peer() / icmpv4::echo(icmpv4::type = icmpv4::type_echo_reply, icmpv4::identifier = std::uint16_t{3}));
    CHECK(b.host.icmp().next_reply());
}

TEST_CASE("answers that nobody fetches are bounded: the newest are kept", "[icmp]") {
    ip_bench b;
    REQUIRE(b.host.icmp().ping(peer_address, 0, 0, {}).has_value());
    for (std::uint16_t number = 0; number < 20; ++number) {
        b.gets(from_peer() / icmpv4::echo(icmpv4::type = icmpv4::type_echo_reply, icmpv4::sequence = number));
    }
    CHECK(b.host.icmp().statistics().replies_forgotten == 12);
    CHECK(b.host.icmp().next_reply()->sequence == 12);
}

TEST_CASE("pings that cannot be sent say why", "[icmp]") {
    ip_bench b;
    CHECK(b.host.icmp().ping(our_address, 1, 1, {}) == std::unexpected(socket_error::unreachable));
    CHECK(b.host.icmp().ping("127.0.0.1"_ipv4, 1, 1, {}) == std::unexpected(socket_error::unreachable));
    CHECK(b.host.icmp().ping(peer_address, 1, 1, frame(1473)) == std::unexpected(socket_error::too_long));
    b.device.full = true;
    CHECK(b.host.icmp().ping(peer_address, 1, 1, {}) == std::unexpected(socket_error::would_block));
    CHECK(b.device.sent.empty());
}

TEST_CASE("a protocol that nobody has is answered by protocol unreachable", "[icmp][1122-3.2.2.1]") {
    ip_bench b;
    auto const packet = to_bytes(from_peer(ipv4::protocol = std::uint8_t{132}) / payload("some octets of SCTP"));
    b.gets_octets(to_frame(packet));
    auto const error = take_icmp(b);
    CHECK(error.icmp[icmpv4::type] == icmpv4::type_destination_unreachable);
    CHECK(error.icmp[icmpv4::code] == icmpv4::code_protocol_unreachable);
    CHECK(to_frame(error.icmp.payload()) == to_frame(packet)); // RFC 1122 3.2.2: header and at least 8 octets
    CHECK(b.host.ipv4().statistics().unknown_protocol == 1);
}

TEST_CASE("errors are never sent about groups, nor about ICMP", "[icmp][1122-3.2.2]") {
    ip_bench b;
    b.gets(ipv4::header(ipv4::source = peer_address, ipv4::destination = "255.255.255.255"_ipv4,
                        ipv4::protocol = std::uint8_t{132}));
    b.gets(from_peer() / icmpv4::echo(icmpv4::type = std::uint8_t{99}));
    CHECK(b.host.icmp().statistics().unknown == 1);
    CHECK(b.device.sent.empty());
}

TEST_CASE("errors are limited in number, and allowed again after a while", "[icmp][1812-4.3.2.8]") {
    ip_bench b;
    auto const packet = from_peer(ipv4::protocol = std::uint8_t{132});
    for (int i = 0; i < 1'000; ++i) {
        b.gets(packet);
    }
    CHECK(b.device.sent.size() == 50);
    CHECK(b.host.icmp().statistics().unreachables_limited == 950);
    b.passes(seconds(1));
    b.device.sent.clear();
    b.gets(packet);
    CHECK(b.device.sent.size() == 1);
}

TEST_CASE("an error quotes no more than fits in 576 octets", "[icmp][1812-4.3.2.3]") {
    ip_bench b;
    std::vector<std::byte> const octets(1400);
    frame packet(1420);
    REQUIRE(write(from_peer(ipv4::protocol = std::uint8_t{132}) / payload(bytes_view(octets)), packet) == 1420U);
    b.gets_octets(packet);
    CHECK(take_icmp(b).ip.packet().size() == 576);
}

TEST_CASE("an error quotes what fits in a small MTU, and at least the header and 8 octets", "[icmp][792]") {
    ip_bench b;
    std::vector<std::byte> const octets(1400);
    frame packet(1420);
    REQUIRE(write(from_peer(ipv4::protocol = std::uint8_t{132}) / payload(bytes_view(octets)), packet) == 1420U);
    b.device.mtu_octets = 300;
    b.gets_octets(packet);
    CHECK(take_icmp(b).ip.packet().size() == 300);
    b.device.mtu_octets = 56;
    b.gets_octets(packet);
    CHECK(take_icmp(b).ip.packet().size() == 56);
    b.device.mtu_octets = 55;
    b.gets_octets(packet);
    CHECK(b.device.sent.empty());
    CHECK(b.host.icmp().statistics().unreachables_limited == 1);
}

TEST_CASE("errors about packets of others, and quotes too short, are only counted", "[icmp][1122-3.2.2]") {
    ip_bench b;
    auto const error = icmpv4::header(icmpv4::type = icmpv4::type_destination_unreachable);
    b.gets(from_peer() / error / payload("short"));
    b.gets(from_peer() / error / payload(to_bytes(from_peer() / payload("12345678"))));
    CHECK(b.host.icmp().statistics().malformed == 1);
    CHECK(b.host.icmp().statistics().foreign_errors == 1);
    CHECK(b.device.sent.empty());
}
