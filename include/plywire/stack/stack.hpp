// A host: a device and the layers above it, glued together at compile time.
//
//     using host = stack<tun, ipv4::layer<>, icmpv4::layer<>, tcp::layer<>>;
//     host h(device, ipv4::settings{.address = "10.9.0.2/24"_ipv4_prefix}, tcp::settings{.secret = ...});
//
// The host is driven from outside: it is told the time and asked to take frames in and give frames out. It never waits.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/io/device.hpp>
#include <plywire/protocols/secret.hpp>
#include <plywire/socket/services.hpp>
#include <plywire/stack/composition.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <type_traits>

namespace plywire {

namespace detail {

// A layer as a base of a stack.
template <class Layer>
struct layer_slot {
    template <class Settings>
    constexpr explicit layer_slot(Settings const& settings)
        : layer(settings) {}
    Layer layer;
};

// Settings of a layer that has to be told a secret.
template <class Settings>
inline constexpr bool has_secret = requires { requires std::is_same_v<decltype(Settings::secret), secret>; };

// The first secret among the settings given.
template <class... Settings>
constexpr secret secret_among(Settings const&... settings) {
    secret found{0, 0}; // stays only where the stack's constructor says what is missing
    bool is_found = false;
    auto const look_at = [&]<class One>(One const& one) {
        if constexpr (has_secret<One>) {
            found = is_found ? found : one.secret;
            is_found = true;
        }
    };
    (look_at(settings), ...);
    return found;
}

template <class Wanted, class First, class... Rest>
constexpr Wanted const& first_of(First const& first, Rest const&... rest) {
    if constexpr (std::is_same_v<Wanted, First>) {
        return first;
    } else {
        return first_of<Wanted>(rest...);
    }
}

// The settings of type `Wanted` among those given; defaults if there are none, and for its secret another's.
template <class Wanted, class... Given>
constexpr Wanted choose_settings(Given const&... given) {
    if constexpr ((std::is_same_v<Wanted, Given> || ...)) {
        return first_of<Wanted>(given...);
    } else if constexpr (has_secret<Wanted>) {
        return Wanted{.secret = secret_among(given...)};
    } else {
        return {};
    }
}

} // namespace detail

// A host on a device. `Layers` are named bottom up. Stays where it is made, since sockets point to it, and must
// outlive them; the device must outlive the host. Not for two threads.
template <class Device, class... Layers>
    requires composition<Device, Layers...>
class stack : private detail::layer_slot<Layers>... {
public:
    using device_type = Device;
    using tcp_socket = plywire::tcp_socket<detail::layer_or_void<tcp::tag, Layers...>>;
    using tcp_listener = plywire::tcp_listener<detail::layer_or_void<tcp::tag, Layers...>>;
    using udp_socket = plywire::udp_socket<stack>;

    // Whether the layer with this tag, such as tcp::tag, is there.
    template <class Tag>
    static constexpr bool has = detail::has_layer<Tag, Layers...>;

    // Settings are found by type, in any order; a layer that is given none has its defaults. TCP and UDP need a secret;
    // when only one of them is given one, both use it.
    template <class... Settings>
    constexpr explicit stack(Device& device, Settings const&... settings)
        : detail::layer_slot<Layers>(detail::choose_settings<typename Layers::settings_type>(settings...))...
        , device_(device) {
        static_assert((belongs_to_a_layer<Settings> && ...),
                      "plywire: these settings belong to no layer of this stack");
        static_assert((is_given_once<Settings, Settings...> && ...),
                      "plywire: the settings of one layer are given more than once");
        static_assert(!(detail::has_secret<typename Layers::settings_type> || ...) ||
                          (detail::has_secret<Settings> || ...),
                      "plywire: this stack needs a secret: give it tcp::settings{.secret = ...}, or UDP's where "
                      "there is no TCP, drawn from the system's random source");
        each_layer([&]<class Layer>(Layer& l) {
            if constexpr (requires { l.read_time_from(now_); }) {
                l.read_time_from(now_);
            }
            return false;
        });
    }
    stack(stack const&) = delete;
    stack& operator=(stack const&) = delete;

    // ---- driving ----

    // The application's calls use the time that the host was told last: tell it once before the first of them.

    // Takes in frames that have arrived, at most `budget`; answers how many.
    constexpr std::size_t receive(instant now, std::size_t budget = 256) {
        set_time(now);
        std::size_t frames = 0;
        while (frames < budget) {
            received_frame const frame = device_.receive();
            if (!frame) {
                break;
            }
            ++frames;
            if constexpr (Device::link_medium == medium::ethernet) {
                layer<ethernet::tag>().receive(*this, frame);
            } else {
                layer<ipv4::tag>().receive(*this, frame.octets, arrival{.checksum = frame.checksum});
            }
        }
        return frames;
    }

