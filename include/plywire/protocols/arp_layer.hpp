// ARP (RFC 826, RFC 1122 2.3.2): answers who asks for this host, finds the hardware addresses of neighbours, keeps
// packets while it asks. A neighbour that never said a word to us or about us gets no entry, so that nobody can fill
// the table with unsolicited announcements.
#pragma once

#include <plywire/describe/parse.hpp>
#include <plywire/headers/arp.hpp>
#include <plywire/protocols/layer.hpp>
#include <plywire/protocols/neighbours.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire::arp {

// Bounds of the table.
struct defaults {
    static constexpr std::uint32_t neighbours = 128;
    static constexpr std::uint32_t waiting_packets = 16;     // in all
    static constexpr std::uint8_t packets_per_neighbour = 4; // RFC 1122 2.3.2.2: at least 1
    static constexpr std::size_t packet_octets = 1500;       // larger packets do not wait but are dropped
};

struct settings {
    // Between two requests for the same address; RFC 1122 2.3.2.1: at most one a second.
    duration request_interval = seconds(1);
    // Requests without a reply until waiting packets are dropped, and an address that was known is forgotten.
    std::uint8_t requests = 3;
    // How long an address is trusted; then the neighbour is asked again, by unicast, when a packet goes there.
    duration trusted = seconds(60);
    // How long an address that nobody confirms or uses is kept.
    duration kept = minutes(20);
};

struct statistics {
    std::uint64_t requests_received = 0; // that ask for this host
    std::uint64_t replies_received = 0;  // for this host
    std::uint64_t malformed = 0;         // truncated, or not IPv4 over Ethernet
    std::uint64_t bad_sender = 0;        // an address that no station can have
    std::uint64_t conflicts = 0;         // somebody else uses this host's address
    std::uint64_t ignored = 0;           // about others, unknown to us
    std::uint64_t unsolicited = 0;       // replies that nobody asked for, not learnt
    std::uint64_t requests_sent = 0;
    std::uint64_t replies_sent = 0;
    std::uint64_t replies_dropped = 0; // the device was full
    std::uint64_t packets_kept = 0;    // that wait, or waited, for an address
    std::uint64_t packets_dropped = 0; // that waited in vain, or found no room to wait
    std::uint64_t unresolved = 0;      // neighbours that never answered
    std::uint64_t evicted = 0;         // neighbours that made way for others

    friend constexpr bool operator==(statistics const&, statistics const&) = default;
};

// The layer between Ethernet and IPv4. Not for two threads.
template <class Policies = defaults>
class layer {
public:
    using layer_tag = tag;
    using settings_type = settings;
    static constexpr medium carrier = medium::ethernet;
    static constexpr std::uint16_t link_type = ethernet::type_arp;

    constexpr explicit layer(settings const& s)
        : settings_(s) {}

    constexpr arp::statistics const& statistics() const { return statistics_; }
    // Neighbours in the table, known or asked.
    constexpr std::uint32_t size() const { return table_.size(); }

    // An ARP packet for this station or for all (RFC 826, "Packet Reception"). RFC 1122 3.2.1.2 does not apply: ARP
    // has no checksum.
    template <class Host>
    constexpr void receive(Host& host, bytes_view octets, arrival const&) {
        auto const parsed = view_if_sound<header>(octets);
        if (parsed.octets().empty()) {
            ++statistics_.malformed;
            return;
        }
        ipv4::address const ours = host.template layer<ipv4::tag>().address();
        ipv4::address const sender = parsed[sender_protocol];
        ethernet::address const hardware = parsed[sender_hardware];
        bool const for_us = parsed[target_protocol] == ours && !ours.is_unspecified();
        bool const is_request = parsed[operation] == operation_request;
        if (hardware.is_multicast() || hardware.is_unspecified() || sender.is_multicast() ||
            sender.is_limited_broadcast()) {
            ++statistics_.bad_sender;
            return;
        }
        if (sender == ours && !ours.is_unspecified()) {
            ++statistics_.conflicts;
            return;
        }
        // RFC 5227 1.1: a probe has no sender address yet; it is answered, but teaches nothing.
        if (!sender.is_unspecified()) {
            learn(host, sender, hardware, for_us && is_request);
        }
        if (!for_us) {
            ++statistics_.ignored;
        } else if (is_request) {
            ++statistics_.requests_received;
            reply(host, parsed);
        } else if (parsed[operation] == operation_reply) {
            ++statistics_.replies_received;
        }
    }

    // A higher layer has reason to think that a neighbour is gone (RFC 1122 2.3.2.1 (4)): it is asked.
    constexpr void doubt(ipv4::address hop, instant now) {
        std::uint32_t const i = table_.find(hop);
        if (i != no_index && table_[i].known == knowledge::confirmed) {
            poll(i, now);
        }
    }

    // Sends a packet of `octets` to a neighbour, or keeps it until the neighbour's hardware address is known.
    template <class Host>
    constexpr void send(Host& host, packet_slot const& room, std::size_t octets, ipv4::address hop) {
        std::uint32_t i = table_.find(hop);
        // What waits goes first.
        if (i != no_index && table_[i].known != knowledge::asked && table_[i].waiting_count == 0) {
            neighbour& n = table_[i];
            if (n.known == knowledge::confirmed && host.now() - n.confirmed >= settings_.trusted) {
                poll(i, host.now());
            }
            host.template layer<ethernet::tag>().send(host, room, octets, n.hardware, ethernet::type_ipv4);
            return;
        }
        if (i == no_index) {
            i = table_.may_ask() ? table_.add(hop, statistics_.evicted, statistics_.packets_dropped) : no_index;
            if (i == no_index) {
                ++statistics_.packets_dropped;
                return;
            }
            ask(i, host.now());
        }
        ++statistics_.packets_kept;
        statistics_.packets_dropped += table_.keep(i, room.packet.first(octets));
    }

