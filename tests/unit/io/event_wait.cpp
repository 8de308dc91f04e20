// Waiting for file descriptors, deadlines and calls.
#ifdef __linux__

#include <plywire/io/event_wait.hpp>
#include <plywire/io/monotonic_clock.hpp>

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <thread>

using namespace plywire;

namespace {

struct pipe_ends {
    pipe_ends() {
        int ends[2] = {-1, -1};
        REQUIRE(::pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
        read = file_descriptor(ends[0]);
        write = file_descriptor(ends[1]);
    }
    file_descriptor read;
    file_descriptor write;
};

} // namespace

TEST_CASE("waiting ends at the deadline, not before it", "[io][event_wait]") {
    auto wait = event_wait::open();
    REQUIRE(wait);
    for (auto const length : {microseconds(50), milliseconds(3)}) {
        instant const start = monotonic_now();
        auto const result = wait->wait(start + length, start);
        REQUIRE(result);
        CHECK(!result->ready);
        CHECK(!result->woken);
        CHECK(monotonic_now() - start >= length);
    }
}

TEST_CASE("a deadline that has passed only looks", "[io][event_wait]") {
    auto wait = event_wait::open();
    REQUIRE(wait);
    REQUIRE(wait->wait(instant{0}, monotonic_now()));
}

TEST_CASE("what is readable is reported until it has been read", "[io][event_wait]") {
    auto wait = event_wait::open();
    REQUIRE(wait);
    pipe_ends ends;
    REQUIRE(wait->watch(ends.read.number()));
    CHECK(!wait->wait(instant{0}, instant{1})->ready);
    REQUIRE(::write(ends.write.number(), "x", 1) == 1);
    CHECK(wait->wait(instant::never(), instant{1})->ready);
    CHECK(wait->wait(instant::never(), instant{1})->ready);
    char octet = 0;
    REQUIRE(::read(ends.read.number(), &octet, 1) == 1);
    CHECK(!wait->wait(instant{0}, instant{1})->ready);
    REQUIRE(::write(ends.write.number(), "x", 1) == 1);
    wait->forget(ends.read.number());
    CHECK(!wait->wait(instant{0}, instant{1})->ready);
}

TEST_CASE("room to write is reported only when it was asked for", "[io][event_wait]") {
    auto wait = event_wait::open();
    REQUIRE(wait);
    pipe_ends ends;
    REQUIRE(wait->watch(ends.write.number()));
    CHECK(!wait->wait(instant{0}, instant{1})->ready);
    REQUIRE(wait->watch(ends.write.number(), true));
    CHECK(wait->wait(instant{0}, instant{1})->ready);
    REQUIRE(wait->watch(ends.write.number(), false));
    CHECK(!wait->wait(instant{0}, instant{1})->ready);
}

TEST_CASE("a descriptor whose other end is gone is reported as failed", "[io][event_wait]") {
    auto wait = event_wait::open();
    REQUIRE(wait);
    pipe_ends ends;
    REQUIRE(wait->watch(ends.write.number()));
    ends.read = file_descriptor();
    CHECK(wait->wait(instant::never(), instant{1})->failed == ends.write.number());
}

TEST_CASE("a descriptor that was hung up is reported as failed to who only reads", "[io][event_wait]") {
    auto wait = event_wait::open();
    REQUIRE(wait);
    pipe_ends ends;
    REQUIRE(wait->watch(ends.read.number()));
    ends.write = file_descriptor();
    CHECK(wait->wait(instant::never(), instant{1})->failed == ends.read.number());
}

TEST_CASE("wake ends the wait of another thread, and one wake is told once", "[io][event_wait]") {
    auto wait = event_wait::open();
    REQUIRE(wait);
    std::thread other([&] { wait->wake(); });
    auto const result = wait->wait(instant::never(), instant{0});
    other.join();
    REQUIRE(result);
    CHECK(result->woken);
    CHECK(!wait->wait(instant{0}, instant{1})->woken);
}

TEST_CASE("a descriptor that cannot be watched is an error in words", "[io][event_wait]") {
    auto wait = event_wait::open();
    REQUIRE(wait);
    auto const watched = wait->watch(12345);
    REQUIRE(!watched);
    CHECK(watched.error().message() == "cannot watch a file descriptor: Bad file descriptor");
}

#endif
