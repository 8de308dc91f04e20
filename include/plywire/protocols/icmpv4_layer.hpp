// ICMP for a host (RFC 792, RFC 1122 3.2.2): answers pings, pings others, tells the transports what the network says of
// their packets, and tells others what could not be delivered here.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/checksum.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/rate_limit.hpp>
#include <plywire/protocols/socket_error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

namespace plywire::icmpv4 {

// Octets of an error's copy of the packet that caused it: as much as keeps the error within 576 octets, the datagram
// that every host takes (RFC 1122 3.2.2, RFC 1812 4.3.2.3).
inline constexpr std::size_t quoted_octets = 576 - ipv4::header::size - header::size;

struct settings {
    // Errors sent a second in the long run, and at once (RFC 1812 4.3.2.8).
    std::uint32_t errors_per_second = 100;
    std::uint32_t errors_at_once = 50;
};

struct statistics {
    std::uint64_t malformed = 0; // truncated
    std::uint64_t bad_checksum = 0;
    std::uint64_t echo_requests = 0;   // pings for this host
    std::uint64_t echo_replies = 0;    // answers to this host's pings
    std::uint64_t unasked_replies = 0; // answers to no ping of this host's
    std::uint64_t errors = 0;          // unreachable, time exceeded and the like, about a packet of ours
    std::uint64_t foreign_errors = 0;  // about packets that this host cannot have sent
    std::uint64_t unknown = 0;         // other types: discarded (RFC 1122 3.2.2)
    std::uint64_t to_group = 0;        // pings to a broadcast or multicast address: discarded (RFC 1122 3.2.2.6)
    std::uint64_t replies_sent = 0;
    std::uint64_t replies_dropped = 0;   // the device was full, or the answer would not fit
    std::uint64_t replies_forgotten = 0; // answers that nobody fetched in time
    std::uint64_t unreachables_sent = 0;
    std::uint64_t unreachables_limited = 0; // not sent: too many, the device was full, or its MTU is tiny

    friend constexpr bool operator==(statistics const&, statistics const&) = default;
};

// The answer to a ping.
struct echo_reply {
    ipv4::address source{};
    std::uint16_t identifier = 0;
    std::uint16_t sequence = 0;
    std::uint8_t time_to_live = 0;       // that the answer had left
    std::size_t length = 0;              // octets of payload in all
    std::array<std::byte, 64> payload{}; // the first of them
    instant received{};
};

// The layer above IPv4: keeps so many answers until they are fetched, from so many whom it has asked. Not for two
// threads.
template <std::size_t KeptReplies = 8, std::size_t KeptQuestions = 16>
class basic_layer {
public:
    using layer_tag = tag;
    using settings_type = settings;
    static constexpr std::uint8_t protocol_number = ipv4::protocol_icmp;

    constexpr explicit basic_layer(settings const& s)
        : errors_(s.errors_per_second, s.errors_at_once) {}

    constexpr icmpv4::statistics const& statistics() const { return statistics_; }

    // A packet for this host.
    template <class Host>
    constexpr void receive(Host& host, ipv4::received const& packet) {
        auto const parsed = view_if_sound<echo>(packet.payload());
        if (parsed.octets().empty()) {
            ++statistics_.malformed;
            return;
        }
        if (packet.checksum == checksum_state::unverified && internet_checksum(packet.payload()) != 0) {
            ++statistics_.bad_checksum;
            return;
        }
        switch (parsed[type]) {
        case type_echo_request: answer(host, packet, parsed); break;
        case type_echo_reply: keep(packet, parsed, host.template layer<ipv4::tag>(), host.now()); break;
        case type_destination_unreachable:
        case type_source_quench:
        case type_time_exceeded:
        case type_parameter_problem: report(host, parsed); break;
        default: ++statistics_.unknown;
        }
    }

    // Sends an echo request. would_block while the device is full.
    template <class Host>
    constexpr std::expected<void, socket_error> ping(Host& host, ipv4::address to, std::uint16_t id,
                                                     std::uint16_t number, bytes_view payload) {
        auto& ip = host.template layer<ipv4::tag>();
        if (!ip.has_route(host, to)) {
            return std::unexpected(socket_error::unreachable);
        }
        ipv4::outgoing const out = ip.begin(host);
        if (!out) {
            return std::unexpected(socket_error::would_block);
        }
        if (out.payload.size() < echo::size + payload.size()) {
            return std::unexpected(socket_error::too_long);
        }
        remember({to, id});
        echo const request(type = type_echo_request, identifier = id, sequence = number);
        finish(host, out, request.octets(), payload, {ip.address(), to, protocol_number});
        return {};
    }

    // The oldest answer that has not been handed out.
    constexpr std::optional<echo_reply> next_reply() {
        if (kept_ == 0) {
            return std::nullopt;
        }
        echo_reply const reply = replies_[first_];
        first_ = (first_ + 1) % KeptReplies;
        --kept_;
        return reply;
    }

