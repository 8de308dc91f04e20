// Sequence numbers: 32 bits that go round, so that "less than" has no meaning among them, but "before" has.
// Read RFC 9293 section 3.4 first.
#pragma once

#include <cstdint>

namespace plywire::tcp {

// A place in one direction of a connection. Order is only defined between numbers less than 2^31 apart, which windows
// of at most 2^30 octets (RFC 7323 section 2.3) guarantee; it is asked for by before() and after().
class sequence {
public:
    constexpr sequence() = default;
    explicit constexpr sequence(std::uint32_t value)
        : value_(value) {}

    // The number as it stands in a header.
    constexpr std::uint32_t value() const { return value_; }

    friend constexpr sequence operator+(sequence a, std::uint32_t octets) { return sequence(a.value_ + octets); }
    friend constexpr sequence operator-(sequence a, std::uint32_t octets) { return sequence(a.value_ - octets); }
    // How many octets a is ahead of b; negative when it is behind.
    friend constexpr std::int32_t operator-(sequence a, sequence b) {
        return static_cast<std::int32_t>(a.value_ - b.value_);
    }
    constexpr sequence& operator+=(std::uint32_t octets) { return *this = *this + octets; }

    friend constexpr bool operator==(sequence, sequence) = default;
    // 4294967295 is before 0: whoever compares must say what is meant.
    friend bool operator<(sequence, sequence) = delete;
    friend bool operator>(sequence, sequence) = delete;
    friend bool operator<=(sequence, sequence) = delete;
    friend bool operator>=(sequence, sequence) = delete;

private:
    std::uint32_t value_ = 0;
};

// a < b of the RFC, modulo 2^32.
constexpr bool before(sequence a, sequence b) { return a - b < 0; }
// a > b of the RFC, modulo 2^32.
constexpr bool after(sequence a, sequence b) { return b - a < 0; }
// low <= x <= high going upwards from low, however far the ends are apart.
constexpr bool between(sequence low, sequence x, sequence high) {
    return x.value() - low.value() <= high.value() - low.value();
}
// Of two numbers the one that comes later.
constexpr sequence later(sequence a, sequence b) { return before(a, b) ? b : a; }
// How many octets lie from `from` up to `to`; 0 when `to` is behind it.
constexpr std::uint32_t octets_between(sequence from, sequence to) {
    return before(from, to) ? to.value() - from.value() : 0;
}

} // namespace plywire::tcp
