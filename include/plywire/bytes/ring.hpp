// Send and receive buffers: octets in a circle, with room behind them that may be filled out of order.
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/span.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace plywire {

// Room inside the object itself. N is a power of two.
template <std::size_t N>
class inline_storage {
    static_assert(std::has_single_bit(N), "plywire: the capacity of a ring is a power of two");

public:
    // The smallest that counts up to the capacity.
    using index_type = std::conditional_t<(N <= 0xffff), std::uint16_t,
                                          std::conditional_t<(N <= 0xffff'ffff), std::uint32_t, std::size_t>>;

    static constexpr std::size_t capacity() { return N; }
    static constexpr bool provide() { return true; }
    static constexpr void release() {}
    constexpr std::byte* data() { return octets_.data(); }
    constexpr std::byte const* data() const { return octets_.data(); }

private:
    std::array<std::byte, N> octets_ = {};
};

// Room on the heap, taken when it is first needed: an idle connection costs a pointer and a number.
class heap_storage {
public:
    using index_type = std::uint32_t;
    // In octets; more counts as this.
    static constexpr std::uint32_t largest_capacity = std::uint32_t{1} << 31;

    constexpr heap_storage() = default;
    // The capacity in octets; rounded up to a power of two.
    explicit constexpr heap_storage(std::size_t capacity)
        : capacity_(capacity == 0                 ? 0
                    : capacity > largest_capacity ? largest_capacity
                                                  : std::bit_ceil(static_cast<std::uint32_t>(capacity))) {}
    constexpr heap_storage(heap_storage&& other) noexcept
        : octets_(std::exchange(other.octets_, nullptr))
        , capacity_(std::exchange(other.capacity_, 0)) {}
    constexpr heap_storage& operator=(heap_storage&& other) noexcept {
        if (this != &other) {
            release();
            octets_ = std::exchange(other.octets_, nullptr);
            capacity_ = std::exchange(other.capacity_, 0);
        }
        return *this;
    }
    constexpr ~heap_storage() { release(); }

    constexpr std::size_t capacity() const { return capacity_; }

    // Takes the memory if that has not been done; false when there is none.
    constexpr bool provide() {
        if (octets_ == nullptr && capacity_ != 0) {
            if consteval {
                octets_ = new std::byte[capacity_]();
            } else {
                octets_ = new (std::nothrow) std::byte[capacity_];
            }
        }
        return octets_ != nullptr;
    }

    // Gives the memory back; the capacity stays, so that provide() takes it anew.
    constexpr void release() {
        delete[] octets_;
        octets_ = nullptr;
    }

    constexpr std::byte* data() { return octets_; }
    constexpr std::byte const* data() const { return octets_; }

private:
    std::byte* octets_ = nullptr;
    std::uint32_t capacity_ = 0;
};

// Octets that wrap around the end of their storage, in two parts; the second is often empty.
struct ring_pieces {
    bytes_view first;
    bytes_view second;

    constexpr std::size_t size() const { return first.size() + second.size(); }
};

namespace detail {

// What a ring counts octets with: Storage::index_type, which holds the capacity, if there is one.
template <class Storage>
struct ring_index {
    using type = std::size_t;
};
template <class Storage>
    requires requires { typename Storage::index_type; }
struct ring_index<Storage> {
    using type = typename Storage::index_type;
};

} // namespace detail

// A queue of octets. Every offset counts from the read position, so the octet that consume(1) would drop is at 0. Not
// for use by two threads at once.
template <class Storage>
class ring {
    using index_type = typename detail::ring_index<Storage>::type;

public:
    constexpr ring() = default;
    explicit constexpr ring(Storage storage)
        : storage_(std::move(storage)) {}
    constexpr ring(ring const&) = default;
    constexpr ring& operator=(ring const&) = default;
    constexpr ring(ring&& other) noexcept
        : storage_(std::move(other.storage_))
        , begin_(std::exchange(other.begin_, index_type{0}))
        , size_(std::exchange(other.size_, index_type{0})) {}
    constexpr ring& operator=(ring&& other) noexcept {
        if (this != &other) {
            storage_ = std::move(other.storage_);
            begin_ = std::exchange(other.begin_, index_type{0});
            size_ = std::exchange(other.size_, index_type{0});
        }
        return *this;
    }
    constexpr ~ring() = default;

    constexpr std::size_t size() const { return size_; }
    constexpr std::size_t capacity() const { return storage_.capacity(); }
    constexpr std::size_t free_space() const { return capacity() - size_; }
    constexpr bool empty() const { return size_ == 0; }

    // Appends as much as fits; answers how many octets were taken (0 also when storage has no memory).
    constexpr std::size_t write(bytes_view octets) {
        std::size_t const taken = write_at(size_, octets);
        size_ = static_cast<index_type>(size_ + taken);
        return taken;
    }

    // Puts octets where they will be once everything before them has come (reassembly); the size does not change, see
    // commit(). Answers how many fit between the offset and the capacity. At offsets below size() it overwrites.
    constexpr std::size_t write_at(std::size_t offset, bytes_view octets) {
        if (offset >= capacity() || octets.empty() || !storage_.provide()) return 0;
        auto const [first, second] = split(offset, lesser(octets.size(), capacity() - offset));
        plywire::copy(mutable_bytes(storage_.data() + first.at, first.count), octets.first(first.count));
        plywire::copy(mutable_bytes(storage_.data(), second.count), octets.subspan(first.count, second.count));
        return first.count + second.count;
    }

    // The n octets behind the last one have been put there by write_at: they belong to the queue now. At most
    // free_space() are taken.
    constexpr void commit(std::size_t n) { size_ = static_cast<index_type>(size_ + lesser(n, free_space())); }

    // Moves octets from the front of the queue to `to`; answers how many.
    constexpr std::size_t read(mutable_bytes to) {
        auto const pieces = peek(0, to.size());
        plywire::copy(to, pieces.first);
        plywire::copy(to.subspan(pieces.first.size()), pieces.second);
        consume(pieces.size());
        return pieces.size();
    }

    // Drops up to n octets from the front.
    constexpr void consume(std::size_t n) {
        n = lesser(n, size_);
        if (n == 0) return;
        begin_ = static_cast<index_type>((begin_ + n) & (capacity() - 1));
        size_ = static_cast<index_type>(size_ - n);
    }

    // Up to n octets from the offset on, where they lie; valid until the ring is changed. Only what is in the queue.
    constexpr ring_pieces peek(std::size_t offset, std::size_t n) const {
        if (offset >= size_) return {};
        auto const [first, second] = split(offset, lesser(n, size_ - offset));
        return {bytes_view(storage_.data() + first.at, first.count), bytes_view(storage_.data(), second.count)};
    }

    // Copies octets from the offset on and adds them to the sum, in one pass; the queue stays. Answers how many.
    constexpr std::size_t copy_out(std::size_t offset, mutable_bytes to, internet_sum& sum) const {
        auto const pieces = peek(offset, to.size());
        sum.copy(to, pieces.first);
        sum.copy(to.subspan(pieces.first.size()), pieces.second);
        return pieces.size();
    }

    // Forgets all octets, those written beyond the end too.
    constexpr void clear() {
        begin_ = 0;
        size_ = 0;
    }

    // clear(), and memory goes back to where it came from until the next write.
    constexpr void release() {
        clear();
        storage_.release();
    }

private:
    struct part {
        std::size_t at;
        std::size_t count;
    };
    struct parts {
        part first;
        part second;
    };

    static constexpr std::size_t lesser(std::size_t a, std::size_t b) { return a < b ? a : b; }

    // Where `count` octets from the offset on lie in the storage; the second part always begins at its front.
    constexpr parts split(std::size_t offset, std::size_t count) const {
        std::size_t const at = (begin_ + offset) & (capacity() - 1);
        std::size_t const before_the_end = lesser(count, capacity() - at);
        return {{at, before_the_end}, {0, count - before_the_end}};
    }

    // What its end leaves free is used by the two numbers, and what theirs leaves free by whoever holds the ring.
    [[no_unique_address]] Storage storage_ = {};
    index_type begin_ = 0;
    index_type size_ = 0;
};

} // namespace plywire
