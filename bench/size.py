"""What plywire weighs: octets of the main types, of a connection and the code of TCP for each set of policies, of a
connection with each policy exchanged, and of the code of small hosts (g++ -Os, no exceptions, no RTTI). tests/whole/size.py
holds the bounds.

    size.py [--json FILE]
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPILER = ["g++", "-std=c++23", f"-I{ROOT / 'include'}"]

# A device as the author of a driver would write it; the bodies are elsewhere, so that only plywire is weighed.
DEVICE = """\
#include <plywire/stack/hosts.hpp>
#include <array>
using namespace plywire;
struct driver {
    static constexpr medium link_medium = medium::ip;
    static constexpr device_capabilities capabilities{};
    std::size_t mtu() const;
    received_frame receive();
    transmit_slot grant();
    void commit(transmit_slot, transmit_request);
    device_statistics const& statistics() const;
};
struct ethernet_driver : driver {
    static constexpr medium link_medium = medium::ethernet;
};
using small = tcp::minimal<2048, 2048>;
"""


TYPES = {  # what: type
    "view<tcp::header>": "view<tcp::header>",
    "TIME-WAIT, IPv4": "tcp::detail::time_wait_entry<ipv4::address>",
    "TIME-WAIT, IPv6": "tcp::detail::time_wait_entry<std::array<std::byte, 16>>",
    "tcp_socket": "ip_host<driver>::tcp_socket",
    "tcp_listener": "ip_host<driver>::tcp_listener",
    "udp_socket": "ip_host<driver>::udp_socket",
    "ip_host: IPv4, ICMP, UDP, TCP": "ip_host<driver>",
    "ethernet_host: Ethernet, ARP and these": "ethernet_host<ethernet_driver>",
}

# A connection as a host uses it, and one's own program may: what of it is never called is no code either.
MACHINE = """\
#include <plywire/machine/connection.hpp>
#include <plywire/machine/kernel_policies.hpp>
#include <plywire/machine/no_congestion_control.hpp>
using namespace plywire;
"""
DRIVE = """\
using connection = tcp::connection<%s>;
void configure(connection& c, tcp::connection_settings const& s) { c.configure(s); }
bool open(connection& c, tcp::sequence isn, instant now) { return c.open(1, 2, isn, now).has_value(); }
bool listen(connection& c, tcp::sequence isn) { return c.listen(1, isn).has_value(); }
void segment_arrives(connection& c, view<tcp::header> const& s, instant now) { c.segment_arrives(s, now); }
void time_passes(connection& c, instant now) { c.time_passes(now); }
instant deadline(connection const& c) { return c.deadline(); }
bool wants_to_send(connection const& c, instant now) { return c.wants_to_send(now); }
std::size_t emit(connection& c, mutable_bytes slot, internet_sum sum, instant now) { return c.emit(slot, sum, now); }
auto send(connection& c, bytes_view octets, instant now) { return c.send(octets, now); }
auto receive(connection& c, mutable_bytes room, instant now) { return c.receive(room, now); }
auto close(connection& c, instant now) { return c.close(now); }
void abort(connection& c, instant now) { c.abort(now); }
void detach(connection& c, instant now) { c.detach(now); }
"""
SETS = {  # name: type, octets of buffers inside
    "minimal": ("tcp::minimal<2048, 2048>", 2 * 2048),
    "defaults": ("tcp::defaults", 0),
    "linux_like": ("tcp::linux_like", 0),
    "freebsd_like": ("tcp::freebsd_like", 0),
}
EXCHANGED = {  # a policy that defaults have: what stands in its place
    "congestion_control": "tcp::no_congestion_control",
    "recovery": "tcp::timer_recovery",
    "acknowledgment": "tcp::quick_acknowledgment<16>",
    "challenges": "tcp::unlimited_challenges",
    "timestamps": "tcp::no_timestamps",
    "urgent": "tcp::no_urgent_data",
    "keep_alive": "tcp::no_keep_alive",
    "user_timeout": "tcp::user_timeout_option<>",
    "cork": "tcp::no_cork",
    "linger": "tcp::no_linger",
    "duplicates": "tcp::no_duplicate_sack",
    "reports": "tcp::no_reports",
    "counters": "tcp::full_counters",
    "push": "tcp::push_bursts",
    "tail_probe": "tcp::probe_tail",
    "fast_open": "tcp::fast_open_client",
}

# A host that is polled for ever, and what its application does between the polls.
HOST = """\
void serve(driver& device, ipv4::settings settings, siphash_key key, instant (*clock)()) {
    stack<driver, %s> host{device, settings%s};
    %s
    for (;;) {
        host.poll(clock());
        %s
    }
}
"""
ECHO_DATAGRAMS = """\
while (auto const received = socket->receive_from(room)) {
    (void)socket->send_to(bytes_view(room).first(received->length), received->source);
}"""
ECHO_STREAM = """\
if (auto accepted = listener->accept()) {
    socket = std::move(*accepted);
}
while (auto const received = socket.receive(room)) {
    (void)socket.send(bytes_view(room).first(*received));
}"""
ROOM = "std::array<std::byte, 512> room{};"
HOSTS = {  # what: what the text above is filled with
    "IPv4 and ICMP: can be pinged": ("ipv4::layer<>, icmpv4::layer<>", "", "", ""),
    "and UDP: echoes datagrams": ("ipv4::layer<>, icmpv4::layer<>, udp::layer<>", ", udp::settings{.secret = key}",
                                  f"auto socket = host.udp().bind(7); {ROOM}", ECHO_DATAGRAMS),
    "IPv4, ICMP and TCP: echoes a stream": ("ipv4::layer<>, icmpv4::layer<>, tcp::layer<small>",
                                            ", tcp::settings{.secret = key}",
                                            f"auto listener = host.tcp().listen(7); {ROOM} decltype(host)::tcp_socket socket;",
                                            ECHO_STREAM),
}


def printed_sizes(folder, text, types):
    """sizeof each of the types, which the text declares."""
    lines = "".join(f'std::printf("%zu\\n", sizeof({type}));\n' for type in types)
    source, program = folder / "types.cpp", folder / "types"
    source.write_text(f"#include <cstdio>\n{text}int main() {{\n{lines}}}\n")
    subprocess.run([*COMPILER, source, "-o", program], check=True)
    return [int(size) for size in subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()]


def size_of_code(folder, text):
    source, compiled = folder / "code.cpp", folder / "code.o"
    source.write_text(text)
    subprocess.run([*COMPILER, "-Os", "-fno-exceptions", "-fno-rtti", "-c", source, "-o", compiled], check=True)
    sizes = subprocess.run(["size", compiled], check=True, capture_output=True, text=True).stdout.splitlines()[1]
    return int(sizes.split()[0])


def connections(folder):
    """For each set of policies: octets of a connection without its buffers, and of the code of TCP."""
    sizes = printed_sizes(folder, MACHINE, [f"tcp::connection<{policies}>" for policies, _ in SETS.values()])
    return {name: (size - inside, size_of_code(folder, MACHINE + DRIVE % policies))
            for size, (name, (policies, inside)) in zip(sizes, SETS.items())}


def exchanged(folder):
    """For each policy exchanged: by how many octets a connection becomes larger."""
    text = MACHINE + "".join(f"struct with_{slot} : tcp::defaults {{ using {slot} = {policy}; }};\n"
                             for slot, policy in EXCHANGED.items())
    types = ["tcp::connection<>", *(f"tcp::connection<with_{slot}>" for slot in EXCHANGED)]
    before, *sizes = printed_sizes(folder, text, types)
    return {slot: size - before for slot, size in zip(EXCHANGED, sizes)}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = []
        for policies, (size, code) in connections(folder).items():
            rows += [{"what": f"connection: {policies}", "octets": size},
                     {"what": f"code of TCP: {policies}", "octets": code}]
        rows += [{"what": f"  {slot} = {EXCHANGED[slot].removeprefix('tcp::')}", "octets": more, "sign": True}
                 for slot, more in exchanged(folder).items()]
        sizes = printed_sizes(folder, "#include <plywire/protocols/tcp_time_waits.hpp>\n" + DEVICE, TYPES.values())
        rows += [{"what": what, "octets": size} for what, size in zip(TYPES, sizes)]
        rows += [{"what": f"code: {what}", "octets": size_of_code(folder, DEVICE + HOST % filling)}
                 for what, filling in HOSTS.items()]
    for row in rows:
        print(f"  {row['what']:48}{row['octets']:{'+9' if row.pop('sign', False) else '9'}}")
    if "--json" in sys.argv:
        pathlib.Path(sys.argv[sys.argv.index("--json") + 1]).write_text(
            json.dumps({"benchmark": "size", "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