    // Whether transmit() has something to send.
    constexpr bool wants_to_send() const { return table_.next_work() != no_index; }

    // Sends requests, and packets whose wait is over, while the device has room. Returns how many frames.
    template <class Host>
    constexpr std::size_t transmit(Host& host) {
        std::size_t frames = 0;
        while (wants_to_send()) {
            std::uint32_t const i = table_.next_work();
            neighbour& n = table_[i];
            packet_slot const room = grant_packet(host);
            if (!room) {
                return frames;
            }
            if (n.owes_request) {
                n.owes_request = false;
                request(host, room, n);
                ++frames;
            } else if (n.known != knowledge::asked && n.waiting_count != 0) {
                send_waiting(host, room, i);
                ++frames;
            } else {
                table_.end_work(i);
            }
        }
        return frames;
    }

    // When time_passes() has something to do.
    constexpr instant deadline() const { return next_due_; }

    // Asks again, gives up, and forgets.
    template <class Host>
    constexpr void time_passes(Host& host) {
        instant const now = host.now();
        if (now < next_due_) {
            return;
        }
        next_due_ = instant::never();
        table_.each([&](std::uint32_t i) {
            neighbour& n = table_[i];
            if (n.due <= now && !expire(i, now)) {
                return;
            }
            next_due_ = n.due < next_due_ ? n.due : next_due_;
        });
    }

private:
    // RFC 826: who is in the table is updated by everything it says; who asks for us is added.
    template <class Host>
    constexpr void learn(Host& host, ipv4::address sender, ethernet::address const& hardware, bool may_add) {
        std::uint32_t i = table_.find(sender);
        if (i == no_index) {
            if (!may_add || !host.template layer<ipv4::tag>().prefix().contains(sender)) {
                statistics_.unsolicited += may_add ? 0 : 1;
                return;
            }
            i = table_.add(sender, statistics_.evicted, statistics_.packets_dropped);
            if (i == no_index) {
                return;
            }
        }
        neighbour& n = table_[i];
        n.hardware = hardware;
        n.known = knowledge::confirmed;
        n.tries = 0;
        n.owes_request = false;
        n.confirmed = host.now();
        set_due(n, host.now() + settings_.kept);
        table_.renew(i);
        // At once, so that nothing that is sent in this turn goes ahead of what waits.
        while (n.waiting_count != 0) {
            packet_slot const room = grant_packet(host);
            if (!room) {
                table_.add_work(i);
                return;
            }
            send_waiting(host, room, i);
        }
    }

    // Sends the oldest packet that waits for a neighbour.
    template <class Host>
    constexpr void send_waiting(Host& host, packet_slot const& room, std::uint32_t i) {
        bytes_view const packet = table_.next_packet(i)->packet();
        copy(room.packet, packet);
        host.template layer<ethernet::tag>().send(host, room, packet.size(), table_[i].hardware, ethernet::type_ipv4);
        table_.drop_packet(i);
    }

    template <class Host>
    constexpr void reply(Host& host, view<header> const& asked) {
        packet_slot const room = grant_packet(host);
        if (!room) {
            ++statistics_.replies_dropped;
            return;
        }
        write(host, room, operation_reply, asked[sender_hardware], asked[sender_protocol], asked[sender_hardware]);
        ++statistics_.replies_sent;
    }

    template <class Host>
    constexpr void request(Host& host, packet_slot const& room, neighbour const& n) {
        bool const poll = n.known == knowledge::doubted;
        write(host, room, operation_request, ethernet::address{}, n.address, poll ? n.hardware : ethernet::broadcast);
        ++statistics_.requests_sent;
    }

    template <class Host>
    constexpr void write(Host& host, packet_slot const& room, std::uint16_t what, ethernet::address const& target,
                         ipv4::address target_address, ethernet::address const& to) {
        auto& link = host.template layer<ethernet::tag>();
        header const packet(hardware_type = hardware_ethernet, protocol_type = ethernet::type_ipv4,
                            hardware_length = std::uint8_t{6}, protocol_length = std::uint8_t{4}, operation = what,
                            sender_hardware = link.address(),
                            sender_protocol = host.template layer<ipv4::tag>().address(), target_hardware = target,
                            target_protocol = target_address);
        copy(room.packet, packet.octets());
        link.send(host, room, header::size, to, ethernet::type_arp);
    }

    // RFC 1122 2.3.2.1 (2), unicast poll: go on using the address while asking whether it still holds.
    constexpr void poll(std::uint32_t i, instant now) {
        table_[i].known = knowledge::doubted;
        table_[i].tries = 0;
        ask(i, now);
    }

    // A request is to go out; the next step comes an interval later.
    [[gnu::noinline]] constexpr void ask(std::uint32_t i, instant now) {
        neighbour& n = table_[i];
        n.owes_request = true;
        ++n.tries;
        set_due(n, now + settings_.request_interval);
        table_.add_work(i);
    }

    // What a neighbour's `due` was for. Returns false when the neighbour was forgotten.
    constexpr bool expire(std::uint32_t i, instant now) {
        neighbour& n = table_[i];
        if (n.known != knowledge::confirmed && n.tries < settings_.requests) {
            ask(i, now);
            return true;
        }
        statistics_.unresolved += n.known == knowledge::confirmed ? 0 : 1;
        statistics_.packets_dropped += table_.remove(i);
        return false;
    }

    constexpr void set_due(neighbour& n, instant due) {
        n.due = due;
        next_due_ = due < next_due_ ? due : next_due_;
    }

    settings settings_;
    neighbours<Policies> table_{};
    instant next_due_ = instant::never();
    arp::statistics statistics_{};
};

} // namespace plywire::arp
