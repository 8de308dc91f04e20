// expect: plywire: this field belongs to another header
#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/udp.hpp>

std::uint16_t port(plywire::view<plywire::tcp::header> const& segment) {
#ifdef MISTAKE
    return segment[plywire::udp::source_port];
#else
    return segment[plywire::tcp::source_port];
#endif
}
