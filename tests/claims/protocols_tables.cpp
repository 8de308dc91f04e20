// The tables of the layers work while compiling, and their bounds are part of their types.
#include <plywire/protocols/ethernet_layer.hpp>
#include <plywire/protocols/hash_index.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/rate_limit.hpp>
#include <plywire/protocols/timer_wheel.hpp>

#include <array>

namespace {

using namespace plywire;
using namespace plywire::literals;

template <class Policy>
constexpr bool pool_is_bounded_and_checked() {
    pool<int, Policy> p;
    std::uint32_t const a = p.acquire();
    std::uint32_t const b = p.acquire();
    bool const full = p.acquire() == no_index;
    pool_id const id = p.id_of(a);
    bool const found = p.find(id) == &p[a] && a != b;
    p.release(a);
    return full && found && p.find(id) == nullptr && p.acquire() == a && p.find(id) == nullptr;
}
static_assert(pool_is_bounded_and_checked<fixed_pool<2>>());
static_assert(pool_is_bounded_and_checked<slab_pool<2>>());

constexpr bool timers_expire_in_order() {
    std::array<timer_link, 3> links{};
    auto const at = [&](std::uint32_t i) -> timer_link& { return links[i]; };
    timer_wheel<> wheel;
    wheel.arm(0, instant{3'000'000'000}, at);
    wheel.arm(1, instant{1'000'000}, at);
    wheel.arm(2, instant{5}, at);
    wheel.cancel(2, at);
    instant const soon{2'000'000};
    instant const late{4'000'000'000};
    return wheel.expire(soon, at) == 1 && wheel.expire(soon, at) == no_index && wheel.expire(late, at) == 0 &&
           wheel.deadline() == instant::never();
}
static_assert(timers_expire_in_order());

constexpr bool hash_finds_and_forgets() {
    std::array<chain_link, 3> links{};
    auto const at = [&](std::uint32_t i) -> chain_link& { return links[i]; };
    hash_index<fixed_pool<2>::heads> index;
    auto const is = [](std::uint32_t wanted) { return [wanted](std::uint32_t i) { return i == wanted; }; };
    bool const added = index.insert(7, 0, at) && index.insert(9, 1, at); // both in one chain
    bool const both = index.find(7, at, is(0)) == 0 && index.find(9, at, is(1)) == 1;
    index.erase(0, at);
    return added && both && index.find(7, at, is(0)) == no_index && index.find(9, at, is(1)) == 1;
}
static_assert(hash_finds_and_forgets());

constexpr bool rates_are_limited() {
    rate_limit limit(10, 2); // ten a second, two at once
    instant const t{1'000'000'000};
    bool const burst = limit.allows(t) && limit.allows(t) && !limit.allows(t);
    return burst && !limit.allows(t + milliseconds(99)) && limit.allows(t + milliseconds(100)) &&
           !limit.allows(t + milliseconds(100));
}
static_assert(rates_are_limited());

static_assert(ethernet::group_address("239.129.2.3"_ipv4) == "01:00:5e:01:02:03"_mac); // RFC 1112 6.4
static_assert(ethernet::group_address("224.0.0.1"_ipv4) == "01:00:5e:00:00:01"_mac);

} // namespace
