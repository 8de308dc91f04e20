// Bulk transfer in memory: two hosts in this process, Ethernet + IPv4 + TCP, all checksums made and checked, one core
// for both. An application writes into a socket at one end and another reads at the other, so that each octet is copied
// into the send buffer, into the frame (summed on the way), into the receive buffer (summed before) and out of it. The
// speed of one memcpy of the same blocks stands beside it.
//
//     bench_bulk [--json FILE]

#include "measure.hpp"

#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using namespace plywire;
using namespace plywire::literals;

using link = heap_memory_link<medium::ethernet>;
using host = ethernet_host<link::end>;

constexpr std::size_t block_octets = 64 * 1024;
constexpr std::uint16_t port = 9;

// Two hosts with a connection between them. Time is virtual and stands still: nothing is lost, so no timer matters.
class transfer {
public:
    explicit transfer(std::size_t mtu)
        : link_(64, mtu) {
        tick();
        auto listener = receiver_.tcp().listen(port);
        sending_ = *sender_.tcp().connect({receiver_.ipv4().address(), port});
        for (int i = 0; i < 10 && !receiving_; ++i) {
            tick();
            if (auto accepted = listener->accept()) receiving_ = std::move(*accepted);
        }
        for (std::size_t i = 0; i < out_.size(); ++i) out_[i] = static_cast<std::byte>(i * 7 + (i >> 8));
    }

    // Moves whole blocks from one application to the other.
    void run(std::size_t blocks) {
        std::size_t to_send = blocks * block_octets;
        std::size_t to_receive = to_send;
        while (to_receive != 0) {
            while (to_send != 0) {
                // The block begins anew every 64 KiB of the stream.
                std::size_t const offset = block_octets - 1 - (to_send - 1) % block_octets;
                auto const taken = sending_.send(bytes_view(out_).subspan(offset));
                if (!taken) break;
                to_send -= *taken;
            }
            tick();
            while (auto const given = receiving_.receive(in_)) {
                std::size_t const offset = block_octets - 1 - (to_receive - 1) % block_octets;
                // A look at one octet a read, so that a transfer that mixes octets up is not taken for a fast one.
                if (in_[0] != out_[offset]) std::abort();
                to_receive -= *given;
            }
        }
    }

    std::uint64_t segments() const { return sender_.layer<tcp::tag>().statistics().sent; }
    std::uint64_t acknowledgments() const { return receiver_.layer<tcp::tag>().statistics().sent; }

private:
    void tick() {
        sender_.poll(now_);
        receiver_.poll(now_);
    }

    link link_;
    host sender_{link_.first(), ethernet::settings{.address = "02:00:00:00:00:01"_mac},
                 ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}}};
    host receiver_{link_.second(), ethernet::settings{.address = "02:00:00:00:00:02"_mac},
                   ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix}, tcp::settings{.secret = {3, 4}}};
    instant now_{1'000'000'000};
    host::tcp_socket sending_;
    host::tcp_socket receiving_;
    std::vector<std::byte> out_ = std::vector<std::byte>(block_octets);
    std::vector<std::byte> in_ = std::vector<std::byte>(block_octets);
};

} // namespace

int main(int argc, char** argv) {
    bench::pin_to_one_core();
    bench::table table("bulk");
    std::vector<std::byte> const from(block_octets, std::byte{1});
    std::vector<std::byte> to(block_octets);
    for (std::size_t const mtu : {1500u, 9000u}) {
        transfer pair(mtu);
        auto const measured = bench::take_turns({{"plywire", [&](std::size_t blocks) { pair.run(blocks); }},
                                                 {"memcpy",
                                                  [&](std::size_t blocks) {
                                                      for (std::size_t i = 0; i < blocks; ++i) {
                                                          std::byte* target = to.data();
                                                          std::memcpy(target, from.data(), block_octets);
                                                          bench::keep(target);
                                                      }
                                                  }}},
                                                11, 50e6);
        double const ours = bench::median(measured[0]);
        auto const segments = pair.segments();
        pair.run(1024);
        double const segments_a_block = static_cast<double>(pair.segments() - segments) / 1024;
        table.add(
            {{"MTU", static_cast<double>(mtu)},
             {"Gbit/s", block_octets * 8 / ours},
             {"memcpy Gbit/s", block_octets * 8 / bench::median(measured[1])},
             {"ratio", bench::speed_ratio(measured[0], measured[1])},
             {"ns a segment", ours / segments_a_block},
             {"segments a 64 KiB", segments_a_block},
             {"ACKs a segment", static_cast<double>(pair.acknowledgments()) / static_cast<double>(pair.segments())}});
    }
    return table.finish(argc, argv);
}
