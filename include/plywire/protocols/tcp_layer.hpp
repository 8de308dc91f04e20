// TCP for a host: finds the connection that a segment belongs to, makes those that listeners ask for, and gives each
// the device and the time when it needs them. Per segment the work does not depend on the number of connections: a
// keyed hash finds the connection, a list says who wants to send, a timer wheel says who is due. Read RFC 9293 3.10.7
// first.
#pragma once

#include <plywire/base/siphash.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/machine/reset.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/tcp_table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

namespace plywire::tcp {

// The layer above IPv4. `Policies` are the machine's, and may name `connections`, `listeners` and
// `initial_sequence_numbers` besides. Handles are checked: one that names nothing is answered by socket_error::closed.
// Not for two threads.
template <class Policies = defaults>
class layer : private detail::connection_table<Policies> {
    using table = detail::connection_table<Policies>;
    using entry_type = entry<Policies>;

public:
    using layer_tag = tag;
    using settings_type = settings;
    using policies = Policies;
    static constexpr std::uint8_t protocol_number = ipv4::protocol_tcp;
    // Ports that connect() chooses from (RFC 6335 6).
    static constexpr std::uint16_t first_dynamic_port = 49152;

    constexpr explicit layer(settings const& s)
        : table(s)
        , initial_sequence_(s.secret.key()) {}

    constexpr tcp::statistics const& statistics() const { return statistics_; }
    // Connections in any state, TIME-WAIT included.
    constexpr std::uint32_t connections() const { return entries_.in_use(); }
    constexpr std::uint32_t half_open() const { return half_open_; }

    // ---- listeners ----

    // Begins to accept connections to a port.
    constexpr std::expected<pool_id, socket_error> listen(std::uint16_t port, listen_options const& options) {
        if (port == 0) {
            return std::unexpected(socket_error::invalid);
        }
        if (find_listener(port) != no_index) {
            return std::unexpected(socket_error::in_use);
        }
        std::uint32_t const l = listeners_.acquire();
        if (l == no_index) {
            return std::unexpected(socket_error::no_room);
        }
        listeners_[l] = {.port = port, .backlog = std::max<std::uint32_t>(1, options.backlog)};
        if (!ports_.insert(port, l, listener_chains())) {
            listeners_.release(l);
            return std::unexpected(socket_error::no_room);
        }
        return listeners_.id_of(l);
    }

