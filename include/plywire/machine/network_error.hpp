// What the network says about segments of ours that it could not deliver. Read RFC 5927 first, then RFC 9293 section
// 3.9.2.2: anybody can send such a message, so it is believed only as far as it must be.
#pragma once

#include <plywire/machine/control_block.hpp>
#include <plywire/machine/reports.hpp>

#include <cstdint>

namespace plywire::tcp {

// ICMP errors by their meaning, for IPv4 and IPv6 alike.
enum class network_error_kind : std::uint8_t {
    network_unreachable,  // IPv4 destination unreachable, code 0; IPv6 code 0
    host_unreachable,     // IPv4 code 1; IPv6 code 3
    protocol_unreachable, // IPv4 code 2; IPv6 parameter problem, code 1
    port_unreachable,     // IPv4 code 3; IPv6 code 4
    fragmentation_needed, // IPv4 code 4; IPv6 packet too big: news only, until there is path MTU discovery
    source_route_failed,  // IPv4 code 5
    prohibited,           // IPv4 codes 9, 10 and 13; IPv6 code 1
    time_exceeded,        // both codes
    parameter_problem,    // the others
    source_quench,        // IPv4 type 4: dropped (RFC 9293 MUST-55, RFC 6633)
};

namespace detail {

// Hard: it will not pass by itself. RFC 9293 SHLD-26 names IPv4's codes 2 to 4; 4 belongs to path MTU discovery and is soft
// here, and who administers the network means what `prohibited` says.
constexpr bool is_hard(network_error_kind kind) {
    return kind == network_error_kind::protocol_unreachable || kind == network_error_kind::port_unreachable ||
           kind == network_error_kind::prohibited;
}

constexpr advice advice_about(network_error_kind kind) {
    switch (kind) {
    case network_error_kind::network_unreachable: return advice::network_unreachable;
    case network_error_kind::host_unreachable: return advice::host_unreachable;
    case network_error_kind::protocol_unreachable: return advice::protocol_unreachable;
    case network_error_kind::port_unreachable: return advice::port_unreachable;
    case network_error_kind::fragmentation_needed: return advice::fragmentation_needed;
    case network_error_kind::source_route_failed: return advice::source_route_failed;
    case network_error_kind::prohibited: return advice::prohibited;
    case network_error_kind::time_exceeded: return advice::time_exceeded;
    default: return advice::parameter_problem;
    }
}

// Whether the error quotes a segment that is on its way (RFC 5927 section 4.1): who cannot see our segments would have to
// guess. Not in CLOSED, LISTEN and TIME-WAIT, where nothing is.
template <class P>
constexpr bool is_about_us(control_block<P> const& c, sequence quoted) {
    if (c.now_in == state::closed || c.now_in == state::listen) return false;
    return !before(quoted, c.send.unacknowledged) && before(quoted, c.send.sent);
}

template <class P>
constexpr void network_error(control_block<P>& c, network_error_kind kind, sequence quoted) {
    if (kind == network_error_kind::source_quench || !is_about_us(c, quoted)) return;
    c.reports.get().give(advice_about(kind));
    if (!is_hard(kind)) return; // RFC 9293 MUST-56: soft errors end nothing
    // RFC 5927 section 5.2: nor do hard ones once the two have spoken with each other. Who waits in LISTEN for a peer
    // goes on waiting.
    error const why = kind == network_error_kind::prohibited ? error::unreachable : error::refused;
    if (c.now_in == state::syn_sent) {
        c.template move<state::syn_sent, state::closed>();
        c.end(why);
    } else if (c.now_in == state::syn_received && !c.opened_passively) {
        c.template move<state::syn_received, state::closed>();
        c.end(why);
    }
}

} // namespace detail

} // namespace plywire::tcp
