// A router between links of a world: what several hosts share, such as a bottleneck, is a link between two of them.
//
//     router<3> middle;
//     middle.connect(first_cable.second(), "10.0.1.0/24"_ipv4_prefix);
//     middle.connect(bottleneck.first(), "10.0.9.0/24"_ipv4_prefix);
//     w.add_party(middle);
//
// It forwards IPv4 packets by longest prefix and lowers their time to live (RFC 1812 section 5.2.1 and 5.3.1); packets
// for nowhere and those whose time is over are dropped and counted. It answers nothing, has no address, and takes no
// time of its own: queues are the links' business.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/endian.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/ipv4_address.hpp>
#include <plywire/io/weather_link.hpp>
#include <plywire/world/world.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace plywire {

// What a router has done with packets since it was made.
struct router_statistics {
    std::uint64_t forwarded = 0;
    std::uint64_t malformed = 0;
    std::uint64_t no_route = 0;
    std::uint64_t time_exceeded = 0;
    std::uint64_t too_long = 0; // for the MTU of the link that it should go out by

    friend constexpr bool operator==(router_statistics const&, router_statistics const&) = default;
};

// A router with up to `Ports` links of bare IP packets.
template <std::size_t Ports>
class router final : public world::party {
public:
    using device_type = world_device<medium::ip>;

    // Packets to these addresses leave by this end of a link, of which the router has the use from now on. False when
    // all ports are taken.
    bool connect(device_type& own_end, ipv4::prefix to) {
        if (count_ == Ports) {
            return false;
        }
        ports_[count_++] = {&own_end, to};
        return true;
    }

    instant deadline() const override {
        instant earliest = instant::never();
        for (std::size_t i = 0; i < count_; ++i) {
            earliest = std::min(earliest, ports_[i].device->deadline());
        }
        return earliest;
    }

    void act(instant now) override {
        for (std::size_t i = 0; i < count_; ++i) {
            if (!ports_[i].device->time_passes(now)) {
                continue;
            }
            while (received_frame const frame = ports_[i].device->receive()) {
                forward(frame.octets);
            }
        }
    }

    void sees_time(instant) override {}

    router_statistics const& statistics() const { return statistics_; }

private:
    struct port {
        device_type* device = nullptr;
        ipv4::prefix to{};
    };

    void forward(mutable_bytes frame) {
        auto const packet = parse_mutable<ipv4::header>(frame);
        if (!packet) {
            ++statistics_.malformed;
            return;
        }
        port const* const out = route((*packet)[ipv4::destination]);
        if (out == nullptr) {
            ++statistics_.no_route;
            return;
        }
        std::uint8_t const hops = (*packet)[ipv4::time_to_live];
        if (hops <= 1) {
            ++statistics_.time_exceeded;
            return;
        }
        bytes_view const octets = packet->packet();
        transmit_slot const slot = out->device->grant();
        if (octets.size() > slot.octets.size()) {
            ++statistics_.too_long;
            return;
        }
        // The time to live and the protocol are one word of the checksum.
        auto const word = static_cast<std::uint16_t>((*packet)[ipv4::protocol] | hops << 8);
        packet->set(ipv4::time_to_live = static_cast<std::uint8_t>(hops - 1),
                    ipv4::header_checksum = update_checksum((*packet)[ipv4::header_checksum], word,
                                                            static_cast<std::uint16_t>(word - 0x100)));
        copy(slot.octets, octets);
        out->device->commit(slot, {.length = octets.size()});
        ++statistics_.forwarded;
    }

    port const* route(ipv4::address to) const {
        port const* best = nullptr;
        for (std::size_t i = 0; i < count_; ++i) {
            if (ports_[i].to.contains(to) && (best == nullptr || ports_[i].to.length > best->to.length)) {
                best = &ports_[i];
            }
        }
        return best;
    }

    std::array<port, Ports> ports_{};
    std::size_t count_ = 0;
    router_statistics statistics_{};
};

} // namespace plywire
