// A TAP interface: Ethernet frames to and from the Linux kernel.
#pragma once

#include <plywire/io/linux_tuntap.hpp>

namespace plywire {

// A TAP interface of this machine as a device. After opening it, give the kernel its side:
// `ip address add 10.9.0.1/24 dev NAME` and `ip link set NAME up`. The interface goes when the object does, unless it
// was there before.
class tap : public linux_tuntap {
public:
    static constexpr medium link_medium = medium::ethernet;

    // Creates the interface, or attaches to it when it exists. At most 15 characters; an empty name lets the kernel
    // choose one. Needs CAP_NET_ADMIN, or an interface that was made for this user.
    [[nodiscard]] static std::expected<tap, os_error> open(std::string_view name) {
        tap device;
        auto const done = device.attach(name, IFF_TAP);
        return done ? std::expected<tap, os_error>(std::move(device)) : std::unexpected(done.error());
    }

    // Takes over a file descriptor that another program or part has set up and handed in, as VPN and container programs
    // do: a TAP with IFF_NO_PI, which is made non-blocking. `mtu` is its interface's, in octets.
    [[nodiscard]] static std::expected<tap, os_error> adopt(file_descriptor opened, std::size_t mtu) {
        tap device;
        auto const done = device.take_over(std::move(opened), mtu);
        return done ? std::expected<tap, os_error>(std::move(device)) : std::unexpected(done.error());
    }

private:
    tap()
        : linux_tuntap(link_medium) {}
};

} // namespace plywire
