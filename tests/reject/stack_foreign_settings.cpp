// expect: plywire: these settings belong to no layer of this stack
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;

void compose(memory_link<medium::ip>& link) {
#ifdef MISTAKE
    stack<memory_link<medium::ip>::end, ipv4::layer<>> host(link.first(), ipv4::settings{},
                                                            tcp::settings{.secret = {1, 2}});
#else
    stack<memory_link<medium::ip>::end, ipv4::layer<>> host(link.first(), ipv4::settings{});
#endif
    host.poll(instant{});
}
