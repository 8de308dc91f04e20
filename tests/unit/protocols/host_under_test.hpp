// A host on a device that the test writes frames to and reads frames from.
#pragma once

#include <plywire/describe/build.hpp>
#include <plywire/describe/packet.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/stack/hosts.hpp>

#include <support/scripted_device.hpp>

#include <optional>

namespace plywire::testing {

using namespace plywire::literals;

inline constexpr auto our_mac = "02:00:00:00:00:01"_mac;
inline constexpr auto peer_mac = "02:00:00:00:00:02"_mac;
inline constexpr auto our_address = "10.9.0.1"_ipv4;
inline constexpr auto peer_address = "10.9.0.2"_ipv4;
inline constexpr auto gateway_address = "10.9.0.254"_ipv4;

// Our host on Ethernet.
struct ethernet_bench {
    using device_type = scripted_device<medium::ethernet>;
    using host_type = ethernet_host<device_type>;

    device_type device{};
    host_type host{device, ethernet::settings{.address = our_mac},
                   ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix, .gateway = gateway_address},
                   tcp::settings{.secret = {1, 2}}};
    instant now{1'000'000'000};

    ethernet_bench() { host.poll(now); }

    // The host is given a frame and may answer.
    template <class Packet>
    void gets(Packet const& packet) {
        gets_octets(to_frame(to_bytes(packet)));
    }
    void gets_octets(frame octets) {
        device.incoming.push_back(std::move(octets));
        host.poll(now);
    }
    void passes(duration time) {
        now += time;
        host.poll(now);
    }
    // The peer's address becomes known, and nothing of that remains to be seen.
    void knows_peer() {
        gets(ethernet::header(ethernet::destination = our_mac, ethernet::source = peer_mac) /
             arp::header(arp::operation = arp::operation_request, arp::sender_hardware = peer_mac,
                         arp::sender_protocol = peer_address, arp::target_protocol = our_address));
        device.sent.clear();
    }
};

// Our host on a device that carries IP packets.
struct ip_bench {
    using device_type = scripted_device<medium::ip>;
    using host_type = ip_host<device_type>;

    device_type device{};
    host_type host{device, ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}}};
    instant now{1'000'000'000};

    ip_bench() { host.poll(now); }

    template <class Packet>
    void gets(Packet const& packet) {
        gets_octets(to_frame(to_bytes(packet)));
    }
    void gets_octets(frame octets) {
        device.incoming.push_back(std::move(octets));
        host.poll(now);
    }
    void passes(duration time) {
        now += time;
        host.poll(now);
    }
};

// The header of a packet from the peer to us.
template <class... Assigned>
constexpr ipv4::header from_peer(Assigned... assigned) {
    return ipv4::header(ipv4::source = peer_address, ipv4::destination = our_address, assigned...);
}

// What lies behind the headers in front: `inner<ipv4::header>(frame)`.
template <class Header>
std::optional<view<Header>> as(bytes_view octets) {
    auto const parsed = parse<Header>(octets);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

} // namespace plywire::testing
