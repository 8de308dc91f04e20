// What ICMP errors do to a connection (RFC 9293 section 3.9.2.2, RFC 5927).
#include "trace.hpp"

using namespace trace;

namespace {

using kind = tcp::network_error_kind;

constexpr std::array soft{kind::network_unreachable, kind::host_unreachable, kind::fragmentation_needed,
                          kind::source_route_failed, kind::time_exceeded,    kind::parameter_problem};
constexpr std::array hard{kind::protocol_unreachable, kind::port_unreachable, kind::prohibited};

struct told_nothing : plain {
    using reports = tcp::no_reports;
};

template <class Policies>
machine<Policies>& hears(machine<Policies>& m, kind what, std::uint32_t quoted) {
    m.connection().network_error(what, tcp::sequence(quoted), m.now());
    return m;
}

// ESTABLISHED with the octets 100 to 109 on their way.
machine<> sending() {
    auto m = established<>();
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    return m;
}

} // namespace

TEST_CASE("soft errors end no connection, and the user is told", "[tcp][9293-MUST-56][9293-MUST-47][9293-SHLD-25]") {
    for (auto const what : soft) {
        for (auto const where : {state::syn_sent, state::syn_received, state::fin_wait_1, state::last_ack}) {
            auto m = in<>(where);
            auto const first = where == state::syn_sent || where == state::syn_received ? 99u : 100u;
            hears(m, what, first).is(where).silent();
            CHECK(m.connection().has_advice());
        }
        auto m = sending();
        hears(m, what, 100).is(state::established).silent();
        m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 10});
        m.gets(seg{.seq = 300, .ack = 110}).sends(5).answers(seg{.seq = 110, .ack = 300, .data = 5});
    }
    auto m = sending();
    hears(m, kind::host_unreachable, 100);
    hears(m, kind::time_exceeded, 105);
    hears(m, kind::host_unreachable, 109);
    CHECK(m.connection().next_advice() == tcp::advice::host_unreachable);
    CHECK(m.connection().next_advice() == tcp::advice::time_exceeded);
    CHECK(m.connection().next_advice() == std::nullopt);
}

TEST_CASE("a hard error ends the wait for a peer at once", "[tcp][9293-SHLD-26][9293-MUST-54]") {
    for (auto const what : hard) {
        auto const why = what == kind::prohibited ? error::unreachable : error::refused;
        auto m = in<>(state::syn_sent);
        hears(m, what, 99).is(state::closed).failed(why).finished();
        // Simultaneous open.
        auto n = in<>(state::syn_sent);
        n.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true}).is(state::syn_received);
        hears(n, what, 99).is(state::closed).failed(why).finished();
    }
}

TEST_CASE("a hard error about a listener's half-open peer does not end it", "[tcp][5927-2]") {
    for (auto const what : hard) {
        auto m = in<>(state::syn_received);
        hears(m, what, 99).is(state::syn_received);
        m.gets(seg{.seq = 300, .ack = 100}).is(state::established);
    }
}

TEST_CASE("once the peer has spoken hard errors are soft ones", "[tcp][5927-2]") {
    for (auto const what : hard) {
        auto m = sending();
        hears(m, what, 100).is(state::established).silent();
        CHECK(m.connection().has_advice());
        m.gets(seg{.seq = 300, .ack = 110}).sends(5).answers(seg{.seq = 110, .ack = 300, .data = 5});
        for (auto const where : {state::fin_wait_1, state::closing, state::last_ack}) {
            auto other = in<>(where);
            hears(other, what, 100).is(where);
        }
    }
}

TEST_CASE("an error counts only when it quotes a number that is on its way", "[tcp][5927-1]") {
    auto m = sending();
    for (std::uint32_t const quoted : {99u, 110u, 111u, 100u + 0x8000'0000u, 0u}) {
        hears(m, kind::host_unreachable, quoted);
        hears(m, kind::port_unreachable, quoted);
        CHECK(!m.connection().has_advice());
    }
    hears(m, kind::host_unreachable, 109);
    CHECK(m.connection().has_advice());
    // Nothing is on its way.
    auto idle = established<>();
    hears(idle, kind::host_unreachable, 100);
    CHECK(!idle.connection().has_advice());
    auto opening = in<>(state::syn_sent);
    hears(opening, kind::port_unreachable, 98).is(state::syn_sent);
    hears(opening, kind::port_unreachable, 100).is(state::syn_sent);
    hears(opening, kind::port_unreachable, 99).is(state::closed);
    // Before the SYN has left nobody can complain about it.
    machine<> unsent;
    unsent.opens(99);
    hears(unsent, kind::port_unreachable, 99).is(state::syn_sent).answers(seg{.seq = 99, .syn = true});
    for (auto const where : {state::closed, state::listen, state::fin_wait_2, state::time_wait}) {
        auto quiet = in<>(where);
        hears(quiet, kind::port_unreachable, 99).is(where);
        hears(quiet, kind::port_unreachable, 100).is(where);
        CHECK(!quiet.connection().has_advice());
    }
}

TEST_CASE("source quench is dropped without a word", "[tcp][9293-MUST-55]") {
    auto m = sending();
    auto const before = m.connection().info().congestion_window;
    hears(m, kind::source_quench, 100).is(state::established).silent();
    CHECK(m.connection().info().congestion_window == before);
    CHECK(!m.connection().has_advice());
}

TEST_CASE("whoever wants no reports pays for none", "[tcp]") {
    static_assert(sizeof(tcp::connection<told_nothing>) <= sizeof(tcp::connection<plain>));
    auto m = established<told_nothing>();
    m.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    hears(m, kind::host_unreachable, 100);
    CHECK(m.connection().next_advice() == std::nullopt);
}
