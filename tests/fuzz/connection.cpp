// One TCP connection under a script: the input says what arrives (mostly near the window, where the interesting cases
// are), what the user does and how time passes. Whatever happens, what is sent is well-formed and fits, sending comes
// to an end at one instant, a timer that has been served lies in the future, and memory stays where it is.
#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/machine/connection.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace plywire;

constexpr std::size_t buffer_octets = 4096;
constexpr std::uint16_t local_port = 80;
constexpr std::uint16_t remote_port = 49152;

void must(bool holds) {
    if (!holds) std::abort();
}

// Reads the input from front to back; at the end come zeros.
class script {
public:
    explicit script(bytes_view octets)
        : rest_(octets) {}

    bool over() const { return rest_.empty(); }
    std::uint8_t octet() { return over() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(take(1)[0]); }
    std::uint16_t word() {
        unsigned const high = octet();
        return static_cast<std::uint16_t>(high << 8 | octet());
    }
    bytes_view take(std::size_t count) {
        auto const front = rest_.first(count < rest_.size() ? count : rest_.size());
        rest_ = rest_.subspan(front.size());
        return front;
    }
    // A number near `base`, or exactly it.
    std::uint32_t near(std::uint32_t base) {
        auto const how = octet();
        if (how < 128) return base;
        auto const distance = static_cast<std::uint32_t>(static_cast<std::int8_t>(octet()));
        return how < 192 ? base + distance : base + distance * 0x01000193u;
    }

private:
    bytes_view rest_;
};

template <class Policies>
void let_a_segment_arrive(tcp::connection<Policies>& c, script& input, instant now) {
    auto const info = c.info();
    auto const flags = input.octet();
    std::uint32_t const number = input.near(info.receive_next.value());
    std::uint32_t const acknowledged = input.near(info.send_next.value());
    std::uint16_t const window = input.word();
    auto const options = input.take(input.octet() % 11u * 4u);
    std::size_t const whole_options = options.size() / 4 * 4;
    std::size_t const header_octets = tcp::header::size + whole_options;
    std::vector<std::byte> octets(header_octets + input.word() % 2048u, std::byte{0x55});
    mutable_view<tcp::header> const segment(octets.data(), static_cast<std::uint32_t>(header_octets),
                                            static_cast<std::uint32_t>(octets.size() - header_octets));
    segment.set(tcp::source_port = remote_port, tcp::destination_port = local_port, tcp::sequence_number = number,
                tcp::acknowledgment_number = acknowledged,
                tcp::data_offset = static_cast<std::uint8_t>(header_octets / 4), tcp::window = window,
                tcp::ack = (flags & 1) == 0, tcp::syn = (flags & 6) == 2, tcp::rst = (flags & 24) == 8,
                tcp::fin = (flags & 96) == 32, tcp::psh = (flags & 128) != 0);
    copy(segment.options(), options);
    c.segment_arrives(*parse<tcp::header>(octets), now);
}

template <class Policies>
void send_what_it_wants(tcp::connection<Policies>& c, instant now) {
    std::array<std::byte, 2048> slot{};
    for (unsigned segments = 0; auto const size = c.emit(slot, internet_sum(), now); ++segments) {
        must(size <= slot.size() && segments < 2 * buffer_octets);
        auto const octets = bytes_view(slot).first(size);
        internet_sum sum;
        sum.add_word(static_cast<std::uint16_t>(size));
        sum.add(octets);
        must(sum.folded() == 0xffff);
        auto const segment = parse<tcp::header>(octets);
        must(segment && !tcp::options_of(*segment).malformed);
        must((*segment)[tcp::source_port] == local_port);
    }
    must(!c.wants_to_send(now));
}

template <class Policies>
void play(script input) {
    tcp::connection<Policies> c;
    c.configure({.maximum_segment_size = input.word(),
                 .send_buffer = buffer_octets,
                 .receive_buffer = buffer_octets,
                 .no_delay = (input.octet() & 1) != 0});
    instant now{};
    tcp::sequence const isn(input.near(0));
    must((input.octet() & 1) != 0 ? c.listen(local_port, isn).has_value()
                                  : c.open(local_port, remote_port, isn, now).has_value());
    std::array<std::byte, buffer_octets> room{};
    while (!input.over()) {
        switch (input.octet() % 16) {
        case 0: (void)c.send(bytes_view(room).first(input.word() % room.size()), now); break;
        case 1: (void)c.receive(mutable_bytes(room).first(input.word() % room.size()), now); break;
        case 2: (void)c.close(now); break;
        case 3: now = now + milliseconds(input.octet()); break;
        case 4: // straight to the next deadline
            if (c.deadline() != instant::never() && now < c.deadline()) now = c.deadline();
            break;
        case 5: c.set_no_delay((input.octet() & 1) != 0, now); break;
        case 6:
            if (input.octet() == 0) c.abort(now);
            break;
        case 7:
            if (input.octet() == 0) c.detach(now);
            break;
        case 8: { // a slot that is too small changes nothing
            std::array<std::byte, 16> slot{};
            must(c.emit(slot, internet_sum(), now) == 0);
            break;
        }
        case 9:
        case 10: send_what_it_wants(c, now); break;
        default: let_a_segment_arrive(c, input, now); break;
        }
        c.time_passes(now);
        must(c.deadline() == instant::never() || now < c.deadline());
        must(c.unread() <= buffer_octets && c.unacknowledged() <= buffer_octets);
    }
    send_what_it_wants(c, now);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    script input(std::as_bytes(std::span(data, size)));
    if ((input.octet() & 1) != 0) {
        play<tcp::defaults>(input); // with timestamps, window scaling and SACK
    } else {
        play<tcp::minimal<buffer_octets, buffer_octets>>(input);
    }
    return 0;
}
