#include "sockets.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

namespace plywire::packetdrill {

namespace {

int to_errno(tcp::error e) {
    switch (e) {
    case tcp::error::refused: return ECONNREFUSED;
    case tcp::error::reset: return ECONNRESET;
    case tcp::error::timed_out: return ETIMEDOUT;
    default: return 0;
    }
}

std::size_t total(iovec const* parts, std::size_t count) {
    std::size_t octets = 0;
    for (std::size_t i = 0; i < count; ++i) {
        octets += parts[i].iov_len;
    }
    return octets;
}

} // namespace

int to_errno(socket_error e) {
    switch (e) {
    case socket_error::would_block: return EAGAIN;
    case socket_error::refused: return ECONNREFUSED;
    case socket_error::reset: return ECONNRESET;
    case socket_error::timed_out: return ETIMEDOUT;
    case socket_error::unreachable: return EHOSTUNREACH;
    case socket_error::in_use: return EADDRINUSE;
    case socket_error::no_room: return ENOBUFS;
    case socket_error::too_long: return EMSGSIZE;
    case socket_error::closing: return EPIPE;
    case socket_error::not_connected: return ENOTCONN;
    default: return EINVAL;
    }
}

// ---- finding ----

sockets::socket_state* sockets::find(int fd) {
    auto const found = sockets_.find(fd);
    return found == sockets_.end() ? nullptr : &found->second;
}

connection_facts sockets::facts(socket_state const& s) {
    bool const has_one = s.is == kind::connecting || s.is == kind::connected;
    return has_one ? world_.host().facts(s.id) : connection_facts{};
}

int sockets::failure_of(socket_state const& s) { return s.failure_told ? 0 : to_errno(facts(s).failure); }

int sockets::take_failure(socket_state& s) {
    int const why = failure_of(s);
    s.failure_told = s.failure_told || why != 0;
    return why;
}

instant sockets::until(int milliseconds_to_wait) const {
    return milliseconds_to_wait < 0 ? instant::never() : world_.now() + milliseconds(milliseconds_to_wait);
}

// packetdrill closes what a script leaves open itself, so a descriptor must be a real one.
answer sockets::new_descriptor() {
    int const fd = ::eventfd(0, EFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

void sockets::tell_address(endpoint const& e, sockaddr* address, socklen_t* length) {
    if (address == nullptr || length == nullptr) {
        return;
    }
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(e.port);
    in.sin_addr.s_addr = htonl(e.address.value());
    std::memcpy(address, &in, std::min<std::size_t>(*length, sizeof in));
    *length = sizeof in;
}

void sockets::tell_peer(int fd, sockaddr* address, socklen_t* length) {
    if (socket_state const* const s = find(fd); s != nullptr && s->is == kind::connected) {
        tell_address(world_.host().remote(s->id), address, length);
    }
}

// ---- making ----

answer sockets::socket(int domain, int type, int protocol) {
    if (domain != AF_INET) {
        return -EAFNOSUPPORT;
    }
    int const bare = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (bare != SOCK_STREAM || (protocol != 0 && protocol != IPPROTO_TCP)) {
        return -EPROTONOSUPPORT;
    }
    answer const fd = new_descriptor();
    if (fd >= 0) {
        sockets_[static_cast<int>(fd)].options.non_blocking = (type & SOCK_NONBLOCK) != 0;
    }
    return fd;
}

answer sockets::bind(int fd, sockaddr const* address, socklen_t length) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    if (address == nullptr || length < sizeof(sockaddr_in) || s->local_port != 0) {
        return -EINVAL;
    }
    sockaddr_in in;
    std::memcpy(&in, address, sizeof in);
    s->local_port = ntohs(in.sin_port);
    return 0;
}

answer sockets::listen(int fd, int backlog) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    if (s->is == kind::listening) {
        return 0;
    }
    if (s->is != kind::fresh) {
        return -EINVAL;
    }
    // Linux takes one connection more than it is told to.
    s->backlog = static_cast<std::uint32_t>(std::clamp(backlog, 0, 4096)) + 1;
    auto const id = world_.host().listen(s->local_port, {.backlog = s->backlog});
    if (!id) {
        return -to_errno(id.error());
    }
    s->is = kind::listening;
    s->id = *id;
    apply_options(*s);
    return 0;
}

std::optional<pool_id> sockets::next_accepted(socket_state& s) {
    if (s.accepted.empty()) {
        if (auto const id = world_.host().accept(s.id)) {
            s.accepted.push_back(*id);
        }
    }
    if (s.accepted.empty()) {
        return std::nullopt;
    }
    return s.accepted.front();
}

answer sockets::accept(int fd, sockaddr* address, socklen_t* length, world::guard& held) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    if (s->is != kind::listening) {
        return -EINVAL;
    }
    attempt const take = [&]() -> std::optional<answer> {
        auto const id = next_accepted(*s);
        if (!id) {
            return s->options.non_blocking ? std::optional<answer>(-EAGAIN) : std::nullopt;
        }
        answer const made = new_descriptor();
        if (made < 0) {
            return made;
        }
        s->accepted.pop_front();
        socket_state& connection = sockets_[static_cast<int>(made)];
        connection.is = kind::connected;
        connection.options = s->options;
        connection.options.non_blocking = false;
        connection.local_port = s->local_port;
        connection.id = *id;
        apply_options(connection);
        tell_address(world_.host().remote(*id), address, length);
        return made;
    };
    return world_.wait_for(take, until(s->options.receive_timeout > 0 ? s->options.receive_timeout : -1), -EAGAIN,
                           held);
}

