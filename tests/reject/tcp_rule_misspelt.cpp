// expect: is_not_the_name_of_a_rule
#include <plywire/machine/policies.hpp>
#include <plywire/machine/satisfies.hpp>

#ifdef MISTAKE
static_assert(plywire::tcp::satisfies<plywire::tcp::defaults, "MUST-10">);
#else
static_assert(plywire::tcp::satisfies<plywire::tcp::defaults, "9293-MUST-10">);
#endif
