// expect: the_value_does_not_fit_its_field
#include <plywire/headers/ipv4.hpp>

using namespace plywire;

#ifdef MISTAKE
constexpr ipv4::header header(ipv4::dscp = 64);
#else
constexpr ipv4::header header(ipv4::dscp = 63);
#endif
