// plywire's side of kernel_tcp.py: a host on a TUN interface that does with its connections what lines on standard
// input say, and prints what came of it as lines of JSON.
//
//     kernel_tcp_peer INTERFACE BUFFER_OCTETS LOST_PERCENT
//
//     listen PORT COUNT STEPS               the next COUNT connections to the port do STEPS, then it closes
//     connect PORT COUNT AT_ONCE FROM STEPS COUNT connections to the kernel's port, AT_ONCE of them at a time; from the
//                                           local port FROM, or from free ones if it is 0
//     go                                    connections that stand at the step `go`, or come to it, go on once
//     freeze ... thaw                       between the two, lines are obeyed and the interface is left alone
//     statistics                            what the TCP layer has counted
//
// The steps of a connection, one word each:
//
//     send:N      N octets
//     receive:N   until N octets have come
//     receive     until the end of the stream
//     exchange:N  both at once: N octets out, half-close, and in until the end of the stream
//     echo        everything that comes is sent back, until the end of the stream
//     echo:N      the same until N octets have come
//     unread:N    waits until N octets lie unread
//     drained     waits until everything sent is acknowledged
//     finished    waits until the peer's FIN has come
//     gone        waits until there is no connection any more
//     pause:N     waits N milliseconds
//     go          waits for the line `go`
//     shutdown    half-close
//     close       gives the connection back
//     abort       resets it
//
// It ends when standard input does, and after two minutes in any case.

#include "support/lossy_device.hpp"
#include "support/sha256.hpp"

#include <plywire/io/monotonic_clock.hpp>
#include <plywire/io/tun.hpp>
#include <plywire/protocols/icmpv4_layer.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/tcp_layer.hpp>
#include <plywire/stack/stack.hpp>

#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace plywire;
using testing::sha256;

namespace {

constexpr std::uint64_t without_end = ~std::uint64_t{0};
constexpr auto kernel = ipv4::address::from_text("10.9.0.1").value();
constexpr auto ours = ipv4::prefix::from_text("10.9.0.2/24").value();

struct step {
    std::string what;
    std::uint64_t number = without_end;
};

// Connections that do the same.
struct group {
    std::uint16_t port = 0;
    std::uint32_t to_begin = 0;
    std::uint32_t to_end = 0;
    std::uint32_t under_way = 0;
    std::uint32_t at_once = ~0u;
    std::uint16_t from = 0;
    bool tells_all = false; // a line for each connection, not only for all of them
    std::vector<step> steps{};
    std::map<std::string, std::uint32_t> ended{}; // how many ended how
    std::uint32_t unequal = 0;                    // connections that received something else than they sent
    std::uint64_t received = 0;
};

// What is sent: this over and over, from somewhere on.
std::vector<std::byte> const& noise() {
    static std::vector<std::byte> const octets = [] {
        std::vector<std::byte> drawn(1'000'003);
        random_generator random(2026);
        for (auto& octet : drawn) {
            octet = std::byte(random.next() & 0xff);
        }
        return drawn;
    }();
    return octets;
}

// One connection and how far it has come with its steps.
template <class Host>
class talker {
public:
    talker(typename Host::tcp_socket socket, group& of, std::uint64_t seed, std::uint64_t goes)
        : socket_(std::move(socket))
        , group_(of)
        , from_(seed * 7919)
        , went_(goes) {}

    // Goes on as far as possible. True when it has come to the end of its steps, or of the connection.
    bool goes_on(Host& host, std::uint64_t goes) {
        if (socket_.state() == tcp::state::syn_sent || socket_.state() == tcp::state::syn_received) {
            return false; // close() would end it at once
        }
        while (at_ < group_.steps.size()) {
            look(host);
            step const& now = group_.steps[at_];
            bool const done = now.what == "pause"   ? pauses(now.number)
                              : now.what == "go"    ? goes > went_
                              : now.what == "close" ? (socket_.close(), true)
                              : now.what == "abort" ? (socket_.abort(), true)
                                                    : moves(now);
            if (failed_) {
                ended_ = name_of(*failed_);
                return true;
            }
            if (!done) {
                return false;
            }
            went_ = now.what == "go" ? goes : went_;
            ++at_;
            moved_ = 0;
        }
        return true;
    }

    // When it wants to go on whatever happens.
    instant wakes() const { return pauses_until_; }
    group& of() { return group_; }

