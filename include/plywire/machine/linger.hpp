// What becomes of text that is still on its way when the application lets go of a connection.
#pragma once

#include <plywire/base/time.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>

namespace plywire::tcp {

// What a linger policy must answer: whether a limit is set, and which.
template <class T>
concept linger_policy = std::default_initializable<T> && requires(T t, T const k, std::optional<duration> wanted) {
    { T::supported } -> std::convertible_to<bool>;
    t.set(wanted);
    { k.limited() } -> std::same_as<bool>;
    { k.limit() } -> std::same_as<duration>;
};

// Each connection may have its own limit, and has none at first. 4 octets of state.
class settable_linger {
public:
    static constexpr bool supported = true;

    // In whole milliseconds, at least one unless it is zero, up to 49 days; nullopt: no limit but those of the patience policy.
    constexpr void set(std::optional<duration> wanted) {
        milliseconds_ = none;
        if (!wanted) return;
        auto const least = *wanted > duration{} ? 1 : 0;
        auto const whole = std::clamp<std::int64_t>(*wanted / milliseconds(1), least, std::int64_t{none} - 1);
        milliseconds_ = static_cast<std::uint32_t>(whole);
    }
    constexpr bool limited() const { return milliseconds_ != none; }
    constexpr duration limit() const { return milliseconds(milliseconds_); }

private:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t milliseconds_ = none;
};

// No limit but those of the patience policy. Has no state.
struct no_linger {
    static constexpr bool supported = false;
    static constexpr void set(std::optional<duration>) {}
    static constexpr bool limited() { return false; }
    static constexpr duration limit() { return {}; }
};

} // namespace plywire::tcp
