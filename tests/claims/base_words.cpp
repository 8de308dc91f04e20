// What base/ promises at compile time.
#include <plywire/base/fixed_string.hpp>
#include <plywire/base/random.hpp>
#include <plywire/base/required.hpp>
#include <plywire/base/siphash.hpp>
#include <plywire/base/static_vector.hpp>
#include <plywire/base/text.hpp>
#include <plywire/base/time.hpp>

#include <concepts>
#include <type_traits>

namespace {

using namespace plywire;

// A literal is a template argument, and two equal ones are one type.
template <fixed_string Name>
struct named {};
static_assert(std::same_as<named<"tcp.syn">, named<"tcp.syn">>);
static_assert(!std::same_as<named<"tcp.syn">, named<"tcp.fin">>);
static_assert(fixed_string("tcp.syn").view() == "tcp.syn");
static_assert(fixed_string("").view().empty());

// A reason has the value of the condition beside it.
template <class T>
concept counted = required<std::integral<T>, "plywire: only whole numbers are counted">;
static_assert(counted<int>);
static_assert(!counted<float>);

// Units.
static_assert(hours(1) == minutes(60) && minutes(1) == seconds(60) && seconds(1) == milliseconds(1'000));
static_assert(milliseconds(1) == microseconds(1'000) && microseconds(1) == nanoseconds(1'000));
static_assert(seconds(3) * 2 == 2 * seconds(3) && seconds(6) / 4 == milliseconds(1'500) &&
              seconds(7) / seconds(2) == 3);
static_assert(-seconds(1) < duration{} && seconds(1) - seconds(3) == -seconds(2));
static_assert(instant{5} + seconds(1) - instant{5} == seconds(1));
static_assert(instant{} < instant{1} && instant{1} < instant::never());
static_assert(std::is_aggregate_v<duration> && std::is_aggregate_v<instant> && sizeof(instant) == 8);

// What is never due stays so, and a sum that would leave 64 bits is never due either.
static_assert(instant::never() + seconds(1) == instant::never());
static_assert(instant::never() - seconds(1) == instant::never());
static_assert(instant{instant::never().nanoseconds - 1} + nanoseconds(2) == instant::never());

// Points in time are not added, and a number without a unit is not a duration.
template <class A, class B>
concept can_be_added = requires(A a, B b) { a + b; };
static_assert(can_be_added<instant, duration> && can_be_added<duration, duration>);
static_assert(!can_be_added<instant, instant>);
static_assert(!can_be_added<instant, int>);

// The seed alone decides.
static_assert(random_generator(1).next() == random_generator(1).next());
static_assert(random_generator(1).next() != random_generator(2).next());
static_assert(random_generator(1).below(1) == 0 && random_generator(1).below(0) == 0);

// SipHash paper, appendix A: key 00 .. 0f, message 00 .. 0e.
constexpr std::uint64_t hash_of_the_paper() {
    std::byte message[15] = {};
    for (unsigned i = 0; i < 15; ++i) message[i] = static_cast<std::byte>(i);
    return siphash_2_4({.k0 = 0x0706050403020100, .k1 = 0x0f0e0d0c0b0a0908}, message);
}
static_assert(hash_of_the_paper() == 0xa129ca6149be45e5);

// A vector of small things is hardly larger than they are.
static_assert(sizeof(static_vector<std::uint8_t, 7>) == 8);
constexpr bool vector_in_order() {
    static_vector<int, 3> numbers;
    bool const taken = numbers.push_back(1) && numbers.push_back(3) && numbers.insert(1, 2);
    if (!taken || !numbers.full() || numbers.push_back(4) || numbers.insert(0, 4)) return false;
    numbers.erase(0);
    return numbers.size() == 2 && numbers[0] == 2 && numbers.back() == 3;
}
static_assert(vector_in_order());

static_assert(text_of<16>([](text_writer& out) { out.text("port ").decimal(80).character('!'); }) == "port 80!");
static_assert(text_of<16>([](text_writer& out) { out.hexadecimal(0xbeef, 8); }) == "0000beef");
static_assert(text_of<4>([](text_writer& out) { out.text("truncated"); }) == "trun");

} // namespace
