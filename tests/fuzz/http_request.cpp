// The HTTP server's parsers under any octets. A request that is found complete stays the same whatever follows it, no
// shorter piece of it is complete, its texts lie inside of it, and no path climbs.
#include "../../examples/05_http_server/http_request.hpp"
#include "../../examples/05_http_server/http_path.hpp"
#include "../../examples/05_http_server/http_range.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using outcome = http::parse_result::outcome;

void must(bool holds) {
    if (!holds) std::abort();
}

bool lies_inside(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_path(std::string_view target) {
    auto const path = http::path_of(target);
    if (!path) return;
    must(path->find('\0') == std::string::npos && !path->starts_with('/') && path->find("//") == std::string::npos);
    std::string const closed = std::string("/").append(*path).append("/");
    must(closed.find("/../") == std::string::npos);
    // A name that was escaped leads to itself.
    must(http::path_of(std::string("/").append(http::escaped_for_link(*path))) == path);
}

void check_range(std::string_view range, std::uint64_t size) {
    http::part const part = http::part_of(range, size);
    must(part.first <= size && part.length <= size - part.first);
    must(part.is == http::part::kind::none || part.length > 0 || size == 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    auto const parsed = http::parse_request(text);
    check_path(text);
    check_range(text, size * 7);
    must((parsed.status != 0) == (parsed.found == outcome::bad));
    must(parsed.found != outcome::incomplete || size < http::largest_head_octets);
    if (parsed.found != outcome::complete) return 0;

    must(parsed.head_octets > 0 && parsed.head_octets <= size);
    std::string_view const head = text.substr(0, parsed.head_octets);
    must(lies_inside(parsed.request.target, head) || parsed.request.target == "/");
    must(!parsed.request.range || lies_inside(*parsed.request.range, head));
    must(http::parse_request(head).head_octets == parsed.head_octets);
    // Cut off anywhere, it is not complete yet, nor is it found to be wrong: that would depend on how it arrived.
    for (std::size_t length = head.size() - 1; length > 0; length -= std::min<std::size_t>(length, 1 + length / 50)) {
        must(http::parse_request(head.substr(0, length)).found == outcome::incomplete);
    }
    check_path(parsed.request.target);
    if (parsed.request.range) check_range(*parsed.request.range, size);
    return 0;
}
