// The device concept: where frames come from and go to. A device is pulled at both ends: it hands out what arrived when
// asked, and it grants room for a frame which the stack then fills in place. It blocks nowhere, and knows no header.
// What every device promises beyond its signatures is written down as tests: tests/laws/device_laws.hpp.
#pragma once

#include <plywire/io/device_capabilities.hpp>
#include <plywire/io/device_statistics.hpp>
#include <plywire/io/frame.hpp>
#include <plywire/io/medium.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace plywire {

// A source and sink of frames. Used from one thread.
// - `link_medium` and `capabilities` are constants of the type.
// - `mtu()`: the largest IP packet in octets; the link header is not counted.
// - `receive()`: the next frame that arrived, or an empty one. Valid until the next receive().
// - `grant()`: room for one frame (link header and MTU at least), or an empty slot while the device is full. One grant
//   stands at a time: the next grant() takes its place.
// - `commit(slot, request)`: sends the first `request.length` octets of a granted slot. A request that cannot be
//   honoured (longer than the slot, empty, or not granted) sends nothing and is counted as refused.
// - `statistics()`: the counters.
template <class D>
concept device = requires(D d, D const c, transmit_slot slot, transmit_request request) {
    typename std::integral_constant<medium, D::link_medium>;
    typename std::bool_constant<D::capabilities.transmit_checksum>;
    { D::capabilities } -> std::same_as<device_capabilities const&>;
    { c.mtu() } -> std::same_as<std::size_t>;
    { d.receive() } -> std::same_as<received_frame>;
    { d.grant() } -> std::same_as<transmit_slot>;
    d.commit(slot, request);
    { c.statistics() } -> std::same_as<device_statistics const&>;
};

// A device that an operating system can wait for: `native_handle()` is a file descriptor that polls readable when
// receive() has something to hand out.
template <class D>
concept waitable_device = device<D> && requires(D const c) {
    { c.native_handle() } -> std::same_as<int>;
};

} // namespace plywire
