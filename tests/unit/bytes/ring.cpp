// The ring against a std::deque, step by step.
#include <plywire/base/random.hpp>
#include <plywire/bytes/ring.hpp>

#include "support/effort.hpp"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

using namespace plywire;

namespace {

using octets = std::vector<std::byte>;

octets some_octets(random_generator& numbers, std::size_t most) {
    octets result(numbers.below(most + 1));
    for (auto& octet : result) octet = static_cast<std::byte>(numbers.next());
    return result;
}

octets joined(ring_pieces const& pieces) {
    octets result(pieces.first.begin(), pieces.first.end());
    result.insert(result.end(), pieces.second.begin(), pieces.second.end());
    return result;
}

template <class Storage>
Storage storage_of_64() {
    if constexpr (requires { Storage(64); }) {
        return Storage(64);
    } else {
        return Storage();
    }
}

// A queue and the places behind it: those that write_at has filled have a value.
struct model {
    std::deque<std::byte> queue;
    std::vector<std::optional<std::byte>> behind; // 64 - queue.size() of them

    void refill() { behind.resize(64 - queue.size()); }

    std::size_t write_at(std::size_t offset, octets const& from) {
        std::size_t const count = offset >= 64 ? 0 : std::min(from.size(), 64 - offset);
        for (std::size_t i = 0; i < count; ++i) {
            if (offset + i < queue.size()) {
                queue[offset + i] = from[i];
            } else {
                behind[offset + i - queue.size()] = from[i];
            }
        }
        return count;
    }

    std::size_t without_a_hole() const {
        return static_cast<std::size_t>(std::find(behind.begin(), behind.end(), std::nullopt) - behind.begin());
    }

    void commit(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) queue.push_back(*behind[i]);
        behind.erase(behind.begin(), behind.begin() + static_cast<std::ptrdiff_t>(count));
    }

    void consume(std::size_t count) {
        queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(std::min(count, queue.size())));
        refill();
    }
};

} // namespace

TEMPLATE_TEST_CASE("a ring does what a deque does, holes behind its end included", "[bytes][ring]", inline_storage<64>,
                   heap_storage) {
    auto numbers = random_generator(42);
    ring<TestType> ours(storage_of_64<TestType>());
    model theirs;
    theirs.refill();
    for (int step = 0; step < 50'000; ++step) {
        CAPTURE(step);
        auto const offset = numbers.below(70);
        switch (numbers.below(6)) {
        case 0: {
            auto const from = some_octets(numbers, 40);
            auto const taken = ours.write(from);
            REQUIRE(taken == theirs.write_at(theirs.queue.size(), from));
            theirs.commit(taken);
            break;
        }
        case 1: {
            auto const from = some_octets(numbers, 20);
            REQUIRE(ours.write_at(offset, from) == theirs.write_at(offset, from));
            break;
        }
        case 2: {
            auto const count = theirs.without_a_hole();
            ours.commit(count);
            theirs.commit(count);
            break;
        }
        case 3: {
            octets to(numbers.below(30));
            auto const count = ours.read(to);
            REQUIRE(count == std::min(to.size(), theirs.queue.size()));
            REQUIRE(std::equal(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(count), theirs.queue.begin()));
            theirs.consume(count);
            break;
        }
        case 4:
            ours.consume(offset);
            theirs.consume(offset);
            break;
        default: {
            octets to(numbers.below(70));
            internet_sum sum;
            auto const count = ours.copy_out(offset, to, sum);
            REQUIRE(
                count ==
                (offset >= theirs.queue.size() ? 0 : std::min<std::size_t>(to.size(), theirs.queue.size() - offset)));
            auto const copied = bytes_view(to).first(count);
            REQUIRE(sum.checksum() == internet_checksum(copied));
            if (count > 0) {
                REQUIRE(std::ranges::equal(copied,
                                           octets(theirs.queue.begin() + static_cast<std::ptrdiff_t>(offset),
                                                  theirs.queue.begin() + static_cast<std::ptrdiff_t>(offset + count))));
            }
        }
        }
        REQUIRE(ours.size() == theirs.queue.size());
        REQUIRE(ours.free_space() == 64 - theirs.queue.size());
        REQUIRE(std::ranges::equal(joined(ours.peek(0, 64)), theirs.queue));
    }
}

TEST_CASE("commit takes no more than there is room for", "[bytes][ring]") {
    ring<inline_storage<8>> queue;
    queue.commit(100);
    CHECK(queue.size() == 8);
    CHECK(queue.write(hex<"01">()) == 0);
}

TEST_CASE("memory comes with the first octet, goes with release and comes again", "[bytes][ring]") {
    auto storage = heap_storage(1000);
    CHECK(storage.capacity() == 1024);
    CHECK(storage.data() == nullptr);
    ring queue(std::move(storage));
    CHECK(queue.capacity() == 1024);
    CHECK(queue.peek(0, 10).size() == 0);
    CHECK(queue.write(hex<"0102">()) == 2);
    queue.release();
    CHECK(queue.empty());
    CHECK(queue.capacity() == 1024);
    CHECK(queue.write(hex<"0304">()) == 2);
    CHECK(joined(queue.peek(1, 10)) == octets{std::byte{4}});
}

TEST_CASE("a ring that was moved from is empty and harmless", "[bytes][ring]") {
    ring queue(heap_storage(16));
    queue.write(hex<"0102 03">());
    ring other(std::move(queue));
    CHECK(other.size() == 3);
    CHECK(queue.empty()); // NOLINT: that is the question
    CHECK(queue.write(hex<"01">()) == 0);
    queue = std::move(other);
    CHECK(queue.size() == 3);
    CHECK(other.empty()); // NOLINT
}

TEST_CASE("a ring of no capacity takes nothing", "[bytes][ring]") {
    ring<heap_storage> queue;
    CHECK(queue.capacity() == 0);
    CHECK(queue.write(hex<"01">()) == 0);
    octets to(4);
    CHECK(queue.read(to) == 0);
    queue.consume(3);
    CHECK(queue.empty());
}

TEST_CASE("storage without memory takes nothing", "[bytes][ring]") {
    struct nowhere : heap_storage {
        using heap_storage::heap_storage;
        static constexpr bool provide() { return false; }
    };
    ring queue(nowhere(16));
    CHECK(queue.capacity() == 16);
    CHECK(queue.write(hex<"01">()) == 0);
    CHECK(queue.empty());
}

TEST_CASE("a ring on the heap has at most 2^31 octets, and one inside is counted with as few bits as will do",
          "[bytes][ring]") {
    CHECK(heap_storage(1).capacity() == 1);
    CHECK(heap_storage((std::size_t{1} << 30) + 1).capacity() == std::size_t{1} << 31);
    CHECK(heap_storage(static_cast<std::size_t>(-1)).capacity() == std::size_t{1} << 31);
    STATIC_REQUIRE(sizeof(ring<inline_storage<32768>>) == 32768 + 2 * 2);
    STATIC_REQUIRE(sizeof(ring<inline_storage<65536>>) == 65536 + 2 * 4);
    ring<inline_storage<65536>> large;
    CHECK(large.write(octets(65536)) == 65536);
    CHECK(large.size() == 65536);
    large.consume(65535);
    CHECK(large.size() == 1);
}
