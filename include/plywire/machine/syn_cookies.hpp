// Initial sequence numbers that hold what a half-open connection would remember, so that a host whose table of those is
// full needs none (RFC 4987 section 3.6). Time and a keyed hash keep anybody else from making them up.
#pragma once

#include <plywire/base/siphash.hpp>
#include <plywire/base/time.hpp>
#include <plywire/machine/incoming.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/timestamps.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace plywire::tcp {

// The segment sizes that a cookie can hold: the largest that is not above what the peer takes counts. From what IPv4
// hosts must take (536) to Ethernet's 1460; tunnels and mobile networks lie between.
inline constexpr std::array<std::uint16_t, 8> cookie_segment_sizes = {48, 536, 1024, 1220, 1360, 1400, 1440, 1460};

// A cookie is 26 bits of hash, 3 of time and 3 for the segment size; the last six are masked, so that nothing of it can
// be foreseen. `flow` is a keyed hash of addresses and ports, 64 bits that peers cannot know.
class syn_cookie_generator {
public:
    // A cookie is taken for 96 to 128 seconds.
    static constexpr duration step = seconds(32);
    static constexpr unsigned oldest = 3; // steps
    static constexpr duration longest_life = (oldest + 1) * step;

    explicit constexpr syn_cookie_generator(siphash_key key)
        : key_(key) {}

    // The number to begin with, for the SYN that began with `peer` and said `segment_size` (0: nothing).
    constexpr sequence make(std::uint64_t flow, sequence peer, std::uint16_t segment_size, instant now) const {
        return sequence(cookie(flow, peer, index_of(segment_size), time_of(now)));
    }

    // The segment size in a cookie that this generator has made for this flow and SYN, not too long ago.
    constexpr std::optional<std::uint16_t> check(std::uint64_t flow, sequence peer, sequence seen, instant now) const {
        std::uint32_t const low = (seen.value() ^ mask_of(flow)) & 0x3f;
        std::uint64_t const age = (time_of(now) - (low >> 3)) & 7;
        std::uint32_t const index = low & 7;
        if (age > oldest || seen.value() != cookie(flow, peer, index, time_of(now) - age)) return {};
        return cookie_segment_sizes[index];
    }

private:
    static constexpr std::uint64_t time_of(instant now) {
        return static_cast<std::uint64_t>(now.nanoseconds / step.nanoseconds);
    }
    static constexpr std::uint32_t mask_of(std::uint64_t flow) { return static_cast<std::uint32_t>(flow >> 58); }

    static constexpr std::uint32_t index_of(std::uint16_t segment_size) {
        std::uint16_t const size = segment_size == 0 ? std::uint16_t{536} : segment_size; // RFC 9293 MUST-15
        std::uint32_t index = 0;
        while (index + 1 < cookie_segment_sizes.size() && cookie_segment_sizes[index + 1] <= size) ++index;
        return index;
    }

    constexpr std::uint32_t cookie(std::uint64_t flow, sequence peer, std::uint32_t index, std::uint64_t time) const {
        std::uint64_t const rest = std::uint64_t{peer.value()} << 32 | (time << 3 & 0xffff'ffff) | index;
        auto const hash = static_cast<std::uint32_t>(siphash_2_4_words(key_, flow, rest)) & ~std::uint32_t{0x3f};
        auto const low = static_cast<std::uint32_t>(time << 3 & 0x38) | index;
        return hash | (low ^ mask_of(flow));
    }

    siphash_key key_;
};

// What a timestamp holds for the time of a handshake by cookie, when the peer sends them: its options, in the last five
// bits.
struct stamped_options {
    bool permits_sack = false;
    bool scales_window = false;
    std::uint8_t window_shift = 0; // at most 14

    // The last timestamp that holds them and that the clock has passed.
    constexpr std::uint32_t in(std::uint32_t clock) const {
        std::uint32_t const bits = (permits_sack ? 0x10u : 0u) | (scales_window ? window_shift : 0x0fu);
        std::uint32_t const value = (clock & ~std::uint32_t{0x1f}) | bits;
        return older_timestamp(clock, value) ? value - 0x20 : value;
    }
    static constexpr stamped_options of(std::uint32_t timestamp) {
        auto const shift = static_cast<std::uint8_t>(timestamp & 0x0f);
        bool const scales = shift <= 14;
        return {(timestamp & 0x10) != 0, scales, scales ? shift : std::uint8_t{0}};
    }
};

} // namespace plywire::tcp
