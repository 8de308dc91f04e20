// How fast plywire sums, against loops that a careful programmer would write by hand with 64-bit lanes and nothing
// else. A ratio of 1.00 is as fast as the best of them, 2.00 is twice as fast. Nanoseconds are medians of interleaved
// rounds.
#include "measure.hpp"

#include <plywire/bytes/checksum.hpp>

#include <cstdint>
#include <cstring>
#include <vector>

namespace {

using namespace plywire;

template <class T>
T load(std::byte const* p) {
    T value;
    std::memcpy(&value, p, sizeof(T));
    return value;
}

std::uint16_t fold(std::uint64_t sum) {
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

std::uint64_t tail_of(std::byte const* p, std::size_t size) {
    std::uint64_t sum = 0;
    for (; size >= 2; p += 2, size -= 2) sum += load<std::uint16_t>(p);
    return size == 0 ? sum : sum + std::to_integer<std::uint64_t>(*p);
}

// One 64-bit sum whose carry is added again at once.
std::uint16_t end_around_carry(std::byte const* p, std::size_t size) {
    std::uint64_t sum = 0;
    for (; size >= 8; p += 8, size -= 8) {
        auto const word = load<std::uint64_t>(p);
        sum += word;
        sum += sum < word ? 1 : 0;
    }
    return fold(fold(sum) + tail_of(p, size));
}

// Four 64-bit sums; carries are counted apart and added at the end.
std::uint16_t counted_carries(std::byte const* p, std::size_t size) {
    std::uint64_t sum[4] = {};
    std::uint64_t carries[4] = {};
    for (; size >= 32; p += 32, size -= 32) {
        for (std::size_t lane = 0; lane < 4; ++lane) {
            auto const word = load<std::uint64_t>(p + 8 * lane);
            sum[lane] += word;
            carries[lane] += sum[lane] < word ? 1 : 0;
        }
    }
    std::uint64_t total = 0;
    for (std::size_t lane = 0; lane < 4; ++lane) total += fold(sum[lane]) + carries[lane];
    for (; size >= 4; p += 4, size -= 4) total += load<std::uint32_t>(p);
    return fold(total + tail_of(p, size));
}

// 32-bit words into four 64-bit sums that cannot overflow; compilers make vectors of it.
std::uint16_t wide_sums(std::byte const* p, std::size_t size) {
    std::uint64_t sum[4] = {};
    for (; size >= 16; p += 16, size -= 16) {
        for (std::size_t lane = 0; lane < 4; ++lane) sum[lane] += load<std::uint32_t>(p + 4 * lane);
    }
    std::uint64_t total = sum[0] + sum[1] + sum[2] + sum[3];
    for (; size >= 4; p += 4, size -= 4) total += load<std::uint32_t>(p);
    return fold(total + tail_of(p, size));
}

// The two halves of 64-bit words in two sums, four words at a time.
std::uint16_t split_halves(std::byte const* p, std::size_t size) {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    for (; size >= 32; p += 32, size -= 32) {
        for (std::size_t lane = 0; lane < 4; ++lane) {
            auto const word = load<std::uint64_t>(p + 8 * lane);
            low += word & 0xffff'ffff;
            high += word >> 32;
        }
    }
    for (; size >= 4; p += 4, size -= 4) low += load<std::uint32_t>(p);
    return fold(low + high + tail_of(p, size));
}

// 64-bit words into a 128-bit sum, unrolled: add and add-with-carry in machine code.
std::uint16_t sum_of_128_bits(std::byte const* p, std::size_t size) {
    __extension__ using wide = unsigned __int128;
    wide a = 0;
    wide b = 0;
    for (; size >= 32; p += 32, size -= 32) {
        a += load<std::uint64_t>(p);
        b += load<std::uint64_t>(p + 8);
        a += load<std::uint64_t>(p + 16);
        b += load<std::uint64_t>(p + 24);
    }
    for (; size >= 8; p += 8, size -= 8) a += load<std::uint64_t>(p);
    a += b;
    std::uint64_t const total = fold(static_cast<std::uint64_t>(a)) + static_cast<std::uint64_t>(a >> 64);
    return fold(total + tail_of(p, size));
}

std::uint16_t with_plywire(std::byte const* p, std::size_t size) {
    internet_sum sum;
    sum.add(bytes_view(p, size));
    return sum.folded();
}

template <auto Sum>
bench::contestant summing(char const* name, std::byte const* p, std::size_t size) {
    return {name, [p, size](std::size_t repetitions) {
                auto from = p;
                auto count = size;
                for (std::size_t i = 0; i < repetitions; ++i) {
                    bench::keep(from);
                    bench::keep(count);
                    auto sum = Sum(from, count);
                    bench::keep(sum);
                }
            }};
}

template <auto Copy>
bench::contestant moving(char const* name, std::byte* q, std::byte const* p, std::size_t size) {
    return {name, [p, q, size](std::size_t repetitions) {
                auto source = p;
                auto count = size;
                for (std::size_t i = 0; i < repetitions; ++i) {
                    bench::keep(source);
                    bench::keep(count);
                    auto sum = Copy(q, source, count);
                    bench::keep(sum);
                }
            }};
}

std::uint16_t copy_with_plywire(std::byte* to, std::byte const* from, std::size_t size) {
    internet_sum sum;
    sum.copy(mutable_bytes(to, size), bytes_view(from, size));
    return sum.folded();
}

template <auto Sum>
std::uint16_t memcpy_then(std::byte* to, std::byte const* from, std::size_t size) {
    std::memcpy(to, from, size);
    return Sum(to, size);
}

void compare(bench::table& table, char const* what, std::size_t size,
             std::vector<bench::contestant> const& contestants) {
    auto const measured = bench::take_turns(contestants, 15);
    std::size_t best = 1;
    for (std::size_t i = 2; i < measured.size(); ++i) {
        if (bench::median(measured[i]) < bench::median(measured[best])) best = i;
    }
    double const ours = bench::median(measured[0]);
    table.add({{"operation", what},
               {"octets", static_cast<double>(size)},
               {"plywire ns", ours},
               {"best other ns", bench::median(measured[best])},
               {"ratio", bench::speed_ratio(measured[0], measured[best])},
               {"Gbit/s", static_cast<double>(size) * 8 / ours},
               {"best other one is", contestants[best].name}});
}

} // namespace

int main(int argc, char** argv) {
    bench::pin_to_one_core();
    bench::table table("checksum");
    // Source and target lie half a page apart, so that the processor does not take one's low address bits for the
    // other's.
    alignas(4096) static std::byte arena[2 * 65536 + 2048];
    std::byte* const octets = arena;
    std::byte* const elsewhere = arena + 65536 + 2048;
    for (std::size_t i = 0; i < 65536; ++i) octets[i] = static_cast<std::byte>(i * 7 + (i >> 8) * 13 + 1);
    for (std::size_t const size : {20u, 64u, 576u, 1460u, 9000u, 65535u}) {
        compare(table, "sum", size,
                {summing<with_plywire>("plywire", octets, size),
                 summing<end_around_carry>("end-around carry", octets, size),
                 summing<counted_carries>("counted carries", octets, size),
                 summing<wide_sums>("wide sums", octets, size), summing<split_halves>("split halves", octets, size),
                 summing<sum_of_128_bits>("128-bit sum", octets, size)});
    }
    for (std::size_t const size : {20u, 64u, 576u, 1460u, 9000u, 65535u}) {
        compare(table, "copy+sum", size,
                {moving<copy_with_plywire>("plywire", elsewhere, octets, size),
                 moving<memcpy_then<with_plywire>>("memcpy + plywire", elsewhere, octets, size),
                 moving<memcpy_then<wide_sums>>("memcpy + wide sums", elsewhere, octets, size),
                 moving<memcpy_then<sum_of_128_bits>>("memcpy + 128-bit", elsewhere, octets, size)});
    }
    return table.finish(argc, argv);
}
