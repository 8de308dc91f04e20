// Room for frames that are on their way: it grows with their number, up to a bound, and never shrinks.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/io/frame_storage.hpp>
#include <plywire/io/heap_array.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire {

// At most `most_frames` frames of up to `frame_octets` octets. A frame is a number; its octets and its notes stay where
// they are as long as the pool lives. Not for two threads.
class frame_pool {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    // What is noted of a frame. `next` is for lists of its user.
    struct notes {
        instant entered{};
        std::uint32_t length = 0;
        std::uint32_t next = none;
    };

    constexpr frame_pool(std::uint32_t most_frames, std::size_t frame_octets)
        : slabs_((most_frames + slab_frames - 1) / slab_frames)
        , most_frames_(most_frames)
        , frame_octets_(frame_octets) {}

    constexpr std::size_t frame_octets() const { return frame_octets_; }
    constexpr std::uint32_t most_frames() const { return most_frames_; }
    // Frames in use.
    constexpr std::uint32_t in_use() const { return in_use_; }

    // A frame that was free; `none` at the bound, or when there is no memory.
    constexpr std::uint32_t take() {
        std::uint32_t index = free_;
        if (index != none) {
            free_ = at(index).next;
        } else if (made_ < most_frames_ && has_slab(made_)) {
            index = made_++;
        } else {
            return none;
        }
        ++in_use_;
        return index;
    }

    // Takes back a frame that take() has handed out.
    constexpr void give_back(std::uint32_t index) {
        at(index).next = free_;
        free_ = index;
        --in_use_;
    }

    constexpr notes& at(std::uint32_t index) { return slabs_[index / slab_frames].notes_of[index % slab_frames]; }
    constexpr std::byte* octets(std::uint32_t index) {
        return slabs_[index / slab_frames].octets.data() + index % slab_frames * frame_stride(frame_octets_);
    }
    // The octets that are the frame.
    constexpr mutable_bytes frame(std::uint32_t index) { return {octets(index), at(index).length}; }

private:
    static constexpr std::uint32_t slab_frames = 64;
    struct slab {
        heap_array<std::byte> octets{};
        heap_array<notes> notes_of{};
    };

    constexpr bool has_slab(std::uint32_t index) {
        if (slabs_.size() == 0) {
            return false;
        }
        slab& s = slabs_[index / slab_frames];
        if (s.octets.size() == 0) {
            s.octets = heap_array<std::byte>(slab_frames * frame_stride(frame_octets_));
        }
        if (s.notes_of.size() == 0) {
            s.notes_of = heap_array<notes>(slab_frames);
        }
        return s.octets.size() != 0 && s.notes_of.size() != 0;
    }

    heap_array<slab> slabs_;
    std::uint32_t most_frames_;
    std::size_t frame_octets_;
    std::uint32_t made_ = 0;
    std::uint32_t in_use_ = 0;
    std::uint32_t free_ = none;
};

} // namespace plywire
