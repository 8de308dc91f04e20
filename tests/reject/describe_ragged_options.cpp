// expect: plywire: the options of this header must fill whole units of its length field
#include <plywire/describe/build.hpp>
#include <plywire/headers/tcp.hpp>

using namespace plywire;

#ifdef MISTAKE
auto segment = to_bytes(tcp::header() / header_tail<tcp::header, 3>());
#else
auto segment = to_bytes(tcp::header() / header_tail<tcp::header, 4>());
#endif
