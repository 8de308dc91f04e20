// Doubly linked lists of table indexes. The links lie in the elements, so that joining and leaving a list costs O(1)
// and no memory; an element has one link for each kind of list that it can be in.
#pragma once

#include <cstdint>

namespace plywire {

// "No element": never a valid index.
inline constexpr std::uint32_t no_index = 0xffff'ffff;

// An element's place in one index_list.
struct list_link {
    static constexpr std::uint32_t outside = 0xffff'fffe; // what `next` says while the element is in no list

    std::uint32_t previous = no_index;
    std::uint32_t next = outside;

    // Whether the element is in a list.
    constexpr bool is_linked() const { return next != outside; }
};

// A first-in, first-out list of indexes. `links(index)` must give the list_link& of an element. Every operation is
// O(1).
class index_list {
public:
    constexpr bool empty() const { return first_ == no_index; }
    constexpr std::uint32_t size() const { return size_; }
    // The oldest element, no_index when empty.
    constexpr std::uint32_t front() const { return first_; }

    // Appends an element; does nothing when it is in a list by this link already.
    template <class Links>
    [[gnu::noinline]] constexpr void push_back(std::uint32_t index, Links const& links) {
        list_link& link = links(index);
        if (link.is_linked()) {
            return;
        }
        link = {.previous = last_, .next = no_index};
        (last_ == no_index ? first_ : links(last_).next) = index;
        last_ = index;
        ++size_;
    }

    // Takes out an element that is in this list; does nothing when it is in none.
    template <class Links>
    [[gnu::noinline]] constexpr void remove(std::uint32_t index, Links const& links) {
        list_link& link = links(index);
        if (!link.is_linked()) {
            return;
        }
        (link.previous == no_index ? first_ : links(link.previous).next) = link.next;
        (link.next == no_index ? last_ : links(link.next).previous) = link.previous;
        link = {};
        --size_;
    }

    // Takes out and returns the oldest element, no_index when empty.
    template <class Links>
    constexpr std::uint32_t pop_front(Links const& links) {
        std::uint32_t const index = first_;
        if (index != no_index) {
            remove(index, links);
        }
        return index;
    }

    // Moves the oldest element to the end: whose turn it was waits for the next round.
    template <class Links>
    constexpr void rotate(Links const& links) {
        if (first_ != last_) {
            push_back(pop_front(links), links);
        }
    }

private:
    std::uint32_t first_ = no_index;
    std::uint32_t last_ = no_index;
    std::uint32_t size_ = 0;
};

} // namespace plywire
