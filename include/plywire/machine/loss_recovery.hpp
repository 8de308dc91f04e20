// What a loss recovery may assume and must answer: from acknowledgments it finds out what is lost.
#pragma once

#include <plywire/machine/congestion_controller.hpp>
#include <plywire/machine/no_congestion_control.hpp>
#include <plywire/machine/reassembly.hpp>
#include <plywire/machine/satisfies.hpp>
#include <plywire/machine/sequence.hpp>

#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// An acknowledgment as the recovery sees it.
struct acknowledgment_view {
    sequence acknowledged{};  // SND.UNA after it
    sequence sent{};          // the number after the last octet ever sent (the RFC's SND.NXT)
    std::uint32_t octets = 0; // how many octets of text it newly acknowledges
};

// Watches acknowledgments and says when the first segment that is not acknowledged is to be sent again without waiting
// for the timer. Tells the congestion controller about losses and about progress.
//
// It may assume: start() comes first; duplicate() is called for duplicate ACKs as RFC 5681 section 2 defines them;
// advanced() whenever new octets are acknowledged; timed_out() when the retransmission timer has run out (everything is
// then sent anew from the first unacknowledged octet on). It must answer whether to retransmit that first segment now.
template <class R>
concept loss_recovery =
    std::default_initializable<R> && requires(R r, R const k, sequence number, acknowledgment_view const& heard,
                                              path_view const& path, no_congestion_control& control) {
        r.start(number); // ISS
        { r.duplicate(heard, path, control) } -> std::same_as<bool>;
        { r.advanced(heard, path, control) } -> std::same_as<bool>;
        r.timed_out(number);                              // the number after the last octet ever sent
        { k.inflation() } -> std::same_as<std::uint32_t>; // octets that may be in flight beyond the controller's window
        { k.in_recovery() } -> std::same_as<bool>;
    };

// One that listens to SACK besides. It may assume: where the peer has permitted SACK, hears() comes before duplicate()
// and advanced(), for each acknowledgment that is one of ours, and then hears_of() for each block; the sender never goes
// back to SND.UNA but after timed_out(). It must answer which octets are to be sent again, and how many are known not
// to be on their way any more, which inflation() counts too. What is not selective is not asked.
template <class R>
concept selective_recovery =
    requires { requires R::selective; } && loss_recovery<R> &&
    requires(R r, R const k, sequence number, sequence_range range, acknowledgment_view const& heard,
             path_view const& path, std::uint32_t octets, instant now) {
        r.hears(number, path);          // SND.UNA
        r.hears_of(range, heard, path); // a block, as it stands in the segment
        r.lose_all(number, number);     // in place of timed_out(): SND.UNA, SND.NXT
        r.repaired(range, number, now); // has left again; SND.NXT
        { k.has_report() } -> std::same_as<bool>;
        { k.to_repair() } -> std::same_as<sequence_range>;
        { k.to_try(number, number, octets) } -> std::same_as<sequence_range>; // SND.UNA, SND.NXT, SMSS
        { k.first_hole() } -> std::same_as<std::uint32_t>;
        { k.not_in_pipe() } -> std::same_as<std::uint32_t>;
    };

// Losses are found by the retransmission timer alone. Has no state.
struct timer_recovery {
    using gives_up = rules<"5681-12">; // fast retransmit
    constexpr void start(sequence) {}
    template <congestion_controller Control>
    constexpr bool duplicate(acknowledgment_view const&, path_view const&, Control&) {
        return false;
    }
    template <congestion_controller Control>
    constexpr bool advanced(acknowledgment_view const& heard, path_view const& path, Control& control) {
        control.acknowledged(heard.octets, path);
        return false;
    }
    constexpr void timed_out(sequence) {}
    constexpr std::uint32_t inflation() const { return 0; }
    constexpr bool in_recovery() const { return false; }
};

} // namespace plywire::tcp
