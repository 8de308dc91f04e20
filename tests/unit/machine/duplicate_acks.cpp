// Fast retransmit on its own (RFC 6582 section 3.2).
#include <catch2/catch_test_macros.hpp>

#include <plywire/machine/duplicate_acks.hpp>
#include <plywire/machine/new_reno.hpp>

#include <cstdint>

using namespace plywire;

TEST_CASE("three duplicates mean a loss however much has been sent since the last one", "[tcp][6582-3.2][9293-3.4]") {
    constexpr std::uint32_t flight = 14600;
    constexpr std::uint32_t step = std::uint32_t{1} << 26;
    tcp::duplicate_acks recovery;
    tcp::new_reno control;
    tcp::path_view const path{1460, flight, {}, {}};
    recovery.start(tcp::sequence(0));
    control.start(1460, false);
    std::uint32_t acknowledged = 1;
    for (int i = 0; i < 130; ++i) { // twice around
        auto tried = recovery;
        bool again = false;
        for (int duplicates = 0; duplicates < 3; ++duplicates) {
            again =
                tried.duplicate({tcp::sequence(acknowledged), tcp::sequence(acknowledged + flight), 0}, path, control);
        }
        INFO("after " << i << " times 64 MiB");
        CHECK(again);
        acknowledged += step;
        (void)recovery.advanced({tcp::sequence(acknowledged), tcp::sequence(acknowledged), step}, path, control);
    }
}
