// Prints the table of machine/states.hpp, a row a line: from, step, event, guard, to, and before it all guards, steps and
// events by number. tcp_states.py makes docs/tcp_states.md and .svg of it.
#include <plywire/machine/states.hpp>

#include <cstdio>
#include <string_view>

namespace {

using namespace plywire::tcp;

// Shorter than what name_of() says to people: there is little room in a picture.
std::string_view label_of(event e) {
    switch (e) {
    case event::open_passive: return "passive OPEN";
    case event::open_active: return "active OPEN";
    case event::close: return "CLOSE";
    case event::abort: return "ABORT";
    case event::finish_sent: return "FIN sent";
    case event::segment: return "segment";
    case event::gave_up: return "gave up";
    case event::unreachable: return "unreachable";
    case event::time_over: return "time over";
    }
    return "?";
}

std::string_view label_of(step s) {
    switch (s) {
    case step::none: return "";
    case step::crossing: return "crossing SYN,ACK";
    case step::sequence_check: return "sequence check";
    case step::reset: return "RST";
    case step::security: return "security";
    case step::synchronize: return "SYN";
    case step::acknowledgment: return "ACK";
    case step::urgent: return "URG";
    case step::text: return "text";
    case step::finish: return "FIN";
    }
    return "?";
}

std::string_view label_of(guard g) {
    switch (g) {
    case guard::always: return "";
    case guard::opened_passively: return "opened passively";
    case guard::opened_actively: return "opened actively";
    case guard::close_pending: return "CLOSE pending";
    case guard::with_acknowledgment: return "with ACK";
    case guard::without_acknowledgment: return "without ACK";
    case guard::finish_acknowledged: return "our FIN acknowledged";
    case guard::nothing_unsent: return "nothing unsent";
    case guard::nobody_reads: return "nobody reads";
    }
    return "?";
}

void print(std::string_view text, char after) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc(after, stdout);
}

} // namespace

int main() {
    for (auto const& row : transitions) {
        print(name_of(row.from), '\t');
        print(label_of(row.at), '\t');
        print(label_of(row.cause), '\t');
        print(label_of(row.on), '\t');
        print(name_of(row.to), '\n');
    }
}
