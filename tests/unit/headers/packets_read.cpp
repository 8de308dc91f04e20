// Packets that others have sent, read field by field. Those called "capture" are from the tests of tcpdump
// (github.com/the-tcpdump-group/tcpdump, 39b50f76), the file named beside each.
#include <plywire/bytes/checksum.hpp>
#include <plywire/describe/parse_chain.hpp>
#include <plywire/headers/arp.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/headers/udp.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace plywire;
using namespace plywire::literals;

namespace {

bool checksums_are_right(view<ipv4::header> const& packet) {
    auto sum = packet[ipv4::protocol] == ipv4::protocol_icmp ? internet_sum()
                                                             : ipv4::pseudo_header_sum(packet, packet.payload().size());
    sum.add(packet.payload());
    return internet_checksum(packet.octets()) == 0 && sum.folded() == 0xffff;
}

} // namespace

TEST_CASE("an ARP request is read, whatever padding follows", "[headers][826]") {
    constexpr auto octets = hex<"ffffffffffff 020000000001 0806"
                                "0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202"
                                "000000000000000000000000000000000000">();
    auto const frame = *parse<ethernet::header, arp::header>(octets);
    CHECK(frame[ethernet::destination].is_broadcast());
    CHECK(frame[ethernet::source] == "02:00:00:00:00:01"_mac);
    CHECK(frame[arp::operation] == arp::operation_request);
    CHECK(frame[arp::sender_hardware] == "02:00:00:00:00:01"_mac);
    CHECK(frame[arp::sender_protocol] == "192.0.2.1"_ipv4);
    CHECK(frame[arp::target_hardware].is_unspecified());
    CHECK(frame[arp::target_protocol] == "192.0.2.2"_ipv4);
}

TEST_CASE("an ARP packet of other hardware, protocol or lengths is refused", "[headers][826]") {
    constexpr auto good = hex<"0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202">();
    REQUIRE(parse<arp::header>(good));
    for (std::size_t const position : {0u, 1u, 2u, 3u, 4u, 5u}) {
        auto bad = good;
        bad[position] ^= std::byte{2};
        auto const read = parse<arp::header>(bad);
        REQUIRE_FALSE(read);
        CHECK(read.error().problem == parse_problem::bad_value);
    }
}

TEST_CASE("a DNS query of a capture", "[headers][768][791-3.1]") { // dns_udp.pcap
    constexpr auto octets = hex<"001122334466001122334455080045000054 59cd0000401194aec0a8010bd157f912abbe003500407824"
                                "593401200001000000000001037777770774637064756d70036f72670000010001000029100000000000"
                                "000c000a000842f5d00996f90b13">();
    auto const frame = *parse<ethernet::header, ipv4::header, udp::header>(octets);
    auto const packet = frame.get<ipv4::header>();
    CHECK(packet[ipv4::version] == 4);
    CHECK(packet[ipv4::header_length] == 5);
    CHECK(packet[ipv4::total_length] == 84);
    CHECK(packet[ipv4::identification] == 22989);
    CHECK_FALSE(packet[ipv4::dont_fragment]);
    CHECK(packet[ipv4::time_to_live] == 64);
    CHECK(packet[ipv4::source] == "192.168.1.11"_ipv4);
    CHECK(packet[ipv4::destination] == "209.87.249.18"_ipv4);
    CHECK(frame[udp::source_port] == 43966);
    CHECK(frame[udp::destination_port] == 53);
    CHECK(frame[udp::length] == 64);
    CHECK(frame[udp::checksum] == 0x7824);
    CHECK(frame.payload().size() == 56);
    CHECK(checksums_are_right(packet));
}

