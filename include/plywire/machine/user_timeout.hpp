// How long the peer may leave text unacknowledged before the connection is given up: R2 of RFC 9293 section 3.8.3, the
// user time-out of section 3.9.1, as the user has set it.
#pragma once

#include <plywire/base/time.hpp>

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
    t.set(length);
    { k.limit(length) } -> std::same_as<duration>;
};

// Each connection may have its own. 4 octets of state.
class settable_user_timeout {
public:
    static constexpr bool supported = true;

    // In whole milliseconds; zero or less: what the patience policy says; more than 49 days: for ever.
    constexpr void set(duration length) {
        auto const whole = length / milliseconds(1);
        if (length <= duration{}) {
            milliseconds_ = 0;
        } else {
            milliseconds_ = whole >= endless ? endless : static_cast<std::uint32_t>(whole == 0 ? 1 : whole);
        }
    }
    constexpr duration limit(duration usual) const {
        if (milliseconds_ == 0) return usual;
        return milliseconds_ == endless ? forever : milliseconds(milliseconds_);
    }

private:
    static constexpr std::uint32_t endless = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t milliseconds_ = 0;
};

// The patience policy decides alone. Has no state. Gives up RFC 9293 MUST-21.
struct fixed_user_timeout {
    static constexpr bool supported = false;
    static constexpr void set(duration) {}
    static constexpr duration limit(duration usual) { return usual; }
};

static_assert(user_timeout_policy<settable_user_timeout>);
static_assert(user_timeout_policy<fixed_user_timeout>);

} // namespace plywire::tcp
