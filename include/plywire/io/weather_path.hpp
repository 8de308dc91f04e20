// One direction of a link with weather: frames go in at one end and come out later at the other, or never. What happens
// to a frame is decided in one function, weather_path_of<Weather>::departs(), behind the queue's discipline.
//
// A path never reads a clock: it is told the time by who commits and who receives, and says when it wants to be told
// next. What it does in between depends on its weather and its seed only, not on how often it is asked. All that need
// not know the weather's type stands in the base, so that devices and hosts on it do not depend on the weather.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/bytes/span.hpp>
#include <plywire/io/arrival_heap.hpp>
#include <plywire/io/frame.hpp>
#include <plywire/io/frame_pool.hpp>
#include <plywire/io/weather.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace plywire {

// Looks on while frames pass an end of a link: a recorder, a test.
class frame_witness {
public:
    frame_witness() = default;
    frame_witness(frame_witness const&) = default;
    frame_witness& operator=(frame_witness const&) = default;
    // A frame that the end sends (`sent`), as it is committed, or that it is handed. The octets are valid during the
    // call.
    virtual void sees(bytes_view frame, instant when, bool sent) = 0;

protected:
    ~frame_witness() = default;
};

// How large a path is.
struct path_settings {
    std::size_t frame_octets = 0;       // link header and MTU
    std::size_t link_header_octets = 0; // of which so many stand in front of the packet
    std::uint32_t most_frames = 65'536; // so many at least fit into queue and flight; memory is taken as needed
};

// A path of any weather. Time does not run backwards from call to call. Not for two threads.
class weather_path {
public:
    explicit weather_path(path_settings const& s)
        : pool_(s.most_frames + 2, s.frame_octets) // two for the ends: one granted, one received
        , granted_(pool_.take())
        , link_header_octets_(s.link_header_octets) {}
    weather_path(weather_path const&) = delete;
    weather_path& operator=(weather_path const&) = delete;
    virtual ~weather_path() = default;

    // Room for one frame; never full, since what the link cannot take it drops. Empty only without any memory.
    transmit_slot grant() {
        if (granted_ == frame_pool::none) {
            return {};
        }
        is_granted_ = true;
        return {mutable_bytes(pool_.octets(granted_), pool_.frame_octets()), commits_};
    }

    // Sends the first `length` octets of the granted slot; whether that was right (device::commit).
    bool commit(std::size_t handle, std::size_t length, instant now, frame_witness* witness) {
        if (!is_granted_ || handle != commits_ || length == 0 || length > pool_.frame_octets()) {
            return false;
        }
        is_granted_ = false;
        ++commits_;
        ++statistics_.offered;
        statistics_.offered_octets += length;
        if (witness != nullptr) {
            witness->sees({pool_.octets(granted_), length}, now, true);
        }
        std::uint32_t const fresh = pool_.take();
        if (fresh == frame_pool::none) {
            ++statistics_.no_room;
            return true;
        }
        std::uint32_t const index = std::exchange(granted_, fresh);
        pool_.at(index).length = static_cast<std::uint32_t>(length);
        enters(index, now);
        return true;
    }

    // The frame that has arrived first, or nothing. It stays until the next call, and may be written to.
    mutable_bytes receive(instant now, frame_witness* witness) {
        if (shown_ != frame_pool::none) {
            pool_.give_back(std::exchange(shown_, frame_pool::none));
        }
        time_passes(now);
        if (arrivals_.empty() || arrivals_.first().when > now) {
            return {};
        }
        shown_ = arrivals_.take_first().frame;
        mutable_bytes const frame = pool_.frame(shown_);
        ++statistics_.delivered;
        statistics_.delivered_octets += frame.size();
        if (witness != nullptr) {
            witness->sees(frame, now, false);
        }
        return frame;
    }

    // Frames leave the queue that are due to.
    virtual void time_passes(instant now) = 0;

    // When receive() has the next frame; a frame that still waits in the queue is not seen.
    instant next_arrival() const { return arrivals_.empty() ? instant::never() : arrivals_.first().when; }
    // When the link is free for the next frame in the queue.
    instant next_departure() const { return line_first_ == frame_pool::none ? instant::never() : busy_until_; }
    // When anything happens next if nothing is sent: the earlier of the two.
    instant deadline() const { return std::min(next_arrival(), next_departure()); }

    // What waits in the queue, without the frame that is being sent.
    std::size_t waiting_frames() const { return line_frames_; }
    std::size_t waiting_octets() const { return line_octets_; }
    // Frames on their way: in the queue, being sent, or travelling.
    std::size_t frames_on_their_way() const { return line_frames_ + arrivals_.size(); }

    weather_statistics const& statistics() const { return statistics_; }

protected:
    // A frame was committed.
    virtual void enters(std::uint32_t index, instant now) = 0;

    // The frame comes out at that time.
    void arrives(std::uint32_t index, instant when) {
        if (!arrivals_.add({when, order_++, index})) {
            ++statistics_.no_room;
            pool_.give_back(index);
        }
    }

    void line_up(std::uint32_t index, instant now) {
        auto& notes = pool_.at(index);
        notes.entered = now;
        notes.next = frame_pool::none;
        (line_first_ == frame_pool::none ? line_first_ : pool_.at(line_last_).next) = index;
        line_last_ = index;
        ++line_frames_;
        line_octets_ += notes.length;
        statistics_.most_waiting_octets = std::max<std::uint64_t>(statistics_.most_waiting_octets, line_octets_);
    }

    std::uint32_t take_front(instant now) {
        std::uint32_t const index = line_first_;
        line_first_ = pool_.at(index).next;
        --line_frames_;
        line_octets_ -= pool_.at(index).length;
        if (line_first_ == frame_pool::none) {
            line_empty_since_ = now;
        }
        return index;
    }

