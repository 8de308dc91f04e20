// What a connection tells the application without being asked: the asynchronous reports, or soft errors, of RFC 9293
// section 3.9.1.8. None of them ends the connection.
#pragma once

#include <plywire/machine/satisfies.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plywire::tcp {

enum class advice : std::uint8_t {
    urgent_data,              // the peer's urgent pointer is new, or has moved forward (RFC 9293 MUST-32)
    excessive_retransmission, // R1: what is sent is not acknowledged, though it was sent again (section 3.8.3)
    network_unreachable,      // this and the following ones: an ICMP error says so (section 3.9.2.2)
    host_unreachable,
    protocol_unreachable,
    port_unreachable,
    fragmentation_needed,
    source_route_failed,
    prohibited,
    time_exceeded,
    parameter_problem,
};

inline constexpr unsigned number_of_advice = 11;

// A few words for people.
constexpr std::string_view name_of(advice a) {
    switch (a) {
    case advice::urgent_data: return "urgent data";
    case advice::excessive_retransmission: return "excessive retransmission";
    case advice::network_unreachable: return "network unreachable";
    case advice::host_unreachable: return "host unreachable";
    case advice::protocol_unreachable: return "protocol unreachable";
    case advice::port_unreachable: return "port unreachable";
    case advice::fragmentation_needed: return "fragmentation needed";
    case advice::source_route_failed: return "source route failed";
    case advice::prohibited: return "prohibited";
    case advice::time_exceeded: return "time exceeded";
    case advice::parameter_problem: return "parameter problem";
    }
    return "?";
}

// What a reports policy must answer. It may assume that forget() comes before each connection.
template <class T>
concept report_keeping = std::default_initializable<T> && requires(T t, T const k, advice a) {
    { T::supported } -> std::convertible_to<bool>;
    t.give(a);
    t.forget();
    { t.next() } -> std::same_as<std::optional<advice>>;
    { k.any() } -> std::same_as<bool>;
};

// Keeps one of each kind until it is asked for: what comes twice before that is told once. 2 octets of state.
class kept_reports {
public:
    static constexpr bool supported = true;

    constexpr void give(advice a) { kept_ = static_cast<std::uint16_t>(kept_ | (1u << static_cast<unsigned>(a))); }
    constexpr void forget() { kept_ = 0; }
    constexpr bool any() const { return kept_ != 0; }
    // Takes one out, in the order of the enumeration.
    constexpr std::optional<advice> next() {
        for (unsigned i = 0; i < number_of_advice; ++i) {
            if ((kept_ >> i & 1u) == 0) continue;
            kept_ = static_cast<std::uint16_t>(kept_ & ~(1u << i));
            return static_cast<advice>(i);
        }
        return {};
    }

private:
    std::uint16_t kept_ = 0;
};

// Nothing is told. Has no state.
struct no_reports {
    using gives_up = rules<"9293-MUST-32", "9293-MUST-47", "9293-SEG-ESTAB-6", "9293-SHLD-9", "9293-SHLD-25">;
    static constexpr bool supported = false;
    static constexpr void give(advice) {}
    static constexpr void forget() {}
    static constexpr bool any() { return false; }
    static constexpr std::optional<advice> next() { return {}; }
};

} // namespace plywire::tcp
