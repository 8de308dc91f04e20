// Two hosts in a world, a link between them, and an octet stream from left to right.
#pragma once

#include <plywire/stack/hosts.hpp>
#include <plywire/world/world.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>

namespace plywire::testing {

using namespace plywire::literals;

template <medium M, class Policies>
struct host_in_a_world {
    using type = ip_host<world_device<M>, Policies>;
};
template <class Policies>
struct host_in_a_world<medium::ethernet, Policies> {
    using type = ethernet_host<world_device<medium::ethernet>, Policies>;
};

// The sender writes `to_send` octets that depend on the world's seed, the receiver compares and counts.
template <medium M, class Policies = tcp::defaults>
struct two_in_a_world {
    using host = typename host_in_a_world<M, Policies>::type;
    using socket = typename host::tcp_socket;

    template <class Weather>
    two_in_a_world(std::uint64_t seed, Weather const& both_ways, std::size_t octets,
                   tcp::connection_settings const& c = {}, world_settings const& s = {})
        : w(seed, s)
        , link(w.link<M>(both_ways))
        , left(link.first(), station("02:00:00:00:00:01"_mac), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix},
               tcp::settings{.secret = {w.random().next(), 1}, .connection = c})
        , right(link.second(), station("02:00:00:00:00:02"_mac), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix},
                tcp::settings{.secret = {w.random().next(), 2}, .connection = c})
        , to_send(octets) {}

    std::expected<void, world_error> transfer(duration longest) {
        w.add(left, [this] { write(); });
        w.add(right, [this] { read(); });
        listener = std::move(*right.tcp().listen(80));
        sending = std::move(*left.tcp().connect({right.ipv4().address(), 80}));
        return w.run_until([this] { return is_wrong || is_over; }, longest);
    }

    void write() {
        while (sent < to_send) {
            std::array<std::byte, 4096> block{};
            std::size_t const size = std::min(block.size(), to_send - sent);
            fill(block, sent);
            auto const taken = sending.send(bytes_view(block).first(size));
            if (!taken) {
                return;
            }
            sent += *taken;
        }
        static_cast<void>(sending.shutdown());
    }

    void read() {
        if (!receiving) {
            if (auto accepted = listener.accept()) {
                receiving = std::move(*accepted);
            }
        }
        std::array<std::byte, 4096> room{};
        std::array<std::byte, 4096> expected{};
        for (auto given = receiving.receive(room); receiving; given = receiving.receive(room)) {
            if (!given) {
                is_over = received == to_send && given.error() == socket_error::end_of_stream;
                is_wrong = !is_over && given.error() != socket_error::would_block;
                return;
            }
            fill(expected, received);
            for (std::size_t i = 0; i < *given; ++i) {
                is_wrong = is_wrong || room[i] != expected[i];
            }
            received += *given;
        }
    }

    world w;
    weather_link<M>& link;
    host left;
    host right;
    std::size_t to_send;
    std::size_t sent = 0;
    std::size_t received = 0;
    bool is_over = false;
    bool is_wrong = false;
    typename host::tcp_listener listener{};
    socket sending{};
    socket receiving{};

private:
    // The octet at each place of the stream.
    void fill(mutable_bytes block, std::size_t place) const {
        for (std::byte& octet : block) {
            octet = static_cast<std::byte>((place++ ^ w.seed()) * 0x9e3779b97f4a7c15 >> 56);
        }
    }
    static auto station(ethernet::address address) {
        if constexpr (M == medium::ethernet) {
            return ethernet::settings{.address = address};
        } else {
            static_cast<void>(address);
            return icmpv4::settings{};
        }
    }
};

} // namespace plywire::testing
