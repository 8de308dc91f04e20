// The run loop, driving a host that only counts.
#ifdef __linux__

#include <plywire/stack/run.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <csignal>
#include <thread>

#include <fcntl.h>

using namespace plywire;

namespace {

// A device whose frames are the octets of a pipe.
struct pipe_device {
    static constexpr medium link_medium = medium::ip;
    static constexpr device_capabilities capabilities{};

    pipe_device() {
        int ends[2] = {-1, -1};
        REQUIRE(::pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
        from = file_descriptor(ends[0]);
        to = file_descriptor(ends[1]);
    }
    std::size_t mtu() const { return 1; }
    received_frame receive() {
        return {.octets = mutable_bytes(room).first(::read(from.number(), room.data(), 1) == 1 ? 1 : 0)};
    }
    transmit_slot grant() { return {room}; }
    void commit(transmit_slot, transmit_request) {}
    device_statistics const& statistics() const { return counted; }
    int native_handle() const { return from.number(); }
    void arrives() { REQUIRE(::write(to.number(), "x", 1) == 1); }

    file_descriptor from, to;
    std::array<std::byte, 1> room{};
    device_statistics counted{};
};
static_assert(waitable_device<pipe_device>);

struct counting_host {
    void time_passes(instant) { ++turns; }
    std::size_t receive(instant, std::size_t) {
        bool const got = bool(line.receive());
        frames += got;
        return got;
    }
    std::size_t transmit(instant, std::size_t) { return std::exchange(to_send, 0); }
    instant deadline() const { return due; }
    bool wants_to_transmit() const { return false; }
    pipe_device& device() { return line; }

    pipe_device line;
    int turns = 0;
    int frames = 0;
    std::size_t to_send = 0;
    instant due = instant::never();
};
static_assert(runnable_host<counting_host>);

run_loop* signalled = nullptr;

} // namespace

TEST_CASE("the loop takes frames until its handler answers false", "[stack][run]") {
    counting_host host;
    host.line.arrives();
    host.line.arrives();
    REQUIRE(run(host, [](counting_host& h) { return h.frames < 2; }));
    CHECK(host.frames == 2);
    CHECK(host.turns == 2);
}

TEST_CASE("the loop sleeps until the host's deadline or the handler's, whichever is earlier", "[stack][run]") {
    counting_host host;
    instant const start = monotonic_now();
    host.due = start + seconds(100);
    auto loop = run_loop::open();
    REQUIRE(loop);
    int calls = 0;
    REQUIRE(loop->run(host, [&](counting_host&) -> instant {
        if (++calls == 3) {
            loop->stop();
        }
        return start + milliseconds(5 * calls);
    }));
    CHECK(monotonic_now() - start >= milliseconds(5));
    CHECK(monotonic_now() - start < seconds(50));
    CHECK(host.turns == 3);
}

TEST_CASE("a turn that sent something looks once more before it sleeps", "[stack][run]") {
    counting_host host;
    int calls = 0;
    REQUIRE(run(host, [&](counting_host& h) {
        h.to_send = calls == 0 ? 1 : 0;
        return ++calls < 2;
    }));
    CHECK(calls == 2);
}

TEST_CASE("a device that hangs up ends the loop with an error, after its last frame", "[stack][run]") {
    counting_host host;
    host.line.arrives();
    host.line.to = file_descriptor();
    CHECK_FALSE(run(host, [](counting_host& h) { return h.turns < 100; }));
    CHECK(host.frames == 1);
    CHECK(host.turns < 5);
}

TEST_CASE("another thread stops the loop, and it can run again", "[stack][run]") {
    counting_host host;
    auto loop = run_loop::open();
    REQUIRE(loop);
    for (int turn = 0; turn < 2; ++turn) {
        std::thread other([&] { loop->stop(); });
        CHECK(loop->run(host, [](counting_host&) {}));
        other.join();
    }
}

TEST_CASE("a signal handler stops the loop", "[stack][run]") {
    counting_host host;
    auto loop = run_loop::open();
    REQUIRE(loop);
    signalled = &*loop;
    auto const before = std::signal(SIGUSR1, [](int) { signalled->stop(); });
    int calls = 0;
    CHECK(loop->run(host, [&](counting_host&) {
        if (++calls == 1) {
            ::raise(SIGUSR1);
        }
    }));
    std::signal(SIGUSR1, before);
    CHECK(calls == 1);
}

#endif
