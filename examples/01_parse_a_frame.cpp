// Parse a frame: reading, printing and building packets.
//
// A header is described once, as the list of its fields (include/plywire/headers/udp.hpp is nothing but such a list).
// From that one description come the three things this program shows:
//
//   1. A view reads a header where it lies. parse() checks every length once, at the door; after that a field is one
//      load and a byte swap, and the payload is a span into the same octets. Nothing is copied.
//   2. A value builds a header. Headers are laid upon each other with `/`; lengths, protocol numbers and checksums are
//      filled in by to_bytes(), at compile time if you like.
//   3. A printer writes a header as the words that would build it again.
//
// What does not fit is an error that says where, never undefined behaviour: the last part parses a frame cut off in the
// middle, and a datagram as a segment. A field that a header does not have does not compile.
//
// Needs no privileges; prints what 01_parse_a_frame.expected holds.

#include <plywire/describe/build.hpp>
#include <plywire/describe/parse_chain.hpp>
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

// Anything that plywire can write as text, on a line of its own.
void say(auto const& printable) {
    std::array<char, 512> room;
    text_writer line(room);
    print(line, printable);
    std::printf("%.*s\n", static_cast<int>(line.size()), room.data());
}

// A datagram composed at compile time. What is not named here follows from the rest: lengths, EtherType, protocol
// number, checksums.
constexpr auto frame = to_bytes(
    ethernet::header(ethernet::destination = "02:00:00:00:00:02"_mac, ethernet::source = "02:00:00:00:00:01"_mac) /
    ipv4::header(ipv4::source = "10.9.0.1"_ipv4, ipv4::destination = "10.9.0.2"_ipv4) /
    udp::header(udp::source_port = 5353, udp::destination_port = 53) / //
    payload("hello"));

// The first segment of a connection, with options behind its header; and a proof that it says what it should.
constexpr auto syn =
    to_bytes(ethernet::header() / ipv4::header(ipv4::source = "10.9.0.1"_ipv4, ipv4::destination = "10.9.0.2"_ipv4) /
             tcp::header(tcp::source_port = 49152, tcp::destination_port = 80, tcp::sequence_number = 836,
                         tcp::syn = true, tcp::window = 64240) /
             tcp::options(tcp::maximum_segment_size(1460), tcp::sack_permitted));
static_assert((*parse<ethernet::header, ipv4::header, tcp::header>(syn))[tcp::sequence_number] == 836);

void read_a_datagram() {
    // std::expected: every length is checked here, once
    auto const datagram = parse<ethernet::header, ipv4::header, udp::header>(frame);
    if (!datagram) {
        return say(datagram.error());
    }
    unsigned const port = (*datagram)[udp::destination_port]; // one load and a byte swap
    std::printf("%zu octets for port %u\n", datagram->payload().size(), port);
    say(datagram->get<udp::header>());
}

void read_options() {
    auto const segment = parse<ethernet::header, ipv4::header, tcp::header>(syn);
    if (!segment) {
        return say(segment.error());
    }
    std::printf("\na segment, layer by layer\n");
    say(segment->get<ethernet::header>());
    say(segment->get<ipv4::header>());
    say(segment->get<tcp::header>());
    if (auto const options = tcp::options_of(segment->get<tcp::header>()); options.maximum_segment_size) {
        std::printf("its sender takes segments of up to %u octets\n", unsigned{*options.maximum_segment_size});
    }
}

void read_what_does_not_fit() {
    std::printf("\nthe frame cut off after 40 octets, and read as what it is not\n");
    say(parse<ethernet::header, ipv4::header, udp::header>(bytes_view(frame).first(40)).error());
    say(parse<ethernet::header, ipv4::header, tcp::header>(frame).error());
}

} // namespace

int main() {
    read_a_datagram();
    read_options();
    read_what_does_not_fit();
}
