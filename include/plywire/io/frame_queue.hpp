// A queue of frames that are written where they will be read: no copy between the two.
#pragma once

#include <plywire/io/frame.hpp>
#include <plywire/io/frame_storage.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace plywire {

// One direction of an in-memory link. The writer is granted the slot behind the newest frame, the reader is shown the
// oldest frame in place and keeps it until it asks again. Not for two threads.
template <class Storage>
class frame_queue {
public:
    template <class... Sizes>
    constexpr explicit frame_queue(Sizes... sizes)
        : storage_(sizes...) {}

    // The slot behind the newest frame, or an empty one when all are in use. The same until it is committed.
    constexpr transmit_slot grant() {
        if (count_ == storage_.frames()) {
            return {};
        }
        granted_ = true;
        return {mutable_bytes(storage_.frame(last()), storage_.frame_octets()), commits_};
    }

    // Makes the first `length` octets of the granted slot the newest frame and shows it; empty, and nothing happens,
    // when the slot is not the one granted last or the length does not lie in [1, size of the slot].
    constexpr bytes_view commit(std::size_t handle, std::size_t length) {
        if (!granted_ || handle != commits_ || length == 0 || length > storage_.frame_octets()) {
            return {};
        }
        std::size_t const index = last();
        granted_ = false;
        storage_.length(index) = static_cast<std::uint32_t>(length);
        ++count_;
        ++commits_;
        return {storage_.frame(index), length};
    }

    // The oldest frame, empty when there is none; frees the one shown before.
    constexpr mutable_bytes receive() {
        if (std::exchange(shown_, false)) {
            first_ = first_ + 1 == storage_.frames() ? 0 : first_ + 1;
            --count_;
        }
        if (count_ == 0) {
            return {};
        }
        shown_ = true;
        return {storage_.frame(first_), storage_.length(first_)};
    }

    // Frames that wait to be received; one that is being shown no longer waits.
    constexpr std::size_t waiting() const { return count_ - (shown_ ? 1 : 0); }
    constexpr std::size_t frame_octets() const { return storage_.frame_octets(); }

private:
    constexpr std::size_t last() const {
        std::size_t const index = first_ + count_;
        return index >= storage_.frames() ? index - storage_.frames() : index;
    }

    Storage storage_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::size_t commits_ = 0; // so far: also the mark of the slot granted next, so that an old slot is known as such
    bool granted_ = false;
    bool shown_ = false;
};

} // namespace plywire
