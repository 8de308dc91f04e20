// Acknowledgments, windows and reassembly: what the machine makes of the peer's text.
#include "unit/machine/trace.hpp"

#include <plywire/base/random.hpp>

#include <algorithm>

using namespace trace;

namespace {

// Delayed acknowledgments, and a buffer of 4000 octets (rounded up: 4096).
struct delayed : tcp::minimal<8192, 4096> {
    static constexpr std::size_t reassembly_ranges = 4;
};

struct stamped : tcp::minimal<8192, 4096> {
    static constexpr std::size_t reassembly_ranges = 4;
    using timestamps = tcp::use_timestamps;
};

struct scaled : tcp::defaults {
    using acknowledgment = tcp::immediate_acknowledgment;
    using timestamps = tcp::no_timestamps;
};

struct with_sack : plain {
    static constexpr bool selective_acknowledgments = true;
};

template <class Policies = delayed>
machine<Policies> receiver() {
    return established<Policies>(100, 300, 8192, {.maximum_segment_size = 1000}, seg{.mss = 1000});
}

} // namespace

TEST_CASE("every second segment is acknowledged at once, a single one after 40 ms",
          "[tcp][9293-MUST-40][5681-4.2][9293-SHLD-18][9293-SHLD-19]") {
    auto a = receiver();
    a.gets(seg{.seq = 300, .ack = 100, .data = 500}).silent().times_out(milliseconds(40));
    a.answers(seg{.seq = 100, .ack = 800}).no_timer();
    a.gets(seg{.seq = 800, .ack = 100, .data = 500, .first_octet = 500 % 256}).silent();
    a.gets(seg{.seq = 1300, .ack = 100, .data = 500, .first_octet = 1000 % 256})
        .answers(seg{.seq = 100, .ack = 1800})
        .no_timer();
    a.reads(1500).loses();
}

TEST_CASE("a delayed ACK echoes the timestamp of the first segment that it acknowledges", "[tcp][7323-4.3][7323-14]") {
    auto a = established<stamped>(100, 300, 8192, {}, seg{.mss = 1000, .ts = seg::stamp{1000, 0}});
    a.gets(seg{.seq = 300, .ack = 100, .data = 10, .ts = seg::stamp{1001, 0}}).silent();
    a.gets(seg{.seq = 310, .ack = 100, .data = 10, .ts = seg::stamp{1005, 0}, .first_octet = 10});
    auto const answer = a.emitted();
    REQUIRE(answer);
    REQUIRE(answer->ts);
    CHECK(answer->ts->echo == 1001);
    // Beyond a gap: the echo is the one of the last segment that advanced the window.
    a.gets(seg{.seq = 330, .ack = 100, .data = 10, .ts = seg::stamp{1010, 0}});
    auto const gap = a.emitted();
    REQUIRE(gap);
    REQUIRE(gap->ts);
    CHECK(gap->ts->echo == 1001);
    a.gets(seg{.seq = 320, .ack = 100, .data = 10, .ts = seg::stamp{1020, 0}});
    auto const filled = a.emitted();
    REQUIRE(filled);
    REQUIRE(filled->ts);
    CHECK(filled->ts->echo == 1020);
}

TEST_CASE("data carries the acknowledgment along", "[tcp][9293-3.8.6.3]") {
    auto a = receiver();
    a.gets(seg{.seq = 300, .ack = 100, .data = 500}).silent();
    a.sends(5).answers(seg{.seq = 100, .ack = 800, .data = 5});
    a.gets(seg{.seq = 800, .ack = 105}).no_timer();
}

TEST_CASE("the window shrinks with what is unread and never goes back", "[tcp][9293-SHLD-14][9293-3.8.6]") {
    auto a = receiver();
    std::uint32_t edge = 300 + 4096;
    for (std::uint32_t at = 300; at < 4300; at += 1000) {
        a.gets(seg{.seq = at, .ack = 100, .data = 500}).silent();
        auto const answer = a.gets(seg{.seq = at + 500, .ack = 100, .data = 500}).emitted();
        REQUIRE(answer);
        CHECK(*answer->ack + *answer->window == edge);
    }
    CHECK(a.connection().info().receive_window == 96);
    // More than the window: the rest is cut off.
    a.gets(seg{.seq = 4300, .ack = 100, .data = 500}).times_out();
    a.answers(seg{.seq = 100, .ack = 4396, .window = std::uint16_t{0}});
}

