// What carries what, and under which number: one line a pair, read by the builder, which writes the number, and by
// parse, which expects it. A protocol of your own joins from outside, in its own file:
//
//     template <>
//     inline constexpr std::uint16_t plywire::carries<plywire::ethernet::header, mine::header> = 0x88b5;
#pragma once

#include <type_traits>

namespace plywire {

// Nothing is said about the pair.
struct not_carried {};

// The number by which `Carrier` names `Cargo` in its next-protocol field. Specialise it for a new pair.
template <class Carrier, class Cargo>
inline constexpr not_carried carries{};

// Whether a number has been given to the pair.
template <class Carrier, class Cargo>
concept carrier_of = !std::is_same_v<decltype(carries<Carrier, Cargo>), not_carried const>;

} // namespace plywire
