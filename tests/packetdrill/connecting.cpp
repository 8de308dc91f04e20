// connect(), and what else makes a connection: MSG_FASTOPEN, and the first send() after TCP_FASTOPEN_CONNECT.
#include "sockets.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <optional>

namespace plywire::packetdrill {

namespace {

bool is_open(tcp::state s) {
    return s != tcp::state::closed && s != tcp::state::listen && s != tcp::state::syn_sent &&
           s != tcp::state::syn_received;
}

// net.ipv4.tcp_fastopen: clients may.
constexpr std::int64_t fast_open_for_clients = 1;

// What the device carries.
constexpr std::uint16_t path_segment = 1460;

} // namespace

std::expected<endpoint, int> sockets::read_address(sockaddr const* address, socklen_t length) {
    if (address == nullptr || length < sizeof(sockaddr_in)) {
        return std::unexpected(-EINVAL);
    }
    sockaddr_in in;
    std::memcpy(&in, address, sizeof in);
    if (in.sin_family != AF_INET) {
        return std::unexpected(-EAFNOSUPPORT);
    }
    return endpoint{ipv4::address::from_value(ntohl(in.sin_addr.s_addr)), ntohs(in.sin_port)};
}

bool sockets::clients_may_open_fast() const {
    return (world_.settings().number("net.ipv4.tcp_fastopen", 1) & fast_open_for_clients) != 0;
}

bool sockets::knows_cookie_of(endpoint const& peer) const { return cookies_.contains(peer.address.value()); }

answer sockets::open(socket_state& s, endpoint const& to, bool fast) {
    auto const id = world_.host().connect(to, s.local_port);
    if (!id) {
        return -to_errno(id.error());
    }
    s.is = kind::connecting;
    s.id = *id;
    s.remote = to;
    if (fast) {
        auto const known = cookies_.find(to.address.value());
        world_.host().open_fast(*id, known == cookies_.end() ? tcp::fast_open_cookie{} : known->second);
        s.awaits_cookie = true;
    }
    apply_options(s);
    return 0;
}

void sockets::look_for_cookie(socket_state& s) {
    if (!s.awaits_cookie) {
        return;
    }
    if (auto const given = world_.host().given_cookie(s.id)) {
        cookies_[s.remote.address.value()] = *given;
        s.awaits_cookie = false;
    }
}

std::optional<answer> sockets::established(socket_state& s) {
    connection_facts const f = facts(s);
    if (is_open(f.info.current)) {
        s.is = kind::connected;
        apply_options(s);
        return 0;
    }
    if (f.info.current == tcp::state::closed) {
        int const why = take_failure(s);
        s.is = kind::fresh;
        return why == 0 ? -ECONNABORTED : -why;
    }
    return std::nullopt;
}

answer sockets::wait_until_established(socket_state& s, world::guard& held) {
    attempt const look = [&] { return established(s); };
    return world_.wait_for(look, until(s.options.send_timeout > 0 ? s.options.send_timeout : -1), -EINPROGRESS, held);
}

answer sockets::connect(int fd, sockaddr const* address, socklen_t length, world::guard& held) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    if (s->is == kind::listening || s->is == kind::connected || s->is == kind::deferred) {
        return -EISCONN;
    }
    if (s->is == kind::connecting && s->options.non_blocking) {
        return established(*s).value_or(-EALREADY);
    }
    if (s->is == kind::fresh) {
        auto const to = read_address(address, length);
        if (!to) {
            return to.error();
        }
        bool const fast = s->options.fast_open_connect;
        if (fast && knows_cookie_of(*to)) {
            s->is = kind::deferred;
            s->remote = *to;
            return 0;
        }
        if (answer const opened = open(*s, *to, fast); opened != 0) {
            return opened;
        }
        if (s->options.non_blocking) {
            return -EINPROGRESS;
        }
    }
    return wait_until_established(*s, held);
}

answer sockets::send_first(socket_state& s, iovec const* parts, std::size_t count, bool at_once,
                           sockaddr const* address, socklen_t length, std::size_t& done, world::guard& held) {
    if (s.is == kind::connecting) {
        return established(s).value_or(-EALREADY); // Linux then sends as usual
    }
    if (s.is == kind::connected || s.is == kind::listening) {
        return s.is == kind::connected ? -EISCONN : -EPIPE;
    }
    if (!clients_may_open_fast()) {
        return -EOPNOTSUPP;
    }
    if (s.is == kind::fresh && address != nullptr && address->sa_family == AF_UNSPEC) {
        return -EOPNOTSUPP;
    }
    auto const to = s.is == kind::deferred ? std::expected<endpoint, int>(s.remote) : read_address(address, length);
    if (!to) {
        return to.error();
    }
    bool const known = knows_cookie_of(*to);
    if (answer const opened = open(s, *to, true); opened != 0) {
        return opened;
    }
    if (known) {
        // As much as fits into the SYN; the rest follows when the connection is there.
        std::size_t room = std::min(cookies_[to->address.value()].segment_size, path_segment);
        room -= std::min(room, tcp::options_octets_max);
        for (std::size_t i = 0; i < count && room > 0; ++i) {
            std::size_t const octets = std::min(parts[i].iov_len, room);
            if (parts[i].iov_base == nullptr && octets > 0) {
                return -EFAULT;
            }
            auto const taken = world_.host().send(s.id, {static_cast<std::byte const*>(parts[i].iov_base), octets});
            done += taken.value_or(0);
            room -= octets;
        }
    }
    return at_once ? 0 : wait_until_established(s, held);
}

} // namespace plywire::packetdrill
