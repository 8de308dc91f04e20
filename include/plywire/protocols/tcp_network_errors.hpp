// What ICMP errors mean to TCP. Read RFC 1122 3.2.2 and 4.2.3.9 first.
#pragma once

#include <plywire/headers/icmpv4.hpp>
#include <plywire/machine/network_error.hpp>

#include <cstdint>

namespace plywire::tcp::detail {

// Types that are no error about a packet count as source quench, which nobody heeds (RFC 6633).
constexpr network_error_kind meaning_of(std::uint8_t type, std::uint8_t code) {
    using kind = network_error_kind;
    if (type == icmpv4::type_time_exceeded) {
        return kind::time_exceeded;
    }
    if (type == icmpv4::type_parameter_problem) {
        return kind::parameter_problem;
    }
    if (type != icmpv4::type_destination_unreachable) {
        return kind::source_quench;
    }
    switch (code) { // RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1
    case 1:
    case 7:
    case 8:
    case 12: return kind::host_unreachable;
    case 2: return kind::protocol_unreachable;
    case 3: return kind::port_unreachable;
    case 4: return kind::fragmentation_needed;
    case 5: return kind::source_route_failed;
    case 9:
    case 10:
    case 13: return kind::prohibited;
    default: return kind::network_unreachable;
    }
}

} // namespace plywire::tcp::detail
