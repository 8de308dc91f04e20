// Capture files, octet by octet.

#include <plywire/io/capture_writer.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
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

} // namespace

TEST_CASE("a capture file is its header and then each frame behind its own", "[io][capture]") {
    scratch_file const file;
    {
        auto writer = capture_writer::create(file.path.c_str(), medium::ethernet);
        REQUIRE(writer);
        writer->write(instant{3'000'000'007}, hex<"0102 03">());
        CHECK(writer->frames() == 1);
        capture_writer moved = std::move(*writer);
        moved.write(instant{4'000'000'000}, hex<"ff">());
        CHECK(moved.frames() == 2);
        CHECK(moved.close());
    }
    CHECK(file.octets() == vector_of(hex<"4d3cb2a1 0200 0400 00000000 00000000 00000400 01000000"
                                         "03000000 07000000 03000000 03000000 010203"
                                         "04000000 00000000 01000000 01000000 ff">()));
}

TEST_CASE("packets without a link header are of link type raw IP", "[io][capture]") {
    scratch_file const file;
    REQUIRE(capture_writer::create(file.path.c_str(), medium::ip)->close());
    REQUIRE(file.octets().size() == 24);
    CHECK(file.octets()[20] == std::byte{101});
}

TEST_CASE("a frame longer than the format allows is cut and its true length noted", "[io][capture]") {
    scratch_file const file;
    auto writer = capture_writer::create(file.path.c_str(), medium::ip);
    REQUIRE(writer);
    writer->write(instant{}, std::vector<std::byte>(262145));
    REQUIRE(writer->close());
    auto const octets = file.octets();
    REQUIRE(octets.size() == 24 + 16 + 262144);
    CHECK(load_little<std::uint32_t>(&octets[24 + 8]) == 262144);
    CHECK(load_little<std::uint32_t>(&octets[24 + 12]) == 262145);
}

TEST_CASE("a capture file that cannot be created or written is an error in words", "[io][capture]") {
    auto const nowhere = capture_writer::create("/nonexistent/x.pcap", medium::ip);
    REQUIRE(!nowhere);
    CHECK(nowhere.error().message() == "cannot create the capture file: No such file or directory");
    auto full = capture_writer::create("/dev/full", medium::ip);
    if (full) { // Linux: a device that takes nothing
        full->write(instant{}, hex<"01">());
        auto const flushed = full->flush();
        REQUIRE(!flushed);
        CHECK(flushed.error().message() == "cannot write the capture file: No space left on device");
    }
}
