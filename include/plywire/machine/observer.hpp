// What a connection lets be watched: segments, options, moves of the state machine, windows, round trips, losses and
// timers, each with its reason. For logs, plots and lessons; nothing in the machine depends on who watches.
//
//     struct log {
//         void sees(tcp::moved const& m, instant now) { ... }
//         template <class Other> void sees(Other const&, instant) {}
//     };
//     struct watched : tcp::defaults { using observer = log; };
//
// Nobody watches by default, and that costs neither an octet nor an instruction.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/view.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/machine/events.hpp>
#include <plywire/machine/incoming.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/states.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace plywire::tcp {

// The state has become another.
struct moved {
    state from{};
    state to{};
    event cause{};
    step at{}; // where in the processing of a segment; none where no segment caused it
};

// A segment has arrived (before it is looked at), or has been written.
struct segment_seen {
    bool ours = false; // sent, not received
    bool syn = false;
    bool ack = false;
    bool rst = false;
    bool fin = false;
    bool psh = false; // of ours only
    sequence number{};
    sequence acknowledgment{}; // when ack
    std::uint32_t text = 0;    // octets
    std::uint16_t window = 0;  // the field, not scaled
    bool again = false;        // of ours only: its first number was sent before
    std::string_view why{};    // it was sent
};

// The peer's SYN has been read: what the two may use from now on (RFC 9293 section 3.7.1, RFC 7323, RFC 2018).
struct options_negotiated {
    std::uint16_t segment_size = 0;        // what the peer takes, octets of text and options
    std::uint8_t send_window_scale = 0;    // bits by which the peer shifts its windows
    std::uint8_t receive_window_scale = 0; // and we ours
    bool window_scaling = false;           // both have offered it; so with the following two
    bool timestamps = false;
    bool selective_acknowledgments = false;
    std::string_view why{};
};

// cwnd or ssthresh, octets. In recovery the window counts what duplicate ACKs have added to it.
struct congestion_changed {
    std::uint32_t window = 0;
    std::uint32_t slow_start_threshold = 0;
    std::string_view why{};
};

// SRTT, RTTVAR or RTO.
struct round_trip_changed {
    duration smoothed{};
    duration variation{};
    duration timeout{};
    std::string_view why{};
};

// What lies from `first` up to, and not with, `last` counts as lost, the first segment of it for sure.
struct loss_marked {
    sequence first{};
    sequence last{};
    std::string_view why{};
};

// A timer was set or stopped, or ran out.
struct timer_changed {
    enum class change : std::uint8_t { set, stopped, fired };
    std::string_view timer{};
    change what{};
    instant due = instant::never(); // when it was set for
    std::string_view why{};
};

// What an observer must take: each of these, with the time that the machine was last told.
template <class O>
concept observer = std::default_initializable<O> && requires(O o, instant now) {
    o.sees(moved{}, now);
    o.sees(segment_seen{}, now);
    o.sees(options_negotiated{}, now);
    o.sees(congestion_changed{}, now);
    o.sees(round_trip_changed{}, now);
    o.sees(loss_marked{}, now);
    o.sees(timer_changed{}, now);
};

// Nobody watches. Has no state.
struct no_observer {
    template <class Seen>
    static constexpr void sees(Seen const&, instant) {}
};

namespace detail {

// Between the machine and its observer: knows what is going on, so that no call has to say it.
template <class Observer>
class watcher {
public:
    static constexpr bool watches = true;

    // A call or a segment begins.
    constexpr void happens(event cause, instant now) {
        now_ = now;
        happens(cause);
    }
    constexpr void happens(event cause) {
        cause_ = cause;
        at_ = step::none;
        why_ = name_of(cause);
        if (cause == event::open_active || cause == event::open_passive) window_ = threshold_ = 0; // another connection
    }
    // A call that moves no state begins.
    constexpr void calls(std::string_view what, instant now) {
        now_ = now;
        why_ = what;
    }
    // A segment has come so far.
    constexpr void reaches(step at) {
        at_ = at;
        why_ = name_of(at);
    }
    // What changes next, until compare(), has this reason.
    constexpr void because(std::string_view why) { why_ = why; }
    // The recovery has been told of an acknowledgment.
    template <class Block>
    constexpr void recovery_advances(Block const& c) {
        if (recovering_ && !c.recovery.get().in_recovery()) why_ = "the recovery is over";
    }

    // From there up to there counts as lost.
    constexpr void loses(sequence first, sequence last, std::string_view why) {
        why_ = why;
        sees(loss_marked{first, last, why});
    }
    constexpr void timer_fires() { fires(timer_); }
    constexpr void acknowledgment_timer_fires() { fires(acknowledgment_); }

