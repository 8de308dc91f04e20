// A cable with weather: two ends that are devices, and a path from each to the other. Time is somebody else's: the link
// is given a clock to look at, which a world (world/world.hpp) or a test moves.
//
//     instant now{};
//     weather_link<medium::ip> link(now, 1, {}, weather{.delay = milliseconds(50)}, weather{.loss = uniform_loss{10'000}});
//     stack<weather_link<medium::ip>::end, ...> left(link.first(), ...), right(link.second(), ...);
//
// The ends' type says nothing of the weather, so that a host is compiled once for all weathers.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/io/device.hpp>
#include <plywire/io/weather_path.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire {

// How large a link is.
struct weather_link_settings {
    std::size_t mtu = 1500;
    // So many frames fit into queue and flight of each direction together; memory is taken as needed.
    std::uint32_t most_frames = 65'536;
};

// The two ends of a cable and what is on the way between them. Stays where it is made, since its ends point to it; the
// clock must outlive it and not run backwards. One thread.
template <medium M>
class weather_link {
public:
    // One end; models `device`. Lives as long as the link. It is never full: what a link cannot take is dropped.
    class end {
    public:
        static constexpr medium link_medium = M;
        static constexpr device_capabilities capabilities{};

        end(end const&) = delete;
        end& operator=(end const&) = delete;

        std::size_t mtu() const { return mtu_; }

        received_frame receive() {
            mutable_bytes const octets = incoming_.receive(clock_, witness_);
            if (!octets.empty()) {
                ++statistics_.received_frames;
                statistics_.received_octets += octets.size();
            }
            return {.octets = octets};
        }

        transmit_slot grant() {
            transmit_slot const slot = outgoing_.grant();
            if (!slot) {
                ++statistics_.full_grants;
            }
            return slot;
        }

        void commit(transmit_slot slot, transmit_request request) {
            if (!outgoing_.commit(slot.handle, request.length, clock_, witness_)) {
                ++statistics_.refused_frames;
                return;
            }
            ++statistics_.sent_frames;
            statistics_.sent_octets += request.length;
        }

        device_statistics const& statistics() const { return statistics_; }

        // When receive() has something, as far as that is known: never earlier than this.
        instant deadline() const { return incoming_.deadline(); }
        // Moves what waits in the queue of the other end; whether receive() has something now.
        bool time_passes(instant now) {
            incoming_.time_passes(now);
            return incoming_.next_arrival() <= now;
        }

        // What has become of the frames that this end has sent, and how many of them are in the queue and on the way.
        weather_path const& outgoing() const { return outgoing_; }

        // Shows it every frame that this end sends or is handed; nullptr: nobody any more. It must outlive the link, or
        // its use.
        void watch(frame_witness* witness) { witness_ = witness; }

    private:
        friend weather_link;
        end(instant const& clock, std::size_t mtu, weather_path& outgoing, weather_path& incoming)
            : clock_(clock)
            , mtu_(mtu)
            , outgoing_(outgoing)
            , incoming_(incoming) {}

        instant const& clock_;
        std::size_t mtu_;
        weather_path& outgoing_;
        weather_path& incoming_;
        frame_witness* witness_ = nullptr;
        device_statistics statistics_{};
    };

    // `there` is the weather from the first end to the second, `back` from the second to the first.
    template <class There, class Back>
    weather_link(instant const& clock, std::uint64_t seed, weather_link_settings const& s, There const& there,
                 Back const& back)
        : weather_link(clock, s, random_generator(seed), there, back) {}
    ~weather_link() {
        delete &there_;
        delete &back_;
    }
    weather_link(weather_link const&) = delete;
    weather_link& operator=(weather_link const&) = delete;

    // Not of a temporary, which would leave its ends dangling.
    end& first() & { return first_; }
    end& second() & { return second_; }

private:
    template <class There, class Back>
    weather_link(instant const& clock, weather_link_settings const& s, random_generator seeds, There const& there,
                 Back const& back)
        : there_(*new weather_path_of<There>(settings_of_paths(s), there, seeds.next()))
        , back_(*new weather_path_of<Back>(settings_of_paths(s), back, seeds.next()))
        , first_(clock, s.mtu, there_, back_)
        , second_(clock, s.mtu, back_, there_) {}

    static path_settings settings_of_paths(weather_link_settings const& s) {
        std::size_t const header = link_header_octets(M);
        return {.frame_octets = s.mtu + header, .link_header_octets = header, .most_frames = s.most_frames};
    }

    weather_path& there_;
    weather_path& back_;
    end first_;
    end second_;
};

} // namespace plywire
