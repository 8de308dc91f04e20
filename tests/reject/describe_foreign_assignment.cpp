// expect: plywire: this field belongs to another header
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/udp.hpp>

#ifdef MISTAKE
plywire::udp::header header(plywire::tcp::source_port = 53);
#else
plywire::udp::header header(plywire::udp::source_port = 53);
#endif
