// expect: plywire: a TAP device carries Ethernet frames: name ethernet::layer<> and arp::layer<> before ipv4::layer<>
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;
using device_type = memory_link<medium::ethernet>::end;

#ifdef MISTAKE
using host = stack<device_type, ipv4::layer<>, icmpv4::layer<>>;
#else
using host = stack<device_type, ethernet::layer<>, arp::layer<>, ipv4::layer<>, icmpv4::layer<>>;
#endif
static_assert(sizeof(host) > 0);
