// Urgent data: a mark in the stream that both sides are told of ahead of the octets before it. Read RFC 9293 section
// 3.8.5 first, then RFC 6093, which says why new protocols should not use it. The octets stay in line: no octet is
// taken out of the stream.
#pragma once

#include <plywire/machine/satisfies.hpp>
#include <plywire/machine/sequence.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>

namespace plywire::tcp {

// What an urgent policy must answer: where the marks of both directions are. A mark is the number after the last urgent
// octet (RFC 9293 MUST-62). The connection calls acknowledged() and read_to() as the numbers go by, so that no mark
// stays behind them.
template <class T>
concept urgent_marks = std::default_initializable<T> && requires(T t, T const k, sequence number) {
    { T::supported } -> std::convertible_to<bool>;
    t.forget();                                                // another connection begins
    t.mark(number);                                            // the user's urgent data ends there
    t.acknowledged(number);                                    // SND.UNA
    { k.pointer_from(number) } -> std::same_as<std::uint16_t>; // for a segment that begins there; 0: no URG
    { t.heard(number, number) } -> std::same_as<bool>;         // the peer's mark, RCV.UP; where the user reads
    t.read_to(number);                                         // the user has read so far
    { k.left(number) } -> std::same_as<std::uint32_t>;         // octets from there to the peer's mark, 0 for none
};

// Urgent data is sent and told of. 12 octets of state.
class urgent_data {
public:
    static constexpr bool supported = true;

    constexpr void forget() { *this = urgent_data(); }
    // SND.UP
    constexpr void mark(sequence end) {
        sent_mark_ = end;
        sending_ = true;
    }
    constexpr void acknowledged(sequence unacknowledged) {
        if (!before(unacknowledged, sent_mark_)) sending_ = false;
    }
    // The field has 16 bits: a mark that is farther away is pointed at as far as they reach (MUST-31: any length).
    constexpr std::uint16_t pointer_from(sequence number) const {
        if (!sending_) return 0;
        return static_cast<std::uint16_t>(std::min<std::uint32_t>(octets_between(number, sent_mark_), 0xffff));
    }
    // RCV.UP = max(RCV.UP, SEG.UP). Whether the user is to be told: it is ahead of what has been read, and new or moved
    // forward (MUST-32).
    constexpr bool heard(sequence mark, sequence reader) {
        if (!after(mark, reader) || (receiving_ && !after(mark, received_mark_))) return false;
        received_mark_ = mark;
        receiving_ = true;
        return true;
    }
    constexpr void read_to(sequence reader) {
        if (!before(reader, received_mark_)) receiving_ = false;
    }
    constexpr std::uint32_t left(sequence reader) const {
        return receiving_ ? octets_between(reader, received_mark_) : 0u;
    }

private:
    sequence sent_mark_{};
    sequence received_mark_{};
    bool sending_ = false;
    bool receiving_ = false;
};

// URG is neither sent nor looked at; the text is delivered in line. Has no state.
struct no_urgent_data {
    using gives_up = rules<"9293-MUST-30", "9293-MUST-31", "9293-MUST-32", "9293-MUST-33", "9293-MUST-47",
                           "9293-MUST-62", "9293-MUST-66", "9293-SEND-ESTAB-2", "9293-SEG-SYNC-3", "9293-SEG-ESTAB-6">;
    static constexpr bool supported = false;
    static constexpr void forget() {}
    static constexpr void mark(sequence) {}
    static constexpr void acknowledged(sequence) {}
    static constexpr std::uint16_t pointer_from(sequence) { return 0; }
    static constexpr bool heard(sequence, sequence) { return false; }
    static constexpr void read_to(sequence) {}
    static constexpr std::uint32_t left(sequence) { return 0; }
};

} // namespace plywire::tcp