TEST_CASE("the window opens in large steps only", "[tcp][9293-3.8.6.2.2][9293-MUST-39]") {
    auto a = receiver();
    for (std::uint32_t at = 300; at < 4300; at += 1000) {
        a.gets(seg{.seq = at, .ack = 100, .data = 1000, .first_octet = static_cast<std::uint8_t>(at - 300)}).loses();
    }
    CHECK(a.connection().info().receive_window == 96);
    a.reads(100, 100).silent();
    // Whatever else is sent meanwhile does not open it in small steps either.
    a.sends(1).answers(seg{.seq = 100, .ack = 4300, .data = 1, .window = std::uint16_t{96}});
    a.gets(seg{.seq = 4300, .ack = 101}).reads(800, 800).silent();
    // A full segment: the update that matters goes out at once.
    a.reads(100, 100).answers(seg{.seq = 101, .ack = 4300, .window = std::uint16_t{1096}});
    a.reads(900, 900).silent();
    a.reads(2100).answers(seg{.seq = 101, .ack = 4300, .window = std::uint16_t{4096}});
}

TEST_CASE("a segment that is full beside timestamps opens the window when it has been read", "[tcp][9293-3.8.6.2.2]") {
    auto a =
        established<stamped>(100, 300, 8192, {.maximum_segment_size = 1000}, seg{.mss = 1000, .ts = seg::stamp{1, 0}});
    for (std::uint32_t at = 0; at < 3952; at += 988) {
        a.gets(seg{.seq = 300 + at,
                   .ack = 100,
                   .data = 988,
                   .ts = seg::stamp{1, 0},
                   .first_octet = static_cast<std::uint8_t>(at)})
            .loses();
    }
    a.reads(987, 987).silent();
    a.reads(1, 1).answers(seg{.seq = 100, .ack = 4252, .window = std::uint16_t{1132}});
    a.reads(2964).answers(seg{.seq = 100, .ack = 4252, .window = std::uint16_t{4096}});
}

TEST_CASE("what a scaled window has promised is kept, though the field cannot say it", "[tcp][7323-2.4]") {
    auto a = established<scaled>(100, 300, 8192, {.receive_buffer = 1 << 20}, seg{.mss = 1400, .shift = 0});
    auto const edge = 300u + (1u << 20);
    CHECK(a.connection().info().receive_next.value() + a.connection().info().receive_window == edge);
    // One octet: the field rounds down, but the edge that was announced stays.
    a.gets(seg{.seq = 300, .ack = 100, .data = 1}).answers(seg{.seq = 100, .ack = 301, .window = std::uint16_t{32767}});
    CHECK(a.connection().info().receive_next.value() + a.connection().info().receive_window == edge);
}

TEST_CASE("a small buffer opens its window by halves", "[tcp][9293-3.8.6.2.2]") {
    struct tiny : plain {
        using receive_storage = inline_storage<64>;
    };
    auto a = established<tiny>();
    a.gets(seg{.seq = 300, .ack = 100, .data = 64}).answers(seg{.seq = 100, .ack = 364, .window = std::uint16_t{0}});
    a.reads(31, 31).silent();
    a.reads(1, 1).answers(seg{.seq = 100, .ack = 364, .window = std::uint16_t{32}});
    a.reads(31, 31).silent();
    a.reads(1, 1).answers(seg{.seq = 100, .ack = 364, .window = std::uint16_t{64}});
}

TEST_CASE("text beyond a gap is kept, acknowledged at once, and delivered when the gap is filled",
          "[tcp][9293-SHLD-31][5681-4.2][9293-MAY-13]") {
    auto a = receiver();
    a.gets(seg{.seq = 310, .ack = 100, .data = 10, .first_octet = 10}).answers(seg{.seq = 100, .ack = 300});
    a.gets(seg{.seq = 330, .ack = 100, .data = 10, .first_octet = 30}).answers(seg{.seq = 100, .ack = 300});
    a.cannot_read(error::would_block);
    a.gets(seg{.seq = 300, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 320}).reads(20);
    a.gets(seg{.seq = 315, .ack = 100, .data = 17, .first_octet = 15}).answers(seg{.seq = 100, .ack = 340}).reads(20);
    a.no_timer();
}

