// expect: plywire: a stack names each layer once
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;
using device_type = memory_link<medium::ip>::end;

#ifdef MISTAKE
using host = stack<device_type, ipv4::layer<>, udp::layer<>, udp::layer<>>;
#else
using host = stack<device_type, ipv4::layer<>, udp::layer<>>;
#endif
static_assert(sizeof(host) > 0);
