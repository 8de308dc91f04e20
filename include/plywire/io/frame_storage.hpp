// Where a queue of frames keeps them: inside itself (sizes are part of the type, no heap, constexpr) or on the heap
// (sizes are chosen at run time). Allocated once, never grown.
#pragma once

#include <plywire/io/heap_array.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace plywire {

// Octets from the front of one frame to the front of the next: whole cache lines, so that no two frames share one.
constexpr std::size_t frame_stride(std::size_t frame_octets) { return (frame_octets + 63) / 64 * 64; }

// Room for `Frames` frames of up to `FrameOctets` octets inside the object. No heap.
template <std::size_t Frames, std::size_t FrameOctets>
class inline_frames {
    static_assert(Frames > 0 && FrameOctets > 0, "plywire: a store of frames needs room for one octet of one frame");

public:
    constexpr std::size_t frames() const { return Frames; }
    constexpr std::size_t frame_octets() const { return FrameOctets; }
    constexpr std::byte* frame(std::size_t index) { return octets_.data() + index * frame_stride(FrameOctets); }
    constexpr std::uint32_t& length(std::size_t index) { return lengths_[index]; }

private:
    alignas(64) std::array<std::byte, Frames * frame_stride(FrameOctets)> octets_{};
    std::array<std::uint32_t, Frames> lengths_{};
};

// Room for a number of frames chosen at run time, on the heap; when there is no memory, for none.
class heap_frames {
public:
    constexpr heap_frames(std::size_t frames, std::size_t frame_octets)
        : octets_(frames * frame_stride(frame_octets))
        , lengths_(frames)
        , frame_octets_(frame_octets) {}

    constexpr std::size_t frames() const { return octets_.size() == 0 ? 0 : lengths_.size(); }
    constexpr std::size_t frame_octets() const { return frame_octets_; }
    constexpr std::byte* frame(std::size_t index) { return octets_.data() + index * frame_stride(frame_octets_); }
    constexpr std::uint32_t& length(std::size_t index) { return lengths_[index]; }

private:
    heap_array<std::byte> octets_;
    heap_array<std::uint32_t> lengths_;
    std::size_t frame_octets_;
};

} // namespace plywire
