// The Internet Protocol of a host with one address (RFC 791, RFC 1122 3.2 and 3.3): checks what arrives and hands it
// on, finds the next hop of what leaves. Datagrams are sent whole, never in fragments; fragments that arrive are
// dropped.
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/protocols/ethernet_layer.hpp>
#include <plywire/protocols/layer.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire::ipv4 {

struct settings {
    // The host's address, and how many of its bits are the network's: "10.9.0.2/24"_ipv4_prefix.
    prefix address{};
    // Where packets for other networks go. 0.0.0.0: nowhere, on Ethernet. Without Ethernet all go to the device.
    ipv4::address gateway{};
    std::uint8_t time_to_live = default_time_to_live;
};

// Packets since the host was made.
struct statistics {
    std::uint64_t received = 0;         // sound and for this host
    std::uint64_t malformed = 0;        // version, header length or total length is wrong
    std::uint64_t bad_checksum = 0;     // of the header
    std::uint64_t bad_source = 0;       // no host can have that address
    std::uint64_t bad_destination = 0;  // a loopback address from outside
    std::uint64_t other_host = 0;       // to somebody else
    std::uint64_t multicast = 0;        // to a group that this host is not in
    std::uint64_t fragments = 0;        // parts of a datagram
    std::uint64_t unknown_protocol = 0; // a protocol that no layer takes
    std::uint64_t sent = 0;
    std::uint64_t no_route = 0; // not sent: no way to the destination

    friend constexpr bool operator==(statistics const&, statistics const&) = default;
};

// All hosts of the network (RFC 1112 4): the group that every host is in.
inline constexpr address all_hosts{224, 0, 0, 1};

// A packet that passed the checks, as it is handed to the protocols above.
struct received {
    view<header> packet; // the payload is trimmed to the total length
    ipv4::address source;
    ipv4::address destination;
    checksum_state checksum; // of the transport, from the device
    bool to_group;           // to a broadcast or multicast address of any kind

    constexpr bytes_view payload() const { return packet.payload(); }
    // The pseudo-header of what it carries (RFC 9293 3.1, RFC 768).
    constexpr internet_sum pseudo_header(std::uint8_t number) const {
        return pseudo_header_sum(source, destination, number, payload().size());
    }
};

// Room for what a packet carries, empty (`false`) while the device is full.
struct outgoing {
    packet_slot room{};
    mutable_bytes payload{};

    constexpr explicit operator bool() const { return !payload.empty(); }
};

// Where a packet goes, and how.
struct flow {
    ipv4::address source;
    ipv4::address destination;
    std::uint8_t protocol;
    std::uint8_t diffserv = 0;     // the code point, 0 to 63 (RFC 2474 3); the ECN bits beside it stay 0
    std::uint8_t time_to_live = 0; // 0: the host's
};

// The layer above Ethernet and ARP, or on a device of medium::ip. Not for two threads.
template <class = void>
class layer {
public:
    using layer_tag = tag;
    using settings_type = settings;
    static constexpr medium carrier = medium::ip;
    static constexpr std::uint16_t link_type = ethernet::type_ipv4;

    constexpr explicit layer(settings const& s)
        : prefix_(s.address)
        , gateway_(s.gateway)
        , time_to_live_(s.time_to_live)
        , template_(version = std::uint8_t{4}, header_length = std::uint8_t{5}, dont_fragment = true,
                    time_to_live = std::uint8_t{0}) {
        template_sum_.add(template_.octets());
    }

    constexpr ipv4::address address() const { return prefix_.address; }
    constexpr ipv4::prefix prefix() const { return prefix_; }
    constexpr ipv4::statistics const& statistics() const { return statistics_; }

    // Whether packets can be sent to `to`: it is no address of this host, and on Ethernet there is a way there.
    template <class Host>
    constexpr bool has_route(Host const&, ipv4::address to) const {
        return is_sendable(to) && (is_group(to) || !next_hop<Host>(to).is_unspecified());
    }

    // Nothing comes back from `to`: perhaps the next hop on the way there is gone (RFC 1122 section 3.3.1.4).
    template <class Host>
    constexpr void doubt(Host& host, ipv4::address to) {
        if constexpr (Host::template has<ethernet::tag>) {
            host.template layer<arp::tag>().doubt(next_hop<Host>(to), host.now());
        }
    }

    // Whether a packet to `to` goes to more than one host.
    constexpr bool is_group(ipv4::address to) const {
        return to.is_multicast() || to.is_limited_broadcast() ||
               (prefix_.length < 31 && to == prefix_.directed_broadcast());
    }

    // A packet in a frame for this station.
    template <class Host>
    constexpr void receive(Host& host, bytes_view octets, arrival const& from_link) {
        // RFC 1122 3.2.1.1 and 3.2.1.2: a wrong version or checksum is discarded in silence.
        auto const parsed = view_if_sound<header>(octets);
        if (parsed.octets().empty()) {
            ++statistics_.malformed;
            return;
        }
        if (!has_right_checksum(parsed.octets())) {
            ++statistics_.bad_checksum;
            return;
        }
        received const packet{parsed, parsed[source], parsed[destination], from_link.checksum,
                              from_link.to_group || is_group(parsed[destination])};
        if (!is_for_this_host(packet, from_link) || !has_legal_source(packet)) {
            return;
        }
        if (is_fragment(parsed)) {
            ++statistics_.fragments;
            return;
        }
        ++statistics_.received;
        bool const taken = host.each_layer([&]<class Layer>(Layer& upper) {
            if constexpr (requires { Layer::protocol_number; }) {
                if (Layer::protocol_number == parsed[protocol]) {
                    upper.receive(host, packet);
                    return true;
                }
            }
            return false;
        });
        if (!taken) {
            ++statistics_.unknown_protocol;
            // RFC 1122 3.2.2.1: a host should say that it does not have the protocol.
            if constexpr (Host::template has<icmpv4::tag>) {
                host.template layer<icmpv4::tag>().send_unreachable(host, packet, icmpv4::code_protocol_unreachable);
            }
        }
    }

