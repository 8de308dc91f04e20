// TCP for a host: finds the connection that a segment belongs to, makes those that listeners ask for, and gives each
// the device and the time when it needs them. Per segment the work does not depend on the number of connections: a
// keyed hash finds the connection, a list says who wants to send, a timer wheel says who is due. Read RFC 9293 3.10.7
// first. What applications ask for is in tcp_calls.hpp, the tables are in tcp_table.hpp.
#pragma once

#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/machine/reset.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/tcp_calls.hpp>
#include <plywire/protocols/tcp_network_errors.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <type_traits>

namespace plywire::tcp {

// The layer above IPv4. `Policies` are the machine's, and may name `connections`, `listeners` and
// `initial_sequence_numbers` besides. Not for two threads.
//
// What is a template of the host is compiled once for each host in a program: it fetches the time and the MTU, asks the
// device for room, and leaves the rest to functions that do not depend on the host.
template <class Policies = defaults>
class layer : public detail::holder_calls<Policies> {
    using calls = detail::holder_calls<Policies>;
    using typename calls::entry_type;

public:
    using layer_tag = tag;
    using settings_type = settings;
    using policies = Policies;
    static constexpr std::uint8_t protocol_number = ipv4::protocol_tcp;

    constexpr explicit layer(settings const& s)
        : calls(s) {}

    // ---- what needs the host ----

    // Begins to accept connections to a port.
    template <class Host>
    constexpr std::expected<pool_id, socket_error> listen(Host& host, std::uint16_t port,
                                                          listen_options const& options) {
        if (!is_local(host, options.local_address)) {
            return std::unexpected(socket_error::not_local);
        }
        return this->open_passively(port, options);
    }

    // Begins a handshake; the answer comes as a change of state.
    template <class Host>
    constexpr std::expected<pool_id, socket_error> connect(Host& host, endpoint const& to,
                                                           connect_options const& options) {
        auto const& ip = host.template layer<ipv4::tag>();
        if (!is_local(host, options.local_address)) {
            return std::unexpected(socket_error::not_local);
        }
        // RFC 9293 MUST-46: no broadcast, no multicast
        bool const reachable = !ip.is_group(to.address) && ip.has_route(host, to.address);
        if (to.port != 0 && !reachable) {
            return std::unexpected(socket_error::unreachable);
        }
        // RFC 9293 MUST-44: IP says which address it sends from.
        return this->open_actively(ip.address(), to, options, at(host));
    }

    // What a socket's holder reads.
    using calls::receive;

    // A packet for this host (RFC 9293 3.10.7).
    template <class Host>
    constexpr void receive(Host& host, ipv4::received const& packet) {
        bare_segment answer;
        if (!segment_arrives(packet, at(host), answer)) {
            return;
        }
        auto& ip = host.template layer<ipv4::tag>();
        ipv4::outgoing const out = ip.begin(host);
        if (std::size_t const octets = write_answer(answer, packet, out.payload); octets != 0) {
            ip.finish(host, out, octets, {packet.destination, packet.source, protocol_number});
        }
    }

    // Lets connections send, in turn, while the device has room. Returns how many segments.
    template <class Host>
    constexpr std::size_t transmit(Host& host, std::size_t budget) {
        auto& ip = host.template layer<ipv4::tag>();
        std::size_t segments = 0;
        std::uint32_t in_a_row = 0;
        while (wants_to_send() && segments < budget) {
            ipv4::outgoing const out = ip.begin(host);
            if (!out) {
                break;
            }
            if (auto const [octets, flow] = emit_next(out.payload, in_a_row, host.now()); octets != 0) {
                ip.finish(host, out, octets, flow);
                ++segments;
            }
        }
        if (wants_to_send()) {
            rearm(sending_.front()); // it may have sent before the device was full
        }
        return segments;
    }

    // Tells the connections that are due what time it is.
    template <class Host>
    constexpr void time_passes(Host& host) {
        for (ipv4::address peer = time_goes_on(host.now()); !peer.is_unspecified(); peer = time_goes_on(host.now())) {
            host.template layer<ipv4::tag>().doubt(host, peer);
        }
    }

    // An ICMP error about a segment of ours.
    template <class Host>
    constexpr void network_says(Host& host, view<ipv4::header> const& ours, std::uint8_t type, std::uint8_t code) {
        network_error_arrives(ours, type, code, host.now());
    }

