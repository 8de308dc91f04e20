// A network namespace of a test's own, so that nothing it does can be seen outside.
#pragma once

#include <plywire/io/file_descriptor.hpp>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace plywire::support {

// Moves the calling thread into a new, empty network namespace without IPv6, and back at the end of its life.
class network_namespace {
public:
    network_namespace()
        : home_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
        if (!home_ || ::unshare(CLONE_NEWNET) != 0) {
            why_not_ = std::string("no network namespace of its own: ") + std::strerror(errno);
            home_ = file_descriptor();
            return;
        }
        // Else the kernel sends router solicitations and reports that no test asked for.
        for (char const* which : {"all", "default"}) {
            std::string const path = std::string("/proc/sys/net/ipv6/conf/") + which + "/disable_ipv6";
            if (std::FILE* file = std::fopen(path.c_str(), "w")) {
                std::fputs("1", file);
                std::fclose(file);
            }
        }
        if (::access("/dev/net/tun", R_OK | W_OK) != 0) {
            why_not_ = std::string("/dev/net/tun cannot be used: ") + std::strerror(errno);
        }
    }
    ~network_namespace() {
        if (home_) {
            ::setns(home_.number(), CLONE_NEWNET);
        }
    }
    network_namespace(network_namespace const&) = delete;
    network_namespace& operator=(network_namespace const&) = delete;

    // Why tests of TUN and TAP must be skipped; empty when they need not.
    std::string const& why_not() const { return why_not_; }

private:
    file_descriptor home_;
    std::string why_not_;
};

// `ip link set NAME up` (or down), `ip link set NAME mtu N`.
inline bool set_interface(std::string const& name, bool up, int mtu = 0) {
    file_descriptor const socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    if (mtu != 0) {
        request.ifr_mtu = mtu;
        if (::ioctl(socket.number(), SIOCSIFMTU, &request) != 0) {
            return false;
        }
    }
    request.ifr_flags = static_cast<short>(up ? IFF_UP : 0);
    return ::ioctl(socket.number(), SIOCSIFFLAGS, &request) == 0;
}

} // namespace plywire::support