// ---- data ----

answer sockets::receive(int fd, iovec const* parts, std::size_t count, int flags, world::guard& held) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    if (s->is == kind::fresh || s->is == kind::listening || s->is == kind::deferred) {
        return s->is == kind::deferred && s->options.non_blocking ? -EAGAIN : -ENOTCONN;
    }
    std::size_t const wanted = total(parts, count);
    std::size_t done = 0;
    bool const all = (flags & MSG_WAITALL) != 0;
    bool const at_once = s->options.non_blocking || (flags & MSG_DONTWAIT) != 0;
    attempt const take = [&]() -> std::optional<answer> {
        for (;;) {
            connection_facts const f = facts(*s);
            if (f.info.unread == 0 || done == wanted) {
                break;
            }
            // Where the next octet goes.
            std::size_t i = 0;
            std::size_t skip = done;
            while (skip >= parts[i].iov_len) {
                skip -= parts[i++].iov_len;
            }
            if (parts[i].iov_base == nullptr) {
                return done > 0 ? static_cast<answer>(done) : -EFAULT;
            }
            auto const got = world_.host().receive(
                s->id, {static_cast<std::byte*>(parts[i].iov_base) + skip, parts[i].iov_len - skip});
            if (!got) {
                break;
            }
            done += *got;
        }
        if (done == wanted || (done > 0 && (!all || at_once))) {
            return static_cast<answer>(done);
        }
        connection_facts const f = facts(*s);
        if (int const why = take_failure(*s); why != 0) {
            return done > 0 ? static_cast<answer>(done) : -why;
        }
        if (f.readable || s->will_not_read || f.info.current == tcp::state::closed) {
            return static_cast<answer>(done); // the end of the stream
        }
        return at_once ? std::optional<answer>(-EAGAIN) : std::nullopt;
    };
    return world_.wait_for(take, until(s->options.receive_timeout > 0 ? s->options.receive_timeout : -1), -EAGAIN,
                           held);
}

// How much the send buffer takes. Linux counts what it needs for its own books in SO_SNDBUF; about three fifths are left
// for octets.
std::size_t sockets::send_room(socket_state const& s, connection_facts const& f) {
    if (s.options.send_buffer == 0) {
        return ~std::size_t{0};
    }
    auto const limit = static_cast<std::size_t>(s.options.send_buffer) / 5 * 3;
    return limit > f.info.unacknowledged ? limit - f.info.unacknowledged : 0;
}