TEST_CASE("the handshake of a capture, with its options", "[headers][9293-3.1][7323]") { // tcp-handshake-nano.pcap
    constexpr auto syn = hex<"4500003c29a940004006db5f839bd7458974515eb64000502f842acb00000000a0026a4050c40000"
                             "020405500402080a436a03620000000001030307">();
    auto const first = *parse<ipv4::header, tcp::header>(syn);
    CHECK(first[ipv4::dont_fragment]);
    CHECK(first[tcp::source_port] == 46656);
    CHECK(first[tcp::destination_port] == 80);
    CHECK(first[tcp::sequence_number] == 797190859);
    CHECK(first[tcp::data_offset] == 10);
    CHECK(first[tcp::syn]);
    CHECK_FALSE(first[tcp::ack]);
    CHECK(first[tcp::window] == 27200);
    CHECK(first.payload().empty());
    CHECK(checksums_are_right(first.get<ipv4::header>()));
    auto const offered = tcp::options_of(first.get<tcp::header>());
    CHECK(offered.maximum_segment_size == 1360);
    CHECK(offered.sack_permitted);
    CHECK(offered.timestamps->value == 1131021154);
    CHECK(offered.timestamps->echo == 0);
    CHECK(offered.window_scale == 7);

    constexpr auto syn_ack = hex<"4500003c1c4440007506b3c48974515e839bd7450050b640b7839f902f842acca012200086480000"
                                 "020405a0010303080402080a0df5af50436a0362">();
    auto const second = *parse<ipv4::header, tcp::header>(syn_ack);
    CHECK(second[tcp::sequence_number] == 3078856592);
    CHECK(second[tcp::acknowledgment_number] == 797190860);
    CHECK((second[tcp::syn] && second[tcp::ack]));
    CHECK(checksums_are_right(second.get<ipv4::header>()));
    auto const answered = tcp::options_of(second.get<tcp::header>());
    CHECK(answered.maximum_segment_size == 1440);
    CHECK(answered.window_scale == 8);
    CHECK(answered.timestamps->echo == 1131021154);
}

TEST_CASE("a reset that carries text", "[headers][9293-3.5.3]") { // tcp_rst_data.pcap
    constexpr auto octets = hex<"002170676f5000907f3e02d008004520006220334000f3064ee3c7cc1f59ac1085290050ce8b6063e721"
                                "736f198950141699847100004249472d49503a205b3078313163353637323a333034355d207b70656572"
                                "7d20544350205253542066726f6d2072656d6f74652073797374656d">();
    auto const frame = *parse<ethernet::header, ipv4::header, tcp::header>(octets);
    CHECK(frame[ipv4::dscp] == 8);
    CHECK(frame[tcp::rst]);
    CHECK(frame[tcp::ack]);
    CHECK(text_of_bytes(frame.payload()) == "BIG-IP: [0x11c5672:3045] {peer} TCP RST from remote system");
    CHECK(checksums_are_right(frame.get<ipv4::header>()));
}

TEST_CASE("all eight flags are set", "[headers][9293-3.1]") { // tcp_eight_lowest_weight_flags_set.pcap
    constexpr auto octets = hex<"42010af0000142010af000170800450000288e4a00004006d8020a0000020a80000218740050225c2067"
                                "1cf82b1f50ff0200f4c30000">();
    auto const frame = *parse<ethernet::header, ipv4::header, tcp::header>(octets);
    CHECK((frame[tcp::cwr] && frame[tcp::ece] && frame[tcp::urg] && frame[tcp::ack]));
    CHECK((frame[tcp::psh] && frame[tcp::rst] && frame[tcp::syn] && frame[tcp::fin]));
    CHECK(frame[tcp::reserved] == 0);
    CHECK(checksums_are_right(frame.get<ipv4::header>()));
}

TEST_CASE("the option of TCP-AO is passed over, and those before it are read", "[headers][9293-MUST-6][9235-4.1.1]") {
    constexpr auto octets = hex<"45e0004cdd0f4000ff06bf6b0a0b0c0dac1b1c1de9d700b3fbfbab5a00000000e002ffffcac40000"
                                "020405b4010303080402080a00155ab7000000001d103d542ee437c6f8ede6d7c4d602e7">();
    auto const packet = *parse<ipv4::header, tcp::header>(octets);
    auto const options = tcp::options_of(packet.get<tcp::header>());
    CHECK(options.maximum_segment_size == 1460);
    CHECK(options.window_scale == 8);
    CHECK(options.sack_permitted);
    CHECK(options.timestamps->value == 1399479);
    CHECK_FALSE(options.malformed);
}

