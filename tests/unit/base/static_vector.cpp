#include <plywire/base/random.hpp>
#include <plywire/base/static_vector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <memory>
#include <vector>

using namespace plywire;

TEST_CASE("a static_vector does what a vector does, until it is full", "[base][static_vector]") {
    auto numbers = random_generator(1);
    static_vector<int, 9> ours;
    std::vector<int> model;
    for (int step = 0; step < 20'000; ++step) {
        CAPTURE(step);
        auto const value = static_cast<int>(numbers.below(1'000));
        switch (numbers.below(5)) {
        case 0:
        case 1:
            REQUIRE(ours.push_back(value) == (model.size() < 9));
            if (model.size() < 9) model.push_back(value);
            break;
        case 2: {
            auto const at = numbers.below(model.size() + 1);
            REQUIRE(ours.insert(at, value) == (model.size() < 9));
            if (model.size() < 9) model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), value);
            break;
        }
        case 3:
            if (!model.empty()) {
                auto const at = numbers.below(model.size());
                ours.erase(at);
                model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
            }
            break;
        default:
            if (numbers.below(20) == 0) {
                ours.clear();
                model.clear();
            } else if (!model.empty()) {
                ours.pop_back();
                model.pop_back();
            }
        }
        REQUIRE(std::ranges::equal(ours, model));
        REQUIRE(ours.empty() == model.empty());
        REQUIRE(ours.full() == (model.size() == 9));
    }
}

TEST_CASE("an erased element lets its resources go at once", "[base][static_vector]") {
    auto const resource = std::make_shared<int>(1);
    static_vector<std::shared_ptr<int>, 4> holders;
    for (int i = 0; i < 4; ++i) holders.push_back(resource);
    CHECK(resource.use_count() == 5);
    holders.erase(1);
    CHECK(resource.use_count() == 4);
    holders.clear();
    CHECK(resource.use_count() == 1);
}

TEST_CASE("elements that cannot be copied are moved", "[base][static_vector]") {
    static_vector<std::unique_ptr<int>, 2> holders;
    CHECK(holders.push_back(std::make_unique<int>(2)));
    CHECK(holders.insert(0, std::make_unique<int>(1)));
    CHECK(*holders.front() == 1);
    CHECK(*holders.back() == 2);
}
