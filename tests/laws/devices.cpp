// Every device that runs anywhere, tried by the device laws at run time (and so under the sanitizers).

#include <laws/memory_link_model.hpp>
#include <laws/weather_link_model.hpp>
#ifdef __linux__
#include <laws/tuntap_model.hpp>
#include <plywire/io/tap.hpp>
#include <plywire/io/tun.hpp>
#endif

#include <catch2/catch_test_macros.hpp>

using namespace plywire;
using namespace plywire::laws;

namespace {

auto const tell = [](std::string_view says, bool holds) {
    INFO(says);
    CHECK(holds);
};

} // namespace

TEST_CASE("an in-memory link with its frames inside obeys the device laws", "[io][device]") {
    CHECK(obeys_the_device_laws<memory_link_model<memory_link<medium::ip>, true>>(tell));
    CHECK(obeys_the_device_laws<memory_link_model<memory_link<medium::ip, 5, 576>, false>>(tell));
    CHECK(obeys_the_device_laws<memory_link_model<memory_link<medium::ethernet, 16, 9000>, true>>(tell));
}

TEST_CASE("an in-memory link with its frames on the heap obeys the device laws", "[io][device]") {
    CHECK(obeys_the_device_laws<memory_link_model<small_heap_link<medium::ip>, true>>(tell));
    CHECK(obeys_the_device_laws<memory_link_model<small_heap_link<medium::ethernet>, false>>(tell));
}

TEST_CASE("a link in clear weather obeys the device laws", "[io][device][weather]") {
    CHECK(obeys_the_device_laws<weather_link_model<medium::ip, true>>(tell));
    CHECK(obeys_the_device_laws<weather_link_model<medium::ethernet, false>>(tell));
}

#ifdef __linux__
TEST_CASE("TUN and TAP on a descriptor handed in obey the device laws, also when it is full", "[io][device]") {
    CHECK(obeys_the_device_laws<adopted_model<tun>>(tell));
    CHECK(obeys_the_device_laws<adopted_model<tap>>(tell));
}

TEST_CASE("TUN and TAP obey the device laws", "[io][device]") {
    support::network_namespace const own;
    if (!own.why_not().empty()) {
        SKIP(own.why_not());
    }
    CHECK(obeys_the_device_laws<tuntap_model<tun>>(tell));
    CHECK(obeys_the_device_laws<tuntap_model<tap>>(tell));
}
#endif
