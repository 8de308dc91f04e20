// A table as a test: `world_NAME FILE` compares it with the one in the file, `--write FILE` writes it, and without a file
// it is printed. Nothing in such a table depends on the machine or the compiler, so a figure that moves is a change of
// behaviour: write the file anew, and look at the difference.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace plywire::testing {

inline std::string contents_of(char const* path) {
    std::string text;
    if (std::FILE* const file = std::fopen(path, "rb")) {
        char part[4096];
        for (std::size_t got = std::fread(part, 1, sizeof part, file); got != 0;
             got = std::fread(part, 1, sizeof part, file)) {
            text.append(part, got);
        }
        std::fclose(file);
    }
    return text;
}

// What main() returns: EXIT_FAILURE when the table is not the one in the file, or cannot be written.
inline int compare_or_write(std::string const& table, int count, char** words) {
    std::fputs(table.c_str(), stdout);
    if (count == 3 && std::strcmp(words[1], "--write") == 0) {
        std::FILE* const file = std::fopen(words[2], "wb");
        if (file == nullptr || std::fputs(table.c_str(), file) == EOF || std::fclose(file) != 0) {
            std::perror(words[2]);
            return EXIT_FAILURE;
        }
    } else if (count == 2) {
        std::string const before = contents_of(words[1]);
        if (before != table) {
            std::printf("\nThis is not what %s says:\n\n%s", words[1], before.c_str());
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

} // namespace plywire::testing