    void report() {
        ++group_.ended[ended_];
        group_.received += received_octets_;
        std::string const got = received_.digest();
        group_.unequal += got != sent_.digest() ? 1 : 0;
        if (group_.tells_all) {
            std::printf("{\"port\": %u, \"sent\": %" PRIu64 ", \"sent_sha256\": \"%s\", \"received\": %" PRIu64
                        ", \"received_sha256\": \"%s\", \"ended\": \"%s\", \"timestamps\": %d, \"sack\": %d, "
                        "\"send_shift\": %u, \"receive_shift\": %u, \"retransmissions\": %u}\n",
                        unsigned{group_.port}, sent_octets_, sent_.digest().c_str(), received_octets_, got.c_str(),
                        ended_.c_str(), info_.timestamps, info_.selective_acknowledgments,
                        unsigned{info_.send_window_scale}, unsigned{info_.receive_window_scale}, info_.retransmissions);
        }
    }

private:
    bool moves(step const& now) {
        if (now.what == "send") {
            return sends(now.number);
        }
        if (now.what == "receive") {
            return receives(now.number);
        }
        if (now.what == "exchange") {
            if (!has_finished_ && sends(now.number)) {
                has_finished_ = shuts_down();
            }
            return receives(without_end) && has_finished_;
        }
        if (now.what == "echo") {
            return echoes(now.number);
        }
        if (now.what == "unread") {
            return socket_.unread() >= now.number || has_ended();
        }
        if (now.what == "drained") {
            return (socket_.unacknowledged() == 0 && socket_.state() >= tcp::state::established) || has_ended();
        }
        if (now.what == "finished") {
            return socket_.state() == tcp::state::close_wait || has_ended();
        }
        if (now.what == "gone") {
            return has_ended();
        }
        if (now.what == "shutdown") {
            return shuts_down();
        }
        std::fprintf(stderr, "no such step: %s\n", now.what.c_str());
        std::exit(EXIT_FAILURE);
    }

    // Remembers what was agreed on, as long as there is a connection to ask.
    void look(Host& host) {
        if (socket_) {
            if (auto const* const machine = host.template layer<tcp::tag>().machine(socket_.id())) {
                info_ = machine->info();
            }
        }
    }

    bool fails(socket_error why) {
        if (why != socket_error::would_block) {
            failed_ = why;
        }
        return false;
    }

    bool has_ended() {
        if (socket_.state() != tcp::state::closed) {
            return false;
        }
        auto const asked = socket_.receive({});
        return asked || fails(asked.error());
    }

    bool sends(std::uint64_t all) {
        while (moved_ < all) {
            auto const rest = bytes_view(noise()).subspan((from_ + sent_octets_) % noise().size());
            auto const piece = rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(all - moved_, rest.size())));
            auto const sent = socket_.send(piece);
            if (!sent) {
                return fails(sent.error());
            }
            sent_.add(piece.first(*sent));
            sent_octets_ += *sent;
            moved_ += *sent;
        }
        return true;
    }

    bool receives(std::uint64_t all) {
        std::array<std::byte, 65'536> room;
        while (taken_ < all) {
            auto const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(all - taken_, room.size()));
            auto const got = socket_.receive(mutable_bytes(room).first(wanted));
            if (!got && got.error() == socket_error::end_of_stream) {
                ended_ = name_of(got.error());
                taken_ = 0;
                return all == without_end || fails(got.error());
            }
            if (!got) {
                return fails(got.error());
            }
            received_.add(bytes_view(room).first(*got));
            received_octets_ += *got;
            taken_ += *got;
        }
        taken_ = 0;
        return true;
    }

    bool echoes(std::uint64_t all) {
        std::array<std::byte, 16'384> room;
        while (true) {
            while (!waiting_.empty()) {
                auto const sent = socket_.send(waiting_);
                if (!sent) {
                    return fails(sent.error());
                }
                sent_.add(bytes_view(waiting_).first(*sent));
                sent_octets_ += *sent;
                waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(*sent));
            }
            if (moved_ >= all) {
                return true;
            }
            auto const got = socket_.receive(room);
            if (!got && got.error() == socket_error::end_of_stream) {
                ended_ = name_of(got.error());
                return true;
            }
            if (!got) {
                return fails(got.error());
            }
            received_.add(bytes_view(room).first(*got));
            received_octets_ += *got;
            moved_ += *got;
            waiting_.assign(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got));
        }
    }

    bool shuts_down() {
        auto const done = socket_.shutdown();
        return done || fails(done.error() == socket_error::not_connected ? socket_error::would_block : done.error());
    }

    bool pauses(std::uint64_t length) {
        instant const now = monotonic_now();
        if (pauses_until_ == instant::never()) {
            pauses_until_ = now + milliseconds(static_cast<std::int64_t>(length));
        }
        bool const is_over = now >= pauses_until_;
        pauses_until_ = is_over ? instant::never() : pauses_until_;
        return is_over;
    }

    typename Host::tcp_socket socket_;
    group& group_;
    std::uint64_t from_;
    std::size_t at_ = 0;
    std::uint64_t moved_ = 0; // octets sent in this step
    std::uint64_t taken_ = 0; // octets received in it
    std::uint64_t went_;      // how often `go` has been said and obeyed
    bool has_finished_ = false;
    instant pauses_until_ = instant::never();
    std::vector<std::byte> waiting_{}; // to be echoed
    std::uint64_t sent_octets_ = 0;
    std::uint64_t received_octets_ = 0;
    sha256 sent_{};
    sha256 received_{};
    std::optional<socket_error> failed_{};
    std::string ended_ = "open";
    tcp::connection_info info_{};
};

