#include "sysctls.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace plywire::packetdrill {

sysctls::sysctls() {
    if (char const* const name = std::getenv(variable)) {
        file_ = name;
    }
    refresh();
}

bool sysctls::refresh() {
    std::ifstream in(file_);
    if (file_.empty() || !in.seekg(static_cast<std::streamoff>(read_))) {
        return false;
    }
    bool any = false;
    for (std::string line; std::getline(in, line) && !in.eof();) {
        read_ += line.size() + 1;
        auto const equals = line.find('=');
        if (equals != std::string::npos) {
            values_[line.substr(0, equals)] = line.substr(equals + 1);
            any = true;
        }
    }
    return any;
}

std::string sysctls::text(std::string_view name, std::string_view otherwise) const {
    auto const found = values_.find(name);
    return found == values_.end() ? std::string(otherwise) : found->second;
}

std::int64_t sysctls::number(std::string_view name, std::int64_t otherwise, unsigned place) const {
    std::istringstream words(text(name));
    std::string word;
    for (unsigned i = 0; i <= place; ++i) {
        if (!(words >> word)) {
            return otherwise;
        }
    }
    return std::strtoll(word.c_str(), nullptr, 0);
}

} // namespace plywire::packetdrill
