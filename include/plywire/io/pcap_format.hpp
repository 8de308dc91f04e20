// The octets of a classic capture file (pcap), as draft-ietf-opsawg-pcap describes them: a file header of 24 octets,
// then per packet a header of 16 octets and the octets captured. Written little-endian with nanosecond time stamps.
//
//      0              4       6       8         12        16         20         24
//     | magic a1b23c4d | major | minor | zone 0 | sigfigs 0 | snaplen | link type |
//     | seconds        | nanoseconds   | captured length    | length on the wire  |
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/endian.hpp>
#include <plywire/io/medium.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace plywire::pcap {

inline constexpr std::uint32_t magic_nanoseconds = 0xa1b23c4d; // section 4: "time stamps in seconds and nanoseconds"
inline constexpr std::uint16_t version_major = 2;
inline constexpr std::uint16_t version_minor = 4;
inline constexpr std::uint32_t largest_frame_octets = 262144; // what libpcap itself says and accepts
inline constexpr std::uint32_t link_type_ethernet = 1;        // tcpdump.org/linktypes.html
inline constexpr std::uint32_t link_type_raw_ip = 101;        // begins with an IPv4 or IPv6 header

// The link type that stands for a medium.
constexpr std::uint32_t link_type(medium m) { return m == medium::ethernet ? link_type_ethernet : link_type_raw_ip; }

// What a file begins with.
constexpr std::array<std::byte, 24> file_header(medium m) {
    std::array<std::byte, 24> header{};
    store_little<std::uint32_t>(&header[0], magic_nanoseconds);
    store_little<std::uint16_t>(&header[4], version_major);
    store_little<std::uint16_t>(&header[6], version_minor);
    store_little<std::uint32_t>(&header[16], largest_frame_octets);
    store_little<std::uint32_t>(&header[20], link_type(m));
    return header;
}

// What stands before a frame of `wire` octets of which the first `captured` are kept. `when` counts from 1970 (virtual
// time may count from anything) and is not negative; the file has room for seconds below 2^32.
constexpr std::array<std::byte, 16> frame_header(instant when, std::size_t captured, std::size_t wire) {
    std::array<std::byte, 16> header{};
    store_little<std::uint32_t>(&header[0], static_cast<std::uint32_t>(when.nanoseconds / 1'000'000'000));
    store_little<std::uint32_t>(&header[4], static_cast<std::uint32_t>(when.nanoseconds % 1'000'000'000));
    store_little<std::uint32_t>(&header[8], static_cast<std::uint32_t>(captured));
    store_little<std::uint32_t>(&header[12], static_cast<std::uint32_t>(wire));
    return header;
}

} // namespace plywire::pcap
