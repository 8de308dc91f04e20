// Finds a table's elements by hash: chains of indexes, the links in the elements. The caller hashes with a key that
// peers do not know (SipHash), so that nobody can make the chains long.
#pragma once

#include <plywire/protocols/index_list.hpp>

#include <cstdint>

namespace plywire {

// An element's place in one hash_index.
struct chain_link {
    std::uint32_t next = no_index;
    std::uint32_t hash = 0;
};

// A hash table of indexes into a table that is somewhere else. `links(index)` must give the chain_link& of an element.
// Find, insert and erase are O(1) on average; an insert that makes the table grow (slab pools) visits every element
// once. Deletion leaves nothing behind. `Heads` comes from a pool policy.
template <class Heads>
class hash_index {
public:
    constexpr std::uint32_t size() const { return size_; }

    // The index of the element with this hash for which `matches(index)` holds, no_index when there is none.
    template <class Links, class Matches>
    constexpr std::uint32_t find(std::uint32_t hash, Links const& links, Matches const& matches) const {
        if (size_ == 0 || heads_.size() == 0) { // the second says to g++ 12 what the first implies
            return no_index;
        }
        std::uint32_t index = heads_[slot_of(hash)];
        while (index != no_index) {
            chain_link const& link = links(index);
            if (link.hash == hash && matches(index)) {
                return index;
            }
            index = link.next;
        }
        return no_index;
    }

    // Adds an element that is not in the table. Returns false when there is no memory for the first heads.
    template <class Links>
    [[gnu::noinline]] constexpr bool insert(std::uint32_t hash, std::uint32_t index, Links const& links) {
        if (size_ >= heads_.size() && !grow(links) && heads_.size() == 0) {
            return false;
        }
        links(index).hash = hash;
        attach(index, links);
        ++size_;
        return true;
    }

    // Takes an element out that is in the table.
    template <class Links>
    constexpr void erase(std::uint32_t index, Links const& links) {
        std::uint32_t* from = &heads_[slot_of(links(index).hash)];
        while (*from != index) {
            from = &links(*from).next;
        }
        *from = links(index).next;
        links(index).next = no_index;
        --size_;
    }

private:
    constexpr std::uint32_t slot_of(std::uint32_t hash) const { return hash & (heads_.size() - 1); }

    template <class Links>
    constexpr void attach(std::uint32_t index, Links const& links) {
        std::uint32_t& head = heads_[slot_of(links(index).hash)];
        links(index).next = head;
        head = index;
    }

    template <class Links>
    [[gnu::noinline]] constexpr bool grow(Links const& links) {
        // The heads forget their chains when they grow: hang all elements into one chain first.
        std::uint32_t all = no_index;
        for (std::uint32_t slot = 0; slot < heads_.size(); ++slot) {
            while (heads_[slot] != no_index) {
                std::uint32_t const index = heads_[slot];
                heads_[slot] = links(index).next;
                links(index).next = all;
                all = index;
            }
        }
        bool const grown = heads_.grow();
        while (all != no_index) {
            std::uint32_t const index = all;
            all = links(index).next;
            attach(index, links);
        }
        return grown;
    }

    Heads heads_{};
    std::uint32_t size_ = 0;
};

} // namespace plywire
