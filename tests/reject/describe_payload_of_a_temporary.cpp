// expect: TemporaryOutlivedByItsPacket = std::vector<std::byte
#include <plywire/describe/build.hpp>
#include <plywire/headers/udp.hpp>

#include <vector>

std::vector<std::byte> octets();

#ifdef MISTAKE
auto packet = plywire::udp::header() / plywire::payload(octets());
#else
auto const kept = octets();
auto packet = plywire::udp::header() / plywire::payload(kept);
#endif
