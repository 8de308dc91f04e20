// A device that loses, repeats and swaps frames on their way out, and loses some that come in, by a seed.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/io/device.hpp>

#include <cstdint>
#include <vector>

namespace plywire::testing {

struct weather {
    std::uint64_t lost_percent = 0;
    std::uint64_t repeated_percent = 0;
    std::uint64_t swapped_percent = 0; // held back until the next frame has gone
    std::uint64_t broken_percent = 0;  // one bit is wrong
    std::uint64_t lost_on_arrival_percent = 0;

    friend bool operator==(weather const&, weather const&) = default;
};

// In front of another device, which must outlive it.
template <class Device>
class lossy_device {
public:
    static constexpr medium link_medium = Device::link_medium;
    static constexpr device_capabilities capabilities{};

    lossy_device(Device& device, std::uint64_t seed, weather w)
        : device_(device)
        , random_(seed)
        , weather_(w) {}

    std::size_t mtu() const { return device_.mtu(); }
    received_frame receive() {
        received_frame frame = device_.receive();
        while (frame && weather_.lost_on_arrival_percent > 0 && happens(weather_.lost_on_arrival_percent)) {
            frame = device_.receive();
        }
        return frame;
    }
    transmit_slot grant() { return device_.grant(); }
    device_statistics const& statistics() const { return device_.statistics(); }

    void commit(transmit_slot slot, transmit_request request) {
        if (weather_ == weather{}) {
            return device_.commit(slot, request);
        }
        std::vector<std::byte> octets(slot.octets.begin(),
                                      slot.octets.begin() + static_cast<std::ptrdiff_t>(request.length));
        if (happens(weather_.lost_percent)) {
            return;
        }
        if (happens(weather_.broken_percent)) {
            octets[random_.below(octets.size())] ^= std::byte{1} << random_.below(8);
        }
        if (held_.empty() && happens(weather_.swapped_percent)) {
            held_ = octets;
            return;
        }
        send(octets);
        if (happens(weather_.repeated_percent)) {
            send(octets);
        }
        if (!held_.empty()) {
            send(held_);
            held_.clear();
        }
    }

private:
    bool happens(std::uint64_t percent) { return random_.below(100) < percent; }

    void send(bytes_view octets) {
        transmit_slot const slot = device_.grant();
        if (slot) { // a full device loses frames too
            copy(slot.octets, octets);
            device_.commit(slot, {.length = octets.size()});
        }
    }

    Device& device_;
    random_generator random_;
    weather weather_;
    std::vector<std::byte> held_{};
};

} // namespace plywire::testing
