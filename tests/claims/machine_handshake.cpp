// Connections begin, in every way, and text goes both ways, while the compiler watches.
#include "claims/machine_pair.hpp"

namespace {

using namespace claims;

constexpr bool shakes_hands_and_talks(std::uint32_t isn_a, std::uint32_t isn_b) {
    pair_of_hosts p;
    p.shake_hands(isn_a, isn_b);
    p.transfer(p.a, p.b);
    p.transfer(p.b, p.a);
    return p.as_expected;
}
static_assert(shakes_hands_and_talks(836, 486));
static_assert(shakes_hands_and_talks(0xffff'ffff, 0xffff'fffe), "sequence numbers go round");

constexpr bool both_may_open_at_once() {
    pair_of_hosts p;
    p.open_at_once();
    p.transfer(p.a, p.b);
    return p.as_expected;
}
static_assert(both_may_open_at_once());

constexpr bool text_may_wait_for_the_handshake() {
    pair_of_hosts p;
    p.listen_and_open();
    p.says(p.a);
    p.deliver(p.a, p.b);
    p.deliver(p.b, p.a);
    p.deliver(p.a, p.b);
    p.has_heard(p.b);
    p.expect(state::established, state::established);
    return p.as_expected;
}
static_assert(text_may_wait_for_the_handshake());

} // namespace
