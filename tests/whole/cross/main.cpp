// Runs the test cases that were compiled with the stand-in for Catch2.
#include <catch2/catch_test_macros.hpp>

int main() {
    for (auto const& test : catch_stand_in::test_cases) {
        unsigned const before = catch_stand_in::failures;
        catch_stand_in::run(test);
        if (catch_stand_in::failures != before) std::printf("failed: %s\n", test.name);
    }
    std::printf("%zu test cases, %u checks, %u failures\n", catch_stand_in::test_cases.size(), catch_stand_in::checks,
                catch_stand_in::failures);
    return catch_stand_in::failures != 0 || catch_stand_in::checks == 0;
}
