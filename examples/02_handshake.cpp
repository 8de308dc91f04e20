// A whole connection between two hosts in this process: no network, no privileges, no waiting.
//
// Two TCP/IP hosts are composed of layers, each on one end of a cable in memory. A client connects, asks, is answered
// and closes; the program prints every segment with the state that both ends are in once it has arrived, in the manner
// of the figures in RFC 9293 section 3.5, and writes the packets to handshake.pcap, for tshark or Wireshark.
//
// What to look for:
//
//   Initial sequence numbers are a policy. A host normally draws them from a keyed hash (RFC 6528); here the client
//   begins at 836 and the server at 486, so that the acknowledgments are 837 and 487, every time. A policy is a name in
//   a struct: see begins_at below.
//
//   Time is an argument. The hosts never read a clock, so this program says what time it is: a segment takes a
//   millisecond on the cable, the server thinks for half a second before it closes its side, and the minutes that the
//   client must spend in TIME-WAIT (RFC 9293 section 3.6.1) are over at once, because nothing else is due before.
//
//   Nothing happens by itself. transmit(now, 1) lets a host send one segment, receive(now) lets the other take it. That
//   is why the program can stop between any two segments and look.
//
//     handshake [CAPTURE FILE]      prints what 02_handshake.expected holds

#include <plywire/describe/parse_chain.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/io/capture_writer.hpp>
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace plywire;
using namespace plywire::literals;

namespace {

constexpr duration time_on_the_cable = milliseconds(1);
constexpr duration time_to_think = milliseconds(500);
constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: 10.9.0.2\r\n\r\n";
constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";

// The policies of a TCP whose connections all begin at the same sequence number: fine for a picture, not for a network.
template <std::uint32_t First>
struct begins_at : tcp::defaults {
    struct initial_sequence_numbers {
        constexpr explicit initial_sequence_numbers(siphash_key) {}
        constexpr tcp::sequence operator()(auto const&...) const { return tcp::sequence(First); }
    };
};

// Keeps a copy of the segment that is on the cable.
struct recorder {
    std::string* segment;
    void operator()(bytes_view frame, bool) const { *segment = text_of_bytes(frame); }
};

using cable = memory_link<medium::ip, 64, 1500, recorder>;
using client_host = ip_host<cable::end, begins_at<836>>;
using server_host = ip_host<cable::end, begins_at<486>>;

// "<SEQ=836><CTL=SYN>", as the RFC writes it.
text<80> text_of_segment(view<tcp::header> const& segment) {
    return text_of<80>([&](text_writer& out) {
        out.text("<SEQ=").decimal(segment[tcp::sequence_number]).text(">");
        if (segment[tcp::ack]) {
            out.text("<ACK=").decimal(segment[tcp::acknowledgment_number]).text(">");
        }
        std::string_view between = "<CTL=";
        auto const flag = [&](bool set, std::string_view name) {
            if (set) {
                out.text(std::exchange(between, ",")).text(name);
            }
        };
        flag(segment[tcp::syn], "SYN");
        flag(segment[tcp::fin], "FIN");
        flag(segment[tcp::rst], "RST");
        flag(segment[tcp::psh], "PSH");
        flag(segment[tcp::ack], "ACK");
        out.text(">");
        if (!segment.payload().empty()) {
            out.text(" ").decimal(segment.payload().size()).text(" octets");
        }
        if (auto const options = tcp::options_of(segment); options.maximum_segment_size) {
            out.text(" MSS ").decimal(*options.maximum_segment_size);
        }
    });
}

// The two hosts, what is said between them, and the picture of it.
class world {
public:
    explicit world(capture_writer& capture)
        : capture_(capture) {}

    // Plays it all; whether it went as it should.
    bool play() {
        auto listening = server_.tcp().listen(80);
        if (!listening) {
            return false;
        }
        listener_ = std::move(*listening);
        row("", "");
        auto connected = client_.tcp().connect({"10.9.0.2"_ipv4, 80});
        if (!connected) {
            return false;
        }
        client_socket_ = std::move(*connected);
        while (a_segment_passes() || an_application_acts() || time_passes()) {
        }
        return client_socket_.state() == tcp::state::closed && server_socket_.state() == tcp::state::closed;
    }

private:
    bool a_segment_passes() {
        if (client_.transmit(now_, 1) != 0) {
            pass_to(server_);
            row("---", "-->");
            return true;
        }
        if (server_.transmit(now_, 1) != 0) {
            pass_to(client_);
            row("<--", "---");
            return true;
        }
        return false;
    }

