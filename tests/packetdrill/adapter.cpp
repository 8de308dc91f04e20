// The shared object that packetdrill loads: fills in its table of functions. The same object is preloaded into
// packetdrill, for three calls that it makes past the table.
#include "interface.hpp"
#include "sockets.hpp"
#include "world.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

namespace plywire::packetdrill {

namespace {

struct adapter {
    explicit adapter(char const* personality)
        : in(personality == nullptr ? "" : personality) {}
    world in;
    sockets calls{in};
};

// There is one per process, and it stays: packetdrill may end while a call still waits in it.
adapter* the_adapter = nullptr;

ssize_t told(answer result) {
    if (result < 0) {
        errno = static_cast<int>(-result);
        return -1;
    }
    return result;
}

// Makes a call, and lets the host do what follows from it.
template <class Call>
ssize_t make(void* self, Call call) {
    adapter& a = *static_cast<adapter*>(self);
    auto held = a.in.lock();
    answer const result = call(a, held);
    a.in.turn(held);
    return told(result);
}

template <class Call>
int make_int(void* self, Call call) {
    return static_cast<int>(make(self, call));
}

ssize_t receive_into(void* self, int fd, iovec const* parts, std::size_t count, int flags) {
    return make(self, [&](adapter& a, auto& held) { return a.calls.receive(fd, parts, count, flags, held); });
}

ssize_t send_from(void* self, int fd, iovec const* parts, std::size_t count, int flags, void const* to = nullptr,
                  socklen_t to_length = 0) {
    auto const* const address = static_cast<sockaddr const*>(to);
    return make(
        self, [&](adapter& a, auto& held) { return a.calls.send(fd, parts, count, flags, address, to_length, held); });
}

ssize_t receive_one(void* self, int fd, void* room, std::size_t octets, int flags) {
    iovec const part{room, octets};
    return receive_into(self, fd, &part, 1, flags);
}

ssize_t send_one_to(void* self, int fd, void const* data, std::size_t octets, int flags, sockaddr const* address,
                    socklen_t length) {
    iovec const part{const_cast<void*>(data), octets};
    return send_from(self, fd, &part, 1, flags, address, length);
}

ssize_t send_one(void* self, int fd, void const* data, std::size_t octets, int flags) {
    return send_one_to(self, fd, data, octets, flags, nullptr, 0);
}

int get_option(void* self, int fd, int level, int name, void* value, socklen_t* length) {
    return make_int(self, [&](adapter& a, auto&) { return a.calls.get_option(fd, level, name, value, length); });
}

int control_file(void* self, int fd, int command, ...) {
    va_list rest;
    va_start(rest, command);
    int const argument = command == F_SETFL || command == F_SETFD ? va_arg(rest, int) : 0;
    va_end(rest);
    return make_int(self, [&](adapter& a, auto&) { return a.calls.file_control(fd, command, argument); });
}

int control_io(void* self, int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    int* const value = va_arg(rest, int*);
    va_end(rest);
    return make_int(self, [&](adapter& a, auto&) { return a.calls.io_control(fd, request, value); });
}

int netdev_receive(void* self, void* room, std::size_t* octets, long long* microseconds) {
    adapter& a = *static_cast<adapter*>(self);
    auto held = a.in.lock();
    auto const sent = a.in.next_sent(held);
    if (!sent) {
        *octets = 0; // nothing will come
        return 0;
    }
    *octets = std::min(*octets, sent->octets.size());
    std::memcpy(room, sent->octets.data(), *octets);
    *microseconds = sent->at.nanoseconds / 1'000;
    return 0;
}

function_table make_table(adapter* a) {
    return {
        .self = a,
        .free = [](void*) {},
        .socket =
            [](void* self, int domain, int type, int protocol) {
                return make_int(self, [&](adapter& x, auto&) { return x.calls.socket(domain, type, protocol); });
            },
        .bind =
            [](void* self, int fd, sockaddr const* address, socklen_t length) {
                return make_int(self, [&](adapter& x, auto&) { return x.calls.bind(fd, address, length); });
            },
        .listen =
            [](void* self, int fd, int backlog) {
                return make_int(self, [&](adapter& x, auto&) { return x.calls.listen(fd, backlog); });
            },
        .accept =
            [](void* self, int fd, sockaddr* address, socklen_t* length) {
                return make_int(self,
                                [&](adapter& x, auto& held) { return x.calls.accept(fd, address, length, held); });
            },
        .connect =
            [](void* self, int fd, sockaddr const* address, socklen_t length) {
                return make_int(self,
                                [&](adapter& x, auto& held) { return x.calls.connect(fd, address, length, held); });
            },
        .read = [](void* self, int fd, void* room,
                   std::size_t octets) { return receive_one(self, fd, room, octets, 0); },
        .readv = [](void* self, int fd, iovec const* parts,
                    int count) { return receive_into(self, fd, parts, static_cast<std::size_t>(count), 0); },
        .recv = receive_one,
        .recvfrom = [](void* self, int fd, void* room, std::size_t octets, int flags, sockaddr*,
                       socklen_t*) { return receive_one(self, fd, room, octets, flags); },
        .recvmsg =
            [](void* self, int fd, msghdr* message, int flags) {
                message->msg_controllen = 0;
                message->msg_flags = 0;
                return receive_into(self, fd, message->msg_iov, message->msg_iovlen, flags);
            },
        .write = [](void* self, int fd, void const* data,
                    std::size_t octets) { return send_one(self, fd, data, octets, 0); },
        .writev = [](void* self, int fd, iovec const* parts,
                     int count) { return send_from(self, fd, parts, static_cast<std::size_t>(count), 0); },
        .send = send_one,
        .sendto = send_one_to,
        .sendmsg =
            [](void* self, int fd, msghdr const* message, int flags) {
                return send_from(self, fd, message->msg_iov, message->msg_iovlen, flags, message->msg_name,
                                 message->msg_namelen);
            },
        .fcntl = control_file,
        .ioctl = control_io,
        .close = [](void* self,
                    int fd) { return make_int(self, [&](adapter& x, auto& held) { return x.calls.close(fd, held); }); },
        .shutdown =
            [](void* self, int fd, int how) {
                return make_int(self, [&](adapter& x, auto&) { return x.calls.shutdown(fd, how); });
            },
        .getsockopt = get_option,
        .setsockopt =
            [](void* self, int fd, int level, int name, void const* value, socklen_t length) {
                return make_int(self,
                                [&](adapter& x, auto&) { return x.calls.set_option(fd, level, name, value, length); });
            },
        .poll =
            [](void* self, pollfd* descriptors, nfds_t count, int milliseconds_to_wait) {
                return make_int(self, [&](adapter& x, auto& held) {
                    return x.calls.poll(descriptors, count, milliseconds_to_wait, held);
                });
            },
        .netdev_send =
            [](void* self, void const* octets, std::size_t count) {
                return make_int(self, [&](adapter& x, auto& held) -> answer {
                    x.in.turn(held);
                    auto const* const first = static_cast<std::byte const*>(octets);
                    x.in.host().arrives(packet(first, first + count));
                    x.in.turn(held);
                    x.calls.packet_has_arrived();
                    return 0;
                });
            },
        .netdev_receive = netdev_receive,
        .usleep =
            [](void* self, useconds_t microseconds_to_sleep) {
                adapter& x = *static_cast<adapter*>(self);
                auto held = x.in.lock();
                x.in.let_returned_call_settle(held);
                x.in.advance_to(x.in.now() + microseconds(microseconds_to_sleep), held);
                return 0;
            },
        .gettimeofday =
            [](void* self, timeval* now, struct timezone*) {
                adapter& x = *static_cast<adapter*>(self);
                auto held = x.in.lock();
                std::int64_t const micros = x.in.look_at_clock(held).nanoseconds / 1'000;
                *now = {.tv_sec = micros / 1'000'000, .tv_usec = micros % 1'000'000};
                return 0;
            },
        .epoll_create = [](void* self,
                           int) { return make_int(self, [](adapter& x, auto&) { return x.calls.epoll_create(); }); },
        .epoll_ctl =
            [](void* self, int set, int operation, int fd, epoll_event* event) {
                return make_int(self,
                                [&](adapter& x, auto&) { return x.calls.epoll_control(set, operation, fd, event); });
            },
        .epoll_wait =
            [](void* self, int set, epoll_event* events, int room, int milliseconds_to_wait) {
                return make_int(self, [&](adapter& x, auto& held) {
                    return x.calls.epoll_wait(set, events, room, milliseconds_to_wait, held);
                });
            },
        .pipe = [](void*, int ends[2]) { return ::pipe(ends); },
        .splice = [](void*, int, loff_t*, int, loff_t*, std::size_t, unsigned) -> int {
            return static_cast<int>(told(-ENOSYS));
        },
    };
}

} // namespace

} // namespace plywire::packetdrill

extern "C" {

[[gnu::visibility("default")]] void packetdrill_interface_init(char const* flags,
                                                               plywire::packetdrill::function_table* table) {
    using namespace plywire::packetdrill;
    the_adapter = new adapter(flags);
    *table = make_table(the_adapter);
}

// What a script asserts of TCP_INFO is asked of the system, with a descriptor that is ours.
[[gnu::visibility("default")]] int getsockopt(int fd, int level, int name, void* value, socklen_t* length) noexcept {
    using namespace plywire::packetdrill;
    if (the_adapter != nullptr && the_adapter->calls.holds(fd)) {
        return get_option(the_adapter, fd, level, name, value, length);
    }
    using function = int(int, int, int, void*, socklen_t*);
    static auto* const system = reinterpret_cast<function*>(::dlsym(RTLD_NEXT, "getsockopt"));
    return system(fd, level, name, value, length);
}

// Pinning memory and outranking other programs keep real time exact; virtual time is exact by itself, and who is not
// privileged may do neither.
[[gnu::visibility("default")]] int mlockall(int) noexcept { return 0; }
[[gnu::visibility("default")]] int sched_setscheduler(pid_t, int, sched_param const*) noexcept { return 0; }
}
