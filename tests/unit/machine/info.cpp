// What info() tells, field by field.
#include "trace.hpp"

using namespace trace;

namespace {

struct counting : plain {
    using counters = tcp::full_counters;
    using congestion_control = tcp::basic_new_reno<tcp::initial_window_three>;
};
struct full : tcp::defaults {
    using counters = tcp::full_counters;
    using congestion_control = tcp::basic_new_reno<tcp::initial_window_three>;
};

} // namespace

TEST_CASE("info() of a connection that has just been established", "[tcp]") {
    machine<full> m({.maximum_segment_size = 1400, .receive_buffer = 1 << 20});
    CHECK(m.connection().info().current == state::closed);
    m.opens(99).answers(seg{.seq = 99, .syn = true}).waits(milliseconds(30));
    auto const opening = m.connection().info();
    CHECK(opening.current == state::syn_sent);
    CHECK(opening.in_flight == 1);
    CHECK(opening.segment_limit == 1400);
    m.gets(seg{.seq = 299,
               .ack = 100,
               .syn = true,
               .window = 9000,
               .mss = 1200,
               .shift = 3,
               .sack_permitted = true,
               .ts = seg::stamp{7, 0}});
    m.loses();
    auto const info = m.connection().info();
    CHECK(info.current == state::established);
    CHECK(info.window_scaling);
    CHECK(info.timestamps);
    CHECK(info.selective_acknowledgments);
    CHECK(info.send_window_scale == 3);
    CHECK(info.receive_window_scale == 5);
    CHECK(info.send_window == 9000);
    CHECK(info.receive_window == 1 << 20);
    CHECK(info.receive_buffer == 1 << 20);
    CHECK(info.largest_receive_window == 1 << 20);
    CHECK(info.segment_size == 1188);
    CHECK(info.peer_segment_limit == 1200);
    CHECK(info.segment_limit == 1400);
    CHECK(info.in_flight == 0);
    CHECK(info.smoothed_round_trip == milliseconds(30));
    CHECK(info.round_trip_variation == milliseconds(15));
    CHECK(info.least_round_trip == milliseconds(30));
    CHECK(info.retransmission_timeout == seconds(1));
    CHECK(info.longest_acknowledgment == milliseconds(40));
    CHECK(info.segments_sent == 2);
    CHECK(info.segments_received == 1);
    CHECK(info.octets_sent == 0);
    CHECK(info.octets_acknowledged == 0);
    CHECK(info.last_text_sent == instant::never());
    CHECK(info.last_acknowledgment_received == m.now());
}

TEST_CASE("info() counts what is sent, sent again and acknowledged", "[tcp]") {
    auto m = established<counting>();
    instant const begin = m.now();
    m.queues(1460 * 4).loses().waits(milliseconds(20));
    auto info = m.connection().info();
    CHECK(info.in_flight == 1460 * 3);
    CHECK(info.unsent == 1460);
    CHECK(info.unacknowledged == 1460 * 4);
    CHECK(info.taken_back == 0);
    CHECK(info.timeouts == 0);
    CHECK(instant(info.last_sent) - begin < milliseconds(1));
    CHECK(info.last_text_sent == begin);
    m.times_out().loses().times_out().loses();
    info = m.connection().info();
    CHECK(info.timeouts == 2);
    CHECK(info.doublings == 2);
    CHECK(info.in_loss);
    CHECK(!info.in_recovery);
    CHECK(info.taken_back == 1460 * 2);
    CHECK(info.retransmissions == 2);
    CHECK(info.octets_sent == 1460 * 5);
    CHECK(info.octets_sent_again == 1460 * 2);
    CHECK(info.text_segments_sent == 5);
    CHECK(info.last_text_sent == m.now());
    m.gets(seg{.seq = 300, .ack = 100 + 1460 * 3}).loses();
    info = m.connection().info();
    CHECK(!info.in_loss);
    CHECK(info.timeouts == 0);
    CHECK(info.octets_acknowledged == 1460 * 3);
    m.closes().loses().gets(seg{.seq = 300, .ack = 101 + 1460 * 4});
    CHECK(m.connection().info().octets_acknowledged == 1460 * 4); // neither SYN nor FIN
}

TEST_CASE("info() counts what is received, in order and not", "[tcp]") {
    auto m = established<counting>();
    m.waits(seconds(1)).gets(seg{.seq = 400, .ack = 100, .data = 100}).loses();
    auto info = m.connection().info();
    CHECK(info.out_of_order_segments == 1);
    CHECK(info.octets_received == 0);
    CHECK(info.largest_text_received == 100);
    CHECK(info.last_text_received == m.now());
    m.waits(seconds(1)).gets(seg{.seq = 300, .ack = 100, .data = 100}).loses();
    m.gets(seg{.seq = 300, .ack = 100, .data = 100}).loses(); // again: counted as a segment only
    m.gets(seg{.seq = 500, .ack = 100, .data = 50}).loses();
    info = m.connection().info();
    CHECK(info.octets_received == 250);
    CHECK(info.unread == 250);
    CHECK(info.text_segments_received == 4);
    CHECK(info.segments_received == 5);
    CHECK(info.largest_text_received == 100);
    m.waits(seconds(1)).gets(seg{.seq = 550, .ack = 100});
    CHECK(m.connection().info().last_text_received == m.now() - seconds(1));
    CHECK(m.connection().info().last_acknowledgment_received == m.now());
}

TEST_CASE("info() counts probes", "[tcp]") {
    SECTION("of a closed window") {
        auto m = established<counting>();
        m.gets(seg{.seq = 300, .ack = 100, .window = 0});
        m.sends(10).times_out().loses().times_out().loses();
        auto const info = m.connection().info();
        CHECK(info.probes == 2);
        CHECK(info.doublings == 2);
        CHECK(info.timeouts == 0);
        CHECK(!info.in_loss);
    }
    SECTION("of an idle connection") {
        auto m = established<counting>();
        m.connection().set_keep_alive(tcp::keep_alive_settings{}, m.now());
        m.times_out().loses().times_out().loses();
        CHECK(m.connection().info().probes == 2);
        m.gets(seg{.seq = 300, .ack = 100});
        CHECK(m.connection().info().probes == 0);
    }
}

TEST_CASE("info() tells of fast recovery", "[tcp]") {
    auto m = established<counting>();
    m.queues(1460 * 3).loses();
    for (int i = 0; i < 3; ++i) m.also_gets(seg{.seq = 300, .ack = 100});
    m.loses();
    auto const info = m.connection().info();
    CHECK(info.in_recovery);
    CHECK(!info.in_loss);
    CHECK(info.slow_start_threshold == 2920);
    CHECK(info.retransmissions == 1);
}

TEST_CASE("what is not counted is zero and costs nothing", "[tcp]") {
    struct silent : plain {
        using counters = tcp::no_counters;
    };
    CHECK(sizeof(tcp::connection<silent>) + sizeof(tcp::retransmission_counter) <=
          sizeof(tcp::connection<plain>) + alignof(tcp::connection<plain>));
    auto m = established<silent>();
    m.sends(10).loses().times_out().loses();
    auto const info = m.connection().info();
    CHECK(info.timeouts == 1);
    CHECK(info.retransmissions == 0);
    CHECK(info.segments_sent == 0);
    CHECK(info.octets_sent == 0);
    CHECK(info.last_text_sent == instant::never());
}
