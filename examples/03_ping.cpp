// Ping from a network stack of its own: echo requests (RFC 792) to the kernel, or through it to anybody.
//
//     ping --tun NAME | --tap NAME --address 10.9.0.2/24 [--count 4] [--interval MILLISECONDS] 10.9.0.1
//
// It creates the interface, or attaches to one that was made for it, and says which two `ip` commands give the kernel
// its side; before they have run, nobody answers. Exit status 0 when at least one answer came.
//
// Worth seeing here: time. The host never reads a clock and has no timer of its own that calls back. The handler
// answers when it wants to be called again, the loop sleeps until then or until a frame arrives, and the round trip is
// the difference between two instants that the loop has told the host.

#include "common/host_on_interface.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

using namespace plywire;

namespace {

constexpr std::string_view usage = "usage: ping --tun NAME | --tap NAME --address 10.9.0.2/24 [--count 4] "
                                   "[--interval MILLISECONDS] ADDRESS";
constexpr duration patience = seconds(1); // how long the last request is waited for

// One run of requests to one address.
class pinger {
public:
    pinger(ipv4::address to, std::uint32_t count, duration interval)
        : to_(to)
        , count_(count)
        , interval_(interval)
        , identifier_(common::unguessable<std::uint16_t>()) {}

    // Takes the answers that came and sends the request that is due; never() when all is done.
    template <class Host>
    instant go_on(Host& host) {
        while (auto const reply = host.icmp().next_reply()) {
            take(*reply);
        }
        instant const now = host.now();
        if (sent_.size() < count_ && now >= next_) {
            auto const number = static_cast<std::uint16_t>(sent_.size());
            if (auto const sent = host.icmp().ping(to_, identifier_, number, bytes_of("plywire says hello to you"));
                !sent) {
                std::printf("%u: %s\n", unsigned{number}, std::string(name_of(sent.error())).c_str());
            }
            sent_.push_back({now});
            next_ = now + (sent_.size() < count_ ? interval_ : patience);
        }
        bool const done = sent_.size() == count_ && (answered_ == count_ || now >= next_);
        return done ? instant::never() : next_;
    }

    bool report() const {
        std::printf("%zu sent, %u answered", sent_.size(), answered_);
        if (duplicates_ != 0) {
            std::printf(", %u duplicates", duplicates_);
        }
        std::printf("\n");
        return answered_ != 0;
    }

private:
    struct request {
        instant sent{};
        bool is_answered = false;
    };

    void take(icmpv4::echo_reply const& reply) {
        if (reply.identifier != identifier_ || reply.source != to_ || reply.sequence >= sent_.size()) {
            return;
        }
        request& answered = sent_[reply.sequence];
        bool const is_duplicate = std::exchange(answered.is_answered, true);
        ++(is_duplicate ? duplicates_ : answered_);
        auto const microseconds = (reply.received - answered.sent).nanoseconds / 1000;
        std::printf("%u: %zu octets from %s in %lld us%s\n", unsigned{reply.sequence}, reply.length,
                    common::text_of_address(reply.source).c_str(), static_cast<long long>(microseconds),
                    is_duplicate ? ", a duplicate" : "");
    }

    ipv4::address to_;
    std::uint32_t count_;
    duration interval_;
    std::uint16_t identifier_; // tells our answers from those to others
    std::vector<request> sent_{};
    std::uint32_t answered_ = 0; // requests
    std::uint32_t duplicates_ = 0;
    instant next_{};
};

} // namespace

int main(int count, char** words) {
    common::command_line const options(count, words, {"--count", "--interval"}, true);
    auto const to = ipv4::address::from_text(options.last().value_or(""));
    auto const requests = options.number("--count", 4, 1, 65535);
    auto const interval = options.number("--interval", 1000, 0, 3'600'000);
    if (!to || !requests || !interval) {
        return common::complain(usage);
    }
    return common::with_host(options, usage, [&](auto& host, run_loop& loop) {
        pinger run(*to, *requests, milliseconds(*interval));
        auto const ended = loop.run(host, [&](auto& h) {
            instant const again = run.go_on(h);
            if (again == instant::never()) {
                loop.stop();
            }
            return again;
        });
        if (!ended) {
            return common::complain(ended.error().message().view());
        }
        return run.report() ? EXIT_SUCCESS : EXIT_FAILURE;
    });
}
