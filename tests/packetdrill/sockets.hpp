// System calls on sockets, as Linux answers them, on top of a plywire host. Each call is made with the world's lock
// held, and answers a result or an errno as a negative number.
#pragma once

#include "world.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace plywire::packetdrill {

// The options of one socket; those of a listener are handed down to what it accepts.
struct socket_options {
    bool non_blocking = false;
    bool reuse_address = false;
    bool keep_alive = false;
    bool no_delay = false;
    bool cork = false;
    bool more = false; // MSG_MORE: until something is sent without it
    bool zero_copy = false;
    bool fast_open_connect = false;
    int maximum_segment_size = 0; // 0: what the path carries
    int user_timeout = 0;         // milliseconds, 0: the system's
    int send_buffer = 0;          // as it was set, doubled; 0: the system's
    int receive_buffer = 0;
    int receive_timeout = 0; // milliseconds, 0: none
    int send_timeout = 0;
    int keep_idle = 7200; // seconds
    int keep_interval = 75;
    int keep_count = 9;
    int not_sent_low_water = 0;
    int priority = 0;
    int time_to_live = 64;
    int type_of_service = 0;
    linger lingering{};
    std::map<std::pair<int, int>, int> others{}; // by level and name: kept, and without effect
};

// What the system would say.
int to_errno(socket_error e);

class sockets {
public:
    explicit sockets(world& in)
        : world_(in) {}

    bool holds(int fd) const { return sockets_.contains(fd) || epolls_.contains(fd); }

    answer socket(int domain, int type, int protocol);
    answer bind(int fd, sockaddr const* address, socklen_t length);
    answer listen(int fd, int backlog);
    answer accept(int fd, sockaddr* address, socklen_t* length, world::guard& held);
    answer connect(int fd, sockaddr const* address, socklen_t length, world::guard& held);
    answer receive(int fd, iovec const* parts, std::size_t count, int flags, world::guard& held);
    // The address is for MSG_FASTOPEN only, which connects too.
    answer send(int fd, iovec const* parts, std::size_t count, int flags, sockaddr const* address, socklen_t length,
                world::guard& held);
    answer close(int fd, world::guard& held);
    answer shutdown(int fd, int how);
    answer file_control(int fd, int command, long argument);
    answer io_control(int fd, unsigned long request, int* value);
    answer get_option(int fd, int level, int name, void* value, socklen_t* length);
    answer set_option(int fd, int level, int name, void const* value, socklen_t length);
    answer poll(pollfd* descriptors, nfds_t count, int milliseconds, world::guard& held);
    answer epoll_create();
    answer epoll_control(int set, int operation, int fd, epoll_event const* event);
    answer epoll_wait(int set, epoll_event* events, int room, int milliseconds, world::guard& held);
    // A packet has been handed to the host, and it has done what it could.
    void packet_has_arrived();
    // The peer's address, for calls that tell it.
    void tell_peer(int fd, sockaddr* address, socklen_t* length);

private:
    // deferred: connect() has succeeded, and the SYN leaves with the first text (TCP_FASTOPEN_CONNECT).
    enum class kind : std::uint8_t { fresh, listening, deferred, connecting, connected };

    struct socket_state {
        kind is = kind::fresh;
        socket_options options{};
        std::uint16_t local_port = 0;
        std::uint32_t backlog = 0;
        pool_id id{};
        endpoint remote{};              // when deferred, connecting or connected by connect()
        bool awaits_cookie = false;     // Fast Open: the SYN,ACK has not been looked at
        std::deque<pool_id> accepted{}; // taken from the host to see whether there was one
        bool will_not_read = false;     // SHUT_RD
        bool will_not_write = false;    // SHUT_WR
        bool failure_told = false;      // an error is told once
    };

    struct epoll_member {
        epoll_event wanted{};
        std::uint32_t told = 0; // what an edge-triggered member has been told of
        std::size_t unread = 0; // when it was told so
        bool disarmed = false;  // EPOLLONESHOT
    };
    using epoll_set = std::map<int, epoll_member>;

    socket_state* find(int fd);
    // The error that the next call tells, 0 for none; it is told once.
    int take_failure(socket_state& s);
    int failure_of(socket_state const& s);
    std::optional<pool_id> next_accepted(socket_state& s);
    void apply_options(socket_state& s);
    connection_facts facts(socket_state const& s);
    short readiness(socket_state& s);
    // The address in `address`, or an errno as a negative number.
    static std::expected<endpoint, int> read_address(sockaddr const* address, socklen_t length);
    bool clients_may_open_fast() const;
    bool knows_cookie_of(endpoint const& peer) const;
    // Opens the connection; 0 or an errno as a negative number.
    answer open(socket_state& s, endpoint const& to, bool fast);
    std::optional<answer> established(socket_state& s);
    answer wait_until_established(socket_state& s, world::guard& held);
    // send() that makes the connection first: how much of the text goes with the SYN, or has been taken when the
    // connection is there; 0 or an errno as a negative number.
    answer send_first(socket_state& s, iovec const* parts, std::size_t count, bool at_once, sockaddr const* address,
                      socklen_t length, std::size_t& done, world::guard& held);
    void look_for_cookie(socket_state& s);
    instant until(int milliseconds) const;
    std::size_t send_room(socket_state const& s, connection_facts const& f);
    int get_tcp_option(socket_state& s, int name, int& value);
    answer get_tcp_info(socket_state& s, void* value, socklen_t* length);
    static answer new_descriptor();
    static void tell_address(endpoint const& e, sockaddr* address, socklen_t* length);

    world& world_;
    std::map<int, socket_state> sockets_{};
    std::map<int, epoll_set> epolls_{};
    std::map<std::uint32_t, tcp::fast_open_cookie> cookies_{}; // by the peer's address
};

} // namespace plywire::packetdrill
