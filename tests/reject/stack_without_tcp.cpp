// expect: plywire: this stack has no tcp::layer<>
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;
using device_type = memory_link<medium::ip>::end;

#ifdef MISTAKE
using host = stack<device_type, ipv4::layer<>, udp::layer<>>;
#else
using host = stack<device_type, ipv4::layer<>, tcp::layer<>>;
#endif

auto connections(host& h) { return h.tcp().connections(); }
