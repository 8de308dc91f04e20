// Virtual time, the host that lives in it, and the calls that wait for something to happen.
//
// packetdrill has two threads: one walks through the script, the other makes the calls that are expected to block. Both
// may drive the clock, one at a time. A call that waits is tried again after everything that happens, by whichever
// thread made it happen; when it is done, that thread waits until the caller has looked at the clock, or the call
// would seem to have returned later than it did.
#pragma once

#include "sysctls.hpp"
#include "tcp_host.hpp"

#include <plywire/base/time.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>

namespace plywire::packetdrill {

// What a call answers: a result, or an errno as a negative number.
using answer = ssize_t;
using attempt = std::function<std::optional<answer>()>;

class world {
public:
    // A packet that the host has sent.
    struct sent_packet {
        packet octets;
        instant at;
    };

    // As packetdrill passes it: "linux", "freebsd" or nothing.
    explicit world(std::string personality)
        : personality_(std::move(personality)) {}

    using guard = std::unique_lock<std::mutex>;
    guard lock() { return guard(mutex_); }

    // ---- all that follows is called with the lock held ----

    // Made when it is first asked for, with what the script's sysctls say by then.
    tcp_host& host();
    sysctls& settings() { return sysctls_; }
    instant now() const { return now_; }

    // The time for who asks; a microsecond passes.
    instant look_at_clock(guard& held);
    // Time passes until then.
    void advance_to(instant then, guard& held);
    // The host and the waiting calls do what they can now.
    void turn(guard& held);
    // Waits in virtual time until the host has sent something; nothing when it never will.
    std::optional<sent_packet> next_sent(guard& held);

    // A thread whose call has returned does in packetdrill what follows from it, before time goes on. Called by the
    // other thread, where packetdrill lets them change over.
    void let_returned_call_settle(guard& held);

    // Tries until `what` answers, at most until `deadline`, which answers `late`.
    answer wait_for(attempt const& what, instant deadline, answer late, guard& held);

private:
    struct waiter {
        attempt const* what;
        instant deadline;
        answer late;
        std::optional<answer> result{};
        std::thread::id thread = std::this_thread::get_id();
    };

    instant next_event() const;
    void serve_waiters(guard& held);
    // What the device is told by `tc` may change at any time.
    void look_at_settings();

    std::mutex mutex_{};
    std::condition_variable changed_{};
    std::string personality_;
    sysctls sysctls_{};
    std::unique_ptr<tcp_host> host_{};
    instant now_ = instant{} + seconds(1'000);
    std::deque<sent_packet> sent_{};
    std::list<waiter*> waiters_{};
    std::optional<std::thread::id> to_look_at_clock_{};
    std::optional<pid_t> returned_{}; // the task whose call has returned, and which may not have gone back to sleep yet
    std::uint64_t drives_ = 0;        // how often somebody has moved the clock or the host
    std::thread::id const main_thread_ = std::this_thread::get_id();
    int turning_ = 0;
};

} // namespace plywire::packetdrill
