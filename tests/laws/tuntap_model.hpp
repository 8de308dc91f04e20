// TUN and TAP as models of the device laws. The far end is the kernel: a packet socket on the interface sends and takes
// whole frames there. To be made inside a network namespace of the test's own.
#pragma once

#include <laws/device_laws.hpp>
#include <plywire/io/file_descriptor.hpp>
#include <support/network_namespace.hpp>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace plywire::laws {

template <class Device>
class tuntap_model {
public:
    static constexpr bool can_be_filled = false; // the kernel takes and drops

    tuntap_model()
        : device_(open())
        , far_end_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
        sockaddr_ll where{};
        where.sll_family = AF_PACKET;
        where.sll_protocol = htons(ETH_P_ALL);
        where.sll_ifindex = static_cast<int>(::if_nametoindex(std::string(device_.name()).c_str()));
        if (::bind(far_end_.number(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
            std::abort();
        }
    }

    Device& device() { return device_; }

    bool sends(bytes_view frame) {
        return ::send(far_end_.number(), frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size());
    }

    std::vector<std::byte> takes() {
        for (;;) {
            std::vector<std::byte> frame(70000);
            sockaddr_ll from{};
            socklen_t size = sizeof from;
            ssize_t const length = ::recvfrom(far_end_.number(), frame.data(), frame.size(), MSG_DONTWAIT,
                                              reinterpret_cast<sockaddr*>(&from), &size);
            if (length < 0) {
                return {};
            }
            if (from.sll_pkttype == PACKET_OUTGOING) {
                continue; // what it sent itself
            }
            frame.resize(static_cast<std::size_t>(length));
            return frame;
        }
    }

private:
    static Device open() {
        auto opened = Device::open("law%d");
        if (!opened || !support::set_interface(std::string(opened->name()), true)) {
            std::abort();
        }
        return std::move(*opened);
    }

    Device device_;
    file_descriptor far_end_;
};

// The same device on a socket that keeps whole frames instead of an interface: needs no privileges, and gets full.
template <class Device>
class adopted_model {
public:
    static constexpr bool can_be_filled = true;

    adopted_model()
        : device_(open(far_end_)) {}

    Device& device() { return device_; }

    bool sends(bytes_view frame) {
        return ::send(far_end_.number(), frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size());
    }

    std::vector<std::byte> takes() {
        std::vector<std::byte> frame(70000);
        ssize_t const length = ::recv(far_end_.number(), frame.data(), frame.size(), MSG_DONTWAIT);
        device_.flush(); // as the run loop does when there is room
        frame.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
        return frame;
    }

private:
    static Device open(file_descriptor& far_end) {
        int ends[2] = {-1, -1};
        if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
            std::abort();
        }
        far_end = file_descriptor(ends[0]);
        auto adopted = Device::adopt(file_descriptor(ends[1]), 1500);
        if (!adopted) {
            std::abort();
        }
        return std::move(*adopted);
    }

    file_descriptor far_end_{};
    Device device_;
};

} // namespace plywire::laws
