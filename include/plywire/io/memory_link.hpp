// A cable inside the process: two ends that are devices, and a fixed number of frames on the way in each direction.
//
//     memory_link<medium::ip> link;                         // no heap: sizes are part of the type
//     heap_memory_link<medium::ethernet> big(1024, 9000);   // frames each way, MTU
//     stack<memory_link<medium::ip>::end, ...> left{link.first(), ...}, right{link.second(), ...};
//
// Nothing is copied on the way: what one end writes into its slot is what the other end is shown. Frames arrive in
// order and intact; a link that delays, loses or reorders is a wrapper's business.
#pragma once

#include <plywire/io/device.hpp>
#include <plywire/io/frame_queue.hpp>

#include <concepts>
#include <cstddef>

namespace plywire {

// Hears nothing. A tap is called as `tap(frame, from_first)` with each frame, when it is committed.
struct no_tap {
    constexpr void operator()(bytes_view, bool) const {}
};

// The two ends of a cable and the frames between them. Stays where it is made, since its ends point to it. One thread.
template <medium M, class Storage, class Tap = no_tap>
class basic_memory_link {
public:
    // One end; models `device`. Lives as long as the link.
    class end {
    public:
        static constexpr medium link_medium = M;
        static constexpr device_capabilities capabilities{};

        end(end const&) = delete;
        end& operator=(end const&) = delete;

        constexpr std::size_t mtu() const { return outgoing().frame_octets() - link_header_octets(M); }

        constexpr received_frame receive() {
            mutable_bytes const octets = incoming().receive();
            if (!octets.empty()) {
                ++statistics_.received_frames;
                statistics_.received_octets += octets.size();
            }
            return {.octets = octets};
        }

        constexpr transmit_slot grant() {
            transmit_slot const slot = outgoing().grant();
            if (!slot) {
                ++statistics_.full_grants;
            }
            return slot;
        }

        constexpr void commit(transmit_slot slot, transmit_request request) {
            bytes_view const frame = outgoing().commit(slot.handle, request.length);
            if (frame.empty()) {
                ++statistics_.refused_frames;
                return;
            }
            ++statistics_.sent_frames;
            statistics_.sent_octets += frame.size();
            link_.tap_(frame, first_);
        }

        constexpr device_statistics const& statistics() const { return statistics_; }

        // Frames that receive() would hand out now.
        constexpr std::size_t waiting() const { return incoming().waiting(); }

    private:
        friend basic_memory_link;
        constexpr end(basic_memory_link& link, bool first)
            : link_(link)
            , first_(first) {}
        constexpr auto& outgoing() const { return first_ ? link_.from_first_ : link_.from_second_; }
        constexpr auto& incoming() const { return first_ ? link_.from_second_ : link_.from_first_; }

        basic_memory_link& link_;
        bool first_;
        device_statistics statistics_{};
    };

    constexpr explicit basic_memory_link(Tap tap = {})
        requires std::default_initializable<Storage>
        : tap_(static_cast<Tap&&>(tap)) {}

    // For storage on the heap: at most `frames` on the way in each direction, of up to `mtu` octets plus link header.
    constexpr basic_memory_link(std::size_t frames, std::size_t mtu, Tap tap = {})
        requires std::constructible_from<Storage, std::size_t, std::size_t>
        : from_first_(frames, mtu + link_header_octets(M))
        , from_second_(frames, mtu + link_header_octets(M))
        , tap_(static_cast<Tap&&>(tap)) {}

    basic_memory_link(basic_memory_link const&) = delete;
    basic_memory_link& operator=(basic_memory_link const&) = delete;

    // Not of a temporary, which would leave its ends dangling.
    constexpr end& first() & { return first_; }
    constexpr end& second() & { return second_; }

private:
    frame_queue<Storage> from_first_;
    frame_queue<Storage> from_second_;
    [[no_unique_address]] Tap tap_;
    end first_{*this, true};
    end second_{*this, false};
};

// A cable with everything inside the object: at most `Frames` frames on the way in each direction.
template <medium M, std::size_t Frames = 64, std::size_t Mtu = 1500, class Tap = no_tap>
using memory_link = basic_memory_link<M, inline_frames<Frames, Mtu + link_header_octets(M)>, Tap>;

// A cable whose sizes are chosen when it is made: `heap_memory_link<M> link(frames, mtu)`.
template <medium M, class Tap = no_tap>
using heap_memory_link = basic_memory_link<M, heap_frames, Tap>;

} // namespace plywire
