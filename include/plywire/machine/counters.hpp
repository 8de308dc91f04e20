// What a connection counts about itself, for info() only.
#pragma once

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// Told of what happens; nothing in the machine depends on what it answers.
template <class C>
concept counters_policy = std::default_initializable<C> && requires(C c, C const k) {
    c.sent_again(); // a segment that takes a number was sent once more
    { k.retransmissions() } -> std::same_as<std::uint32_t>;
};

// Nothing is counted: info() answers 0. Has no state.
struct no_counters {
    static constexpr void sent_again() {}
    static constexpr std::uint32_t retransmissions() { return 0; }
};

// Retransmissions only. 4 octets of state.
class retransmission_counter {
public:
    constexpr void sent_again() { ++retransmissions_; }
    constexpr std::uint32_t retransmissions() const { return retransmissions_; }

private:
    std::uint32_t retransmissions_ = 0;
};

static_assert(counters_policy<no_counters>);
static_assert(counters_policy<retransmission_counter>);

} // namespace plywire::tcp
