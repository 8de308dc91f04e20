#pragma once
// One client's connection: requests in, answers out, one after the other. Never waits: advance() does what can be done
// now and is called again when the socket is ready. Memory is bounded: a request's head at most, and of a file what the
// socket has room for.

#include "http_request.hpp"
#include "http_response.hpp"

#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace http {

/// The socket, what has arrived of the next request, and what is left to send of the answer to the last one.
template <class Socket>
class exchange {
public:
    exchange(Socket socket, plywire::instant now)
        : socket_(std::move(socket))
        , last_progress_(now) {}

    /// Goes on as far as it can, with files from below the directory `root` read by way of `scratch`; false when the
    /// connection is over and can be dropped.
    bool advance(int root, plywire::mutable_bytes scratch, plywire::instant now) {
        for (;;) {
            step const sent = send_answer(scratch, now);
            if (sent != step::done) {
                return sent == step::waits;
            }
            if (closing_) {
                return linger(scratch);
            }
            if (answer_next(root)) {
                continue;
            }
            if (at_end_) {
                return false; // the client has said all, and has been answered
            }
            step const received = receive(now);
            if (received != step::done) {
                return received == step::waits;
            }
        }
    }

    /// When something last came or went: who is silent for long may be dropped.
    plywire::instant last_progress() const { return last_progress_; }

    Socket& socket() { return socket_; }

private:
    // would_block, end_of_stream, or that the connection is lost
    using failure = decltype(std::declval<Socket&>().receive(plywire::mutable_bytes{}))::error_type;

    enum class step { done, waits, failed };

    static constexpr std::size_t most_discarded = 1 << 20; // octets read after the last answer, to be thrown away

    // done: nothing is left to send
    step send_answer(plywire::mutable_bytes scratch, plywire::instant now) {
        while (text_sent_ < answer_.text.size()) {
            auto const sent = socket_.send(plywire::bytes_of(std::string_view(answer_.text).substr(text_sent_)));
            if (step const went = progress(sent, now); went != step::done) {
                return went;
            }
            text_sent_ += *sent;
        }
        while (answer_.file_octets != 0) {
            // Read in small pieces, since what the socket has no room for is read again. Without any room one octet is
            // enough to be told so, or that the connection is lost.
            std::size_t const wanted =
                std::min<std::uint64_t>(socket_.writable() ? scratch.size() : 1, answer_.file_octets);
            ssize_t const length =
                ::pread(answer_.file.number(), scratch.data(), wanted, static_cast<off_t>(answer_.file_offset));
            if (length <= 0) {
                socket_.abort(); // the file has shrunk: what was announced cannot be kept
                return step::failed;
            }
            auto const sent = socket_.send(scratch.first(static_cast<std::size_t>(length)));
            if (step const went = progress(sent, now); went != step::done) {
                return went;
            }
            answer_.file_offset += *sent;
            answer_.file_octets -= *sent;
        }
        return step::done;
    }

    // Takes the next request from what has arrived and prepares its answer; false when there is none yet.
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
        closing_ = !answer_.keep_alive;
        return true;
    }

    step receive(plywire::instant now) {
        auto const room = std::as_writable_bytes(std::span(buffer_)).subspan(arrived_);
        auto const received = socket_.receive(room);
        if (!received && received.error() == failure::end_of_stream) {
            at_end_ = true;
            return step::done;
        }
        step const came = progress(received, now);
        if (came == step::done) {
            arrived_ += *received;
        }
        return came;
    }

    // RFC 9112 section 9.6: after the last answer only the sending side is closed, and what still arrives is read;
    // closing at once would make TCP answer it with a reset, and the client might lose the answer.
    bool linger(plywire::mutable_bytes scratch) {
        if (!std::exchange(shut_, true)) {
            socket_.shutdown();
        }
        while (discarded_ < most_discarded) {
            auto const received = socket_.receive(scratch);
            if (!received) {
                return received.error() == failure::would_block;
            }
            discarded_ += *received;
        }
        return false;
    }

    step progress(auto const& moved, plywire::instant now) {
        if (!moved) {
            return moved.error() == failure::would_block ? step::waits : step::failed;
        }
        if (*moved == 0) {
            return step::waits;
        }
        last_progress_ = now;
        return step::done;
    }

    void drop(std::size_t octets) {
        arrived_ -= octets;
        std::memmove(buffer_.data(), buffer_.data() + octets, arrived_);
    }

    Socket socket_;
    plywire::instant last_progress_;
    std::array<char, largest_head_octets> buffer_{};
    std::size_t arrived_ = 0;   // octets in the buffer
    std::size_t body_left_ = 0; // octets still to come of a body that nobody wants
    response answer_{};
    std::size_t text_sent_ = 0;
    std::size_t discarded_ = 0;
    bool closing_ = false; // the answer is the last one
    bool shut_ = false;
    bool at_end_ = false; // the client sends no more
};

} // namespace http
