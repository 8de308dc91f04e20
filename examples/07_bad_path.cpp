// A test of a protocol of one's own on a bad path: two hosts in this process, a link between them on which datagrams are
// lost, doubled, broken and overtaken, and time that is only a number. See docs/world.md.
//
//     bad_path [CAPTURE.pcapng]
//
// The protocol sends one numbered datagram over UDP until its number comes back, then the next. Is it right? Its octets
// say so, from a hundred seeds; and the seed of a world that went wrong brings that world back.

#include <plywire/stack/hosts.hpp>
#include <plywire/world/world.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

using namespace plywire;
using namespace plywire::literals;

namespace {

using host = ip_host<world_device<medium::ip>>;
constexpr std::string_view message = "All happy paths are alike; each unhappy path is unhappy in its own way.";
constexpr duration patience = milliseconds(250);

// Sends the message to port 9 a character at a time. An application is called whenever something may have changed, and
// answers when it wants to be called again at the latest.
struct sender {
    udp_socket<host> socket;
    std::uint8_t number = 0;
    instant due{};
    int transmissions = 0;

    instant operator()(host& on) {
        std::array<std::byte, 1> number_back{};
        while (auto const answer = socket.receive_from(number_back)) {
            if (answer->length == 1 && number_back[0] == std::byte{number}) {
                ++number;
                due = on.now();
            }
        }
        if (number < message.size() && due <= on.now()) {
            std::array const datagram{std::byte{number}, static_cast<std::byte>(message[number])};
            static_cast<void>(socket.send_to(datagram, {"10.9.0.2"_ipv4, 9}));
            ++transmissions;
            due = on.now() + patience;
        }
        return number < message.size() ? due : instant::never();
    }
};

// Answers each number it has seen, and keeps the character of each new one.
struct receiver {
    udp_socket<host> socket;
    std::string text{};

    void operator()(host&) {
        std::array<std::byte, 2> datagram{};
        while (auto const given = socket.receive_from(datagram)) {
            if (given->length == 2 && datagram[0] == static_cast<std::byte>(text.size())) {
                text += static_cast<char>(datagram[1]);
            }
            if (datagram[0] < static_cast<std::byte>(text.size())) {
                static_cast<void>(socket.send_to(bytes_view(datagram).first(1), given->source));
            }
        }
    }
};

} // namespace

int main(int count, char** words) {
    weather const storm{.delay = milliseconds(20),
                        .jitter = uniform_jitter{milliseconds(10)},
                        .reordering = {.per_million = 50'000, .most = milliseconds(300)},
                        .loss = gilbert_elliott_loss{.good_to_bad = 50'000, .bad_to_good = 300'000},
                        .corruption = {.per_million = 20'000},
                        .duplication = {.per_million = 50'000}};
    duration longest{};
    int transmissions = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        world w(seed);
        auto& link = w.link<medium::ip>(storm);
        host left(link.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}});
        host right(link.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix},
                   tcp::settings{.secret = {3, 4}});
        sender sends{.socket = std::move(*left.udp().bind(0))};
        receiver receives{.socket = std::move(*right.udp().bind(9))};
        w.add(left, [&](host& h) { return sends(h); });
        w.add(right, [&](host& h) { receives(h); });

        // The packets of the first world, as its left end sees them.
        auto file = pcapng_writer::create(seed == 1 && count > 1 ? words[1] : "/dev/null");
        if (!file) {
            auto const why = file.error().message();
            std::printf("%.*s\n", static_cast<int>(why.size), why.characters.data());
            return EXIT_FAILURE;
        }
        w.record(link.first(), *file, "left");

        if (auto const ended = w.run_until([&] { return receives.text.size() == message.size(); }, minutes(5));
            !ended) {
            auto const why = ended.error().message(); // "the time is up at ... s, step ..., seed 17"
            std::printf("%.*s\n", static_cast<int>(why.size), why.characters.data());
            return EXIT_FAILURE;
        }
        if (receives.text != message) {
            std::printf("seed %d: wrong: %s\n", static_cast<int>(seed), receives.text.c_str());
            return EXIT_FAILURE;
        }
        longest = std::max(longest, w.elapsed());
        transmissions += sends.transmissions;
    }
    std::printf("100 worlds, %d characters each: all right, %d datagrams, %d ms at most\n",
                static_cast<int>(message.size()), transmissions, static_cast<int>(longest / milliseconds(1)));
    return EXIT_SUCCESS;
}
