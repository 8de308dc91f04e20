// A whole host on Ethernet that is sent anything: frames from the input, most of them with their checksums put right so that
// they get past the first door. It must not answer with more than it was asked, and every frame of its own must be well-formed.
#include <plywire/stack/hosts.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace plywire;
using namespace plywire::literals;

void must(bool holds) {
    if (!holds) std::abort();
}

constexpr std::size_t mtu_octets = 1500;

// The transport checksum of an IPv4 packet: of its pseudo-header, if it has one, and its payload. 0 when it is right.
std::uint16_t transport_checksum(view<ipv4::header> const& packet) {
    auto sum = packet[ipv4::protocol] == ipv4::protocol_icmp ? internet_sum()
                                                             : ipv4::pseudo_header_sum(packet, packet.payload().size());
    sum.add(packet.payload());
    return sum.checksum();
}

void is_well_formed(bytes_view octets) {
    must(octets.size() <= ethernet::header::size + mtu_octets);
    auto const frame = parse<ethernet::header>(octets);
    must(frame.has_value());
    if ((*frame)[ethernet::type] == carries<ethernet::header, arp::header>) {
        must(parse<arp::header>(frame->payload()).has_value());
        return;
    }
    auto const packet = parse<ipv4::header>(frame->payload());
    must(packet && internet_checksum(packet->octets()) == 0);
    must(transport_checksum(*packet) == 0);
    if ((*packet)[ipv4::protocol] == ipv4::protocol_tcp) must(parse<tcp::header>(packet->payload()).has_value());
}

// Brings one frame after the other, each in memory of just its size, and looks at what is sent.
class wire {
public:
    static constexpr medium link_medium = medium::ethernet;
    static constexpr device_capabilities capabilities{};

    std::size_t mtu() const { return mtu_octets; }
    void bring(std::vector<std::byte> frame) {
        arrived_ = std::move(frame);
        waiting_ = true;
    }
    received_frame receive() {
        if (!std::exchange(waiting_, false)) return {};
        return {.octets = arrived_};
    }
    transmit_slot grant() {
        slot_.assign(ethernet::header::size + mtu_octets, std::byte{0xdd});
        return {.octets = slot_};
    }
    void commit(transmit_slot slot, transmit_request request) {
        must(slot.octets.data() == slot_.data() && request.length != 0);
        is_well_formed(bytes_view(slot_).first(request.length));
        ++sent_;
    }
    device_statistics const& statistics() const { return statistics_; }
    std::size_t sent() const { return sent_; }

private:
    std::vector<std::byte> arrived_;
    std::vector<std::byte> slot_;
    bool waiting_ = false;
    std::size_t sent_ = 0;
    device_statistics statistics_;
};

// Makes the frame one for the host and its checksums right, as far as there is room for them.
void put_right(mutable_bytes octets) {
    auto const frame = parse_mutable<ethernet::header>(octets);
    if (!frame) return;
    frame->set(ethernet::destination = "02:00:00:00:00:01"_mac);
    if ((*frame)[ethernet::type] != carries<ethernet::header, ipv4::header>) return;
    auto const packet = parse_mutable<ipv4::header>(frame->payload());
    if (!packet) return;
    packet->set(ipv4::destination = "10.9.0.2"_ipv4, ipv4::header_checksum = std::uint16_t{0});
    packet->set(ipv4::header_checksum = internet_checksum(packet->octets()));
    mutable_bytes const payload = packet->payload();
    std::size_t at = 0;
    switch ((*packet)[ipv4::protocol]) {
    case ipv4::protocol_icmp: at = 2; break;
    case ipv4::protocol_udp: at = 6; break;
    case ipv4::protocol_tcp: at = 16; break;
    default: return;
    }
    if (payload.size() < at + 2) return;
    store_big(payload.data() + at, std::uint16_t{0});
    store_big(payload.data() + at, transport_checksum(*packet));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    bytes_view input = std::as_bytes(std::span(data, size));
    wire device;
    ethernet_host<wire> host{
        device, ethernet::settings{.address = "02:00:00:00:00:01"_mac},
        ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix},
        tcp::settings{.secret = {1, 2}, .connection = {.send_buffer = 4096, .receive_buffer = 4096}}};
    auto listener = host.tcp().listen(80, {.backlog = 4});
    auto echo = host.udp().bind(7);
    must(listener && echo);
    std::vector<decltype(host)::tcp_socket> sockets;
    std::array<std::byte, 2048> room{};
    instant now{};
    // Each frame: what to do (1 octet), its length (2), its octets.
    while (input.size() > 3) {
        auto const what = std::to_integer<unsigned>(input[0]);
        auto const length = std::min<std::size_t>(load_big<std::uint16_t>(input.data() + 1), input.size() - 3);
        std::vector<std::byte> frame(input.begin() + 3, input.begin() + 3 + static_cast<std::ptrdiff_t>(length));
        input = input.subspan(3 + length);
        if (what % 8 != 0) put_right(frame);
        device.bring(std::move(frame));
        now = now + milliseconds(what % 16 == 15 ? 1500 : 1);
        auto const before = device.sent();
        host.poll(now);
        // An answer, an acknowledgment, an ARP request, and what time itself brings for each of a few connections.
        must(device.sent() - before <= 16);

        while (host.udp().next_ready()) {
        }
        while (auto const datagram = echo->receive_from(room)) {
            (void)echo->send_to(bytes_view(room).first(datagram->length), datagram->source);
        }
        while (host.tcp().next_ready()) {
        }
        while (auto accepted = listener->accept()) sockets.push_back(std::move(*accepted));
        for (auto& socket : sockets) {
            if (auto const received = socket.receive(room)) (void)socket.send(bytes_view(room).first(*received));
        }
        if (what / 16 == 15) sockets.clear();
    }
    return 0;
}
