// expect: plywire: name ethernet::layer<>, arp::layer<> and ipv4::layer<> in this order, bottom up
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;
using device_type = memory_link<medium::ethernet>::end;

#ifdef MISTAKE
using host = stack<device_type, arp::layer<>, ethernet::layer<>, ipv4::layer<>>;
#else
using host = stack<device_type, ethernet::layer<>, arp::layer<>, ipv4::layer<>>;
#endif
static_assert(sizeof(host) > 0);
