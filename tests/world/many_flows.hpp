// Flows without end between two hosts, all over one link.
#pragma once

#include <plywire/stack/hosts.hpp>
#include <plywire/world/world.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace plywire::testing {

using namespace plywire::literals;

// Sends as much as TCP takes, on so many connections from one host to the other; counts what each delivers.
template <class Policies>
class many_flows {
public:
    using host = ip_host<world_device<medium::ip>, Policies>;

    template <class There, class Back>
    many_flows(std::uint64_t seed, There const& there, Back const& back, tcp::connection_settings const& c)
        : w(seed)
        , link(w.link<medium::ip>(there, back))
        , left(link.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix},
               tcp::settings{.secret = {w.random().next(), 1}, .connection = c})
        , right(link.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix},
                tcp::settings{.secret = {w.random().next(), 2}, .connection = c}) {
        w.add(left, [this] { write(); });
        w.add(right, [this] { read(); });
    }

    // Opens connections, one each millisecond.
    void open(std::uint32_t count) {
        delivered.resize(delivered.size() + count);
        listener_ = std::move(*right.tcp().listen(80, {.backlog = count}));
        for (std::uint32_t i = 0; i < count; ++i) {
            w.after(milliseconds(i), [this] {
                auto opened = std::move(*left.tcp().connect({right.ipv4().address(), 80}));
                at(sending_, opened.index()) = std::move(opened);
            });
        }
    }

    world w;
    weather_link<medium::ip>& link;
    host left;
    host right;
    // Octets of each flow, in the order in which the handshakes were over.
    std::vector<std::uint64_t> delivered{};

private:
    using socket = typename host::tcp_socket;

    struct reading {
        socket from{};
        std::size_t flow = 0;
    };

    template <class T>
    static T& at(std::vector<T>& all, std::uint32_t index) {
        if (all.size() <= index) all.resize(index + 1);
        return all[index];
    }

    void write() {
        while (auto const event = left.tcp().next_ready()) {
            socket& one = at(sending_, event->id.index);
            while (one.send(block_)) {
            }
        }
    }

    void read() {
        while (auto const event = right.tcp().next_ready()) {
            if (event->listener) {
                while (auto accepted = listener_.accept()) {
                    std::uint32_t const index = accepted->index();
                    at(receiving_, index) = {std::move(*accepted), flows_++};
                    read(receiving_[index]);
                }
            } else {
                read(at(receiving_, event->id.index));
            }
        }
    }
    void read(reading& one) {
        while (auto const given = one.from.receive(room_)) {
            delivered[one.flow] += *given;
        }
    }

    typename host::tcp_listener listener_{};
    std::vector<socket> sending_{};
    std::vector<reading> receiving_{};
    std::size_t flows_ = 0;
    std::array<std::byte, 16'384> block_{};
    std::array<std::byte, 16'384> room_{};
};

} // namespace plywire::testing
