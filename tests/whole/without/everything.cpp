#include <plywire/plywire.hpp>
