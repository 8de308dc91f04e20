// The timestamps option and what it protects from (RFC 7323 sections 3 to 5), as a policy.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/satisfies.hpp>

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// Whether the first of two timestamps is older, modulo 2^32 (RFC 7323 section 5.2).
constexpr bool older_timestamp(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

// The octets that the option takes in every segment: two for padding and ten (RFC 7323 appendix A).
inline constexpr std::uint32_t timestamps_octets = 12;

// Timestamps are offered and accepted. 13 octets of state.
class use_timestamps {
public:
    static constexpr bool offered = true;

    // The caller's secret offset of our clock (RFC 7323 section 5.4).
    constexpr void configure(std::uint32_t offset) { offset_ = offset; }
    // Both sides have sent the option with their SYN; the peer's value in it.
    constexpr void negotiated(std::uint32_t value, instant now) {
        on_ = true;
        take(value, now);
    }
    constexpr bool on() const { return on_; }
    // The next handshake begins; only the offset stays.
    constexpr void forget() {
        on_ = false;
        recent_ = 0;
    }

    // TSval: our clock steps every millisecond (section 5.4: 1 ms to 1 s).
    constexpr std::uint32_t clock(instant now) const {
        return offset_ + static_cast<std::uint32_t>(now.nanoseconds / milliseconds(1).nanoseconds);
    }
    // TS.Recent, which is echoed.
    constexpr std::uint32_t recent() const { return recent_; }
    constexpr void take(std::uint32_t value, instant now) {
        recent_ = value;
        recent_at_ = seconds_of(now);
    }
    // A RST will answer a segment with that value (section 5.2), or, without one, a segment without the option.
    constexpr void reset_answers(bool stamped, std::uint32_t value) {
        reset_stamped_ = stamped;
        reset_echo_ = value;
    }
    constexpr bool reset_stamped() const { return reset_stamped_; }
    constexpr std::uint32_t reset_echo() const { return reset_echo_; }
    // PAWS (section 5.3): the value is older than one already seen, and that is not too long ago to tell (section 5.5:
    // 24 days).
    constexpr bool too_old(std::uint32_t value, instant now) const {
        return older_timestamp(value, recent_) && seconds_of(now) - recent_at_ <= longest_memory;
    }

private:
    static constexpr std::uint32_t longest_memory = 24 * 24 * 60 * 60; // seconds

    // Modulo 2^32: a connection idle for 136 years would seem to have been so for none.
    static constexpr std::uint32_t seconds_of(instant now) {
        return static_cast<std::uint32_t>(now.nanoseconds / seconds(1).nanoseconds);
    }

    std::uint32_t recent_ = 0;
    std::uint32_t offset_ = 0;
    std::uint32_t recent_at_ = 0; // seconds
    std::uint32_t reset_echo_ = 0;
    bool on_ = false;
    bool reset_stamped_ = false;
};

// Timestamps are neither offered nor accepted: no PAWS, no round trips of segments sent again, no sooner end of
// TIME-WAIT. Has no state.
struct no_timestamps {
    using gives_up = rules<"7323-8", "7323-9", "7323-14", "7323-15", "7323-18", "9293-SHLD-4", "6191-1", "6191-4">;
    static constexpr bool offered = false;
    static constexpr void configure(std::uint32_t) {}
    static constexpr void negotiated(std::uint32_t, instant) {}
    static constexpr bool on() { return false; }
    static constexpr void forget() {}
    static constexpr std::uint32_t clock(instant) { return 0; }
    static constexpr std::uint32_t recent() { return 0; }
    static constexpr void take(std::uint32_t, instant) {}
    static constexpr void reset_answers(bool, std::uint32_t) {}
    static constexpr bool reset_stamped() { return false; }
    static constexpr std::uint32_t reset_echo() { return 0; }
    static constexpr bool too_old(std::uint32_t, instant) { return false; }
};

// What a timestamps policy must answer: see the two models above.
template <class T>
concept timestamps_policy =
    std::default_initializable<T> && requires(T t, T const k, std::uint32_t value, instant now) {
        { T::offered } -> std::convertible_to<bool>;
        t.configure(value);
        t.negotiated(value, now);
        t.forget();
        t.take(value, now);
        t.reset_answers(true, value);
        { k.reset_stamped() } -> std::same_as<bool>;
        { k.reset_echo() } -> std::same_as<std::uint32_t>;
        { k.on() } -> std::same_as<bool>;
        { k.clock(now) } -> std::same_as<std::uint32_t>;
        { k.recent() } -> std::same_as<std::uint32_t>;
        { k.too_old(value, now) } -> std::same_as<bool>;
    };

} // namespace plywire::tcp
