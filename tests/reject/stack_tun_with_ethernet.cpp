// expect: plywire: a TUN device carries IP packets: leave out ethernet::layer<> and arp::layer<>
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;
using device_type = memory_link<medium::ip>::end;

#ifdef MISTAKE
using host = stack<device_type, ethernet::layer<>, arp::layer<>, ipv4::layer<>>;
#else
using host = stack<device_type, ipv4::layer<>>;
#endif
static_assert(sizeof(host) > 0);
