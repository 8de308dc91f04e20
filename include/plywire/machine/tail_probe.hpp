// What is done about the last segments of a flight when no acknowledgment comes: a probe, well before the
// retransmission timer. Read RFC 8985 section 7 first.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/sequence.hpp>

#include <concepts>

namespace plywire::tcp {

// What a tail probe policy must answer. The connection asks for the wait whenever it sets the retransmission timer, and
// only where a probe makes sense (section 7.2): SACK is permitted, a round trip is known, nothing is being recovered.
template <class T>
concept tail_probe_policy =
    std::default_initializable<T> && requires(T t, T const k, duration length, sequence number, bool flag) {
        { T::supported } -> std::convertible_to<bool>;
        { t.arm(length, flag) } -> std::same_as<duration>; // SRTT; whether one segment is alone
        t.disarm();
        t.fires();                                        // the time that arm() said is over
        t.leaves(number, flag);                           // the probe: SND.NXT after it; whether it repeats octets
        { t.acknowledged(number) } -> std::same_as<bool>; // up to there; whether the probe has repaired a loss
        t.duplicate();                                    // a duplicate ACK
        { k.armed() } -> std::same_as<bool>;
        { k.owed() } -> std::same_as<bool>;
        { k.outstanding() } -> std::same_as<bool>;
    };

// The retransmission timer alone. Has no state.
struct no_tail_probe {
    static constexpr bool supported = false;
    static constexpr duration arm(duration length, bool) { return length; }
    static constexpr void disarm() {}
    static constexpr void fires() {}
    static constexpr void leaves(sequence, bool) {}
    static constexpr bool acknowledged(sequence) { return false; }
    static constexpr void duplicate() {}
    static constexpr bool armed() { return false; }
    static constexpr bool owed() { return false; }
    static constexpr bool outstanding() { return false; }
};

// Twice the round trip, and a little for the peer's clock; when one segment is alone, as long as its ACK may be delayed
// besides. 8 octets of state.
class probe_tail {
public:
    static constexpr bool supported = true;
    static constexpr duration longest_delayed_acknowledgment = milliseconds(200);
    static constexpr duration tick = milliseconds(2);

    constexpr duration arm(duration smoothed, bool alone) {
        armed_ = true;
        return 2 * smoothed + (alone ? longest_delayed_acknowledgment : tick);
    }
    constexpr void disarm() { armed_ = false; }
    constexpr void fires() {
        armed_ = false;
        owed_ = true;
    }
    constexpr void leaves(sequence end, bool again) {
        owed_ = false;
        outstanding_ = true;
        again_ = again;
        end_ = end;
    }
    // Section 7.4: an acknowledgment of more than the probe, with nothing to show that both copies have come, says that
    // the first was lost.
    constexpr bool acknowledged(sequence number) {
        owed_ = false;
        if (!outstanding_ || before(number, end_) || (again_ && number == end_)) return false;
        outstanding_ = false;
        return again_;
    }
    // Both copies have come.
    constexpr void duplicate() {
        if (again_) outstanding_ = false;
    }
    constexpr bool armed() const { return armed_; }
    constexpr bool owed() const { return owed_; }
    // A probe is on its way; there is one at a time.
    constexpr bool outstanding() const { return outstanding_; }

private:
    sequence end_{};
    bool armed_ : 1 = false;
    bool owed_ : 1 = false;
    bool outstanding_ : 1 = false;
    bool again_ : 1 = false;
};

} // namespace plywire::tcp