TEST_CASE("an echo request of a capture", "[headers][792]") { // arcnet-rfc1201-arp-icmp-http.pcap
    constexpr auto octets =
        hex<"450000540000400040011f0a0a5083010a5083fe0800925ee8000000681f6ed9000cbb9808090a0b0c0d"
            "0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637">();
    auto const packet = *parse<ipv4::header, icmpv4::echo>(octets);
    CHECK(packet[icmpv4::type] == icmpv4::type_echo_request);
    CHECK(packet[icmpv4::identifier] == 59392);
    CHECK(packet[icmpv4::sequence] == 0);
    CHECK(packet.payload().size() == 56);
    CHECK(checksums_are_right(packet.get<ipv4::header>()));
}

TEST_CASE("a port-unreachable quotes the datagram that it answers", "[headers][792][1122-3.2.2]") {
    constexpr auto octets = hex<"4500003800024000 4001b6bfc0000202c0000201 0303c4f100000000"
                                "45000021000140004011b6c7c0000201c0000202 03e807d0000d2c46">();
    auto const packet = *parse<ipv4::header, icmpv4::header>(octets);
    CHECK(packet[icmpv4::type] == icmpv4::type_destination_unreachable);
    CHECK(packet[icmpv4::code] == icmpv4::code_port_unreachable);
    CHECK(checksums_are_right(packet.get<ipv4::header>()));
    // Only the beginning is quoted, so as a packet it is not all there, and that is said.
    auto const quoted = parse<ipv4::header>(packet.payload(), 28);
    REQUIRE_FALSE(quoted);
    CHECK(quoted.error() == parse_error{"IPv4", 28, 33, 28, parse_problem::truncated, "total_length"});
}

TEST_CASE("the last fragment begins at 1480 octets", "[headers][791-3.1]") {
    constexpr auto octets = hex<"4500 0054 004d 00b9 40 11 f58f c0000201 c0000202">();
    REQUIRE_FALSE(parse<ipv4::header>(octets)); // 84 octets are promised
    std::array<std::byte, 84> whole = {};
    std::ranges::copy(octets, whole.begin());
    auto const packet = *parse<ipv4::header>(whole);
    CHECK(packet[ipv4::fragment_offset] * 8 == 1480);
    CHECK_FALSE(packet[ipv4::more_fragments]);
    CHECK(ipv4::is_fragment(packet));
    CHECK(internet_checksum(packet.octets()) == 0);
    // What it carries is not the beginning of a UDP datagram, so it is not read as one.
    auto const as_datagram = parse<ipv4::header, udp::header>(whole);
    REQUIRE_FALSE(as_datagram);
    CHECK(as_datagram.error() == parse_error{"IPv4", 0, 0, 185, parse_problem::other_cargo, "fragment_offset"});
}

TEST_CASE("IPv4 headers with impossible lengths are refused in words", "[headers][791-3.1]") {
    // ipv4_invalid_hdr_length.pcap, ipv4_invalid_total_length.pcap, ipv4_invalid_total_length_2.pcap: 84 octets of
    // packet.
    std::array<std::byte, 84> octets = {};
    std::ranges::copy(hex<"4500 0054 f1a6 0000 40 11 4594 8cd309ce 2d217f9c">(), octets.begin());
    REQUIRE(parse<ipv4::header>(octets));
    auto const error_with = [&](std::uint8_t first, std::uint8_t length) {
        octets[0] = std::byte{first};
        octets[3] = std::byte{length};
        return parse<ipv4::header>(octets, 14).error();
    };
    CHECK(error_with(0x44, 84) == parse_error{"IPv4", 14, 20, 16, parse_problem::bad_length, "header_length"});
    CHECK(error_with(0x45, 85) == parse_error{"IPv4", 14, 85, 84, parse_problem::truncated, "total_length"});
    CHECK(error_with(0x45, 19) == parse_error{"IPv4", 14, 20, 19, parse_problem::bad_length, "total_length"});
    CHECK(error_with(0x65, 84) == parse_error{"IPv4", 14, 4, 6, parse_problem::bad_value, "version"});
}
