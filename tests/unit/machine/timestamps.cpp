// Timestamps against forgeries (RFC 7323 section 5, RFC 5961 section 5).
#include "trace.hpp"

using namespace trace;

namespace {

struct stamped : plain {
    using timestamps = tcp::use_timestamps;
};

machine<stamped> stamped_connection() {
    return established<stamped>(100, 300, 8192, {}, seg{.mss = 1460, .ts = seg::stamp{1000, 0}});
}

// The true peer, who has seen nothing of the forgery, is still heard.
void is_heard(machine<stamped>& m) {
    m.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{1001, 0}}).answers(seg{.ack = 310}).reads(10);
}

constexpr seg::stamp far_ahead{1000 + 0x7ff00000, 0};

} // namespace

TEST_CASE("a segment that acknowledges what was never sent does not move TS.Recent", "[tcp][7323-5.3][5961-5.2]") {
    auto m = stamped_connection();
    m.gets(seg{.seq = 300, .ack = 0x7fff0000, .data = 10, .ts = far_ahead}).answers(seg{.seq = 100, .ack = 300});
    is_heard(m);
}

TEST_CASE("a segment without ACK does not move TS.Recent", "[tcp][7323-5.3]") {
    auto m = stamped_connection();
    m.gets(seg{.seq = 300, .data = 10, .ts = far_ahead}).silent();
    is_heard(m);
}

TEST_CASE("ACKs with old timestamps are not answered without end", "[tcp][7323-5.3][5961-7.]") {
    auto m = stamped_connection();
    int answers = 0;
    for (int i = 0; i < 1000; ++i) {
        m.gets(seg{.seq = 300, .ack = 100, .ts = seg::stamp{999, 0}});
        while (m.emitted()) ++answers;
    }
    CHECK(answers > 0);
    CHECK(answers <= 10);
}
