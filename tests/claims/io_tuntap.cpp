// TUN and TAP are devices that a loop can wait for.
#include <plywire/io/tap.hpp>
#include <plywire/io/tun.hpp>

static_assert(plywire::waitable_device<plywire::tun>);
static_assert(plywire::waitable_device<plywire::tap>);
