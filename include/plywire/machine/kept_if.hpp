// A field of a connection that only some sets of policies need.
#pragma once

namespace plywire::tcp {

// Kept: a T. Not kept: no octet (as a [[no_unique_address]] member); it always reads as T{}, and what is assigned is
// forgotten. `Place` makes the types of two fields different, so that both may share an address.
template <bool Kept, class T, int Place>
class kept_if {
public:
    constexpr kept_if() = default;
    constexpr kept_if& operator=(T value) {
        value_ = value;
        return *this;
    }
    constexpr operator T() const { return value_; }

private:
    T value_{};
};

template <class T, int Place>
class kept_if<false, T, Place> {
public:
    constexpr kept_if() = default;
    constexpr kept_if& operator=(T) { return *this; }
    constexpr operator T() const { return T{}; }
};

} // namespace plywire::tcp
