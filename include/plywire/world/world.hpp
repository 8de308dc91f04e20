// A world inside the process: hosts of any kind, links with weather between them, and time that is only a number.
//
//     world w(7);                                                            // the seed decides everything
//     auto& link = w.link<medium::ip>(weather{.delay = milliseconds(50), .loss = uniform_loss{10'000}});
//     ip_host<world_device<medium::ip>> left(link.first(), ...), right(link.second(), ...);
//     w.add(left, [&] { ... });                                              // what its application does
//     w.add(right);
//     auto const ended = w.run_until([&] { return all_has_come; }, minutes(1));
//
// Time jumps from one event to the next: the earliest of all deadlines of hosts, arrivals of frames and appointments
// (`at`). Who is due then acts, in the order in which they were added; nobody else is bothered. Nothing else moves time,
// and no clock is read, so a minute without events costs nothing and the same seed is the same world on every machine.
#pragma once

#include <plywire/base/random.hpp>
#include <plywire/base/time.hpp>
#include <plywire/io/frame_recorder.hpp>
#include <plywire/io/weather_link.hpp>
#include <plywire/world/world_error.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <type_traits>
#include <utility>

namespace plywire {

// The device of a host at the end of a world's link.
template <medium M>
using world_device = typename weather_link<M>::end;

// A device that says when it has something: what a host of a world needs besides `device`.
// - `deadline()`: when time_passes() or receive() does something next, if nothing is sent.
// - `time_passes(now)`: does what is due on the way here; whether receive() has a frame now.
template <class D>
concept timed_device = device<D> && requires(D d, D const c, instant now) {
    { c.deadline() } -> std::same_as<instant>;
    { d.time_passes(now) } -> std::same_as<bool>;
};

struct world_settings {
    // When it begins. Not 0, so that "never yet" and "at the beginning" are told apart by who keeps 0 for the first.
    instant begin{1'000'000'000};
    // Of one run; a step is one party's turn.
    std::uint64_t most_steps = 1'000'000'000;
    // While time stands still.
    std::uint64_t most_steps_at_once = 1'000'000;
    // Frames that a host takes in before it gives out its answers. One: it is faster than its links, and answers each
    // frame by itself. More: it is slow or polled seldom, so that one acknowledgment may answer several frames that came
    // at the same time.
    std::size_t frames_a_turn = 1;
};

// Hosts, links and a clock. What is added to it is not owned and must live as long as the world runs; links are owned
// and live as long as the world. Virtual calls and memory from the heap: a world is for tests. One thread.
class world {
public:
    // Something that acts in a world.
    class party {
    public:
        party() = default;
        party(party const&) = delete;
        party& operator=(party const&) = delete;
        virtual ~party() = default;
        // When it wants its turn if nothing else happens; never() for not at all.
        virtual instant deadline() const = 0;
        // Its turn: does what is due at `now`.
        virtual void act(instant now) = 0;
        // It is told the time without having a turn, since somebody from outside is about to use it.
        virtual void sees_time(instant now) = 0;
        // Whether it will never want a turn again; only what the world has made itself says so.
        virtual bool is_over() const { return false; }

    private:
        friend world;
        party* next_ = nullptr;
    };

    explicit world(std::uint64_t seed, world_settings const& s = {})
        : settings_(s)
        , seed_(seed)
        , random_(seed)
        , now_(s.begin) {}
    world(world const&) = delete;
    world& operator=(world const&) = delete;
    ~world() {
        destroy(parties_);
        destroy(kept_);
    }

    instant now() const { return now_; }
    // Since it began.
    duration elapsed() const { return now_ - settings_.begin; }
    std::uint64_t seed() const { return seed_; }
    // Random numbers for whoever sets the world up: secrets of hosts, contents of transfers.
    random_generator& random() { return random_; }
    // Turns so far.
    std::uint64_t steps() const { return steps_; }

    // ---- setting it up ----

    // A link with the same kind of weather both ways. Its chances come from the world's seed and its own number.
    template <medium M, class Weather>
    weather_link<M>& link(Weather const& both_ways, weather_link_settings const& s = {}) {
        return link<M>(both_ways, both_ways, s);
    }
    // A link with one weather from its first end to its second, and another back.
    template <medium M, class There, class Back>
        requires(!std::is_same_v<Back, weather_link_settings>)
    weather_link<M>& link(There const& there, Back const& back, weather_link_settings const& s = {}) {
        auto* const made = new owned<weather_link<M>>(now_, seed_of_link(links_made_++), s, there, back);
        append(kept_, *made);
        return made->value;
    }

