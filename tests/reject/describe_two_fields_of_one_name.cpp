// expect: plywire: two fields of a header have the same name
#include <plywire/describe/description.hpp>

using namespace plywire;

inline constexpr field<"mine.first", 16> first;
#ifdef MISTAKE
inline constexpr field<"mine.first", 16> second;
#else
inline constexpr field<"mine.second", 16> second;
#endif

struct header : description<"mine", first, second> {
    using description::description;
};

header value(first = std::uint16_t{1}, second = std::uint16_t{2});
