// expect: the_value_does_not_fit_its_field
#include <plywire/describe/build.hpp>
#include <plywire/headers/ipv4.hpp>

using namespace plywire;

#ifdef MISTAKE
constexpr std::size_t octets = 65516; // with its header one more than total_length can say
#else
constexpr std::size_t octets = 1000;
#endif

constexpr auto packet = to_bytes(ipv4::header() / payload(std::array<std::byte, octets>{}));
