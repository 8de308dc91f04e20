// One flow of octets through a world, as fast as TCP lets it.
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

// What a flow has come to.
struct flow_result {
    duration took{}; // from the first SYN to the last octet delivered
    std::uint64_t bytes_per_second = 0;
};

// Sends so many octets from one host to another; both have the same policies and settings. The receiver reads at once.
template <class Policies>
class bulk_flow {
public:
    using host = ip_host<world_device<medium::ip>, Policies>;

    template <class There, class Back>
    bulk_flow(std::uint64_t seed, There const& there, Back const& back, tcp::connection_settings const& c)
        : w(seed)
        , link(w.link<medium::ip>(there, back))
        , left(link.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix},
               tcp::settings{.secret = {w.random().next(), 1}, .connection = c})
        , right(link.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix},
                tcp::settings{.secret = {w.random().next(), 2}, .connection = c}) {}

    std::expected<flow_result, world_error> run(std::uint64_t octets, duration longest) {
        std::uint64_t to_send = octets;
        std::uint64_t received = 0;
        instant last{};
        w.add(left, [&] {
            while (to_send != 0) {
                auto const taken =
                    sending_.send(bytes_view(block_).first(std::min<std::size_t>(to_send, block_.size())));
                if (!taken) return;
                to_send -= *taken;
            }
        });
        w.add(right, [&] {
            if (!receiving_) {
                if (auto accepted = listener_.accept()) receiving_ = std::move(*accepted);
            }
            while (auto const given = receiving_.receive(room_)) {
                received += *given;
                last = w.now();
            }
        });
        instant const began = w.now();
        listener_ = std::move(*right.tcp().listen(80));
        sending_ = std::move(*left.tcp().connect({right.ipv4().address(), 80}));
        if (auto const ended = w.run_until([&] { return received == octets; }, longest); !ended) {
            return std::unexpected(ended.error());
        }
        duration const took = last - began;
        // In microseconds, so that a terabyte fits.
        return flow_result{took, octets * 1'000'000 / static_cast<std::uint64_t>(took / microseconds(1))};
    }

    world w;
    weather_link<medium::ip>& link;
    host left;
    host right;

private:
    typename host::tcp_listener listener_{};
    typename host::tcp_socket sending_{};
    typename host::tcp_socket receiving_{};
    std::array<std::byte, 16'384> block_{};
    std::array<std::byte, 16'384> room_{};
};

} // namespace plywire::testing
