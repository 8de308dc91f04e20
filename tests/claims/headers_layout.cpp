// Where the fields of the first headers lie: bit offsets read off the RFCs' pictures by hand.
#include <plywire/headers/arp.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/headers/udp.hpp>

namespace {

using namespace plywire;

template <class Header>
constexpr bool lies_at(auto field, std::size_t offset_bits, std::size_t width_bits) {
    using field_type = decltype(field);
    return Header::template bit_offset_of<field_type> == offset_bits && field_type::bits == width_bits;
}

// IEEE 802.3
static_assert(lies_at<ethernet::header>(ethernet::destination, 0, 48));
static_assert(lies_at<ethernet::header>(ethernet::source, 48, 48));
static_assert(lies_at<ethernet::header>(ethernet::type, 96, 16));

// RFC 826
static_assert(lies_at<arp::header>(arp::hardware_type, 0, 16));
static_assert(lies_at<arp::header>(arp::protocol_type, 16, 16));
static_assert(lies_at<arp::header>(arp::hardware_length, 32, 8));
static_assert(lies_at<arp::header>(arp::protocol_length, 40, 8));
static_assert(lies_at<arp::header>(arp::operation, 48, 16));
static_assert(lies_at<arp::header>(arp::sender_hardware, 64, 48));
static_assert(lies_at<arp::header>(arp::sender_protocol, 112, 32));
static_assert(lies_at<arp::header>(arp::target_hardware, 144, 48));
static_assert(lies_at<arp::header>(arp::target_protocol, 192, 32));

// RFC 791 3.1
static_assert(lies_at<ipv4::header>(ipv4::version, 0, 4));
static_assert(lies_at<ipv4::header>(ipv4::header_length, 4, 4));
static_assert(lies_at<ipv4::header>(ipv4::dscp, 8, 6));
static_assert(lies_at<ipv4::header>(ipv4::ecn, 14, 2));
static_assert(lies_at<ipv4::header>(ipv4::total_length, 16, 16));
static_assert(lies_at<ipv4::header>(ipv4::identification, 32, 16));
static_assert(lies_at<ipv4::header>(ipv4::reserved, 48, 1));
static_assert(lies_at<ipv4::header>(ipv4::dont_fragment, 49, 1));
static_assert(lies_at<ipv4::header>(ipv4::more_fragments, 50, 1));
static_assert(lies_at<ipv4::header>(ipv4::fragment_offset, 51, 13));
static_assert(lies_at<ipv4::header>(ipv4::time_to_live, 64, 8));
static_assert(lies_at<ipv4::header>(ipv4::protocol, 72, 8));
static_assert(lies_at<ipv4::header>(ipv4::header_checksum, 80, 16));
static_assert(lies_at<ipv4::header>(ipv4::source, 96, 32));
static_assert(lies_at<ipv4::header>(ipv4::destination, 128, 32));

// RFC 768
static_assert(lies_at<udp::header>(udp::source_port, 0, 16));
static_assert(lies_at<udp::header>(udp::destination_port, 16, 16));
static_assert(lies_at<udp::header>(udp::length, 32, 16));
static_assert(lies_at<udp::header>(udp::checksum, 48, 16));

// RFC 792
static_assert(lies_at<icmpv4::echo>(icmpv4::type, 0, 8));
static_assert(lies_at<icmpv4::echo>(icmpv4::code, 8, 8));
static_assert(lies_at<icmpv4::echo>(icmpv4::checksum, 16, 16));
static_assert(lies_at<icmpv4::echo>(icmpv4::identifier, 32, 16));
static_assert(lies_at<icmpv4::echo>(icmpv4::sequence, 48, 16));
static_assert(lies_at<icmpv4::header>(icmpv4::rest, 32, 32));

// RFC 9293 3.1
static_assert(lies_at<tcp::header>(tcp::source_port, 0, 16));
static_assert(lies_at<tcp::header>(tcp::destination_port, 16, 16));
static_assert(lies_at<tcp::header>(tcp::sequence_number, 32, 32));
static_assert(lies_at<tcp::header>(tcp::acknowledgment_number, 64, 32));
static_assert(lies_at<tcp::header>(tcp::data_offset, 96, 4));
static_assert(lies_at<tcp::header>(tcp::reserved, 100, 4));
static_assert(lies_at<tcp::header>(tcp::cwr, 104, 1));
static_assert(lies_at<tcp::header>(tcp::ece, 105, 1));
static_assert(lies_at<tcp::header>(tcp::urg, 106, 1));
static_assert(lies_at<tcp::header>(tcp::ack, 107, 1));
static_assert(lies_at<tcp::header>(tcp::psh, 108, 1));
static_assert(lies_at<tcp::header>(tcp::rst, 109, 1));
static_assert(lies_at<tcp::header>(tcp::syn, 110, 1));
static_assert(lies_at<tcp::header>(tcp::fin, 111, 1));
static_assert(lies_at<tcp::header>(tcp::window, 112, 16));
static_assert(lies_at<tcp::header>(tcp::checksum, 128, 16));
static_assert(lies_at<tcp::header>(tcp::urgent_pointer, 144, 16));

// Sizes of the options: RFC 9293 3.1 (MSS), RFC 7323 2.2 and 3.2, RFC 2018 2 and 3
static_assert(tcp::maximum_segment_size::size == 4 && tcp::maximum_segment_size::kind == 2);
static_assert(tcp::window_scale::size == 3 && tcp::window_scale::kind == 3);
static_assert(tcp::sack_permitted_option::size == 2 && tcp::sack_permitted_option::kind == 4);
static_assert(tcp::sack<4>::size == 34 && tcp::sack_kind == 5);
static_assert(tcp::timestamps::size == 10 && tcp::timestamps::kind == 8);

} // namespace
