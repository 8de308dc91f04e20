// expect: plywire: what follows the device must be layers, such as ipv4::layer<>
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;
using device_type = memory_link<medium::ip>::end;

#ifdef MISTAKE
using host = stack<device_type, ipv4::header>;
#else
using host = stack<device_type, ipv4::layer<>>;
#endif
static_assert(sizeof(host) > 0);