    // The oldest connection that waits; would_block when none does.
    constexpr std::expected<pool_id, socket_error> accept(pool_id id) {
        listener_entry* const l = listeners_.find(id);
        if (l == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        std::uint32_t const i = l->queued.pop_front(places());
        if (l->queued.empty()) {
            listener_events_.remove(id.index, listener_events());
        } else { // who accepts one at a time is told of the next
            listener_events_.push_back(id.index, listener_events());
        }
        if (i == no_index) {
            return std::unexpected(socket_error::would_block);
        }
        entry_type& e = entries_[i];
        e.listener = no_index;
        e.role = role::own;
        if (e.machine.readable()) { // what happened while it waited
            events_.push_back(i, events());
        }
        return entries_.id_of(i);
    }

    // Ends a listener. Connections that it has not handed out are reset.
    template <class Host>
    constexpr void close_listener(Host& host, pool_id id) {
        listener_entry* const l = listeners_.find(id);
        if (l == nullptr) {
            return;
        }
        while (!l->half_open.empty() || !l->queued.empty()) {
            abandon(host, l->half_open.empty() ? l->queued.front() : l->half_open.front());
        }
        ports_.erase(id.index, listener_chains());
        listener_events_.remove(id.index, listener_events());
        listeners_.release(id.index);
    }

    // The port of a listener, 0 for a handle that names nothing.
    constexpr std::uint16_t listener_port(pool_id id) {
        listener_entry const* const l = listeners_.find(id);
        return l == nullptr ? 0 : l->port;
    }

    // ---- connections, as sockets hold them ----

    // Begins a handshake; the answer comes as a change of state. `local_port` 0: one that is free.
    template <class Host>
    constexpr std::expected<pool_id, socket_error> connect(Host& host, endpoint const& to, std::uint16_t local_port) {
        auto const& ip = host.template layer<ipv4::tag>();
        if (to.port == 0) {
            return std::unexpected(socket_error::invalid);
        }
        if (ip.is_group(to.address) ||
            !ip.has_route(host, to.address)) { // RFC 9293 MUST-57: no broadcast, no multicast
            return std::unexpected(socket_error::unreachable);
        }
        endpoint const local{ip.address(), local_port != 0 ? local_port : free_port(ip.address(), to)};
        if (local.port == 0 || find(local, to) != no_index) {
            return std::unexpected(local.port == 0 ? socket_error::no_room : socket_error::in_use);
        }
        std::uint32_t const i = make(host, local, to);
        if (i == no_index) {
            return std::unexpected(socket_error::no_room);
        }
        entry_type& e = entries_[i];
        outlook const before = look_at(e.machine);
        if (auto const opened =
                e.machine.open(local.port, to.port, initial_sequence(local, to, host.now()), host.now());
            !opened) {
            release(i);
            return std::unexpected(to_socket_error(opened.error()));
        }
        e.role = role::own;
        ++statistics_.opened;
        settle(host, i, before);
        return entries_.id_of(i);
    }

    // Octets taken, at least 1 unless `octets` is empty; would_block when the buffer is full.
    template <class Host>
    constexpr std::expected<std::size_t, socket_error> send(Host& host, pool_id id, bytes_view octets) {
        entry_type* const e = held(id);
        if (e == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        if (octets.empty()) {
            return 0;
        }
        auto const taken = e->machine.send(octets, host.now());
        if (!taken) {
            return std::unexpected(error_of(*e, taken.error()));
        }
        if (*taken == 0) {
            return std::unexpected(socket_error::would_block);
        }
        serve(host, id.index);
        return *taken;
    }

    // Octets given, at least 1 unless `room` is empty.
    template <class Host>
    constexpr std::expected<std::size_t, socket_error> receive(Host& host, pool_id id, mutable_bytes room) {
        entry_type* const e = held(id);
        if (e == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        auto const given = e->machine.receive(room, host.now());
        if (!given) {
            return std::unexpected(error_of(*e, given.error()));
        }
        serve(host, id.index); // it may have a larger window to announce
        return *given;
    }

    // Sends no more; what is queued still goes out, and receiving goes on. not_connected in SYN-SENT: there CLOSE would
    // throw away what is queued (RFC 9293 3.10.4).
    template <class Host>
    constexpr std::expected<void, socket_error> shutdown(Host& host, pool_id id) {
        entry_type* const e = held(id);
        if (e == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        outlook const before = look_at(e->machine);
        if (before.state == state::syn_sent) {
            return std::unexpected(socket_error::not_connected);
        }
        auto const closed = e->machine.close(host.now());
        if (!closed) {
            return std::unexpected(error_of(*e, closed.error()));
        }
        settle(host, id.index, before);
        return {};
    }

    // The holder is gone: the connection is aborted when data is unread, else closed, and finishes by itself.
    template <class Host>
    constexpr void close(Host& host, pool_id id) {
        if (entry_type* const e = held(id)) {
            outlook const before = look_at(e->machine);
            disown(id.index);
            e->machine.detach(host.now());
            settle(host, id.index, before);
        }
    }

    // The holder is gone, and the peer is told so by a reset.
    template <class Host>
    constexpr void abort(Host& host, pool_id id) {
        if (held(id) != nullptr) {
            abandon(host, id.index);
        }
    }

    // Nagle's algorithm off (true) or on.
    template <class Host>
    constexpr void set_no_delay(Host& host, pool_id id, bool on) {
        if (entry_type* const e = held(id)) {
            e->machine.set_no_delay(on, host.now());
            serve(host, id.index);
        }
    }

    // The connection that a socket holds, nullptr when the handle names nothing.
    constexpr connection<Policies> const* machine(pool_id id) {
        entry_type const* const e = held(id);
        return e == nullptr ? nullptr : &e->machine;
    }
    constexpr endpoint local(pool_id id) {
        entry_type const* const e = held(id);
        return e == nullptr ? endpoint{} : e->local;
    }
    constexpr endpoint remote(pool_id id) {
        entry_type const* const e = held(id);
        return e == nullptr ? endpoint{} : e->remote;
    }

    // Hands out listeners with something to accept, then connections that changed since they were last handed out.
    constexpr std::optional<ready_event> next_ready() {
        if (std::uint32_t const l = listener_events_.pop_front(listener_events()); l != no_index) {
            return ready_event{listeners_.id_of(l), true};
        }
        if (std::uint32_t const i = events_.pop_front(events()); i != no_index) {
            return ready_event{entries_.id_of(i), false};
        }
        return std::nullopt;
    }

    // ---- what the host drives ----

    // A packet for this host (RFC 9293 3.10.7).
    template <class Host>
    constexpr void receive(Host& host, ipv4::received const& packet) {
        // RFC 9293 MUST-57 and MUST-63; sources that are no host never come here.
        if (packet.to_group) {
            ++statistics_.to_group;
            return;
        }
        auto const parsed = parse<header>(packet.payload());
        if (!parsed || (*parsed)[source_port] == 0 || (*parsed)[destination_port] == 0) {
            ++statistics_.malformed;
            return;
        }
        // RFC 9293 MUST-3: whoever has not been told that it is right must sum.
        if (packet.checksum == checksum_state::unverified) {
            internet_sum sum = packet.pseudo_header(protocol_number);
            sum.add(packet.payload());
            if (sum.folded() != 0xffff) {
                ++statistics_.bad_checksum;
                return;
            }
        }
        view<header> const& segment = *parsed;
        endpoint const to{packet.destination, segment[destination_port]};
        endpoint const from{packet.source, segment[source_port]};
        std::uint32_t const i = find(to, from);
        std::optional<sequence> const beyond = i == no_index ? std::nullopt : give_way(i, segment);
        if (i != no_index && !beyond) {
            ++statistics_.received;
            outlook const before = look_at(entries_[i].machine);
            entries_[i].machine.segment_arrives(segment, host.now());
            settle(host, i, before);
            return;
        }
        std::uint32_t const l = find_listener(to.port);
        // RFC 9293 3.10.7.2, LISTEN: RST is passed over, ACK is answered by RST, SYN makes a connection.
        if (l != no_index && !segment[rst] && !segment[ack]) {
            ++statistics_.received;
            if (segment[syn]) {
                spawn(host, l, to, from, segment, beyond);
            }
            return;
        }
        ++statistics_.no_connection;
        refuse(host, packet, segment);
    }

    // Whether transmit() has something to send.
    constexpr bool wants_to_send() const { return !sending_.empty(); }

    // Lets connections send, in turn, while the device has room. Returns how many segments.
    template <class Host>
    constexpr std::size_t transmit(Host& host, std::size_t budget) {
        auto& ip = host.template layer<ipv4::tag>();
        std::size_t segments = 0;
        std::uint32_t in_a_row = 0;
        while (!sending_.empty() && segments < budget) {
            std::uint32_t const i = sending_.front();
            entry_type& e = entries_[i];
            ipv4::outgoing const out = ip.begin(host);
            if (!out) {
                break;
            }
            state const earlier = e.machine.current_state();
            std::size_t const octets = e.machine.emit(
                out.payload, ipv4::pseudo_header_sum(e.local.address, e.remote.address, protocol_number, 0),
                host.now());
            if (octets == 0) {
                in_a_row = 0;
                sending_.remove(i, sendings());
                rearm(i);
                if (earlier == state::closed) {
                    change_state(i, state::closed, false); // its RST has gone out
                }
                continue;
            }
            ip.finish(host, out, octets, {e.local.address, e.remote.address, protocol_number});
            ++statistics_.sent;
            ++segments;
            if (e.machine.current_state() != earlier) {
                change_state(i, e.machine.current_state(), true);
            }
            // Connections take turns of a few segments: one with much to send must not hold up the others.
            if (++in_a_row == segments_in_a_row) {
                in_a_row = 0;
                rearm(i);
                sending_.rotate(sendings());
            }
        }
        if (!sending_.empty()) {
            rearm(sending_.front()); // it may have sent before the device was full
        }
        return segments;
    }

    // When time_passes() has something to do; early at times, late by less than a tick of the wheel.
    constexpr instant deadline() const { return wheel_.deadline(); }

    // Tells the connections that are due what time it is.
    template <class Host>
    constexpr void time_passes(Host& host) {
        for (std::uint32_t i = wheel_.expire(host.now(), timers()); i != no_index;
             i = wheel_.expire(host.now(), timers())) {
            outlook const before = look_at(entries_[i].machine);
            entries_[i].machine.time_passes(host.now());
            settle(host, i, before);
        }
    }

    // An ICMP error about a segment of ours. Only an attempt to connect ends by it, and only if the error quotes its
    // SYN (RFC 1122 4.2.3.9; RFC 5927 4 and 5.2: established connections pass over it).
    template <class Host>
    constexpr void network_says(Host& host, view<ipv4::header> const& ours, std::uint8_t type, std::uint8_t code) {
        std::byte const* const quoted = ours.payload().data(); // 8 octets: ports and sequence number
        std::uint32_t const i = find(endpoint{ours[ipv4::source], load_big<std::uint16_t>(quoted)},
                                     endpoint{ours[ipv4::destination], load_big<std::uint16_t>(quoted + 2)});
        if (i == no_index) {
            return;
        }
        ++statistics_.network_errors;
        entry_type& e = entries_[i];
        bool const is_hard = type == icmpv4::type_destination_unreachable &&
                             (code == icmpv4::code_protocol_unreachable || code == icmpv4::code_port_unreachable);
        if (!is_hard || e.machine.current_state() != state::syn_sent ||
            e.machine.info().send_unacknowledged != sequence(load_big<std::uint32_t>(quoted + 4))) {
            return;
        }
        outlook const before = look_at(e.machine);
        e.network_failed = true;
        e.network_failure = code == icmpv4::code_port_unreachable ? socket_error::refused : socket_error::unreachable;
        e.machine.abort(host.now());
        settle(host, i, before);
    }

private:
    using table::chains;
    using table::change_state;
    using table::disown;
    using table::entries_;
    using table::events;
    using table::events_;
    using table::find;
    using table::find_listener;
    using table::finished_;
    using table::half_open_;
    using table::hash_with;
    using table::listener_chains;
    using table::listener_events;
    using table::listener_events_;
    using table::listeners_;
    using table::make;
    using table::places;
    using table::port_key_;
    using table::ports_;
    using table::rearm;
    using table::release;
    using table::sending_;
    using table::sendings;
    using table::serve;
    using table::settings_;
    using table::settle;
    using table::statistics_;
    using table::timers;
    using table::wheel_;

    // A turn of a connection that has much to send.
    static constexpr std::uint32_t segments_in_a_row = 16;

    // ---- finding ----

    constexpr entry_type* held(pool_id id) {
        entry_type* const e = entries_.find(id);
        return e != nullptr && e->role == role::own ? e : nullptr;
    }

    static constexpr socket_error error_of(entry_type const& e, error why) {
        return e.network_failed ? e.network_failure : to_socket_error(why);
    }

    // RFC 6056 3.3.3, algorithm 3: ports follow one another per destination, from a start that peers cannot guess.
    constexpr std::uint16_t free_port(ipv4::address from, endpoint const& to) {
        constexpr std::uint32_t count = 0x1'0000 - first_dynamic_port;
        auto const offset = static_cast<std::uint32_t>(hash_with(port_key_, {from, 0}, to));
        for (std::uint32_t tries = 0; tries < count; ++tries) {
            auto const port = static_cast<std::uint16_t>(first_dynamic_port + (offset + next_port_++) % count);
            if (find({from, port}, to) == no_index && find_listener(port) == no_index) {
                return port;
            }
        }
        return 0;
    }

    constexpr sequence initial_sequence(endpoint const& local, endpoint const& remote, instant now) const {
        return initial_sequence_(local.address.value(), local.port, remote.address.value(), remote.port, now);
    }

    // ---- making and ending ----

    constexpr bool has_place(listener_entry const& listening) const {
        return listening.queued.size() < listening.backlog &&
               (half_open_ < settings_.most_half_open || !listening.half_open.empty());
    }

    // Under a flood of SYNs a handshake has the time that the backlog's worth of them takes; with nobody making way, a
    // few SYNs from nowhere would close a port for minutes.
    constexpr void make_place(listener_entry& listening) {
        if (listening.half_open.size() + listening.queued.size() >= listening.backlog ||
            half_open_ >= settings_.most_half_open) {
            ++statistics_.half_open_ended;
            release(listening.half_open.front());
        }
    }

    // A SYN for a listener. The new connection's numbers begin `beyond`, if that is given.
    template <class Host>
    constexpr void spawn(Host& host, std::uint32_t l, endpoint const& local, endpoint const& remote,
                         view<header> const& segment, std::optional<sequence> beyond) {
        listener_entry& listening = listeners_[l];
        if (!has_place(listening)) {
            ++(listening.queued.size() < listening.backlog ? statistics_.half_open_full : statistics_.listener_full);
            return;
        }
        make_place(listening);
        std::uint32_t const i = make(host, local, remote);
        if (i == no_index) {
            return;
        }
        entry_type& e = entries_[i];
        e.listener = l;
        e.role = role::half_open;
        listening.half_open.push_back(i, places());
        ++half_open_;
        outlook const before = look_at(e.machine);
        sequence const keyed = initial_sequence(local, remote, host.now());
        // It is CLOSED, and port 0 never comes here.
        (void)e.machine.listen(local.port, beyond ? later(*beyond, keyed) : keyed);
        e.machine.segment_arrives(segment, host.now());
        settle(host, i, before);
    }

    // RFC 9293 3.10.7.1: what belongs to no connection is answered by RST, unless it is one.
    template <class Host>
    constexpr void refuse(Host& host, ipv4::received const& packet, view<header> const& segment) {
        if (segment[rst]) {
            return;
        }
        auto& ip = host.template layer<ipv4::tag>();
        ipv4::outgoing const out = ip.begin(host);
        std::size_t const octets = write_reset_for(
            segment, out.payload, ipv4::pseudo_header_sum(packet.destination, packet.source, protocol_number, 0));
        if (octets == 0) {
            ++statistics_.resets_dropped;
            return;
        }
        ip.finish(host, out, octets, {packet.destination, packet.source, protocol_number});
        ++statistics_.resets_sent;
    }

    // Ends a connection in TIME-WAIT if a new SYN may reach the listener instead (RFC 6191, RFC 9293 MAY-2), and
    // answers where the new one's numbers must begin at the earliest: MAY-2 (1), beyond all that the old one used. The
    // clock of initial numbers does not see to that, it is slower than most networks.
    constexpr std::optional<sequence> give_way(std::uint32_t i, view<header> const& segment) {
        entry_type const& e = entries_[i];
        if (e.machine.current_state() != state::time_wait || e.role != role::orphan ||
            !e.machine.may_be_replaced_by(segment)) {
            return std::nullopt;
        }
        std::uint32_t const l = find_listener(e.local.port);
        if (l == no_index || !has_place(listeners_[l])) {
            return std::nullopt;
        }
        sequence const beyond = e.machine.info().send_next + 65'537; // and a largest unscaled window more
        ++statistics_.time_wait_reopened;
        release(i);
        return beyond;
    }

    template <class Host>
    constexpr void abandon(Host& host, std::uint32_t i) {
        outlook const before = look_at(entries_[i].machine);
        disown(i);
        entries_[i].machine.abort(host.now());
        settle(host, i, before);
    }

    initial_sequence_of<Policies> initial_sequence_;
    std::uint32_t next_port_ = 0;
};

} // namespace plywire::tcp
