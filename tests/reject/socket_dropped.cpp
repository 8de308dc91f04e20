// expect: nodiscard
#pragma GCC diagnostic error "-Wunused-result"
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

using namespace plywire;

void serve(ip_host<memory_link<medium::ip>::end>& host) {
#ifdef MISTAKE
    host.tcp().listen(80); // closes again at once
#else
    auto listener = host.tcp().listen(80);
#endif
}
