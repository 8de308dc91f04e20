// Lists, pools and the hash index against simple models.

#include <plywire/base/random.hpp>
#include <plywire/protocols/hash_index.hpp>
#include <plywire/protocols/pool.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <deque>
#include <map>
#include <vector>

using namespace plywire;

TEST_CASE("an index list is first in, first out, and an element is in it once", "[protocols][index_list]") {
    std::array<list_link, 4> links{};
    auto at = [&](std::uint32_t i) -> list_link& { return links[i]; };
    index_list list;
    CHECK(list.pop_front(at) == no_index);
    list.push_back(2, at);
    list.push_back(0, at);
    list.push_back(2, at);
    list.push_back(3, at);
    CHECK(list.size() == 3);
    list.rotate(at);
    CHECK(list.front() == 0);
    list.remove(3, at);
    list.remove(3, at);
    CHECK(list.pop_front(at) == 0);
    CHECK(list.pop_front(at) == 2);
    CHECK(list.empty());
    CHECK_FALSE(links[2].is_linked());
}

TEST_CASE("an index list agrees with a deque over random operations", "[protocols][index_list]") {
    random_generator random(11);
    std::array<list_link, 50> links{};
    auto at = [&](std::uint32_t i) -> list_link& { return links[i]; };
    index_list list;
    std::deque<std::uint32_t> model;
    for (int step = 0; step < 20'000; ++step) {
        auto const i = static_cast<std::uint32_t>(random.below(links.size()));
        auto const place = std::find(model.begin(), model.end(), i);
        switch (random.below(4)) {
        case 0:
        case 1:
            list.push_back(i, at);
            if (place == model.end()) {
                model.push_back(i);
            }
            break;
        case 2:
            list.remove(i, at);
            if (place != model.end()) {
                model.erase(place);
            }
            break;
        default:
            REQUIRE(list.front() == (model.empty() ? no_index : model.front()));
            if (!model.empty()) {
                list.pop_front(at);
                model.pop_front();
            }
        }
        REQUIRE(list.size() == model.size());
        REQUIRE(list.empty() == model.empty());
    }
}

TEMPLATE_TEST_CASE("a pool names elements by index and generation", "[protocols][pool]", fixed_pool<100>,
                   slab_pool<100>) {
    pool<int, TestType> p;
    std::uint32_t const a = p.acquire();
    pool_id const id = p.id_of(a);
    REQUIRE(p.find(id) == &p[a]);
    p.release(a);
    CHECK(p.find(id) == nullptr);
    std::uint32_t const b = p.acquire();
    CHECK(b == a);
    CHECK(p.find(id) == nullptr);
    CHECK(p.find(pool_id{}) == nullptr);
    CHECK(p.find(pool_id{99, 1}) == nullptr);
    CHECK(p.find(pool_id{50, 0}) == nullptr);
}

TEMPLATE_TEST_CASE("a pool is bounded, keeps its elements in place and reuses them", "[protocols][pool]",
                   fixed_pool<100>, slab_pool<100>, slab_pool<5'000>) {
    random_generator random(3);
    pool<std::uint64_t, TestType> p;
    std::map<std::uint32_t, std::pair<pool_id, std::uint64_t*>> model;
    for (int step = 0; step < 30'000; ++step) {
        if (random.below(100) < 55) {
            std::uint32_t const i = p.acquire();
            REQUIRE((i == no_index) == (model.size() == TestType::capacity));
            if (i != no_index) {
                REQUIRE(!model.contains(i));
                p[i] = i;
                model[i] = {p.id_of(i), &p[i]};
            }
        } else if (!model.empty()) {
            auto it = model.lower_bound(static_cast<std::uint32_t>(random.below(TestType::capacity)));
            if (it == model.end()) {
                it = model.begin();
            }
            auto const [id, address] = it->second;
            REQUIRE(p.find(id) == address);
            REQUIRE(*address == it->first);
            p.release(it->first);
            REQUIRE(p.find(id) == nullptr);
            model.erase(it);
        }
        REQUIRE(p.in_use() == model.size());
    }
}

namespace {

struct entry {
    chain_link link{};
    std::uint64_t key = 0;
};

} // namespace

TEMPLATE_TEST_CASE("the hash index agrees with a map over random operations", "[protocols][hash_index]",
                   fixed_pool<300>, slab_pool<300>) {
    for (std::uint32_t mask : {0xffff'ffffU, 0x3U}) { // with a good hash, and with one that puts nearly all in a chain
        random_generator random(5);
        std::array<entry, 300> entries{};
        auto links = [&](std::uint32_t i) -> chain_link& { return entries[i].link; };
        hash_index<typename TestType::heads> index;
        std::map<std::uint64_t, std::uint32_t> model;
        std::vector<std::uint32_t> free;
        for (std::uint32_t i = 0; i < 300; ++i) {
            free.push_back(i);
        }
        auto hash = [mask](std::uint64_t key) {
            return static_cast<std::uint32_t>(key * 0x9e37'79b9'7f4a'7c15 >> 32) & mask;
        };
        auto find = [&](std::uint64_t key) {
            return index.find(hash(key), links, [&](std::uint32_t i) { return entries[i].key == key; });
        };
        for (int step = 0; step < 20'000; ++step) {
            std::uint64_t const key = random.below(500);
            std::uint32_t const found = find(key);
            auto const known = model.find(key);
            REQUIRE(found == (known == model.end() ? no_index : known->second));
            if (found != no_index) {
                index.erase(found, links);
                model.erase(known);
                free.push_back(found);
            } else if (!free.empty()) {
                std::uint32_t const i = free.back();
                free.pop_back();
                entries[i].key = key;
                REQUIRE(index.insert(hash(key), i, links));
                model[key] = i;
            }
            REQUIRE(index.size() == model.size());
        }
    }
}
