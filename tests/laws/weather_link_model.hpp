// A link in clear weather as a model of the device laws, at a time that stands still.
#pragma once

#include <laws/device_laws.hpp>
#include <plywire/io/weather_link.hpp>

#include <vector>

namespace plywire::laws {

template <medium M, bool First>
struct weather_link_model {
    static constexpr bool can_be_filled = false; // it drops what it cannot take

    auto& device() { return First ? link.first() : link.second(); }
    auto& far_end() { return First ? link.second() : link.first(); }
    bool sends(bytes_view frame) { return transmit(far_end(), frame); }
    std::vector<std::byte> takes() {
        auto const octets = far_end().receive().octets;
        return {octets.begin(), octets.end()};
    }

    instant now{1};
    weather_link<M> link{now, 1, {.mtu = 576}, weather{}, weather{}};
};

} // namespace plywire::laws
