// Which rules of the RFCs a policy gives up, and whether a set of policies keeps one:
//
//     static_assert(tcp::satisfies<my_policies, "9293-MUST-10">);
//
// Rules are named as in docs/conformance.md. A policy that does not do what a rule asks says so:
//
//     using gives_up = rules<"6298-4">;
#pragma once

#include <plywire/machine/slots.hpp>

#include <cstddef>

namespace plywire::tcp {

// The name of a rule: the RFC's number, '-', and what docs/conformance.md calls the rule, in capital letters, digits
// and '-'; at most 31 characters. What has not this shape does not compile.
struct rule {
    char name[32]{};

    template <std::size_t Octets>
    consteval rule(char const (&text)[Octets]) { // not explicit: rules<"9293-MUST-1"> is how it is written
        static_assert(Octets <= sizeof(name), "plywire: no rule has so long a name");
        std::size_t digits = 0;
        for (std::size_t i = 0; i + 1 < Octets; ++i) {
            bool const digit = '0' <= text[i] && text[i] <= '9';
            if (digit && digits == i) ++digits;
            if (!digit && text[i] != '-' && (text[i] < 'A' || 'Z' < text[i])) is_not_the_name_of_a_rule();
            name[i] = text[i];
        }
        if (digits == 0 || digits + 2 >= Octets || text[digits] != '-') is_not_the_name_of_a_rule();
    }
    friend constexpr bool operator==(rule const&, rule const&) = default;

private:
    static void is_not_the_name_of_a_rule() {} // not constexpr: the compiler complains of a call
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
consteval bool one_of_them_gives_up(type_list<Policies...>, rule const& wanted) {
    return (gives_up<Policies>(wanted) || ...);
}

// What the constants of a set give up when they are not those of tcp::defaults.
struct no_window_scaling {
    using gives_up = rules<"7323-1", "7323-4", "7323-5">;
};
struct no_selective_acknowledgments {
    using gives_up = rules<"2018-4", "2018-5", "2018-6", "2883-1", "2883-2", "2883-3">;
};
struct silence_about_unsent {
    using gives_up = rules<"9293-SEG-ESTAB-3", "9293-SEG-SYNC-10", "5961-5">;
};
struct resets_end_time_wait {
    using gives_up = rules<"1337-1">;
};
struct no_reassembly {
    using gives_up = rules<"9293-SHLD-31">;
};

template <class P>
consteval bool constants_give_up(rule const& wanted) {
    return (!P::window_scaling && gives_up<no_window_scaling>(wanted)) ||
           (!P::selective_acknowledgments && gives_up<no_selective_acknowledgments>(wanted)) ||
           (!P::answers_acknowledgments_of_unsent && gives_up<silence_about_unsent>(wanted)) ||
           (!P::ignore_resets_in_time_wait && gives_up<resets_end_time_wait>(wanted)) ||
           (P::reassembly_ranges == 0 && gives_up<no_reassembly>(wanted));
}

} // namespace detail

// No policy of the set, none of its constants, and not the set itself, says that it gives up the rule. Of a rule that
// no policy can give up it is true.
template <class P, rule Name>
inline constexpr bool satisfies = !detail::one_of_them_gives_up(slots_of<P>(), Name) &&
                                  !detail::constants_give_up<P>(Name) && !detail::gives_up<P>(Name);

} // namespace plywire::tcp
