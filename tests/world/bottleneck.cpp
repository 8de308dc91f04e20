// What TCP gets out of a link of 200 Mbit/s, as a table: flows without end from one host to another, measured from
// t = 20 s to t = 80 s. The limit is the smaller of what the buffers allow in a round trip and what the link can carry
// of segments of 1448 octets in packets of 1500. Jain's index says how evenly flows share: 1000 is evenly.

#include <plywire/machine/cubic.hpp>
#include <plywire/machine/sack_recovery.hpp>

#include <world/many_flows.hpp>
#include <world/snapshot.hpp>

#include <algorithm>
#include <cstdio>
#include <string>

using namespace plywire;
using namespace plywire::testing;

namespace {

constexpr std::uint64_t bits_per_second = 200'000'000;
constexpr std::uint64_t payload_per_second = bits_per_second / 8 * 1448 / 1500;

struct scenario {
    duration round_trip{};
    std::uint32_t flows = 1;
    std::uint32_t buffer_octets = 0;
    std::size_t queue_octets = 0;
};

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t mib = 1024 * 1024;
constexpr std::size_t bdp_100 = bits_per_second / 8 / 10; // the octets of a round trip of 100 ms
constexpr std::size_t bdp_10 = bits_per_second / 8 / 100; // and of 10 ms
constexpr scenario scenarios[] = {
    {milliseconds(100), 1, 256 * kib, 64 * kib}, {milliseconds(100), 1, 8 * mib, bdp_100 / 4},
    {milliseconds(100), 1, 8 * mib, bdp_100},    {milliseconds(100), 64, 256 * kib, bdp_100 / 4},
    {milliseconds(10), 1, 256 * kib, 64 * kib},  {milliseconds(10), 1, 8 * mib, bdp_10 / 4},
    {milliseconds(10), 1, 8 * mib, bdp_10},
};

struct outcome {
    std::uint64_t bytes_per_second = 0;
    std::uint64_t limit = 0;
    std::uint64_t jain_per_mille = 0;
    std::uint64_t drops_per_million = 0;
};

std::uint64_t jain_per_mille(std::vector<std::uint64_t> const& octets) {
    std::uint64_t sum = 0;
    std::uint64_t squares = 0;
    for (std::uint64_t const one : octets) {
        std::uint64_t const kilo = one / 1000;
        sum += kilo;
        squares += kilo * kilo;
    }
    return squares == 0 ? 0 : sum * sum / squares * 1000 / octets.size();
}

template <class Policies>
outcome run(scenario const& s) {
    weather const there{
        .bits_per_second = bits_per_second, .queue = drop_tail{.octets = s.queue_octets}, .delay = s.round_trip / 2};
    many_flows<Policies> all(1, there, weather{.delay = s.round_trip / 2},
                             {.send_buffer = s.buffer_octets, .receive_buffer = s.buffer_octets, .no_delay = true});
    all.open(s.flows);
    static_cast<void>(all.w.run_for(seconds(20)));
    auto const delivered = all.delivered;
    auto const path = all.link.first().outgoing().statistics();
    static_cast<void>(all.w.run_for(seconds(60)));
    std::vector<std::uint64_t> each;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < delivered.size(); ++i) {
        each.push_back(all.delivered[i] - delivered[i]);
        sum += each.back();
    }
    auto const& after = all.link.first().outgoing().statistics();
    std::uint64_t const by_buffers =
        std::uint64_t{s.flows} * s.buffer_octets * 1'000 / static_cast<std::uint64_t>(s.round_trip / milliseconds(1));
    return {sum / 60, std::min(by_buffers, payload_per_second), jain_per_mille(each),
            (after.dropped - path.dropped) * 1'000'000 / std::max<std::uint64_t>(after.offered - path.offered, 1)};
}

// ---- the rows: sets of policies ----

struct new_reno : tcp::defaults {
    using congestion_control = tcp::new_reno;
};
struct cubic : tcp::defaults {
    using congestion_control = tcp::cubic;
};

// Recovery by SACK.
template <class Policies>
struct with_sack : Policies {
    using recovery = tcp::sack_recovery;
};

struct row {
    char const* name;
    outcome (*run)(scenario const&);
};
constexpr row rows[] = {
    {"new_reno", run<new_reno>},
    {"new_reno sack", run<with_sack<new_reno>>},
    {"cubic", run<cubic>},
    {"cubic sack", run<with_sack<cubic>>},
};

std::string table() {
    std::string text =
        "200 Mbit/s with a drop-tail queue, t = 20 s to 80 s; bytes/s, 1000 times Jain's index, drops in a "
        "million\n\n"
        "                RTT ms  flows  buffer KiB  queue bytes     limit   goodput  percent  Jain  drops\n";
    for (row const& r : rows) {
        for (scenario const& s : scenarios) {
            outcome const o = r.run(s);
            char line[160] = {};
            std::snprintf(line, sizeof line, "%-16s%6lld%7u%12u%13llu%10llu%10llu%9llu%6llu%7llu\n", r.name,
                          static_cast<long long>(s.round_trip / milliseconds(1)), s.flows, s.buffer_octets / kib,
                          static_cast<unsigned long long>(s.queue_octets), static_cast<unsigned long long>(o.limit),
                          static_cast<unsigned long long>(o.bytes_per_second),
                          static_cast<unsigned long long>(o.bytes_per_second * 100 / o.limit),
                          static_cast<unsigned long long>(o.jain_per_mille),
                          static_cast<unsigned long long>(o.drops_per_million));
            text += line;
        }
    }
    return text;
}

} // namespace

int main(int count, char** words) { return compare_or_write(table(), count, words); }
