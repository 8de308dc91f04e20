// One client's conversation, apart from any socket: octets that came are put in, octets to send are taken out. Memory
// is bounded, but for the names of a directory that is listed: a request's head at most, and of a file one piece at a
// time.
#pragma once

#include "http_request.hpp"
#include "http_response.hpp"

#include <plywire/bytes/span.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace http {

// What has arrived of the next request, and what is left to send of the answer to the last one.
class conversation {
public:
    // Where to put what arrives next; never empty once answer_next() has answered false.
    plywire::mutable_bytes room() { return std::as_writable_bytes(std::span(buffer_)).subspan(arrived_); }

    // So many octets were put there.
    void came(std::size_t octets) { arrived_ += octets; }

    // Takes the next request from what has arrived and prepares its answer, from the files below the directory `root`;
    // false when there is none yet. Only when everything_is_sent().
    bool answer_next(int root) {
        std::size_t const body = std::min(body_left_, arrived_);
        drop(body);
        body_left_ -= body;
        if (body_left_ != 0) {
            return false;
        }
        parse_result const parsed = parse_request({buffer_.data(), arrived_});
        if (parsed.found == parse_result::outcome::incomplete) {
            return false;
        }
        text_sent_ = 0;
        if (parsed.found == parse_result::outcome::bad) {
            answer_ = refusal(parsed.status, method::get, false);
        } else {
            answer_ = respond(parsed.request, root);
            body_left_ = static_cast<std::size_t>(parsed.request.body_octets);
            drop(parsed.head_octets);
        }
        return true;
    }

    bool everything_is_sent() const { return text_sent_ == answer_.text.size() && answer_.file_octets == 0; }

    // Whether the answer is the last one.
    bool is_over() const { return !answer_.keep_alive; }

    // What to send next, at most `most` octets of a file by way of `scratch`; nothing when the file has shrunk, so
    // that what was announced cannot be kept.
    std::optional<plywire::bytes_view> next_piece(plywire::mutable_bytes scratch, std::size_t most) const {
        if (text_sent_ < answer_.text.size()) {
            return plywire::bytes_of(std::string_view(answer_.text).substr(text_sent_));
        }
        std::size_t const wanted = std::min<std::uint64_t>(std::min(most, scratch.size()), answer_.file_octets);
        ssize_t const length =
            ::pread(answer_.file.number(), scratch.data(), wanted, static_cast<off_t>(answer_.file_offset));
        if (length <= 0) {
            return std::nullopt;
        }
        return scratch.first(static_cast<std::size_t>(length));
    }

    // So many octets of that piece were sent.
    void sent(std::size_t octets) {
        if (text_sent_ < answer_.text.size()) {
            text_sent_ += octets;
        } else {
            answer_.file_offset += octets;
            answer_.file_octets -= octets;
        }
        if (everything_is_sent()) { // a client that keeps the connection for later keeps no file
            answer_.file = {};
        }
    }

private:
    void drop(std::size_t octets) {
        arrived_ -= octets;
        std::memmove(buffer_.data(), buffer_.data() + octets, arrived_);
    }

    std::array<char, largest_head_octets> buffer_{};
    std::size_t arrived_ = 0;   // octets in the buffer
    std::size_t body_left_ = 0; // octets still to come of a body that nobody wants
    response answer_{};
    std::size_t text_sent_ = 0;
};

} // namespace http