    // Writes what an end of a link sends and receives from now on into a capture file, as an interface of that name; the
    // file must be there as long as the world runs. Another watcher of that end is not shown anything any more.
    template <class End>
    void record(End& of, pcapng_writer& file, std::string_view name = {}) {
        auto* const made = new owned<frame_recorder>(file, End::link_medium, name);
        append(kept_, *made);
        of.watch(&made->value);
    }

    // A host, and what its application does: `does(host)`, or `does()`, is called at the beginning and whenever the host
    // has taken something in or something was due. It reads, writes and looks after what is ready, and what it sends
    // leaves at once. It may answer an instant at which it wants to be called again at the latest. A handler of a
    // run_loop (stack/run.hpp) that answers nothing or an instant will do.
    template <class Host, class App>
    void add(Host& added, App does) {
        added.poll(now_);
        append(parties_, *new host_party<Host, App>(added, static_cast<App&&>(does), settings_.frames_a_turn));
    }
    // A host whose application acts from outside, between runs, or not at all.
    template <class Host>
    void add(Host& added) {
        add(added, [] {});
    }
    // A party of the user's own, which must outlive the world's last run.
    void add_party(party& other) { append(parties_, *new borrowed_party(other)); }

    // Calls `does()` once, at that time or as soon as possible after it.
    template <class Action>
    void at(instant due, Action does) {
        append(parties_, *new appointment<Action>(*this, due, static_cast<Action&&>(does)));
    }
    template <class Action>
    void after(duration wait, Action does) {
        at(now_ + wait, static_cast<Action&&>(does));
    }

    // ---- running it ----

    // Until `has_come()` answers true, which is asked before each step of time. At most for `longest`.
    template <class Predicate>
    std::expected<void, world_error> run_until(Predicate has_come, duration longest) {
        instant const limit = now_ + longest;
        std::uint64_t const last_step = steps_ + settings_.most_steps;
        std::uint64_t steps_at_once = 0;
        std::expected<void, world_error> outcome;
        while (!has_come()) {
            instant const next = std::max(now_, deadline());
            if (next > limit || next == instant::never()) {
                bool const nothing = next == instant::never();
                now_ = nothing ? now_ : limit;
                outcome = stop(nothing ? world_stop::nothing_is_due : world_stop::time_is_up);
                break;
            }
            steps_at_once = next == now_ ? steps_at_once : 0;
            now_ = next;
            std::uint64_t const turns = take_turns();
            steps_ += turns;
            steps_at_once += turns;
            if (steps_ > last_step || steps_at_once > settings_.most_steps_at_once) {
                outcome = stop(steps_ > last_step ? world_stop::too_many_steps : world_stop::stands_still);
                break;
            }
        }
        tell_time();
        return outcome;
    }

    // For that long, whatever happens. Only too_many_steps and stands_still are errors.
    std::expected<void, world_error> run_for(duration length) {
        instant const end = now_ + length;
        auto outcome = run_until([] { return false; }, length);
        if (!outcome && outcome.error().why <= world_stop::nothing_is_due) {
            now_ = end;
            tell_time();
            return {};
        }
        return outcome;
    }

    // Until nothing is due any more, at most for `longest`.
    std::expected<void, world_error> run_to_the_end(duration longest) {
        auto const outcome = run_until([] { return false; }, longest);
        return !outcome && outcome.error().why == world_stop::nothing_is_due ? std::expected<void, world_error>{}
                                                                             : outcome;
    }

    // When something happens next.
    instant deadline() const {
        instant earliest = instant::never();
        for (party const* p = parties_; p != nullptr; p = p->next_) {
            earliest = std::min(earliest, p->deadline());
        }
        return earliest;
    }

private:
    // What the world keeps until its end.
    struct kept {
        virtual ~kept() = default;
        kept* next_ = nullptr;
    };
    template <class T>
    struct owned final : kept {
        template <class... Arguments>
        explicit owned(Arguments&&... arguments)
            : value(static_cast<Arguments&&>(arguments)...) {}
        T value;
    };