    constexpr void moves(state from, state to) { observer_.sees(moved{from, to, cause_, at_}, now_); }
    template <class Seen>
    constexpr void sees(Seen const& seen) {
        observer_.sees(seen, now_);
    }
    constexpr void sees(incoming const& segment) {
        sees(segment_seen{.syn = segment.has_syn,
                          .ack = segment.has_ack,
                          .rst = segment.has_rst,
                          .fin = segment.has_fin,
                          .number = segment.number,
                          .acknowledgment = segment.acknowledgment,
                          .text = static_cast<std::uint32_t>(segment.text.size()),
                          .window = segment.raw_window});
    }

    // A segment has been written to the front of the slot; `planned` says what it is.
    template <class Block, class Outgoing>
    constexpr void sees_sent(Block const& c, Outgoing const& planned, bytes_view slot) {
        why_ = c.reset_reply && planned.has_rst ? "RST as an answer" : name_of(planned.why);
        view<header> const written(slot.data(), header::size, 0);
        sees(segment_seen{.ours = true,
                          .syn = planned.has_syn,
                          .ack = planned.has_ack,
                          .rst = planned.has_rst,
                          .fin = planned.has_fin,
                          .psh = planned.has_psh,
                          .number = planned.number,
                          .acknowledgment = sequence(written[acknowledgment_number]),
                          .text = planned.text,
                          .window = written[tcp::window],
                          .again = planned.length() > 0 && before(planned.number, c.send.sent),
                          .why = why_});
    }

    template <class Block>
    constexpr void negotiates(Block const& c) {
        sees(options_negotiated{.segment_size = c.send.segment_size,
                                .send_window_scale = c.send.shift,
                                .receive_window_scale = static_cast<std::uint8_t>(c.announced_shift()),
                                .window_scaling = c.scaling,
                                .timestamps = c.stamps.get().on(),
                                .selective_acknowledgments = c.sack_permitted,
                                .why = why_});
    }

    // At the end of a call, and where the reason changes: what is another than it was the time before.
    template <class Block>
    constexpr void compare(Block const& c) {
        std::uint32_t const window = c.control.get().window() + c.recovery.get().inflation();
        std::uint32_t const threshold = c.control.get().slow_start_threshold();
        if (c.syn_acknowledged && (window != window_ || threshold != threshold_)) {
            window_ = window;
            threshold_ = threshold;
            sees(congestion_changed{window, threshold, why_});
        }
        recovering_ = c.recovery.get().in_recovery();
        auto const& r = c.round_trip;
        if (r.timeout() != timeout_ || r.smoothed() != smoothed_ || r.variation() != variation_) {
            timeout_ = r.timeout();
            smoothed_ = r.smoothed();
            variation_ = r.variation();
            sees(round_trip_changed{smoothed_, variation_, timeout_, why_});
        }
        bool const probes_tail = name_of(c.timer) == "retransmission" && c.tail.get().armed();
        compare(timer_, {probes_tail ? "tail probe" : name_of(c.timer), c.timer_due});
        compare(acknowledgment_, {"delayed ACK", c.acknowledgment_due});
    }

    constexpr Observer& observer() { return observer_; }
    constexpr Observer const& observer() const { return observer_; }

private:
    struct timer {
        std::string_view name{};
        instant due = instant::never();
    };

    constexpr void fires(timer& known) {
        sees(timer_changed{known.name, timer_changed::change::fired, known.due, "time passes"});
        known = {};
        why_ = "the timer ran out";
    }

    constexpr void compare(timer& known, timer now_set) {
        using change = timer_changed::change;
        bool const same = known.due == now_set.due && (known.due == instant::never() || known.name == now_set.name);
        if (same) return;
        bool const stopped = now_set.due == instant::never();
        sees(timer_changed{stopped ? known.name : now_set.name, stopped ? change::stopped : change::set, now_set.due,
                           why_});
        known = now_set;
    }

    instant now_{};
    event cause_{};
    step at_{};
    std::string_view why_{};
    std::uint32_t window_ = 0;
    std::uint32_t threshold_ = 0;
    bool recovering_ = false;
    duration smoothed_{};
    duration variation_{};
    duration timeout_{};
    timer timer_{};
    timer acknowledgment_{};
    [[no_unique_address]] Observer observer_{};
};

template <>
class watcher<no_observer> {
public:
    static constexpr bool watches = false;
    static constexpr void happens(event, instant) {}
    static constexpr void happens(event) {}
    static constexpr void calls(std::string_view, instant) {}
    static constexpr void reaches(step) {}
    static constexpr void because(std::string_view) {}
    template <class Block>
    static constexpr void recovery_advances(Block const&) {}
    static constexpr void loses(sequence, sequence, std::string_view) {}
    static constexpr void timer_fires() {}
    static constexpr void acknowledgment_timer_fires() {}
    static constexpr void moves(state, state) {}
    template <class Seen>
    static constexpr void sees(Seen const&) {}
    template <class Block, class Outgoing>
    static constexpr void sees_sent(Block const&, Outgoing const&, bytes_view) {}
    template <class Block>
    static constexpr void negotiates(Block const&) {}
    template <class Block>
    static constexpr void compare(Block const&) {}
    static constexpr no_observer observer() { return {}; }
};

} // namespace detail

} // namespace plywire::tcp
