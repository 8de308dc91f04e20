// Packets built from their description alone, compared octet by octet with the same packets made by other programs
// (a generator in Python, and checked with tcpdump 4.99.3). Whatever is not named here is filled in by the builder.
#include <plywire/describe/build.hpp>
#include <plywire/headers/arp.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/headers/udp.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace plywire;
using namespace plywire::literals;

namespace {

constexpr auto mac_1 = "02:00:00:00:00:01"_mac;
constexpr auto mac_2 = "02:00:00:00:00:02"_mac;
constexpr auto address_1 = "192.0.2.1"_ipv4;
constexpr auto address_2 = "192.0.2.2"_ipv4;

constexpr auto to_2 = ethernet::header(ethernet::destination = mac_2, ethernet::source = mac_1);
constexpr auto to_1 = ethernet::header(ethernet::destination = mac_1, ethernet::source = mac_2);

constexpr auto from_1(std::uint16_t identification) {
    return ipv4::header(ipv4::source = address_1, ipv4::destination = address_2, ipv4::dont_fragment = true,
                        ipv4::identification = identification);
}
constexpr auto from_2(std::uint16_t identification) {
    return ipv4::header(ipv4::source = address_2, ipv4::destination = address_1, ipv4::dont_fragment = true,
                        ipv4::identification = identification);
}

} // namespace

TEST_CASE("an ARP request", "[headers][826]") {
    constexpr auto octets =
        to_bytes(ethernet::header(ethernet::destination = ethernet::broadcast, ethernet::source = mac_1) /
                 arp::header(arp::operation = arp::operation_request, arp::sender_hardware = mac_1,
                             arp::sender_protocol = address_1, arp::target_protocol = address_2));
    CHECK(octets == hex<"ffffffffffff02000000000108060001080006040001020000000001c0000201000000000000c0000202">());
}

TEST_CASE("an ARP reply", "[headers][826]") {
    constexpr auto octets =
        to_bytes(to_1 / arp::header(arp::operation = arp::operation_reply, arp::sender_hardware = mac_2,
                                    arp::sender_protocol = address_2, arp::target_hardware = mac_1,
                                    arp::target_protocol = address_1));
    CHECK(octets == hex<"02000000000102000000000208060001080006040002020000000002c0000202020000000001c0000201">());
}

TEST_CASE("an echo request and its answer", "[headers][792]") {
    constexpr auto request = to_bytes(
        to_2 / from_1(1) /
        icmpv4::echo(icmpv4::type = icmpv4::type_echo_request, icmpv4::identifier = 0x1234, icmpv4::sequence = 1) /
        payload("abcdefgh"));
    CHECK(request == hex<"0200000000020200000000010800 45000024000140004001b6d4c0000201c0000202"
                         "0800543512340001 6162636465666768">());
    constexpr auto reply = to_bytes(
        to_1 / from_2(1) /
        icmpv4::echo(icmpv4::type = icmpv4::type_echo_reply, icmpv4::identifier = 0x1234, icmpv4::sequence = 1) /
        payload("abcdefgh"));
    CHECK(reply == hex<"0200000000010200000000020800 45000024000140004001b6d4c0000202c0000201"
                       "00005c3512340001 6162636465666768">());
}

TEST_CASE("a port-unreachable", "[headers][792]") {
    constexpr auto quoted = hex<"45000021000140004011b6c7c0000201c0000202 03e807d0000d2c46">();
    constexpr auto octets = to_bytes(to_1 / from_2(2) /
                                     icmpv4::header(icmpv4::type = icmpv4::type_destination_unreachable,
                                                    icmpv4::code = icmpv4::code_port_unreachable) /
                                     payload(quoted));
    CHECK(octets == hex<"0200000000010200000000020800 45000038000240004001b6bfc0000202c0000201 0303c4f100000000"
                        "45000021000140004011b6c7c0000201c0000202 03e807d0000d2c46">());
}

TEST_CASE("a fragmentation-needed with the next hop's MTU", "[headers][1191-4.]") {
    constexpr auto quoted = hex<"450005dc000940004006b10fc0000201c0000202 9c40005000000065">();
    constexpr auto octets =
        to_bytes(to_1 / from_2(3) /
                 icmpv4::header(icmpv4::type = icmpv4::type_destination_unreachable,
                                icmpv4::code = icmpv4::code_fragmentation_needed, icmpv4::rest = 1000) /
                 payload(quoted));
    CHECK(octets == hex<"0200000000010200000000020800 45000038000340004001b6bec0000202c0000201 03045c1e000003e8"
                        "450005dc000940004006b10fc0000201c0000202 9c40005000000065">());
}