    // Gives out frames until nobody has any, the device is full or `budget` is spent; answers how many. A peer answers
    // what it is sent, so who sends much should look in between at what came: see run_loop.
    constexpr std::size_t transmit(instant now, std::size_t budget = ~std::size_t{0}) {
        set_time(now);
        std::size_t frames = 0;
        each_layer([&]<class Layer>(Layer& l) {
            if constexpr (requires { l.transmit(*this, budget); }) {
                frames += l.transmit(*this, budget - std::min(budget, frames));
            } else if constexpr (requires { l.transmit(*this); }) {
                frames += l.transmit(*this);
            }
            return false;
        });
        // Sending may have brought up an unknown neighbour, which must be asked for.
        if constexpr (has<arp::tag>) {
            frames += layer<arp::tag>().transmit(*this);
        }
        is_full_ = frames < budget && wants_to_transmit();
        return frames;
    }

    // Does what is due.
    constexpr void time_passes(instant now) {
        set_time(now);
        each_layer([&]<class Layer>(Layer& l) {
            if constexpr (requires { l.time_passes(*this); }) {
                l.time_passes(*this);
            }
            return false;
        });
    }

    // All three; answers how many frames went in or out. 0: nothing happens until a frame arrives, the application
    // calls or the deadline comes.
    constexpr std::size_t poll(instant now) {
        time_passes(now);
        std::size_t const received = receive(now);
        return received + transmit(now);
    }

    // When poll() has something to do even if no frame arrives: at once when the application has given something to
    // send, never() when nothing is due. While the device is full, frames wait for room and not for a time.
    constexpr instant deadline() const {
        if (!is_full_ && wants_to_transmit()) {
            return now_;
        }
        instant earliest = instant::never();
        (see_deadline(detail::layer_slot<Layers>::layer, earliest), ...);
        return earliest;
    }

    // Whether frames wait to be given out; after transmit(): whether they wait for room in the device.
    constexpr bool wants_to_transmit() const { return (wants_to_send(detail::layer_slot<Layers>::layer) || ...); }

    // What time it was when the host was last told.
    constexpr instant now() const { return now_; }
    constexpr Device& device() { return device_; }
    constexpr Device const& device() const { return device_; }

    // ---- what applications use ----

    constexpr tcp_service<stack> tcp()
        requires offers_tcp<Layers...>
    {
        return tcp_service<stack>(*this);
    }
    constexpr udp_service<stack> udp()
        requires offers_udp<Layers...>
    {
        return udp_service<stack>(*this);
    }
    constexpr icmp_service<stack> icmp()
        requires offers_icmpv4<Layers...>
    {
        return icmp_service<stack>(*this);
    }
    constexpr auto const& ipv4() const { return layer<ipv4::tag>(); }
    constexpr auto const& arp() const
        requires offers_arp<Layers...>
    {
        return layer<arp::tag>();
    }
    constexpr auto const& ethernet() const
        requires offers_ethernet<Layers...>
    {
        return layer<ethernet::tag>();
    }

    // ---- what layers use ----

    // The layer with this tag.
    template <class Tag>
        requires has<Tag>
    constexpr auto& layer() {
        return detail::layer_slot<layer_of<Tag>>::layer;
    }
    template <class Tag>
        requires has<Tag>
    constexpr auto const& layer() const {
        return detail::layer_slot<layer_of<Tag>>::layer;
    }

    // Calls `f(layer)` for the layers, bottom up, until one call answers true; answers whether one did.
    template <class F>
    constexpr bool each_layer(F f) {
        return (f(detail::layer_slot<Layers>::layer) || ...);
    }

private:
    template <class Tag>
    using layer_of = std::tuple_element_t<detail::place_of<Tag, Layers...>(), std::tuple<Layers...>>;

    template <class Settings>
    static constexpr bool belongs_to_a_layer = (std::is_same_v<Settings, typename Layers::settings_type> || ...);

    template <class Wanted, class... Settings>
    static constexpr bool is_given_once = (int{std::is_same_v<Wanted, Settings>} + ...) == 1;

    template <class Layer>
    static constexpr void see_deadline(Layer const& l, instant& earliest) {
        if constexpr (requires { l.deadline(); }) {
            earliest = std::min(earliest, l.deadline());
        }
    }

    template <class Layer>
    static constexpr bool wants_to_send(Layer const& l) {
        if constexpr (requires { l.wants_to_send(); }) {
            return l.wants_to_send();
        } else {
            return false;
        }
    }

    // Time does not run backwards, whatever the caller says.
    constexpr void set_time(instant now) { now_ = std::max(now_, now); }

    Device& device_;
    instant now_{};
    bool is_full_ = false;
};

} // namespace plywire