// Lines from standard input.
class command_lines {
public:
    // The next whole line; waits for one if it may.
    std::optional<std::string> next(bool waits) {
        while (true) {
            if (auto const end = read_.find('\n'); end != std::string::npos) {
                std::string line = read_.substr(0, end);
                read_.erase(0, end + 1);
                return line;
            }
            pollfd asked{STDIN_FILENO, POLLIN, 0};
            if (has_ended_ || ::poll(&asked, 1, waits ? -1 : 0) <= 0) {
                return std::nullopt;
            }
            std::array<char, 4096> room;
            auto const octets = ::read(STDIN_FILENO, room.data(), room.size());
            has_ended_ = octets <= 0;
            read_.append(room.data(), octets > 0 ? static_cast<std::size_t>(octets) : 0);
        }
    }
    bool has_ended() const { return has_ended_; }

private:
    std::string read_{};
    bool has_ended_ = false;
};

template <class Host>
class peer {
public:
    explicit peer(Host& host, tun& device)
        : host_(host)
        , device_(device) {}

    void run() {
        while (!lines_.has_ended()) {
            instant const now = monotonic_now();
            host_.time_passes(now);
            std::size_t moved = host_.receive(now, 256);
            obey();
            bool const changed = act();
            moved += host_.transmit(now, 128);
            std::fflush(stdout);
            if (moved == 0 && !changed) {
                wait();
            }
        }
    }

private:
    struct open_listener {
        typename Host::tcp_listener listener;
        group* of;
    };

    void obey() {
        bool is_frozen = false;
        while (auto const line = lines_.next(is_frozen)) {
            std::istringstream words(*line);
            std::string what;
            words >> what;
            if (what == "listen" || what == "connect") {
                begins(words, what == "listen");
            } else if (what == "go") {
                ++goes_;
            } else if (what == "freeze") {
                is_frozen = true;
                std::printf("{\"frozen\": 1}\n");
            } else if (what == "thaw") {
                is_frozen = false;
            } else if (what == "statistics") {
                tell_statistics();
            } else {
                std::fprintf(stderr, "no such command: %s\n", line->c_str());
                std::exit(EXIT_FAILURE);
            }
            std::fflush(stdout);
        }
    }

    void begins(std::istringstream& words, bool listens) {
        group& made = groups_.emplace_back();
        words >> made.port >> made.to_begin;
        if (!listens) {
            words >> made.at_once >> made.from;
        }
        made.to_end = made.to_begin;
        made.tells_all = made.to_begin < 5;
        for (std::string word; words >> word;) {
            auto const colon = word.find(':');
            made.steps.push_back({word.substr(0, colon), without_end});
            if (colon != std::string::npos) {
                made.steps.back().number = std::strtoull(word.c_str() + colon + 1, nullptr, 10);
            }
        }
        if (listens) {
            auto listener = host_.tcp().listen(made.port, {.backlog = 256});
            std::printf("{\"port\": %u, \"listens\": %d}\n", unsigned{made.port}, listener.has_value());
            if (listener) {
                listeners_.push_back({std::move(*listener), &made});
            }
        }
    }

    // Lets everybody go on; true when something has come to its end or begun.
    bool act() {
        bool changed = false;
        while (host_.tcp().next_ready()) { // everybody is asked anyway
        }
        for (auto& open : listeners_) {
            while (auto accepted = open.listener.accept()) {
                changed = true;
                begin_talk(std::move(*accepted), *open.of);
            }
        }
        for (auto& g : groups_) {
            while (g.at_once != ~0u && g.to_begin > 0 && g.under_way < g.at_once) {
                auto made = host_.tcp().connect({kernel, g.port}, {.local_port = g.from});
                if (!made) {
                    std::fprintf(stderr, "connect: %.*s\n", int(name_of(made.error()).size()),
                                 name_of(made.error()).data());
                    std::exit(EXIT_FAILURE);
                }
                changed = true;
                begin_talk(std::move(*made), g);
            }
        }
        for (auto talk = talks_.begin(); talk != talks_.end();) {
            if (!talk->goes_on(host_, goes_)) {
                ++talk;
                continue;
            }
            changed = true;
            talk->report();
            end_talk(talk->of());
            talk = talks_.erase(talk);
        }
        std::erase_if(listeners_, [](auto const& open) { return open.of->to_end == 0; });
        std::erase_if(groups_, [](auto const& g) { return g.to_end == 0; });
        return changed;
    }

