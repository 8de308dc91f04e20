// Any octets, read as every header and as a whole frame: nothing outside of them is touched, all that a view shows lies within
// them, and what cannot be read is refused with an error that says so.
#include <plywire/describe/print.hpp>
#include <plywire/headers/arp.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/headers/udp.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace plywire;

void must(bool holds) {
    if (!holds) std::abort();
}

void print_it(auto const& printable) {
    std::array<char, 2048> room{};
    text_writer text(room);
    print(text, printable);
    must(!text.truncated() && text.size() != 0);
}

void lies_within(bytes_view part, bytes_view whole) {
    must(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
    internet_sum sum;
    sum.add(part); // touches every octet
}

template <class Header>
void read_as(bytes_view octets) {
    auto const header = parse<Header>(octets);
    if (header) {
        must(octets.size() >= Header::size);
        lies_within(header->octets(), octets);
        lies_within(header->options(), header->octets());
        lies_within(header->payload(), octets);
        print_it(*header);
    } else {
        must(header.error().layer == Header::name && header.error().needed != header.error().present);
        print_it(header.error());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    bytes_view const octets = std::as_bytes(std::span(data, size));
    read_as<ethernet::header>(octets);
    read_as<arp::header>(octets);
    read_as<ipv4::header>(octets);
    read_as<icmpv4::header>(octets);
    read_as<udp::header>(octets);
    read_as<tcp::header>(octets);
    if (auto const segment = parse<tcp::header>(octets)) {
        auto const options = tcp::options_of(*segment);
        must(options.sack_blocks.size() <= tcp::sack_blocks_max);
    }
    if (auto const frame = parse<ethernet::header, ipv4::header, tcp::header>(octets)) {
        lies_within(frame->payload(), octets);
        print_it(*frame);
    } else {
        print_it(frame.error());
    }
    return 0;
}
