// The hosts that scripts can run against: one per personality.
#include "tcp_host.hpp"

#include "support/scripted_device.hpp"

#include <plywire/machine/kernel_policies.hpp>
#include <plywire/protocols/icmpv4_layer.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/tcp_layer.hpp>
#include <plywire/stack/stack.hpp>

#include <memory>
#include <utility>

namespace plywire::packetdrill {

namespace {

// Scripts ask for all that there is to count.
template <class Policies>
struct counted : Policies {
    using counters = tcp::full_counters;
};

// Timestamps are a matter of type to plywire and a sysctl to scripts, so there is a set without them too.
template <class Policies>
struct without_timestamps : Policies {
    using timestamps = tcp::no_timestamps;
};

// A TCP layer some of whose settings change while it runs: here there is one program, which makes one connection at a
// time.
template <class Policies>
class tuned_layer : public tcp::layer<Policies> {
    using table = tcp::detail::connection_table<Policies>;

public:
    using tcp::layer<Policies>::layer;

    void limit_segments(std::uint16_t octets) { this->table::settings_.maximum_segment_size = octets; }

    void expect_more(pool_id id, bool on) {
        if (this->machine(id) != nullptr) {
            auto& machine = this->table::entries_[id.index].machine;
            if constexpr (requires { machine.expect_more(on); }) {
                machine.expect_more(on);
            }
        }
    }

    void open_fast(pool_id id, tcp::fast_open_cookie const& cookie) {
        if constexpr (Policies::fast_open::supported) {
            if (this->machine(id) != nullptr) {
                this->table::entries_[id.index].machine.open_fast(cookie);
            }
        }
    }

    std::optional<tcp::fast_open_cookie> given_cookie(pool_id id) {
        if constexpr (Policies::fast_open::supported) {
            return this->machine(id) == nullptr ? std::nullopt : this->machine(id)->given_cookie();
        } else {
            return std::nullopt;
        }
    }

    void tune(pool_id id, tuning const& wanted, instant now) {
        if (this->machine(id) == nullptr) {
            return;
        }
        auto& machine = this->table::entries_[id.index].machine;
        // Each setting may send what the one before has held back, so corks come first.
        if constexpr (requires { machine.set_cork(wanted.cork, now); }) {
            machine.set_cork(wanted.cork, now);
        }
        machine.set_no_delay(wanted.no_delay, now);
        if constexpr (requires { machine.set_user_timeout(wanted.user_timeout, now); }) {
            machine.set_user_timeout(wanted.user_timeout, now);
        }
        machine.set_keep_alive(wanted.keep_alive, now);
        this->table::serve(id.index, now);
    }
};

template <class Policies>
class host_with final : public tcp_host {
    using device_type = testing::scripted_device<medium::ip>;
    using host_type = stack<device_type, ipv4::layer<>, icmpv4::layer<>, tuned_layer<Policies>>;

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
    maybe<std::size_t> send(pool_id id, bytes_view octets) override { return layer().send(id, octets, host_.now()); }
    maybe<std::size_t> receive(pool_id id, mutable_bytes room) override {
        return layer().receive(id, room, host_.now());
    }
    maybe<void> shutdown(pool_id id) override { return layer().shutdown(id, host_.now()); }
    void close(pool_id id) override { layer().close(id, host_.now()); }
    void abort(pool_id id) override { layer().abort(id, host_.now()); }
    void tune(pool_id id, tuning const& wanted) override { layer().tune(id, wanted, host_.now()); }
    void limit_segments(std::uint16_t octets) override { layer().limit_segments(octets); }
    void expect_more(pool_id id, bool on) override { layer().expect_more(id, on); }
    void open_fast(pool_id id, tcp::fast_open_cookie const& cookie) override { layer().open_fast(id, cookie); }
    std::optional<tcp::fast_open_cookie> given_cookie(pool_id id) override { return layer().given_cookie(id); }
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
        return with_or_without_timestamps<counted<tcp::linux_like>>(settings);
    }
    if (personality == "freebsd") {
        return with_or_without_timestamps<counted<tcp::freebsd_like>>(settings);
    }
    return with_or_without_timestamps<counted<tcp::defaults>>(settings);
}

} // namespace plywire::packetdrill
