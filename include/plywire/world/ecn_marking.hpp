// The marking that queues of a link do for IP packets: the CE code point. Read RFC 3168 section 5 first.
//
//     weather{.bits_per_second = 10'000'000, .queue = codel{}, .marking = ecn_marking{}}
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/endian.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/ipv4.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire {

// The code points of the ECN field (RFC 3168 section 5).
enum class ecn_codepoint : std::uint8_t { not_ect = 0, ect_1 = 1, ect_0 = 2, ce = 3 };

// Marks IPv4 packets whose sender knows about ECN: ECT(0) and ECT(1) become CE, and the header checksum stays right. CE
// stays and counts as marked. Anything else cannot be marked.
struct ecn_marking {
    constexpr bool operator()(mutable_bytes packet) const {
        auto const header = parse_mutable<ipv4::header>(packet);
        if (!header || (*header)[ipv4::ecn] == static_cast<std::uint8_t>(ecn_codepoint::not_ect)) {
            return false;
        }
        std::uint16_t const before = load_big<std::uint16_t>(packet.data());
        header->set(ipv4::ecn = static_cast<std::uint8_t>(ecn_codepoint::ce));
        std::uint16_t const after = load_big<std::uint16_t>(packet.data());
        header->set(ipv4::header_checksum = update_checksum((*header)[ipv4::header_checksum], before, after));
        return true;
    }
};

} // namespace plywire
