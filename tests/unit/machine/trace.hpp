// Tests of the TCP machine that read like packet traces:
//
//     established().gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.ack = 301}).is(state::close_wait);
//
// Numbers of established(): ours begin at 100 (SND.NXT), the peer's at 300 (RCV.NXT). Silence is asserted too: whatever
// the machine wants to send must be named by answers() before the next thing happens, and before the trace ends.
#pragma once

#include <plywire/bytes/checksum.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/machine/connection.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace trace {

using namespace plywire;
using tcp::error;
using tcp::state;

// A segment in few words. As something that arrives: what is not said is zero, the window is 8192. As something that is
// expected: flags and the amount of data must be as said, the rest only where it is said.
struct seg {
    struct stamp {
        std::uint32_t value = 0;
        std::uint32_t echo = 0;
        friend bool operator==(stamp, stamp) = default;
    };
    std::optional<std::uint32_t> seq{};
    std::optional<std::uint32_t> ack{};
    bool syn = false;
    bool fin = false;
    bool rst = false;
    std::size_t data = 0; // octets
    std::optional<std::uint16_t> window{};
    std::optional<bool> psh{};
    std::optional<std::uint16_t> mss{};
    std::optional<std::uint8_t> shift{};
    std::optional<bool> sack_permitted{};
    std::optional<stamp> ts{};
    std::vector<tcp::sack_block> sack{};
    std::vector<std::uint8_t> options{};       // of what arrives: these octets, in front of the options above
    std::optional<std::uint16_t> urgent{};     // URG, and the pointer
    std::optional<std::uint8_t> first_octet{}; // of the data; what follows counts up
};

inline std::string text_of(seg const& s) {
    std::string text = "<SEQ=" + (s.seq ? std::to_string(*s.seq) : "?") + ">";
    if (s.ack) text += "<ACK=" + std::to_string(*s.ack) + ">";
    text += "<CTL=";
    text += s.syn ? "S" : "";
    text += s.fin ? "F" : "";
    text += s.rst ? "R" : "";
    text += s.ack ? "." : "";
    text += s.urgent ? "U" + std::to_string(*s.urgent) : "";
    text += ">";
    if (s.data != 0) text += "<DATA=" + std::to_string(s.data) + ">";
    if (s.window) text += "<WND=" + std::to_string(*s.window) + ">";
    if (s.shift) text += "<WS=" + std::to_string(*s.shift) + ">";
    if (s.mss) text += "<MSS=" + std::to_string(*s.mss) + ">";
    if (s.ts) text += "<TS=" + std::to_string(s.ts->value) + "," + std::to_string(s.ts->echo) + ">";
    return text;
}

inline void append(std::vector<std::byte>& to, bytes_view octets) { to.insert(to.end(), octets.begin(), octets.end()); }

// The octets of a segment that the peer sends from port 2000 to port 1000.
inline std::vector<std::byte> octets_of(seg const& s) {
    std::vector<std::byte> options;
    for (auto const octet : s.options) options.push_back(std::byte{octet});
    if (s.mss) append(options, tcp::maximum_segment_size(*s.mss).octets());
    if (s.shift) append(options, tcp::window_scale(*s.shift).octets());
    if (s.sack_permitted.value_or(false)) append(options, tcp::sack_permitted.octets());
    if (s.ts) append(options, tcp::timestamps(s.ts->value, s.ts->echo).octets());
    if (s.sack.size() == 1) append(options, tcp::sack(s.sack[0]).octets());
    while (options.size() % 4 != 0) options.push_back(std::byte{1});
    std::vector<std::byte> octets(tcp::header::size + options.size() + s.data);
    mutable_view<tcp::header> const header(octets.data(),
                                           static_cast<std::uint32_t>(tcp::header::size + options.size()),
                                           static_cast<std::uint32_t>(s.data));
    header.set(tcp::source_port = std::uint16_t{2000}, tcp::destination_port = std::uint16_t{1000},
               tcp::sequence_number = s.seq.value_or(0), tcp::acknowledgment_number = s.ack.value_or(0),
               tcp::data_offset = static_cast<std::uint8_t>(5 + options.size() / 4), tcp::ack = s.ack.has_value(),
               tcp::syn = s.syn, tcp::fin = s.fin, tcp::rst = s.rst, tcp::psh = s.psh.value_or(false),
               tcp::window = s.window.value_or(8192), tcp::urg = s.urgent.has_value(),
               tcp::urgent_pointer = s.urgent.value_or(0));
    plywire::copy(header.options(), options);
    for (std::size_t i = 0; i < s.data; ++i) header.payload()[i] = std::byte(s.first_octet.value_or(0) + i);
    return octets;
}