    template <class Host, class App>
    class host_party final : public party {
    public:
        host_party(Host& of, App does, std::size_t frames_a_turn)
            : host_(of)
            , app_(static_cast<App&&>(does))
            , frames_a_turn_(frames_a_turn) {}

        instant deadline() const override { return std::min({wake_at_, host_.deadline(), host_.device().deadline()}); }

        void act(instant now) override {
            // The device may only have to let a frame out of the queue at the other end.
            if (!host_.device().time_passes(now) && std::min(wake_at_, host_.deadline()) > now) {
                return;
            }
            host_.time_passes(now);
            host_.receive(now, frames_a_turn_);
            wake_at_ = call(); // before anything is sent, so that the window that is announced knows what has been read
            host_.transmit(now);
        }

        void sees_time(instant now) override { host_.time_passes(now); }

    private:
        static_assert(timed_device<std::remove_cvref_t<decltype(std::declval<Host&>().device())>>,
                      "plywire: the device of a host in a world is a world_device, or a wrapper that hands on its "
                      "deadline() and time_passes()");

        instant call() {
            if constexpr (std::invocable<App&, Host&>) {
                return answer_of([this] { return app_(host_); });
            } else {
                return answer_of(app_);
            }
        }
        template <class Call>
        static instant answer_of(Call&& called) {
            using answer = std::invoke_result_t<Call&>;
            static_assert(std::is_void_v<answer> || std::is_same_v<answer, instant>,
                          "plywire: an application in a world answers nothing, or an instant");
            if constexpr (std::is_void_v<answer>) {
                called();
                return instant::never();
            } else {
                return called();
            }
        }

        Host& host_;
        App app_;
        std::size_t frames_a_turn_;
        instant wake_at_{}; // at once, the first time
    };

    class borrowed_party final : public party {
    public:
        explicit borrowed_party(party& lent)
            : other_(lent) {}
        instant deadline() const override { return other_.deadline(); }
        void act(instant now) override { other_.act(now); }
        void sees_time(instant now) override { other_.sees_time(now); }

    private:
        party& other_;
    };

    template <class Action>
    class appointment final : public party {
    public:
        appointment(world& of, instant due, Action does)
            : world_(of)
            , when_(due)
            , action_(static_cast<Action&&>(does)) {}
        instant deadline() const override { return when_; }
        void act(instant) override {
            when_ = instant::never();
            world_.tell_time();
            action_();
        }
        void sees_time(instant) override {}
        bool is_over() const override { return when_ == instant::never(); }

    private:
        world& world_;
        instant when_;
        Action action_;
    };

    template <class T>
    static void append(T*& list, std::type_identity_t<T>& added) {
        T** place = &list;
        while (*place != nullptr) {
            place = &(*place)->next_;
        }
        *place = &added;
    }
    template <class T>
    static void destroy(T* list) {
        while (list != nullptr) {
            delete std::exchange(list, list->next_);
        }
    }

    // Of each link another, and of each the same whatever links come after it.
    std::uint64_t seed_of_link(std::uint64_t number) const {
        random_generator mixed(seed_ ^ (number + 1) * 0x9e3779b97f4a7c15);
        return mixed.next();
    }

    std::uint64_t take_turns() {
        std::uint64_t turns = 0;
        for (party** place = &parties_; *place != nullptr;) {
            party* const p = *place;
            if (p->deadline() <= now_) {
                p->act(now_);
                ++turns;
            }
            if (p->is_over()) {
                *place = p->next_;
                delete p;
            } else {
                place = &p->next_;
            }
        }
        return turns;
    }

    // Whoever uses a host now finds it at the right time.
    void tell_time() {
        for (party* p = parties_; p != nullptr; p = p->next_) {
            p->sees_time(now_);
        }
    }

    std::unexpected<world_error> stop(world_stop why) const {
        return std::unexpected(world_error{why, now_, steps_, seed_});
    }

    world_settings settings_;
    std::uint64_t seed_;
    random_generator random_;
    instant now_;
    party* parties_ = nullptr;
    kept* kept_ = nullptr;
    std::uint64_t links_made_ = 0;
    std::uint64_t steps_ = 0;
};

} // namespace plywire
