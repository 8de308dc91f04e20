// expect: plywire: a set of TCP policies derives from tcp::defaults
#include <plywire/machine/connection.hpp>

#ifdef MISTAKE
struct mine {};
#else
struct mine : plywire::tcp::defaults {};
#endif

plywire::tcp::connection<mine> connection;
