// Urgent data (RFC 9293 section 3.8.5, RFC 6093): marks in the stream, and who is told of them.
#include "trace.hpp"

using namespace trace;

namespace {

struct roomy : plain {
    using send_storage = inline_storage<131072>;
    using acknowledgment = tcp::immediate_acknowledgment;
    using congestion_control = tcp::no_congestion_control;
    static constexpr bool window_scaling = true;
};

struct deaf : plain {
    using urgent = tcp::no_urgent_data;
};

template <class Policies>
void sends_urgent(machine<Policies>& m, std::size_t octets) {
    std::vector<std::byte> const text(octets);
    CHECK(m.connection().send_urgent(text, m.now()) == octets);
}

constexpr auto urgent = tcp::advice::urgent_data;

} // namespace

TEST_CASE("urgent data sets URG, and the pointer names the octet after it",
          "[tcp][9293-MUST-30][9293-MUST-62][9293-SEND-ESTAB-2]") {
    auto m = established<>();
    sends_urgent(m, 10);
    m.answers(seg{.seq = 100, .ack = 300, .data = 10, .urgent = 10});
    m.gets(seg{.seq = 300, .ack = 110});
    m.sends(5).answers(seg{.seq = 110, .ack = 300, .data = 5});
}

TEST_CASE("every segment that begins before the urgent end has URG, those behind it have not", "[tcp][9293-MUST-31]") {
    auto m = established<>(100, 300, 8192);
    sends_urgent(m, 3000);
    m.queues(1000);
    m.answers(seg{.seq = 100, .ack = 300, .data = 1460, .urgent = 3000});
    m.answers(seg{.seq = 1560, .ack = 300, .data = 1460, .urgent = 1540});
    // The last of them bears what follows, too.
    m.gets(seg{.seq = 300, .ack = 3020}).answers(seg{.seq = 3020, .ack = 300, .data = 1080, .urgent = 80});
    m.gets(seg{.seq = 300, .ack = 4100});
    m.sends(1).answers(seg{.seq = 4100, .ack = 300, .data = 1});
}

TEST_CASE("a segment that is sent again points to the urgent end again", "[tcp][9293-MUST-30][9293-MUST-31]") {
    auto m = established<>();
    sends_urgent(m, 10);
    m.answers(seg{.seq = 100, .ack = 300, .data = 10, .urgent = 10});
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 10, .urgent = 10});
}

TEST_CASE("an urgent end that is too far for 16 bits is pointed at as far as they reach", "[tcp][9293-MUST-31]") {
    auto m = established<roomy>(100, 300, 65535, {}, seg{.mss = 1460, .shift = 2});
    m.gets(seg{.seq = 300, .ack = 100, .window = 65535}).silent();
    sends_urgent(m, 70000);
    std::uint32_t at = 100;
    for (; 70100 - at > 65535; at += 1460) {
        m.answers(seg{.seq = at, .ack = 300, .data = 1460, .urgent = 65535});
    }
    m.answers(seg{.seq = at, .ack = 300, .data = 1460, .urgent = static_cast<std::uint16_t>(70100 - at)});
    m.loses();
}

TEST_CASE("a closed window lets the news of urgent data through", "[tcp][9293-MUST-30]") {
    auto m = established<>();
    m.gets(seg{.seq = 300, .ack = 100, .window = 0});
    sends_urgent(m, 10);
    m.answers(seg{.seq = 100, .ack = 300, .urgent = 10}).silent();
    m.times_out().answers(seg{.seq = 100, .ack = 300, .data = 1, .urgent = 10});
}

TEST_CASE("the user is told once of each urgent pointer that is new or has moved forward",
          "[tcp][9293-MUST-32][9293-SEG-ESTAB-6][9293-MUST-47][9293-MUST-30]") {
    auto m = established<>();
    auto& c = m.connection();
    CHECK(c.next_advice() == std::nullopt);
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .urgent = 20}).answers(seg{.ack = 305});
    CHECK(c.has_advice());
    CHECK(c.next_advice() == urgent);
    CHECK(c.next_advice() == std::nullopt);
    // The same mark again, and one before it.
    m.gets(seg{.seq = 305, .ack = 100, .data = 5, .urgent = 15, .first_octet = 5}).answers(seg{.ack = 310});
    m.gets(seg{.seq = 310, .ack = 100, .data = 1, .urgent = 2, .first_octet = 10}).answers(seg{.ack = 311});
    CHECK(c.next_advice() == std::nullopt);
    // It moves forward while the first is pending.
    m.gets(seg{.seq = 311, .ack = 100, .data = 1, .urgent = 10, .first_octet = 11}).answers(seg{.ack = 312});
    CHECK(c.next_advice() == urgent);
    m.reads(12);
}

