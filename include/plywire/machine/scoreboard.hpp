// What the sender knows of octets on their way, from SACK blocks: which have arrived, which are missing, which of those
// are lost and which have been sent again. Read RFC 6675 sections 3 and 4 first.
#pragma once

#include <plywire/base/static_vector.hpp>
#include <plywire/base/time.hpp>
#include <plywire/machine/reassembly.hpp>
#include <plywire/machine/sequence.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// Remembers holes: runs of octets that have not arrived though later ones have. What lies between SND.UNA and high()
// and in no hole has arrived, what lies beyond high() nobody knows of. Memory is bounded by the type: a block that would
// make one hole too many is passed over, as if it had been lost, and what it reports may be sent twice.
//
// Times are microseconds that go round; only those of one flight are compared.
template <std::size_t Holes>
class scoreboard {
public:
    struct hole {
        sequence first{};
        sequence last{};             // the number behind it
        sequence resent{};           // what lies before that has been sent again
        sequence sent{};             // the number behind what had ever been sent when that was
        std::uint32_t resent_at = 0; // when the last part of it was
    };

    constexpr bool empty() const { return holes_.empty(); }
    constexpr auto const& holes() const { return holes_; }
    // The number after the last octet that is known to have arrived.
    constexpr sequence high() const { return high_; }
    // What is missing before this number counts as lost.
    constexpr sequence lost() const { return lost_; }

    // SND.UNA; nothing is known.
    constexpr void clear(sequence acknowledged) {
        holes_.clear();
        high_ = acknowledged;
        lost_ = acknowledged;
        delivered_ = false;
    }

    // After a time-out: everything from SND.UNA to SND.NXT is lost, whatever has been reported (RFC 2018 section 8).
    constexpr void lose_all(sequence acknowledged, sequence sent) {
        clear(acknowledged);
        if (acknowledged == sent) return;
        holes_.push_back({acknowledged, sent, acknowledged, sent, 0});
        high_ = sent;
        lost_ = sent;
    }

    // SND.UNA has come so far. `least_trip`: what arrives sooner after it was sent again was the first copy.
    constexpr void advance(sequence acknowledged, std::uint32_t now, std::uint32_t least_trip) {
        while (!holes_.empty() && before(holes_.front().first, acknowledged)) {
            hole& h = holes_.front();
            sequence const reached = before(acknowledged, h.last) ? acknowledged : h.last;
            note_delivery(h, h.first, reached, now, least_trip);
            if (reached == h.last) {
                holes_.erase(0);
            } else {
                h.first = reached;
                h.resent = later(h.resent, reached);
            }
        }
        bool const missing = !holes_.empty() && holes_.front().first == acknowledged;
        // The peer has forgotten what it had reported (RFC 2018 section 8).
        if (before(acknowledged, high_) && !missing) return clear(acknowledged);
        high_ = later(high_, acknowledged);
        lost_ = later(lost_, acknowledged);
        if (holes_.empty()) delivered_ = false; // times of another flight cannot be compared with it
    }

    // A block of SACK, which lies between SND.UNA and SND.NXT. Whether it has reported anything new.
    constexpr bool report(sequence_range block, std::uint32_t now, std::uint32_t least_trip) {
        if (!before(block.first, high_)) {
            if (block.first != high_ && !holes_.push_back({high_, block.first, high_, high_, 0})) return false;
            high_ = block.last;
            return true;
        }
        bool is_new = after(block.last, high_);
        for (std::size_t i = holes_.size(); i-- > 0;) {
            hole& h = holes_[i];
            sequence const first = later(block.first, h.first);
            sequence const last = before(block.last, h.last) ? block.last : h.last;
            if (!before(first, last)) continue;
            bool const splits = first != h.first && last != h.last;
            if (splits && holes_.full()) continue;
            is_new = true;
            note_delivery(h, first, last, now, least_trip);
            if (first == h.first && last == h.last) {
                holes_.erase(i);
            } else if (first == h.first) {
                h.first = last;
                h.resent = later(h.resent, last);
            } else {
                hole behind = h;
                behind.first = last;
                behind.resent = later(h.resent, last);
                h.last = first;
                if (after(h.resent, first)) h.resent = first;
                if (splits) holes_.insert(i + 1, behind);
            }
        }
        high_ = later(high_, block.last);
        return is_new;
    }

