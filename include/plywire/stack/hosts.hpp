// Ready-made hosts: all layers there are, with default policies.
#pragma once

#include <plywire/machine/policies.hpp>
#include <plywire/protocols/arp_layer.hpp>
#include <plywire/protocols/ethernet_layer.hpp>
#include <plywire/protocols/icmpv4_layer.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/tcp_layer.hpp>
#include <plywire/protocols/udp_layer.hpp>
#include <plywire/stack/stack.hpp>

namespace plywire {

// A host on a device of medium::ip, such as a TUN.
template <class Device, class TcpPolicies = tcp::defaults>
using ip_host = stack<Device, ipv4::layer<>, icmpv4::layer<>, udp::layer<>, tcp::layer<TcpPolicies>>;

// A host on a device of medium::ethernet, such as a TAP.
template <class Device, class TcpPolicies = tcp::defaults>
using ethernet_host = stack<Device, ethernet::layer<>, arp::layer<>, ipv4::layer<>, icmpv4::layer<>, udp::layer<>,
                            tcp::layer<TcpPolicies>>;

} // namespace plywire
