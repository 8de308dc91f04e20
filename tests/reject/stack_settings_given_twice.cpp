// expect: plywire: the settings of one layer are given more than once
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;

void compose(memory_link<medium::ip>& link) {
#ifdef MISTAKE
    stack<memory_link<medium::ip>::end, ipv4::layer<>> host(link.first(), ipv4::settings{}, ipv4::settings{});
#else
    stack<memory_link<medium::ip>::end, ipv4::layer<>> host(link.first(), ipv4::settings{});
#endif
    host.poll(instant{});
}