    // IsLost() of RFC 6675 section 4: three runs beyond it have arrived, or more than two segments.
    constexpr void find_losses(std::uint32_t segment_size) {
        std::uint32_t octets = 0;
        unsigned runs = 0;
        sequence end = high_;
        for (std::size_t i = holes_.size(); i-- > 0; end = holes_[i].first) {
            octets += octets_between(holes_[i].last, end);
            ++runs;
            if (octets > 2 * segment_size || runs >= 3) {
                lost_ = later(lost_, holes_[i].last);
                return;
            }
        }
    }

    // At least the first segment is lost: so the duplicate ACKs say.
    constexpr void lose_first(std::uint32_t segment_size) {
        if (holes_.empty()) return;
        hole const& h = holes_.front();
        lost_ = later(lost_, octets_between(h.first, h.last) < segment_size ? h.last : h.first + segment_size);
    }

    // What has been sent again is lost again when something that was sent after it has arrived: what was sent again
    // later, or three segments that were new then. Answers whether there was such a loss, of something sent at `since`
    // or later.
    constexpr bool find_lost_retransmissions(std::uint32_t segment_size, std::uint32_t since) {
        bool found = false;
        for (hole& h : holes_) {
            if (h.resent == h.first) continue;
            bool const overtaken = delivered_ && (is_earlier(h.resent_at, delivered_at_) ||
                                                  (h.resent_at == delivered_at_ && before(h.first, delivered_first_)));
            bool const outdated = after(high_, h.sent + 2 * segment_size);
            if (!overtaken && !outdated) continue;
            found = found || !is_earlier(h.resent_at, since);
            h.resent = h.first;
            lost_ = later(lost_, h.last);
        }
        return found;
    }

    // The lowest octets that are lost and have not been sent again, up to the end of their hole; empty: there are none.
    constexpr sequence_range to_repair() const { return first_before(lost_); }
    // The same whether they are lost or not.
    constexpr sequence_range missing() const { return first_before(high_); }

    // These octets leave again, while `sent` is SND.NXT.
    constexpr void repaired(sequence_range range, sequence sent, std::uint32_t now) {
        for (hole& h : holes_) {
            if (!before(h.first, range.last) || !before(range.first, h.last)) continue;
            h.resent = later(h.resent, before(range.last, h.last) ? range.last : h.last);
            h.sent = sent;
            h.resent_at = now;
        }
    }

    // How many octets beyond SND.UNA have arrived.
    constexpr std::uint32_t arrived() const {
        if (holes_.empty()) return 0;
        std::uint32_t octets = octets_between(holes_.front().first, high_);
        for (hole const& h : holes_) octets -= octets_between(h.first, h.last);
        return octets;
    }

    // How many octets from SND.UNA to SND.NXT are not on their way, by RFC 6675's count: FlightSize less `pipe`.
    constexpr std::uint32_t not_in_pipe() const {
        if (holes_.empty()) return 0;
        std::uint32_t lost = 0;
        std::uint32_t resent = 0;
        for (hole const& h : holes_) {
            if (before(h.first, lost_)) lost += octets_between(h.first, before(lost_, h.last) ? lost_ : h.last);
            resent += octets_between(h.first, h.resent);
        }
        std::uint32_t const gone = arrived() + lost;
        return gone - std::min(gone, resent);
    }

private:
    static constexpr bool is_earlier(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

    constexpr sequence_range first_before(sequence end) const {
        for (hole const& h : holes_) {
            sequence const last = before(end, h.last) ? end : h.last;
            if (before(h.resent, last)) return {h.resent, last};
        }
        return {};
    }

    // Of what has been sent again, remembers that which was sent last.
    constexpr void note_delivery(hole const& h, sequence first, sequence last, std::uint32_t now,
                                 std::uint32_t least_trip) {
        if (!before(first, h.resent) || before(h.resent, last) || now - h.resent_at < least_trip) return;
        if (delivered_ && is_earlier(h.resent_at, delivered_at_)) return;
        delivered_first_ = delivered_ && h.resent_at == delivered_at_ ? later(delivered_first_, first) : first;
        delivered_at_ = h.resent_at;
        delivered_ = true;
    }

    sequence high_{};
    sequence lost_{};
    sequence delivered_first_{};
    std::uint32_t delivered_at_ = 0;
    bool delivered_ = false;
    [[no_unique_address]] static_vector<hole, Holes> holes_{};
};

} // namespace plywire::tcp
