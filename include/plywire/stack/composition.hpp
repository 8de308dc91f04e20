// Which layers make a host. Each rule is a concept that says in one sentence what is wrong.
#pragma once

#include <plywire/base/required.hpp>
#include <plywire/io/device.hpp>
#include <plywire/protocols/layer.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace plywire {

namespace detail {

// Where the layer with this tag stands among `Layers`; their number if there is none.
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

// The layer with this tag; `void` if there is none.
template <class Tag, class... Layers>
using layer_or_void = std::tuple_element_t<place_of<Tag, Layers...>(), std::tuple<Layers..., void>>;

// Whether each layer with `Upper`'s tag has one with `Lower`'s tag in front of it.
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

// The first argument of a stack.
template <class Device>
concept carries_a_stack =
    required<device<Device>, "plywire: the first argument of stack must model device (io/device.hpp)">;

// The others.
template <class... Layers>
concept are_layers =
    required<(stack_layer<Layers> && ...), "plywire: what follows the device must be layers, such as ipv4::layer<>">;

template <class... Layers>
concept are_named_once = required<detail::all_different<Layers...>(), "plywire: a stack names each layer once">;

template <class... Layers>
concept carry_icmpv4 = required<detail::stands_above<icmpv4::tag, ipv4::tag, Layers...>,
                                "plywire: icmpv4::layer<> needs ipv4::layer<> below it">;

template <class... Layers>
concept carry_udp = required<detail::stands_above<udp::tag, ipv4::tag, Layers...>,
                             "plywire: udp::layer<> needs ipv4::layer<> below it">;

template <class... Layers>
concept carry_tcp = required<detail::stands_above<tcp::tag, ipv4::tag, Layers...>,
                             "plywire: tcp::layer<> needs ipv4::layer<> below it">;

template <class... Layers>
concept have_ipv4 =
    required<detail::has_layer<ipv4::tag, Layers...>, "plywire: a stack needs ipv4::layer<> among its layers">;

template <class Device, class... Layers>
concept frame_on_ethernet = required<
    Device::link_medium != medium::ethernet ||
        (detail::has_layer<ethernet::tag, Layers...> && detail::has_layer<arp::tag, Layers...>),
    "plywire: a TAP device carries Ethernet frames: name ethernet::layer<> and arp::layer<> before ipv4::layer<>">;

template <class Device, class... Layers>
concept frame_on_ethernet_only =
    required<Device::link_medium != medium::ip ||
                 !(detail::has_layer<ethernet::tag, Layers...> || detail::has_layer<arp::tag, Layers...>),
             "plywire: a TUN device carries IP packets: leave out ethernet::layer<> and arp::layer<>">;

template <class... Layers>
concept resolve_above_ethernet =
    required<detail::stands_above<arp::tag, ethernet::tag, Layers...> &&
                 (!detail::has_layer<arp::tag, Layers...> || detail::stands_above<ipv4::tag, arp::tag, Layers...>),
             "plywire: name ethernet::layer<>, arp::layer<> and ipv4::layer<> in this order, bottom up">;

// A device and layers, bottom up, that make a host.
template <class Device, class... Layers>
concept composition =
    carries_a_stack<Device> && are_layers<Layers...> && are_named_once<Layers...> && carry_icmpv4<Layers...> &&
    carry_udp<Layers...> && carry_tcp<Layers...> && have_ipv4<Layers...> && frame_on_ethernet<Device, Layers...> &&
    frame_on_ethernet_only<Device, Layers...> && resolve_above_ethernet<Layers...>;

// What a stack offers because of a layer that it has.

template <class... Layers>
concept offers_tcp = required<detail::has_layer<tcp::tag, Layers...>, "plywire: this stack has no tcp::layer<>">;
template <class... Layers>
concept offers_udp = required<detail::has_layer<udp::tag, Layers...>, "plywire: this stack has no udp::layer<>">;
template <class... Layers>
concept offers_icmpv4 =
    required<detail::has_layer<icmpv4::tag, Layers...>, "plywire: this stack has no icmpv4::layer<>">;
template <class... Layers>
concept offers_arp = required<detail::has_layer<arp::tag, Layers...>, "plywire: this stack has no arp::layer<>">;
template <class... Layers>
concept offers_ethernet =
    required<detail::has_layer<ethernet::tag, Layers...>, "plywire: this stack has no ethernet::layer<>">;

} // namespace plywire
