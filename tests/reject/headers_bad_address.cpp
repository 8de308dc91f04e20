// expect: the_literal_is_not_well_formed
#include <plywire/headers/ipv4_address.hpp>

using namespace plywire::literals;

#ifdef MISTAKE
constexpr auto address = "10.9.0.256"_ipv4;
#else
constexpr auto address = "10.9.0.255"_ipv4;
#endif
