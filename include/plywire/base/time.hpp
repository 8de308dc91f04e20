// Time as 64-bit nanoseconds. Nothing in plywire reads a clock: whoever drives a machine says what time it is.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace plywire {

// A length of time in nanoseconds, negative ones included; +-292 years. Arithmetic is exact and must stay in that
// range.
struct duration {
    std::int64_t nanoseconds = 0;

    friend constexpr auto operator<=>(duration const&, duration const&) = default;
    friend constexpr duration operator+(duration a, duration b) { return {a.nanoseconds + b.nanoseconds}; }
    friend constexpr duration operator-(duration a, duration b) { return {a.nanoseconds - b.nanoseconds}; }
    friend constexpr duration operator-(duration a) { return {-a.nanoseconds}; }
    friend constexpr duration operator*(duration a, std::int64_t factor) { return {a.nanoseconds * factor}; }
    friend constexpr duration operator*(std::int64_t factor, duration a) { return a * factor; }
    // Rounds towards zero; the divisor is not zero.
    friend constexpr duration operator/(duration a, std::int64_t divisor) { return {a.nanoseconds / divisor}; }
    // How many times b fits into a, rounded towards zero; b is not zero.
    friend constexpr std::int64_t operator/(duration a, duration b) { return a.nanoseconds / b.nanoseconds; }
    constexpr duration& operator+=(duration b) { return *this = *this + b; }
    constexpr duration& operator-=(duration b) { return *this = *this - b; }
};

constexpr duration nanoseconds(std::int64_t count) { return {count}; }
constexpr duration microseconds(std::int64_t count) { return {count * 1'000}; }
constexpr duration milliseconds(std::int64_t count) { return {count * 1'000'000}; }
constexpr duration seconds(std::int64_t count) { return {count * 1'000'000'000}; }
constexpr duration minutes(std::int64_t count) { return seconds(count * 60); }
constexpr duration hours(std::int64_t count) { return minutes(count * 60); }

// A point in time: nanoseconds since an origin that the driver chooses once and keeps.
struct instant {
    std::int64_t nanoseconds = 0;

    // Later than every other instant: the deadline of what is not due at all. Adding to it, or past it, leaves it.
    static constexpr instant never() { return {std::numeric_limits<std::int64_t>::max()}; }

    friend constexpr auto operator<=>(instant const&, instant const&) = default;
    friend constexpr duration operator-(instant a, instant b) { return {a.nanoseconds - b.nanoseconds}; }
    friend constexpr instant operator+(instant a, duration b) {
        if (a == never()) return a;
        if (b.nanoseconds > 0 && a.nanoseconds > never().nanoseconds - b.nanoseconds) return never();
        return {a.nanoseconds + b.nanoseconds};
    }
    friend constexpr instant operator+(duration a, instant b) { return b + a; }
    friend constexpr instant operator-(instant a, duration b) { return a + -b; }
    constexpr instant& operator+=(duration b) { return *this = *this + b; }
    constexpr instant& operator-=(duration b) { return *this = *this - b; }
};

} // namespace plywire
