// Two hosts on one cable, in virtual time.
#pragma once

#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

#include <support/lossy_device.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace plywire::testing {

using namespace plywire::literals;

template <medium M, class Device, class Policies>
struct host_on {
    using type = ip_host<Device, Policies>;
};
template <class Device, class Policies>
struct host_on<medium::ethernet, Device, Policies> {
    using type = ethernet_host<Device, Policies>;
};

// A cable with a host at each end, and weather on it.
template <medium M, class Policies = tcp::defaults>
struct two_hosts {
    using link_type = heap_memory_link<M>;
    using device_type = lossy_device<typename link_type::end>;
    using host_type = typename host_on<M, device_type, Policies>::type;

    explicit two_hosts(weather w = {}, std::uint64_t seed = 1, tcp::settings settings = {.secret = {1, 7}},
                       std::size_t mtu = 1500)
        : link(64, mtu)
        , left_device(link.first(), seed, w)
        , right_device(link.second(), seed + 1, w)
        , left(make(left_device, "10.9.0.1/24"_ipv4_prefix, "02:00:00:00:00:01"_mac, settings))
        , right(make(right_device, "10.9.0.2/24"_ipv4_prefix, "02:00:00:00:00:02"_mac, settings)) {
        left.poll(now);
        right.poll(now);
    }

    static host_type make(device_type& device, ipv4::prefix address, ethernet::address mac, tcp::settings settings) {
        settings.secret = {address.address.value(), 7};
        if constexpr (M == medium::ethernet) {
            return host_type(device, ipv4::settings{.address = address}, ethernet::settings{.address = mac}, settings);
        } else {
            (void)mac;
            return host_type(device, ipv4::settings{.address = address}, settings);
        }
    }

    // Both hosts do what they can, until neither has anything to do now.
    void settle() {
        while (left.poll(now) + right.poll(now) != 0) {
        }
    }

    // The same, and time goes on to the next deadline. False when nothing is due any more.
    bool step() {
        if (left.poll(now) + right.poll(now) != 0) {
            return true;
        }
        instant const next = std::min(left.deadline(), right.deadline());
        if (next == instant::never()) {
            return false;
        }
        now = std::max(now, next);
        return true;
    }

    link_type link;
    device_type left_device;
    device_type right_device;
    host_type left;
    host_type right;
    instant now{1'000'000'000};
};

inline std::vector<std::byte> noise(std::size_t size, std::uint64_t seed) {
    random_generator random(seed);
    std::vector<std::byte> octets(size);
    for (std::byte& octet : octets) {
        octet = static_cast<std::byte>(random.next());
    }
    return octets;
}

// An application that writes all of its octets, then its end, and reads until the peer's.
template <class Socket>
struct talker {
    Socket socket{};
    std::vector<std::byte> to_send{};
    std::vector<std::byte> received{};
    std::size_t sent = 0;
    bool has_ended = false;
    bool heard_end = false;
    socket_error failure = socket_error::would_block;

    void act() {
        while (sent < to_send.size()) {
            auto const taken = socket.send(bytes_view(to_send).subspan(sent));
            if (!taken) {
                break;
            }
            sent += *taken;
        }
        if (sent == to_send.size() && !has_ended) {
            has_ended = socket.shutdown().has_value();
        }
        std::array<std::byte, 5000> room{};
        while (!heard_end) {
            auto const given = socket.receive(room);
            if (given) {
                received.insert(received.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*given));
                continue;
            }
            heard_end = given.error() == socket_error::end_of_stream;
            failure = given.error();
            break;
        }
    }
    bool is_done() const { return has_ended && heard_end; }
};

} // namespace plywire::testing
