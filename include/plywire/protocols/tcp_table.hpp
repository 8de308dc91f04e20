// The connections of a TCP layer: where they lie, how segments, time and the device find them, and what is to be done
// after each event. tcp_layer.hpp says which events there are.
#pragma once

#include <plywire/base/siphash.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/machine/syn_cookies.hpp>
#include <plywire/protocols/tcp_entry.hpp>
#include <plywire/protocols/tcp_settings.hpp>
#include <plywire/protocols/tcp_time_waits.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp::detail {

// What the host says when something happens. Nothing else here depends on what host it is.
struct moment {
    instant now{};
    std::size_t mtu = 0; // octets of an IP packet
};

// Pools of connections and listeners with all the lists that they are in. Not for two threads.
template <class Policies>
class connection_table {
protected:
    using entry_type = entry<Policies>;
    static constexpr duration time_wait_length = 2 * Policies::waiting::maximum_segment_lifetime;
    static constexpr std::size_t headers_octets = ipv4::header::size + header::size;

    constexpr explicit connection_table(settings const& s)
        : settings_(s)
        , initial_sequence_(s.secret.key())
        , table_key_(s.secret.derived(1))
        , port_key_(s.secret.derived(2))
        , cookies_(s.secret.derived(3)) {}

    // ---- finding ----

    [[gnu::noinline]] static constexpr std::uint64_t hash_with(siphash_key key, endpoint const& a, endpoint const& b) {
        return siphash_2_4_words(key, std::uint64_t{a.address.value()} << 32 | b.address.value(),
                                 std::uint64_t{a.port} << 16 | b.port);
    }
    constexpr std::uint32_t hash_of(endpoint const& local, endpoint const& remote) const {
        return static_cast<std::uint32_t>(hash_with(table_key_, local, remote));
    }

    constexpr std::uint32_t find(endpoint const& local, endpoint const& remote) {
        auto const is_it = [&](std::uint32_t i) { return entries_[i].remote == remote && entries_[i].local == local; };
        // Segments come in trains: the connection of the last one needs no hash.
        if (entries_.is_in_use(last_found_) && entries_[last_found_].in_table && is_it(last_found_)) {
            return last_found_;
        }
        std::uint32_t const i = table_.find(hash_of(local, remote), chains(), is_it);
        last_found_ = i == no_index ? last_found_ : i;
        return i;
    }

    // RFC 7323 5.4: each pair of endpoints has its own timestamp clock.
    constexpr std::uint32_t timestamp_offset(endpoint const& local, endpoint const& remote) const {
        return static_cast<std::uint32_t>(hash_with(port_key_, local, remote) >> 32);
    }

    // The TIME-WAIT of a pair of endpoints that has no connection.
    constexpr std::uint32_t find_time_wait(endpoint const& local, endpoint const& remote) {
        return time_waits_.empty() ? no_index : time_waits_.find(hash_of(local, remote), local, remote);
    }

    constexpr bool is_taken(endpoint const& local, endpoint const& remote) {
        return find(local, remote) != no_index || find_time_wait(local, remote) != no_index;
    }

    // Ports are their own hash: which are listened on is this host's choice, not its peers'.
    constexpr std::uint32_t find_listener(std::uint16_t port) {
        return ports_.find(port, listener_chains(), [&](std::uint32_t l) { return listeners_[l].port == port; });
    }
    // The one that takes connections to this address too.
    constexpr std::uint32_t find_listener(endpoint const& local) {
        std::uint32_t const l = find_listener(local.port);
        bool const takes_it =
            l != no_index && (listeners_[l].address.is_unspecified() || listeners_[l].address == local.address);
        return takes_it ? l : no_index;
    }

    constexpr sequence initial_sequence(endpoint const& local, endpoint const& remote, instant now) const {
        return initial_sequence_(local.address.value(), local.port, remote.address.value(), remote.port, now);
    }

