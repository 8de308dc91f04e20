// expect: plywire: the first argument of stack must model device (io/device.hpp)
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;

#ifdef MISTAKE
using host = stack<ipv4::layer<>, udp::layer<>>;
#else
using host = stack<memory_link<medium::ip>::end, ipv4::layer<>, udp::layer<>>;
#endif
static_assert(sizeof(host) > 0);
