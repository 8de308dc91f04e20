// A conversation over a socket. Never waits: advance() does what can be done now and is called again when the socket is
// ready.
#pragma once

#include "http_conversation.hpp"

#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>

#include <cstddef>
#include <utility>

namespace http {

// One client: the socket and what is said over it.
template <class Socket>
class exchange {
public:
    exchange(Socket socket, plywire::instant now)
        : socket_(std::move(socket))
        , last_progress_(now) {}

    // Goes on as far as it can, with files from below the directory `root` read by way of `scratch`; false when the
    // connection is over and can be dropped.
    bool advance(int root, plywire::mutable_bytes scratch, plywire::instant now) {
        while (true) {
            step went = step::done;
            if (!talk_.everything_is_sent()) {
                went = send_piece(scratch, now);
            } else if (talk_.is_over()) {
                return linger(scratch);
            } else if (!talk_.answer_next(root)) {
                went = receive(now);
            }
            if (went != step::done) {
                return went == step::waits;
            }
        }
    }

    // When something last came or went: who is silent for long may be dropped.
    plywire::instant last_progress() const { return last_progress_; }

    Socket& socket() { return socket_; }

private:
    // would_block, end_of_stream, or that the connection is lost
    using failure = decltype(std::declval<Socket&>().receive(plywire::mutable_bytes{}))::error_type;

    enum class step { done, waits, over };

    static constexpr std::size_t most_discarded = 1 << 20; // octets read after the last answer, to be thrown away

    step send_piece(plywire::mutable_bytes scratch, plywire::instant now) {
        // Small pieces, since what the socket has no room for is read again. Without any room one octet is enough to be
        // told so, or that the connection is lost.
        auto const piece = talk_.next_piece(scratch, socket_.writable() ? scratch.size() : 1);
        if (!piece) {
            socket_.abort();
            return step::over;
        }
        auto const sent = socket_.send(*piece);
        if (!sent) {
            return sent.error() == failure::would_block ? step::waits : step::over;
        }
        talk_.sent(*sent);
        last_progress_ = now;
        return step::done;
    }

    // Nothing is left to answer: when the client sends no more, all is said.
    step receive(plywire::instant now) {
        auto const received = socket_.receive(talk_.room());
        if (!received) {
            return received.error() == failure::would_block ? step::waits : step::over;
        }
        talk_.came(*received);
        last_progress_ = now;
        return step::done;
    }

    // RFC 9112 section 9.6: after the last answer only the sending side is closed, and what still arrives is read;
    // closing at once would make TCP answer it with a reset, and the client might lose the answer.
    bool linger(plywire::mutable_bytes scratch) {
        if (!std::exchange(shut_, true)) {
            static_cast<void>(socket_.shutdown());
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

    Socket socket_;
    conversation talk_{};
    plywire::instant last_progress_;
    std::size_t discarded_ = 0;
    bool shut_ = false;
};

} // namespace http
