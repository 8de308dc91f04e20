// In which order the options of a SYN stand, and where padding goes between them. No RFC says (RFC 9293 MUST-64: a
// receiver takes them anywhere); stacks are told apart by it.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// What may stand in a SYN behind the MSS option, which comes first.
enum class synchronize_option : std::uint8_t { sack, stamps, scale };

// What an options layout must answer: the order; how far from a multiple of 4 octets an option begins, told whether
// timestamps are among them (octets before that are filled with no-operation); and whether what is left behind the last
// one is filled with end-of-list or with no-operation.
template <class T>
concept options_layout = requires(synchronize_option option, bool flag) {
    { T::order } -> std::convertible_to<std::array<synchronize_option, 3>>;
    { T::begins_at(option, flag) } -> std::convertible_to<std::uint32_t>; // 0 to 3
    { T::ends_the_list } -> std::convertible_to<bool>;
};

// MSS, SACK-permitted, timestamps, NOP, window scale: as Linux does, and RFC 7323 appendix A for timestamps. Padding
// comes in front of an option.
struct linux_options {
    static constexpr std::array order = {synchronize_option::sack, synchronize_option::stamps,
                                         synchronize_option::scale};
    static constexpr bool ends_the_list = false;
    static constexpr std::uint32_t begins_at(synchronize_option option, bool with_timestamps) {
        switch (option) {
        // As long as the padding that timestamps would need in front of them.
        case synchronize_option::sack: return with_timestamps ? 0 : 2;
        case synchronize_option::stamps: return 2;
        case synchronize_option::scale: return 1;
        }
        return 0;
    }
};

// MSS, NOP, window scale, SACK-permitted, timestamps, end of list: as FreeBSD does.
struct freebsd_options {
    static constexpr std::array order = {synchronize_option::scale, synchronize_option::sack,
                                         synchronize_option::stamps};
    static constexpr bool ends_the_list = true;
    static constexpr std::uint32_t begins_at(synchronize_option option, bool) {
        switch (option) {
        case synchronize_option::scale: return 1;
        case synchronize_option::sack: return 0;
        case synchronize_option::stamps: return 2;
        }
        return 0;
    }
};

} // namespace plywire::tcp
