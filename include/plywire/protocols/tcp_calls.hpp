// What applications ask of the TCP layer of a host: listen, accept, send, receive, close. Nothing here depends on what
// host it is: the time and the MTU are told. Read RFC 9293 3.10.1 to 3.10.6 first.
#pragma once

#include <plywire/protocols/socket_error.hpp>
#include <plywire/protocols/tcp_table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

namespace plywire::tcp::detail {

// Handles are checked: one that names nothing is answered by socket_error::closed. Not for two threads.
template <class Policies>
class holder_calls : protected connection_table<Policies> {
protected:
    using table = connection_table<Policies>;
    using table::abandon;
    using table::disown;
    using table::entries_;
    using table::events;
    using table::events_;
    using table::find_listener;
    using table::half_open_;
    using table::hash_with;
    using table::initial_sequence;
    using table::is_taken;
    using table::listener_chains;
    using table::listener_events;
    using table::listener_events_;
    using table::listeners_;
    using table::make;
    using table::places;
    using table::port_key_;
    using table::ports_;
    using table::release;
    using table::serve;
    using table::settings_;
    using table::settle;
    using table::statistics_;
    using table::time_waits_;
    using typename table::entry_type;

    constexpr explicit holder_calls(settings const& s)
        : table(s) {}

public:
    // The host's time, read by the sockets, so that they are of the same type on every host. Lives as long as the
    // layer.
    constexpr void read_time_from(instant const& clock) { clock_ = &clock; }
    constexpr instant now() const { return *clock_; }

    constexpr tcp::statistics const& statistics() const { return statistics_; }
    // Connections in any state, TIME-WAIT included.
    constexpr std::uint32_t connections() const { return entries_.in_use() + time_waits_.size(); }
    // TIME-WAITs that nobody holds any more.
    constexpr std::uint32_t time_waits() const { return time_waits_.size(); }
    constexpr std::uint32_t half_open() const { return half_open_; }

    // ---- listeners ----

