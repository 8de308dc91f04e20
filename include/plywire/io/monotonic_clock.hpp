// The one clock: for whoever drives a host in real time. Nothing else in plywire reads it.
#pragma once

#include <plywire/base/time.hpp>

#include <ctime>

namespace plywire {

// Nanoseconds since some moment before this program started, on a clock that is never set back.
inline instant monotonic_now() {
    std::timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return {static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec};
}

} // namespace plywire
