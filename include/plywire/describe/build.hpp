// From a packet to its octets: everything that follows from the rest is filled in here.
//
// Three passes over the plies: their octets are copied one behind the other; then, outermost first, lengths and
// next-protocol numbers; then, innermost first, checksums (an inner checksum is part of what an outer one covers).
// A field that was assigned by name is never touched, so wrong packets can be built on purpose.
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/describe/carries.hpp>
#include <plywire/describe/packet.hpp>
#include <plywire/describe/view.hpp>

#include <boost/hana/tuple.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <type_traits>
#include <utility>

namespace plywire {

// Why a packet was not written.
struct build_error {
    // The header whose length field cannot say how much follows; empty if the room is too small.
    std::string_view layer;
    // Octets needed.
    std::size_t needed = 0;
    // Octets of room, or the most that the length field can say.
    std::size_t present = 0;

    friend constexpr bool operator==(build_error const&, build_error const&) = default;
};

namespace detail {

template <class Ply>
constexpr std::size_t octets_in(Ply const& ply) {
    if constexpr (requires { Ply::size; }) {
        return Ply::size;
    } else {
        return ply.octets().size();
    }
}

template <class Ply, class Header>
inline constexpr bool is_tail_of = false;
template <class Header, std::size_t Octets>
inline constexpr bool is_tail_of<header_tail<Header, Octets>, Header> = true;

template <class Ply>
inline constexpr bool is_tail = false;
template <class Header, std::size_t Octets>
inline constexpr bool is_tail<header_tail<Header, Octets>> = true;

template <class Header>
concept gives_pseudo_header = described_header<Header> && requires(view<Header> carrier) {
    { pseudo_header_sum(carrier, std::size_t{}) } -> std::same_as<internet_sum>;
};

// Writes one packet; holds where each ply begins.
template <class... Plies>
class packet_writer {
public:
    constexpr packet_writer(packet<Plies...> const& source, std::byte* to)
        : source_(source)
        , to_(to) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((starts_[I + 1] = starts_[I] + octets_in(ply<I>())), ...);
        }(indices{});
    }

    constexpr std::size_t total() const { return starts_[sizeof...(Plies)]; }

    // The first header whose length field is too narrow, if there is one.
    constexpr std::expected<void, build_error> lengths_fit() const {
        build_error error;
        bool const fit = [&]<std::size_t... I>(std::index_sequence<I...>) {
            return (length_fits<I>(error) && ...);
        }(indices{});
        if (!fit) {
            return std::unexpected(error);
        }
        return {};
    }

    constexpr void write() const {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (copy({to_ + starts_[I], octets_in(ply<I>())}, ply<I>().octets()), ...);
            (fill_lengths_and_numbers<I>(), ...);
            (fill_checksum<sizeof...(Plies) - 1 - I>(), ...);
        }(indices{});
    }

