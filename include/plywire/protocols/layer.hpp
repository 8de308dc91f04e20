// What the layers of a host agree on. A layer is a class with
// - `layer_tag`: a type of its protocol's namespace, by which the other layers find it;
// - `settings_type`: an aggregate; the host hands the one that it was given to the layer's constructor;
// - `link_type` (an EtherType) or `protocol_number` (of IPv4), if it is handed packets, and then
//   `receive(host, packet, ...)`.
// A layer knows its host by template parameter only: `host.template layer<tcp::tag>()` is another layer,
// `Host::template has<arp::tag>` says whether there is one, `host.device()` the device, `host.now()` the time.
#pragma once

#include <plywire/io/frame.hpp>
#include <plywire/io/medium.hpp>

#include <concepts>
#include <cstddef>

namespace plywire {

namespace ethernet {
// Finds the layer that frames for Ethernet.
struct tag {};
} // namespace ethernet
namespace arp {
// Finds the layer that resolves addresses.
struct tag {};
} // namespace arp
namespace ipv4 {
// Finds the Internet layer.
struct tag {};
} // namespace ipv4
namespace icmpv4 {
// Finds the layer that answers pings and reports errors.
struct tag {};
} // namespace icmpv4
namespace udp {
// Finds the layer of datagrams.
struct tag {};
} // namespace udp
namespace tcp {
// Finds the layer of connections.
struct tag {};
} // namespace tcp

// A class that a stack can have as a layer.
template <class L>
concept stack_layer = requires {
    typename L::layer_tag;
    typename L::settings_type;
} && std::constructible_from<L, typename L::settings_type const&>;

// What is known of a packet from below its header.
struct arrival {
    checksum_state checksum = checksum_state::unverified; // of the transport
    bool to_group = false;                                // the link delivered it to more stations than this one
};

// Room for one IP packet in a device's buffer, empty (`false`) while the device is full. Not using it costs nothing.
struct packet_slot {
    transmit_slot slot{};   // the whole frame
    mutable_bytes packet{}; // where the IP packet goes; as long as the MTU

    constexpr explicit operator bool() const { return !packet.empty(); }
};

// Octets that the link header takes in front of an IP packet of this host.
template <class Host>
inline constexpr std::size_t link_headroom = link_header_octets(Host::device_type::link_medium);

// Asks the device for room for an IP packet.
template <class Host>
constexpr packet_slot grant_packet(Host& host) {
    transmit_slot const slot = host.device().grant();
    if (!slot || slot.octets.size() <= link_headroom<Host>) {
        return {};
    }
    std::size_t const room = slot.octets.size() - link_headroom<Host>;
    std::size_t const mtu = host.device().mtu();
    return {slot, slot.octets.subspan(link_headroom<Host>, room < mtu ? room : mtu)};
}

} // namespace plywire
