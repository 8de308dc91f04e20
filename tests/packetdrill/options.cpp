// getsockopt and setsockopt.
#include "sockets.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <optional>
#include <utility>

namespace plywire::packetdrill {

namespace {

// <netinet/tcp.h> does not know the newer ones, and <linux/tcp.h> cannot be included beside it.
constexpr int least_buffer = 2 * 2304; // SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF of Linux, in round figures
constexpr int default_send_buffer = 16 * 1024;
constexpr int default_receive_buffer = 131'072;

// Where an option is kept whose value is one integer and which is read as it was set.
struct kept {
    int socket_options::* integer = nullptr;
    bool socket_options::* flag = nullptr;
};

kept place_of(int level, int name) {
    if (level == SOL_SOCKET) {
        switch (name) {
        case SO_REUSEADDR: return {.flag = &socket_options::reuse_address};
        case SO_KEEPALIVE: return {.flag = &socket_options::keep_alive};
        case SO_ZEROCOPY: return {.flag = &socket_options::zero_copy};
        case SO_PRIORITY: return {.integer = &socket_options::priority};
        default: return {};
        }
    }
    if (level == IPPROTO_IP) {
        switch (name) {
        case IP_TTL: return {.integer = &socket_options::time_to_live};
        case IP_TOS: return {.integer = &socket_options::type_of_service};
        default: return {};
        }
    }
    switch (name) {
    case TCP_NODELAY: return {.flag = &socket_options::no_delay};
    case TCP_FASTOPEN_CONNECT: return {.flag = &socket_options::fast_open_connect};
    case TCP_CORK: return {.flag = &socket_options::cork};
    case TCP_USER_TIMEOUT: return {.integer = &socket_options::user_timeout};
    case TCP_KEEPIDLE: return {.integer = &socket_options::keep_idle};
    case TCP_KEEPINTVL: return {.integer = &socket_options::keep_interval};
    case TCP_KEEPCNT: return {.integer = &socket_options::keep_count};
    case TCP_NOTSENT_LOWAT: return {.integer = &socket_options::not_sent_low_water};
    case TCP_MAXSEG: return {.integer = &socket_options::maximum_segment_size};
    default: return {};
    }
}

// Names that Linux knows and that change nothing that a script can see of plywire.
bool is_accepted(int level, int name) {
    if (level == SOL_SOCKET) {
        return name == SO_BUSY_POLL || name == SO_MARK || name == SO_TIMESTAMPING || name == SO_MAX_PACING_RATE ||
               name == SO_REUSEPORT;
    }
    if (level == IPPROTO_TCP) {
        return name == TCP_QUICKACK || name == TCP_DEFER_ACCEPT || name == TCP_WINDOW_CLAMP || name == TCP_SYNCNT ||
               name == TCP_LINGER2;
    }
    return false;
}

} // namespace

void sockets::apply_options(socket_state& s) {
    socket_options const& o = s.options;
    if (s.is == kind::connecting || s.is == kind::connected) {
        tuning wanted{.no_delay = o.no_delay, .cork = o.cork || o.more, .user_timeout = milliseconds(o.user_timeout)};
        if (o.keep_alive) {
            wanted.keep_alive = {.idle = seconds(o.keep_idle),
                                 .interval = seconds(o.keep_interval),
                                 .probes = static_cast<std::uint8_t>(o.keep_count)};
        }
        auto const synchronizations = o.others.find({IPPROTO_TCP, TCP_SYNCNT});
        if (s.is == kind::connecting && o.user_timeout == 0 && synchronizations != o.others.end()) {
            // So many SYNs after the first, each after twice as long a time; the first is waited for one second.
            wanted.user_timeout = seconds((std::int64_t{2} << std::clamp(synchronizations->second, 0, 30)) - 1);
        }
        world_.host().tune(s.id, wanted);
    } else if (o.maximum_segment_size != 0) {
        world_.host().limit_segments(static_cast<std::uint16_t>(o.maximum_segment_size));
    }
}

answer sockets::get_option(int fd, int level, int name, void* value, socklen_t* length) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    if (value == nullptr || length == nullptr) {
        return -EFAULT;
    }
    if (level == IPPROTO_TCP && name == TCP_INFO) {
        return get_tcp_info(*s, value, length);
    }
    if ((level == IPPROTO_TCP && name == TCP_CC_INFO) || (level == SOL_SOCKET && name == SO_MEMINFO)) {
        *length = name == SO_MEMINFO ? std::min<socklen_t>(*length, 9 * sizeof(std::uint32_t)) : 0;
        std::memset(value, 0, *length); // there is nothing to tell of these
        return 0;
    }
    if (level == SOL_SOCKET && name == SO_LINGER) {
        *length = std::min<socklen_t>(*length, sizeof s->options.lingering);
        std::memcpy(value, &s->options.lingering, *length);
        return 0;
    }
    int result = 0;
    kept const where = place_of(level, name);
    if (level == IPPROTO_TCP && name == TCP_MAXSEG) {
        connection_facts const f = facts(*s);
        result = f.exists ? static_cast<int>(f.info.segment_size) : s->options.maximum_segment_size;
        result = result == 0 ? 536 : result;
    } else if (where.integer != nullptr) {
        result = s->options.*where.integer;
    } else if (where.flag != nullptr) {
        result = s->options.*where.flag ? 1 : 0;
    } else if (level == SOL_SOCKET && name == SO_ERROR) {
        result = take_failure(*s);
    } else if (level == SOL_SOCKET && name == SO_SNDBUF) {
        result = s->options.send_buffer != 0 ? s->options.send_buffer : default_send_buffer;
    } else if (level == SOL_SOCKET && name == SO_RCVBUF) {
        result = s->options.receive_buffer != 0 ? s->options.receive_buffer : default_receive_buffer;
    } else if (level == SOL_SOCKET && name == SO_TYPE) {
        result = SOCK_STREAM;
    } else if (auto const other = s->options.others.find({level, name}); other != s->options.others.end()) {
        result = other->second;
    } else if (!is_accepted(level, name)) {
        return -ENOPROTOOPT;
    }
    *length = std::min<socklen_t>(*length, sizeof result);
    std::memcpy(value, &result, *length);
    return 0;
}

