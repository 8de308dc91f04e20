// expect: plywire: nothing says under which number this header carries the one that follows
#include <plywire/describe/build.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/udp.hpp>

using namespace plywire;

#ifdef MISTAKE
auto frame = to_bytes(ethernet::header() / udp::header());
#else
auto frame = to_bytes(ethernet::header() / ipv4::header() / udp::header());
#endif