TEST_CASE("each segment beyond a gap draws an ACK, though none could leave before the next came", "[tcp][5681-4.2]") {
    auto a = receiver();
    for (std::uint32_t at = 310; at < 360; at += 10) {
        a.also_gets(seg{.seq = at, .ack = 100, .data = 10, .first_octet = static_cast<std::uint8_t>(at - 300)});
    }
    for (int i = 0; i < 3; ++i) a.answers(seg{.seq = 100, .ack = 300});
    // What bears text is no duplicate ACK, and pays for none.
    a.queues(5).answers(seg{.seq = 100, .ack = 300, .data = 5});
    for (int i = 0; i < 2; ++i) a.answers(seg{.seq = 105, .ack = 300});
    a.silent();
    // When the gap is filled before they leave, one ACK says it all.
    a.also_gets(seg{.seq = 370, .ack = 105, .data = 10, .first_octet = 70});
    a.also_gets(seg{.seq = 380, .ack = 105, .data = 10, .first_octet = 80});
    a.also_gets(seg{.seq = 300, .ack = 105, .data = 10});
    a.answers(seg{.seq = 105, .ack = 360}).silent().reads(60);
}

TEST_CASE("a gap reports itself by SACK, the latest block first", "[tcp][2018-4]") {
    auto a = established<with_sack>(100, 300, 8192, {}, seg{.sack_permitted = true});
    a.gets(seg{.seq = 310, .ack = 100, .data = 10, .first_octet = 10});
    a.answers(seg{.seq = 100, .ack = 300, .sack = {{310, 320}}});
    a.gets(seg{.seq = 330, .ack = 100, .data = 10, .first_octet = 30});
    a.answers(seg{.seq = 100, .ack = 300, .sack = {{330, 340}, {310, 320}}});
    a.gets(seg{.seq = 320, .ack = 100, .data = 5, .first_octet = 20});
    a.answers(seg{.seq = 100, .ack = 300, .sack = {{310, 325}, {330, 340}}});
    a.sends(5).answers(seg{.seq = 100, .ack = 300, .data = 5, .sack = {{310, 325}, {330, 340}}});
    a.gets(seg{.seq = 300, .ack = 105, .data = 10});
    a.answers(seg{.seq = 105, .ack = 325, .sack = {{330, 340}}});
    a.gets(seg{.seq = 325, .ack = 105, .data = 5, .first_octet = 25}).answers(seg{.seq = 105, .ack = 340}).reads(40);
}

TEST_CASE("no SACK without the peer's permission", "[tcp][2018-2]") {
    auto a = established<with_sack>();
    a.gets(seg{.seq = 310, .ack = 100, .data = 10});
    auto const answer = a.emitted();
    REQUIRE(answer);
    CHECK(answer->sack.empty());
}

TEST_CASE("more gaps than can be remembered cost memory to nobody", "[tcp]") {
    auto a = receiver();
    for (std::uint32_t i = 0; i < 100; ++i) {
        a.gets(seg{.seq = 310 + 20 * i, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 300});
    }
    a.gets(seg{.seq = 300, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 320});
}

TEST_CASE("segments are cut to what is new and inside the window", "[tcp][9293-3.10.7.4]") {
    auto a = receiver();
    a.gets(seg{.seq = 300, .ack = 100, .data = 10}).times_out().answers(seg{.seq = 100, .ack = 310});
    a.gets(seg{.seq = 300, .ack = 100, .data = 10}).answers(seg{.seq = 100, .ack = 310}); // all old
    a.gets(seg{.seq = 295, .ack = 100, .data = 25, .first_octet = 251}).times_out();
    a.answers(seg{.seq = 100, .ack = 320}).reads(20);
    a.gets(seg{.seq = 299, .ack = 100}).answers(seg{.seq = 100, .ack = 320}); // a keep-alive probe
}