    // The segment size that is announced: what fits into a packet, and not more than the settings say.
    constexpr std::uint16_t largest_segment(moment const& at) const {
        std::size_t const largest = at.mtu > headers_octets ? at.mtu - headers_octets : 0;
        return static_cast<std::uint16_t>(std::min<std::size_t>(settings_.maximum_segment_size, largest));
    }

    // ---- making and ending ----

    // A configured machine in the table, CLOSED; no_index when there is no room.
    constexpr std::uint32_t make(endpoint const& local, endpoint const& remote, moment const& at) {
        std::uint32_t const i = entries_.acquire();
        if (i == no_index) {
            ++statistics_.no_room;
            return no_index;
        }
        entry_type& e = entries_[i];
        e.local = local;
        e.remote = remote;
        connection_settings s = settings_.connection;
        s.maximum_segment_size = largest_segment(at);
        s.timestamp_offset = timestamp_offset(local, remote);
        e.machine.configure(s);
        if (!table_.insert(hash_of(local, remote), i, chains())) {
            entries_.release(i);
            ++statistics_.no_room;
            return no_index;
        }
        e.in_table = true;
        return i;
    }

    // Whoever waited for the connection does so no more.
    [[gnu::noinline]] constexpr void disown(std::uint32_t i) {
        entry_type& e = entries_[i];
        if (e.role == role::half_open) {
            listeners_[e.listener].half_open.remove(i, places());
            --half_open_;
        } else if (e.role == role::queued) {
            listeners_[e.listener].queued.remove(i, places());
        }
        events_.remove(i, events());
        e.listener = no_index;
        e.role = role::orphan;
    }

    // Takes a connection out of the tables by which segments and time find it.
    [[gnu::noinline]] constexpr void retire(std::uint32_t i) {
        entry_type& e = entries_[i];
        if (e.in_table) {
            table_.erase(i, chains());
            e.in_table = false;
        }
        wheel_.cancel(i, timers());
        sending_.remove(i, sendings());
    }

    // Ends a connection that nobody holds any more; the peer is told so by a reset.
    [[gnu::noinline]] constexpr void abandon(std::uint32_t i, instant now) {
        outlook const before = look_at(entries_[i].machine);
        disown(i);
        entries_[i].machine.abort(now);
        settle(i, before, now);
    }

    // Forgets a connection.
    constexpr void release(std::uint32_t i) {
        retire(i);
        disown(i);
        entries_[i] = entry_type{};
        entries_.release(i);
    }

    // ---- after every event ----

    // A connection was told something: see to its wishes, its timer and its holder.
    constexpr void settle(std::uint32_t i, outlook const& before, instant now) {
        serve(i, now);
        entry_type& e = entries_[i];
        state const now_in = e.machine.current_state();
        if (now_in != before.state || now_in == state::closed || now_in == state::time_wait) {
            change_state(i, now_in, now_in != before.state, now);
        } else if (e.role == role::own &&
                   (e.machine.unread() > before.unread || (!before.writable && e.machine.writable()) ||
                    (!before.has_advice && e.machine.has_advice()))) {
            events_.push_back(i, events());
        }
    }

    // The same after a call by the holder, who needs no telling.
    constexpr void serve(std::uint32_t i, instant now) {
        if (!entries_[i].sending.is_linked() && entries_[i].machine.wants_to_send(now)) {
            sending_.push_back(i, sendings());
        }
        rearm(i);
    }

    [[gnu::noinline]] constexpr void change_state(std::uint32_t i, state now_in, bool changed, instant now) {
        entry_type& e = entries_[i];
        if (now_in == state::listen) {
            return release(i); // the handshake failed: the listener itself is elsewhere
        }
        if (e.role == role::half_open && now_in == state::closed) {
            disown(i);
        } else if (e.role == role::half_open && now_in != state::syn_received) {
            std::uint32_t const l = e.listener;
            disown(i);
            e.listener = l;
            e.role = role::queued;
            listeners_[l].queued.push_back(i, places());
            listener_events_.push_back(l, listener_events());
            ++statistics_.accepted;
        } else if (e.role == role::own && changed) {
            events_.push_back(i, events());
        }
        if (e.machine.finished()) {
            // A holder keeps what it has not read, or why the connection failed.
            e.role == role::orphan ? release(i) : retire(i);
        } else if (now_in == state::time_wait && e.role == role::orphan && !e.sending.is_linked()) {
            shrink_to_time_wait(i, now);
        }
    }