TEST_CASE("UDP datagrams of five octets, of none, and without a checksum", "[headers][768]") {
    constexpr auto ports = udp::header(udp::source_port = 1000, udp::destination_port = 2000);
    constexpr auto odd = to_bytes(to_2 / from_1(1) / ports / payload("hello"));
    CHECK(odd == hex<"0200000000020200000000010800 45000021000140004011b6c7c0000201c0000202"
                     "03e807d0000d2c46 68656c6c6f">());
    constexpr auto empty = to_bytes(to_2 / from_1(1) / ports);
    CHECK(empty == hex<"0200000000020200000000010800 4500001c000140004011b6ccc0000201c0000202 03e807d000087022">());
    constexpr auto without = to_bytes(
        to_2 / from_1(1) / udp::header(udp::source_port = 1000, udp::destination_port = 2000, udp::checksum = 0) /
        payload("hello"));
    CHECK(without == hex<"0200000000020200000000010800 45000021000140004011b6c7c0000201c0000202"
                         "03e807d0000d0000 68656c6c6f">());
}

TEST_CASE("a SYN with options and the SYN,ACK that answers it", "[headers][9293-3.1][7323]") {
    // This one pads in front of its last option, tcp::options behind all of them; so the options are given as octets.
    constexpr auto options = hex<"020405b4 0402 080a000003e800000000 01 030307">();
    constexpr auto syn =
        to_bytes(to_2 / from_1(1) /
                 tcp::header(tcp::source_port = 40000, tcp::destination_port = 80, tcp::sequence_number = 100,
                             tcp::data_offset = 10, tcp::syn = true, tcp::window = 64240) /
                 payload(options));
    CHECK(syn == hex<"0200000000020200000000010800 4500003c000140004006b6b7c0000201c0000202"
                     "9c4000500000006400000000a002faf0282f0000 020405b40402080a000003e80000000001030307">());
    constexpr auto syn_ack =
        to_bytes(to_1 / from_2(0) /
                 tcp::header(tcp::source_port = 80, tcp::destination_port = 40000, tcp::sequence_number = 300,
                             tcp::acknowledgment_number = 101, tcp::syn = true, tcp::ack = true, tcp::window = 65535) /
                 tcp::options(tcp::maximum_segment_size(1460)));
    CHECK(syn_ack == hex<"0200000000010200000000020800 4500002c000040004006b6c8c0000202c0000201"
                         "00509c400000012c000000656012ffff75f10000 020405b4">());
}

TEST_CASE("a segment with an odd number of octets, and the reset of a closed port", "[headers][9293-3.1]") {
    constexpr auto data =
        to_bytes(to_2 / from_1(1) /
                 tcp::header(tcp::source_port = 40000, tcp::destination_port = 80, tcp::sequence_number = 101,
                             tcp::acknowledgment_number = 301, tcp::ack = true, tcp::psh = true, tcp::window = 64240) /
                 payload("GET / HTTP/1.0\r\n\r\n!"));
    CHECK(data == hex<"0200000000020200000000010800 4500003b000140004006b6b8c0000201c0000202"
                      "9c400050000000650000012d5018faf093020000 474554202f20485454502f312e300d0a0d0a21">());
    constexpr auto reset = to_bytes(to_1 / from_2(0) /
                                    tcp::header(tcp::source_port = 80, tcp::destination_port = 40000,
                                                tcp::acknowledgment_number = 101, tcp::rst = true, tcp::ack = true));
    CHECK(reset == hex<"0200000000010200000000020800 45000028000040004006b6ccc0000202c0000201"
                       "00509c400000000000000065501400008ed70000">());
}

TEST_CASE("the datagram of RFC 791, example 1", "[headers][791-A.]") {
    // The RFC gives version 4, length 5 words, 21 octets, identification 111, time 123, protocol 1; the addresses are
    // ours.
    constexpr auto octets =
        to_bytes(ipv4::header(ipv4::identification = 111, ipv4::time_to_live = 123, ipv4::protocol = 1,
                              ipv4::source = "10.0.0.1"_ipv4, ipv4::destination = "10.0.0.2"_ipv4) /
                 payload(hex<"00">()));
    CHECK(octets == hex<"45000015006f00007b012b770a0000010a00000200">());
}