answer sockets::set_option(int fd, int level, int name, void const* value, socklen_t length) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    if (value == nullptr) {
        return -EFAULT;
    }
    if (level == SOL_SOCKET && (name == SO_LINGER || name == SO_RCVTIMEO || name == SO_SNDTIMEO)) {
        if (name == SO_LINGER && length >= sizeof(linger)) {
            std::memcpy(&s->options.lingering, value, sizeof(linger));
            return 0;
        }
        if (name != SO_LINGER && length >= sizeof(timeval)) {
            timeval t{};
            std::memcpy(&t, value, sizeof t);
            (name == SO_RCVTIMEO ? s->options.receive_timeout : s->options.send_timeout) =
                static_cast<int>(t.tv_sec * 1000 + t.tv_usec / 1000);
            return 0;
        }
        return -EINVAL;
    }
    if (length < sizeof(int)) {
        return -EINVAL;
    }
    int given = 0;
    std::memcpy(&given, value, sizeof given);
    if (level == IPPROTO_TCP && name == TCP_MAXSEG && given != 0 && (given < 88 || given > 32'767)) {
        return -EINVAL;
    }
    if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT && given < 0) {
        return -EINVAL;
    }
    if (level == IPPROTO_TCP && name == TCP_FASTOPEN_CONNECT && !clients_may_open_fast()) {
        return -EOPNOTSUPP;
    }
    kept const where = place_of(level, name);
    if (where.integer != nullptr) {
        s->options.*where.integer = given;
    } else if (where.flag != nullptr) {
        s->options.*where.flag = given != 0;
    } else if (level == SOL_SOCKET && name == SO_SNDBUF) {
        s->options.send_buffer = std::max(2 * given, least_buffer);
    } else if (level == SOL_SOCKET && name == SO_RCVBUF) {
        s->options.receive_buffer = std::max(2 * given, least_buffer / 2);
    } else if (is_accepted(level, name)) {
        s->options.others[{level, name}] = given;
    } else {
        return -ENOPROTOOPT;
    }
    if (level == IPPROTO_TCP && name == TCP_NODELAY && given != 0 && (s->options.cork || s->options.more)) {
        // Linux sends what is held back even though the cork stays.
        bool const cork = std::exchange(s->options.cork, false);
        s->options.more = false;
        apply_options(*s);
        world_.host().poll(world_.now());
        s->options.cork = cork;
    }
    apply_options(*s);
    return 0;
}

