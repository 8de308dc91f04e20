// expect: plywire: hex<> takes hexadecimal digits and white space only
#include <plywire/bytes/span.hpp>

#ifdef MISTAKE
constexpr auto octets = plywire::hex<"45 0g">();
#else
constexpr auto octets = plywire::hex<"45 00">();
#endif