    bool an_application_acts() { return client_acts() || server_acts(); }

    // Sends the request, reads the answer, closes.
    bool client_acts() {
        if (!asked_ && client_socket_.state() == tcp::state::established) {
            asked_ = client_socket_.send(bytes_of(request)) == request.size();
            return asked_;
        }
        std::array<std::byte, 100> room{};
        return client_socket_.receive(room) == answer.size() &&
               client_socket_.shutdown(); // but keeps the socket, to look
    }

    // Reads the request, answers it; some time after the client has closed, closes too.
    bool server_acts() {
        std::array<std::byte, 100> room{};
        auto const received = server_socket_.receive(room);
        if (received == request.size()) {
            return server_socket_.send(bytes_of(answer)).has_value();
        }
        if (!received && received.error() == socket_error::end_of_stream) {
            server_closes_ = std::min(server_closes_, now_ + time_to_think);
        }
        return now_ >= server_closes_ && server_socket_.shutdown();
    }

    // Goes to the time at which something is due; false when nothing ever will be.
    bool time_passes() {
        instant const server_acts_at = server_closes_ > now_ ? server_closes_ : instant::never();
        instant const due = std::min({client_.deadline(), server_.deadline(), server_acts_at});
        if (due == instant::never()) {
            return false;
        }
        tcp::state const before = client_socket_.state();
        now_ = std::max(now_, due);
        client_.time_passes(now_);
        server_.time_passes(now_);
        if (client_socket_.state() != before) {
            row("", "");
        }
        return true;
    }

    void pass_to(auto& host) {
        capture_.write(now_, bytes_of(segment_));
        now_ += time_on_the_cable;
        host.receive(now_);
        if (auto accepted = listener_.accept()) {
            server_socket_ = std::move(*accepted);
        }
    }

    // A connection that nobody has accepted yet has no socket to ask.
    tcp::state server_state() {
        if (server_socket_) {
            return server_socket_.state();
        }
        return server_.tcp().half_open() != 0 ? tcp::state::syn_received : tcp::state::listen;
    }

    void row(std::string_view left, std::string_view right) {
        auto const parsed = parse<ipv4::header, tcp::header>(bytes_of(segment_));
        auto const middle = parsed && !left.empty() ? text_of_segment(parsed->get<tcp::header>()) : text<80>{};
        auto const milliseconds = now_.nanoseconds / 1'000'000;
        auto const print = [](std::string_view text, int width) {
            std::printf("%-*.*s", width, static_cast<int>(text.size()), text.data());
        };
        std::printf("%4lld.%03lld s  ", static_cast<long long>(milliseconds / 1000),
                    static_cast<long long>(milliseconds % 1000));
        print(name_of(client_socket_.state()), 12);
        print(left, 4);
        print(middle.view(), 48);
        print(right, 4);
        std::printf("%s\n", std::string(name_of(server_state())).c_str());
    }

    capture_writer& capture_;
    std::string segment_{}; // the one that was last on the cable
    cable cable_{recorder{&segment_}};
    client_host client_{cable_.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix},
                        tcp::settings{.secret = {1, 2}}}; // so that every run prints the same; else a random one
    server_host server_{cable_.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix},
                        tcp::settings{.secret = {3, 4}}};
    server_host::tcp_listener listener_{};
    client_host::tcp_socket client_socket_{};
    server_host::tcp_socket server_socket_{};
    instant now_{};
    instant server_closes_ = instant::never();
    bool asked_ = false;
};

} // namespace

int main(int count, char** words) {
    char const* const path = count > 1 ? words[1] : "handshake.pcap";
    auto capture = capture_writer::create(path, medium::ip);
    if (!capture) {
        std::fprintf(stderr, "%s\n", std::string(capture.error().message().view()).c_str());
        return EXIT_FAILURE;
    }
    std::printf("      time  client                                                          server\n");
    bool const went_well = world(*capture).play();
    auto const packets = capture->frames();
    if (auto const closed = capture->close(); !closed) {
        std::fprintf(stderr, "%s\n", std::string(closed.error().message().view()).c_str());
        return EXIT_FAILURE;
    }
    std::printf("\n%llu packets are in the capture file.\n", static_cast<unsigned long long>(packets));
    return went_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
