// What the examples that talk to the Linux kernel share: the options --tun NAME | --tap NAME and --address A.B.C.D/N,
// and a host on that interface.
#pragma once

#include <plywire/headers/ipv4_address.hpp>
#include <plywire/io/tap.hpp>
#include <plywire/io/tun.hpp>
#include <plywire/protocols/arp_layer.hpp>
#include <plywire/protocols/ethernet_layer.hpp>
#include <plywire/protocols/icmpv4_layer.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/stack/run.hpp>
#include <plywire/stack/stack.hpp>

#include <sys/random.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace common {

using namespace plywire;

// The command line: options with a value, those of with_host() and the program's own, and one word behind them if the
// program wants one.
class command_line {
public:
    command_line(int count, char** words, std::initializer_list<std::string_view> own_options, bool wants_word = false)
        : words_(words + (count > 0 ? 1 : 0), words + count) {
        is_sound_ = count > 0;
        for (std::size_t i = 0; i < words_.size(); ++i) {
            std::string_view const word = words_[i];
            bool const is_last = i + 1 == words_.size();
            if (!word.starts_with("--")) {
                is_sound_ = is_sound_ && is_last && wants_word;
            } else if (is_last || !(is_one_of(word, {"--tun", "--tap", "--address"}) || is_one_of(word, own_options))) {
                is_sound_ = false; // without its value, or misspelt
            } else {
                ++i;
            }
        }
    }

    // Whether every word has a meaning.
    bool is_sound() const { return is_sound_; }

    // The word behind `option`.
    std::optional<std::string_view> value(std::string_view option) const {
        for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
            if (words_[i] == option) {
                return words_[i + 1];
            }
        }
        return std::nullopt;
    }
    // The same as a number from `least` up to `most`; nothing when it is not one.
    std::optional<std::uint32_t> number(std::string_view option, std::uint32_t otherwise, std::uint32_t least,
                                        std::uint32_t most) const {
        auto const text = value(option);
        if (!text) {
            return otherwise;
        }
        std::uint64_t result = 0;
        for (char const c : *text) {
            result = result * 10 + static_cast<std::uint64_t>(c - '0');
            if (c < '0' || c > '9' || result > most) {
                return std::nullopt;
            }
        }
        return result < least ? std::nullopt : std::optional(static_cast<std::uint32_t>(result));
    }
    // The last word, unless it belongs to an option.
    std::optional<std::string_view> last() const {
        bool const belongs = words_.size() >= 2 && std::string_view(words_[words_.size() - 2]).starts_with("--");
        return words_.empty() || belongs ? std::nullopt : std::optional<std::string_view>(words_.back());
    }

private:
    static bool is_one_of(std::string_view word, std::initializer_list<std::string_view> known) {
        for (auto const one : known) {
            if (word == one) {
                return true;
            }
        }
        return false;
    }

    std::span<char*> words_;
    bool is_sound_ = false;
};

// Whether a host can have this address, and its network another for the kernel.
inline bool is_usable(ipv4::prefix ours) {
    ipv4::address const a = ours.address;
    bool const is_unicast = !a.is_multicast() && !a.is_unspecified() && !a.is_loopback() && !a.is_reserved();
    return is_unicast && ours.length <= 30 && a.value() != (a.value() & ours.mask()) && a != ours.directed_broadcast();
}

inline std::string text_of_address(ipv4::address a) {
    return std::string(text_of<16>([&](text_writer& out) { print(out, a); }).view());
}

// Says what is wrong and answers the exit status.
inline int complain(std::string_view what) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
    return EXIT_FAILURE;
}

inline run_loop* running = nullptr; // for the signal handler, which has no other way to reach it

// Octets that nobody can guess.
template <class T>
T unguessable() {
    T value{};
    while (::getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
    }
    return value;
}

// What a transport layer must be told: something that nobody can guess.
template <class Layer>
auto settings_for() {
    return typename Layer::settings_type{.secret = unguessable<siphash_key>()};
}

template <class... Transports, class Device, class Program>
int run_on(Device& device, ipv4::prefix ours, Program& program) {
    // The kernel's side of the network: its first address, or its second when the first is ours.
    auto const network = ours.address.value() & ours.mask();
    auto const first = ipv4::address::from_value(network + 1);
    auto const kernel = first == ours.address ? ipv4::address::from_value(network + 2) : first;
    auto loop = run_loop::open();
    if (!loop) {
        return complain(loop.error().message().view());
    }
    running = &*loop;
    for (int const number : {SIGINT, SIGTERM}) {
        std::signal(number, [](int) { running->stop(); });
    }
    std::string const name(device.name());
    std::fprintf(stderr,
                 "%s is on %s. Unless it is set up already, give the kernel its side (as root):\n"
                 "    ip address add %s/%u dev %s\n    ip link set %s up\n",
                 text_of_address(ours.address).c_str(), name.c_str(), text_of_address(kernel).c_str(),
                 unsigned{ours.length}, name.c_str(), name.c_str());
    auto const network_settings = ipv4::settings{.address = ours, .gateway = kernel};
    // Settings of layers that are not there are refused, so each transport is given its own.
    if constexpr (Device::link_medium == medium::ethernet) {
        auto mac = unguessable<ethernet::address>();
        mac.octets[0] = std::byte{0x02}; // an address that is not a manufacturer's (IEEE 802c)
        stack<Device, ethernet::layer<>, arp::layer<>, ipv4::layer<>, icmpv4::layer<>, Transports...> host{
            device, ethernet::settings{.address = mac}, network_settings, settings_for<Transports>()...};
        return program(host, *loop);
    } else {
        stack<Device, ipv4::layer<>, icmpv4::layer<>, Transports...> host{device, network_settings,
                                                                          settings_for<Transports>()...};
        return program(host, *loop);
    }
}

// Opens the interface that the options name and calls `program(host, loop)` with a host on it that has IPv4, ICMP and
// the `Transports` that the program uses: what is not named is not compiled. Its answer, or failure, is the exit status.
// SIGINT and SIGTERM stop the loop.
template <class... Transports, class Program>
int with_host(command_line const& options, std::string_view usage, Program program) {
    auto const tun_name = options.value("--tun");
    auto const tap_name = options.value("--tap");
    auto const address = ipv4::prefix::from_text(options.value("--address").value_or(""));
    if (!options.is_sound() || !tun_name == !tap_name || !address) {
        return complain(usage);
    }
    if (!is_usable(*address)) {
        return complain("--address must be one host's, in a network with room for two, such as 10.9.0.2/24");
    }
    if (tun_name) {
        auto device = tun::open(*tun_name);
        return device ? run_on<Transports...>(*device, *address, program) : complain(device.error().message().view());
    }
    auto device = tap::open(*tap_name);
    return device ? run_on<Transports...>(*device, *address, program) : complain(device.error().message().view());
}

} // namespace common
