// Where a layer keeps its connections and sockets: tables whose elements never move, named by index and generation.
//
// A pool policy chooses the memory: `fixed_pool<N>` lies inside the layer and never touches the heap; `slab_pool<N>`
// grows by chunks up to N elements and keeps what it has. Neither has more than N, whatever the peers do.
#pragma once

#include <plywire/io/heap_array.hpp>
#include <plywire/protocols/index_list.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace plywire {

// Names an element of a pool for as long as it lives: a later element at the same index has another generation.
struct pool_id {
    std::uint32_t index = no_index;
    std::uint32_t generation = 0;

    friend constexpr bool operator==(pool_id const&, pool_id const&) = default;
};

namespace detail {

// `Capacity` elements inside the object.
template <class T, std::uint32_t Capacity>
class fixed_elements {
public:
    constexpr std::uint32_t size() const { return Capacity; }
    constexpr bool grow() { return false; }
    constexpr T& operator[](std::uint32_t index) { return elements_[index]; }
    constexpr T const& operator[](std::uint32_t index) const { return elements_[index]; }

private:
    std::array<T, Capacity> elements_{};
};

// Chunks of elements on the heap, so that growing moves none of them.
template <class T, std::uint32_t Capacity>
class slab_elements {
    static constexpr std::size_t chunk_octets = 16 * 1024; // about as much as is asked of the heap at a time
    static constexpr std::uint32_t chunk_size =
        static_cast<std::uint32_t>(std::clamp<std::size_t>(std::bit_floor(chunk_octets / sizeof(T) + 1), 8, 1024));

public:
    constexpr std::uint32_t size() const { return size_; }

    // Adds a chunk. Returns false at the capacity and when there is no memory.
    [[gnu::noinline]] constexpr bool grow() {
        if (size_ >= Capacity) {
            return false;
        }
        std::uint32_t const used = size_ / chunk_size;
        if (used == chunks_.size()) {
            heap_array<heap_array<T>> more(std::max<std::size_t>(8, chunks_.size() * 2));
            if (more.size() == 0) {
                return false;
            }
            for (std::size_t i = 0; i < chunks_.size(); ++i) {
                more[i] = std::move(chunks_[i]);
            }
            chunks_ = std::move(more);
        }
        heap_array<T> chunk(chunk_size);
        if (chunk.size() == 0) {
            return false;
        }
        chunks_[used] = std::move(chunk);
        size_ = std::min(size_ + chunk_size, Capacity);
        return true;
    }

    constexpr T& operator[](std::uint32_t index) { return chunks_[index / chunk_size][index % chunk_size]; }
    constexpr T const& operator[](std::uint32_t index) const { return chunks_[index / chunk_size][index % chunk_size]; }

private:
    heap_array<heap_array<T>> chunks_;
    std::uint32_t size_ = 0;
};

// The heads of a hash_index's chains, inside the object.
template <std::uint32_t Capacity>
class fixed_heads {
public:
    constexpr fixed_heads() { heads_.fill(no_index); }
    constexpr std::uint32_t size() const { return static_cast<std::uint32_t>(heads_.size()); }
    constexpr bool grow() { return false; }
    constexpr std::uint32_t& operator[](std::uint32_t slot) { return heads_[slot]; }
    constexpr std::uint32_t const& operator[](std::uint32_t slot) const { return heads_[slot]; }

private:
    std::array<std::uint32_t, std::bit_ceil(Capacity)> heads_{};
};

// The same on the heap, twice as many each time; growing forgets what they held.
class slab_heads {
public:
    constexpr std::uint32_t size() const { return static_cast<std::uint32_t>(heads_.size()); }

    // Doubles the heads and clears them. Returns false, and nothing happens, without memory.
    constexpr bool grow() {
        heap_array<std::uint32_t> more(std::max<std::size_t>(16, heads_.size() * 2));
        if (more.size() == 0) {
            return false;
        }
        std::fill_n(more.data(), more.size(), no_index);
        heads_ = std::move(more);
        return true;
    }

    constexpr std::uint32_t& operator[](std::uint32_t slot) { return heads_[slot]; }
    constexpr std::uint32_t const& operator[](std::uint32_t slot) const { return heads_[slot]; }

private:
    heap_array<std::uint32_t> heads_;
};

} // namespace detail

// Up to `Capacity` elements inside the object that names it. No heap.
template <std::uint32_t Capacity>
struct fixed_pool {
    static_assert(Capacity > 0, "plywire: a pool needs room for one element");
    static constexpr std::uint32_t capacity = Capacity;
    template <class T>
    using elements = detail::fixed_elements<T, Capacity>;
    using heads = detail::fixed_heads<Capacity>;
};

// Up to `Capacity` elements, in chunks taken from the heap when they are first needed and kept until the end.
template <std::uint32_t Capacity>
struct slab_pool {
    static_assert(Capacity > 0, "plywire: a pool needs room for one element");
    static constexpr std::uint32_t capacity = Capacity;
    template <class T>
    using elements = detail::slab_elements<T, Capacity>;
    using heads = detail::slab_heads;
};

// A table of `T` by index and generation. Elements are made once and live on between uses: whoever acquires one puts
// it into its starting state. Every operation is O(1), but for the growth of a slab. Not for two threads.
template <class T, class Policy>
class pool {
public:
    // An index that was free, no_index when the pool is at its capacity or the heap has no more.
    constexpr std::uint32_t acquire() {
        std::uint32_t index = free_;
        if (index != no_index) {
            free_ = cells_[index].next_free;
        } else {
            if (fresh_ == cells_.size() && !cells_.grow()) {
                return no_index;
            }
            index = fresh_++;
        }
        ++cells_[index].generation; // odd while in use
        ++in_use_;
        return index;
    }

    // Gives an index that is in use back. Ids that named it are stale from now on.
    constexpr void release(std::uint32_t index) {
        cell& c = cells_[index];
        ++c.generation;
        c.next_free = free_;
        free_ = index;
        --in_use_;
    }

    // The element that an id names, nullptr when it is gone or never was.
    constexpr T* find(pool_id id) {
        if (id.index >= fresh_) {
            return nullptr;
        }
        cell& c = cells_[id.index];
        return c.generation == id.generation && c.generation % 2 == 1 ? &c.value : nullptr;
    }

    constexpr bool is_in_use(std::uint32_t index) const { return index < fresh_ && cells_[index].generation % 2 == 1; }
    constexpr pool_id id_of(std::uint32_t index) const { return {index, cells_[index].generation}; }
    constexpr T& operator[](std::uint32_t index) { return cells_[index].value; }
    constexpr T const& operator[](std::uint32_t index) const { return cells_[index].value; }
    constexpr std::uint32_t in_use() const { return in_use_; }
    // One past the highest index that was ever in use.
    constexpr std::uint32_t highest() const { return fresh_; }
    static constexpr std::uint32_t capacity() { return Policy::capacity; }

private:
    struct cell {
        T value{};
        std::uint32_t generation = 0;
        std::uint32_t next_free = no_index;
    };

    typename Policy::template elements<cell> cells_{};
    std::uint32_t free_ = no_index;
    std::uint32_t fresh_ = 0;
    std::uint32_t in_use_ = 0;
};

} // namespace plywire
