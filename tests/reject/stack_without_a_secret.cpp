// expect: plywire: this stack needs a secret
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;

void compose(memory_link<medium::ip>& link) {
#ifdef MISTAKE
    ip_host<memory_link<medium::ip>::end> host(link.first(), ipv4::settings{});
#else
    ip_host<memory_link<medium::ip>::end> host(link.first(), ipv4::settings{}, tcp::settings{.secret = {1, 2}});
#endif
    host.poll(instant{});
}
