// What ARP remembers: the neighbours' hardware addresses, and the packets that wait for one. Both are bounded by type
// and lie inside the layer. When a new neighbour finds no room, the one that was confirmed longest ago makes way.
#pragma once

#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/headers/ethernet_address.hpp>
#include <plywire/headers/ipv4_address.hpp>
#include <plywire/protocols/hash_index.hpp>
#include <plywire/protocols/pool.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace plywire::arp {

// What is known of a neighbour.
enum class knowledge : std::uint8_t {
    asked,     // a request is on its way; packets wait
    confirmed, // it has told us its hardware address
    doubted,   // confirmed long ago: still used, while it is asked again
};

struct neighbour {
    ipv4::address address{};
    ethernet::address hardware{};
    knowledge known = knowledge::asked;
    std::uint8_t tries = 0;    // requests sent since it was last heard of
    bool owes_request = false; // a request should go out as soon as the device has room
    std::uint8_t waiting_count = 0;
    instant due{};       // when something happens without a packet: next request, giving up, forgetting
    instant confirmed{}; // when it last told its address
    chain_link chain{};
    list_link age{};      // once it is confirmed: oldest confirmation first
    list_link work{};     // wants room in the device: a request, or packets that waited
    index_list waiting{}; // packets, oldest first
};

// A packet that waits for its next hop's hardware address.
template <std::size_t Octets>
struct waiting_packet {
    list_link link{};
    std::uint32_t size = 0;
    std::array<std::byte, Octets> octets{};

    constexpr bytes_view packet() const { return bytes_view(octets).first(size); }
};

// The table of neighbours. `Policies` bounds it (see arp::defaults). Every operation costs at most a walk over the
// table, and only expiry walks.
template <class Policies>
class neighbours {
public:
    using packet_type = waiting_packet<Policies::packet_octets>;

    // The neighbour with this address, no_index when unknown.
    constexpr std::uint32_t find(ipv4::address address) {
        // Packets come in trains to the same hop.
        if (last_ != no_index && table_.is_in_use(last_) && table_[last_].address == address) {
            return last_;
        }
        std::uint32_t const found =
            index_.find(hash(address), chains(), [&](std::uint32_t i) { return table_[i].address == address; });
        last_ = found == no_index ? last_ : found;
        return found;
    }

    constexpr neighbour& operator[](std::uint32_t index) { return table_[index]; }
    constexpr std::uint32_t size() const { return table_.in_use(); }

    // Whether one more may be asked for. Those that have not answered yet, and may not exist at all, can take half of
    // the table. They leave by themselves: to throw one out and ask it again could be more than one request a second.
    constexpr bool may_ask() const { return 2 * (table_.in_use() - ages_.size()) < Policies::neighbours; }

    // Adds a neighbour that is not there; the one confirmed longest ago makes way when the table is full. `dropped`
    // grows by the packets that waited for that one. no_index when none is confirmed.
    constexpr std::uint32_t add(ipv4::address address, std::uint64_t& evicted, std::uint64_t& dropped) {
        if (table_.in_use() == table_.capacity()) {
            if (ages_.empty()) {
                return no_index;
            }
            ++evicted;
            dropped += remove(ages_.front());
        }
        std::uint32_t const i = table_.acquire();
        table_[i] = neighbour{.address = address};
        index_.insert(hash(address), i, chains());
        return i;
    }

    // Forgets a neighbour. Returns how many packets waited for it.
    constexpr std::uint32_t remove(std::uint32_t i) {
        std::uint32_t dropped = 0;
        for (std::uint32_t p = take_packet(i); p != no_index; p = take_packet(i)) {
            packets_.release(p);
            ++dropped;
        }
        index_.erase(i, chains());
        ages_.remove(i, ages());
        work_.remove(i, works());
        table_.release(i);
        return dropped;
    }

    // The neighbour has told its address: it is the youngest now.
    constexpr void renew(std::uint32_t i) {
        ages_.remove(i, ages());
        ages_.push_back(i, ages());
    }

    // Keeps a copy of a packet. RFC 1122 2.3.2.2: the latest packets of each destination are kept, so the oldest makes
    // way. When half of all places are taken each neighbour has but one, so that few of them cannot take all. Returns
    // how many packets were dropped: 0, or 1 (perhaps this one).
    constexpr std::uint32_t keep(std::uint32_t i, bytes_view packet) {
        if (packet.size() > Policies::packet_octets) {
            return 1;
        }
        neighbour& n = table_[i];
        std::uint32_t dropped = 0;
        std::uint32_t const most =
            2 * packets_.in_use() < Policies::waiting_packets ? Policies::packets_per_neighbour : 1;
        std::uint32_t p = n.waiting_count < most ? packets_.acquire() : no_index;
        if (p == no_index) {
            dropped = 1;
            p = take_packet(i);
            if (p == no_index) {
                return dropped; // all places are taken by packets for others
            }
        }
        packets_[p].size = static_cast<std::uint32_t>(copy(packets_[p].octets, packet));
        packets_[p].link = {};
        n.waiting.push_back(p, packet_links());
        ++n.waiting_count;
        return dropped;
    }

    // The oldest packet that waits for a neighbour, nullptr when none does.
    constexpr packet_type const* next_packet(std::uint32_t i) {
        std::uint32_t const p = table_[i].waiting.front();
        return p == no_index ? nullptr : &packets_[p];
    }

    // Forgets the packet that next_packet() showed.
    constexpr void drop_packet(std::uint32_t i) { packets_.release(take_packet(i)); }

    // The neighbours that want room in the device, first come, first served.
    constexpr std::uint32_t next_work() const { return work_.front(); }
    constexpr void add_work(std::uint32_t i) { work_.push_back(i, works()); }
    constexpr void end_work(std::uint32_t i) { work_.remove(i, works()); }

    // Calls `f(index)` for all; `f` may remove that one.
    template <class F>
    constexpr void each(F f) {
        for (std::uint32_t i = 0; i < table_.highest(); ++i) {
            if (table_.is_in_use(i)) {
                f(i);
            }
        }
    }

private:
    static constexpr std::uint32_t hash(ipv4::address address) {
        // Fibonacci hashing (Knuth, volume 3, 6.4). Chains cannot outgrow the table, which is small.
        std::uint32_t const mixed = address.value() * 0x9e37'79b9U;
        return mixed ^ mixed >> 16;
    }

    [[gnu::noinline]] constexpr std::uint32_t take_packet(std::uint32_t i) {
        std::uint32_t const p = table_[i].waiting.pop_front(packet_links());
        table_[i].waiting_count -= p == no_index ? 0 : 1;
        return p;
    }

    constexpr auto chains() {
        return [this](std::uint32_t i) -> chain_link& { return table_[i].chain; };
    }
    constexpr auto ages() {
        return [this](std::uint32_t i) -> list_link& { return table_[i].age; };
    }
    constexpr auto works() {
        return [this](std::uint32_t i) -> list_link& { return table_[i].work; };
    }
    constexpr auto packet_links() {
        return [this](std::uint32_t i) -> list_link& { return packets_[i].link; };
    }

    using memory = fixed_pool<Policies::neighbours>;
    pool<neighbour, memory> table_{};
    hash_index<typename memory::heads> index_{};
    pool<packet_type, fixed_pool<Policies::waiting_packets>> packets_{};
    index_list ages_{};
    index_list work_{};
    std::uint32_t last_ = no_index;
};

} // namespace plywire::arp
