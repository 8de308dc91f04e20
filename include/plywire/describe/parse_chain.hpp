// Several headers at once, each in the payload of the one before:
//
//     auto segment = parse<ethernet::header, ipv4::header, tcp::header>(frame);
//     if (segment && (*segment)[tcp::syn]) ...
//
// A header that names what it carries must name the next one (see carries.hpp), so a UDP datagram is never read as a TCP
// segment. UDP and TCP name nothing: what their payload is follows from the ports, which are the caller's to look at.
#pragma once

#include <plywire/describe/carries.hpp>
#include <plywire/describe/parse.hpp>

#include <boost/hana/tuple.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <type_traits>
#include <utility>

namespace plywire {

// The views of headers that lie one inside the other, outermost first. No header stands in the list twice.
template <described_header... Headers>
class view_chain {
public:
    constexpr explicit view_chain(view<Headers>... views)
        : views_(views...) {}

    // The view of one of the headers.
    template <class Header>
    constexpr view<Header> const& get() const {
        constexpr std::size_t place = position<std::is_same<Headers, Header>...>;
        static_assert(place < sizeof...(Headers), "plywire: this header is not in the chain that was parsed");
        if constexpr (place < sizeof...(Headers)) return boost::hana::at_c<place>(views_);
    }

    // The value of a field of whichever header it belongs to.
    template <header_field Field>
    constexpr typename Field::value_type operator[](Field field) const {
        constexpr std::size_t place = position<has_field<Headers, Field>...>;
        static_assert(place < sizeof...(Headers), "plywire: no header in the chain that was parsed has this field");
        if constexpr (place < sizeof...(Headers)) return boost::hana::at_c<place>(views_)[field];
    }

    // What the innermost header carries.
    constexpr bytes_view payload() const { return boost::hana::at_c<sizeof...(Headers) - 1>(views_).payload(); }

private:
    template <class Header, class Field>
    using has_field = std::bool_constant<Header::template has<Field>>;

    template <class... Matches>
    static constexpr std::size_t position = [] {
        constexpr bool matches[] = {Matches::value..., true};
        std::size_t index = 0;
        while (!matches[index]) {
            ++index;
        }
        return index;
    }();

    boost::hana::tuple<view<Headers>...> views_;
};

namespace detail {

// Whether `carrier` says that it carries the beginning of a `Cargo`; if not, `error` says what it carries instead.
template <class Cargo, class Carrier>
constexpr bool names_cargo(view<Carrier> const& carrier, std::size_t offset, parse_error& error) {
    if constexpr (using place = fragment_place_of<Carrier>; !std::is_void_v<place>) {
        if (carrier[place{}] != 0) {
            error = {Carrier::name, offset, 0, carrier[place{}], parse_problem::other_cargo, place::name};
            return false;
        }
    }
    using number = next_protocol_of<Carrier>;
    if constexpr (!std::is_void_v<number>) {
        static_assert(carrier_of<Carrier, Cargo>,
                      "plywire: nothing says under which number this header carries the one that follows; "
                      "specialise plywire::carries");
        auto const wanted = static_cast<std::size_t>(carries<Carrier, Cargo>);
        auto const named = static_cast<std::size_t>(carrier[number{}]);
        if (named != wanted) {
            error = {Carrier::name, offset, wanted, named, parse_problem::other_cargo, number::name};
            return false;
        }
    } else {
        static_assert(!carrier_of<Carrier, Cargo>,
                      "plywire: this carrier has no field that names what it carries, so carries<> cannot hold for it");
    }
    return true;
}

// Parses the headers that are still to come behind `last`, which lies inside those of `outer`.
template <class Result, class... Rest>
struct chain_parser {
    template <class Last, class... Outer>
    static constexpr std::expected<Result, parse_error> parse_rest(std::size_t, Last const& last,
                                                                   Outer const&... outer) {
        return Result(outer..., last);
    }
};

template <class Result, class Next, class... Rest>
struct chain_parser<Result, Next, Rest...> {
    template <class Last, class... Outer>
    static constexpr std::expected<Result, parse_error> parse_rest(std::size_t offset, Last const& last,
                                                                   Outer const&... outer) {
        parse_error error;
        if (!names_cargo<Next>(last, offset, error)) {
            return std::unexpected(error);
        }
        std::size_t const next_offset = offset + last.octets().size();
        auto const next = parse<Next>(last.payload(), next_offset);
        if (!next) {
            return std::unexpected(next.error());
        }
        return chain_parser<Result, Rest...>::parse_rest(next_offset, *next, outer..., last);
    }
};

} // namespace detail

// Reads the octets as headers one inside the other. The error is that of the first header that does not fit, with its
// offset from the start of `octets`.
template <described_header First, described_header Second, described_header... Rest>
constexpr std::expected<view_chain<First, Second, Rest...>, parse_error> parse(bytes_view octets) {
    auto const first = parse<First>(octets);
    if (!first) {
        return std::unexpected(first.error());
    }
    return detail::chain_parser<view_chain<First, Second, Rest...>, Second, Rest...>::parse_rest(0, *first);
}

// Octets that go away at the end of the statement are refused, as above.
template <described_header First, described_header Second, described_header... Rest, class TemporaryOutlivedByItsView>
    requires detail::temporary_owner<TemporaryOutlivedByItsView>
constexpr void parse(TemporaryOutlivedByItsView&&) = delete;

} // namespace plywire
