// What a connection tells about itself: STATUS of RFC 9293 section 3.10.6, and what Linux tells as tcp_info, whose field
// stands in parentheses. Octets, unless a field says otherwise: what counts segments there counts octets here, since no
// record is kept of each segment.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/states.hpp>

#include <cstdint>

namespace plywire::tcp {

struct connection_info {
    state current = state::closed; // (tcpi_state)

    // Numbers and windows.
    sequence send_unacknowledged{};           // SND.UNA
    sequence send_next{};                     // SND.NXT: after the last octet ever sent
    sequence receive_next{};                  // RCV.NXT
    std::uint32_t send_window = 0;            // SND.WND, scaled up (tcpi_snd_wnd)
    std::uint32_t receive_window = 0;         // RCV.WND, what the peer may still send (tcpi_rcv_wnd)
    std::uint32_t largest_receive_window = 0; // that the buffer and the window scale allow (tcpi_rcv_ssthresh)
    std::uint32_t receive_buffer = 0;         // its capacity (tcpi_rcv_space)
    std::uint8_t send_window_scale = 0;       // bits by which the peer shifts (tcpi_snd_wscale)
    std::uint8_t receive_window_scale = 0;    // bits by which we shift (tcpi_rcv_wscale)

    // Sizes of segments.
    std::uint32_t segment_size = 0;       // text in a full segment of ours (tcpi_snd_mss)
    std::uint32_t peer_segment_limit = 0; // text and options that the peer takes: its MSS option, or 536
    std::uint32_t segment_limit = 0;      // text and options that the path carries, and that our SYN has announced
                                          // (tcpi_advmss; tcpi_pmtu is 40 more with IPv4)

    // Queues.
    std::uint32_t unsent = 0;         // queued, not sent (tcpi_notsent_bytes)
    std::uint32_t unacknowledged = 0; // text queued or sent, not acknowledged
    std::uint32_t in_flight = 0;      // sent and not acknowledged, SYN and FIN too (tcpi_unacked)
    std::uint32_t taken_back = 0;     // of that, lost by what the timer says, and not sent again yet (tcpi_lost)
    std::uint32_t unread = 0;         // received, not read

    // Congestion and loss.
    std::uint32_t congestion_window = 0;    // (tcpi_snd_cwnd)
    std::uint32_t slow_start_threshold = 0; // (tcpi_snd_ssthresh)
    bool in_recovery = false;               // fast recovery (tcpi_ca_state Recovery)
    bool in_loss = false;                   // the retransmission timer has run out, and not all that it has taken back
                                            // has been sent again (tcpi_ca_state Loss)

    // Timers. Counts are of what has happened in a row.
    duration smoothed_round_trip{};    // SRTT, zero before it is known (tcpi_rtt)
    duration round_trip_variation{};   // RTTVAR (tcpi_rttvar)
    duration retransmission_timeout{}; // RTO, backed off (tcpi_rto)
    duration longest_acknowledgment{}; // how long an ACK may be delayed (tcpi_ato)
    std::uint8_t timeouts = 0;         // of the retransmission timer (tcpi_retransmits)
    std::uint8_t probes = 0;           // unanswered, of a closed window or of an idle connection (tcpi_probes)
    std::uint8_t doublings = 0;        // of the time-out, or of the time between probes (tcpi_backoff)
    instant last_sent{};               // when something left that takes a number; of OPEN before (tcpi_last_data_sent)

    // Options that both sides use (tcpi_options).
    bool window_scaling = false;
    bool timestamps = false;
    bool selective_acknowledgments = false;

    // Since OPEN, as far as the policy `counters` keeps it; else 0, and never.
    std::uint32_t retransmissions = 0;                       // segments sent again (tcpi_total_retrans)
    std::uint32_t segments_sent = 0;                         // of every kind (tcpi_segs_out)
    std::uint32_t segments_received = 0;                     // of every kind, wanted or not (tcpi_segs_in)
    std::uint32_t text_segments_sent = 0;                    // (tcpi_data_segs_out)
    std::uint32_t text_segments_received = 0;                // (tcpi_data_segs_in)
    std::uint32_t out_of_order_segments = 0;                 // that came beyond a gap (tcpi_rcv_ooopack)
    std::uint32_t largest_text_received = 0;                 // in one segment (tcpi_rcv_mss)
    std::uint64_t octets_sent = 0;                           // of text, sent again too (tcpi_bytes_sent)
    std::uint64_t octets_sent_again = 0;                     // of text (tcpi_bytes_retrans)
    std::uint64_t octets_acknowledged = 0;                   // of text (tcpi_bytes_acked)
    std::uint64_t octets_received = 0;                       // of text, in order (tcpi_bytes_received)
    duration least_round_trip{};                             // zero before one is measured (tcpi_min_rtt)
    instant last_text_sent = instant::never();               // (tcpi_last_data_sent)
    instant last_text_received = instant::never();           // (tcpi_last_data_recv)
    instant last_acknowledgment_received = instant::never(); // (tcpi_last_ack_recv)
};

} // namespace plywire::tcp
