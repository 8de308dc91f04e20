// Driving a host in real time: one thread, epoll, no busy waiting.
//
//     auto loop = run_loop::open();                     // std::expected<run_loop, os_error>
//     loop->run(host, [&](auto& h) {                    // called after every turn: take what is ready, send, close
//         while (auto ready = h.tcp().next_ready()) ...
//     });
//
// A turn tells the host the time, lets it take a bounded number of frames, calls the handler and lets the host send, so
// that an answer and the acknowledgment of what it answers leave together; again a bounded number. A kernel answers
// what it is sent during the very write, and its queue for a TUN holds 500 packets: who sends for too long loses the
// answers. When a turn moved nothing the thread sleeps until a frame, a deadline or stop().
#pragma once

#ifndef __linux__
#error "plywire: the run loop is built on epoll, which exists on Linux only"
#endif

#include <plywire/base/time.hpp>
#include <plywire/io/device.hpp>
#include <plywire/io/event_wait.hpp>
#include <plywire/io/monotonic_clock.hpp>
#include <plywire/io/os_error.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <expected>
#include <type_traits>
#include <utility>

namespace plywire {

// What run() can drive: a stack over a device that the operating system can wait for.
template <class H>
concept runnable_host = requires(H h, H const c, instant now) {
    h.time_passes(now);
    { h.receive(now, std::size_t{}) } -> std::convertible_to<std::size_t>;
    { h.transmit(now, std::size_t{}) } -> std::convertible_to<std::size_t>;
    { c.deadline() } -> std::same_as<instant>;
    { c.wants_to_transmit() } -> std::same_as<bool>;
    { h.device() };
    requires waitable_device<std::remove_cvref_t<decltype(h.device())>>;
};

// The loop, and the means to stop it. Not movable once it is shared with a signal handler or a thread; one thread
// runs.
class run_loop {
public:
    static constexpr std::size_t frames_in_per_turn = 256;
    static constexpr std::size_t frames_out_per_turn = 128;

    // Fails when the process has no file descriptors left.
    [[nodiscard]] static std::expected<run_loop, os_error> open() {
        auto wait = event_wait::open();
        if (!wait) {
            return std::unexpected(wait.error());
        }
        return run_loop(std::move(*wait));
    }

    run_loop(run_loop&& other) noexcept
        : wait_(std::move(other.wait_))
        , stopped_(other.stopped_.load()) {}

    // Drives `host` until stop(); then returns nothing, or an error when the device is gone or cannot be waited for.
    // `on_event(host)` is called after every turn; it may answer an instant at which it wants to be called again at
    // the latest, or false to stop.
    template <runnable_host Host, std::invocable<Host&> OnEvent>
    std::expected<void, os_error> run(Host& host, OnEvent on_event) {
        int const handle = host.device().native_handle();
        bool watches_for_room = false;
        if (auto const watched = wait_.watch(handle); !watched) {
            return watched;
        }
        while (!stopped_.load(std::memory_order_relaxed)) {
            instant const now = monotonic_now();
            host.time_passes(now);
            std::size_t moved = host.receive(now, frames_in_per_turn);
            instant const due = call(on_event, host);
            moved += host.transmit(now, frames_out_per_turn);
            if (moved != 0 || stopped_.load(std::memory_order_relaxed)) {
                continue; // there may be more: look again before going to sleep
            }
            bool const wants_room = waits_for_room(host);
            if (wants_room != std::exchange(watches_for_room, wants_room)) {
                if (auto const watched = wait_.watch(handle, wants_room); !watched) {
                    return watched;
                }
            }
            auto const woke = wait_.wait(std::min(due, host.deadline()), monotonic_now());
            if (!woke) {
                return std::unexpected(woke.error());
            }
            if (woke->failed == handle) {
                return std::unexpected(os_error{ENODEV, "cannot go on: the device is gone", {}});
            }
        }
        stopped_.store(false);
        wait_.forget(handle);
        return {};
    }

    // Ends the run() that is under way, or else the next one, after the turn it is in. May be called from any thread
    // and from a signal handler.
    void stop() {
        stopped_.store(true, std::memory_order_relaxed);
        wait_.wake();
    }

private:
    explicit run_loop(event_wait wait)
        : wait_(std::move(wait)) {}

    // When the handler wants to be called again.
    template <class Host, class OnEvent>
    instant call(OnEvent& on_event, Host& host) {
        using answer = std::invoke_result_t<OnEvent&, Host&>;
        if constexpr (std::same_as<answer, instant>) {
            return on_event(host);
        } else if constexpr (std::same_as<answer, bool>) {
            if (!on_event(host)) {
                stopped_.store(true, std::memory_order_relaxed);
            }
            return instant::never();
        } else {
            static_assert(std::is_void_v<answer>,
                          "plywire: the handler of a run loop answers nothing, a bool or an instant");
            on_event(host);
            return instant::never();
        }
    }

    // Whether room in the device is worth waking up for. A device that keeps a frame for later is asked to send it
    // first.
    template <class Host>
    static bool waits_for_room(Host& host) {
        bool pending = false;
        if constexpr (requires { host.device().flush(); }) {
            pending = !host.device().flush();
        }
        return pending || host.wants_to_transmit();
    }

    event_wait wait_;
    std::atomic<bool> stopped_ = false;
};

// Drives `host` until `on_event` answers false (see run_loop::run).
template <runnable_host Host, std::invocable<Host&> OnEvent>
std::expected<void, os_error> run(Host& host, OnEvent on_event) {
    auto loop = run_loop::open();
    if (!loop) {
        return std::unexpected(loop.error());
    }
    return loop->run(host, std::move(on_event));
}

} // namespace plywire