TEST_CASE("the user can ask how much urgent data is left to read", "[tcp][9293-MUST-33][9293-RECV-ESTAB-1]") {
    auto m = established<>();
    auto& c = m.connection();
    CHECK_FALSE(c.urgent_pending());
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .urgent = 8}).answers(seg{.ack = 305});
    CHECK(c.urgent_pending());
    CHECK(c.urgent_left() == 8);
    m.reads(3, 3);
    CHECK(c.urgent_left() == 5);
    m.gets(seg{.seq = 305, .ack = 100, .data = 10, .first_octet = 5}).answers(seg{.ack = 315});
    CHECK(c.urgent_left() == 5);
    m.reads(5, 5);
    CHECK_FALSE(c.urgent_pending());
    m.reads(7);
    // What has been read is not urgent any more, whoever says so.
    m.gets(seg{.seq = 305, .ack = 100, .data = 10, .urgent = 3, .first_octet = 5}).answers(seg{.ack = 315});
    CHECK(c.next_advice() == urgent);
    CHECK(c.next_advice() == std::nullopt);
    CHECK(c.urgent_left() == 0);
}

TEST_CASE("a closed window does not hide the urgent pointer", "[tcp][9293-MUST-66][9293-SEG-SYNC-3]") {
    auto m = established<>();
    std::uint32_t at = 300;
    for (int i = 0; i < 8; ++i, at += 1024) {
        m.gets(seg{.seq = at, .ack = 100, .data = 1024, .first_octet = 0}).answers(seg{.ack = at + 1024});
    }
    REQUIRE(m.connection().info().receive_window == 0);
    SECTION("with text") {
        m.gets(seg{.seq = at, .ack = 100, .data = 1, .urgent = 1}).answers(seg{.ack = at, .window = std::uint16_t{0}});
    }
    SECTION("without text") { m.gets(seg{.seq = at, .ack = 100, .urgent = 1}); }
    CHECK(m.connection().next_advice() == urgent);
    CHECK(m.connection().urgent_left() == 8193);
}

TEST_CASE("after its FIN the peer has nothing urgent to say", "[tcp][9293-SEG-CLOSEWAIT-1]") {
    auto m = established<>();
    m.gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.ack = 301});
    m.gets(seg{.seq = 301, .ack = 100, .urgent = 10});
    CHECK(m.connection().next_advice() == std::nullopt);
    CHECK(m.connection().urgent_left() == 0);
}

TEST_CASE("urgent data is told of in FIN-WAIT-1 and FIN-WAIT-2 as well", "[tcp][9293-SEG-ESTAB-6]") {
    for (auto const where : {state::fin_wait_1, state::fin_wait_2}) {
        auto m = in<>(where);
        m.gets(seg{.seq = 300, .ack = where == state::fin_wait_1 ? 100u : 101u, .data = 1, .urgent = 1});
        m.answers(seg{.ack = 301});
        CHECK(m.connection().next_advice() == urgent);
    }
}

TEST_CASE("a mark that has gone by does not come back when the numbers go round", "[tcp]") {
    tcp::urgent_data marks;
    marks.mark(tcp::sequence(100));
    CHECK(marks.heard(tcp::sequence(100), tcp::sequence(50)));
    marks.acknowledged(tcp::sequence(99));
    marks.read_to(tcp::sequence(99));
    CHECK(marks.pointer_from(tcp::sequence(90)) == 10);
    CHECK(marks.left(tcp::sequence(90)) == 10);
    marks.acknowledged(tcp::sequence(100));
    marks.read_to(tcp::sequence(100));
    CHECK(marks.pointer_from(tcp::sequence(0x9000'0000)) == 0);
    CHECK(marks.left(tcp::sequence(0x9000'0000)) == 0);
}

TEST_CASE("without the policy URG is passed over and the text is delivered in line", "[tcp]") {
    static_assert(sizeof(tcp::connection<deaf>) < sizeof(tcp::connection<plain>));
    auto m = established<deaf>();
    m.gets(seg{.seq = 300, .ack = 100, .data = 5, .urgent = 5}).answers(seg{.ack = 305});
    CHECK(m.connection().next_advice() == std::nullopt);
    CHECK_FALSE(m.connection().urgent_pending());
    m.reads(5);
}