    void begin_talk(typename Host::tcp_socket socket, group& of) {
        of.to_begin -= of.to_begin > 0 ? 1 : 0;
        ++of.under_way;
        talks_.emplace_back(std::move(socket), of, ++talks_so_far_, goes_);
    }

    void end_talk(group& of) {
        --of.under_way;
        of.to_end -= of.to_end > 0 ? 1 : 0;
        if (of.to_end > 0 || of.tells_all) {
            return;
        }
        std::printf("{\"port\": %u, \"unequal\": %u, \"received\": %" PRIu64 ", \"ended\": {", unsigned{of.port},
                    of.unequal, of.received);
        char const* comma = "";
        for (auto const& [how, many] : of.ended) {
            std::printf("%s\"%s\": %u", std::exchange(comma, ", "), how.c_str(), many);
        }
        std::printf("}}\n");
    }

    void tell_statistics() {
        auto const& s = host_.tcp().statistics();
        std::uint32_t const time_waits = host_.template layer<tcp::tag>().time_waits();
        std::printf("{\"malformed\": %" PRIu64 ", \"bad_checksum\": %" PRIu64 ", \"no_connection\": %" PRIu64
                    ", \"resets_sent\": %" PRIu64 ", \"opened\": %" PRIu64 ", \"accepted\": %" PRIu64
                    ", \"reopened\": %" PRIu64 ", \"dropped\": %" PRIu64
                    ", \"half_open\": %u, \"time_waits\": %u, \"others\": %u}\n",
                    s.malformed, s.bad_checksum, s.no_connection, s.resets_sent, s.opened, s.accepted,
                    s.time_wait_reopened, s.listener_full + s.half_open_full + s.half_open_ended + s.no_room,
                    host_.tcp().half_open(), time_waits, host_.tcp().connections() - time_waits);
    }

    // Until a line, a frame, room for one, or the time comes.
    void wait() {
        instant due = host_.deadline();
        for (auto const& talk : talks_) {
            due = std::min(due, talk.wakes());
        }
        std::int64_t const ahead = due == instant::never() ? 1'000'000'000 : (due - monotonic_now()).nanoseconds;
        std::int64_t const patience = std::clamp<std::int64_t>(ahead, 0, 1'000'000'000);
        std::timespec const span{patience / 1'000'000'000, patience % 1'000'000'000};
        bool const waits_for_room = !device_.flush() || host_.wants_to_transmit();
        std::array<pollfd, 2> asked{
            pollfd{STDIN_FILENO, POLLIN, 0},
            pollfd{device_.native_handle(), static_cast<short>(waits_for_room ? POLLIN | POLLOUT : POLLIN), 0}};
        ::ppoll(asked.data(), asked.size(), &span, nullptr);
    }

    Host& host_;
    tun& device_;
    command_lines lines_{};
    std::list<group> groups_{};
    std::list<open_listener> listeners_{};
    std::list<talker<Host>> talks_{};
    std::uint64_t goes_ = 0;
    std::uint64_t talks_so_far_ = 0;
};

} // namespace

int main(int count, char** words) {
    if (count != 4) {
        std::fprintf(stderr, "usage: kernel_tcp_peer INTERFACE BUFFER_OCTETS LOST_PERCENT\n");
        return EXIT_FAILURE;
    }
    ::alarm(120);
    auto device = tun::open(words[1]);
    if (!device) {
        std::fprintf(stderr, "%s\n", device.error().message().view().data());
        return EXIT_FAILURE;
    }
    siphash_key key{};
    while (::getrandom(&key, sizeof key, 0) != static_cast<ssize_t>(sizeof key)) {
    }
    auto const buffer = static_cast<std::uint32_t>(std::strtoul(words[2], nullptr, 10));
    auto const lost = std::strtoull(words[3], nullptr, 10);
    using lossy = testing::lossy_device<tun>;
    lossy way(*device, 3, {.lost_percent = lost, .lost_on_arrival_percent = lost});
    using host_type = stack<lossy, ipv4::layer<>, icmpv4::layer<>, tcp::layer<>>;
    host_type host(way, ipv4::settings{.address = ours, .gateway = kernel},
                   tcp::settings{.secret = key, .connection = {.send_buffer = buffer, .receive_buffer = buffer}});
    host.time_passes(monotonic_now());
    std::printf("{\"ready\": 1}\n");
    peer<host_type>(host, *device).run();
    return EXIT_SUCCESS;
}