TEST_CASE("text behind the peer's FIN is not believed", "[tcp][9293-3.10.7.4]") {
    auto a = receiver();
    a.gets(seg{.seq = 310, .ack = 100, .fin = true}).answers(seg{.seq = 100, .ack = 300});
    a.gets(seg{.seq = 305, .ack = 100, .data = 20, .first_octet = 5}).answers(seg{.seq = 100, .ack = 300});
    a.gets(seg{.seq = 300, .ack = 100, .data = 5}).answers(seg{.seq = 100, .ack = 311}).is(state::close_wait);
    a.reads(10).cannot_read(error::end_of_stream);
}

TEST_CASE("an ACK may stand right behind the window, a RST may not", "[tcp][9293-3.10.7.4][5961-3.2]") {
    auto a = receiver();
    a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
    a.gets(seg{.seq = 300 + 4097, .ack = 110}).answers(seg{.seq = 110, .ack = 300});
    a.gets(seg{.seq = 300 + 4096, .rst = true}).silent();
    a.gets(seg{.seq = 300 + 4096, .ack = 110}).silent().no_timer();
}

TEST_CASE("two ends that disagree do not acknowledge each other for ever", "[tcp][5961-7.]") {
    auto a = receiver();
    for (int i = 0; i < 10; ++i) a.gets(seg{.seq = 200, .ack = 100}).answers(seg{.seq = 100, .ack = 300});
    a.gets(seg{.seq = 200, .ack = 100}).silent();
    a.gets(seg{.seq = 200, .ack = 100, .data = 1}).answers(seg{.seq = 100, .ack = 300}); // text must be answered
}

TEST_CASE("a segment without ACK is dropped", "[tcp][9293-3.10.7.4]") {
    auto a = receiver();
    a.gets(seg{.seq = 300, .data = 10}).silent().cannot_read(error::would_block);
    a.gets(seg{.seq = 300, .fin = true}).silent().is(state::established);
}

TEST_CASE("what is unread stays readable after the close", "[tcp][9293-3.10.3]") {
    auto a = receiver();
    a.gets(seg{.seq = 300, .ack = 100, .fin = true, .data = 10}).answers(seg{.seq = 100, .ack = 311});
    a.closes().answers(seg{.seq = 100, .ack = 311, .fin = true});
    a.gets(seg{.seq = 311, .ack = 101}).is(state::closed).failed(error::none);
    a.reads(4, 4).reads(6).cannot_read(error::end_of_stream);
}

namespace {

// Storage on the heap that counts how much of it is in use.
int rings_in_memory = 0;
class counting_storage : public heap_storage {
public:
    counting_storage() = default;
    explicit counting_storage(std::size_t capacity)
        : heap_storage(capacity) {}
    counting_storage(counting_storage&&) = default;
    counting_storage& operator=(counting_storage&& other) noexcept {
        release();
        heap_storage::operator=(std::move(other));
        return *this;
    }
    ~counting_storage() { release(); }
    bool provide() {
        bool const had = data() != nullptr;
        bool const has = heap_storage::provide();
        if (has && !had) ++rings_in_memory;
        return has;
    }
    void release() {
        if (data() != nullptr) --rings_in_memory;
        heap_storage::release();
    }
};

struct counted : plain {
    using send_storage = counting_storage;
    using receive_storage = counting_storage;
};

} // namespace

TEST_CASE("buffers take memory when they are used and give it back when nothing can come any more", "[tcp]") {
    {
        auto a = established<counted>();
        CHECK(rings_in_memory == 0);
        a.sends(10).answers(seg{.seq = 100, .ack = 300, .data = 10});
        CHECK(rings_in_memory == 1);
        a.gets(seg{.seq = 300, .ack = 110, .data = 10}).answers(seg{.seq = 110, .ack = 310});
        CHECK(rings_in_memory == 2);
        a.closes().answers(seg{.seq = 110, .ack = 310, .fin = true});
        a.gets(seg{.seq = 310, .ack = 111, .fin = true}).answers(seg{.seq = 111, .ack = 311}).is(state::time_wait);
        CHECK(rings_in_memory == 1); // unread
        a.reads(10);
        CHECK(rings_in_memory == 0);
    }
    {
        auto b = established<counted>();
        b.sends(10).loses();
        b.gets(seg{.seq = 300, .ack = 110, .data = 10}).loses();
        b.gets(seg{.seq = 310, .rst = true}).is(state::closed);
        CHECK(rings_in_memory == 0);
    }
    CHECK(rings_in_memory == 0);
}

