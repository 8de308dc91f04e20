// Text in the SYN of an active OPEN, for a peer that has given a cookie before: the client's side of TCP Fast Open. Read
// RFC 7413 sections 3 and 4 first.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/headers/tcp_options.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// What a peer has given to be shown in a later SYN, and what it takes in one. Whoever makes connections remembers it by
// the peer's address (section 4.1.3).
struct fast_open_cookie {
    std::array<std::byte, fast_open_cookie_octets_max> octets{};
    std::uint8_t size = 0;            // octets: 0 for none, else 4 to 16 and even (section 4.1.1)
    std::uint16_t segment_size = 536; // octets of text that the peer takes in a SYN (section 4.2.1)

    constexpr bytes_view view() const { return bytes_view(octets).first(size); }
    constexpr bool empty() const { return size == 0; }
};

// What a Fast Open policy must answer: whether it is used at all, and for each connection what its SYN bears and what the
// peer has given.
template <class T>
concept fast_open_policy =
    std::default_initializable<T> && requires(T t, T const k, fast_open_cookie const& cookie, bytes_view octets) {
        { T::supported } -> std::convertible_to<bool>;
        t.forget();
        t.use(cookie);
        t.heard(octets, std::uint16_t{});
        { k.wanted() } -> std::same_as<bool>; // the SYN bears the option
        { k.given() } -> std::same_as<bool>;  // a SYN,ACK has come, and there is a cookie for later
    };

// None. Has no state.
struct no_fast_open {
    static constexpr bool supported = false;
    static constexpr void forget() {}
    static constexpr void use(fast_open_cookie const&) {}
    static constexpr void heard(bytes_view, std::uint16_t) {}
    static constexpr bool wanted() { return false; }
    static constexpr bool given() { return false; }
};

// Each connection may ask for a cookie or use one, and does not unless it is told to (section 2: an application decides,
// because text in a SYN may arrive twice). 22 octets of state.
class fast_open_client {
public:
    static constexpr bool supported = true;

    // Neither asks nor uses.
    constexpr void forget() { wanted_ = given_ = false; }
    // The next SYN shows this cookie; an empty one asks for a cookie.
    constexpr void use(fast_open_cookie const& cookie) {
        cookie_ = cookie;
        wanted_ = true;
        given_ = false;
    }
    // The cookie in a SYN,ACK, empty if there is none, whose sender takes segments of that size. Counts only if we have
    // spoken of it. Without a new cookie the one that was shown stays good (section 4.1.3).
    constexpr void heard(bytes_view octets, std::uint16_t segment_size) {
        if (!wanted_) return;
        if (!octets.empty()) {
            cookie_.size = static_cast<std::uint8_t>(octets.size());
            plywire::copy(cookie_.octets, octets);
        }
        cookie_.segment_size = segment_size;
        given_ = !cookie_.empty();
    }
    constexpr bool wanted() const { return wanted_; }
    constexpr bool given() const { return given_; }
    // What was used, or was given since.
    constexpr fast_open_cookie const& cookie() const { return cookie_; }

private:
    fast_open_cookie cookie_{};
    bool wanted_ = false;
    bool given_ = false;
};

} // namespace plywire::tcp
