// expect: plywire: the device of a host in a world is a world_device, or a wrapper that hands on its deadline()
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>
#include <plywire/world/world.hpp>

using namespace plywire;
using namespace plywire::literals;

#ifdef MISTAKE
using device_type = memory_link<medium::ip>::end;
#else
using device_type = world_device<medium::ip>;
#endif

void add(world& w, stack<device_type, ipv4::layer<>, icmpv4::layer<>>& host) { w.add(host); }
