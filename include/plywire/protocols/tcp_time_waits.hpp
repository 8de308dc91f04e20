// Connections in TIME-WAIT that nobody holds any more, in 48 octets each: a host that has closed thousands of short
// connections keeps thousands of these. All wait equally long, so a list in the order in which they began is in the
// order in which they end, and how many there are slows nothing down.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/machine/time_wait.hpp>
#include <plywire/protocols/endpoint.hpp>
#include <plywire/protocols/hash_index.hpp>
#include <plywire/protocols/index_list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp::detail {

// One of them. `Address` is what the Internet layer calls one.
template <class Address>
struct time_wait_entry {
    Address local_address{};
    Address remote_address{};
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;
    std::uint32_t ends = 0; // tick, modulo 2^32
    chain_link chain{};     // by four-tuple; of free ones, the next
    list_link place{};      // by when it ends
    time_wait_block block{};
};

static_assert(sizeof(time_wait_entry<ipv4::address>) <= 48);
static_assert(sizeof(time_wait_entry<std::array<std::byte, 16>>) <= 72); // an IPv6 address

// As many as `Pool` has room for. Begins empty; not for two threads.
template <class Pool>
class time_wait_table {
public:
    constexpr bool empty() const { return order_.empty(); }
    constexpr std::uint32_t size() const { return order_.size(); }
    // The one that has lasted longest, no_index when there is none.
    constexpr std::uint32_t oldest() const { return order_.front(); }
    constexpr time_wait_block& operator[](std::uint32_t i) { return entries_[i].block; }

    constexpr std::uint32_t find(std::uint32_t hash, endpoint const& local, endpoint const& remote) {
        return table_.find(hash, chains(), [&](std::uint32_t i) {
            auto const& e = entries_[i];
            return e.remote_port == remote.port && e.local_port == local.port && e.remote_address == remote.address &&
                   e.local_address == local.address;
        });
    }

    // Adds one that ends `length` from now, which is the same for all. False when there is no room.
    constexpr bool insert(std::uint32_t hash, endpoint const& local, endpoint const& remote,
                          time_wait_block const& block, instant now, duration length) {
        std::uint32_t i = free_;
        if (i != no_index) {
            free_ = entries_[i].chain.next;
        } else if (fresh_ < entries_.size() || entries_.grow()) {
            i = fresh_++;
        } else {
            return false;
        }
        entries_[i] = {.local_address = local.address,
                       .remote_address = remote.address,
                       .local_port = local.port,
                       .remote_port = remote.port,
                       .block = block};
        if (!table_.insert(hash, i, chains())) {
            give_back(i);
            return false;
        }
        begin(i, now, length);
        return true;
    }

    // TIME-WAIT begins anew.
    constexpr void restart(std::uint32_t i, instant now, duration length) {
        order_.remove(i, places());
        begin(i, now, length);
    }

    [[gnu::noinline]] constexpr void erase(std::uint32_t i) {
        order_.remove(i, places());
        table_.erase(i, chains());
        give_back(i);
    }

    // When the oldest ends; never() when there is none.
    constexpr instant deadline() const {
        if (order_.empty()) {
            return instant::never();
        }
        // The newest ends at a time that is known in full, and the others before it.
        std::uint64_t const before = static_cast<std::uint32_t>(newest_ends_) - entries_[order_.front()].ends;
        return instant{static_cast<std::int64_t>((newest_ends_ - before) << tick_bits)};
    }

    // Ends those whose time is over.
    constexpr void expire(instant now) {
        while (!order_.empty() && deadline() <= now) {
            erase(order_.front());
        }
    }

private:
    static constexpr unsigned tick_bits = 20; // of nanoseconds: about a millisecond

    constexpr void begin(std::uint32_t i, instant now, duration length) {
        auto const end = static_cast<std::uint64_t>((now + length).nanoseconds);
        newest_ends_ = (end + (std::uint64_t{1} << tick_bits) - 1) >> tick_bits; // never early
        entries_[i].ends = static_cast<std::uint32_t>(newest_ends_);
        order_.push_back(i, places());
    }

    constexpr void give_back(std::uint32_t i) {
        entries_[i].chain.next = free_;
        free_ = i;
    }

    constexpr auto chains() {
        return [this](std::uint32_t i) -> chain_link& { return entries_[i].chain; };
    }
    constexpr auto places() {
        return [this](std::uint32_t i) -> list_link& { return entries_[i].place; };
    }

    typename Pool::template elements<time_wait_entry<ipv4::address>> entries_{};
    hash_index<typename Pool::heads> table_{};
    index_list order_{};
    std::uint64_t newest_ends_ = 0; // tick
    std::uint32_t free_ = no_index;
    std::uint32_t fresh_ = 0; // from here on none has been used
};

} // namespace plywire::tcp::detail
