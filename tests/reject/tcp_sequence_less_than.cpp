// expect: deleted
#include <plywire/machine/sequence.hpp>

using plywire::tcp::sequence;

constexpr bool is_old(sequence a, sequence b) {
#ifdef MISTAKE
    return a < b;
#else
    return before(a, b);
#endif
}
