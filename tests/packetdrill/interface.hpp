// The table of functions that packetdrill asks a stack under test for: what its documentation of `--so_filename` says,
// declared in our own words. The order is the interface; the names are ours.
#pragma once

#include <cstddef>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace plywire::packetdrill {

// The first argument of every call is `self`. All answer as the system call of that name does: -1 and errno when they
// fail. A member that stays null is called all the same, so none may.
struct function_table {
    void* self;
    void (*free)(void* self);

    int (*socket)(void* self, int domain, int type, int protocol);
    int (*bind)(void* self, int fd, sockaddr const* address, socklen_t length);
    int (*listen)(void* self, int fd, int backlog);
    int (*accept)(void* self, int fd, sockaddr* address, socklen_t* length);
    int (*connect)(void* self, int fd, sockaddr const* address, socklen_t length);

    ssize_t (*read)(void* self, int fd, void* room, std::size_t octets);
    ssize_t (*readv)(void* self, int fd, iovec const* parts, int count);
    ssize_t (*recv)(void* self, int fd, void* room, std::size_t octets, int flags);
    ssize_t (*recvfrom)(void* self, int fd, void* room, std::size_t octets, int flags, sockaddr* address,
                        socklen_t* length);
    ssize_t (*recvmsg)(void* self, int fd, msghdr* message, int flags);
    ssize_t (*write)(void* self, int fd, void const* data, std::size_t octets);
    ssize_t (*writev)(void* self, int fd, iovec const* parts, int count);
    ssize_t (*send)(void* self, int fd, void const* data, std::size_t octets, int flags);
    ssize_t (*sendto)(void* self, int fd, void const* data, std::size_t octets, int flags, sockaddr const* address,
                      socklen_t length);
    ssize_t (*sendmsg)(void* self, int fd, msghdr const* message, int flags);

    int (*fcntl)(void* self, int fd, int command, ...);
    int (*ioctl)(void* self, int fd, unsigned long request, ...);
    int (*close)(void* self, int fd);
    int (*shutdown)(void* self, int fd, int how);
    int (*getsockopt)(void* self, int fd, int level, int name, void* value, socklen_t* length);
    int (*setsockopt)(void* self, int fd, int level, int name, void const* value, socklen_t length);
    int (*poll)(void* self, pollfd* descriptors, nfds_t count, int milliseconds);

    // An IP packet for the stack.
    int (*netdev_send)(void* self, void const* packet, std::size_t octets);
    // The oldest packet that the stack has sent, and when; waits for one. `octets` is the room at first, then the
    // length of the packet: 0 when none will ever come.
    int (*netdev_receive)(void* self, void* room, std::size_t* octets, long long* microseconds);
    int (*usleep)(void* self, useconds_t microseconds);
    int (*gettimeofday)(void* self, timeval* now, struct timezone* zone);

    int (*epoll_create)(void* self, int size);
    int (*epoll_ctl)(void* self, int set, int operation, int fd, epoll_event* event);
    int (*epoll_wait)(void* self, int set, epoll_event* events, int room, int milliseconds);
    int (*pipe)(void* self, int ends[2]);
    int (*splice)(void* self, int from, loff_t* from_offset, int to, loff_t* to_offset, std::size_t octets,
                  unsigned flags);
};

static_assert(sizeof(function_table) == 33 * sizeof(void*));

} // namespace plywire::packetdrill
