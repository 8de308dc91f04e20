// Ethernet II framing (RFC 894; RFC 1122 2.3.3): takes what is for this station, and finds the station a packet goes
// to.
#pragma once

#include <plywire/describe/parse.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/ipv4_address.hpp>
#include <plywire/protocols/layer.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire::ethernet {

struct settings {
    // This station's address.
    ethernet::address address{{std::byte{0x02}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}}};
};

// Frames since the host was made.
struct statistics {
    std::uint64_t received = 0;      // for this station, handed on
    std::uint64_t truncated = 0;     // shorter than a header
    std::uint64_t other_station = 0; // to somebody else
    std::uint64_t multicast = 0;     // to a group that nobody here has joined
    std::uint64_t bad_source = 0;    // from a group address, which no station has
    std::uint64_t unknown_type = 0;  // a type that no layer takes; also IEEE 802.3 lengths
    std::uint64_t sent = 0;

    friend constexpr bool operator==(statistics const&, statistics const&) = default;
};

// The group address of an IPv4 group: 01:00:5e and the last 23 bits (RFC 1112 6.4).
constexpr address group_address(ipv4::address group) {
    std::uint32_t const bits = group.value();
    return {{std::byte{0x01}, std::byte{0x00}, std::byte{0x5e}, static_cast<std::byte>(bits >> 16 & 0x7f),
             static_cast<std::byte>(bits >> 8 & 0xff), static_cast<std::byte>(bits & 0xff)}};
}

// The layer on a device of medium::ethernet. Not for two threads.
template <class = void>
class layer {
public:
    using layer_tag = tag;
    using settings_type = settings;
    static constexpr medium carrier = medium::ethernet;

    constexpr explicit layer(settings const& s)
        : address_(s.address) {}

    constexpr ethernet::address const& address() const { return address_; }
    constexpr ethernet::statistics const& statistics() const { return statistics_; }

    // A frame from the device.
    template <class Host>
    constexpr void receive(Host& host, received_frame const& frame) {
        auto const parsed = view_if_sound<header>(frame.octets);
        if (parsed.octets().empty()) {
            ++statistics_.truncated;
            return;
        }
        if (parsed[source].is_multicast()) { // IEEE 802.3 3.2.3: the address of one station
            ++statistics_.bad_source;
            return;
        }
        ethernet::address const to = parsed[destination];
        bool const to_group = to.is_multicast();
        if (to_group ? !to.is_broadcast() : to != address_) {
            ++(to_group ? statistics_.multicast : statistics_.other_station);
            return;
        }
        bool const taken = host.each_layer([&]<class Layer>(Layer& upper) {
            if constexpr (requires { Layer::link_type; }) {
                if (Layer::link_type == parsed[type]) {
                    upper.receive(host, parsed.payload(), arrival{frame.checksum, to_group});
                    return true;
                }
            }
            return false;
        });
        ++(taken ? statistics_.received : statistics_.unknown_type);
    }

    // Puts the header in front of a packet of `octets` and sends the frame.
    template <class Host>
    constexpr void send(Host& host, packet_slot const& room, std::size_t octets, ethernet::address const& to,
                        std::uint16_t carried) {
        mutable_view<header>(room.slot.octets.data(), header::size, 0)
            .set(destination = to, source = address_, type = carried);
        host.device().commit(room.slot, transmit_request{.length = header::size + octets});
        ++statistics_.sent;
    }

private:
    ethernet::address address_;
    ethernet::statistics statistics_{};
};

} // namespace plywire::ethernet
