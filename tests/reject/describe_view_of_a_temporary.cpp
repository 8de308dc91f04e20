// expect: TemporaryOutlivedByItsView = std::array<std::byte, 8>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/udp.hpp>

#include <array>

std::array<std::byte, 8> octets();

#ifdef MISTAKE
auto header = plywire::parse<plywire::udp::header>(octets());
#else
auto const kept = octets();
auto header = plywire::parse<plywire::udp::header>(kept);
#endif
