// The small types that a connection is made of: what they hold, and that nothing is lost in them.
#include <plywire/machine/brief_instant.hpp>
#include <plywire/machine/kept_if.hpp>

#include <cstdint>

namespace {

using namespace plywire;
using tcp::brief_instant;

// An instant is rounded up to whole steps, from one end of time to the other.
constexpr std::int64_t round_trip(std::int64_t nanoseconds) {
    return instant(brief_instant(instant{nanoseconds})).nanoseconds;
}
static_assert(round_trip(0) == 0);
static_assert(round_trip(1) == 100'000);
static_assert(round_trip(100'000) == 100'000);
static_assert(round_trip(100'001) == 200'000);
static_assert(round_trip(-1) == 0);
static_assert(round_trip(-100'000) == -100'000);
static_assert(round_trip(-100'001) == -100'000);
static_assert(round_trip(1'700'000'000'000'000'001) == 1'700'000'000'000'100'000); // nanoseconds since 1970
static_assert(round_trip(-9'223'372'036'854'775'807) == -9'223'372'036'854'700'000);
static_assert(round_trip(9'223'372'036'854'675'807) == 9'223'372'036'854'700'000);

// Never stays never, and so does what lies within a step of it.
static_assert(brief_instant(instant::never()) == instant::never());
static_assert(round_trip(9'223'372'036'854'675'808) == instant::never().nanoseconds);
static_assert(brief_instant(instant::never()) + seconds(1) == instant::never());
static_assert(brief_instant(instant{0}) + milliseconds(1) == instant{1'000'000});

// A field that is not kept reads as nothing.
template <bool Kept>
constexpr unsigned kept(unsigned value) {
    tcp::kept_if<Kept, unsigned, 0> field;
    field = value;
    return field;
}
static_assert(kept<true>(7) == 7 && kept<false>(7) == 0);
struct with_both {
    [[no_unique_address]] tcp::kept_if<false, std::uint64_t, 0> a;
    [[no_unique_address]] tcp::kept_if<false, std::uint64_t, 1> b;
    std::uint8_t c;
};
static_assert(sizeof(with_both) == 1);

} // namespace
