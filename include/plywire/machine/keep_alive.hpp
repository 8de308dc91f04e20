// Probes of an idle connection, to find out whether the peer is still there. Read RFC 9293 section 3.8.4 first. Off
// until the user switches them on (MUST-25).
#pragma once

#include <plywire/base/time.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>

namespace plywire::tcp {

// When an idle connection is probed. Lengths of time count in milliseconds, from 1 ms to 49 days.
struct keep_alive_settings {
    duration idle = hours(2);        // nothing heard for this long: the first probe (MUST-28: at least 2 h by default)
    duration interval = seconds(75); // from one unanswered probe to the next
    std::uint8_t probes = 9;         // unanswered ones after which the peer is gone (MUST-29: more than one); 0 is 1
};

// What a keep-alive policy must answer. The connection says when something is heard and when the time that wait() asked
// for is over; while text or FIN is outstanding it does not ask (MUST-26).
template <class T>
concept keep_alive_policy =
    std::default_initializable<T> && requires(T t, T const k, std::optional<keep_alive_settings> const& wanted) {
        { T::supported } -> std::convertible_to<bool>;
        t.set(wanted); // nullopt: off
        t.heard();     // a segment has arrived, or a connection begins
        t.probe_has_left();
        { t.gives_up() } -> std::same_as<bool>; // the wait is over: the peer is gone, or a probe is owed
        { k.on() } -> std::same_as<bool>;
        { k.probe_owed() } -> std::same_as<bool>;
        { k.unanswered() } -> std::same_as<std::uint8_t>; // probes that nothing was heard after
        { k.wait() } -> std::same_as<duration>;           // until the next probe
    };

// Off by default; each connection has its own settings. 12 octets of state.
class standard_keep_alive {
public:
    static constexpr bool supported = true;

    constexpr void set(std::optional<keep_alive_settings> const& wanted) {
        *this = standard_keep_alive();
        if (!wanted) return;
        idle_ = milliseconds_of(wanted->idle);
        interval_ = milliseconds_of(wanted->interval);
        probes_ = std::max(wanted->probes, std::uint8_t{1});
    }
    constexpr void heard() {
        unanswered_ = 0;
        owed_ = false;
    }
    constexpr void probe_has_left() { owed_ = false; }
    constexpr bool gives_up() {
        if (unanswered_ >= probes_) return true;
        ++unanswered_;
        owed_ = true;
        return false;
    }
    constexpr bool on() const { return probes_ > 0; }
    constexpr bool probe_owed() const { return owed_; }
    constexpr std::uint8_t unanswered() const { return unanswered_; }
    constexpr duration wait() const { return milliseconds(unanswered_ == 0 ? idle_ : interval_); }

private:
    static constexpr std::uint32_t milliseconds_of(duration length) {
        return static_cast<std::uint32_t>(
            std::clamp<std::int64_t>(length / milliseconds(1), 1, std::int64_t{0xffff'ffff}));
    }

    std::uint32_t idle_ = 0;
    std::uint32_t interval_ = 0;
    std::uint8_t probes_ = 0; // 0: off
    std::uint8_t unanswered_ = 0;
    bool owed_ = false;
};

// There are no probes. Has no state.
struct no_keep_alive {
    static constexpr bool supported = false;
    static constexpr void set(std::optional<keep_alive_settings> const&) {}
    static constexpr void heard() {}
    static constexpr void probe_has_left() {}
    static constexpr bool gives_up() { return false; }
    static constexpr bool on() { return false; }
    static constexpr bool probe_owed() { return false; }
    static constexpr std::uint8_t unanswered() { return 0; }
    static constexpr duration wait() { return {}; }
};

} // namespace plywire::tcp
