// A block of memory allocated once, for devices whose size is known at run time only.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace plywire {

// `size` zeroed elements on the heap; move-only. Running out of memory is not an exception: the array is then empty.
template <class T>
class heap_array {
public:
    constexpr heap_array() = default;
    [[gnu::noinline]] constexpr explicit heap_array(std::size_t size) {
        if consteval {
            data_ = new T[size]{};
        } else {
            data_ = new (std::nothrow) T[size]{};
        }
        size_ = data_ == nullptr ? 0 : size;
    }
    constexpr heap_array(heap_array&& other) noexcept
        : data_(std::exchange(other.data_, nullptr))
        , size_(std::exchange(other.size_, 0)) {}
    constexpr heap_array& operator=(heap_array&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    [[gnu::noinline]] constexpr ~heap_array() { delete[] data_; }

    constexpr std::size_t size() const { return size_; }
    constexpr T* data() { return data_; }
    constexpr T const* data() const { return data_; }
    constexpr T& operator[](std::size_t index) { return data_[index]; }
    constexpr T const& operator[](std::size_t index) const { return data_[index]; }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace plywire
