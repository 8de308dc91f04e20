// Runs a fuzz target without libFuzzer: on every file of a corpus, then on a fixed number of inputs made from them.
//
//     fuzz_<what> CORPUS [SEED [COUNT]]
//
// Input number n depends on the seed, on n and on the corpus alone, so what fails once fails again. A failure names its input.
#include <plywire/base/random.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sanitizer/common_interface_defs.h>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

using input = std::vector<std::uint8_t>;

constexpr std::size_t largest_input = 2048; // octets: more than any frame on an Ethernet of MTU 1500

std::string current; // which input runs

void say_which() { std::fprintf(stderr, "\nfuzz replay: it was %s\n", current.c_str()); }

// Random octets, or a corpus file with a few octets changed and its end moved.
input make_input(std::vector<input> const& corpus, plywire::random_generator random) {
    if (corpus.empty() || random.below(8) == 0) {
        input made(random.below(largest_input));
        for (auto& octet : made) octet = static_cast<std::uint8_t>(random.next());
        return made;
    }
    input made = corpus[random.below(corpus.size())];
    if (random.below(4) == 0) made.resize(random.below(std::min(2 * made.size() + 2, largest_input)));
    for (auto changes = random.below(8); changes != 0 && !made.empty(); --changes) {
        auto& octet = made[random.below(made.size())];
        switch (random.below(4)) {
        case 0: octet = 0; break;
        case 1: octet = 0xff; break;
        case 2: octet = static_cast<std::uint8_t>(octet ^ (1u << random.below(8))); break;
        default: octet = static_cast<std::uint8_t>(random.next()); break;
        }
    }
    return made;
}

} // namespace

int main(int argc, char** argv) {
    __sanitizer_set_death_callback(say_which);
    std::signal(SIGABRT, [](int) { say_which(); });

    std::vector<std::filesystem::path> files;
    if (argc > 1 && std::filesystem::is_directory(argv[1])) {
        for (auto const& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
    }
    std::ranges::sort(files); // the order of a directory is the file system's
    std::vector<input> corpus;
    for (auto const& path : files) {
        std::ifstream file(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        current = path.string();
        LLVMFuzzerTestOneInput(corpus.back().data(), corpus.back().size());
    }

    std::uint64_t const seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
    std::uint64_t const count = argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 20'000;
    for (std::uint64_t n = 0; n != count; ++n) {
        current = "input " + std::to_string(n) + " of seed " + std::to_string(seed);
        auto const changed = make_input(corpus, plywire::random_generator(seed + n * 0x9e3779b97f4a7c15));
        auto const made = changed; // a copy is as long as it must be, so that reading beyond it is seen
        LLVMFuzzerTestOneInput(made.data(), made.size());
    }
    std::printf("%zu files, %llu inputs of seed %llu\n", files.size(), static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(seed));
}
