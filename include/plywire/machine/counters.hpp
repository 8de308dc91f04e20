// What a connection counts about itself, for info() only.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/connection_info.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// Told of what happens, in octets of text; nothing in the machine depends on it. A policy that counts a few of these
// derives from no_counters.
template <class C>
concept counters_policy = std::default_initializable<C> &&
                          requires(C c, C const k, connection_info& info, std::uint32_t text, bool flag, instant now) {
                              c.sent(text, now);           // a segment
                              c.sent_again(text);          // of these, one whose first number was sent before
                              c.received(text, flag, now); // a segment, with an ACK or not
                              c.acknowledged(text);        // by the peer, for the first time
                              c.taken(text);               // in order now, to be read by the user
                              c.beyond_gap();              // text has come out of order
                              c.measured(duration{});      // a round trip
                              k.tell(info);                // puts in what it has kept
                          };

// Nothing is counted. Has no state.
struct no_counters {
    static constexpr void sent(std::uint32_t, instant) {}
    static constexpr void sent_again(std::uint32_t) {}
    static constexpr void received(std::uint32_t, bool, instant) {}
    static constexpr void acknowledged(std::uint32_t) {}
    static constexpr void taken(std::uint32_t) {}
    static constexpr void beyond_gap() {}
    static constexpr void measured(duration) {}
    static constexpr void tell(connection_info&) {}
};

// Retransmissions only. 4 octets of state.
class retransmission_counter : public no_counters {
public:
    constexpr void sent_again(std::uint32_t) { ++retransmissions_; }
    constexpr void tell(connection_info& info) const { info.retransmissions = retransmissions_; }

private:
    std::uint32_t retransmissions_ = 0;
};

// All that connection_info has a place for. 96 octets of state.
class full_counters {
public:
    constexpr void sent(std::uint32_t text, instant now) {
        ++segments_sent_;
        if (text == 0) return;
        ++text_segments_sent_;
        octets_sent_ += text;
        last_text_sent_ = now;
    }
    constexpr void sent_again(std::uint32_t text) {
        ++retransmissions_;
        octets_sent_again_ += text;
    }
    constexpr void received(std::uint32_t text, bool with_acknowledgment, instant now) {
        ++segments_received_;
        if (with_acknowledgment) last_acknowledgment_received_ = now;
        if (text == 0) return;
        ++text_segments_received_;
        largest_text_received_ = std::max(largest_text_received_, text);
        last_text_received_ = now;
    }
    constexpr void acknowledged(std::uint32_t text) { octets_acknowledged_ += text; }
    constexpr void taken(std::uint32_t text) { octets_received_ += text; }
    constexpr void beyond_gap() { ++out_of_order_segments_; }
    constexpr void measured(duration round_trip) {
        least_round_trip_ = least_round_trip_ == duration{} ? round_trip : std::min(least_round_trip_, round_trip);
    }
    constexpr void tell(connection_info& info) const {
        info.retransmissions = retransmissions_;
        info.segments_sent = segments_sent_;
        info.segments_received = segments_received_;
        info.text_segments_sent = text_segments_sent_;
        info.text_segments_received = text_segments_received_;
        info.out_of_order_segments = out_of_order_segments_;
        info.largest_text_received = largest_text_received_;
        info.octets_sent = octets_sent_;
        info.octets_sent_again = octets_sent_again_;
        info.octets_acknowledged = octets_acknowledged_;
        info.octets_received = octets_received_;
        info.least_round_trip = least_round_trip_;
        info.last_text_sent = last_text_sent_;
        info.last_text_received = last_text_received_;
        info.last_acknowledgment_received = last_acknowledgment_received_;
    }

private:
    std::uint64_t octets_sent_ = 0;
    std::uint64_t octets_sent_again_ = 0;
    std::uint64_t octets_acknowledged_ = 0;
    std::uint64_t octets_received_ = 0;
    duration least_round_trip_{};
    instant last_text_sent_ = instant::never();
    instant last_text_received_ = instant::never();
    instant last_acknowledgment_received_ = instant::never();
    std::uint32_t retransmissions_ = 0;
    std::uint32_t segments_sent_ = 0;
    std::uint32_t segments_received_ = 0;
    std::uint32_t text_segments_sent_ = 0;
    std::uint32_t text_segments_received_ = 0;
    std::uint32_t out_of_order_segments_ = 0;
    std::uint32_t largest_text_received_ = 0;
};

} // namespace plywire::tcp