TEST_CASE("an application that goes: unread data means RST", "[tcp][9293-SHLD-3][2525-2.17]") {
    SECTION("data is unread") {
        auto a = receiver();
        a.gets(seg{.seq = 300, .ack = 100, .data = 10}).silent();
        a.detaches().is(state::closed).answers(seg{.seq = 100, .rst = true}).finished();
    }
    SECTION("nothing is unread: a close; what still comes is answered by RST") {
        auto a = receiver();
        a.detaches().is(state::fin_wait_1).answers(seg{.seq = 100, .ack = 300, .fin = true});
        a.gets(seg{.seq = 300, .ack = 101}).is(state::fin_wait_2);
        a.gets(seg{.seq = 300, .ack = 101, .data = 5}).is(state::closed).answers(seg{.seq = 101, .rst = true});
        a.finished();
    }
    SECTION("the peer never closes: FIN-WAIT-2 ends") {
        auto a = receiver();
        a.detaches().answers(seg{.seq = 100, .ack = 300, .fin = true});
        a.gets(seg{.seq = 300, .ack = 101}).is(state::fin_wait_2).times_out(seconds(60)).is(state::closed).finished();
    }
    SECTION("in FIN-WAIT-2 already") {
        auto a = in(state::fin_wait_2);
        a.no_timer().detaches().times_out(seconds(60)).is(state::closed).finished();
    }
    SECTION("the peer closes: TIME-WAIT as usual") {
        auto a = receiver();
        a.detaches().answers(seg{.seq = 100, .ack = 300, .fin = true});
        a.gets(seg{.seq = 300, .ack = 101, .fin = true}).answers(seg{.seq = 101, .ack = 301}).is(state::time_wait);
        a.times_out(seconds(60)).finished();
    }
    SECTION("in LISTEN and SYN-SENT it is simply gone") {
        in(state::listen).detaches().is(state::closed).finished();
        in(state::syn_sent).detaches().is(state::closed).finished();
    }
}

TEST_CASE("random pieces in random order arrive as they were sent", "[tcp][9293-3.4]") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        INFO("seed " << seed);
        random_generator random(seed);
        auto const theirs = static_cast<std::uint32_t>(seed % 3 == 0 ? 0xffff'ff80 : random.next());
        auto a = established<plain>(100, theirs);
        constexpr std::uint32_t length = 1000;
        std::uint32_t read = 0;
        for (int i = 0; i < 5000 && read < length; ++i) {
            auto const known = a.connection().info().receive_next.value() - theirs;
            // Mostly near the edge, so that it ends.
            auto const first = static_cast<std::uint32_t>(random.below(2) == 0 ? known : random.below(length));
            auto const count =
                static_cast<std::uint32_t>(1 + random.below(std::min(200u, length - std::min(first, length - 1))));
            if (first >= length) break;
            a.also_gets(seg{.seq = theirs + first,
                            .ack = 100,
                            .fin = first + count == length,
                            .data = count,
                            .first_octet = static_cast<std::uint8_t>(first)});
            std::array<std::byte, 100> room{};
            if (auto const got = a.connection().receive(room, a.now())) {
                for (std::size_t k = 0; k < *got; ++k) REQUIRE(room[k] == std::byte(read + k));
                read += static_cast<std::uint32_t>(*got);
            }
            a.loses();
        }
        std::array<std::byte, length> rest{};
        if (auto const got = a.connection().receive(rest, a.now())) read += static_cast<std::uint32_t>(*got);
        a.loses();
        CHECK(read == length);
        CHECK(a.connection().current_state() == state::close_wait);
    }
}
