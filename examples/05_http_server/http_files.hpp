// Files and directories below a root, opened so that nothing above or beside it can be reached.
#pragma once

#include "http_path.hpp"

#include <plywire/io/file_descriptor.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace http {

// What a path led to.
struct found {
    enum class kind { nothing, file, directory, no_room }; // no_room: too many files are open
    kind is = kind::nothing;
    plywire::file_descriptor descriptor{};
    std::uint64_t size = 0; // octets, of a file
};

// Opens `path` (as path_of() makes them) below the directory `root`, one name at a time. Symbolic links lead nowhere,
// and neither does anything that is not a file or a directory.
inline found open_below(int root, std::string_view path) {
    plywire::file_descriptor here(::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    bool const must_be_directory = path.empty() || path.ends_with('/');
    while (here && !path.empty()) {
        std::size_t const slash = std::min(path.find('/'), path.size());
        std::string const name(path.substr(0, slash));
        path.remove_prefix(std::min(slash + 1, path.size()));
        // O_NONBLOCK: opening a FIFO must not wait for a writer
        here = plywire::file_descriptor(
            ::openat(here.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    }
    if (!here && (errno == EMFILE || errno == ENFILE)) {
        return {found::kind::no_room};
    }
    struct stat status{};
    if (!here || ::fstat(here.number(), &status) != 0) {
        return {};
    }
    if (S_ISDIR(status.st_mode)) {
        return {found::kind::directory, std::move(here)};
    }
    if (S_ISREG(status.st_mode) && !must_be_directory) {
        return {found::kind::file, std::move(here), static_cast<std::uint64_t>(status.st_size)};
    }
    return {};
}

// What is in a directory: at most 1000 names, sorted, a line each; those that begin with a dot are left out.
inline std::string listing_of(plywire::file_descriptor const& directory) {
    constexpr int most_names = 1000;
    std::string names;
    dirent** entries = nullptr; // each is to be freed, and the list of them too
    int const count = ::scandirat(
        directory.number(), ".", &entries, [](dirent const* entry) { return entry->d_name[0] == '.' ? 0 : 1; },
        ::alphasort);
    for (int i = 0; i < count; ++i) {
        if (i < most_names) {
            names.append(entries[i]->d_name).append(entries[i]->d_type == DT_DIR ? "/\n" : "\n");
        }
        std::free(entries[i]);
    }
    std::free(entries);
    return names;
}

} // namespace http