// What a segment of ours says, completely.
inline seg read(view<tcp::header> const& v) {
    auto const options = tcp::options_of(v);
    seg s{.seq = v[tcp::sequence_number],
          .syn = v[tcp::syn],
          .fin = v[tcp::fin],
          .rst = v[tcp::rst],
          .data = v.payload().size(),
          .window = v[tcp::window],
          .psh = v[tcp::psh],
          .mss = options.maximum_segment_size,
          .shift = options.window_scale,
          .sack_permitted = options.sack_permitted};
    if (v[tcp::urg]) s.urgent = v[tcp::urgent_pointer];
    if (v[tcp::ack]) s.ack = v[tcp::acknowledgment_number];
    if (options.timestamps) s.ts = seg::stamp{options.timestamps->value, options.timestamps->echo};
    for (auto const& block : options.sack_blocks) s.sack.push_back(block);
    if (s.data != 0) s.first_octet = std::to_integer<std::uint8_t>(v.payload()[0]);
    return s;
}

inline bool fits(seg const& got, seg const& wanted) {
    auto const said = [](auto const& a, auto const& b) { return !b.has_value() || a == b; };
    return said(got.seq, wanted.seq) && got.ack == wanted.ack && got.syn == wanted.syn && got.fin == wanted.fin &&
           got.rst == wanted.rst && got.urgent == wanted.urgent && got.data == wanted.data &&
           said(got.window, wanted.window) && said(got.psh, wanted.psh) && said(got.mss, wanted.mss) &&
           said(got.shift, wanted.shift) && said(got.sack_permitted, wanted.sack_permitted) &&
           said(got.ts, wanted.ts) && (wanted.sack.empty() || got.sack == wanted.sack) &&
           said(got.first_octet, wanted.first_octet);
}

// Policies that make a trace short: every segment is acknowledged at once, no option but MSS, buffers of 8 KiB. What
// minimal saves memory with is what defaults have.
struct plain : tcp::minimal<8192, 8192> {
    using acknowledgment = tcp::immediate_acknowledgment;
    using urgent = tcp::urgent_data;
    using keep_alive = tcp::standard_keep_alive;
    using user_timeout = tcp::settable_user_timeout;
    using cork = tcp::settable_cork;
    using linger = tcp::settable_linger;
    using duplicates = tcp::duplicate_sack;
    using reports = tcp::kept_reports;
    using counters = tcp::retransmission_counter;
    static constexpr std::size_t reassembly_ranges = 4;
};

using where = std::source_location;

template <class Policies = plain>
class machine {
public:
    explicit machine(tcp::connection_settings settings = {}) { connection_.configure(settings); }
    machine(machine&& other) noexcept
        : connection_(std::move(other.connection_))
        , now_(other.now_) {
        other.watched_ = false;
    }
    machine(machine const&) = delete;
    ~machine() {
        if (watched_) quiet({}, "at the end of the trace");
    }

