// expect: plywire: the policy congestion_control is no congestion_controller
#include <plywire/machine/connection.hpp>
#include <plywire/machine/no_congestion_control.hpp>

struct wishful {
    constexpr unsigned window() const { return 1u << 30; }
};

struct mine : plywire::tcp::defaults {
#ifdef MISTAKE
    using congestion_control = wishful;
#else
    using congestion_control = plywire::tcp::no_congestion_control;
#endif
};

plywire::tcp::connection<mine> connection;
