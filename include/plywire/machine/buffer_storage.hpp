// Where the octets of a send or receive buffer are kept.
#pragma once

#include <plywire/bytes/ring.hpp>

#include <concepts>
#include <cstddef>

namespace plywire::tcp {

// What the storage behind a buffer must answer. It may assume that data() is used only after provide() has said true,
// and not after release(). A storage that can be constructed from a number takes its capacity from connection_settings.
template <class S>
concept buffer_storage = std::movable<S> && std::default_initializable<S> && requires(S storage, S const fixed) {
    { fixed.capacity() } -> std::convertible_to<std::size_t>; // octets: a power of two, or 0
    { storage.provide() } -> std::convertible_to<bool>;       // whether there is memory for all of them now
    storage.release();                                        // they are not needed any more
    { storage.data() } -> std::convertible_to<std::byte*>;
    { fixed.data() } -> std::convertible_to<std::byte const*>;
};

} // namespace plywire::tcp