    // ---- what the host asks ----

    // Whether transmit() has something to send.
    constexpr bool wants_to_send() const { return !sending_.empty(); }

    // When time_passes() has something to do; early at times, late by less than a tick of the wheel.
    constexpr instant deadline() const { return std::min(wheel_.deadline(), time_waits_.deadline()); }

private:
    using calls::change_state;
    using calls::cookies_;
    using calls::cookies_end_;
    using calls::disown;
    using calls::entries_;
    using calls::find;
    using calls::find_listener;
    using calls::find_time_wait;
    using calls::half_open_;
    using calls::hash_with;
    using calls::initial_sequence;
    using calls::largest_segment;
    using calls::listeners_;
    using calls::make;
    using calls::places;
    using calls::port_key_;
    using calls::rearm;
    using calls::release;
    using calls::sending_;
    using calls::sendings;
    using calls::settings_;
    using calls::settle;
    using calls::statistics_;
    using calls::time_wait_length;
    using calls::time_waits_;
    using calls::timers;
    using calls::timestamp_offset;
    using calls::wheel_;

    // A turn of a connection that has much to send.
    static constexpr std::uint32_t segments_in_a_row = 16;

    // A segment to send, and where it goes; 0 octets: none.
    struct emitted {
        std::size_t octets = 0;
        ipv4::flow flow{};
    };

    template <class Host>
    static constexpr detail::moment at(Host const& host) {
        return {host.now(), host.device().mtu()};
    }

    // Whether it is an address of the host, or left open.
    template <class Host>
    static constexpr bool is_local(Host& host, ipv4::address a) {
        return a.is_unspecified() || a == host.template layer<ipv4::tag>().address();
    }

    // ---- segments ----

    // Whether something answers it that no connection sends: `answer` then.
    constexpr bool segment_arrives(ipv4::received const& packet, detail::moment const& at, bare_segment& answer) {
        // RFC 9293 MUST-57 and MUST-63; sources that are no host never come here.
        if (packet.to_group) {
            ++statistics_.to_group;
            return false;
        }
        auto const parsed = view_if_sound<header>(packet.payload());
        if (parsed.octets().empty() || parsed[source_port] == 0 || parsed[destination_port] == 0) {
            ++statistics_.malformed;
            return false;
        }
        // RFC 9293 MUST-3: whoever has not been told that it is right must sum.
        if (packet.checksum == checksum_state::unverified) {
            internet_sum sum = packet.pseudo_header(protocol_number);
            sum.add(packet.payload());
            if (sum.folded() != 0xffff) {
                ++statistics_.bad_checksum;
                return false;
            }
        }
        incoming const segment = read_segment(parsed);
        endpoint const to{packet.destination, parsed[destination_port]};
        endpoint const from{packet.source, segment.source_port};
        if (std::uint32_t const i = find(to, from); i != no_index) {
            ++statistics_.received;
            outlook const before = look_at(entries_[i].machine);
            entries_[i].machine.segment_arrives(segment, at.now);
            settle(i, before, at.now);
            return false;
        }
        std::uint32_t const l = find_listener(to);
        sequence earliest{};
        sequence const* beyond = nullptr; // where the numbers of a new connection begin at the earliest
        if (std::uint32_t const w = find_time_wait(to, from); w != no_index) {
            // A SYN for a listener is another connection's. RFC 6191 section 2: it is taken, or dropped in silence.
            bool const asks = l != no_index && segment.has_syn && !segment.has_ack && !segment.has_rst;
            if (!asks) {
                return arrives_in_time_wait(w, to, from, segment, at.now, answer);
            }
            if (!give_way(w, l, segment, earliest)) {
                ++statistics_.received;
                return false;
            }
            beyond = &earliest;
        }
        // RFC 9293 3.10.7.2, LISTEN: RST is passed over, ACK is answered by RST, SYN makes a connection.
        if (l != no_index && !segment.has_rst && !segment.has_ack) {
            ++statistics_.received;
            if (!segment.has_syn) {
                return false;
            }
            if (uses_syn_cookies<Policies> && beyond == nullptr && is_under_pressure(listeners_[l])) {
                answer = answer_by_cookie(to, from, segment, at);
                return true;
            }
            spawn(l, to, from, segment, beyond, at);
            return false;
        }
        if (uses_syn_cookies<Policies> && l != no_index && brings_cookie_back(l, to, from, segment, at)) {
            return false;
        }
        ++statistics_.no_connection;
        if (segment.has_rst) {
            return false;
        }
        answer = reset_for(parsed, segment, Policies::resets::echoes_timestamps); // RFC 9293 3.10.7.1
        return true;
    }

