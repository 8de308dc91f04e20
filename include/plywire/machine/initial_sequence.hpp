// Initial sequence numbers that nobody without the key can guess (RFC 6528, RFC 9293 section 3.4.1).
#pragma once

#include <plywire/base/siphash.hpp>
#include <plywire/base/time.hpp>
#include <plywire/bytes/endian.hpp>
#include <plywire/machine/sequence.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// The clock M of RFC 9293 section 3.4.1 steps every 4 us; it goes round after 2^32 steps, 4.77 hours.
inline constexpr duration initial_sequence_tick = microseconds(4);

// ISN = M + F(local address, local port, remote address, remote port, key), with F the low 32 bits of SipHash-2-4 over
// the four in this order, as they stand in a header. One key per host, drawn at start and kept.
class initial_sequence_generator {
public:
    explicit constexpr initial_sequence_generator(siphash_key key)
        : key_(key) {}

    // Addresses as numbers (ipv4::address::value()).
    constexpr sequence operator()(std::uint32_t local_address, std::uint16_t local_port, std::uint32_t remote_address,
                                  std::uint16_t remote_port, instant now) const {
        std::uint64_t const addresses = std::uint64_t{local_address} << 32 | remote_address;
        std::uint32_t const ports = std::uint32_t{local_port} << 16 | remote_port;
        std::array<std::byte, 12> tuple = {};
        store_big(tuple.data(), addresses);
        store_big(tuple.data() + 8, ports);
        auto const hash = static_cast<std::uint32_t>(siphash_2_4(key_, tuple));
        auto const ticks = static_cast<std::uint32_t>(now.nanoseconds / initial_sequence_tick.nanoseconds);
        return sequence(hash + ticks);
    }

private:
    siphash_key key_;
};

} // namespace plywire::tcp
