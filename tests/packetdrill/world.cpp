#include "world.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <fstream>
#include <unistd.h>
#include <utility>

namespace plywire::packetdrill {

namespace {

// Nothing that a script waits for takes longer.
constexpr duration longest_silence = hours(3);
// How long a thread that was woken may take to look at the clock, in real time; it has nothing else to do.
constexpr std::chrono::seconds longest_look{2};

// How long, in real time, nobody moves the clock until a call that waits takes it that all wait for this call. Less than
// the second that packetdrill waits for.
constexpr std::chrono::milliseconds longest_idleness{600};

// What happens at one instant comes to an end.
constexpr int most_rounds = 1'000;

// Whether a task of this process waits for something; one that is gone does for ever.
bool is_asleep(pid_t task) {
    std::ifstream status("/proc/self/task/" + std::to_string(task) + "/stat");
    std::string text;
    std::getline(status, text);
    auto const end_of_name = text.rfind(')'); // behind it: a space, and the letter for its state
    return end_of_name == std::string::npos || text.compare(end_of_name, 3, ") S") == 0;
}

} // namespace

tcp_host& world::host() {
    if (host_ == nullptr) {
        sysctls_.refresh();
        host_settings s;
        s.address = ipv4::address{192, 168, 44, 2};
        s.timestamps = sysctls_.number("net.ipv4.tcp_timestamps", 1) != 0;
        s.window_scaling = sysctls_.number("net.ipv4.tcp_window_scaling", 1) != 0;
        s.selective_acknowledgments = sysctls_.number("net.ipv4.tcp_sack", 1) != 0;
        // The largest that Linux would let the buffers grow to: it is what its window scale is chosen for. plywire
        // would round up to a power of two.
        auto const largest = [&](char const* name, std::int64_t otherwise) {
            return std::bit_floor(static_cast<std::uint32_t>(sysctls_.number(name, otherwise, 2)));
        };
        s.tcp.connection.receive_buffer = largest("net.ipv4.tcp_rmem", 6 << 20);
        s.tcp.connection.send_buffer = largest("net.ipv4.tcp_wmem", 4 << 20);
        host_ = make_host(personality_, s);
        look_at_settings();
    }
    return *host_;
}

void world::look_at_settings() {
    if (host_ != nullptr) {
        host_->set_full(sysctls_.text("tc.limit") == "0");
    }
}

instant world::next_event() const {
    instant next = host_ == nullptr ? instant::never() : host_->deadline();
    for (waiter const* const w : waiters_) {
        next = std::min(next, w->deadline);
    }
    return next;
}

instant world::look_at_clock(guard& held) {
    advance_to(now_ + microseconds(1), held);
    if (to_look_at_clock_ == std::this_thread::get_id()) {
        to_look_at_clock_.reset();
        changed_.notify_all();
    }
    return now_;
}

void world::advance_to(instant then, guard& held) {
    if (sysctls_.refresh()) {
        look_at_settings();
    }
    for (instant next = next_event(); next <= then; next = next_event()) {
        // What is overdue and stays so, as with a device that is full, is looked at once a microsecond.
        now_ = next > now_ ? next : now_ + microseconds(1);
        if (now_ > then) {
            break;
        }
        turn(held);
    }
    now_ = std::max(now_, then);
}

void world::turn(guard& held) {
    if (turning_ != 0) {
        return; // a call that waits is being tried, and the turn goes on after it
    }
    ++turning_;
    ++drives_;
    bool again = true;
    for (int rounds = 0; again && rounds < most_rounds; ++rounds) {
        again = false;
        if (host_ != nullptr) {
            host_->poll(now_);
            for (packet p = host_->take(); !p.empty(); p = host_->take()) {
                sent_.push_back({std::move(p), now_});
            }
        }
        for (auto i = waiters_.begin(); i != waiters_.end();) {
            waiter& w = **i;
            w.result = (*w.what)();
            if (!w.result && now_ >= w.deadline) {
                w.result = w.late;
            }
            if (!w.result) {
                ++i;
                continue;
            }
            again = true;
            i = waiters_.erase(i);
            to_look_at_clock_ = w.thread;
        }
        again = again || (host_ != nullptr && host_->deadline() <= now_);
    }
    --turning_;
    if (to_look_at_clock_ && *to_look_at_clock_ != std::this_thread::get_id()) {
        changed_.notify_all();
        changed_.wait_for(held, longest_look, [&] { return !to_look_at_clock_; });
        to_look_at_clock_.reset();
    }
}

void world::let_returned_call_settle(guard& held) {
    if (!returned_ || *returned_ == ::gettid()) {
        return;
    }
    auto const task = *returned_;
    returned_.reset();
    held.unlock();
    for (auto const end = std::chrono::steady_clock::now() + longest_look;
         !is_asleep(task) && std::chrono::steady_clock::now() < end;) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    held.lock();
}

std::optional<world::sent_packet> world::next_sent(guard& held) {
    instant const end = now_ + longest_silence;
    turn(held);
    while (sent_.empty()) {
        instant const next = std::max(next_event(), now_ + microseconds(1));
        if (next > end) {
            return std::nullopt;
        }
        advance_to(next, held);
    }
    sent_packet first = std::move(sent_.front());
    sent_.pop_front();
    return first;
}

answer world::wait_for(attempt const& what, instant deadline, answer late, guard& held) {
    turn(held);
    if (auto const at_once = what()) {
        return *at_once;
    }
    turn(held); // it may have done part of its work
    waiter w{.what = &what, .deadline = deadline, .late = late};
    if (w.thread != main_thread_) {
        waiters_.push_back(&w);
        while (!w.result) {
            std::uint64_t const before = drives_;
            changed_.wait_for(held, longest_idleness, [&] { return w.result.has_value() || drives_ != before; });
            if (!w.result && drives_ == before) {
                // The script's thread waits for this call to end: it is up to us to let time pass.
                advance_to(std::min(w.deadline, std::max(next_event(), now_ + microseconds(1))), held);
            }
        }
        returned_ = ::gettid();
        return *w.result;
    }
    // The script goes on after this call only: it is up to us to let time pass.
    instant const end = std::min(deadline, now_ + longest_silence);
    while (now_ < end) {
        advance_to(std::min(end, std::max(next_event(), now_ + microseconds(1))), held);
        if (auto const result = what()) {
            return *result;
        }
    }
    return late;
}

} // namespace plywire::packetdrill