    // A connection in TIME-WAIT that nobody holds and that has said what it had to: little of it is needed any more.
    // 2 MSL begin anew for it, so that the table stays in order; that matters where a holder has kept it for long.
    constexpr void shrink_to_time_wait(std::uint32_t i, instant now) {
        entry_type const& e = entries_[i];
        endpoint const local = e.local;
        endpoint const remote = e.remote;
        time_wait_block const block = e.machine.as_time_wait();
        release(i);
        while (!time_waits_.empty() && time_waits_.size() >= settings_.most_time_waits) {
            ++statistics_.time_wait_ended; // What numbers it used is forgotten with it.
            time_waits_.erase(time_waits_.oldest());
        }
        if (settings_.most_time_waits == 0 || keep_time_wait(local, remote, block, now)) {
            return;
        }
        ++statistics_.time_wait_ended;
        if (!time_waits_.empty()) {
            time_waits_.erase(time_waits_.oldest());
            (void)keep_time_wait(local, remote, block, now);
        }
    }

    constexpr bool keep_time_wait(endpoint const& local, endpoint const& remote, time_wait_block const& block,
                                  instant now) {
        return time_waits_.insert(hash_of(local, remote), local, remote, block, now, time_wait_length);
    }

    // The wheel may wake a connection early, for a time that no longer holds; it is cheaper to let it than to move the
    // timer with every segment.
    constexpr void rearm(std::uint32_t i) {
        instant const due = entries_[i].machine.deadline();
        if (due != instant::never()) {
            wheel_.arm_no_later(i, due, timers());
        }
    }

    // ---- the links of the tables ----

    constexpr auto chains() {
        return [this](std::uint32_t i) -> chain_link& { return entries_[i].chain; };
    }
    constexpr auto timers() {
        return [this](std::uint32_t i) -> timer_link& { return entries_[i].timer; };
    }
    constexpr auto sendings() {
        return [this](std::uint32_t i) -> list_link& { return entries_[i].sending; };
    }
    constexpr auto events() {
        return [this](std::uint32_t i) -> list_link& { return entries_[i].event; };
    }
    constexpr auto places() {
        return [this](std::uint32_t i) -> list_link& { return entries_[i].place; };
    }
    constexpr auto listener_chains() {
        return [this](std::uint32_t l) -> chain_link& { return listeners_[l].chain; };
    }
    constexpr auto listener_events() {
        return [this](std::uint32_t l) -> list_link& { return listeners_[l].event; };
    }

    settings settings_;
    initial_sequence_of<Policies> initial_sequence_;
    siphash_key table_key_;
    siphash_key port_key_;
    syn_cookie_generator cookies_;
    instant cookies_end_{}; // from then on no cookie that was sent can be good
    pool<entry_type, connections_of<Policies>> entries_{};
    pool<listener_entry, listeners_of<Policies>> listeners_{};
    hash_index<typename connections_of<Policies>::heads> table_{}; // by four-tuple
    hash_index<typename listeners_of<Policies>::heads> ports_{};   // listeners
    time_wait_table<time_waits_of<Policies>> time_waits_{};
    timer_wheel<> wheel_{};
    std::uint32_t last_found_ = no_index;
    index_list sending_{};
    index_list events_{};
    index_list listener_events_{};
    std::uint32_t half_open_ = 0;
    tcp::statistics statistics_{};
};

} // namespace plywire::tcp::detail
