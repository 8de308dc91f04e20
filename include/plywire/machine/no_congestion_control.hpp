// No congestion control at all: for links that cannot be congested, and for comparison. Not for the Internet.
#pragma once

#include <plywire/machine/congestion_controller.hpp>
#include <plywire/machine/satisfies.hpp>

#include <cstdint>

namespace plywire::tcp {

// Only the peer's window limits what is in flight. Has no state.
struct no_congestion_control {
    // Slow start and congestion avoidance; the windows at the start, after a time-out and after a pause.
    using gives_up = rules<"9293-MUST-19", "5681-2", "5681-3", "5681-10", "5681-17">;
    constexpr void start(std::uint32_t, bool) {}
    constexpr void acknowledged(std::uint32_t, path_view const&) {}
    constexpr void congestion_detected(path_view const&) {}
    constexpr void recovered(path_view const&) {}
    constexpr void timed_out(path_view const&, bool) {}
    constexpr void resumed_after_idle(path_view const&) {}
    constexpr std::uint32_t window() const { return unlimited; }
    constexpr std::uint32_t slow_start_threshold() const { return unlimited; }

private:
    // Far above every peer's window, far enough below 2^31 that sequence numbers still compare.
    static constexpr std::uint32_t unlimited = std::uint32_t{1} << 30;
};

} // namespace plywire::tcp
