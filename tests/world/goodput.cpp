// Goodput under loss, as a table: one flow of 10 MiB, round trip 100 ms, IP MTU 1500, both buffers 32 KiB, Nagle off,
// uniform loss both ways; clock from the first SYN to the last octet delivered; mean of 16 seeds. No flow can be faster
// than a buffer each round trip, 327,680 bytes/s. smoltcp's line is what its authors publish for the same path, where it
// has no congestion control; no_congestion_control is the line to hold against it. Below each line stands what an ideal
// sender with the same controller has on the same path (ideal_sender.hpp).

#include <plywire/machine/cubic.hpp>
#include <plywire/machine/sack_recovery.hpp>

#include <world/bulk_flow.hpp>
#include <world/ideal_sender.hpp>
#include <world/snapshot.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace plywire;
using namespace plywire::testing;

namespace {

constexpr std::uint64_t octets = 10 << 20;
constexpr std::array<std::uint64_t, 16> seeds{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr std::array<std::uint32_t, 6> losses_per_million{0, 1'000, 10'000, 20'000, 50'000, 100'000};
constexpr std::array<std::uint64_t, 6> smoltcp{322'944, 314'780, 219'670, 166'588, 76'627, 37'775};

// ---- the rows: sets of policies ----

struct unlimited : tcp::defaults {
    using congestion_control = tcp::no_congestion_control;
};
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
// The same, coming down in proportion.
template <class Policies>
struct with_prr : Policies {
    using recovery = tcp::proportional_sack_recovery;
};
// The least time-out of kernels, 200 ms.
template <class Policies>
struct soon : Policies {
    using retransmission = tcp::kernel_timing;
};

template <class Policies>
std::uint64_t bytes_per_second(std::uint64_t seed, std::uint32_t loss) {
    weather const w{.delay = milliseconds(50), .loss = uniform_loss{loss}};
    bulk_flow<Policies> flow(seed, w, w, {.send_buffer = 32'768, .receive_buffer = 32'768, .no_delay = true});
    auto const result = flow.run(octets, hours(24));
    if (!result) {
        auto const why = result.error().message();
        std::fprintf(stderr, "%.*s\n", static_cast<int>(why.view().size()), why.view().data());
        std::exit(EXIT_FAILURE);
    }
    return result->bytes_per_second;
}

template <class Policies>
std::uint64_t ideal_bytes_per_second(std::uint64_t seed, std::uint32_t loss) {
    duration const took = ideal_transfer<typename Policies::congestion_control>(
        seed, octets, {.round_trip = milliseconds(100), .loss_per_million = loss});
    return octets * 1'000'000 / static_cast<std::uint64_t>(took / microseconds(1));
}

struct row {
    char const* name;
    std::uint64_t (*bytes_per_second)(std::uint64_t seed, std::uint32_t loss);
    std::uint64_t (*ideal_bytes_per_second)(std::uint64_t seed, std::uint32_t loss);
};
template <class Policies>
constexpr row row_of(char const* name) {
    return {name, bytes_per_second<Policies>, ideal_bytes_per_second<Policies>};
}
constexpr row rows[] = {
    row_of<unlimited>("no_congestion_control"),
    row_of<with_sack<unlimited>>("  sack"),
    row_of<soon<with_sack<unlimited>>>("  sack, RTO >= 200 ms"),
    row_of<new_reno>("new_reno"),
    row_of<with_sack<new_reno>>("  sack"),
    row_of<soon<with_sack<new_reno>>>("  sack, RTO >= 200 ms"),
    row_of<soon<with_prr<new_reno>>>("  PRR, RTO >= 200 ms"),
    row_of<cubic>("cubic"),
    row_of<with_sack<cubic>>("  sack"),
    row_of<soon<with_sack<cubic>>>("  sack, RTO >= 200 ms"),
    row_of<soon<with_prr<cubic>>>("  PRR, RTO >= 200 ms"),
    row_of<tcp::defaults>("defaults"),
};

// ---- the table ----

void append(std::string& text, char const* name, std::array<std::uint64_t, 6> const& values) {
    char line[128] = {};
    std::snprintf(line, sizeof line, "%-22s", name);
    text += line;
    for (std::uint64_t const value : values) {
        std::snprintf(line, sizeof line, "%9llu", static_cast<unsigned long long>(value));
        text += line;
    }
    text += '\n';
}

std::array<std::uint64_t, 6> means(std::uint64_t (*of)(std::uint64_t seed, std::uint32_t loss)) {
    std::array<std::uint64_t, 6> sums{};
    for (std::size_t i = 0; i < losses_per_million.size(); ++i) {
        for (std::uint64_t const seed : seeds) {
            sums[i] += of(seed, losses_per_million[i]);
        }
        sums[i] /= seeds.size();
    }
    return sums;
}

std::string table() {
    std::string text = "Goodput in bytes/s at uniform loss both ways (RTT 100 ms, MTU 1500, buffers 32 KiB, 10 MiB,\n"
                       "mean of seeds 1 to 16; the limit is 327680)\n\n"
                       "loss                        0 %    0.1 %      1 %      2 %      5 %     10 %\n";
    for (row const& r : rows) {
        append(text, r.name, means(r.bytes_per_second));
        append(text, "  ideal sender", means(r.ideal_bytes_per_second));
    }
    append(text, "(smoltcp)", smoltcp);
    return text;
}

} // namespace

int main(int count, char** words) { return compare_or_write(table(), count, words); }
