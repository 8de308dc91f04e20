// What TUN and TAP have in common. Read first: Documentation/networking/tuntap.rst of the Linux kernel.
// Frames pass one read or write at a time, without packet information and, so far, without offloads.
#pragma once

#ifndef __linux__
#error "plywire: TUN and TAP interfaces exist on Linux only"
#endif

#include <plywire/io/device.hpp>
#include <plywire/io/file_descriptor.hpp>
#include <plywire/io/heap_array.hpp>
#include <plywire/io/os_error.hpp>

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <expected>
#include <string_view>
#include <utility>

namespace plywire {

namespace detail {

// `name` has at most 15 characters.
inline ifreq interface_request(std::string_view name) {
    ifreq request{};
    std::memcpy(request.ifr_name, name.data(), name.size() < IFNAMSIZ ? name.size() : IFNAMSIZ - 1);
    return request;
}

inline std::string_view advice_on_tuntap(int error) {
    switch (error) {
    case EPERM:
    case EACCES: return "run as root, or let root create the interface for you: ip tuntap add ... user ...";
    case ENOENT:
    case ENODEV: return "load the kernel's tun module: modprobe tun";
    case EBUSY: return "another program is attached to it";
    case EINVAL: return "that is no legal name, or an interface of that name exists and is of another kind";
    default: return {};
    }
}

// Makes or attaches to an interface as `request` says, and stores in it the name that it got.
inline std::expected<file_descriptor, os_error> open_tuntap(std::string_view name, ifreq& request) {
    if (name.size() >= IFNAMSIZ) {
        return std::unexpected(os_error{ENAMETOOLONG, "cannot use this interface name", "15 characters at most"});
    }
    file_descriptor opened(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!opened) {
        return std::unexpected(os_error{errno, "cannot open /dev/net/tun", advice_on_tuntap(errno)});
    }
    if (::ioctl(opened.number(), TUNSETIFF, &request) < 0) {
        return std::unexpected(os_error{errno, "cannot create or attach to the interface", advice_on_tuntap(errno)});
    }
    return opened;
}

inline std::expected<std::size_t, os_error> mtu_of_interface(std::string_view name) {
    file_descriptor const socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = interface_request(name);
    if (!socket || ::ioctl(socket.number(), SIOCGIFMTU, &request) < 0) {
        return std::unexpected(os_error{errno, "cannot read the MTU of the interface", {}});
    }
    return static_cast<std::size_t>(request.ifr_mtu);
}

} // namespace detail

// A network interface of this machine whose far end is this program: what the kernel sends through the interface is
// received here, and what is sent here the kernel receives. Models `waitable_device`. Move-only; one thread.
//
// A frame that the kernel has no room for now (EAGAIN, ENOBUFS) is kept and tried again at the next grant() or
// flush(); until then nothing is granted. A frame sent while the interface is down or gone is counted as lost, one
// that the kernel finds malformed as refused; last_error() has the errno.
//
// Neither kind of interface is a template parameter, so that this is compiled once for both.
class linux_tuntap {
public:
    static constexpr device_capabilities capabilities{};

    // The largest IP packet in octets, as the interface was set when it was opened or at the last refresh_mtu().
    std::size_t mtu() const { return mtu_; }

    [[gnu::noinline]] received_frame receive() {
        ssize_t length = 0;
        do {
            length = ::read(descriptor_.number(), buffers_.data(), buffer_octets);
        } while (length < 0 && errno == EINTR);
        if (length <= 0) {
            if (length < 0 && errno != EAGAIN) {
                ++statistics_.receive_errors;
                last_error_ = errno;
            }
            return {};
        }
        mutable_bytes const octets(buffers_.data(), static_cast<std::size_t>(length));
        ++statistics_.received_frames;
        statistics_.received_octets += octets.size();
        return {.octets = octets};
    }

    transmit_slot grant() {
        if (!flush()) {
            ++statistics_.full_grants;
            return {};
        }
        granted_ = true;
        return {mutable_bytes(outgoing(), largest_frame()), commits_};
    }

    void commit(transmit_slot slot, transmit_request request) {
        if (!granted_ || slot.handle != commits_ || request.length == 0 || request.length > largest_frame()) {
            ++statistics_.refused_frames;
            return;
        }
        granted_ = false;
        ++commits_;
        pending_ = request.length;
        flush();
    }

