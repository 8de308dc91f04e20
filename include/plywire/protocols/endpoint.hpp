// An address and a port: one end of a flow.
#pragma once

#include <plywire/headers/ipv4_address.hpp>

#include <cstdint>

namespace plywire {

// Where a datagram or a segment comes from or goes to.
struct endpoint {
    ipv4::address address{};
    std::uint16_t port = 0;

    friend constexpr bool operator==(endpoint const&, endpoint const&) = default;
};

} // namespace plywire
