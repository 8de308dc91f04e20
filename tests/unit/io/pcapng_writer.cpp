// Capture files of the newer kind, octet by octet.

#include <plywire/io/frame_recorder.hpp>
#include <plywire/io/pcapng_writer.hpp>
#include <plywire/io/weather_link.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

using namespace plywire;

namespace {

struct scratch_file {
    scratch_file() {
        int const descriptor = ::mkstemp(path.data());
        REQUIRE(descriptor >= 0);
        ::close(descriptor);
    }
    ~scratch_file() { std::remove(path.c_str()); }

    std::vector<std::byte> octets() const {
        std::vector<std::byte> all(1 << 20);
        std::FILE* file = std::fopen(path.c_str(), "rb");
        REQUIRE(file != nullptr);
        all.resize(std::fread(all.data(), 1, all.size(), file));
        std::fclose(file);
        return all;
    }

    std::string path = "/tmp/plywire_capture_XXXXXX";
};

template <std::size_t N>
std::vector<std::byte> vector_of(std::array<std::byte, N> const& octets) {
    return {octets.begin(), octets.end()};
}

constexpr auto section = hex<"0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000">();

} // namespace

TEST_CASE("a pcapng file is a section header, its interfaces and their packets", "[io][capture]") {
    scratch_file const file;
    {
        auto writer = pcapng_writer::create(file.path.c_str());
        REQUIRE(writer);
        CHECK(writer->add_interface(medium::ethernet, "left") == 0);
        CHECK(writer->add_interface(medium::ip, "") == 1);
        writer->write(1, instant{0x123456789a}, hex<"0102 030405">(), pcapng::direction::outbound);
        pcapng_writer moved = std::move(*writer);
        CHECK(moved.add_interface(medium::ip, "other") == 2);
        moved.write(0, instant{7}, hex<"ffffffff">());
        CHECK(moved.frames() == 2);
        CHECK(moved.close());
    }
    auto expected = vector_of(section);
    auto const add = [&](auto const& octets) { expected.insert(expected.end(), octets.begin(), octets.end()); };
    add(hex<"01000000 28000000 0100 0000 00000400 0200 0400 6c656674 0900 0100 09000000 0000 0000 28000000">());
    add(hex<"01000000 20000000 6500 0000 00000400 0900 0100 09000000 0000 0000 20000000">());
    add(hex<"06000000 34000000 01000000 12000000 9a785634 05000000 05000000 0102030405 000000"
            "0200 0400 02000000 0000 0000 34000000">());
    add(hex<"01000000 2c000000 6500 0000 00000400 0200 0500 6f74686572 000000"
            "0900 0100 09000000 0000 0000 2c000000">());
    add(hex<"06000000 30000000 00000000 00000000 07000000 04000000 04000000 ffffffff"
            "0200 0400 00000000 0000 0000 30000000">());
    CHECK(file.octets() == expected);
}

TEST_CASE("a recorder writes what an end sends and receives, at the times of the clock", "[io][capture][weather]") {
    scratch_file const file;
    auto writer = pcapng_writer::create(file.path.c_str());
    REQUIRE(writer);
    instant now{1'000};
    weather_link<medium::ip> link(now, 1, {}, weather{}, weather{.delay = nanoseconds(500)});
    frame_recorder recorder(*writer, medium::ip, "");
    link.first().watch(&recorder);
    auto const send = [](auto& end, std::byte octet) {
        transmit_slot const slot = end.grant();
        slot.octets[0] = octet;
        end.commit(slot, {.length = 1});
    };
    send(link.first(), std::byte{0x11});
    send(link.second(), std::byte{0x22});
    now += nanoseconds(500);
    CHECK(link.first().receive());
    CHECK(link.second().receive()); // nobody looks on there
    REQUIRE(writer->close());
    auto const octets = file.octets();
    std::vector<std::byte> const packets(octets.begin() + 28 + 32, octets.end());
    auto expected = vector_of(hex<"06000000 30000000 00000000 00000000 e8030000 01000000 01000000 11000000"
                                  "0200 0400 02000000 0000 0000 30000000">());
    auto const second = hex<"06000000 30000000 00000000 00000000 dc050000 01000000 01000000 22000000"
                            "0200 0400 01000000 0000 0000 30000000">();
    expected.insert(expected.end(), second.begin(), second.end());
    CHECK(packets == expected);
}

TEST_CASE("a pcapng file keeps the front of what is too long, and says when it cannot be written", "[io][capture]") {
    scratch_file const file;
    auto writer = pcapng_writer::create(file.path.c_str());
    REQUIRE(writer);
    writer->add_interface(medium::ip, std::string(100, 'x'));
    writer->write(0, instant{}, std::vector<std::byte>(262'145));
    REQUIRE(writer->close());
    CHECK(file.octets().size() == 28 + 16 + 4 + 64 + 8 + 4 + 4 + 28 + 262'144 + 16);

    auto const nowhere = pcapng_writer::create("/nonexistent/x.pcapng");
    REQUIRE(!nowhere);
    CHECK(nowhere.error().message() == "cannot create the capture file: No such file or directory");
    auto full = pcapng_writer::create("/dev/full");
    if (full) { // Linux: a device that takes nothing
        auto const flushed = full->flush();
        REQUIRE(!flushed);
        CHECK(flushed.error().message() == "cannot write the capture file: No space left on device");
    }
}
