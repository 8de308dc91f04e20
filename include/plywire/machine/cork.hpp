// Whether short segments wait until they are full ones.
#pragma once

#include <concepts>

namespace plywire::tcp {

// What a cork policy must answer: whether the cork is in.
template <class T>
concept cork_policy = std::default_initializable<T> && requires(T t, T const k) {
    { T::supported } -> std::convertible_to<bool>;
    t.set(true);
    { k.in() } -> std::same_as<bool>;
};

// Each connection may be corked, and is not at first. 1 octet of state.
class settable_cork {
public:
    static constexpr bool supported = true;
    constexpr void set(bool in) { in_ = in; }
    constexpr bool in() const { return in_; }

private:
    bool in_ = false;
};

// There is no cork. Has no state.
struct no_cork {
    static constexpr bool supported = false;
    static constexpr void set(bool) {}
    static constexpr bool in() { return false; }
};

} // namespace plywire::tcp
