// expect: plywire: the capacity of a ring is a power of two
#include <plywire/bytes/ring.hpp>

#ifdef MISTAKE
plywire::ring<plywire::inline_storage<3>> queue;
#else
plywire::ring<plywire::inline_storage<4>> queue;
#endif
