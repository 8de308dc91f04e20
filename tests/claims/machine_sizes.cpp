// What a connection costs. Buffers on the heap are not counted, the two rings that refer to them are.
#include <plywire/machine/connection.hpp>
#include <plywire/machine/cubic.hpp>
#include <plywire/machine/kernel_policies.hpp>
#include <plywire/machine/no_congestion_control.hpp>
#include <plywire/machine/sack_recovery.hpp>

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
struct with_cubic : tcp::defaults {
    using congestion_control = tcp::cubic;
};
struct without_recovery : tcp::defaults {
    using recovery = tcp::timer_recovery;
};
template <std::size_t Holes>
struct with_sack : tcp::defaults {
    using recovery = tcp::basic_sack_recovery<Holes>;
};
struct with_prr : tcp::defaults {
    using recovery = tcp::proportional_sack_recovery;
};
struct without_counters : tcp::defaults {
    using counters = tcp::no_counters;
};
struct counting_all : tcp::defaults {
    using counters = tcp::full_counters;
};
struct without_scaling : tcp::defaults {
    static constexpr bool window_scaling = false;
};
// Every slot that can be left empty is.
struct without_anything : tcp::defaults {
    using congestion_control = tcp::no_congestion_control;
    using recovery = tcp::timer_recovery;
    using timestamps = tcp::no_timestamps;
    using challenges = tcp::unlimited_challenges;
    using urgent = tcp::no_urgent_data;
    using keep_alive = tcp::no_keep_alive;
    using user_timeout = tcp::fixed_user_timeout;
    using cork = tcp::no_cork;
    using linger = tcp::no_linger;
    using duplicates = tcp::no_duplicate_sack;
    using reports = tcp::no_reports;
    using counters = tcp::no_counters;
    static constexpr bool window_scaling = false;
    static constexpr std::size_t reassembly_ranges = 0;
};
template <std::size_t Octets>
struct minimal_without_anything : tcp::minimal<Octets, Octets> {
    using congestion_control = tcp::no_congestion_control;
    using recovery = tcp::timer_recovery;
    using challenges = tcp::unlimited_challenges;
    static constexpr std::size_t reassembly_ranges = 0;
};

// The bounds, where pointers have 64 bits: octets on the heap are not counted, those inside neither.
template <class Policies, std::size_t Buffers, std::size_t Bound>
constexpr bool takes_at_most = sizeof(void*) != 8 || octets<Policies> - Buffers <= Bound;
static_assert(takes_at_most<tcp::defaults, 0, 272>);
static_assert(takes_at_most<with_cubic, 0, 288>);
static_assert(takes_at_most<tcp::linux_like, 0, 336>);
static_assert(takes_at_most<tcp::freebsd_like, 0, 272>);
static_assert(takes_at_most<tcp::minimal<2048, 2048>, 2 * 2048, 128>);
static_assert(takes_at_most<tcp::minimal<32768, 64>, 32768 + 64, 128>);
static_assert(takes_at_most<without_anything, 0, 144>);
static_assert(takes_at_most<minimal_without_anything<64>, 2 * 64, 108>);

// A policy without state is not stored: each slot left empty makes the connection smaller by what the other one needs.
constexpr std::size_t rounding = alignof(tcp::connection<>);
template <class Policies, std::size_t Saved>
constexpr bool saves = octets<Policies> + Saved <= octets<tcp::defaults> + rounding;
static_assert(saves<without_timestamps, sizeof(tcp::use_timestamps)>);
static_assert(saves<without_limit, sizeof(tcp::counted_challenges<>)>);
static_assert(saves<without_control, sizeof(tcp::new_reno)>);
static_assert(saves<without_recovery, sizeof(tcp::duplicate_acks)>);
// Whoever recovers by SACK pays for the holes that are remembered.
static_assert(octets<with_sack<4>> <= octets<tcp::defaults> + 4 * 20 + 60 + rounding);
static_assert(octets<with_sack<16>> <= octets<with_sack<4>> + 12 * 20 + rounding);
static_assert(octets<with_prr> <= octets<with_sack<16>> + sizeof(tcp::reduce_in_proportion) + rounding);
static_assert(saves<without_counters, sizeof(tcp::retransmission_counter)>);
// Who wants more counted pays for that and nothing else.
static_assert(octets<counting_all> <= octets<tcp::defaults> + sizeof(tcp::full_counters) + rounding);
static_assert(saves<without_scaling, 2 * 2 + 2 * 1>); // two windows of 16 bits less, two shifts

// All of them at once: empty policies do not cost a byte each.
static_assert(
    saves<without_anything,
          sizeof(tcp::new_reno) + sizeof(tcp::duplicate_acks) + sizeof(tcp::use_timestamps) +
              sizeof(tcp::counted_challenges<>) + sizeof(tcp::retransmission_counter) + sizeof(tcp::urgent_data) +
              sizeof(tcp::standard_keep_alive) + sizeof(tcp::settable_user_timeout) + sizeof(tcp::settable_linger) +
              sizeof(tcp::duplicate_sack) + sizeof(tcp::kept_reports) + 4 * sizeof(tcp::sequence_range)>);

} // namespace
