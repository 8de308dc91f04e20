// Parse a frame: reading, printing and building packets.
//
// A header is described once, as the list of its fields (include/plywire/headers/udp.hpp is nothing but such a list).
// From that one description come the three things this program shows:
//
//   1. A view reads a header where it lies. parse() checks every length once, at the door; after that a field is one
//   load
//      and a byte swap, and the payload is a span into the same octets. Nothing is copied.
//   2. A value builds a header. Headers are laid upon each other with `/`; lengths, protocol numbers and checksums are
//      filled in by to_bytes(), at compile time if you like.
//   3. A printer writes a header as the words that would build it again.
//
// What does not fit is an error that says where, never undefined behaviour: the last part parses the same frame cut off
// in the middle. A field that a header does not have does not compile.
//
// Needs no privileges; prints what 01_parse_a_frame.expected holds.

#include <plywire/describe/build.hpp>
#include <plywire/describe/print.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/headers/udp.hpp>

#include <array>
#include <cstdio>

using namespace plywire;
using namespace plywire::literals;

namespace {

// A DNS answer's UDP datagram, as it came out of an IP packet.
constexpr auto datagram_octets = hex<"0035 80e8 0014 1c46  7c1e 8180 0001 0001 0000 0000">();

// The first segment of a connection, composed at compile time. What is not named here follows from the rest.
constexpr auto frame = to_bytes(
    ethernet::header(ethernet::destination = "02:00:00:00:00:02"_mac, ethernet::source = "02:00:00:00:00:01"_mac) /
    ipv4::header(ipv4::source = "10.9.0.1"_ipv4, ipv4::destination = "10.9.0.2"_ipv4) /
    tcp::header(tcp::source_port = 49152, tcp::destination_port = 80, tcp::sequence_number = 836, tcp::syn = true,
                tcp::window = 64240) /
    tcp::options(tcp::maximum_segment_size(1460), tcp::sack_permitted));
static_assert((*parse<ethernet::header, ipv4::header, tcp::header>(frame))[tcp::sequence_number] == 836);

// Prints anything that plywire can write as text, and ends the line.
void say(auto const& printable) {
    std::array<char, 512> room{};
    text_writer line(room);
    print(line, printable);
    std::printf("%.*s\n", static_cast<int>(line.size()), line.view().data());
}

void read_one_header() {
    auto const datagram = parse<udp::header>(datagram_octets); // std::expected<view<udp::header>, parse_error>
    if (!datagram) {
        return say(datagram.error());
    }
    unsigned const port = (*datagram)[udp::source_port]; // one 16-bit load and a byte swap
    std::printf("a datagram from port %u with %zu octets of payload\n", port, datagram->payload().size());
    say(*datagram);
}

void read_a_whole_frame() {
    auto const segment = parse<ethernet::header, ipv4::header, tcp::header>(frame);
    if (!segment) {
        return say(segment.error());
    }
    std::printf("\na frame of %zu octets\n", frame.size());
    say(segment->get<ethernet::header>());
    say(segment->get<ipv4::header>());
    say(segment->get<tcp::header>());
    if (auto const options = tcp::options_of(segment->get<tcp::header>()); options.maximum_segment_size) {
        std::printf("its sender takes segments of up to %u octets\n", unsigned{*options.maximum_segment_size});
    }
}

void read_what_is_cut_off() {
    std::printf("\nthe same frame cut off after 40 octets\n");
    auto const segment = parse<ethernet::header, ipv4::header, tcp::header>(bytes_view(frame).first(40));
    if (!segment) {
        say(segment.error());
    }
}

} // namespace

int main() {
    read_one_header();
    read_a_whole_frame();
    read_what_is_cut_off();
}
