// UDP for a host (RFC 768, RFC 1122 4.1): ports, and a bounded queue of datagrams for each. Sending has no queue: a
// datagram is written where the device sends it from.
#pragma once

#include <plywire/bytes/ring.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/headers/udp.hpp>
#include <plywire/protocols/endpoint.hpp>
#include <plywire/protocols/hash_index.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/secret.hpp>
#include <plywire/protocols/socket_error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>

namespace plywire::udp {

// What the type bounds.
struct defaults {
    using sockets = slab_pool<1024>;
    // Where received datagrams wait: heap_storage, of settings::queue_octets, or inline_storage<N>.
    using queue_storage = heap_storage;
};

// No heap: few sockets with small queues.
template <std::uint32_t Sockets = 4, std::size_t QueueOctets = 2048>
struct fixed : defaults {
    using sockets = fixed_pool<Sockets>;
    using queue_storage = inline_storage<QueueOctets>;
};

struct settings {
    // The ports that are given to who does not care depend on it. May be TCP's.
    plywire::secret secret;
    // Octets of received datagrams, with 8 for each, that may wait in a socket; rounded up to a power of two.
    std::size_t queue_octets = 64 * 1024;
};

struct statistics {
    std::uint64_t received = 0;  // put into a socket's queue
    std::uint64_t malformed = 0; // truncated, or the length is wrong
    std::uint64_t bad_checksum = 0;
    std::uint64_t no_socket = 0;   // nobody listens on the port
    std::uint64_t queue_full = 0;  // the socket's owner does not read fast enough
    std::uint64_t unreachable = 0; // errors that the network reported about our datagrams
    std::uint64_t sent = 0;

    friend constexpr bool operator==(statistics const&, statistics const&) = default;
};

// What receive_from() says of a datagram.
struct received_datagram {
    endpoint source{};
    std::size_t length = 0; // octets put into the caller's buffer
    bool truncated = false; // there were more; they are lost
};

// The layer above IPv4. Not for two threads.
template <class Policies = defaults>
class layer {
public:
    using layer_tag = tag;
    using settings_type = settings;
    static constexpr std::uint8_t protocol_number = ipv4::protocol_udp;
    // Ports that are given to who does not care (RFC 6335 6).
    static constexpr std::uint16_t first_dynamic_port = 49152;

    constexpr explicit layer(settings const& s)
        : settings_(s)
        , port_key_(s.secret.derived(3)) {}

    constexpr udp::statistics const& statistics() const { return statistics_; }
    constexpr std::uint32_t sockets() const { return sockets_.in_use(); }

    // Opens a socket on a port; 0: any that is free.
    constexpr std::expected<pool_id, socket_error> bind(std::uint16_t port) {
        if (port == 0) {
            port = free_port();
        } else if (find(port) != no_index) {
            return std::unexpected(socket_error::in_use);
        }
        std::uint32_t const i = port == 0 ? no_index : sockets_.acquire();
        if (i == no_index) {
            return std::unexpected(socket_error::no_room);
        }
        if (!ports_.insert(port, i, chains())) {
            sockets_.release(i);
            return std::unexpected(socket_error::no_room);
        }
        socket& s = sockets_[i];
        s.port = port;
        if constexpr (std::constructible_from<typename Policies::queue_storage, std::size_t>) {
            s.queue = queue_type(typename Policies::queue_storage(settings_.queue_octets));
        } else {
            s.queue.clear();
        }
        return sockets_.id_of(i);
    }

    // Closes a socket; what waits in it is lost.
    constexpr void close(pool_id id) {
        socket* const s = sockets_.find(id);
        if (s == nullptr) {
            return;
        }
        ports_.erase(id.index, chains());
        ready_.remove(id.index, ready_links());
        s->queue.release();
        sockets_.release(id.index);
    }

    // A socket's port, 0 for a handle that names nothing.
    constexpr std::uint16_t port(pool_id id) {
        socket const* const s = sockets_.find(id);
        return s == nullptr ? 0 : s->port;
    }

