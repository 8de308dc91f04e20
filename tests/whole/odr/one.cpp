#include <plywire/plywire.hpp>

void const* address_of_version_here();
void const* address_of_version_there();
void const* address_of_version_here() { return &plywire::version; }

int main() { return address_of_version_here() == address_of_version_there() ? 0 : 1; }
