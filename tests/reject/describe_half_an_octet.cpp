// expect: plywire: the fields of a header must add up to whole octets
#include <plywire/describe/description.hpp>

inline constexpr plywire::field<"mine.version", 4> version;
inline constexpr plywire::field<"mine.kind", 4> kind;

#ifdef MISTAKE
struct header : plywire::description<"mine", version> {};
#else
struct header : plywire::description<"mine", version, kind> {};
#endif

auto size = header::size;
