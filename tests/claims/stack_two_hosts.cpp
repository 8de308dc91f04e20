// Two whole hosts on a cable, carried out by the compiler: ping, handshake, data, close. And which compositions there
// are.
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

#include <array>
#include <concepts>
#include <type_traits>

namespace {

using namespace plywire;
using namespace plywire::literals;

// Hosts without a heap.
struct lean : tcp::minimal<64, 64> {
    using connections = fixed_pool<2>;
    using listeners = fixed_pool<1>;
};
template <class Device>
using lean_host = stack<Device, ipv4::layer<>, icmpv4::layer<>, udp::layer<udp::fixed<1, 64>>, tcp::layer<lean>>;

using link = memory_link<medium::ip, 4, 576>;
using host = lean_host<link::end>;

constexpr instant now{1'000'000'000};

constexpr void settle(host& a, host& b) {
    while (a.poll(now) + b.poll(now) != 0) {
    }
}

constexpr bool two_hosts_talk() {
    link cable;
    host left(cable.first(), ipv4::settings{.address = "10.9.0.1/24"_ipv4_prefix}, tcp::settings{.secret = {1, 2}});
    host right(cable.second(), ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix}, tcp::settings{.secret = {3, 4}});
    settle(left, right);

    constexpr auto text = hex<"68 65 6c 6c 6f">();
    bool as_expected = left.icmp().ping("10.9.0.2"_ipv4, 1, 2, text).has_value();
    settle(left, right);
    auto const reply = left.icmp().next_reply();
    as_expected = as_expected && reply && reply->sequence == 2 && reply->length == 5 && reply->payload[4] == text[4];

    auto listener = right.tcp().listen(80);
    auto client = left.tcp().connect({"10.9.0.2"_ipv4, 80});
    settle(left, right);
    auto server = listener->accept();
    as_expected = as_expected && server && server->state() == tcp::state::established;
    as_expected = as_expected && client->send(text) == 5U;
    settle(left, right);
    std::array<std::byte, 10> room{};
    as_expected = as_expected && server->receive(room) == 5U && room[0] == text[0] && room[4] == text[4];
    client->close();
    settle(left, right);
    as_expected = as_expected && server->receive(room).error() == socket_error::end_of_stream;
    server->close();
    settle(left, right);
    return as_expected && left.tcp().connections() == 1 && right.tcp().connections() == 0; // one is in TIME-WAIT
}
static_assert(two_hosts_talk());

// What composes, and what does not.
using ip_device = link::end;
using ethernet_device = memory_link<medium::ethernet>::end;

static_assert(composition<ip_device, ipv4::layer<>>);
static_assert(composition<ip_device, ipv4::layer<>, icmpv4::layer<>, udp::layer<>, tcp::layer<>>);
static_assert(composition<ip_device, ipv4::layer<>, tcp::layer<>, udp::layer<>>);
static_assert(composition<ethernet_device, ethernet::layer<>, arp::layer<>, ipv4::layer<>>);
static_assert(!composition<ip_device>);
static_assert(!composition<ip_device, udp::layer<>>);
static_assert(!composition<ip_device, tcp::layer<>, ipv4::layer<>>);
static_assert(!composition<ip_device, ipv4::layer<>, ipv4::layer<>>);
static_assert(!composition<ip_device, ipv4::layer<>, int>);
static_assert(!composition<int, ipv4::layer<>>);
static_assert(!composition<ip_device, ethernet::layer<>, arp::layer<>, ipv4::layer<>>);
static_assert(!composition<ethernet_device, ipv4::layer<>>);
static_assert(!composition<ethernet_device, ethernet::layer<>, ipv4::layer<>>);
static_assert(!composition<ethernet_device, arp::layer<>, ethernet::layer<>, ipv4::layer<>>);

// A host stays where it is: its sockets point to it.
static_assert(!std::copy_constructible<host> && !std::move_constructible<host>);

// A host offers what its layers can do, and nothing else.
using router_of_nothing = stack<ip_device, ipv4::layer<>>;
template <class H>
concept offers_a_connection = requires(H h) { h.tcp(); };
template <class H>
concept offers_a_ping = requires(H h) { h.icmp(); };
static_assert(offers_a_connection<host> && offers_a_ping<host>);
static_assert(!offers_a_connection<router_of_nothing> && !offers_a_ping<router_of_nothing>);

} // namespace
