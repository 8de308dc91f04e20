// What a script's shell commands have said: the runner puts programs named `sysctl`, `tc` and so on on PATH that append
// lines `name=value` to a file, whose name stands in the environment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace plywire::packetdrill {

class sysctls {
public:
    static constexpr char const* variable = "PLYWIRE_PACKETDRILL_SETTINGS";

    sysctls();

    // Reads what has been appended since the last time; answers whether there was something.
    bool refresh();

    std::string text(std::string_view name, std::string_view otherwise = {}) const;
    // The number at `place` among several, such as the default in "min default max".
    std::int64_t number(std::string_view name, std::int64_t otherwise, unsigned place = 0) const;

private:
    std::string file_{};
    std::size_t read_ = 0;
    std::map<std::string, std::string, std::less<>> values_{};
};

} // namespace plywire::packetdrill
