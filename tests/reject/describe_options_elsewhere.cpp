// expect: plywire: options stand directly behind their header
#include <plywire/describe/build.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp_options.hpp>

using namespace plywire;

#ifdef MISTAKE
auto segment = to_bytes(tcp::header() / payload("hi") / tcp::options(tcp::maximum_segment_size(1460)));
#else
auto segment = to_bytes(tcp::header() / tcp::options(tcp::maximum_segment_size(1460)) / payload("hi"));
#endif
