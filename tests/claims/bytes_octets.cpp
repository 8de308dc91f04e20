// What bytes/ promises at compile time. The same code runs at run time in tests/unit/bytes.
#include <plywire/bytes/bits.hpp>
#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/endian.hpp>
#include <plywire/bytes/ring.hpp>
#include <plywire/bytes/span.hpp>

#include <concepts>
#include <type_traits>

namespace {

using namespace plywire;

constexpr auto eight = hex<"0123 4567 89AB cdef">();
static_assert(eight.size() == 8 && eight[4] == std::byte{0x89});
static_assert(hex<"">().empty());

static_assert(load_big<std::uint32_t>(eight.data()) == 0x01234567);
static_assert(load_little<std::uint32_t>(eight.data()) == 0x67452301);
static_assert(load_big<std::uint64_t>(eight.data()) == 0x0123456789abcdef);

// The smallest type that holds the field.
static_assert(std::same_as<decltype(load_bits<3, 1>(eight.data())), std::uint8_t>);
static_assert(std::same_as<decltype(load_bits<0, 13>(eight.data())), std::uint16_t>);
static_assert(std::same_as<decltype(load_bits<0, 24>(eight.data())), std::uint32_t>);
static_assert(std::same_as<decltype(load_bits<8, 48>(eight.data())), std::uint64_t>);
static_assert(load_bits<4, 12>(eight.data()) == 0x123);
static_assert(load_bits<60, 4>(eight.data()) == 0xf);
static_assert(load_bits<7, 1>(eight.data()) == 1);

constexpr auto with_a_stored_field() {
    auto octets = hex<"ffff ffff">();
    store_bits<9, 13>(octets.data(), 0xf000); // bits above the thirteenth are ignored
    return octets;
}
static_assert(with_a_stored_field() == hex<"ffc0 03ff">());

constexpr auto overlapping_copies(std::size_t to, std::size_t from) {
    auto octets = hex<"0102 0304 05">();
    copy(mutable_bytes(octets).subspan(to), bytes_view(octets).subspan(from, 4));
    return octets;
}
static_assert(overlapping_copies(1, 0) == hex<"0101 0203 04">());
static_assert(overlapping_copies(0, 1) == hex<"0203 0405 05">());

// RFC 1071 section 3: the example, its octets swapped, and the sum in two odd pieces.
constexpr auto example = hex<"0001 f203 f4f5 f6f7">();
static_assert(internet_checksum(example) == 0x220d);
static_assert(internet_checksum(std::span<std::byte const, 8>(example)) == 0x220d);
static_assert(internet_checksum(hex<"0100 03f2 f5f4 f7f6">()) == 0x0d22);
constexpr std::uint16_t sum_in_odd_pieces() {
    internet_sum sum;
    sum.add(bytes_view(example).first(3));
    sum.add(bytes_view(example).subspan(3));
    return sum.folded();
}
static_assert(sum_in_odd_pieces() == 0xddf2);

template <class Storage>
constexpr bool a_ring_turns(Storage storage) {
    ring<Storage> queue(std::move(storage));
    std::byte out[8] = {};
    if (queue.write(hex<"0102 0304 0506">()) != 6 || queue.read(mutable_bytes(out).first(5)) != 5) return false;
    if (queue.write(hex<"0708 090a 0b0c 0d0e">()) != 7 || queue.free_space() != 0) return false;
    auto const pieces = queue.peek(1, 7);
    return pieces.first.size() == 2 && pieces.second.size() == 5 && pieces.second[4] == std::byte{0x0d};
}
static_assert(a_ring_turns(inline_storage<8>()));
static_assert(a_ring_turns(heap_storage(5)));

// A ring on the heap is moved, never copied; one inside its owner may be copied.
static_assert(std::move_constructible<ring<heap_storage>> && !std::copy_constructible<ring<heap_storage>>);
static_assert(std::copyable<ring<inline_storage<8>>>);

} // namespace