    // Asks for room for a packet's payload, up to the MTU less 20 octets.
    template <class Host>
    constexpr outgoing begin(Host& host) {
        packet_slot const room = grant_packet(host);
        if (room.packet.size() <= header::size) {
            return {};
        }
        return {room, room.packet.subspan(header::size)};
    }

    // Puts the header in front of `octets` of payload and sends the packet. It is not sent, but counted, when there is
    // no way to the destination.
    template <class Host>
    constexpr void finish(Host& host, outgoing const& out, std::size_t octets, flow const& f) {
        ipv4::address const hop = is_group(f.destination) ? f.destination : next_hop<Host>(f.destination);
        if (hop.is_unspecified() || !is_sendable(f.destination)) {
            ++statistics_.no_route;
            return;
        }
        auto const total = static_cast<std::uint16_t>(header::size + octets);
        internet_sum sum = template_sum_;
        sum.add_word(total);
        std::uint8_t const hops = f.time_to_live != 0 ? f.time_to_live : time_to_live_;
        sum.add_word(static_cast<std::uint16_t>(f.diffserv << 2));
        sum.add_word(static_cast<std::uint16_t>(hops << 8 | f.protocol));
        sum.add_word32(f.source.value());
        sum.add_word32(f.destination.value());
        // RFC 6864 4.1: with "don't fragment" set the datagram is atomic, and its identification says nothing.
        std::byte* const front = out.room.packet.data();
        copy(mutable_bytes(front, header::size), template_.octets());
        mutable_view<header>(front, header::size, 0)
            .set(dscp = f.diffserv, total_length = total, time_to_live = hops, protocol = f.protocol,
                 header_checksum = sum.checksum(), source = f.source, destination = f.destination);
        ++statistics_.sent;
        if constexpr (Host::template has<ethernet::tag>) {
            if (is_group(f.destination)) {
                // RFC 1122 3.3.6 and RFC 1112 6.4: groups are mapped, not resolved.
                host.template layer<ethernet::tag>().send(
                    host, out.room, total,
                    f.destination.is_multicast() ? ethernet::group_address(f.destination) : ethernet::broadcast,
                    link_type);
            } else {
                host.template layer<arp::tag>().send(host, out.room, total, hop);
            }
        } else {
            host.device().commit(out.room.slot, transmit_request{.length = total});
        }
    }

private:
    static constexpr bool has_right_checksum(bytes_view octets) {
        // Hardly any header has options: the sum of 20 octets is a handful of instructions.
        return octets.size() == header::size ? internet_checksum(octets.first<header::size>()) == 0
                                             : internet_checksum(octets) == 0;
    }

    constexpr bool is_for_this_host(received const& packet, arrival const& from_link) {
        ipv4::address const to = packet.destination;
        if (to == prefix_.address && !to.is_unspecified()) {
            // RFC 1122 3.3.6: a packet that the link broadcast, but that is for one host, is discarded.
            statistics_.other_host += from_link.to_group ? 1 : 0;
            return !from_link.to_group;
        }
        if (to.is_multicast()) {
            statistics_.multicast += to == all_hosts ? 0 : 1;
            return to == all_hosts;
        }
        if (is_group(to)) {
            return true;
        }
        ++(to.is_loopback() ? statistics_.bad_destination : statistics_.other_host);
        return false;
    }

    // RFC 1122 3.2.1.3: a source is one host's address; not a group, nor "this host", nor loopback from outside.
    constexpr bool has_legal_source(received const& packet) {
        ipv4::address const from = packet.source;
        bool const legal = !is_group(from) && !from.is_unspecified() && !from.is_loopback() && !from.is_reserved() &&
                           from != prefix_.address;
        statistics_.bad_source += legal ? 0 : 1;
        return legal;
    }

    constexpr bool is_sendable(ipv4::address to) const {
        return to != prefix_.address && !to.is_unspecified() && !to.is_loopback() && !to.is_reserved() &&
               !prefix_.address.is_unspecified();
    }

    // RFC 1122 3.3.1.1: what is on the connected network goes there at once, everything else to the gateway.
    template <class Host>
    constexpr ipv4::address next_hop(ipv4::address to) const {
        if constexpr (Host::template has<ethernet::tag>) {
            return prefix_.contains(to) ? to : gateway_;
        } else {
            return to;
        }
    }

    ipv4::prefix prefix_;
    ipv4::address gateway_;
    std::uint8_t time_to_live_;
    header template_; // all that is the same in every packet
    internet_sum template_sum_{};
    ipv4::statistics statistics_{};
};

} // namespace plywire::ipv4
