// The decisions of a connection that have more than one good answer, by name. A set of policies is a struct of names:
//
//     struct patient : tcp::defaults { using retransmission = tcp::standard_timing; };
//     tcp::connection<patient> c;
//
// State that a policy needs lives in the policy; one without state is not stored.
#pragma once

#include <plywire/bytes/ring.hpp>
#include <plywire/machine/buffer_storage.hpp>
#include <plywire/machine/challenge.hpp>
#include <plywire/machine/cork.hpp>
#include <plywire/machine/counters.hpp>
#include <plywire/machine/delayed_acknowledgment.hpp>
#include <plywire/machine/duplicate_acks.hpp>
#include <plywire/machine/duplicate_reports.hpp>
#include <plywire/machine/fast_open.hpp>
#include <plywire/machine/keep_alive.hpp>
#include <plywire/machine/linger.hpp>
#include <plywire/machine/new_reno.hpp>
#include <plywire/machine/observer.hpp>
#include <plywire/machine/options_layout.hpp>
#include <plywire/machine/patience.hpp>
#include <plywire/machine/push.hpp>
#include <plywire/machine/reports.hpp>
#include <plywire/machine/reset_style.hpp>
#include <plywire/machine/round_trip.hpp>
#include <plywire/machine/slots.hpp>
#include <plywire/machine/tail_probe.hpp>
#include <plywire/machine/timestamps.hpp>
#include <plywire/machine/urgent.hpp>
#include <plywire/machine/user_timeout.hpp>
#include <plywire/machine/window_offer.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// A safe host on the Internet.
struct defaults {
    using congestion_control = new_reno;           // congestion_controller: how much may be in flight
    using recovery = duplicate_acks;               // loss_recovery: what is lost
    using retransmission = standard_timing;        // retransmission_timing: when the timer runs out
    using acknowledgment = delayed_acknowledgment; // acknowledgment_timing: when data is acknowledged
    using challenges = counted_challenges<>;       // challenge_limit: how often forged segments are answered
    using timestamps = use_timestamps;             // timestamps_policy
    using waiting = standard_patience;             // patience: when to give up
    using urgent = urgent_data;                    // urgent_marks: whether there is urgent data
    using keep_alive = standard_keep_alive;        // keep_alive_policy: probes of an idle connection
    using user_timeout = settable_user_timeout;    // user_timeout_policy: R2 as the user has set it
    using cork = settable_cork;                    // cork_policy: whether short segments can wait
    using linger = settable_linger;                // linger_policy: text on its way when the application is gone
    using duplicates = duplicate_sack;             // duplicate_reporting: what came twice, where SACK is on
    using reports = kept_reports;                  // report_keeping: soft errors that the user is told of
    using counters = retransmission_counter;       // counters_policy: what info() can tell
    using options = linux_options;                 // options_layout: in which order options stand
    using push = push_when_empty;                  // push_rule: which segments bear PSH
    using resets = bare_resets;                    // reset_style: what the RST of ABORT looks like
    using window = whole_window;                   // window_offer: the window of a SYN, and the least shift
    using tail_probe = no_tail_probe;              // tail_probe_policy: what the end of a flight is probed by
    using fast_open = no_fast_open;                // fast_open_policy: text in the SYN
    using observer = no_observer;                  // observer: who watches
    using send_storage = heap_storage;             // buffer_storage: octets until they are acknowledged
    using receive_storage = heap_storage;          // buffer_storage: octets until they are read
    // The window scale option is offered and taken (RFC 7323 section 2).
    static constexpr bool window_scaling = true;
    // SACK is offered, and sent when the peer permits it (RFC 2018).
    static constexpr bool selective_acknowledgments = true;
    // An ACK of what has not been sent is answered (RFC 9293 section 3.10.7.4, fifth).
    static constexpr bool answers_acknowledgments_of_unsent = true;
    // RST does not end TIME-WAIT (RFC 1337 section 3, F1): it would let old segments into the next connection. False is
    // what RFC 9293 section 3.10.7.4 says.
    static constexpr bool ignore_resets_in_time_wait = true;
    // How many runs of octets beyond a gap are kept track of; what would make more is dropped.
    static constexpr std::size_t reassembly_ranges = 4;
};

// As little memory as a host on the Internet can do with: buffers inside the connection, no heap, no options but MSS,
// so that no window is larger than 65,535 octets and half as many bits count it.
template <std::size_t SendOctets = 2048, std::size_t ReceiveOctets = 2048>
struct minimal : defaults {
    using congestion_control = basic_new_reno<initial_window_ten, std::uint16_t>;
    using recovery = basic_duplicate_acks<std::uint16_t>;
    using timestamps = no_timestamps;
    using urgent = no_urgent_data;
    using keep_alive = no_keep_alive;
    using user_timeout = fixed_user_timeout;
    using cork = no_cork;
    using linger = no_linger;
    using duplicates = no_duplicate_sack;
    using reports = no_reports;
    using counters = no_counters;
    using send_storage = inline_storage<SendOctets>;
    using receive_storage = inline_storage<ReceiveOctets>;
    static constexpr bool window_scaling = false;
    static constexpr bool selective_acknowledgments = false;
    static constexpr std::size_t reassembly_ranges = 1;
};