    // Sends a datagram at once.
    template <class Host>
    constexpr std::expected<void, socket_error> send_to(Host& host, pool_id id, bytes_view payload,
                                                        endpoint const& to) {
        socket const* const s = sockets_.find(id);
        if (s == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        auto& ip = host.template layer<ipv4::tag>();
        if (to.port == 0 || !ip.has_route(host, to.address)) {
            return std::unexpected(to.port == 0 ? socket_error::invalid : socket_error::unreachable);
        }
        ipv4::outgoing const out = ip.begin(host);
        if (!out) {
            return std::unexpected(socket_error::would_block);
        }
        std::size_t const octets = header::size + payload.size();
        if (octets > out.payload.size()) {
            return std::unexpected(socket_error::too_long);
        }
        header const front(source_port = s->port, destination_port = to.port,
                           length = static_cast<std::uint16_t>(octets));
        internet_sum sum = ipv4::pseudo_header_sum(ip.address(), to.address, protocol_number, octets);
        sum.copy(out.payload, front.octets());
        sum.copy(out.payload.subspan(header::size), payload);
        // RFC 768: a checksum that comes out as 0 is sent as all ones; 0 would mean that there is none.
        std::uint16_t const value = sum.checksum() == 0 ? 0xffff : sum.checksum();
        mutable_view<header>(out.payload.data(), header::size, 0).set(checksum = value);
        ip.finish(host, out, octets, {ip.address(), to.address, protocol_number});
        ++statistics_.sent;
        return {};
    }

    // Takes the oldest datagram out of the queue.
    constexpr std::expected<received_datagram, socket_error> receive_from(pool_id id, mutable_bytes to) {
        socket* const s = sockets_.find(id);
        if (s == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        if (s->queue.empty()) {
            return std::unexpected(socket_error::would_block);
        }
        std::array<std::byte, record_octets> front{};
        s->queue.read(front);
        std::size_t const octets = load_big<std::uint16_t>(front.data() + 6);
        received_datagram datagram{.source = {ipv4::address::from_value(load_big<std::uint32_t>(front.data())),
                                              load_big<std::uint16_t>(front.data() + 4)},
                                   .length = octets < to.size() ? octets : to.size(),
                                   .truncated = octets > to.size()};
        s->queue.read(to.first(datagram.length));
        s->queue.consume(octets - datagram.length);
        return datagram;
    }

    // Hands out the sockets into which datagrams were put since they were last handed out.
    constexpr std::uint32_t next_ready() { return ready_.pop_front(ready_links()); }
    constexpr pool_id id_of(std::uint32_t index) const { return sockets_.id_of(index); }

    // A packet for this host.
    template <class Host>
    constexpr void receive(Host& host, ipv4::received const& packet) {
        auto const parsed = view_if_sound<header>(packet.payload());
        if (parsed.octets().empty()) {
            ++statistics_.malformed;
            return;
        }
        // RFC 768: no checksum was made if the field is 0. RFC 1122 4.1.3.4: a wrong one is discarded in silence.
        if (packet.checksum == checksum_state::unverified && parsed[checksum] != 0) {
            bytes_view const covered = parsed.packet();
            internet_sum sum =
                ipv4::pseudo_header_sum(packet.source, packet.destination, protocol_number, covered.size());
            sum.add(covered);
            if (sum.folded() != 0xffff) {
                ++statistics_.bad_checksum;
                return;
            }
        }
        std::uint32_t const i = find(parsed[destination_port]);
        if (i == no_index) {
            ++statistics_.no_socket;
            // RFC 1122 4.1.3.1
            if constexpr (Host::template has<icmpv4::tag>) {
                host.template layer<icmpv4::tag>().send_unreachable(host, packet, icmpv4::code_port_unreachable);
            }
            return;
        }
        socket& s = sockets_[i];
        bytes_view const payload = parsed.payload();
        std::array<std::byte, record_octets> front{};
        store_big<std::uint32_t>(front.data(), packet.source.value());
        store_big<std::uint16_t>(front.data() + 4, parsed[source_port]);
        store_big<std::uint16_t>(front.data() + 6, static_cast<std::uint16_t>(payload.size()));
        // The second test fails when there is no memory.
        if (s.queue.free_space() < front.size() + payload.size() || s.queue.write(front) != front.size()) {
            ++statistics_.queue_full;
            return;
        }
        s.queue.write(payload);
        ++statistics_.received;
        ready_.push_back(i, ready_links());
    }

    // The network could not deliver a datagram of ours (RFC 1122 4.1.3.3). Counted; later datagrams are sent all the
    // same.
    template <class Host>
    constexpr void network_says(Host&, view<ipv4::header> const&, std::uint8_t, std::uint8_t) {
        ++statistics_.unreachable;
    }

private:
    // In front of each datagram in a queue: source address, source port, octets.
    static constexpr std::size_t record_octets = 8;
    using queue_type = ring<typename Policies::queue_storage>;

    struct socket {
        queue_type queue{};
        chain_link chain{};
        list_link ready{};
        std::uint16_t port = 0;
    };

    // Ports are their own hash: which are bound is this host's choice, not its peers'.
    constexpr std::uint32_t find(std::uint16_t port) {
        return ports_.find(port, chains(), [&](std::uint32_t i) { return sockets_[i].port == port; });
    }

    // RFC 8085 5.1, RFC 6056 3.3.1: each port is a draw of its own, so that none tells anything of the others; the next
    // that is free where that one is taken.
    constexpr std::uint16_t free_port() {
        constexpr std::uint32_t count = 0x1'0000 - first_dynamic_port;
        auto const drawn = static_cast<std::uint32_t>(siphash_2_4_words(port_key_, ports_given_++, 0));
        for (std::uint32_t tries = 0; tries < count; ++tries) {
            auto const port = static_cast<std::uint16_t>(first_dynamic_port + (drawn % count + tries) % count);
            if (find(port) == no_index) {
                return port;
            }
        }
        return 0;
    }

    constexpr auto chains() {
        return [this](std::uint32_t i) -> chain_link& { return sockets_[i].chain; };
    }
    constexpr auto ready_links() {
        return [this](std::uint32_t i) -> list_link& { return sockets_[i].ready; };
    }

    settings settings_;
    pool<socket, typename Policies::sockets> sockets_{};
    hash_index<typename Policies::sockets::heads> ports_{};
    index_list ready_{};
    siphash_key port_key_;
    std::uint64_t ports_given_ = 0;
    udp::statistics statistics_{};
};

} // namespace plywire::udp
