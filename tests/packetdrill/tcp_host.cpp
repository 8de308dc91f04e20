// The hosts that scripts can run against: one per personality.
#include "tcp_host.hpp"

#include "support/scripted_device.hpp"

#include <plywire/machine/policies.hpp>
#include <plywire/protocols/icmpv4_layer.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/tcp_layer.hpp>
#include <plywire/stack/stack.hpp>

#include <memory>
#include <utility>

namespace plywire::packetdrill {

namespace {

struct plain : tcp::defaults {};

// Timestamps are a matter of type to plywire and a sysctl to scripts, so there is a set without them too.
template <class Policies>
struct without_timestamps : Policies {
    using timestamps = tcp::no_timestamps;
};

struct linux_like : tcp::defaults {
    using retransmission = tcp::kernel_timing;
};

template <class Policies>
class host_with final : public tcp_host {
    using device_type = testing::scripted_device<medium::ip>;
    using host_type = stack<device_type, ipv4::layer<>, icmpv4::layer<>, tcp::layer<Policies>>;

public:
    explicit host_with(host_settings const& s)
        : host_(device_, ipv4::settings{.address = {s.address, 16}}, s.tcp) {}

    void poll(instant now) override {
        while (host_.poll(now) != 0) {
        }
    }
    instant deadline() const override { return host_.deadline(); }
    void arrives(packet octets) override { device_.incoming.push_back(std::move(octets)); }
    packet take() override { return device_.take(); }
    void set_full(bool full) override { device_.full = full; }

    maybe<pool_id> listen(std::uint16_t port, tcp::listen_options const& options) override {
        return layer().listen(host_, port, options);
    }
    maybe<pool_id> accept(pool_id id) override { return layer().accept(id); }
    void close_listener(pool_id id) override { layer().close_listener(id, host_.now()); }
    maybe<pool_id> connect(endpoint const& to, std::uint16_t port) override {
        return layer().connect(host_, to, {.local_port = port});
    }
    maybe<std::size_t> send(pool_id id, bytes_view octets) override {
        return layer().send(id, octets, host_.now());
    }
    maybe<std::size_t> receive(pool_id id, mutable_bytes room) override {
        return layer().receive(id, room, host_.now());
    }
    maybe<void> shutdown(pool_id id) override { return layer().shutdown(id, host_.now()); }
    void close(pool_id id) override { layer().close(id, host_.now()); }
    void abort(pool_id id) override { layer().abort(id, host_.now()); }
    void set_no_delay(pool_id id, bool on) override { layer().set_no_delay(id, on, host_.now()); }
    connection_facts facts(pool_id id) override {
        auto const* const m = layer().machine(id);
        if (m == nullptr) {
            return {};
        }
        return {.exists = true,
                .readable = m->readable(),
                .writable = m->writable(),
                .failure = m->failure(),
                .info = m->info()};
    }
    endpoint local(pool_id id) override { return layer().local(id); }
    endpoint remote(pool_id id) override { return layer().remote(id); }

private:
    auto& layer() { return host_.template layer<tcp::tag>(); }

    device_type device_{};
    host_type host_;
};

template <class Policies>
std::unique_ptr<tcp_host> with_or_without_timestamps(host_settings const& s) {
    if (s.timestamps) {
        return std::make_unique<host_with<Policies>>(s);
    }
    return std::make_unique<host_with<without_timestamps<Policies>>>(s);
}

} // namespace

std::unique_ptr<tcp_host> make_host(std::string_view personality, host_settings const& settings) {
    if (personality == "linux") {
        return with_or_without_timestamps<linux_like>(settings);
    }
    return with_or_without_timestamps<plain>(settings);
}

} // namespace plywire::packetdrill
