// The in-memory link obeys the device laws, and does so at compile time. To compile is to pass.

#include <laws/memory_link_model.hpp>

using namespace plywire;
using namespace plywire::laws;

static_assert(device<memory_link<medium::ip>::end>);
static_assert(device<memory_link<medium::ethernet>::end>);
static_assert(device<heap_memory_link<medium::ip>::end>);
static_assert(!waitable_device<memory_link<medium::ip>::end>, "there is nothing an operating system could wait for");
static_assert(!device<memory_link<medium::ip>>, "the link has two ends; which one is meant must be said");
static_assert(!device<int>);
static_assert(!std::copy_constructible<memory_link<medium::ip>>, "its ends point to it");
static_assert(!std::copy_constructible<memory_link<medium::ip>::end>, "an end is a place, not a value");

template <class Link>
concept has_an_end = requires(Link&& link) { static_cast<Link&&>(link).first(); };
static_assert(has_an_end<memory_link<medium::ip>&>);
static_assert(!has_an_end<memory_link<medium::ip>>, "the end of a temporary would dangle");

static_assert(obeys_the_device_laws<memory_link_model<memory_link<medium::ip, 5, 100>, true>>());
static_assert(obeys_the_device_laws<memory_link_model<memory_link<medium::ethernet, 7, 90>, false>>());
static_assert(obeys_the_device_laws<memory_link_model<small_heap_link<medium::ethernet>, true>>());

// A tap hears every frame that is committed, and from which end; nothing that was refused.
struct counting_tap {
    int* from_first;
    int* from_second;
    constexpr void operator()(bytes_view frame, bool first) const {
        *(first ? from_first : from_second) += static_cast<int>(frame.size());
    }
};

static_assert([] {
    int from_first = 0;
    int from_second = 0;
    memory_link<medium::ip, 4, 64, counting_tap> link(counting_tap{&from_first, &from_second});
    transmit(link.first(), numbered_frame<medium::ip>(1, 20));
    transmit(link.second(), numbered_frame<medium::ip>(2, 30));
    transmit(link.second(), numbered_frame<medium::ip>(3, 31));
    link.first().commit(link.first().grant(), {.length = 65});
    return from_first == 20 && from_second == 61;
}());

// A link costs its frames and little beside them.
static_assert(sizeof(memory_link<medium::ip, 64, 1500>) < 2 * 64 * 1536 + 1024);
