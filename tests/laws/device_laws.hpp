// The laws of the device concept (io/device.hpp): what every device promises beyond its signatures.
//
// A law is run on a model: a device together with whatever stands at the far end of it.
//
//     struct model {
//         auto& device();                               // the device on trial
//         constexpr bool sends(bytes_view frame);       // the far end sends a frame to the device; false: it cannot
//         constexpr std::vector<std::byte> takes();     // the far end takes what the device sent; empty: nothing there
//         static constexpr bool can_be_filled;          // with nobody taking, it gets full; there is room for 5 at
//         least
//     };
//
// A law answers true or false, so that the same laws are tried in a static_assert and in a test that says which one is
// broken.
#pragma once

#include <plywire/io/device.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace plywire::laws {

// A frame that a kernel would let pass, told apart by `number`: link header of a local experiment or the first octets
// of an IPv4 header, then a pattern.
template <medium M>
constexpr std::vector<std::byte> numbered_frame(std::size_t number, std::size_t length) {
    std::vector<std::byte> frame;
    std::uint32_t pattern = static_cast<std::uint32_t>(number) * 2654435761u + 1;
    for (std::size_t i = 0; i < length; ++i) {
        pattern = pattern * 1664525u + 1013904223u;
        frame.push_back(std::byte(pattern >> 24));
    }
    if constexpr (M == medium::ethernet) {
        constexpr std::array<std::uint8_t, 14> header{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5};
        for (std::size_t i = 0; i < header.size() && i < length; ++i) {
            frame[i] = std::byte(header[i]);
        }
    } else {
        frame[0] = std::byte{0x45};
    }
    return frame;
}

