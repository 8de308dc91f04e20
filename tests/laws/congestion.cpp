// Every congestion controller, and a user's own, tried by the laws of congestion controllers.

#include <laws/congestion_laws.hpp>

#include <plywire/machine/cubic.hpp>
#include <plywire/machine/new_reno.hpp>
#include <plywire/machine/no_congestion_control.hpp>

// The example has a controller of its own; its program is another one.
#define main own_controller_example
#include "../../examples/09_own_controller.cpp"
#undef main

#include <catch2/catch_test_macros.hpp>

using namespace plywire::laws;

namespace {

auto const tell = [](std::string_view says, bool holds) {
    INFO(says);
    CHECK(holds);
};

// Each breaks a law.
struct grows_unused : tcp::new_reno {
    constexpr void acknowledged(std::uint32_t octets, tcp::path_view path) {
        path.in_flight = 1u << 30;
        tcp::new_reno::acknowledged(octets, path);
    }
};
struct halves_to_nothing : tcp::new_reno {
    constexpr std::uint32_t window() const { return tcp::new_reno::window() / 2; }
};
struct reacts_to_each_duplicate : tcp::new_reno {
    constexpr void recovered(tcp::path_view const& path) { congestion_detected(path); }
    constexpr std::uint32_t slow_start_threshold() const { return window(); }
};
struct counts_from_the_beginning_of_time : tcp::new_reno {
    instant last{};
    constexpr void acknowledged(std::uint32_t octets, tcp::path_view const& path) {
        if (static_cast<std::uint32_t>(path.now.nanoseconds / 1'000'000) > 1'000)
            tcp::new_reno::acknowledged(octets, path);
    }
};

template <class Controller>
std::string_view broken_law() {
    std::string_view first{};
    obeys_the_congestion_laws<Controller>([&](std::string_view says, bool holds) {
        if (!holds && first.empty()) first = says;
    });
    return first;
}

} // namespace

TEST_CASE("no congestion control obeys the laws of congestion controllers", "[tcp][congestion]") {
    CHECK(obeys_the_congestion_laws<tcp::no_congestion_control>(tell));
}

TEST_CASE("NewReno obeys the laws of congestion controllers", "[tcp][congestion]") {
    CHECK(obeys_the_congestion_laws<tcp::new_reno>(tell));
    CHECK(obeys_the_congestion_laws<tcp::basic_new_reno<tcp::initial_window_three>>(tell));
    CHECK(obeys_the_congestion_laws<tcp::basic_new_reno<tcp::initial_window_ten, std::uint32_t, 2>>(tell));
}

TEST_CASE("CUBIC obeys the laws of congestion controllers", "[tcp][congestion]") {
    CHECK(obeys_the_congestion_laws<tcp::cubic>(tell));
    CHECK(obeys_the_congestion_laws<tcp::basic_cubic<tcp::initial_window_ten, 2>>(tell));
}

TEST_CASE("the example's controller obeys the laws of congestion controllers", "[tcp][congestion]") {
    CHECK(obeys_the_congestion_laws<patient>(tell));
}

TEST_CASE("each law of congestion controllers can be broken", "[tcp][congestion]") {
    CHECK(broken_law<grows_unused>() == "a window that is not used does not grow");
    CHECK(broken_law<halves_to_nothing>() == "the window is never below one segment, whatever happens");
    CHECK(broken_law<reacts_to_each_duplicate>() == "the losses of one flight draw one reaction");
    CHECK(broken_law<counts_from_the_beginning_of_time>() == "only differences of time count");
}