answer sockets::send(int fd, iovec const* parts, std::size_t count, int flags, sockaddr const* address,
                     socklen_t length, world::guard& held) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    std::size_t const wanted = total(parts, count);
    std::size_t done = 0;
    bool const at_once = s->options.non_blocking || (flags & MSG_DONTWAIT) != 0;
    if (s->is == kind::deferred || (flags & MSG_FASTOPEN) != 0) {
        bool const already_opened = s->is == kind::connecting;
        answer const opened = send_first(*s, parts, count, at_once, address, length, done, held);
        if (opened != 0) {
            return opened;
        }
        if (at_once && !already_opened) {
            return done > 0 ? static_cast<answer>(done) : -EINPROGRESS;
        }
        if (done == wanted) {
            return static_cast<answer>(done);
        }
    }
    if (s->is == kind::connecting) {
        // Linux waits for the connection before it takes anything.
        answer const there = at_once ? established(*s).value_or(-EAGAIN) : wait_until_established(*s, held);
        if (there != 0) {
            return there;
        }
    }
    if (s->is == kind::fresh || s->is == kind::listening) {
        return -EPIPE;
    }
    bool const more = (flags & MSG_MORE) != 0;
    world_.host().expect_more(s->id, more);
    if (more) { // before the octets are there: else they might leave
        s->options.more = true;
        apply_options(*s);
    }
    attempt const give = [&]() -> std::optional<answer> {
        if (int const why = take_failure(*s); why != 0) {
            return done > 0 ? static_cast<answer>(done) : -why;
        }
        if (s->will_not_write || facts(*s).info.current == tcp::state::closed) {
            return done > 0 ? static_cast<answer>(done) : -EPIPE;
        }
        while (done < wanted) {
            std::size_t i = 0;
            std::size_t skip = done;
            while (skip >= parts[i].iov_len) {
                skip -= parts[i++].iov_len;
            }
            if (parts[i].iov_base == nullptr) {
                return done > 0 ? static_cast<answer>(done) : -EFAULT;
            }
            std::size_t const room = std::min(parts[i].iov_len - skip, send_room(*s, facts(*s)));
            if (room == 0) {
                break;
            }
            auto const taken =
                world_.host().send(s->id, {static_cast<std::byte const*>(parts[i].iov_base) + skip, room});
            if (!taken) {
                if (taken.error() == socket_error::would_block) {
                    break;
                }
                return done > 0 ? static_cast<answer>(done) : -to_errno(taken.error());
            }
            done += *taken;
        }
        if (done == wanted || (at_once && done > 0)) {
            return static_cast<answer>(done);
        }
        return at_once ? std::optional<answer>(-EAGAIN) : std::nullopt;
    };
    answer const late = -EAGAIN;
    answer const result =
        world_.wait_for(give, until(s->options.send_timeout > 0 ? s->options.send_timeout : -1), late, held);
    if (!more && s->options.more) {
        s->options.more = false;
        apply_options(*s);
    }
    return result == late && done > 0 ? static_cast<answer>(done) : result;
}

// What MSG_MORE holds back waits for the next call or the next packet, as Linux has it; SYN,ACKs bring cookies.
void sockets::packet_has_arrived() {
    for (auto& [fd, s] : sockets_) {
        look_for_cookie(s);
        if (s.options.more) {
            s.options.more = false;
            apply_options(s);
        }
    }
}

// ---- ending ----

answer sockets::close(int fd, world::guard&) {
    if (epolls_.erase(fd) != 0) {
        ::close(fd);
        return 0;
    }
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    for (auto& [set, members] : epolls_) {
        members.erase(fd);
    }
    if (s->is == kind::listening) {
        for (pool_id const id : s->accepted) {
            world_.host().abort(id);
        }
        world_.host().close_listener(s->id);
    } else if (s->is != kind::fresh && s->is != kind::deferred) {
        if (s->options.lingering.l_onoff != 0 && s->options.lingering.l_linger == 0) {
            world_.host().abort(s->id);
        } else {
            world_.host().close(s->id);
        }
    }
    sockets_.erase(fd);
    ::close(fd);
    return 0;
}

answer sockets::shutdown(int fd, int how) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR) {
        return -EINVAL;
    }
    connection_facts const f = facts(*s);
    if (!f.exists || f.info.current == tcp::state::closed || f.info.current == tcp::state::syn_sent) {
        return -ENOTCONN;
    }
    s->will_not_read = s->will_not_read || how != SHUT_WR;
    if (how != SHUT_RD && !s->will_not_write) {
        s->will_not_write = true;
        (void)world_.host().shutdown(s->id); // when the peer has closed too there is nothing more to say
    }
    return 0;
}

// ---- waiting for several ----

short sockets::readiness(socket_state& s) {
    if (s.is == kind::listening) {
        return next_accepted(s) ? POLLIN | POLLRDNORM : 0;
    }
    if (s.is == kind::deferred) {
        return POLLOUT | POLLWRNORM;
    }
    connection_facts const f = facts(s);
    if (!f.exists || (f.info.current == tcp::state::closed && s.is == kind::fresh)) {
        return POLLOUT | POLLHUP;
    }
    int events = 0;
    bool const is_closed = f.info.current == tcp::state::closed;
    // The peer has said that it sends no more.
    bool const ended = is_closed || f.info.current == tcp::state::close_wait ||
                       f.info.current == tcp::state::last_ack || f.info.current == tcp::state::closing ||
                       f.info.current == tcp::state::time_wait || s.will_not_read;
    if (f.info.unread > 0 || ended) {
        events |= POLLIN | POLLRDNORM;
    }
    if (ended) {
        events |= POLLRDHUP;
    }
    if (is_closed || (ended && s.will_not_write)) {
        events |= POLLHUP;
    }
    if (f.info.current != tcp::state::syn_sent && f.info.current != tcp::state::syn_received) {
        bool const roomy = f.writable && send_room(s, f) > 0;
        if (roomy || s.will_not_write || is_closed) {
            events |= POLLOUT | POLLWRNORM;
        }
    }
    if (failure_of(s) != 0) {
        events |= POLLERR;
    }
    return static_cast<short>(events);
}

