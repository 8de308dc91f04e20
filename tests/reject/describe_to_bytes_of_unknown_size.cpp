// expect: plywire: to_bytes needs a payload whose size is part of its type
#include <plywire/describe/build.hpp>
#include <plywire/headers/udp.hpp>

using namespace plywire;

auto datagram(bytes_view cargo) {
#ifdef MISTAKE
    return to_bytes(udp::header() / payload(cargo));
#else
    std::array<std::byte, 100> octets;
    return write(udp::header() / payload(cargo), octets);
#endif
}