    device_statistics const& statistics() const { return statistics_; }

    // Readable when receive() has a frame.
    int native_handle() const { return descriptor_.number(); }

    // Whether a committed frame still waits for room in the kernel: then wait for the handle to become writable too.
    bool has_pending() const { return pending_ != 0; }

    // Tries once more to send such a frame; true when none is left waiting.
    [[gnu::noinline]] bool flush() {
        if (pending_ == 0) {
            return true;
        }
        ssize_t written = 0;
        do {
            written = ::write(descriptor_.number(), outgoing(), pending_);
        } while (written < 0 && errno == EINTR);
        if (written >= 0) {
            ++statistics_.sent_frames;
            statistics_.sent_octets += pending_;
        } else if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) {
            return false;
        } else {
            last_error_ = errno;
            ++(errno == EINVAL ? statistics_.refused_frames : statistics_.lost_frames);
        }
        pending_ = 0;
        return true;
    }

    // errno of the last frame that was lost, refused by the kernel or failed to be received; 0 when there was none.
    int last_error() const { return last_error_; }

    // The interface's name, as the kernel chose it when none was given; empty when the device was adopted.
    std::string_view name() const { return name_; }

    // Reads the interface's MTU again, after somebody changed it.
    std::expected<void, os_error> refresh_mtu() {
        auto const mtu = detail::mtu_of_interface(name());
        if (!mtu) {
            return std::unexpected(mtu.error());
        }
        mtu_ = *mtu < largest_mtu ? *mtu : largest_mtu;
        granted_ = false;
        return {};
    }

protected:
    explicit linux_tuntap(medium carried)
        : link_header_(link_header_octets(carried)) {}

    // Creates the interface, or attaches to it when it exists and nobody else is attached. `kind`: IFF_TUN or IFF_TAP.
    std::expected<void, os_error> attach(std::string_view name, int kind) {
        ifreq request = detail::interface_request(name);
        request.ifr_flags = static_cast<short>(kind | IFF_NO_PI);
        auto opened = detail::open_tuntap(name, request);
        if (!opened) {
            return std::unexpected(opened.error());
        }
        descriptor_ = std::move(*opened);
        std::memcpy(name_, request.ifr_name, IFNAMSIZ);
        name_[IFNAMSIZ - 1] = '\0';
        if (auto const read = refresh_mtu(); !read) {
            return read;
        }
        return allocate_buffers();
    }

    // Takes over what somebody else has opened.
    std::expected<void, os_error> take_over(file_descriptor opened, std::size_t mtu) {
        int const flags = ::fcntl(opened.number(), F_GETFL);
        if (flags < 0 || ::fcntl(opened.number(), F_SETFL, flags | O_NONBLOCK) < 0) {
            return std::unexpected(os_error{errno, "cannot make the descriptor non-blocking", {}});
        }
        descriptor_ = std::move(opened);
        mtu_ = mtu < largest_mtu ? mtu : largest_mtu;
        return allocate_buffers();
    }

private:
    std::expected<void, os_error> allocate_buffers() {
        buffers_ = heap_array<std::byte>(2 * buffer_octets);
        if (buffers_.size() == 0) {
            return std::unexpected(os_error{ENOMEM, "cannot allocate the interface's buffers", {}});
        }
        return {};
    }

    static constexpr std::size_t largest_mtu = 65535;   // the largest IP packet there is, RFC 791 section 3.1
    static constexpr std::size_t buffer_octets = 65600; // that, a link header and a VLAN tag

    std::byte* outgoing() { return buffers_.data() + buffer_octets; }
    std::size_t largest_frame() const { return link_header_ + mtu_; }

    file_descriptor descriptor_;
    heap_array<std::byte> buffers_; // the frame received last, then the one to send
    std::size_t link_header_;       // octets in front of the IP packet
    std::size_t mtu_ = 0;
    std::size_t pending_ = 0; // octets of the committed frame that the kernel had no room for
    std::size_t commits_ = 0; // so far; the mark of the slot granted next
    bool granted_ = false;
    int last_error_ = 0;
    char name_[IFNAMSIZ] = {};
    device_statistics statistics_{};
};

} // namespace plywire
