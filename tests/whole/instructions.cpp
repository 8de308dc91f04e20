// Pairs of functions: what plywire does, and the same written by hand with offsets, masks and byte swaps.
// instructions.py compiles this file and compares the number of machine instructions of each `NAME_plywire` with its
// twin `NAME_by_hand`.
#include <plywire/describe/parse.hpp>
#include <plywire/describe/view.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/udp.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

using namespace plywire;

namespace {

template <class T>
T load(std::byte const* p) {
    T value;
    std::memcpy(&value, p, sizeof(T));
    return value;
}

std::uint16_t load_16(std::byte const* p) {
    auto const value = load<std::uint16_t>(p);
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

std::uint32_t load_32(std::byte const* p) {
    auto const value = load<std::uint32_t>(p);
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

void store_16(std::byte* p, std::uint16_t value) {
    if (std::endian::native == std::endian::little) value = std::byteswap(value);
    std::memcpy(p, &value, 2);
}

unsigned octet(std::byte const* p) { return std::to_integer<unsigned>(*p); }

} // namespace

// The two take what a view is made of, so that both get the pointer in the same register.
using segment = view<tcp::header>;
using packet = view<ipv4::header>;
using frame = view<ethernet::header>;
struct raw {
    std::byte const* data;
    std::uint32_t header_octets;
    std::uint32_t payload_octets;
};
static_assert(sizeof(raw) == sizeof(segment));

extern "C" {

// 16 and 32 bits, a part of an octet, one bit, 13 bits across two octets, 48 bits.
std::uint16_t port_plywire(segment s) { return s[tcp::destination_port]; }
std::uint16_t port_by_hand(raw s) { return load_16(s.data + 2); }

std::uint32_t sequence_number_plywire(segment s) { return s[tcp::sequence_number]; }
std::uint32_t sequence_number_by_hand(raw s) { return load_32(s.data + 4); }

unsigned data_offset_plywire(segment s) { return s[tcp::data_offset]; }
unsigned data_offset_by_hand(raw s) { return octet(s.data + 12) >> 4; }

bool syn_plywire(segment s) { return s[tcp::syn]; }
bool syn_by_hand(raw s) { return (octet(s.data + 13) & 0x02) != 0; }

unsigned fragment_offset_plywire(packet p) { return p[ipv4::fragment_offset]; }
unsigned fragment_offset_by_hand(raw p) { return load_16(p.data + 6) & 0x1fffu; }

std::uint32_t source_plywire(packet p) { return p[ipv4::source].value(); }
std::uint32_t source_by_hand(raw p) { return load_32(p.data + 12); }

bool for_us_plywire(frame f, ethernet::address const& us) { return f[ethernet::destination] == us; }
bool for_us_by_hand(raw f, ethernet::address const& us) {
    return load<std::uint32_t>(f.data) == load<std::uint32_t>(us.octets.data()) &&
           load<std::uint16_t>(f.data + 4) == load<std::uint16_t>(us.octets.data() + 4);
}

// Several fields at once.
bool is_next_plywire(segment s, std::uint32_t next) {
    return s[tcp::sequence_number] == next && s[tcp::ack] && !s[tcp::rst] && s[tcp::window] != 0;
}
bool is_next_by_hand(raw s, std::uint32_t next) {
    return load_32(s.data + 4) == next && (octet(s.data + 13) & 0x10) != 0 && (octet(s.data + 13) & 0x04) == 0 &&
           load_16(s.data + 14) != 0;
}

// Writing.
void set_window_plywire(mutable_view<tcp::header> s, std::uint16_t window) { s.set(tcp::window = window); }
void set_window_by_hand(raw s, std::uint16_t window) { store_16(const_cast<std::byte*>(s.data) + 14, window); }

void set_psh_plywire(mutable_view<tcp::header> s) { s.set(tcp::psh = true); }
void set_psh_by_hand(raw s) { const_cast<std::byte&>(s.data[13]) |= std::byte{0x08}; }

// Checking every length, then reading.
int port_of_datagram_plywire(std::byte const* data, std::size_t size) {
    auto const datagram = parse<udp::header>(bytes_view(data, size));
    return datagram ? (*datagram)[udp::destination_port] : -1;
}
int port_of_datagram_by_hand(std::byte const* data, std::size_t size) {
    if (size < 8) return -1;
    std::size_t const length = load_16(data + 4);
    if (length < 8 || length > size) return -1;
    return load_16(data + 2);
}
}