    // Passive OPEN (RFC 9293 3.10.1). The caller has seen that the local address is this host's. Only other listeners
    // are in the way of it: connections of the same port are not (MUST-41 and MUST-42).
    constexpr std::expected<pool_id, socket_error> open_passively(std::uint16_t port, listen_options const& options) {
        if (port == 0 || !exist(options.marks)) {
            return std::unexpected(socket_error::invalid);
        }
        if (find_listener(port) != no_index) {
            return std::unexpected(socket_error::in_use);
        }
        std::uint32_t const l = listeners_.acquire();
        if (l == no_index) {
            return std::unexpected(socket_error::no_room);
        }
        listeners_[l] = {.port = port,
                         .marks = options.marks,
                         .address = options.local_address,
                         .backlog = std::max<std::uint32_t>(1, options.backlog)};
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
    constexpr void close_listener(pool_id id, instant now) {
        listener_entry* const l = listeners_.find(id);
        if (l == nullptr) {
            return;
        }
        while (!l->half_open.empty() || !l->queued.empty()) {
            abandon(l->half_open.empty() ? l->queued.front() : l->half_open.front(), now);
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

    // Active OPEN (RFC 9293 3.10.1) from an address of this host; the answer comes as a change of state. The caller has
    // seen that there is a way to the peer. The connection keeps the address whatever happens (MUST-45).
    constexpr std::expected<pool_id, socket_error> open_actively(ipv4::address from, endpoint const& to,
                                                                 connect_options const& options, moment const& at) {
        if (to.port == 0 || !exist(options.marks)) {
            return std::unexpected(socket_error::invalid);
        }
        endpoint const local{from, options.local_port != 0 ? options.local_port : free_port(from, to)};
        if (local.port == 0 || is_taken(local, to)) {
            return std::unexpected(local.port == 0 ? socket_error::no_room : socket_error::in_use);
        }
        std::uint32_t const i = make(local, to, at);
        if (i == no_index) {
            return std::unexpected(socket_error::no_room);
        }
        entry_type& e = entries_[i];
        outlook const before = look_at(e.machine);
        if (auto const opened = e.machine.open(local.port, to.port, initial_sequence(local, to, at.now), at.now);
            !opened) {
            release(i);
            return std::unexpected(to_socket_error(opened.error()));
        }
        e.role = role::own;
        e.marks = options.marks;
        ++statistics_.opened;
        settle(i, before, at.now);
        return entries_.id_of(i);
    }

    // Octets taken, at least 1 unless `octets` is empty; would_block when the buffer is full.
    constexpr std::expected<std::size_t, socket_error> send(pool_id id, bytes_view octets, instant now) {
        entry_type* const e = held(id);
        if (e == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        if (octets.empty()) {
            return 0;
        }
        return has_taken(id, octets, e->machine.send(octets, now), now);
    }

    // Octets given, at least 1 unless `room` is empty.
    constexpr std::expected<std::size_t, socket_error> receive(pool_id id, mutable_bytes room, instant now) {
        entry_type* const e = held(id);
        if (e == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        auto const given = e->machine.receive(room, now);
        if (!given) {
            return std::unexpected(to_socket_error(given.error()));
        }
        serve(id.index, now); // it may have a larger window to announce
        return *given;
    }

    // Sends no more; what is queued still goes out, and receiving goes on. not_connected in SYN-SENT: there CLOSE would
    // throw away what is queued (RFC 9293 3.10.4).
    constexpr std::expected<void, socket_error> shutdown(pool_id id, instant now) {
        entry_type* const e = held(id);
        if (e == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        outlook const before = look_at(e->machine);
        if (before.state == state::syn_sent) {
            return std::unexpected(socket_error::not_connected);
        }
        auto const closed = e->machine.close(now);
        if (!closed) {
            return std::unexpected(to_socket_error(closed.error()));
        }
        settle(id.index, before, now);
        return {};
    }

    // The holder is gone: the connection is aborted when data is unread, else closed, and finishes by itself.
    constexpr void close(pool_id id, instant now) {
        if (entry_type* const e = held(id)) {
            outlook const before = look_at(e->machine);
            disown(id.index);
            e->machine.detach(now);
            settle(id.index, before, now);
        }
    }

    // The holder is gone, and the peer is told so by a reset.
    constexpr void abort(pool_id id, instant now) {
        if (held(id) != nullptr) {
            abandon(id.index, now);
        }
    }

    // The same as send(), and the peer is told that it is urgent (RFC 9293 MUST-30).
    constexpr std::expected<std::size_t, socket_error> send_urgent(pool_id id, bytes_view octets, instant now) {
        entry_type* const e = held(id);
        if (e == nullptr) {
            return std::unexpected(socket_error::closed);
        }
        return has_taken(id, octets, e->machine.send_urgent(octets, now), now);
    }

    // The next soft error report (RFC 9293 MUST-47).
    constexpr std::optional<advice> next_advice(pool_id id) {
        entry_type* const e = held(id);
        return e == nullptr ? std::nullopt : e->machine.next_advice();
    }

    // `change(machine)` for the connection that a socket holds; then its timer and what it has to send are seen to.
    template <class Change>
    constexpr void change_machine(pool_id id, instant now, Change const& change) {
        if (entry_type* const e = held(id)) {
            change(e->machine);
            serve(id.index, now);
        }
    }

    // Nagle's algorithm off (true) or on.
    constexpr void set_no_delay(pool_id id, bool on, instant now) {
        if (entry_type* const e = held(id)) {
            e->machine.set_no_delay(on, now);
            serve(id.index, now);
        }
    }

    // The code point that its packets bear (RFC 9293 MUST-48) and the hops that they may go (MUST-49) from now on.
    // invalid for what does not exist.
    constexpr std::expected<void, socket_error> set_marks(pool_id id, packet_marks const& marks) {
        entry_type* const e = held(id);
        if (e == nullptr || !exist(marks)) {
            return std::unexpected(e == nullptr ? socket_error::closed : socket_error::invalid);
        }
        e->marks = marks;
        return {};
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

protected:
    // The connection that a socket holds, nullptr when the handle names none.
    constexpr entry_type* held(pool_id id) {
        entry_type* const e = entries_.find(id);
        return e != nullptr && e->role == role::own ? e : nullptr;
    }

private:
    // What SEND has answered, as a socket says it.
    constexpr std::expected<std::size_t, socket_error>
    has_taken(pool_id id, bytes_view octets, std::expected<std::size_t, error> const& taken, instant now) {
        if (!taken) {
            return std::unexpected(to_socket_error(taken.error()));
        }
        if (*taken == 0 && !octets.empty()) {
            return std::unexpected(socket_error::would_block);
        }
        serve(id.index, now);
        return *taken;
    }

    // RFC 2474 3: six bits.
    static constexpr bool exist(packet_marks const& marks) { return marks.diffserv < 64; }

    // RFC 6056 3.3.3, algorithm 3: ports follow one another per destination, from a start that peers cannot guess. 0
    // when none is left that makes a new pair of endpoints.
    constexpr std::uint16_t free_port(ipv4::address from, endpoint const& to) {
        std::uint32_t const first = std::max<std::uint32_t>(1, settings_.first_ephemeral_port);
        std::uint32_t const last = settings_.last_ephemeral_port;
        std::uint32_t const count = last >= first ? last - first + 1 : 0;
        auto const offset = static_cast<std::uint32_t>(hash_with(port_key_, {from, 0}, to));
        for (std::uint32_t tries = 0; tries < count; ++tries) {
            auto const port = static_cast<std::uint16_t>(first + (offset + next_port_++) % count);
            if (!is_taken({from, port}, to) && find_listener(port) == no_index) {
                return port;
            }
        }
        return 0;
    }

    instant const* clock_ = nullptr;
    std::uint32_t next_port_ = 0;
};

} // namespace plywire::tcp::detail
