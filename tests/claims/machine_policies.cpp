// Every policy models the concept of its slot. Said here, not in their headers, so that users' compilers need not check it
// again and again.
#include <plywire/machine/buffer_storage.hpp>
#include <plywire/machine/challenge.hpp>
#include <plywire/machine/cork.hpp>
#include <plywire/machine/counters.hpp>
#include <plywire/machine/cubic.hpp>
#include <plywire/machine/delayed_acknowledgment.hpp>
#include <plywire/machine/duplicate_acks.hpp>
#include <plywire/machine/duplicate_reports.hpp>
#include <plywire/machine/fast_open.hpp>
#include <plywire/machine/keep_alive.hpp>
#include <plywire/machine/kernel_policies.hpp>
#include <plywire/machine/linger.hpp>
#include <plywire/machine/loss_recovery.hpp>
#include <plywire/machine/new_reno.hpp>
#include <plywire/machine/no_congestion_control.hpp>
#include <plywire/machine/observer.hpp>
#include <plywire/machine/options_layout.hpp>
#include <plywire/machine/patience.hpp>
#include <plywire/machine/policies.hpp>
#include <plywire/machine/push.hpp>
#include <plywire/machine/reports.hpp>
#include <plywire/machine/reset_style.hpp>
#include <plywire/machine/sack_recovery.hpp>
#include <plywire/machine/tail_probe.hpp>
#include <plywire/machine/timestamps.hpp>
#include <plywire/machine/urgent.hpp>
#include <plywire/machine/user_timeout.hpp>
#include <plywire/machine/window_offer.hpp>
#include <plywire/machine/window_reduction.hpp>

namespace plywire::tcp {

static_assert(buffer_storage<heap_storage>);
static_assert(buffer_storage<inline_storage<64>>);
static_assert(challenge_limit<counted_challenges<>>);
static_assert(challenge_limit<unlimited_challenges>);
static_assert(cork_policy<settable_cork>);
static_assert(cork_policy<no_cork>);
static_assert(counters_policy<no_counters>);
static_assert(counters_policy<retransmission_counter>);
static_assert(counters_policy<full_counters>);
static_assert(acknowledgment_timing<delayed_acknowledgment>);
static_assert(acknowledgment_timing<immediate_acknowledgment>);
static_assert(acknowledgment_timing<quick_acknowledgment<>>);
static_assert(loss_recovery<duplicate_acks>);
static_assert(duplicate_reporting<duplicate_sack>);
static_assert(duplicate_reporting<no_duplicate_sack>);
static_assert(fast_open_policy<no_fast_open>);
static_assert(fast_open_policy<fast_open_client>);
static_assert(keep_alive_policy<standard_keep_alive>);
static_assert(keep_alive_policy<no_keep_alive>);
static_assert(linger_policy<settable_linger>);
static_assert(linger_policy<no_linger>);
static_assert(loss_recovery<timer_recovery>);
static_assert(selective_recovery<sack_recovery> && selective_recovery<proportional_sack_recovery>);
static_assert(!selective_recovery<duplicate_acks> && !selective_recovery<timer_recovery>);
static_assert(window_reduction<reduce_at_once> && window_reduction<reduce_in_proportion>);
static_assert(congestion_controller<new_reno>);
static_assert(congestion_controller<cubic>);
static_assert(sizeof(cubic) == 28);
static_assert(initial_window_ten::octets(1460) == 14600);
static_assert(initial_window_three::octets(1460) == 4380);
static_assert(congestion_controller<no_congestion_control>);
static_assert(observer<no_observer>);
static_assert(std::is_empty_v<detail::watcher<no_observer>>);
static_assert(options_layout<linux_options>);
static_assert(options_layout<freebsd_options>);
static_assert(patience<standard_patience>);
static_assert(connection_policies<defaults>);
static_assert(connection_policies<minimal<>>);
static_assert(push_rule<push_when_empty>);
static_assert(push_rule<push_bursts>);
static_assert(push_rule<push_each_write<>>);
static_assert(report_keeping<kept_reports>);
static_assert(report_keeping<no_reports>);
static_assert(reset_style<bare_resets>);
static_assert(reset_style<acknowledging_resets>);
static_assert(tail_probe_policy<no_tail_probe>);
static_assert(tail_probe_policy<probe_tail>);
static_assert(timestamps_policy<use_timestamps>);
static_assert(timestamps_policy<no_timestamps>);
static_assert(urgent_marks<urgent_data>);
static_assert(urgent_marks<no_urgent_data>);
static_assert(user_timeout_policy<user_timeout_option<>>);
static_assert(user_timeout_policy<settable_user_timeout>);
static_assert(user_timeout_policy<fixed_user_timeout>);
static_assert(window_offer<whole_window>);
static_assert(window_offer<linux_window>);
static_assert(window_offer<freebsd_window>);
static_assert(connection_policies<linux_like> && connection_policies<freebsd_like>);

} // namespace plywire::tcp