    constexpr std::size_t write_answer(bare_segment const& answer, ipv4::received const& packet, mutable_bytes room) {
        std::size_t const octets =
            write_bare(answer, room, ipv4::pseudo_header_sum(packet.destination, packet.source, protocol_number, 0));
        if (answer.has_rst) {
            ++(octets == 0 ? statistics_.resets_dropped : statistics_.resets_sent);
        } else {
            ++(octets == 0 ? statistics_.answers_dropped : statistics_.answers_sent);
        }
        return octets;
    }

    // A segment for a TIME-WAIT that nobody holds; true when `answer` answers it.
    constexpr bool arrives_in_time_wait(std::uint32_t w, endpoint const& local, endpoint const& remote,
                                        incoming const& segment, instant now, bare_segment& answer) {
        ++statistics_.received;
        time_wait_block& block = time_waits_[w];
        auto const todo = segment_arrives_in_time_wait(block, segment, now, Policies::ignore_resets_in_time_wait);
        if (todo.end) {
            time_waits_.erase(w);
            return false;
        }
        if (todo.restart) {
            time_waits_.restart(w, now, time_wait_length);
        }
        if (!todo.acknowledge) {
            return false;
        }
        answer = {.source_port = local.port,
                  .destination_port = remote.port,
                  .number = block.send_next,
                  .acknowledgment = block.receive_next,
                  .has_ack = true,
                  .has_timestamps = block.stamped != 0,
                  .window = block.window,
                  .timestamp_echo = block.recent};
        if (answer.has_timestamps) {
            typename Policies::timestamps stamps{};
            stamps.configure(timestamp_offset(local, remote));
            answer.timestamp_value = stamps.clock(now);
        }
        return true;
    }

    // ---- sending and time ----

    // Lets the connection whose turn it is send a segment.
    constexpr emitted emit_next(mutable_bytes room, std::uint32_t& in_a_row, instant now) {
        std::uint32_t const i = sending_.front();
        entry_type& e = entries_[i];
        state const earlier = e.machine.current_state();
        emitted const sent{
            e.machine.emit(room, ipv4::pseudo_header_sum(e.local.address, e.remote.address, protocol_number, 0), now),
            {e.local.address, e.remote.address, protocol_number, e.marks.diffserv, e.marks.time_to_live}};
        if (sent.octets == 0) {
            in_a_row = 0;
            sending_.remove(i, sendings());
            rearm(i);
            if (earlier == state::closed || earlier == state::time_wait) {
                change_state(i, earlier, false, now); // its RST has gone out, or its last ACK
            }
            return sent;
        }
        ++statistics_.sent;
        if (e.machine.current_state() != earlier) {
            change_state(i, e.machine.current_state(), true, now);
        }
        // Connections take turns of a few segments: one with much to send must not hold up the others.
        if (++in_a_row == segments_in_a_row) {
            in_a_row = 0;
            rearm(i);
            sending_.rotate(sendings());
        }
        return sent;
    }

    // Answers a peer of whom nothing comes back any more: IP is to look for another way (RFC 9293 MUST-20), and then
    // there may be more to do. No address: that was all.
    constexpr ipv4::address time_goes_on(instant now) {
        for (std::uint32_t i = wheel_.expire(now, timers()); i != no_index; i = wheel_.expire(now, timers())) {
            entry_type& e = entries_[i];
            ipv4::address const peer = e.remote.address;
            outlook const before = look_at(e.machine);
            e.machine.time_passes(now);
            bool const in_doubt = e.machine.delivery_is_in_doubt();
            settle(i, before, now);
            if (in_doubt) {
                return peer;
            }
        }
        time_waits_.expire(now);
        return {};
    }

