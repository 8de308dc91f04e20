// How a sender comes down to its smaller window when recovery begins: at once, or in proportion to what arrives.
// Read RFC 9937 section 6 first.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// An acknowledgment during recovery as a reduction sees it. Octets.
struct recovery_progress {
    std::uint32_t segment_size = 0;
    std::uint32_t window = 0;    // the controller's: what is to be come down to
    std::uint32_t in_flight = 0; // by RFC 6675's count of what is on its way
    std::uint32_t delivered = 0; // what this ACK says has arrived, in order or not
    std::uint32_t sent = 0;      // what has been sent since recovery began, new or again
    bool is_safe = false;        // SND.UNA has moved, and no more losses have been found
};

// What a window reduction must answer. begins() comes first, then advances() for each acknowledgment of the recovery,
// that which began it included.
template <class R>
concept window_reduction =
    std::default_initializable<R> && requires(R r, R const k, std::uint32_t octets, recovery_progress const& p) {
        r.begins(octets); // RecoverFS: what was on its way, with what the first ACK says has arrived
        r.advances(p);
        r.ends();
        { k.beyond() } -> std::same_as<std::uint32_t>; // what may be in flight beyond the controller's window, mod 2^32
    };

// The window is the controller's from the beginning (RFC 6675): nothing leaves for half a round trip, or much at once
// after many losses. Has no state.
struct reduce_at_once {
    static constexpr void begins(std::uint32_t) {}
    static constexpr void advances(recovery_progress const&) {}
    static constexpr void ends() {}
    static constexpr std::uint32_t beyond() { return 0; }
};

// Proportional Rate Reduction: for what arrives, the share leaves that makes the flight as large as the window when all
// of it has arrived; if the flight is smaller already, about as much leaves as arrives. 12 octets of state.
class reduce_in_proportion {
public:
    constexpr void begins(std::uint32_t flight) {
        flight_ = std::max(flight, std::uint32_t{1});
        delivered_ = 0;
        beyond_ = 0;
    }
    constexpr void advances(recovery_progress const& p) {
        // Section 6.2: an ACK of nothing is passed over.
        if (p.delivered == 0) return;
        delivered_ += p.delivered;
        std::uint32_t count = 0; // SndCnt
        if (p.in_flight > p.window) {
            std::uint64_t share = (std::uint64_t{delivered_} * p.window + flight_ - 1) / flight_;
            // Octets leave by segments: rounded up as a sender rounds that counts these.
            if (share % p.segment_size != 0) share += p.segment_size - share % p.segment_size;
            count = share > p.sent ? static_cast<std::uint32_t>(share - p.sent) : 0u;
        } else {
            count = std::max(delivered_ > p.sent ? delivered_ - p.sent : 0u, p.delivered);
            if (p.is_safe) count += p.segment_size;
            count = std::min(count, p.window - p.in_flight);
        }
        if (p.sent == 0 && count == 0) count = p.segment_size; // fast retransmit
        beyond_ = p.in_flight + count - p.window;
    }
    constexpr void ends() { beyond_ = 0; }
    constexpr std::uint32_t beyond() const { return beyond_; }

private:
    std::uint32_t flight_ = 1;    // RecoverFS
    std::uint32_t delivered_ = 0; // prr_delivered
    std::uint32_t beyond_ = 0;
};

} // namespace plywire::tcp
