// What a connection costs. Buffers on the heap are not counted, the two rings that refer to them are.
#include <plywire/machine/connection.hpp>
#include <plywire/machine/no_congestion_control.hpp>

#include <cstddef>

namespace {

using namespace plywire;

template <class Policies>
constexpr std::size_t octets = sizeof(tcp::connection<Policies>);

struct without_timestamps : tcp::defaults {
    using timestamps = tcp::no_timestamps;
};
struct without_limit : tcp::defaults {
    using challenges = tcp::unlimited_challenges;
};
struct without_control : tcp::defaults {
    using congestion_control = tcp::no_congestion_control;
};
struct without_recovery : tcp::defaults {
    using recovery = tcp::timer_recovery;
};
struct without_anything : tcp::defaults {
    using congestion_control = tcp::no_congestion_control;
    using recovery = tcp::timer_recovery;
    using timestamps = tcp::no_timestamps;
    using challenges = tcp::unlimited_challenges;
    static constexpr std::size_t reassembly_ranges = 1;
};

// Where pointers have 64 bits.
static_assert(sizeof(void*) != 8 || octets<tcp::defaults> <= 352);

// A policy without state is not stored: each slot left empty makes the connection smaller by what the other one needs.
constexpr std::size_t rounding = alignof(tcp::connection<>);
static_assert(octets<without_timestamps> + sizeof(tcp::use_timestamps) <= octets<tcp::defaults> + rounding);
static_assert(octets<without_limit> + sizeof(tcp::counted_challenges<>) <= octets<tcp::defaults> + rounding);
static_assert(octets<without_control> + sizeof(tcp::new_reno) <= octets<tcp::defaults> + rounding);
static_assert(octets<without_recovery> + sizeof(tcp::duplicate_acks) <= octets<tcp::defaults> + rounding);

// All of them at once: empty policies do not cost a byte each.
constexpr std::size_t stateful = sizeof(tcp::new_reno) + sizeof(tcp::duplicate_acks) + sizeof(tcp::use_timestamps) +
                                 sizeof(tcp::counted_challenges<>) + 3 * sizeof(tcp::sequence_range);
static_assert(octets<without_anything> + stateful <= octets<tcp::defaults> + rounding);

// Without the heap the buffers are inside.
static_assert(octets<tcp::fixed_buffers<4096, 4096>> >= 8192);
static_assert(octets<tcp::fixed_buffers<4096, 4096>> <= 8192 + octets<tcp::defaults>);

} // namespace