private:
    using indices = std::index_sequence_for<Plies...>;
    template <std::size_t I>
    using ply_type = std::remove_cvref_t<decltype(boost::hana::at_c<I>(std::declval<packet<Plies...>>().plies))>;

    template <std::size_t I>
    constexpr auto const& ply() const {
        return boost::hana::at_c<I>(source_.plies);
    }

    // Options anywhere but directly behind their header would silently be payload.
    static constexpr bool tails_follow_their_headers = []<std::size_t... I>(std::index_sequence<I...>) {
        return ((!is_tail<ply_type<I>> || is_tail_of<ply_type<I>, ply_type<(I == 0 ? 0 : I - 1)>>) && ...);
    }(indices{});
    static_assert(tails_follow_their_headers, "plywire: options stand directly behind their header, once");

    // The index of the first ply behind `I` that is no tail of it.
    template <std::size_t I>
    static constexpr std::size_t end_of_header = [] {
        constexpr bool tails[] = {is_tail_of<Plies, ply_type<I>>..., false};
        std::size_t index = I + 1;
        while (tails[index]) {
            ++index;
        }
        return index;
    }();

    // The nearest ply outside `I` from which a pseudo-header can be made; `I` itself if there is none.
    template <std::size_t I>
    static constexpr std::size_t carrier_of_addresses = [] {
        constexpr bool gives[] = {gives_pseudo_header<Plies>...};
        for (std::size_t index = I; index-- > 0;) {
            if (gives[index]) {
                return index;
            }
        }
        return I;
    }();

    // Octets of header `I` with its tails.
    template <std::size_t I>
    static constexpr std::size_t header_octets = []<std::size_t... J>(std::index_sequence<J...>) {
        return (std::size_t{0} + ... + ply_type<I + J>::size);
    }(std::make_index_sequence<end_of_header<I> - I>{});

    template <std::size_t I>
    constexpr view<ply_type<I>> view_of() const {
        return {to_ + starts_[I], static_cast<std::uint32_t>(header_octets<I>),
                static_cast<std::uint32_t>(total() - starts_[end_of_header<I>])};
    }

    template <std::size_t I, class Field>
    constexpr void fill(Field field, std::size_t value) const {
        if (!ply<I>().is_assigned(field)) {
            write_field<Field, ply_type<I>::template bit_offset_of<Field>>(
                to_ + starts_[I], static_cast<typename Field::value_type>(value));
        }
    }

    template <class Counter, std::size_t I>
    constexpr bool counter_holds(std::size_t octets, std::size_t unit, build_error& error) const {
        if constexpr (!std::is_void_v<Counter>) {
            std::size_t const most = (~std::uint64_t{0} >> (64 - Counter::bits)) * unit;
            if (octets > most && !ply<I>().is_assigned(Counter{})) {
                error = {ply_type<I>::name, octets, most};
                return false;
            }
        }
        return true;
    }

    template <std::size_t I>
    constexpr bool length_fits(build_error& error) const {
        if constexpr (described_header<ply_type<I>>) {
            using header = ply_type<I>;
            using counter = header_counter_of<header>;
            if constexpr (!std::is_void_v<counter>) {
                if (!counter_holds<counter, I>(header_octets<I>, counter::traits::header_unit_octets, error)) {
                    return false;
                }
            }
            return counter_holds<packet_counter_of<header>, I>(total() - starts_[I], 1, error);
        } else {
            return true;
        }
    }

    template <std::size_t I>
    constexpr void fill_lengths_and_numbers() const {
        if constexpr (described_header<ply_type<I>>) {
            using header = ply_type<I>;
            if constexpr (using counter = header_counter_of<header>; !std::is_void_v<counter>) {
                static_assert(header_octets<I> % counter::traits::header_unit_octets == 0,
                              "plywire: the options of this header must fill whole units of its length field");
                fill<I>(counter{}, header_octets<I> / counter::traits::header_unit_octets);
            }
            if constexpr (using counter = packet_counter_of<header>; !std::is_void_v<counter>) {
                fill<I>(counter{}, total() - starts_[I]);
            }
            if constexpr (end_of_header<I> < sizeof...(Plies)) {
                fill_number<I, ply_type<end_of_header<I>>>();
            }
        }
    }

    // The number by which header `I` names what lies behind it.
    template <std::size_t I, class Cargo>
    constexpr void fill_number() const {
        using header = ply_type<I>;
        using number = next_protocol_of<header>;
        if constexpr (described_header<Cargo> && !std::is_void_v<number>) {
            constexpr bool is_known = carrier_of<header, Cargo>;
            static_assert(is_known,
                          "plywire: nothing says under which number this header carries the one that follows; "
                          "specialise plywire::carries");
            if constexpr (is_known) fill<I>(number{}, static_cast<std::size_t>(carries<header, Cargo>));
        }
    }

    template <std::size_t I>
    constexpr void fill_checksum() const {
        if constexpr (described_header<ply_type<I>>) {
            if constexpr (using field = checksum_of<ply_type<I>>; !std::is_void_v<field>) {
                constexpr covers covered = field::traits::checksum_covers;
                internet_sum sum;
                if constexpr (covered == covers::header) {
                    sum.add(view_of<I>().octets());
                } else if constexpr (covered == covers::packet) {
                    sum.add(view_of<I>().packet());
                } else {
                    constexpr std::size_t carrier = carrier_of_addresses<I>;
                    if constexpr (carrier == I) {
                        return; // no addresses, no pseudo-header: the checksum is left to whoever adds the carrier
                    } else {
                        sum = pseudo_header_sum(view_of<carrier>(), total() - starts_[I]);
                        sum.add(view_of<I>().packet());
                    }
                }
                std::uint16_t checksum = sum.checksum();
                if (covered == covers::packet_and_pseudo_header_or_none && checksum == 0) {
                    checksum = 0xffff;
                }
                fill<I>(field{}, checksum);
            }
        }
    }

    packet<Plies...> const& source_;
    std::byte* to_;
    std::array<std::size_t, sizeof...(Plies) + 1> starts_{};
};

template <class... Plies>
constexpr std::size_t static_size(packet<Plies...> const*) {
    return (std::size_t{0} + ... + Plies::size);
}

} // namespace detail

// Octets that the packet will take.
template <ply... Plies>
constexpr std::size_t size_of(packet<Plies...> const& source) {
    return detail::packet_writer<Plies...>(source, nullptr).total();
}

// Writes the packet into the front of `to` and returns its octets. On an error nothing is written.
template <ply... Plies>
constexpr std::expected<std::size_t, build_error> write(packet<Plies...> const& source, mutable_bytes to) {
    detail::packet_writer<Plies...> const writer(source, to.data());
    if (to.size() < writer.total()) {
        return std::unexpected(build_error{{}, writer.total(), to.size()});
    }
    if (auto const fits = writer.lengths_fit(); !fits) {
        return std::unexpected(fits.error());
    }
    writer.write();
    return writer.total();
}

// Writes a header that stands alone.
template <described_header Header>
constexpr std::expected<std::size_t, build_error> write(Header const& header, mutable_bytes to) {
    return write(packet<Header>{{header}}, to);
}

// The packet as an array of just its octets, for packets whose payload has a size known to the compiler; `write`
// serves the others. Lengths that do not fit their field cannot be told to the caller, so a field too narrow is reduced
// at run time and refused in a constant expression.
template <ply... Plies>
constexpr auto to_bytes(packet<Plies...> const& source) {
    static_assert((requires { Plies::size; } && ...),
                  "plywire: to_bytes needs a payload whose size is part of its type; write into a span instead");
    std::array<std::byte, detail::static_size(static_cast<packet<Plies...> const*>(nullptr))> octets{};
    detail::packet_writer<Plies...> const writer(source, octets.data());
    if consteval {
        if (!writer.lengths_fit()) detail::the_value_does_not_fit_its_field();
    }
    writer.write();
    return octets;
}

// A header that stands alone, with lengths and checksums filled in.
template <described_header Header>
constexpr auto to_bytes(Header const& header) {
    return to_bytes(packet<Header>{{header}});
}

} // namespace plywire
