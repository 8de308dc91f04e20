// The octets of a capture file of the newer kind (pcapng), as draft-ietf-opsawg-pcapng describes it: blocks, each with
// its type in front and its length at both ends. Written little-endian, with time stamps in nanoseconds.
//
//      0             4              8                     length - 4
//     | type        | length       | body, options ...   | length |
//
// A file is a section header, a description of each interface, and packets that name their interface by number.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/endian.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/io/medium.hpp>
#include <plywire/io/pcap_format.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plywire::pcapng {

inline constexpr std::uint32_t block_section_header = 0x0a0d0d0a; // section 4.1
inline constexpr std::uint32_t block_interface_description = 1;   // section 4.2
inline constexpr std::uint32_t block_enhanced_packet = 6;         // section 4.3
inline constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;     // section 4.1
inline constexpr std::uint16_t version_major = 1;
inline constexpr std::uint16_t version_minor = 0;
inline constexpr std::uint16_t option_end = 0;             // section 3.5
inline constexpr std::uint16_t option_interface_name = 2;  // if_name, section 4.2
inline constexpr std::uint16_t option_time_resolution = 9; // if_tsresol, section 4.2
inline constexpr std::uint16_t option_packet_flags = 2;    // epb_flags, section 4.3
inline constexpr std::uint8_t resolution_nanoseconds = 9;  // 10^-9 s
inline constexpr std::uint32_t largest_frame_octets = pcap::largest_frame_octets;
inline constexpr std::size_t longest_name = 64; // of ours; the format has no limit

// Which way a packet passed its interface: the two lowest bits of epb_flags (section 4.3.1).
enum class direction : std::uint8_t { unknown = 0, inbound = 1, outbound = 2 };

// Everything stands at multiples of four octets.
constexpr std::size_t padded(std::size_t octets) { return (octets + 3) / 4 * 4; }

// What a file begins with (section 4.1); the section's length is left open.
constexpr std::array<std::byte, 28> section_header() {
    std::array<std::byte, 28> block{};
    store_little<std::uint32_t>(&block[0], block_section_header);
    store_little<std::uint32_t>(&block[4], 28);
    store_little<std::uint32_t>(&block[8], byte_order_magic);
    store_little<std::uint16_t>(&block[12], version_major);
    store_little<std::uint16_t>(&block[14], version_minor);
    store_little<std::uint64_t>(&block[16], ~std::uint64_t{0});
    store_little<std::uint32_t>(&block[24], 28);
    return block;
}

// A block of up to this many octets, and how long it is.
struct interface_block {
    std::array<std::byte, 40 + longest_name> octets{};
    std::size_t size = 0;

    constexpr bytes_view view() const { return bytes_view(octets).first(size); }
};

// Describes the interface that comes next in number, from 0 on (section 4.2). A name longer than 64 octets is cut.
constexpr interface_block interface_description(medium m, std::string_view name) {
    name = name.substr(0, longest_name);
    std::size_t const name_option = name.empty() ? 0 : 4 + padded(name.size());
    interface_block block;
    block.size = 16 + name_option + 8 + 4 + 4;
    auto* const octets = block.octets.data();
    store_little<std::uint32_t>(octets, block_interface_description);
    store_little<std::uint32_t>(octets + 4, static_cast<std::uint32_t>(block.size));
    store_little<std::uint16_t>(octets + 8, static_cast<std::uint16_t>(pcap::link_type(m)));
    store_little<std::uint32_t>(octets + 12, largest_frame_octets);
    auto* option = octets + 16;
    if (name_option != 0) {
        store_little<std::uint16_t>(option, option_interface_name);
        store_little<std::uint16_t>(option + 2, static_cast<std::uint16_t>(name.size()));
        for (std::size_t i = 0; i < name.size(); ++i) {
            option[4 + i] = static_cast<std::byte>(name[i]);
        }
        option += name_option;
    }
    store_little<std::uint16_t>(option, option_time_resolution);
    store_little<std::uint16_t>(option + 2, 1);
    option[4] = std::byte{resolution_nanoseconds};
    store_little<std::uint16_t>(option + 8, option_end);
    store_little<std::uint32_t>(octets + block.size - 4, static_cast<std::uint32_t>(block.size));
    return block;
}

// The whole length of a packet's block.
constexpr std::uint32_t packet_block_octets(std::size_t captured) {
    return static_cast<std::uint32_t>(28 + padded(captured) + 8 + 4 + 4);
}

// What stands before a packet (section 4.3). `when` counts from 1970 (virtual time may count from anything) and is not
// negative.
constexpr std::array<std::byte, 28> packet_front(std::uint32_t interface, instant when, std::size_t captured,
                                                 std::size_t wire) {
    auto const time = static_cast<std::uint64_t>(when.nanoseconds);
    std::array<std::byte, 28> front{};
    store_little<std::uint32_t>(&front[0], block_enhanced_packet);
    store_little<std::uint32_t>(&front[4], packet_block_octets(captured));
    store_little<std::uint32_t>(&front[8], interface);
    store_little<std::uint32_t>(&front[12], static_cast<std::uint32_t>(time >> 32));
    store_little<std::uint32_t>(&front[16], static_cast<std::uint32_t>(time));
    store_little<std::uint32_t>(&front[20], static_cast<std::uint32_t>(captured));
    store_little<std::uint32_t>(&front[24], static_cast<std::uint32_t>(wire));
    return front;
}

// What stands behind a packet and its padding.
constexpr std::array<std::byte, 16> packet_back(std::size_t captured, direction way) {
    std::array<std::byte, 16> back{};
    store_little<std::uint16_t>(&back[0], option_packet_flags);
    store_little<std::uint16_t>(&back[2], 4);
    store_little<std::uint32_t>(&back[4], static_cast<std::uint32_t>(way));
    store_little<std::uint16_t>(&back[8], option_end);
    store_little<std::uint32_t>(&back[12], packet_block_octets(captured));
    return back;
}

} // namespace plywire::pcapng