// What scripts assert about: `tcp_info`, as far as plywire knows it. Linux counts in segments, plywire in octets.
answer sockets::get_tcp_info(socket_state& s, void* value, socklen_t* length) {
    static constexpr std::uint8_t numbers[]{7, 10, 2, 3, 1, 4, 5, 8, 11, 9, 6}; // of Linux, in the order of tcp::state
    static constexpr std::uint32_t far = 0x7fffffff;                            // a threshold that has not been set
    tcp::connection_info const f = facts(s).info;
    ::tcp_info info{};
    auto const micros = [](duration d) { return static_cast<std::uint32_t>(d.nanoseconds / 1'000); };
    auto const milliseconds_since = [&](instant then) {
        return then == instant::never() ? 0 : micros(world_.now() - then) / 1'000;
    };
    std::uint32_t const mss = std::max<std::uint32_t>(f.segment_size, 1);
    auto const segments = [&](std::uint32_t octets) { return (octets + mss - 1) / mss; };
    info.tcpi_state = s.is == kind::listening ? std::uint8_t{10} : numbers[static_cast<std::size_t>(f.current)];
    info.tcpi_ca_state = f.in_loss ? TCP_CA_Loss : f.in_recovery ? TCP_CA_Recovery : TCP_CA_Open;
    info.tcpi_retransmits = f.timeouts;
    info.tcpi_probes = f.probes;
    info.tcpi_backoff = f.doublings;
    info.tcpi_options = static_cast<std::uint8_t>((f.timestamps ? TCPI_OPT_TIMESTAMPS : 0) |
                                                  (f.selective_acknowledgments ? TCPI_OPT_SACK : 0) |
                                                  (f.window_scaling ? TCPI_OPT_WSCALE : 0));
    info.tcpi_snd_wscale = f.send_window_scale & 0xf;
    info.tcpi_rcv_wscale = f.receive_window_scale & 0xf;
    info.tcpi_rto = micros(f.retransmission_timeout);
    info.tcpi_ato = micros(f.longest_acknowledgment);
    info.tcpi_snd_mss = f.segment_size;
    info.tcpi_rcv_mss = f.largest_text_received;
    info.tcpi_unacked = segments(f.in_flight);
    info.tcpi_lost = segments(f.taken_back);
    info.tcpi_last_data_sent = milliseconds_since(f.last_text_sent);
    info.tcpi_last_data_recv = milliseconds_since(f.last_text_received);
    info.tcpi_last_ack_recv = milliseconds_since(f.last_acknowledgment_received);
    info.tcpi_pmtu = f.segment_limit + 40;
    info.tcpi_rcv_ssthresh = f.largest_receive_window;
    info.tcpi_rtt = micros(f.smoothed_round_trip);
    info.tcpi_rttvar = micros(f.round_trip_variation);
    info.tcpi_snd_ssthresh = f.slow_start_threshold >= far ? far : f.slow_start_threshold / mss;
    info.tcpi_snd_cwnd = f.congestion_window / mss;
    info.tcpi_advmss = s.options.maximum_segment_size != 0 ? static_cast<std::uint32_t>(s.options.maximum_segment_size)
                                                           : std::max<std::uint32_t>(f.segment_limit, 1460);
    info.tcpi_reordering = 3;
    info.tcpi_rcv_space = f.receive_buffer;
    info.tcpi_total_retrans = f.retransmissions;
    info.tcpi_bytes_acked = f.octets_acknowledged;
    info.tcpi_bytes_received = f.octets_received;
    info.tcpi_segs_out = f.segments_sent;
    info.tcpi_segs_in = f.segments_received;
    info.tcpi_notsent_bytes = f.unsent;
    info.tcpi_min_rtt = f.least_round_trip == duration{} ? ~0u : micros(f.least_round_trip);
    info.tcpi_data_segs_in = f.text_segments_received;
    info.tcpi_data_segs_out = f.text_segments_sent;
    // The SYN counts as delivered too.
    info.tcpi_delivered =
        segments(static_cast<std::uint32_t>(f.octets_acknowledged)) + (f.segments_received > 0 ? 1 : 0);
    info.tcpi_bytes_sent = f.octets_sent;
    info.tcpi_bytes_retrans = f.octets_sent_again;
    info.tcpi_rcv_ooopack = f.out_of_order_segments;
    info.tcpi_snd_wnd = f.send_window;
    std::memset(value, 0, *length); // newer systems have more to tell, and packetdrill wants room for it
    std::memcpy(value, &info, std::min<std::size_t>(*length, sizeof info));
    return 0;
}

} // namespace plywire::packetdrill
