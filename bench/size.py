"""What plywire weighs: octets of the main types, and of the code of small hosts (g++ -Os, no exceptions, no RTTI).

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
    "tcp::connection<>, buffers on the heap": "tcp::connection<>",
    "tcp::connection<small>, 2 KiB each way inside": "tcp::connection<small>",
    "the same without its buffers": "char[sizeof(tcp::connection<small>) - 2 * 2048]",
    "tcp_socket": "ip_host<driver>::tcp_socket",
    "tcp_listener": "ip_host<driver>::tcp_listener",
    "udp_socket": "ip_host<driver>::udp_socket",
    "ip_host: IPv4, ICMP, UDP, TCP": "ip_host<driver>",
    "ethernet_host: Ethernet, ARP and these": "ethernet_host<ethernet_driver>",
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


def sizes_of_types(folder):
    lines = "".join(f'std::printf("%zu\\n", sizeof({type}));\n' for type in TYPES.values())
    source, program = folder / "types.cpp", folder / "types"
    source.write_text(f"#include <cstdio>\n{DEVICE}int main() {{\n{lines}}}\n")
    subprocess.run([*COMPILER, source, "-o", program], check=True)
    sizes = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
    return [{"what": what, "octets": int(size)} for what, size in zip(TYPES, sizes)]


def size_of_code(what, filling, folder):
    source, compiled = folder / "host.cpp", folder / "host.o"
    source.write_text(DEVICE + HOST % filling)
    subprocess.run([*COMPILER, "-Os", "-fno-exceptions", "-fno-rtti", "-c", source, "-o", compiled], check=True)
    text = subprocess.run(["size", compiled], check=True, capture_output=True, text=True).stdout.splitlines()[1].split()[0]
    return {"what": f"code: {what}", "octets": int(text)}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = sizes_of_types(folder) + [size_of_code(what, filling, folder) for what, filling in HOSTS.items()]
    for row in rows:
        print(f"  {row['what']:48}{row['octets']:9}")
    if "--json" in sys.argv:
        pathlib.Path(sys.argv[sys.argv.index("--json") + 1]).write_text(
            json.dumps({"benchmark": "size", "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
