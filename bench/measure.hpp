// What every benchmark needs: one core, contestants taking turns, medians, and a table that is JSON as well.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace plywire::bench {

// Stays on the core it is running on, so that caches and clock are the same for all contestants.
inline void pin_to_one_core() {
#ifdef __linux__
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &cores);
    sched_setaffinity(0, sizeof(cores), &cores);
#endif
}

// The compiler must have this value ready here, and may not assume what it is afterwards.
template <class T>
inline void keep(T& value) {
    asm volatile("" : "+r"(value) : : "memory");
}

// Does its work `repetitions` times.
struct contestant {
    std::string name;
    std::function<void(std::size_t repetitions)> run;
};

// Nanoseconds per repetition, one sample for each round.
using samples = std::vector<double>;

inline double median(samples values) {
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// How many times as fast as `other` the one is: the median over the rounds, so that a disturbance hits both.
inline double speed_ratio(samples const& one, samples const& other) {
    samples ratios;
    for (std::size_t i = 0; i < one.size(); ++i) ratios.push_back(other[i] / one[i]);
    return median(ratios);
}

// Nanoseconds that this thread has had a core to itself; elsewhere than on Linux, of any time.
inline double nanoseconds_now() {
#ifdef __linux__
    std::timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
#else
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
#endif
}

inline double nanoseconds_of(contestant const& who, std::size_t repetitions) {
    double const start = nanoseconds_now();
    who.run(repetitions);
    return nanoseconds_now() - start;
}

// Lets the contestants take turns, round by round, each for at least `shortest_turn` nanoseconds.
inline std::vector<samples> take_turns(std::vector<contestant> const& contestants, std::size_t rounds = 9,
                                       double shortest_turn = 1e6) {
    std::vector<std::size_t> repetitions;
    for (auto const& who : contestants) {
        std::size_t count = 1;
        while (nanoseconds_of(who, count) < shortest_turn) count *= 2;
        repetitions.push_back(count);
    }
    std::vector<samples> result(contestants.size());
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < contestants.size(); ++i) {
            auto const count = repetitions[i];
            result[i].push_back(nanoseconds_of(contestants[i], count) / static_cast<double>(count));
        }
    }
    return result;
}

// Rows of named cells, printed as one table and written as JSON.
class table {
public:
    using cell = std::variant<double, std::string>;
    using row = std::vector<std::pair<std::string, cell>>;

    explicit table(std::string name)
        : name_(std::move(name)) {}

    // All rows have the same columns, in the same order.
    void add(row cells) { rows_.push_back(std::move(cells)); }

    void print() const {
        if (rows_.empty()) return;
        for (auto const& [title, unused] : rows_.front()) std::printf("  %*s", width(title), title.c_str());
        std::printf("\n");
        for (auto const& cells : rows_) {
            for (auto const& [title, value] : cells) {
                std::printf("  %*s", width(title), written(value).c_str());
            }
            std::printf("\n");
        }
    }

    // False when the file cannot be written.
    bool write_json(char const* path) const {
        std::FILE* const file = std::fopen(path, "w");
        if (file == nullptr) return false;
        std::fprintf(file, "{\"benchmark\": \"%s\", \"rows\": [", name_.c_str());
        char const* between_rows = "\n";
        for (auto const& cells : rows_) {
            std::fprintf(file, "%s  {", between_rows);
            char const* between_cells = "";
            for (auto const& [title, value] : cells) {
                char const* const quote = std::holds_alternative<double>(value) ? "" : "\"";
                std::fprintf(file, "%s\"%s\": %s%s%s", between_cells, title.c_str(), quote, written(value).c_str(),
                             quote);
                between_cells = ", ";
            }
            std::fprintf(file, "}");
            between_rows = ",\n";
        }
        std::fprintf(file, "\n]}\n");
        return std::fclose(file) == 0;
    }

    // Prints, and obeys `--json FILE` on the command line; the result is main's.
    int finish(int argc, char** argv) const {
        print();
        for (int i = 1; i + 1 < argc; ++i) {
            if (std::string_view(argv[i]) == "--json" && !write_json(argv[i + 1])) {
                std::fprintf(stderr, "cannot write %s\n", argv[i + 1]);
                return 1;
            }
        }
        return 0;
    }

private:
    static int width(std::string const& title) { return std::max(9, static_cast<int>(title.size())); }

    static std::string written(cell const& value) {
        if (auto const* words = std::get_if<std::string>(&value)) return *words;
        char digits[32] = {};
        double const number = std::get<double>(value);
        std::snprintf(digits, sizeof(digits),
                      number == static_cast<double>(static_cast<long long>(number)) ? "%.0f" : "%.2f", number);
        return digits;
    }

    std::string name_;
    std::vector<row> rows_;
};

} // namespace plywire::bench
