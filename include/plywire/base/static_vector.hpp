// A sequence with a fixed capacity inside itself: no heap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace plywire {

// Up to Capacity elements in order. T has a default value; places that are not in use hold it, so resources of erased
// elements are let go at once. Indices must be below size(); what can fail at run time answers with a bool.
template <class T, std::size_t Capacity>
class static_vector {
    using count_type = std::conditional_t<(Capacity <= 0xff), std::uint8_t,
                                          std::conditional_t<(Capacity <= 0xffff), std::uint16_t, std::size_t>>;

public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = T const*;

    static constexpr std::size_t capacity() { return Capacity; }
    constexpr std::size_t size() const { return count_; }
    constexpr bool empty() const { return count_ == 0; }
    constexpr bool full() const { return count_ == Capacity; }

    constexpr T* data() { return items_.data(); }
    constexpr T const* data() const { return items_.data(); }
    constexpr T* begin() { return items_.data(); }
    constexpr T const* begin() const { return items_.data(); }
    constexpr T* end() { return items_.data() + count_; }
    constexpr T const* end() const { return items_.data() + count_; }

    constexpr T& operator[](std::size_t index) { return items_[index]; }
    constexpr T const& operator[](std::size_t index) const { return items_[index]; }
    constexpr T& front() { return items_[0]; }
    constexpr T const& front() const { return items_[0]; }
    constexpr T& back() { return items_[count_ - 1u]; }
    constexpr T const& back() const { return items_[count_ - 1u]; }

    // Appends; false when full, and then nothing has changed.
    constexpr bool push_back(T value) {
        if (full()) return false;
        items_[count_] = std::move(value);
        ++count_;
        return true;
    }

    // Puts the value before the element at index (index <= size()); false when full, and then nothing has changed.
    constexpr bool insert(std::size_t index, T value) {
        if (full()) return false;
        for (std::size_t i = count_; i > index; --i) items_[i] = std::move(items_[i - 1]);
        items_[index] = std::move(value);
        ++count_;
        return true;
    }

    // Removes the element at index; the order of the others stays.
    constexpr void erase(std::size_t index) {
        for (std::size_t i = index; i + 1 < count_; ++i) items_[i] = std::move(items_[i + 1]);
        pop_back();
    }

    // Removes the last element; the vector is not empty.
    constexpr void pop_back() {
        --count_;
        items_[count_] = T();
    }

    constexpr void clear() {
        while (!empty()) pop_back();
    }

    friend constexpr bool operator==(static_vector const& a, static_vector const& b) {
        if (a.count_ != b.count_) return false;
        for (std::size_t i = 0; i < a.count_; ++i) {
            if (!(a.items_[i] == b.items_[i])) return false;
        }
        return true;
    }

private:
    std::array<T, Capacity> items_ = {};
    count_type count_ = 0;
};

} // namespace plywire
