#pragma once
// Which layers make a host. Each rule is a concept that says in one sentence what is wrong.

#include <plywire/base/because.hpp>
#include <plywire/io/device.hpp>
#include <plywire/protocols/layer.hpp>

#include <cstddef>
#include <type_traits>

namespace plywire {

namespace detail {

/// Where the layer with this tag stands among `Layers`; their number if there is none.
template <class Tag, class... Layers>
consteval std::size_t place_of() {
    bool const matches[] = {std::is_same_v<Tag, typename Layers::layer_tag>..., true};
    std::size_t place = 0;
    while (!matches[place]) {
        ++place;
    }
    return place;
}

template <class Tag, class... Layers>
inline constexpr bool has_layer = place_of<Tag, Layers...>() < sizeof...(Layers);

/// Whether each layer with `Upper`'s tag has one with `Lower`'s tag in front of it.
template <class Upper, class Lower, class... Layers>
inline constexpr bool stands_above =
    !has_layer<Upper, Layers...> || place_of<Lower, Layers...>() < place_of<Upper, Layers...>();

template <class... Layers>
consteval bool all_different() {
    std::size_t place = 0;
    bool different = true;
    ((different = different && place_of<typename Layers::layer_tag, Layers...>() == place++), ...);
    return different;
}

} // namespace detail

/// The first argument of a stack.
template <class Device>
concept carries_a_stack =
    device<Device> || because<"plywire: the first argument of stack must model device (io/device.hpp)">;

/// The others.
template <class... Layers>
concept are_layers =
    (stack_layer<Layers> && ...) ||
    because<"plywire: every argument of stack after the device must be a layer, such as ipv4::layer<>">;

template <class... Layers>
concept have_ipv4 =
    detail::has_layer<ipv4::tag, Layers...> || because<"plywire: a stack needs ipv4::layer<> among its layers">;

template <class... Layers>
concept are_named_once = detail::all_different<Layers...>() || because<"plywire: a stack names each layer once">;

template <class Device, class... Layers>
concept frame_on_ethernet =
    Device::link_medium != medium::ethernet ||
    (detail::has_layer<ethernet::tag, Layers...> && detail::has_layer<arp::tag, Layers...>) ||
    because<
        "plywire: this device carries Ethernet frames (as a TAP does): name ethernet::layer<> and arp::layer<> before "
        "ipv4::layer<>">;

template <class Device, class... Layers>
concept frame_on_ethernet_only =
    Device::link_medium != medium::ip ||
    !(detail::has_layer<ethernet::tag, Layers...> || detail::has_layer<arp::tag, Layers...>) ||
    because<"plywire: this device carries IP packets (as a TUN does): leave out ethernet::layer<> and arp::layer<>">;

template <class... Layers>
concept resolve_above_ethernet =
    (detail::stands_above<arp::tag, ethernet::tag, Layers...> &&
     (!detail::has_layer<arp::tag, Layers...> || detail::stands_above<ipv4::tag, arp::tag, Layers...>)) ||
    because<"plywire: the way up is ethernet::layer<>, arp::layer<>, ipv4::layer<>: name them in this order">;

template <class... Layers>
concept carry_icmpv4 = detail::stands_above<icmpv4::tag, ipv4::tag, Layers...> ||
                       because<"plywire: icmpv4::layer<> needs ipv4::layer<> below it">;

template <class... Layers>
concept carry_udp = detail::stands_above<udp::tag, ipv4::tag, Layers...> ||
                    because<"plywire: udp::layer<> needs ipv4::layer<> below it">;

template <class... Layers>
concept carry_tcp = detail::stands_above<tcp::tag, ipv4::tag, Layers...> ||
                    because<"plywire: tcp::layer<> needs ipv4::layer<> below it">;

/// A device and layers, bottom up, that make a host.
template <class Device, class... Layers>
concept composition =
    carries_a_stack<Device> && are_layers<Layers...> && are_named_once<Layers...> && carry_icmpv4<Layers...> &&
    carry_udp<Layers...> && carry_tcp<Layers...> && have_ipv4<Layers...> && frame_on_ethernet<Device, Layers...> &&
    frame_on_ethernet_only<Device, Layers...> && resolve_above_ethernet<Layers...>;

} // namespace plywire