    // ---- the user ----
    machine& opens(std::uint32_t isn, where at = where::current()) {
        quiet(at, "before OPEN");
        expect(connection_.open(1000, 2000, tcp::sequence(isn), now_).has_value(), at, "OPEN");
        return *this;
    }
    machine& listens(std::uint32_t isn, where at = where::current()) {
        quiet(at, "before OPEN");
        expect(connection_.listen(1000, tcp::sequence(isn)).has_value(), at, "OPEN");
        return *this;
    }
    machine& next_isn(std::uint32_t isn) {
        connection_.use_initial_sequence(tcp::sequence(isn));
        return *this;
    }
    // Queues octets that count up from 0; all of them are taken.
    machine& sends(std::size_t octets, where at = where::current()) {
        quiet(at, "before SEND");
        return queues(octets, at);
    }
    // The same, when something may be waiting to be sent already.
    machine& queues(std::size_t octets, where at = where::current()) {
        std::vector<std::byte> text(octets);
        for (auto& octet : text) octet = std::byte(written_++);
        expect(connection_.send(text, now_) == octets, at, "SEND takes it all");
        return *this;
    }
    machine& cannot_send(error why, where at = where::current()) {
        std::array<std::byte, 1> const text{};
        auto const answer = connection_.send(text, now_);
        expect(!answer.has_value() && answer.error() == why, at, "SEND is refused");
        return *this;
    }
    // Reads up to `room` octets; they count on from those read before.
    machine& reads(std::size_t octets, std::size_t room = 65536, where at = where::current()) {
        std::vector<std::byte> text(room);
        auto const answer = connection_.receive(text, now_);
        expect(answer.has_value() && *answer == octets, at, "RECEIVE gives that much");
        for (std::size_t i = 0; i < octets && answer.has_value() && i < *answer; ++i) {
            expect(text[i] == std::byte(read_++), at, "RECEIVE gives the octets that were sent");
        }
        return *this;
    }
    machine& cannot_read(error why, where at = where::current()) {
        std::array<std::byte, 1> text{};
        auto const answer = connection_.receive(text, now_);
        expect(!answer.has_value() && answer.error() == why, at, std::string("RECEIVE says ").append(name_of(why)));
        expect(connection_.readable() == (why != error::would_block), at, "readable() agrees");
        return *this;
    }
    machine& closes(where at = where::current()) {
        quiet(at, "before CLOSE");
        expect(connection_.close(now_).has_value(), at, "CLOSE");
        return *this;
    }
    // The same, when something may be waiting to be sent already.
    machine& also_closes(where at = where::current()) {
        expect(connection_.close(now_).has_value(), at, "CLOSE");
        return *this;
    }
    machine& cannot_close(error why, where at = where::current()) {
        auto const answer = connection_.close(now_);
        expect(!answer.has_value() && answer.error() == why, at, "CLOSE is refused");
        return *this;
    }
    machine& aborts(where at = where::current()) {
        quiet(at, "before ABORT");
        connection_.abort(now_);
        return *this;
    }
    machine& detaches(where at = where::current()) {
        quiet(at, "before the application goes");
        connection_.detach(now_);
        return *this;
    }

    // ---- the peer ----
    machine& gets(seg const& s, where at = where::current()) {
        quiet(at, "before " + text_of(s));
        return also_gets(s);
    }
    // The same, when something may be waiting to be sent already.
    machine& also_gets(seg const& s) {
        auto const octets = octets_of(s);
        connection_.segment_arrives(*parse<tcp::header>(bytes_view(octets)), now_);
        return *this;
    }
    // The next segment that is sent is this one.
    machine& answers(seg const& wanted, where at = where::current()) {
        bool const wants = connection_.wants_to_send(now_);
        auto const got = emitted();
        expect(got.has_value() == wants, at, "wants_to_send() and emit() agree");
        expect(got && fits(*got, wanted), at,
               "sent " + (got ? text_of(*got) : "nothing") + ", should be " + text_of(wanted));
        return *this;
    }
    // Nothing is sent.
    machine& silent(where at = where::current()) {
        quiet(at, "silence");
        return *this;
    }
    // Whatever is sent is lost or not looked at; at most that many segments.
    machine& loses(int most = 100) {
        for (int i = 0; i < most && emitted(); ++i) {
        }
        return *this;
    }

    // ---- time ----
    machine& waits(duration length, where at = where::current()) {
        quiet(at, "before time passes");
        now_ += length;
        connection_.time_passes(now_);
        return *this;
    }
    // Time goes on to the machine's deadline, which lies that far away if `after` is given.
    machine& times_out(std::optional<duration> after = {}, where at = where::current()) {
        quiet(at, "before a time-out");
        expect(connection_.deadline() != instant::never(), at, "something is due");
        if (after) {
            expect(connection_.deadline() - now_ == *after, at,
                   "due after " + std::to_string((connection_.deadline() - now_).nanoseconds) + " ns");
        }
        now_ = connection_.deadline();
        connection_.time_passes(now_);
        return *this;
    }
    machine& no_timer(where at = where::current()) {
        expect(connection_.deadline() == instant::never(), at, "nothing is due");
        return *this;
    }

    // ---- what it is ----
    machine& is(state wanted, where at = where::current()) {
        expect(connection_.current_state() == wanted, at,
               std::string("state ").append(name_of(connection_.current_state())) + ", should be " +
                   std::string(name_of(wanted)));
        return *this;
    }
    machine& failed(error why, where at = where::current()) {
        expect(connection_.failure() == why, at, std::string("failure ").append(name_of(connection_.failure())));
        return *this;
    }
    machine& finished(where at = where::current()) {
        expect(connection_.finished(), at, "finished");
        return *this;
    }
    auto& connection() { return connection_; }
    instant& now() { return now_; }

