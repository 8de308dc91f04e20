// What TUN and TAP promise beyond the device laws (tests/laws/devices.cpp): errors in words, and no loss in silence.
#ifdef __linux__

#include <laws/device_laws.hpp>
#include <plywire/io/tap.hpp>
#include <plywire/io/tun.hpp>
#include <support/network_namespace.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string>

using namespace plywire;
using plywire::laws::numbered_frame;
using plywire::laws::transmit;

namespace {

constexpr auto packet = [](std::size_t length) { return numbered_frame<medium::ip>(1, length); };

} // namespace

TEST_CASE("opening a TUN says which step failed and why", "[io][tun]") {
    auto const too_long = tun::open("a_name_of_16_oct");
    REQUIRE(!too_long);
    CHECK(too_long.error().message() == "cannot use this interface name: File name too long (15 characters at most)");

    support::network_namespace const own;
    if (!own.why_not().empty()) {
        SKIP(own.why_not());
    }
    auto const first = tun::open("ply0");
    REQUIRE(first);
    CHECK(first->name() == "ply0");
    CHECK(first->mtu() == 1500);
    auto const second = tun::open("ply0");
    REQUIRE(!second);
    CHECK(second.error().code == EBUSY);
    CHECK(second.error().message() ==
          "cannot create or attach to the interface: Device or resource busy (another program is attached to it)");
    auto const other_kind = tap::open("ply0");
    REQUIRE(!other_kind);
    CHECK(other_kind.error().code == EINVAL);
    auto const no_name = tap::open("");
    REQUIRE(no_name);
    CHECK(no_name->name() == "tap0");
}

TEST_CASE("a frame sent while the interface is down is counted as lost", "[io][tun]") {
    support::network_namespace const own;
    if (!own.why_not().empty()) {
        SKIP(own.why_not());
    }
    auto device = tun::open("ply0");
    REQUIRE(device);
    REQUIRE(transmit(*device, packet(40)));
    CHECK(device->statistics() == device_statistics{.lost_frames = 1});
    CHECK(device->last_error() == EIO);
    REQUIRE(support::set_interface("ply0", true));
    REQUIRE(transmit(*device, packet(40)));
    CHECK(device->statistics().sent_frames == 1);
}

TEST_CASE("a frame that is no IP packet is refused by the kernel and counted", "[io][tun]") {
    support::network_namespace const own;
    if (!own.why_not().empty()) {
        SKIP(own.why_not());
    }
    auto device = tun::open("ply0");
    REQUIRE(device);
    REQUIRE(support::set_interface("ply0", true));
    auto nonsense = packet(40);
    nonsense[0] = std::byte{0xf0};
    REQUIRE(transmit(*device, nonsense));
    CHECK(device->statistics() == device_statistics{.refused_frames = 1});
    CHECK(device->last_error() == EINVAL);
}

TEST_CASE("the MTU is read anew on request, and grants follow it", "[io][tun]") {
    support::network_namespace const own;
    if (!own.why_not().empty()) {
        SKIP(own.why_not());
    }
    auto device = tap::open("ply0");
    REQUIRE(device);
    CHECK(device->grant().octets.size() == 1514);
    REQUIRE(support::set_interface("ply0", true, 9000));
    CHECK(device->mtu() == 1500);
    REQUIRE(device->refresh_mtu());
    CHECK(device->mtu() == 9000);
    CHECK(device->grant().octets.size() == 9014);
}

TEST_CASE("a frame that finds no room waits, and nothing is granted until it has gone", "[io][tun]") {
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) == 0);
    file_descriptor const far_end(ends[0]);
    auto device = tun::adopt(file_descriptor(ends[1]), 1500);
    REQUIRE(device);
    std::uint64_t committed = 0;
    while (!device->has_pending()) {
        REQUIRE(transmit(*device, packet(100)));
        ++committed;
    }
    CHECK(device->statistics().sent_frames == committed - 1);
    CHECK(!device->grant());
    CHECK(!device->flush());
    std::array<std::byte, 200> room{};
    REQUIRE(::recv(far_end.number(), room.data(), room.size(), 0) == 100);
    CHECK(device->grant());
    CHECK(!device->has_pending());
    CHECK(device->statistics() ==
          device_statistics{.sent_frames = committed, .sent_octets = 100 * committed, .full_grants = 1});
}

TEST_CASE("an adopted descriptor never blocks, however it was opened", "[io][tun]") {
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
    file_descriptor const far_end(ends[0]);
    auto device = tun::adopt(file_descriptor(ends[1]), 1500);
    REQUIRE(device);
    REQUIRE((::fcntl(device->native_handle(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK(!device->receive());
    auto const nothing = tun::adopt(file_descriptor(), 1500);
    REQUIRE(!nothing);
    CHECK(nothing.error().code == EBADF);
}

TEST_CASE("a device that was moved goes on working", "[io][tun]") {
    support::network_namespace const own;
    if (!own.why_not().empty()) {
        SKIP(own.why_not());
    }
    auto opened = tun::open("ply0");
    REQUIRE(opened);
    tun device = std::move(*opened);
    REQUIRE(support::set_interface("ply0", true));
    REQUIRE(transmit(device, packet(40)));
    CHECK(device.statistics().sent_frames == 1);
    CHECK(device.name() == "ply0");
    CHECK(!device.has_pending());
}

#endif
