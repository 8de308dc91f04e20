// How long the peer may leave text unacknowledged before the connection is given up: R2 of RFC 9293 section 3.8.3, the
// user time-out of section 3.9.1, as the user has set it, or as both sides have told each other (RFC 5482).
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/satisfies.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>

namespace plywire::tcp {

// The user time-out that never comes (RFC 9293 MUST-21).
inline constexpr duration forever{std::numeric_limits<std::int64_t>::max()};

// What a user time-out policy must answer: from what the patience policy would wait in the present state, how long this
// connection waits.
template <class T>
concept user_timeout_policy = std::default_initializable<T> && requires(T t, T const k, duration length) {
    { T::supported } -> std::convertible_to<bool>;
    { T::told } -> std::convertible_to<bool>; // whether it speaks the option of RFC 5482, as user_timeout_option does
    t.set(length);
    { k.limit(length) } -> std::same_as<duration>;
};

// Each connection may have its own. 4 octets of state.
class settable_user_timeout {
public:
    static constexpr bool supported = true;
    static constexpr bool told = false;

    // In whole milliseconds; zero or less: what the patience policy says; more than 49 days: for ever.
    constexpr void set(duration length) {
        auto const whole = length / milliseconds(1);
        if (length <= duration{}) {
            milliseconds_ = 0;
        } else {
            milliseconds_ = whole >= endless ? endless : static_cast<std::uint32_t>(whole == 0 ? 1 : whole);
        }
    }
    // Whether the user has decided.
    constexpr bool is_set() const { return milliseconds_ != 0; }
    constexpr duration limit(duration usual) const {
        if (milliseconds_ == 0) return usual;
        return milliseconds_ == endless ? forever : milliseconds(milliseconds_);
    }

private:
    static constexpr std::uint32_t endless = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t milliseconds_ = 0;
};

// The patience policy decides alone. Has no state.
struct fixed_user_timeout {
    using gives_up = rules<"9293-MUST-21", "9293-UTO-1">;
    static constexpr bool supported = false;
    static constexpr bool told = false;
    static constexpr void set(duration) {}
    static constexpr duration limit(duration usual) { return usual; }
};

// The same, and each side tells the other how long it will wait (RFC 5482). What the peer says counts between the two
// limits, in seconds, until the user decides (CHANGEABLE of section 3.1). 8 octets of state.
template <std::uint32_t LowerLimit = 100, std::uint32_t UpperLimit = 3600>
class user_timeout_option {
    static_assert(100 <= LowerLimit && LowerLimit <= UpperLimit,
                  "plywire: the lower limit of RFC 5482 is at least 100 s, and not above the upper one");

public:
    static constexpr bool supported = true;
    static constexpr bool told = true;

    constexpr void set(duration length) {
        own_.set(length);
        owed_ = true;
    }
    // USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT)), with what the policies say as ADV_UTO.
    constexpr duration limit(duration usual) const {
        if (own_.is_set() || remote_ == 0) return own_.limit(usual);
        duration const lower = seconds(LowerLimit);
        return std::min(seconds(UpperLimit), std::max({usual, length_of(remote_), lower}));
    }

    // A connection begins: nothing has been heard, and the peer is to be told.
    constexpr void forget() {
        remote_ = 0;
        owed_ = true;
    }
    // The 16 bits of the peer's option: minutes if the highest is set, else seconds; 0 is reserved (section 3.3).
    constexpr void heard(std::uint16_t value) {
        if ((value & 0x7fff) != 0) remote_ = value;
    }
    // What our option says, ADV_UTO: what we wait for ourselves.
    constexpr std::uint16_t advertised(duration usual) const {
        duration const length = own_.limit(usual);
        auto const whole = std::max<std::int64_t>(length / seconds(1), 1);
        if (whole <= most) return static_cast<std::uint16_t>(whole);
        return static_cast<std::uint16_t>(in_minutes | std::min<std::int64_t>(whole / 60, most));
    }
    // Whether a segment without SYN is to bear the option: the first one, and the first after each change (section 3).
    constexpr bool owed() const { return owed_; }
    constexpr void has_left() { owed_ = false; }

private:
    static constexpr std::uint16_t in_minutes = 0x8000;
    static constexpr std::int64_t most = 0x7fff;

    static constexpr duration length_of(std::uint16_t value) {
        auto const count = value & 0x7fff;
        return (value & in_minutes) != 0 ? minutes(count) : seconds(count);
    }

    settable_user_timeout own_{};
    std::uint16_t remote_ = 0;
    bool owed_ = true;
};

} // namespace plywire::tcp
