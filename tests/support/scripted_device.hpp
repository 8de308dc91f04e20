// A device whose frames a test writes and reads one by one.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/io/device.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

namespace plywire::testing {

// A frame that a test keeps.
using frame = std::vector<std::byte>;

template <class Octets>
frame to_frame(Octets const& octets) {
    return frame(octets.begin(), octets.end());
}

// Hands out what the test has queued, and keeps what is committed.
template <medium M>
class scripted_device {
public:
    static constexpr medium link_medium = M;
    static constexpr device_capabilities capabilities{};

    std::size_t mtu() const { return mtu_octets; }

    received_frame receive() {
        if (incoming.empty()) {
            return {};
        }
        shown_ = incoming.front();
        incoming.pop_front();
        return {.octets = shown_, .checksum = checksums};
    }

    transmit_slot grant() {
        slot_.assign(mtu_octets + link_header_octets(M), std::byte{0xa5}); // what a slot holds is unspecified
        return full ? transmit_slot{} : transmit_slot{slot_, ++grants_};
    }

    void commit(transmit_slot slot, transmit_request request) {
        if (slot.handle == grants_ && request.length <= slot_.size()) {
            sent.emplace_back(slot_.begin(), slot_.begin() + static_cast<std::ptrdiff_t>(request.length));
        }
    }

    device_statistics const& statistics() const { return statistics_; }

    // The oldest frame that was sent; empty when there is none.
    frame take() {
        if (sent.empty()) {
            return {};
        }
        frame const oldest = sent.front();
        sent.pop_front();
        return oldest;
    }

    std::deque<frame> incoming{};
    std::deque<frame> sent{};
    std::size_t mtu_octets = 1500;
    bool full = false;
    checksum_state checksums = checksum_state::unverified;

private:
    frame shown_{};
    frame slot_{};
    std::size_t grants_ = 0;
    device_statistics statistics_{};
};

static_assert(device<scripted_device<medium::ip>>);

} // namespace plywire::testing
