#include <plywire/plywire.hpp>

void const* address_of_version_there();
void const* address_of_version_there() { return &plywire::version; }
