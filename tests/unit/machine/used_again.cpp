// A connection object that has served can serve again, once it has finished.
#include "trace.hpp"

using namespace trace;

TEST_CASE("a finished connection opens as a new one", "[tcp][9293-3.10.1]") {
    auto m = in<>(state::last_ack);
    m.gets(seg{.seq = 301, .ack = 101}).is(state::closed).finished();
    m.opens(5000).answers(seg{.seq = 5000, .syn = true});
    m.cannot_read(error::would_block);
}

TEST_CASE("a connection is not opened before its RST has gone out", "[tcp][9293-3.10.5]") {
    auto m = in<>(state::established);
    m.connection().abort(m.now());
    CHECK(m.connection().open(1000, 2000, tcp::sequence(5000), m.now()) == std::unexpected(error::already_open));
    CHECK(m.connection().listen(1000) == std::unexpected(error::already_open));
    m.answers(seg{.seq = 100, .rst = true});
    m.opens(5000).answers(seg{.seq = 5000, .syn = true});
}

TEST_CASE("what answered a stranger in LISTEN does not go to the peer that is then opened to", "[tcp][9293-3.10.1]") {
    machine<> m;
    m.listens(99).gets(seg{.seq = 1, .ack = 7777});
    CHECK(m.connection().open(1000, 2000, tcp::sequence(5000), m.now()).has_value());
    m.answers(seg{.seq = 5000, .syn = true});
}