answer sockets::poll(pollfd* descriptors, nfds_t count, int milliseconds_to_wait, world::guard& held) {
    attempt const look = [&]() -> std::optional<answer> {
        answer ready = 0;
        for (nfds_t i = 0; i < count; ++i) {
            pollfd& d = descriptors[i];
            socket_state* const s = find(d.fd);
            d.revents = s == nullptr ? static_cast<short>(d.fd < 0 ? 0 : POLLNVAL)
                                     : static_cast<short>(readiness(*s) & (d.events | POLLERR | POLLHUP));
            ready += d.revents != 0 ? 1 : 0;
        }
        return ready > 0 || milliseconds_to_wait == 0 ? std::optional(ready) : std::nullopt;
    };
    return world_.wait_for(look, until(milliseconds_to_wait), 0, held);
}

answer sockets::epoll_create() {
    answer const fd = new_descriptor();
    if (fd >= 0) {
        epolls_[static_cast<int>(fd)] = {};
    }
    return fd;
}

answer sockets::epoll_control(int set, int operation, int fd, epoll_event const* event) {
    auto const found = epolls_.find(set);
    if (found == epolls_.end() || find(fd) == nullptr) {
        return -EBADF;
    }
    bool const is_member = found->second.contains(fd);
    switch (operation) {
    case EPOLL_CTL_ADD:
        if (is_member) {
            return -EEXIST;
        }
        found->second[fd] = {.wanted = *event};
        return 0;
    case EPOLL_CTL_MOD:
        if (!is_member) {
            return -ENOENT;
        }
        found->second[fd] = {.wanted = *event};
        return 0;
    case EPOLL_CTL_DEL: return found->second.erase(fd) == 1 ? 0 : -ENOENT;
    default: return -EINVAL;
    }
}

answer sockets::epoll_wait(int set, epoll_event* events, int room, int milliseconds_to_wait, world::guard& held) {
    auto const found = epolls_.find(set);
    if (found == epolls_.end()) {
        return -EBADF;
    }
    if (room <= 0) {
        return -EINVAL;
    }
    attempt const look = [&]() -> std::optional<answer> {
        int ready = 0;
        for (auto& [fd, member] : found->second) {
            socket_state* const s = find(fd);
            if (s == nullptr || member.disarmed || ready == room) {
                continue;
            }
            auto const now = static_cast<std::uint32_t>(readiness(*s)) & (member.wanted.events | EPOLLERR | EPOLLHUP);
            std::size_t const unread = facts(*s).info.unread;
            std::uint32_t told = now;
            if ((member.wanted.events & EPOLLET) != 0) {
                bool const more = unread > member.unread;
                if ((now & ~member.told) == 0 && !more) {
                    told = 0;
                }
                member.told = now;
                member.unread = unread;
            }
            if (told != 0) {
                events[ready++] = {.events = told, .data = member.wanted.data};
                member.disarmed = (member.wanted.events & EPOLLONESHOT) != 0;
            }
        }
        return ready > 0 || milliseconds_to_wait == 0 ? std::optional<answer>(ready) : std::nullopt;
    };
    return world_.wait_for(look, until(milliseconds_to_wait), 0, held);
}

// ---- control ----

answer sockets::file_control(int fd, int command, long argument) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    switch (command) {
    case F_GETFL: return O_RDWR | (s->options.non_blocking ? O_NONBLOCK : 0);
    case F_SETFL: s->options.non_blocking = (argument & O_NONBLOCK) != 0; return 0;
    case F_GETFD:
    case F_SETFD: return 0;
    default: return -EINVAL;
    }
}

answer sockets::io_control(int fd, unsigned long request, int* value) {
    socket_state* const s = find(fd);
    if (s == nullptr) {
        return -EBADF;
    }
    connection_facts const f = facts(*s);
    switch (request) {
    case FIONBIO: s->options.non_blocking = *value != 0; return 0;
    case SIOCINQ: *value = static_cast<int>(f.info.unread); break;
    case SIOCOUTQ: *value = static_cast<int>(f.info.unacknowledged); break;
    case SIOCOUTQNSD: *value = static_cast<int>(f.info.unsent); break;
    case SIOCATMARK: *value = 0; break;
    default: return -EINVAL;
    }
    return s->is == kind::listening ? -EINVAL : 0;
}

} // namespace plywire::packetdrill
