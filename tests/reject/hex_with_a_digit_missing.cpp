// expect: plywire: hex<> takes two digits for each octet
#include <plywire/bytes/span.hpp>

#ifdef MISTAKE
constexpr auto octets = plywire::hex<"45 0">();
#else
constexpr auto octets = plywire::hex<"45 00">();
#endif