    // An ICMP error about a segment of ours: for the connection that it quotes and no other (RFC 9293 MUST-54). What it
    // does there, if anything, the machine says (RFC 5927).
    constexpr void network_error_arrives(view<ipv4::header> const& ours, std::uint8_t type, std::uint8_t code,
                                         instant now) {
        std::byte const* const quoted = ours.payload().data(); // 8 octets: ports and sequence number
        std::uint32_t const i = find(endpoint{ours[ipv4::source], load_big<std::uint16_t>(quoted)},
                                     endpoint{ours[ipv4::destination], load_big<std::uint16_t>(quoted + 2)});
        if (i == no_index) {
            return;
        }
        ++statistics_.network_errors;
        outlook const before = look_at(entries_[i].machine);
        entries_[i].machine.network_error(detail::meaning_of(type, code), sequence(load_big<std::uint32_t>(quoted + 4)),
                                          now);
        settle(i, before, now);
    }

    // ---- handshakes without memory ----

    // Too many are half-open for one more, but somebody accepts those that are complete.
    constexpr bool is_under_pressure(listener_entry const& listening) const {
        return listening.queued.size() < listening.backlog &&
               (listening.half_open.size() + listening.queued.size() >= listening.backlog ||
                half_open_ >= settings_.most_half_open);
    }

    constexpr std::uint64_t flow_of(endpoint const& local, endpoint const& remote) const {
        return hash_with(port_key_, remote, local);
    }

    // The SYN,ACK of RFC 4987 3.6: its number holds the peer's segment size, its timestamp, if there is one, what else
    // the peer has offered. Options that there is no place for are not agreed on.
    constexpr bare_segment answer_by_cookie(endpoint const& local, endpoint const& remote, incoming const& segment,
                                            detail::moment const& at) {
        ++statistics_.cookies_sent;
        cookies_end_ = at.now + syn_cookie_generator::longest_life;
        auto const buffer = static_cast<std::uint32_t>(receive_capacity()); // at most largest_buffer
        bare_segment answer{.source_port = local.port,
                            .destination_port = remote.port,
                            .number =
                                cookies_.make(flow_of(local, remote), segment.number, segment.segment_size, at.now),
                            .acknowledgment = segment.number + 1,
                            .has_syn = true,
                            .has_ack = true,
                            .has_timestamps = Policies::timestamps::offered && segment.has_timestamps,
                            .segment_size = std::max(largest_segment(at), smallest_segment_size)};
        std::uint32_t const full = answer.segment_size - (answer.has_timestamps ? timestamps_octets : 0U);
        answer.window = static_cast<std::uint16_t>(Policies::window::first(buffer, full)); // as the machine will say
        if (!answer.has_timestamps) {
            return answer;
        }
        stamped_options const agreed{.permits_sack = Policies::selective_acknowledgments && segment.permits_sack,
                                     .scales_window = Policies::window_scaling && segment.scales_window,
                                     .window_shift = segment.window_shift};
        typename Policies::timestamps stamps{};
        stamps.configure(timestamp_offset(local, remote));
        answer.timestamp_value = agreed.in(stamps.clock(at.now));
        answer.timestamp_echo = segment.timestamp_value;
        answer.permits_sack = agreed.permits_sack;
        answer.scales_window = agreed.scales_window;
        answer.window_shift = Policies::window::least_shift;
        while (answer.window_shift < largest_window_scale && buffer >> answer.window_shift > 0xffff) {
            ++answer.window_shift;
        }
        return answer;
    }

    // Octets of a connection's receive buffer.
    constexpr std::size_t receive_capacity() const {
        using storage = typename Policies::receive_storage;
        if constexpr (std::is_constructible_v<storage, std::size_t>) {
            return storage(std::size_t{std::min(settings_.connection.receive_buffer, largest_buffer)}).capacity();
        } else {
            return storage{}.capacity();
        }
    }