constexpr bool same(bytes_view a, bytes_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

// Sends `frame` as a stack would: grant, fill in place, commit. False when the device is full.
constexpr bool transmit(auto& device, bytes_view frame) {
    transmit_slot const slot = device.grant();
    if (!slot) {
        return false;
    }
    for (std::size_t i = 0; i < frame.size(); ++i) {
        slot.octets[i] = frame[i];
    }
    device.commit(slot, {.length = frame.size()});
    return true;
}

template <class Model>
using device_of = std::remove_cvref_t<decltype(std::declval<Model&>().device())>;

template <class Model>
inline constexpr medium medium_of = device_of<Model>::link_medium;

// One law: what it says, and whether a model obeys it.
template <class Model>
struct device_law {
    std::string_view says;
    bool (*holds)(Model&);
};

template <class Model>
constexpr bool sends_in_order_and_intact(Model& model) {
    for (std::size_t number = 0; number < 3; ++number) {
        if (!transmit(model.device(), numbered_frame<medium_of<Model>>(number, 40 + number))) {
            return false;
        }
    }
    for (std::size_t number = 0; number < 3; ++number) {
        if (!same(model.takes(), numbered_frame<medium_of<Model>>(number, 40 + number))) {
            return false;
        }
    }
    return model.takes().empty();
}

template <class Model>
constexpr bool receives_in_order_and_intact(Model& model) {
    for (std::size_t number = 0; number < 3; ++number) {
        if (!model.sends(numbered_frame<medium_of<Model>>(number, 60 - number))) {
            return false;
        }
    }
    for (std::size_t number = 0; number < 3; ++number) {
        if (!same(model.device().receive().octets, numbered_frame<medium_of<Model>>(number, 60 - number))) {
            return false;
        }
    }
    return !model.device().receive();
}

template <class Model>
constexpr bool carries_the_largest_frame(Model& model) {
    std::size_t const largest = link_header_octets(medium_of<Model>) + model.device().mtu();
    auto const frame = numbered_frame<medium_of<Model>>(7, largest);
    return model.device().grant().octets.size() >= largest && transmit(model.device(), frame) &&
           same(model.takes(), frame) && model.sends(frame) && same(model.device().receive().octets, frame);
}

template <class Model>
constexpr bool unused_grants_cost_nothing(Model& model) {
    for (int i = 0; i < 1000; ++i) {
        if (!model.device().grant()) {
            return false;
        }
    }
    auto const frame = numbered_frame<medium_of<Model>>(1, 30);
    return model.takes().empty() && model.device().statistics() == device_statistics{} &&
           transmit(model.device(), frame) && same(model.takes(), frame);
}

template <class Model>
constexpr bool receiving_nothing_is_empty(Model& model) {
    return !model.device().receive() && !model.device().receive() && model.device().statistics() == device_statistics{};
}

template <class Model>
constexpr bool a_commit_too_long_is_refused(Model& model) {
    transmit_slot const slot = model.device().grant();
    model.device().commit(slot, {.length = slot.octets.size() + 1});
    device_statistics const& statistics = model.device().statistics();
    return statistics.refused_frames == 1 && statistics.sent_frames == 0 && model.takes().empty();
}

template <class Model>
constexpr bool an_empty_commit_is_refused(Model& model) {
    model.device().commit(model.device().grant(), {.length = 0});
    return model.device().statistics().refused_frames == 1 && model.takes().empty();
}

template <class Model>
constexpr bool a_commit_without_a_grant_is_refused(Model& model) {
    model.device().commit({}, {.length = 40});
    transmit_slot const slot = model.device().grant();
    auto const frame = numbered_frame<medium_of<Model>>(1, 40);
    transmit(model.device(), frame);
    model.device().commit(slot, {.length = 40}); // the same slot a second time
    return model.device().statistics().refused_frames == 2 && model.device().statistics().sent_frames == 1 &&
           same(model.takes(), frame) && model.takes().empty();
}

template <class Model>
constexpr bool a_full_device_grants_nothing_until_drained(Model& model) {
    if constexpr (Model::can_be_filled) {
        std::size_t filled = 0;
        while (transmit(model.device(), numbered_frame<medium_of<Model>>(filled, 50))) {
            if (++filled > 100000) {
                return false;
            }
        }
        if (filled == 0 || model.device().grant() || model.device().statistics().full_grants != 2) {
            return false;
        }
        for (std::size_t number = 0; number < filled; ++number) {
            if (!same(model.takes(), numbered_frame<medium_of<Model>>(number, 50))) {
                return false;
            }
        }
        return model.takes().empty() && model.device().grant() && model.device().statistics().sent_frames == filled;
    }
    return true;
}

template <class Model>
constexpr bool a_received_frame_stays_until_the_next_receive(Model& model) {
    auto const first = numbered_frame<medium_of<Model>>(1, 50);
    auto const second = numbered_frame<medium_of<Model>>(2, 50);
    if (!model.sends(first)) {
        return false;
    }
    received_frame const received = model.device().receive();
    for (int i = 0; i < 4; ++i) {
        if (!model.sends(second) || !transmit(model.device(), second)) {
            return false;
        }
    }
    if (!same(received.octets, first)) {
        return false;
    }
    received.octets[0] ^= std::byte{0xff}; // it may be written to
    return same(model.device().receive().octets, second);
}

template <class Model>
constexpr bool statistics_count_frames_and_octets(Model& model) {
    for (std::size_t number = 0; number < 3; ++number) {
        transmit(model.device(), numbered_frame<medium_of<Model>>(number, 40));
        model.takes();
    }
    model.sends(numbered_frame<medium_of<Model>>(9, 70));
    model.device().receive();
    return model.device().statistics() == device_statistics{
                                              .received_frames = 1,
                                              .received_octets = 70,
                                              .sent_frames = 3,
                                              .sent_octets = 120,
                                          };
}

// All of them.
template <class Model>
inline constexpr std::array<device_law<Model>, 11> device_laws{{
    {"what is committed is taken at the far end in order and intact", sends_in_order_and_intact<Model>},
    {"what the far end sends is received in order and intact", receives_in_order_and_intact<Model>},
    {"a slot holds the link header and the MTU, and such a frame passes both ways", carries_the_largest_frame<Model>},
    {"an unused grant costs nothing", unused_grants_cost_nothing<Model>},
    {"receiving when nothing is there is empty and counts nothing", receiving_nothing_is_empty<Model>},
    {"a commit longer than its slot is refused and counted", a_commit_too_long_is_refused<Model>},
    {"an empty commit is refused and counted", an_empty_commit_is_refused<Model>},
    {"a commit without a grant is refused and counted", a_commit_without_a_grant_is_refused<Model>},
    {"a full device grants nothing until it is drained", a_full_device_grants_nothing_until_drained<Model>},
    {"a received frame stays until the next receive and may be written to",
     a_received_frame_stays_until_the_next_receive<Model>},
    {"statistics count frames and octets, each once", statistics_count_frames_and_octets<Model>},
}};

// Tries every law on a fresh, default-constructed `Model` and tells `report(says, holds)` of each; whether all hold.
template <class Model, class Report>
constexpr bool obeys_the_device_laws(Report report) {
    static_assert(device<device_of<Model>>);
    bool all = true;
    for (auto const& law : device_laws<Model>) {
        Model model{};
        bool const holds = law.holds(model);
        report(law.says, holds);
        all = all && holds;
    }
    return all;
}

// The same for a static_assert, without a report.
template <class Model>
constexpr bool obeys_the_device_laws() {
    return obeys_the_device_laws<Model>([](std::string_view, bool) {});
}

} // namespace plywire::laws
