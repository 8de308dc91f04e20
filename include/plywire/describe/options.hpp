// Lists of options of the kind, length, value form that IPv4 and TCP share (RFC 791 3.1, RFC 9293 3.1): kind 0 ends the
// list, kind 1 is one octet of padding, every other kind has a length octet that counts the kind and itself.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/describe/description.hpp>
#include <plywire/describe/packet.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace plywire {

// Ends a list of options; what lies behind it is padding.
inline constexpr std::uint8_t option_kind_end_of_list = 0;
// One octet of padding between options.
inline constexpr std::uint8_t option_kind_no_operation = 1;

template <std::uint8_t Kind>
inline constexpr field<"option.kind", 8, must_be<Kind>> option_kind;
template <std::uint8_t Octets>
inline constexpr field<"option.length", 8, must_be<Octets>> option_length;

// An option of one kind, described as a header is: kind and length are fixed, `Fields` follow. `parse<Option>` checks
// both; the constructor takes the fields' values in order.
template <fixed_string Name, std::uint8_t Kind, auto... Fields>
struct option : description<Name, option_kind<Kind>,
                            option_length<2 + (std::size_t{0} + ... + std::remove_cvref_t<decltype(Fields)>::bits) / 8>,
                            Fields...> {
    static constexpr std::uint8_t kind = Kind;

    constexpr explicit option(typename std::remove_cvref_t<decltype(Fields)>::value_type... values) {
        (this->set(Fields = values), ...);
    }
};

// One option as it lies in a list.
struct option_view {
    std::uint8_t kind = option_kind_end_of_list;
    // Kind, length and value; what `parse<Option>` takes.
    bytes_view octets;

    // The value alone; empty for an option of one octet.
    constexpr bytes_view value() const { return octets.size() < 2 ? bytes_view{} : octets.subspan(2); }
};

// The options in a run of octets, as a forward range of `option_view`. Padding is passed over. The range ends at the
// end of list, at the last octet, or in front of an option whose length is below 2 or runs beyond the octets:
// `is_well_formed` tells that case apart (RFC 9293 MUST-7: an illegal length must be survived).
class option_list {
public:
    class iterator {
    public:
        using value_type = option_view;
        using difference_type = std::ptrdiff_t;

        constexpr iterator() = default;
        constexpr explicit iterator(bytes_view rest)
            : rest_(rest) {
            find();
        }

        constexpr option_view operator*() const { return current_; }
        constexpr iterator& operator++() {
            rest_ = rest_.subspan(current_.octets.size());
            find();
            return *this;
        }
        constexpr iterator operator++(int) {
            iterator const before = *this;
            ++*this;
            return before;
        }
        friend constexpr bool operator==(iterator const& a, iterator const& b) {
            return a.rest_.size() == b.rest_.size();
        }
        // Whether it stopped in front of an option that cannot be one.
        constexpr bool stopped_at_nonsense() const { return nonsense_; }

    private:
        constexpr void find() {
            while (!rest_.empty() && std::to_integer<std::uint8_t>(rest_[0]) == option_kind_no_operation) {
                rest_ = rest_.subspan(1);
            }
            if (rest_.empty() || std::to_integer<std::uint8_t>(rest_[0]) == option_kind_end_of_list) {
                rest_ = rest_.last(0);
                return;
            }
            std::size_t const length = rest_.size() < 2 ? 0 : std::to_integer<std::size_t>(rest_[1]);
            if (length < 2 || length > rest_.size()) {
                nonsense_ = true;
                rest_ = rest_.last(0);
                return;
            }
            current_ = {std::to_integer<std::uint8_t>(rest_[0]), rest_.first(length)};
        }

        bytes_view rest_;
        option_view current_;
        bool nonsense_ = false;
    };

    constexpr explicit option_list(bytes_view octets)
        : octets_(octets) {}

    constexpr iterator begin() const { return iterator(octets_); }
    constexpr iterator end() const { return iterator(octets_.last(0)); }
    // Whether every option in the list has a possible length.
    constexpr bool is_well_formed() const {
        iterator at = begin();
        while (at != end()) {
            ++at;
        }
        return !at.stopped_at_nonsense();
    }

private:
    bytes_view octets_;
};

// The options one behind the other, filled up with end-of-list octets to a multiple of four, as the tail of `Header`.
template <class Header, class... Options>
constexpr auto make_options(Options const&... options) {
    constexpr std::size_t octets = (std::size_t{0} + ... + Options::size);
    header_tail<Header, (octets + 3) / 4 * 4> tail;
    std::size_t at = 0;
    auto const append = [&](auto const& option) {
        for (std::byte const octet : option.octets()) {
            tail.data[at++] = octet;
        }
    };
    (append(options), ...);
    return tail;
}

} // namespace plywire
