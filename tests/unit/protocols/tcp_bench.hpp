// TCP of a host under test: segments from the peer, and what the host answers.
#pragma once

#include "host_under_test.hpp"

#include <catch2/catch_test_macros.hpp>

#include <utility>

namespace plywire::testing {

// From port 4000 to port 80 unless said otherwise.
template <class... Assigned>
auto segment(Assigned... assigned) {
    return tcp::header(tcp::source_port = std::uint16_t{4000}, tcp::destination_port = std::uint16_t{80},
                       tcp::window = std::uint16_t{8000}, assigned...);
}

template <class Policies = tcp::defaults>
struct basic_tcp_bench {
    using device_type = scripted_device<medium::ip>;
    using host_type = ip_host<device_type, Policies>;

    device_type device{};
    host_type host;
    instant now{1'000'000'000};

    explicit basic_tcp_bench(tcp::settings const& settings = {.secret = {1, 2}},
                             ipv4::settings const& ip = {.address = "10.9.0.1/24"_ipv4_prefix})
        : host(device, ip, settings) {
        host.poll(now);
    }

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
    template <class... Assigned>
    void gets_segment(Assigned... assigned) {
        gets(from_peer() / segment(assigned...));
    }

    // The segment that the host has sent; its checksums are right and it goes to the peer.
    struct sent_segment {
        frame octets;
        view<ipv4::header> packet;
        view<tcp::header> header;
    };
    sent_segment take_segment() {
        REQUIRE_FALSE(device.sent.empty());
        frame octets = device.take();
        auto const ip = as<ipv4::header>(octets);
        REQUIRE(ip);
        CHECK(internet_checksum(ip->octets()) == 0);
        CHECK((*ip)[ipv4::protocol] == ipv4::protocol_tcp);
        CHECK((*ip)[ipv4::destination] == peer_address);
        internet_sum sum = ipv4::pseudo_header_sum(*ip, ip->payload().size());
        sum.add(ip->payload());
        CHECK(sum.folded() == 0xffff);
        auto const tcp = as<tcp::header>(ip->payload());
        REQUIRE(tcp);
        return {std::move(octets), *ip, *tcp};
    }

    // A handshake that the peer begins from `from`; answers our initial sequence number.
    std::uint32_t is_connected(std::uint16_t from = 4000) {
        gets_segment(tcp::source_port = from, tcp::syn = true, tcp::sequence_number = 99U);
        auto const answer = take_segment();
        REQUIRE(answer.header[tcp::syn]);
        REQUIRE(answer.header[tcp::acknowledgment_number] == 100);
        std::uint32_t const isn = answer.header[tcp::sequence_number];
        gets_segment(tcp::source_port = from, tcp::ack = true, tcp::sequence_number = 100U,
                     tcp::acknowledgment_number = isn + 1);
        return isn;
    }

    // A segment with timestamps.
    template <class... Assigned>
    void gets_stamped(std::uint32_t value, Assigned... assigned) {
        gets(from_peer() / segment(assigned...) / tcp::options(tcp::timestamps(value, 0)));
    }

    // An ICMP error from the peer that quotes the header and the first 8 octets of a packet of ours.
    void gets_error(std::uint8_t type, std::uint8_t code, frame const& quoted) {
        frame error(28 + 28);
        REQUIRE(write(from_peer() / icmpv4::header(icmpv4::type = type, icmpv4::code = code) /
                          payload(bytes_view(quoted).first(28)),
                      error) == error.size());
        gets_octets(error);
    }
};

using tcp_bench = basic_tcp_bench<>;

} // namespace plywire::testing
