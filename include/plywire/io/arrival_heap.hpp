// Frames in the order in which they arrive, whatever the order in which they were sent.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/io/heap_array.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace plywire {

// A binary heap; those of the same time come in the order of their numbers. Grows by doubling.
class arrival_heap {
public:
    struct entry {
        instant when{};
        std::uint64_t order = 0;
        std::uint32_t frame = 0;

        constexpr bool comes_before(entry const& other) const {
            return when < other.when || (when == other.when && order < other.order);
        }
    };

    constexpr bool empty() const { return size_ == 0; }
    constexpr std::size_t size() const { return size_; }
    // Not of an empty one.
    constexpr entry const& first() const { return entries_[0]; }

    // False when there is no memory.
    constexpr bool add(entry const& added) {
        if (size_ == entries_.size() && !grow()) {
            return false;
        }
        std::size_t place = size_++;
        while (place != 0 && added.comes_before(entries_[(place - 1) / 2])) {
            entries_[place] = entries_[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        entries_[place] = added;
        return true;
    }

    // Not of an empty one.
    constexpr entry take_first() {
        entry const taken = entries_[0];
        entry const last = entries_[--size_];
        std::size_t place = 0;
        for (std::size_t child = 1; child < size_; child = 2 * place + 1) {
            if (child + 1 < size_ && entries_[child + 1].comes_before(entries_[child])) {
                ++child;
            }
            if (!entries_[child].comes_before(last)) {
                break;
            }
            entries_[place] = entries_[child];
            place = child;
        }
        entries_[place] = last;
        return taken;
    }

private:
    constexpr bool grow() {
        heap_array<entry> larger(size_ == 0 ? 64 : 2 * size_);
        if (larger.size() == 0) {
            return false;
        }
        for (std::size_t i = 0; i < size_; ++i) {
            larger[i] = entries_[i];
        }
        entries_ = std::move(larger);
        return true;
    }

    heap_array<entry> entries_{};
    std::size_t size_ = 0;
};

} // namespace plywire
