// Addresses: reading, printing, and which ones are special.
#include <catch2/catch_test_macros.hpp>

#include <plywire/headers/ethernet_address.hpp>
#include <plywire/headers/ipv4_address.hpp>

#include <string>

using namespace plywire;
using namespace plywire::literals;

namespace {

std::string printed(auto const& value) {
    return std::string(text_of<40>([&](text_writer& to) { print(to, value); }).view());
}

} // namespace

TEST_CASE("an IPv4 address is read from four decimal numbers and nothing else", "[ipv4]") {
    CHECK(ipv4::address::from_text("10.9.0.2") == ipv4::address(10, 9, 0, 2));
    CHECK(ipv4::address::from_text("0.0.0.0") == ipv4::address());
    CHECK(ipv4::address::from_text("255.255.255.255") == ipv4::address(255, 255, 255, 255));
    CHECK("192.0.2.1"_ipv4.value() == 0xc0000201);
    for (char const* bad : {"", "1", "1.2.3", "1.2.3.", "1.2.3.4.", ".1.2.3.4", "1.2.3.4.5", "1..3.4", "256.1.1.1",
                            "1.2.3.1000", "01.2.3.4", "1.2.3.00", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "0x1.2.3.4",
                            "1.2.3.4/24", "1,2,3,4", "99999999999999999999.1.1.1"}) {
        INFO(bad);
        CHECK_FALSE(ipv4::address::from_text(bad));
    }
}

TEST_CASE("what is printed is read again", "[ipv4]") {
    for (std::uint32_t value : {0u, 0x01020304u, 0x7f000001u, 0xc0a80101u, 0xffffffffu, 0x0a090002u}) {
        auto const address = ipv4::address::from_value(value);
        CHECK(ipv4::address::from_text(printed(address)) == address);
    }
    CHECK(printed("10.9.0.2/24"_ipv4_prefix) == "10.9.0.2/24");
    CHECK(printed("02:00:5e:00:AB:01"_mac) == "02:00:5e:00:ab:01");
}

TEST_CASE("kinds of IPv4 addresses", "[ipv4][1122-3.2.1.3]") {
    CHECK("0.0.0.0"_ipv4.is_unspecified());
    CHECK("127.255.0.1"_ipv4.is_loopback());
    CHECK_FALSE("128.0.0.1"_ipv4.is_loopback());
    CHECK("224.0.0.0"_ipv4.is_multicast());
    CHECK("239.255.255.255"_ipv4.is_multicast());
    CHECK_FALSE("240.0.0.0"_ipv4.is_multicast());
    CHECK_FALSE("223.255.255.255"_ipv4.is_multicast());
    CHECK("255.255.255.255"_ipv4.is_limited_broadcast());
    CHECK("240.0.0.1"_ipv4.is_reserved());
    CHECK_FALSE("255.255.255.255"_ipv4.is_reserved());
}

TEST_CASE("a prefix says who is a neighbour", "[ipv4][4632-3.1]") {
    constexpr auto network = "10.9.0.2/24"_ipv4_prefix;
    CHECK(network.contains("10.9.0.255"_ipv4));
    CHECK_FALSE(network.contains("10.9.1.0"_ipv4));
    CHECK(network.directed_broadcast() == "10.9.0.255"_ipv4);
    CHECK("0.0.0.0/0"_ipv4_prefix.contains("203.0.113.9"_ipv4));
    CHECK("10.0.0.1/32"_ipv4_prefix.contains("10.0.0.1"_ipv4));
    CHECK_FALSE("10.0.0.1/32"_ipv4_prefix.contains("10.0.0.2"_ipv4));
    // RFC 3021: on a link of two nobody is left to be the broadcast.
    CHECK("10.0.0.0/31"_ipv4_prefix.directed_broadcast() == "255.255.255.255"_ipv4);
    for (char const* bad : {"", "10.9.0.2", "10.9.0.2/", "10.9.0.2/33", "10.9.0.2/024", "10.9.0/24", "10.9.0.2/24 "}) {
        INFO(bad);
        CHECK_FALSE(ipv4::prefix::from_text(bad));
    }
}

TEST_CASE("an Ethernet address is read from six pairs of digits", "[ethernet]") {
    CHECK(ethernet::address::from_text("ff:ff:ff:ff:ff:ff") == ethernet::broadcast);
    CHECK(ethernet::address::from_text("02-00-00-00-00-01") == "02:00:00:00:00:01"_mac);
    for (char const* bad : {"", "02:00:00:00:00", "02:00:00:00:00:0", "02:00:00:00:00:001", "02:00:00:00:00:0g",
                            "0200:00:00:00:011", "02 00 00 00 00 01"}) {
        INFO(bad);
        CHECK_FALSE(ethernet::address::from_text(bad));
    }
    CHECK("01:00:5e:00:00:01"_mac.is_multicast());
    CHECK_FALSE("02:00:5e:00:00:01"_mac.is_multicast());
    CHECK(ethernet::broadcast.is_multicast());
    CHECK(ethernet::broadcast.is_broadcast());
}
