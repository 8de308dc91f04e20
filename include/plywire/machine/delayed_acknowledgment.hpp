// When data received in order is acknowledged (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2).
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/brief_instant.hpp>
#include <plywire/machine/satisfies.hpp>

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// What an acknowledgment policy must answer: how long an ACK may wait (at most 500 ms, RFC 9293 MUST-40), with how many
// segments that bear text at the latest it leaves at once (RFC 5681: 2), and whether it is to leave at once for a reason
// of its own.
template <class T>
concept acknowledgment_timing = std::default_initializable<T> && requires(T t, duration timeout, instant now) {
    { T::longest_wait } -> std::convertible_to<duration>;
    { T::segments } -> std::convertible_to<std::uint8_t>;
    t.forget();                                             // another connection begins
    { t.text_arrives(timeout, now) } -> std::same_as<bool>; // in order; the retransmission time-out. True: at once
    t.text_leaves(now);
};

// Every second segment at once, a single one after 40 ms as common kernels do.
struct delayed_acknowledgment {
    static constexpr duration longest_wait = milliseconds(40);
    static constexpr std::uint8_t segments = 2;
    static constexpr void forget() {}
    static constexpr bool text_arrives(duration, instant) { return false; }
    static constexpr void text_leaves(instant) {}
};

// Every segment at once.
struct immediate_acknowledgment : delayed_acknowledgment {
    using gives_up = rules<"9293-SHLD-18">;
    static constexpr duration longest_wait{};
    static constexpr std::uint8_t segments = 1;
};

// The same as delayed_acknowledgment, but for the first segments of a connection, and the first ones after a pause as
// long as the retransmission time-out: their ACKs leave at once, so that the sender's window grows fast. A connection
// that answers what it gets is left out, because its answers bear the ACKs. As Linux does. 7 octets of state.
template <std::uint8_t Quick = 16>
class quick_acknowledgment : public delayed_acknowledgment {
public:
    constexpr void forget() { *this = quick_acknowledgment(); }
    constexpr bool text_arrives(duration timeout, instant now) {
        if (now - instant(heard_) > timeout) left_ = Quick;
        heard_ = now;
        if (left_ == 0) return false;
        --left_;
        return true;
    }
    constexpr void text_leaves(instant now) {
        if (now - instant(heard_) < longest_wait) left_ = 0;
    }

private:
    brief_instant heard_{}; // when text arrived last
    std::uint8_t left_ = Quick;
};

} // namespace plywire::tcp
