// Sleeping until a file descriptor is ready, a deadline comes or somebody calls: epoll.
#pragma once

#ifndef __linux__
#error "plywire: event_wait is built on epoll, which exists on Linux only"
#endif

#include <plywire/base/time.hpp>
#include <plywire/io/file_descriptor.hpp>
#include <plywire/io/os_error.hpp>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <expected>
#include <utility>

namespace plywire {

// Why wait() came back. None of them set: the timeout ran out, or a signal arrived.
struct wait_result {
    bool ready = false; // a watched file descriptor is readable, or writable where that was asked for
    bool woken = false; // wake() was called since the last wait
    int failed = -1;    // a watched file descriptor that reports an error or a hang-up (its interface is gone), or -1
};

// An epoll instance and a bell to wake it. Level-triggered: what is not taken is reported again. One thread waits;
// wake() may be called from any thread and from a signal handler. Move-only.
class event_wait {
public:
    // Fails when the process has no file descriptors left.
    [[nodiscard]] static std::expected<event_wait, os_error> open() {
        event_wait made;
        made.epoll_ = file_descriptor(::epoll_create1(EPOLL_CLOEXEC));
        if (!made.epoll_) {
            return std::unexpected(os_error{errno, "cannot create an epoll instance", {}});
        }
        made.bell_ = file_descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!made.bell_) {
            return std::unexpected(os_error{errno, "cannot create an eventfd", {}});
        }
        if (auto const watched = made.watch(made.bell_.number()); !watched) {
            return std::unexpected(watched.error());
        }
        return made;
    }

    // Watches `descriptor` until it is readable and, if asked, until it is writable; said again, changes what for.
    std::expected<void, os_error> watch(int descriptor, bool also_writable = false) {
        epoll_event event{};
        event.events = EPOLLIN | (also_writable ? std::uint32_t{EPOLLOUT} : 0);
        event.data.fd = descriptor;
        if (::epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event) == 0 ||
            (errno == ENOENT && ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0)) {
            return {};
        }
        return std::unexpected(os_error{errno, "cannot watch a file descriptor", {}});
    }

    // Watches it no longer. One that is closed is forgotten by itself.
    void forget(int descriptor) { ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr); }

    // Sleeps until something watched is ready, wake() is called, a signal arrives or `deadline` is reached; with
    // instant::never(), for as long as it takes. `now` is by the same clock as `deadline`.
    std::expected<wait_result, os_error> wait(instant deadline, instant now) {
        epoll_event events[8];
        int const count =
            deadline == instant::never() ? pause(events, 8, nullptr) : pause_for(events, 8, deadline - now);
        if (count < 0 && errno != EINTR) {
            return std::unexpected(os_error{errno, "cannot wait for events", {}});
        }
        wait_result result;
        for (int i = 0; i < count; ++i) {
            if (events[i].data.fd == bell_.number()) {
                std::uint64_t rings = 0;
                result.woken = ::read(bell_.number(), &rings, sizeof rings) > 0 || result.woken;
            } else if ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0) {
                result.failed = events[i].data.fd;
            } else {
                result.ready = true;
            }
        }
        return result;
    }

    // Makes the wait() that is under way, or else the next one, come back at once. Safe in a signal handler.
    void wake() const {
        int const saved = errno;
        std::uint64_t const one = 1;
        [[maybe_unused]] auto const written =
            ::write(bell_.number(), &one, sizeof one); // fails when rung 2^64 - 1 times
        errno = saved;
    }

private:
    event_wait() = default;

    struct timespec_64 { // what the system call takes on every architecture
        std::int64_t seconds;
        std::int64_t nanoseconds;
    };

    int pause_for(epoll_event* events, int room, duration length) {
        std::int64_t const left = length.nanoseconds < 0 ? 0 : length.nanoseconds;
        timespec_64 const timeout{left / 1'000'000'000, left % 1'000'000'000};
        return pause(events, room, &timeout);
    }

    int pause(epoll_event* events, int room, timespec_64 const* timeout) {
#ifdef SYS_epoll_pwait2
        auto const count = ::syscall(SYS_epoll_pwait2, epoll_.number(), events, room, timeout, nullptr, std::size_t{0});
        if (count >= 0 || errno != ENOSYS) {
            return static_cast<int>(count);
        }
#endif
        // Before Linux 5.11 there are only milliseconds: rounded up, so as not to come back before the deadline.
        int milliseconds = -1;
        if (timeout != nullptr) {
            std::int64_t const up = (timeout->nanoseconds + 999'999) / 1'000'000;
            milliseconds =
                timeout->seconds >= 2'000'000 ? 2'000'000'000 : static_cast<int>(timeout->seconds * 1000 + up);
        }
        return ::epoll_wait(epoll_.number(), events, room, milliseconds);
    }

    file_descriptor epoll_;
    file_descriptor bell_;
};

} // namespace plywire
