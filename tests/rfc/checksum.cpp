// The checksum rules of RFC 1071, 1624, 791, 768 and 9293, on the RFCs' own numbers and on published packets.
#include <plywire/bytes/checksum.hpp>
#include <plywire/describe/build.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/udp.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>

using namespace plywire;
using namespace plywire::literals;

namespace {

std::uint16_t sum_of(bytes_view octets) {
    internet_sum sum;
    sum.add(octets);
    return sum.folded();
}

// The sum of a transport packet with its pseudo-header; 0xffff when the checksum in it is right.
std::uint16_t sum_with_pseudo_header(view<ipv4::header> const& packet) {
    auto sum = ipv4::pseudo_header_sum(packet, packet.payload().size());
    sum.add(packet.payload());
    return sum.folded();
}

} // namespace

TEST_CASE("the numerical example of RFC 1071", "[checksum][1071-3.]") {
    constexpr auto octets = hex<"0001 f203 f4f5 f6f7">();
    CHECK(sum_of(octets) == 0xddf2);
    CHECK(internet_checksum(octets) == 0x220d);
}

TEST_CASE("the octets of all words exchanged are the octets of the sum exchanged", "[checksum][1071-2.B]") {
    CHECK(sum_of(hex<"0100 03f2 f5f4 f7f6">()) == 0xf2dd);
}

TEST_CASE("the sum does not depend on the order of the words", "[checksum][1071-2.A]") {
    CHECK(sum_of(hex<"f6f7 0001 f4f5 f203">()) == 0xddf2);
}

TEST_CASE("an odd number of octets is summed as if a zero followed", "[checksum][1071-4.1]") {
    CHECK(internet_checksum(hex<"01 02 03">()) == internet_checksum(hex<"01 02 03 00">()));
    CHECK(internet_checksum(hex<"01 02 03">()) == 0xfbfd);
}

TEST_CASE("the example for which RFC 1141 gives ffff and RFC 1624 gives 0000", "[checksum][1624-4.]") {
    // The rest of the header sums to cd7a; one word changes from 5555 to 3285.
    CHECK(internet_checksum(hex<"cd7a 5555">()) == 0xdd2f);
    CHECK(internet_checksum(hex<"cd7a 3285">()) == 0x0000);
    CHECK(update_checksum(0xdd2f, 0x5555, 0x3285) == 0x0000);
}

TEST_CASE("a checksum of 0000 is updated like any other", "[checksum][1624-3.]") {
    CHECK(update_checksum(0x0000, 0x3285, 0x5555) == 0xdd2f);
    CHECK(update_checksum(0x0000, 0x3285, 0x3285) == 0x0000);
}

TEST_CASE("headers of published captures carry their own checksum", "[checksum][791-3.1]") {
    // A tutorial's, one of the ORBIT testbed's wiki, one of a question on Stack Overflow (58567845).
    CHECK(internet_checksum(hex<"4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7">()) == 0xb861);
    CHECK(internet_checksum(hex<"4500 0030 4422 4000 8006 0000 8c7c 19ac ae24 1e2b">()) == 0x442e);
    CHECK(internet_checksum(hex<"4500 0054 41e0 4000 4001 0000 0a00 0004 0a00 0005">()) == 0xe4c0);
    CHECK(sum_of(hex<"4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7">()) == 0xffff);
}

TEST_CASE("a router that counts the time to live down updates the checksum", "[checksum][1624-3.][791-3.2]") {
    auto packet = hex<"4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7">();
    for (int hop = 0; hop < 64; ++hop) {
        auto const before = load_big<std::uint16_t>(packet.data() + 8);
        auto const after = static_cast<std::uint16_t>(before - 0x0100);
        auto const checksum = load_big<std::uint16_t>(packet.data() + 10);
        store_big(packet.data() + 8, after);
        store_big(packet.data() + 10, update_checksum(checksum, before, after));
        REQUIRE(sum_of(packet) == 0xffff);
    }
}

TEST_CASE("a UDP checksum that comes out as zero is sent as ffff", "[checksum][udp][768]") {
    constexpr auto datagram =
        to_bytes(ipv4::header(ipv4::source = "10.0.0.1"_ipv4, ipv4::destination = "10.0.0.2"_ipv4) /
                 udp::header(udp::source_port = 1000, udp::destination_port = 2000) / payload(hex<"e01f">()));
    auto const packet = *parse<ipv4::header>(datagram);
    auto const read = *parse<udp::header>(packet.payload());
    CHECK(read[udp::checksum] == 0xffff);
    CHECK(sum_with_pseudo_header(packet) == 0xffff); // the receiver sees no difference
}

TEST_CASE("a TCP checksum that comes out as zero is sent as zero", "[checksum][tcp][9293-3.1]") {
    // The sequence number is chosen so that the sum is ffff: what it is without it, complemented.
    auto const build = [](std::uint16_t low) {
        return to_bytes(ipv4::header(ipv4::source = "10.0.0.1"_ipv4, ipv4::destination = "10.0.0.2"_ipv4) /
                        tcp::header(tcp::sequence_number = low));
    };
    auto const without = build(0);
    auto const checksum = (*parse<tcp::header>((*parse<ipv4::header>(without)).payload()))[tcp::checksum];
    auto const with = build(checksum);
    auto const packet = *parse<ipv4::header>(with);
    CHECK((*parse<tcp::header>(packet.payload()))[tcp::checksum] == 0x0000);
    CHECK(sum_with_pseudo_header(packet) == 0xffff);
}

TEST_CASE("every changed bit of a segment or its addresses is noticed", "[checksum][tcp][9293-3.1]") {
    // tcpdump, tests/tcp-handshake-nano.pcap, third packet (link header removed).
    auto octets = hex<
        "4500003429aa40004006db66839bd7458974515eb64000502f842accb7839f91801000d5d40c00000101080a436a03820df5af50">();
    REQUIRE(sum_with_pseudo_header(*parse<ipv4::header>(octets)) == 0xffff);
    for (std::size_t bit = 12 * 8; bit < octets.size() * 8; ++bit) {
        octets[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
        REQUIRE(sum_with_pseudo_header(*parse<ipv4::header>(octets)) != 0xffff);
        octets[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
    }
}

TEST_CASE("the segment of RFC 9235 4.1.1 is wrong as printed and right with the checksum put right",
          "[checksum][tcp][9235-4.1.1]") {
    auto octets = hex<"45e0004cdd0f4000ff06bf6b0a0b0c0dac1b1c1de9d700b3fbfbab5a00000000e002ffffcac40000"
                      "020405b4010303080402080a00155ab7000000001d103d542ee437c6f8ede6d7c4d602e7">();
    CHECK(sum_with_pseudo_header(*parse<ipv4::header>(octets)) != 0xffff);
    store_big<std::uint16_t>(octets.data() + 36, 0xd45e);
    CHECK(sum_with_pseudo_header(*parse<ipv4::header>(octets)) == 0xffff);
}