    // Whether the segment acknowledges a cookie of this host; then it has been dealt with. RFC 4987 3.6: ACK-1 is
    // checked, and an old cookie is none.
    constexpr bool brings_cookie_back(std::uint32_t l, endpoint const& local, endpoint const& remote,
                                      incoming const& segment, detail::moment const& at) {
        if (at.now >= cookies_end_ || !segment.has_ack || segment.has_syn || segment.has_rst) {
            return false;
        }
        sequence const cookie = segment.acknowledgment - 1;
        auto const size = cookies_.check(flow_of(local, remote), segment.number - 1, cookie, at.now);
        if (!size) {
            return false;
        }
        ++statistics_.received;
        listener_entry& listening = listeners_[l];
        if (listening.queued.size() >= listening.backlog) { // the peer thinks that it is connected, and will ask again
            ++statistics_.listener_full;
            return true;
        }
        std::uint32_t const i = make_for(l, local, remote, at);
        if (i == no_index) {
            return true;
        }
        auto const agreed = stamped_options::of(segment.timestamp_echo);
        incoming const first{.number = segment.number - 1,
                             .has_syn = true,
                             .has_timestamps = segment.has_timestamps,
                             .permits_sack = segment.has_timestamps && agreed.permits_sack,
                             .scales_window = segment.has_timestamps && agreed.scales_window,
                             .window_shift = agreed.window_shift,
                             .segment_size = *size,
                             .timestamp_value = segment.timestamp_value,
                             .source_port = remote.port};
        connection<Policies>& machine = entries_[i].machine;
        outlook const before = look_at(machine);
        (void)machine.listen(local.port, cookie);
        // The handshake once more, as the machine would have done it; what it writes has been sent already. Twice,
        // since nobody knows when: what has been sent again is not measured (Karn).
        std::array<std::byte, header::size + 40> unsent{};
        for (int times = 0; times < 2; ++times) {
            machine.segment_arrives(first, at.now);
            (void)machine.emit(unsent, {}, at.now);
        }
        machine.segment_arrives(segment, at.now);
        ++statistics_.cookies_accepted;
        settle(i, before, at.now);
        return true;
    }

    // ---- making connections ----

    constexpr bool has_place(listener_entry const& listening) const {
        if (uses_syn_cookies<Policies>) {
            return listening.queued.size() < listening.backlog && !is_under_pressure(listening);
        }
        return listening.queued.size() < listening.backlog &&
               (half_open_ < settings_.most_half_open || !listening.half_open.empty());
    }

    // Without cookies: under a flood of SYNs a handshake has the time that the backlog's worth of them takes; with
    // nobody making way, a few SYNs from nowhere would close a port for minutes.
    constexpr void make_place(listener_entry& listening) {
        if (listening.half_open.size() + listening.queued.size() >= listening.backlog ||
            half_open_ >= settings_.most_half_open) {
            ++statistics_.half_open_ended;
            release(listening.half_open.front());
        }
    }

    // A half-open connection of a listener, its machine CLOSED; no_index when there is no room.
    constexpr std::uint32_t make_for(std::uint32_t l, endpoint const& local, endpoint const& remote,
                                     detail::moment const& at) {
        std::uint32_t const i = make(local, remote, at);
        if (i == no_index) {
            return i;
        }
        entry_type& e = entries_[i];
        e.listener = l;
        e.marks = listeners_[l].marks;
        e.role = role::half_open;
        listeners_[l].half_open.push_back(i, places());
        ++half_open_;
        return i;
    }

    // A SYN for a listener. The new connection's numbers begin `beyond` at the earliest, if that is given.
    constexpr void spawn(std::uint32_t l, endpoint const& local, endpoint const& remote, incoming const& segment,
                         sequence const* beyond, detail::moment const& at) {
        listener_entry& listening = listeners_[l];
        if (!has_place(listening)) {
            ++(listening.queued.size() < listening.backlog ? statistics_.half_open_full : statistics_.listener_full);
            return;
        }
        make_place(listening);
        std::uint32_t const i = make_for(l, local, remote, at);
        if (i == no_index) {
            return;
        }
        entry_type& e = entries_[i];
        outlook const before = look_at(e.machine);
        sequence const keyed = initial_sequence(local, remote, at.now);
        // It is CLOSED, and port 0 never comes here.
        (void)e.machine.listen(local.port, beyond != nullptr ? later(*beyond, keyed) : keyed);
        e.machine.segment_arrives(segment, at.now);
        settle(i, before, at.now);
    }

    // Ends a TIME-WAIT if a new SYN may reach the listener instead (RFC 6191, RFC 9293 MAY-2), and says where the
    // new one's numbers begin at the earliest: MAY-2 (1), beyond all that the old one used. The clock of initial
    // numbers does not see to that, it is slower than most networks.
    constexpr bool give_way(std::uint32_t w, std::uint32_t l, incoming const& segment, sequence& beyond) {
        time_wait_block const& old = time_waits_[w];
        if (!has_place(listeners_[l]) ||
            !may_reopen(Policies::timestamps::offered, old.stamped != 0, old.recent, old.receive_next, segment)) {
            return false;
        }
        beyond = old.send_next + 65'537; // and a largest unscaled window more
        ++statistics_.time_wait_reopened;
        time_waits_.erase(w);
        return true;
    }
};

} // namespace plywire::tcp