    std::optional<seg> emitted() {
        std::vector<std::byte> slot(2048);
        internet_sum pseudo_header;
        pseudo_header.add_word32(0x0a090001);
        pseudo_header.add_word32(0x0a090002);
        pseudo_header.add_word(6);
        auto const size = connection_.emit(slot, pseudo_header, now_);
        if (size == 0) return {};
        auto const octets = bytes_view(slot).first(size);
        pseudo_header.add_word(static_cast<std::uint16_t>(size));
        pseudo_header.add(octets);
        CHECK(pseudo_header.folded() == 0xffff);
        auto const segment = parse<tcp::header>(octets);
        CHECK(segment.has_value());
        CHECK((*segment)[tcp::source_port] == 1000);
        CHECK((*segment)[tcp::destination_port] == 2000);
        return read(*segment);
    }

private:
    static void expect(bool good, where at, std::string const& what) {
        INFO("line " << at.line() << ": " << what);
        CHECK(good);
    }
    void quiet(where at, std::string const& when) {
        bool const wants = connection_.wants_to_send(now_);
        if (wants) {
            auto const got = emitted();
            INFO("line " << at.line() << ": " << when << " nothing should be sent, but "
                         << (got ? text_of(*got) : "wants_to_send() is wrong"));
            CHECK(!wants);
        }
    }

    tcp::connection<Policies> connection_;
    instant now_{seconds(1000).nanoseconds};
    std::uint8_t written_ = 0;
    std::uint8_t read_ = 0;
    bool watched_ = true;
};

// ESTABLISHED by an active open: SND.UNA = SND.NXT = ours, RCV.NXT = theirs, SND.WND = window.
template <class Policies = plain>
machine<Policies> established(std::uint32_t ours = 100, std::uint32_t theirs = 300, std::uint16_t window = 8192,
                              tcp::connection_settings settings = {}, seg options = seg{.mss = 1460}) {
    machine<Policies> m(settings);
    auto syn = options;
    syn.seq = theirs - 1;
    syn.ack = ours;
    syn.syn = true;
    syn.window = window;
    m.opens(ours - 1).answers(seg{.seq = ours - 1, .syn = true});
    m.gets(syn).answers(seg{.seq = ours, .ack = theirs}).is(state::established);
    return m;
}

// The same by a passive open.
template <class Policies = plain>
machine<Policies> accepted(std::uint32_t ours = 100, std::uint32_t theirs = 300, std::uint16_t window = 8192,
                           tcp::connection_settings settings = {}) {
    machine<Policies> m(settings);
    m.listens(ours - 1);
    m.gets(seg{.seq = theirs - 1, .syn = true, .window = window, .mss = 1460});
    m.answers(seg{.seq = ours - 1, .ack = theirs, .syn = true});
    m.gets(seg{.seq = theirs, .ack = ours, .window = window}).is(state::established);
    return m;
}

// Any state but CLOSED, reached on the shortest way; SND.NXT = 100 and RCV.NXT = 300 before any FIN.
template <class Policies = plain>
machine<Policies> in(state wanted) {
    if (wanted == state::closed || wanted == state::listen || wanted == state::syn_sent ||
        wanted == state::syn_received) {
        machine<Policies> m;
        if (wanted == state::listen || wanted == state::syn_received) m.listens(99);
        if (wanted == state::syn_sent) m.opens(99).answers(seg{.seq = 99, .syn = true});
        if (wanted == state::syn_received) {
            m.gets(seg{.seq = 299, .syn = true}).answers(seg{.seq = 99, .ack = 300, .syn = true});
        }
        return m;
    }
    auto m = established<Policies>();
    if (wanted == state::close_wait || wanted == state::last_ack) {
        m.gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.seq = 100, .ack = 301});
        if (wanted == state::last_ack) m.closes().answers(seg{.seq = 100, .ack = 301, .fin = true});
    } else if (wanted != state::established) {
        m.closes().answers(seg{.seq = 100, .ack = 300, .fin = true});
        if (wanted == state::fin_wait_2 || wanted == state::time_wait) m.gets(seg{.seq = 300, .ack = 101});
        if (wanted == state::time_wait) {
            m.gets(seg{.seq = 300, .ack = 101, .fin = true}).answers(seg{.seq = 101, .ack = 301});
        }
        if (wanted == state::closing) {
            m.gets(seg{.seq = 300, .ack = 100, .fin = true}).answers(seg{.seq = 101, .ack = 301});
        }
    }
    m.is(wanted);
    return m;
}

} // namespace trace
