// Policies that make a connection look like one of a common kernel, to whoever watches it and to scripts written for
// that kernel. Numbers are those of the kernels' defaults; what a kernel tunes by itself is not imitated.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/policies.hpp>
#include <plywire/machine/satisfies.hpp>

namespace plywire::tcp {

// Linux keeps four times RTTVAR from falling below its least time-out of 200 ms.
struct linux_timing : kernel_timing {
    static constexpr duration granularity = milliseconds(200);
};

// FreeBSD adds 200 ms to what it has measured, for slow peers; at least 30 ms and at most 64 s.
struct freebsd_timing : standard_timing {
    using gives_up = rules<"6298-4">;
    static constexpr duration floor = milliseconds(230);
    static constexpr duration ceiling = seconds(64);
    static constexpr duration granularity = milliseconds(200);
};

// Six SYNs after the first, each doubling the wait: 127 s. Text is sent again fifteen times: 924.6 s with the least
// time-out.
struct linux_patience : standard_patience {
    using gives_up = rules<"9293-MUST-23", "9293-UTO-1">; // 3 minutes for a SYN, 5 minutes for text
    static constexpr duration for_handshake = seconds(127);
    static constexpr duration for_data = milliseconds(924'600);
};

// Less than RFC 9293 wants for a SYN.
struct freebsd_patience : standard_patience {
    using gives_up = rules<"9293-MUST-23">;
    static constexpr duration for_handshake = seconds(75);
};

// As Linux 6 by default, but for congestion control and loss recovery, which are NewReno's.
struct linux_like : defaults {
    // Whatever an ACK acknowledges, the window grows by.
    using congestion_control = basic_new_reno<initial_window_ten, std::uint32_t, 0x4000>;
    using retransmission = linux_timing;
    using acknowledgment = quick_acknowledgment<16>;
    using waiting = linux_patience;
    using options = linux_options;
    using push = push_bursts;
    using resets = acknowledging_resets;
    using window = linux_window;
    using tail_probe = probe_tail;
    using fast_open = fast_open_client;
    static constexpr bool answers_acknowledgments_of_unsent = false;
};

// As FreeBSD 14 by default.
struct freebsd_like : defaults {
    using retransmission = freebsd_timing;
    using waiting = freebsd_patience;
    using options = freebsd_options;
    using resets = acknowledging_resets;
    using window = freebsd_window;
};

} // namespace plywire::tcp
