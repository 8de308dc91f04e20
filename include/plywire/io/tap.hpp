// A TAP interface: Ethernet frames to and from the Linux kernel.
#pragma once

#include <plywire/io/linux_tuntap.hpp>

namespace plywire {

// A TAP interface of this machine as a device. After opening it, give the kernel its side:
// `ip address add 10.9.0.1/24 dev NAME` and `ip link set NAME up`. The interface goes when the object does, unless it
// was there before.
class tap : public linux_tuntap<medium::ethernet> {
public:
    // Creates the interface, or attaches to it when it exists. At most 15 characters; an empty name lets the kernel
    // choose one. Needs CAP_NET_ADMIN, or an interface that was made for this user.
    [[nodiscard]] static std::expected<tap, os_error> open(std::string_view name) { return open_as<tap>(name); }

    // Takes over a file descriptor that another program or part has set up and handed in, as VPN and container programs
    // do: a TAP with IFF_NO_PI, which is made non-blocking. `mtu` is its interface's, in octets.
    [[nodiscard]] static std::expected<tap, os_error> adopt(file_descriptor opened, std::size_t mtu) {
        return adopt_as<tap>(std::move(opened), mtu);
    }

private:
    friend linux_tuntap<medium::ethernet>;
    tap() = default;
};

static_assert(waitable_device<tap>);

} // namespace plywire
