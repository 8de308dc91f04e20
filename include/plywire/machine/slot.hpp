// A place for a policy object that takes no room when the policy has no state.
#pragma once

#include <type_traits>

namespace plywire::tcp {

// Holds a Policy. `Place` makes the types of two slots different, so that [[no_unique_address]] lets empty ones share
// an address: two slots with the same empty policy would otherwise cost a byte each.
template <class Policy, int Place>
class slot {
public:
    constexpr Policy& get() { return policy_; }
    constexpr Policy const& get() const { return policy_; }

private:
    [[no_unique_address]] Policy policy_{}; // what its end leaves free, others may use
};

template <class Policy, int Place>
    requires std::is_empty_v<Policy>
class slot<Policy, Place> {
public:
    static constexpr Policy get() { return {}; }
};

} // namespace plywire::tcp