    // Tells a packet's sender that its destination is unreachable here: code_protocol_unreachable or
    // code_port_unreachable.
    template <class Host>
    constexpr void send_unreachable(Host& host, ipv4::received const& about, std::uint8_t why) {
        // RFC 1122 3.2.2: never about what went to a group. Errors about ICMP, fragments and sources that are no host
        // do not come here: ICMP has a layer, IPv4 drops the others.
        if (about.to_group || about.packet[ipv4::protocol] == protocol_number) {
            return;
        }
        auto& ip = host.template layer<ipv4::tag>();
        ipv4::outgoing const out = errors_.allows(host.now()) ? ip.begin(host) : ipv4::outgoing{};
        bytes_view const culprit = about.packet.packet();
        // RFC 792: at least the header and 8 octets, which is where the ports are.
        if (out.payload.size() < header::size + about.packet.octets().size() + 8) {
            ++statistics_.unreachables_limited;
            return;
        }
        std::size_t const quoted = std::min({culprit.size(), quoted_octets, out.payload.size() - header::size});
        header const error(type = type_destination_unreachable, code = why);
        finish(host, out, error.octets(), culprit.first(quoted), {about.destination, about.source, protocol_number});
        ++statistics_.unreachables_sent;
    }

private:
    // RFC 1122 3.2.2.6: every host answers pings, from the address that was pinged and with all of the payload.
    template <class Host>
    constexpr void answer(Host& host, ipv4::received const& packet, view<echo> const& request) {
        if (packet.to_group) {
            ++statistics_.to_group;
            return;
        }
        ++statistics_.echo_requests;
        auto& ip = host.template layer<ipv4::tag>();
        ipv4::outgoing const out = ip.begin(host);
        if (out.payload.size() < packet.payload().size()) {
            ++statistics_.replies_dropped;
            return;
        }
        echo const reply(type = type_echo_reply, identifier = request[identifier], sequence = request[sequence]);
        finish(host, out, reply.octets(), request.payload(), {packet.destination, packet.source, protocol_number});
        ++statistics_.replies_sent;
    }

    // Whom this host has pinged, and under which identifier.
    struct question {
        ipv4::address to{};
        std::uint16_t identifier = 0;

        friend constexpr bool operator==(question const&, question const&) = default;
    };

    constexpr void remember(question const& asked) {
        for (std::size_t i = 0; i < asked_; ++i) {
            if (questions_[i] == asked) {
                return;
            }
        }
        if (asked_ == KeptQuestions) { // the oldest is forgotten
            std::copy(questions_.begin() + 1, questions_.end(), questions_.begin());
            --asked_;
        }
        questions_[asked_++] = asked;
    }

    // Whether this host has asked; anybody may answer for a group.
    template <class Ip>
    constexpr bool was_asked(Ip const& ip, question const& answered) const {
        for (std::size_t i = 0; i < asked_; ++i) {
            question const& q = questions_[i];
            if (q.identifier == answered.identifier && (q.to == answered.to || ip.is_group(q.to))) {
                return true;
            }
        }
        return false;
    }

    template <class Ip>
    constexpr void keep(ipv4::received const& packet, view<echo> const& answer, Ip const& ip, instant now) {
        if (!was_asked(ip, {packet.source, answer[identifier]})) {
            ++statistics_.unasked_replies;
            return;
        }
        ++statistics_.echo_replies;
        if (kept_ == KeptReplies) { // the newest are worth most
            ++statistics_.replies_forgotten;
            next_reply();
        }
        echo_reply& reply = replies_[(first_ + kept_) % KeptReplies];
        reply = {.source = packet.source,
                 .identifier = answer[identifier],
                 .sequence = answer[sequence],
                 .time_to_live = packet.packet[ipv4::time_to_live],
                 .length = answer.payload().size(),
                 .received = now};
        copy(reply.payload, answer.payload());
        ++kept_;
    }

    // RFC 1122 3.2.2: an error goes to the transport whose packet it quotes.
    template <class Host>
    constexpr void report(Host& host, view<echo> const& error) {
        bytes_view const quote = error.payload();
        // At least the header and 8 octets (RFC 792); the quoted total length says more than is there.
        std::size_t const octets =
            quote.size() < ipv4::header::size ? 0 : std::to_integer<std::size_t>(quote[0] & std::byte{0x0f}) * 4;
        if (octets < ipv4::header::size || quote.size() < octets + 8) {
            ++statistics_.malformed;
            return;
        }
        view<ipv4::header> const ours(quote.data(), static_cast<std::uint32_t>(octets),
                                      static_cast<std::uint32_t>(quote.size() - octets));
        if (ours[ipv4::version] != 4 || ours[ipv4::source] != host.template layer<ipv4::tag>().address()) {
            ++statistics_.foreign_errors;
            return;
        }
        ++statistics_.errors;
        host.each_layer([&]<class Layer>(Layer& upper) {
            if constexpr (requires { upper.network_says(host, ours, std::uint8_t{}, std::uint8_t{}); }) {
                if (Layer::protocol_number == ours[ipv4::protocol]) {
                    upper.network_says(host, ours, error[type], error[code]);
                    return true;
                }
            }
            return false;
        });
    }

    // Writes the first octets and the payload, with the checksum over both; answers how many octets that are.
    static constexpr std::size_t write(mutable_bytes room, std::array<std::byte, header::size> const& front,
                                       bytes_view payload) {
        internet_sum sum;
        sum.copy(room, front);
        sum.copy(room.subspan(header::size), payload);
        mutable_view<header>(room.data(), header::size, 0).set(checksum = sum.checksum());
        return header::size + payload.size();
    }

    template <class Host>
    static constexpr void finish(Host& host, ipv4::outgoing const& out,
                                 std::array<std::byte, header::size> const& front, bytes_view payload,
                                 ipv4::flow const& flow) {
        host.template layer<ipv4::tag>().finish(host, out, write(out.payload, front, payload), flow);
    }

    rate_limit errors_;
    std::array<echo_reply, KeptReplies> replies_{};
    std::size_t first_ = 0;
    std::size_t kept_ = 0;
    std::array<question, KeptQuestions> questions_{}; // the latest, oldest first
    std::size_t asked_ = 0;
    icmpv4::statistics statistics_{};
};

// The layer above IPv4.
template <class = void>
class layer : public basic_layer<> {
public:
    using basic_layer<>::basic_layer;
};

} // namespace plywire::icmpv4
