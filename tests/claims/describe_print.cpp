// Printing happens at compile time too, so what is printed can be claimed.
#include <plywire/describe/build.hpp>
#include <plywire/describe/print.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/udp.hpp>

namespace {

using namespace plywire;
using namespace plywire::literals;

constexpr bool prints(auto const& printable, std::string_view expected) {
    return text_of<400>([&](text_writer& to) { print(to, printable); }) == expected;
}

// Addresses as addresses, checksums in hexadecimal, the rest in decimal.
static_assert(prints(udp::header(udp::source_port = 53, udp::checksum = 0x1c46),
                     "UDP(source_port=53, destination_port=0, length=0, checksum=0x1c46)"));
static_assert(prints(ethernet::header(ethernet::source = "02:00:00:00:00:01"_mac, ethernet::type = 0x800),
                     "Ethernet(destination=00:00:00:00:00:00, source=02:00:00:00:00:01, type=0x0800)"));

// A flag is named when it is set, and is silent when it is not.
static_assert(prints(tcp::header(tcp::source_port = 80, tcp::syn = true, tcp::ack = true),
                     "TCP(source_port=80, destination_port=0, sequence_number=0, acknowledgment_number=0, "
                     "data_offset=0, reserved=0, ack, syn, window=0, checksum=0x0000, urgent_pointer=0)"));

// A chain prints as it would be composed.
constexpr auto packet_octets = to_bytes(
    ipv4::header(ipv4::source = "10.0.0.1"_ipv4, ipv4::destination = "10.0.0.2"_ipv4, ipv4::dont_fragment = true) /
    udp::header(udp::source_port = 1, udp::destination_port = 2));
static_assert(prints(*parse<ipv4::header, udp::header>(packet_octets),
                     "IPv4(version=4, header_length=5, dscp=0, ecn=0, total_length=28, identification=0, "
                     "dont_fragment, fragment_offset=0, time_to_live=64, protocol=17, header_checksum=0x26cf, "
                     "source=10.0.0.1, destination=10.0.0.2) / "
                     "UDP(source_port=1, destination_port=2, length=8, checksum=0xebd8)"));

// Too little room cuts the text off and says so.
constexpr bool is_cut_off = [] {
    std::array<char, 10> room{};
    text_writer to(room);
    print(to, udp::header());
    return to.truncated() && to.view() == "UDP(source";
}();
static_assert(is_cut_off);

} // namespace
