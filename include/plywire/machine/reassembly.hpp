// Which octets beyond a gap have been received. The octets themselves lie in the receive ring, at their place.
#pragma once

#include <plywire/base/static_vector.hpp>
#include <plywire/machine/sequence.hpp>

#include <cstddef>
#include <cstdint>

namespace plywire::tcp {

// Octets from `first` up to, and not with, `last`.
struct sequence_range {
    sequence first{};
    sequence last{};

    friend constexpr bool operator==(sequence_range const&, sequence_range const&) = default;
};

// Up to Most ranges that neither touch nor overlap, the one that changed last in front: the order in which SACK reports
// them (RFC 2018 section 4). Memory is bounded by the type; what would make one range too many is refused, and the peer
// sends it again.
template <std::size_t Most>
class reassembly {
public:
    constexpr bool empty() const { return ranges_.empty(); }
    constexpr auto const& ranges() const { return ranges_; }
    constexpr void clear() { ranges_.clear(); }

    // Whether a range would find a place. Asked before its octets are written to the ring.
    constexpr bool has_room_for(sequence_range wanted) const {
        if (!ranges_.full()) return true;
        for (auto const& range : ranges_) {
            if (touch(range, wanted)) return true;
        }
        return false;
    }

    // Takes a range in (it has room), joined with those that it touches.
    constexpr void add(sequence_range joined) {
        for (std::size_t i = ranges_.size(); i-- > 0;) {
            if (!touch(ranges_[i], joined)) continue;
            if (before(ranges_[i].first, joined.first)) joined.first = ranges_[i].first;
            joined.last = later(joined.last, ranges_[i].last);
            ranges_.erase(i);
        }
        ranges_.insert(0, joined);
    }

    // Everything before `reached` has been received in order: answers how far it is in order now, with the ranges that
    // this has reached, which are dropped.
    constexpr sequence absorb(sequence reached) {
        for (std::size_t i = 0; i < ranges_.size();) {
            if (after(ranges_[i].first, reached)) {
                ++i;
                continue;
            }
            reached = later(reached, ranges_[i].last);
            ranges_.erase(i);
            i = 0;
        }
        return reached;
    }

private:
    static constexpr bool touch(sequence_range a, sequence_range b) {
        return !after(a.first, b.last) && !after(b.first, a.last);
    }

    [[no_unique_address]] static_vector<sequence_range, Most> ranges_{};
};

} // namespace plywire::tcp
