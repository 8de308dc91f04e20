// A layer of one's own joins a host from outside: it names a tag, settings and the number of its protocol.

#include <plywire/describe/build.hpp>
#include <plywire/describe/packet.hpp>
#include <plywire/stack/hosts.hpp>

#include <support/scripted_device.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace plywire;
using namespace plywire::testing;
using namespace plywire::literals;

namespace {

struct mirror_tag {};
struct mirror_settings {
    std::byte mark{};
};

// Sends back what it gets, with a mark in front, as soon as the device has room; counts seconds.
class mirror_layer {
public:
    using layer_tag = mirror_tag;
    using settings_type = mirror_settings;
    static constexpr std::uint8_t protocol_number = 253; // for experiments (RFC 3692)

    explicit mirror_layer(mirror_settings const& s)
        : mark_(s.mark) {}

    template <class Host>
    void receive(Host&, ipv4::received const& packet) {
        peer_ = packet.source;
        waiting_ = to_frame(packet.payload());
        waiting_.insert(waiting_.begin(), mark_);
    }
    bool wants_to_send() const { return !waiting_.empty(); }

    template <class Host>
    std::size_t transmit(Host& host) {
        auto& ip = host.template layer<ipv4::tag>();
        auto const out = waiting_.empty() ? ipv4::outgoing{} : ip.begin(host);
        if (!out) return 0;
        copy(out.payload, waiting_);
        ip.finish(host, out, waiting_.size(), {ip.address(), peer_, protocol_number});
        waiting_.clear();
        return 1;
    }
    instant deadline() const { return due_; }

    template <class Host>
    void time_passes(Host& host) {
        if (host.now() < due_) return;
        due_ = host.now() + seconds(1);
        ++ticks;
    }

    int ticks = 0;

private:
    std::byte mark_;
    ipv4::address peer_{};
    frame waiting_{};
    instant due_{};
};

} // namespace

TEST_CASE("a layer from outside gets its packets, its turn to send and its time", "[stack]") {
    scripted_device<medium::ip> device;
    stack<scripted_device<medium::ip>, ipv4::layer<>, mirror_layer> host(
        device, mirror_settings{std::byte{'!'}}, ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix});
    device.incoming.push_back(
        to_frame(to_bytes(ipv4::header(ipv4::source = "10.9.0.2"_ipv4, ipv4::destination = "10.9.0.1"_ipv4,
                                       ipv4::protocol = mirror_layer::protocol_number) /
                          payload("hello"))));
    host.poll(instant{0});
    frame const answer = device.take();
    auto const packet = parse<ipv4::header>(answer);
    REQUIRE(packet);
    CHECK((*packet)[ipv4::destination] == "10.9.0.2"_ipv4);
    CHECK(text_of_bytes(packet->payload()) == "!hello");
    CHECK(host.deadline() == instant{1'000'000'000});
    host.poll(host.deadline());
    CHECK(host.layer<mirror_tag>().ticks == 2);
}

TEST_CASE("a protocol that a stack leaves out is unreachable, as far as ICMP is there to say so", "[stack]") {
    scripted_device<medium::ip> device;
    auto const segment =
        to_frame(to_bytes(ipv4::header(ipv4::source = "10.9.0.2"_ipv4, ipv4::destination = "10.9.0.1"_ipv4) /
                          tcp::header(tcp::syn = true)));
    device.incoming.push_back(segment);
    stack<scripted_device<medium::ip>, ipv4::layer<>, icmpv4::layer<>> polite(
        device, ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix});
    polite.poll(instant{1});
    CHECK(device.sent.size() == 1);
    device.sent.clear();
    device.incoming.push_back(segment);
    stack<scripted_device<medium::ip>, ipv4::layer<>> silent(device,
                                                             ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix});
    silent.poll(instant{1});
    CHECK(device.sent.empty());
    CHECK(silent.ipv4().statistics().unknown_protocol == 1);
}