    frame_pool pool_;
    arrival_heap arrivals_{};
    weather_statistics statistics_{};
    instant busy_until_{};
    instant line_empty_since_{};
    std::size_t line_octets_ = 0;
    std::size_t line_frames_ = 0;
    std::uint32_t line_first_ = frame_pool::none;
    std::uint32_t line_last_ = frame_pool::none;
    std::uint32_t granted_;
    std::uint32_t shown_ = frame_pool::none;
    std::uint64_t order_ = 0;
    std::size_t commits_ = 0;
    std::size_t link_header_octets_;
    bool is_granted_ = false;
};

// A path of this weather, all of whose chances come from `seed`.
template <class Weather>
class weather_path_of final : public weather_path {
public:
    weather_path_of(path_settings const& s, Weather const& w, std::uint64_t seed)
        : weather_path(s)
        , weather_(w)
        , sending_(w.bits_per_second == 0 ? 1 : w.bits_per_second)
        , streams_(random_generator(seed)) {}

    void time_passes(instant now) override {
        while (line_first_ != frame_pool::none && busy_until_ <= now) {
            sends_next(busy_until_);
        }
    }

private:
    // The line as its discipline sees it.
    struct line {
        weather_path_of& path;
        instant now;

        bool empty() const { return path.line_first_ == frame_pool::none; }
        std::size_t frames() const { return path.line_frames_; }
        std::size_t octets() const { return path.line_octets_; }
        instant empty_since() const { return path.line_empty_since_; }
        std::size_t front_octets() const { return path.pool_.at(path.line_first_).length; }
        instant front_entered() const { return path.pool_.at(path.line_first_).entered; }
        void drop_front() { path.drops(path.take_front(now)); }
        bool mark_front() { return path.marks(path.line_first_); }
    };
    static_assert(queue_discipline<decltype(Weather::queue), line>,
                  "plywire: the queue of this weather is no queue_discipline (io/weather_queue.hpp)");

    void enters(std::uint32_t index, instant now) override {
        if (weather_.bits_per_second == 0) {
            return departs(index, now);
        }
        time_passes(now);
        line waiting{*this, now};
        switch (weather_.queue.admits(waiting, pool_.at(index).length, now, streams_.queue)) {
        case admission::drop: return drops(index);
        case admission::mark_or_drop:
            if (!marks(index)) {
                return drops(index);
            }
            break;
        case admission::mark: marks(index); break;
        case admission::take: break;
        }
        line_up(index, now);
        if (busy_until_ <= now) {
            if (busy_until_ < now) {
                sending_.idle();
            }
            sends_next(now);
        }
    }

    // The link is free.
    void sends_next(instant now) {
        line waiting{*this, now};
        if (weather_.queue.next(waiting, now)) {
            std::uint32_t const index = take_front(now);
            busy_until_ = now + sending_.time_of(pool_.at(index).length + weather_.overhead_octets);
            departs(index, busy_until_);
        }
    }

    // The fate of a frame whose last octet leaves at `when`.
    void departs(std::uint32_t index, instant when) {
        mutable_bytes const frame = pool_.frame(index);
        if (weather_.loss(passing_frame{departed_++, when, frame}, streams_.loss)) {
            ++statistics_.lost;
            pool_.give_back(index);
            return;
        }
        if (weather_.corruption.per_million != 0 && happens(weather_.corruption.per_million, streams_.corruption)) {
            corrupt(frame, weather_.corruption.bits, streams_.corruption);
            ++statistics_.corrupted;
        }
        instant arrival = when + weather_.delay + weather_.jitter(streams_.jitter);
        if (weather_.reordering.per_million != 0 && happens(weather_.reordering.per_million, streams_.reordering)) {
            auto const most = static_cast<std::uint64_t>(weather_.reordering.most.nanoseconds);
            arrival += duration{static_cast<std::int64_t>(streams_.reordering.below(most) + 1)};
            ++statistics_.held_back;
        } else {
            arrival = latest_ = std::max(latest_, arrival);
        }
        std::uint32_t copy_of_it = frame_pool::none;
        if (weather_.duplication.per_million != 0 && happens(weather_.duplication.per_million, streams_.duplication)) {
            ++statistics_.duplicated;
            copy_of_it = pool_.take();
            if (copy_of_it == frame_pool::none) {
                ++statistics_.no_room;
            } else {
                pool_.at(copy_of_it).length = pool_.at(index).length;
                copy(pool_.frame(copy_of_it), frame);
            }
        }
        arrives(index, arrival);
        if (copy_of_it != frame_pool::none) {
            arrives(copy_of_it, arrival + weather_.duplication.later);
        }
    }

    bool marks(std::uint32_t index) {
        mutable_bytes const frame = pool_.frame(index);
        if (frame.size() <= link_header_octets_ || !weather_.marking(frame.subspan(link_header_octets_))) {
            return false;
        }
        ++statistics_.marked;
        return true;
    }

    void drops(std::uint32_t index) {
        ++statistics_.dropped;
        pool_.give_back(index);
    }

    // A generator for each component, in this order for ever: to add one at the end changes no other.
    struct streams {
        explicit streams(random_generator seeds)
            : queue(seeds.next())
            , loss(seeds.next())
            , corruption(seeds.next())
            , jitter(seeds.next())
            , reordering(seeds.next())
            , duplication(seeds.next()) {}
        random_generator queue;
        random_generator loss;
        random_generator corruption;
        random_generator jitter;
        random_generator reordering;
        random_generator duplication;
    };

    Weather weather_;
    transmission_clock sending_;
    streams streams_;
    instant latest_{};
    std::uint64_t departed_ = 0;
};

} // namespace plywire
