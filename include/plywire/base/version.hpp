// The version, and the only macros of plywire: what a preprocessor can ask. CMakeLists.txt reads it from here.
#pragma once

#define PLYWIRE_VERSION_MAJOR 0
#define PLYWIRE_VERSION_MINOR 1
#define PLYWIRE_VERSION_PATCH 0

namespace plywire {

// Semantic versioning: before 1.0.0 a new minor version may break what used the last one.
struct version_number {
    int major_number;
    int minor_number;
    int patch_number;
};

inline constexpr version_number version{PLYWIRE_VERSION_MAJOR, PLYWIRE_VERSION_MINOR, PLYWIRE_VERSION_PATCH};

} // namespace plywire
