// A congestion controller of one's own, and how it fares on a link of 10 Mbit/s whose queue holds more than anybody
// should wait for. What a controller must obey is in tests/laws/congestion_laws.hpp; this one does.
#include <cstdio>
#include <plywire/stack/hosts.hpp>
#include <plywire/world/world.hpp>

using namespace plywire;
using namespace plywire::literals;

// Grows as long as the round trip is at most a half longer than the shortest, and gives an eighth back when it is.
struct patient {
    std::uint32_t octets = 0, threshold = 1u << 30, counted = 0;
    duration shortest = hours(1);
    constexpr void set(std::uint32_t wanted, tcp::path_view const& path) {
        octets = std::clamp<std::uint32_t>(wanted, path.segment_size, 1u << 30);
        counted = 0;
    }
    constexpr void start(std::uint32_t segment_size, bool) { octets = 10 * segment_size; }
    constexpr void acknowledged(std::uint32_t count, tcp::path_view const& path) {
        shortest = std::min(shortest, path.smoothed_round_trip);
        counted += std::min(count, octets);
        if (!path.uses(octets) || (octets >= threshold && counted < octets)) return; // after slow start once per round
        bool const waits = path.smoothed_round_trip > shortest + shortest / 2;
        set(waits ? octets - octets / 8 : octets + std::min(count, path.segment_size) / 4, path);
        if (waits) threshold = octets;
    }
    constexpr void congestion_detected(tcp::path_view const& path) { set(threshold = path.in_flight / 2, path); }
    constexpr void recovered(tcp::path_view const&) {}
    constexpr void timed_out(tcp::path_view const& path, bool) { set(path.segment_size, path); }
    constexpr void resumed_after_idle(tcp::path_view const& path) { set(std::min(octets, 14'480u), path); }
    constexpr std::uint32_t window() const { return octets; }
    constexpr std::uint32_t slow_start_threshold() const { return threshold; }
};
struct my_policies : tcp::defaults {
    using congestion_control = patient;
};

int main() {
    using host = ip_host<world_device<medium::ip>, my_policies>;
    world w(1);
    auto& link = w.link<medium::ip>(weather{.bits_per_second = 10'000'000, .delay = milliseconds(20)});
    tcp::settings const large{.secret = {1, 2}, .connection = {.send_buffer = 1 << 20, .receive_buffer = 1 << 20}};
    host left(link.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, large);
    host right(link.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix}, large);
    auto listener = *right.tcp().listen(80);
    auto sender = *left.tcp().connect({right.ipv4().address(), 80});
    decltype(sender) receiver;
    std::array<std::byte, 1448> block{};
    w.add(left, [&] {
        while (sender.send(block)) {
        }
    });
    w.add(right, [&] {
        if (!receiver) receiver = listener.accept().value_or(decltype(sender){});
        while (receiver.receive(block)) {
        }
    });
    static_cast<void>(w.run_for(seconds(10)));
    return std::printf("round trip %d ms\n", static_cast<int>(sender.info().smoothed_round_trip / milliseconds(1))) < 0;
}