// Every slot and every constant has a name in P.
template <class P>
concept names_every_slot = requires {
    typename slots_of<P>;
    { P::window_scaling } -> std::convertible_to<bool>;
    { P::selective_acknowledgments } -> std::convertible_to<bool>;
    { P::answers_acknowledgments_of_unsent } -> std::convertible_to<bool>;
    { P::ignore_resets_in_time_wait } -> std::convertible_to<bool>;
    { P::reassembly_ranges } -> std::convertible_to<std::size_t>;
};

// Every slot is filled with something that answers what its concept asks.
template <class P>
concept connection_policies =
    names_every_slot<P> && congestion_controller<typename P::congestion_control> &&
    loss_recovery<typename P::recovery> && retransmission_timing<typename P::retransmission> &&
    acknowledgment_timing<typename P::acknowledgment> && challenge_limit<typename P::challenges> &&
    timestamps_policy<typename P::timestamps> && patience<typename P::waiting> && urgent_marks<typename P::urgent> &&
    keep_alive_policy<typename P::keep_alive> && user_timeout_policy<typename P::user_timeout> &&
    cork_policy<typename P::cork> && linger_policy<typename P::linger> && duplicate_reporting<typename P::duplicates> &&
    report_keeping<typename P::reports> && counters_policy<typename P::counters> &&
    options_layout<typename P::options> && push_rule<typename P::push> && reset_style<typename P::resets> &&
    window_offer<typename P::window> && tail_probe_policy<typename P::tail_probe> &&
    fast_open_policy<typename P::fast_open> && observer<typename P::observer> &&
    buffer_storage<typename P::send_storage> && buffer_storage<typename P::receive_storage>;

// The same for a class that wants to say in one sentence which slot is wrong: always true, or does not compile.
template <class P>
consteval bool check_policies() {
    static_assert(names_every_slot<P>, "plywire: a set of TCP policies derives from tcp::defaults");
    if constexpr (names_every_slot<P>) {
        static_assert(congestion_controller<typename P::congestion_control>,
                      "plywire: the policy congestion_control is no congestion_controller "
                      "(machine/congestion_controller.hpp says what it must answer)");
        static_assert(loss_recovery<typename P::recovery>,
                      "plywire: the policy recovery is no loss_recovery (machine/loss_recovery.hpp)");
        static_assert(retransmission_timing<typename P::retransmission>,
                      "plywire: the policy retransmission is no retransmission_timing (machine/round_trip.hpp)");
        static_assert(acknowledgment_timing<typename P::acknowledgment>,
                      "plywire: the policy acknowledgment is no acknowledgment_timing "
                      "(machine/delayed_acknowledgment.hpp)");
        static_assert(challenge_limit<typename P::challenges>,
                      "plywire: the policy challenges is no challenge_limit (machine/challenge.hpp)");
        static_assert(timestamps_policy<typename P::timestamps>,
                      "plywire: the policy timestamps is no timestamps_policy (machine/timestamps.hpp)");
        static_assert(patience<typename P::waiting>,
                      "plywire: the policy waiting is no patience (machine/patience.hpp)");
        static_assert(urgent_marks<typename P::urgent>,
                      "plywire: the policy urgent is no urgent_marks (machine/urgent.hpp)");
        static_assert(keep_alive_policy<typename P::keep_alive>,
                      "plywire: the policy keep_alive is no keep_alive_policy (machine/keep_alive.hpp)");
        static_assert(user_timeout_policy<typename P::user_timeout>,
                      "plywire: the policy user_timeout is no user_timeout_policy (machine/user_timeout.hpp)");
        static_assert(cork_policy<typename P::cork>, "plywire: the policy cork is no cork_policy (machine/cork.hpp)");
        static_assert(linger_policy<typename P::linger>,
                      "plywire: the policy linger is no linger_policy (machine/linger.hpp)");
        static_assert(duplicate_reporting<typename P::duplicates>,
                      "plywire: the policy duplicates is no duplicate_reporting (machine/duplicate_reports.hpp)");
        static_assert(report_keeping<typename P::reports>,
                      "plywire: the policy reports is no report_keeping (machine/reports.hpp)");
        static_assert(counters_policy<typename P::counters>,
                      "plywire: the policy counters is no counters_policy (machine/counters.hpp)");
        static_assert(options_layout<typename P::options>,
                      "plywire: the policy options is no options_layout (machine/options_layout.hpp)");
        static_assert(push_rule<typename P::push>, "plywire: the policy push is no push_rule (machine/push.hpp)");
        static_assert(reset_style<typename P::resets>,
                      "plywire: the policy resets is no reset_style (machine/reset_style.hpp)");
        static_assert(window_offer<typename P::window>,
                      "plywire: the policy window is no window_offer (machine/window_offer.hpp)");
        static_assert(tail_probe_policy<typename P::tail_probe>,
                      "plywire: the policy tail_probe is no tail_probe_policy (machine/tail_probe.hpp)");
        static_assert(fast_open_policy<typename P::fast_open>,
                      "plywire: the policy fast_open is no fast_open_policy (machine/fast_open.hpp)");
        static_assert(observer<typename P::observer>,
                      "plywire: the policy observer is no observer (machine/observer.hpp)");
        static_assert(
            buffer_storage<typename P::send_storage> && buffer_storage<typename P::receive_storage>,
            "plywire: the policies send_storage and receive_storage are buffer_storage (machine/buffer_storage.hpp)");
    }
    return true;
}

} // namespace plywire::tcp
