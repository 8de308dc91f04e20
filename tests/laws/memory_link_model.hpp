// The in-memory link as a model of the device laws: the device on trial is one end, the far end is the other.
#pragma once

#include <laws/device_laws.hpp>
#include <plywire/io/memory_link.hpp>

#include <vector>

namespace plywire::laws {

template <class Link, bool First>
struct memory_link_model {
    static constexpr bool can_be_filled = true;

    constexpr auto& device() { return First ? link.first() : link.second(); }
    constexpr auto& far_end() { return First ? link.second() : link.first(); }
    constexpr bool sends(bytes_view frame) { return transmit(far_end(), frame); }
    constexpr std::vector<std::byte> takes() {
        std::vector<std::byte> frame;
        for (std::byte const octet : far_end().receive().octets) {
            frame.push_back(octet);
        }
        return frame;
    }

    Link link{};
};

// A link on the heap, small enough for a compiler to try.
template <medium M>
struct small_heap_link : heap_memory_link<M> {
    constexpr small_heap_link()
        : heap_memory_link<M>(5, 100) {}
};

} // namespace plywire::laws
