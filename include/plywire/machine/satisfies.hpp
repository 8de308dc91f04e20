// Which rules of the RFCs a policy gives up, and whether a set of policies keeps one:
//
//     static_assert(tcp::satisfies<my_policies, "9293-MUST-10">);
//
// Rules are named as in docs/conformance.md. A policy that does not do what a rule asks says so:
//
//     using gives_up = rules<"6298-4">;
#pragma once

#include <cstddef>

namespace plywire::tcp {

// The name of a rule: the RFC's number and what docs/conformance.md calls the rule, at most 31 characters.
struct rule {
    char name[32]{};

    template <std::size_t Octets>
    consteval rule(char const (&text)[Octets]) { // not explicit: rules<"9293-MUST-1"> is how it is written
        static_assert(Octets <= sizeof(name), "plywire: no rule has so long a name");
        for (std::size_t i = 0; i < Octets; ++i) name[i] = text[i];
    }
    friend constexpr bool operator==(rule const&, rule const&) = default;
};

// A list of rules.
template <rule... Names>
struct rules {
    static constexpr bool contain(rule const& wanted) { return ((Names == wanted) || ...); }
};

namespace detail {

template <class Policy>
consteval bool gives_up(rule const& wanted) {
    if constexpr (requires { typename Policy::gives_up; }) return Policy::gives_up::contain(wanted);
    return false;
}

template <class... Policies>
consteval bool one_of_them_gives_up(rule const& wanted) {
    return (gives_up<Policies>(wanted) || ...);
}

} // namespace detail

// No policy of the set, and not the set itself, says that it gives up the rule. Of a rule that no policy can give up,
// and of a name that is none, it is true.
template <class Policies, rule Name>
inline constexpr bool satisfies =
    !detail::one_of_them_gives_up<Policies, typename Policies::congestion_control, typename Policies::recovery,
                                  typename Policies::retransmission, typename Policies::acknowledgment,
                                  typename Policies::challenges, typename Policies::timestamps,
                                  typename Policies::waiting, typename Policies::urgent, typename Policies::keep_alive,
                                  typename Policies::user_timeout, typename Policies::cork, typename Policies::linger,
                                  typename Policies::duplicates, typename Policies::reports,
                                  typename Policies::counters, typename Policies::options, typename Policies::push,
                                  typename Policies::resets, typename Policies::window, typename Policies::tail_probe,
                                  typename Policies::fast_open, typename Policies::observer,
                                  typename Policies::send_storage, typename Policies::receive_storage>(Name);

} // namespace plywire::tcp
