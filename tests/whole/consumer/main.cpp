// A stranger's program: it has nothing but the package.
#include <plywire/plywire.hpp>

#include <array>
#include <cstddef>

int main() {
    std::array<std::byte, 8> const datagram = plywire::hex<"0035 3039 0008 0000">();
    auto const parsed = plywire::parse<plywire::udp::header>(datagram);
    return parsed && (*parsed)[plywire::udp::source_port] == 53 ? 0 : 1;
}
