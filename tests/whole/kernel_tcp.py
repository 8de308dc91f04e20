"""plywire's TCP against the Linux kernel's, over TUN: bulk, short connections, and all ways to end, from both sides.

    kernel_tcp.py SOURCE BUILD COMPILER [TEXT]

The kernel's timestamps, SACK and window scaling are each on and off; the eight combinations have a network namespace
of their own, made here and removed at the end. In it kernel_peer/scenarios.py plays the scenarios, with the kernel's
sockets on one side and kernel_peer/main.cpp on the other. Two more lose 1 % of the packets both ways. Data must
be equal (SHA-256), no reset may come that the scenario does not explain, and of the kernel's counters for errors none
may move but by what the scenario says, exactly.
TEXT: only scenarios with this in their name. Exit code 77: skipped, with the reason.
"""

import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import signal
import sys

from support.namespaces import Failed, Namespace, reason_to_skip
from support.tools import SKIPPED, arguments

MOST_SECONDS = 80            # for one combination
SHORT_CONNECTIONS = 10_000   # where all is on, and where all is off
SHORT_CONNECTIONS_ELSE = 400


def prepare(namespace, timestamps, sack, scaling):
    """Sets the kernel up; answers the congestion control that it uses."""
    for name, value in (("tcp_timestamps", timestamps), ("tcp_sack", sack), ("tcp_window_scaling", scaling),
                        ("tcp_max_tw_buckets", 1 << 17), ("ip_local_port_range", "10000 60999")):
        namespace.check("sh", "-c", f"echo {value} >/proc/sys/net/ipv4/{name}")
    # A FIN that the kernel repeats too early, since plywire's process had to wait for a processor, is answered from
    # TIME-WAIT, and that answer by a RST when the kernel has forgotten the connection: no fault of either.
    for name, value in (("tcp_early_retrans", 0), ("tcp_rto_min_us", 1_000_000)):
        namespace.run("sh", "-c", f"echo {value} >/proc/sys/net/ipv4/{name}")  # kernels before 6.11 have but the first
    # What is the same everywhere; the machine's own choice may depend on measured rates.
    for name in ("cubic", "reno"):
        if namespace.run("sh", "-c", f"echo {name} >/proc/sys/net/ipv4/tcp_congestion_control").returncode == 0:
            break
    namespace.interface("tun", "ply0", 0)
    return namespace.check("cat", "/proc/sys/net/ipv4/tcp_congestion_control").strip()


def play(program, timestamps, sack, scaling, many, lost_percent, wanted):
    """Plays the scenarios in a namespace of their own; answers what there is to say, and by how much the kernel's
    counters have moved."""
    with contextlib.closing(Namespace(f"plywire-{os.getpid()}-{timestamps}{sack}{scaling}{lost_percent}")) as namespace:
        control = prepare(namespace, timestamps, sack, scaling)
        title = (f"timestamps {timestamps}, SACK {sack}, window scaling {scaling}, {control}"
                 + (f", {lost_percent} % lost both ways" if lost_percent else ""))
        inside = pathlib.Path(__file__).resolve().parent / "kernel_peer" / "scenarios.py"
        done = namespace.run(sys.executable, inside, program, timestamps, sack, scaling, many, lost_percent, wanted,
                             seconds=MOST_SECONDS)
        *lines, last = done.stdout.splitlines() or [""]
        if done.returncode != 0:
            raise Failed("\n".join([title, *lines, last, done.stderr]))
        return "\n".join([title, *lines]), json.loads(last)


def main():
    if reason := reason_to_skip():
        print(f"SKIPPED: {reason}")
        return SKIPPED
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the namespaces are removed
    _, build, _ = arguments()
    wanted = sys.argv[4] if len(sys.argv) > 4 else ""
    combinations = [(*options, SHORT_CONNECTIONS if len(set(options)) == 1 else SHORT_CONNECTIONS_ELSE, 0)
                    for options in itertools.product((1, 0), repeat=3)]
    bad_weather = [(1, 1, 1, 160, 1), (0, 0, 0, 160, 1)]
    table = {}
    # Four at a time: they wait more than they work.
    with concurrent.futures.ThreadPoolExecutor(4) as together:
        plays = [together.submit(play, build / "bin" / "kernel_tcp_peer", *combination, wanted)
                 for combination in bad_weather + combinations]
        try:
            for played in plays:
                text, counted = played.result()
                print(text, flush=True)
                for name, value in counted["moved"].items():
                    table.setdefault(name, []).append(value)
        except Failed as failure:
            together.shutdown(cancel_futures=True)
            print(f"FAILED {failure}")
            return 1
        except BaseException:  # stopped: what has not begun does not begin
            together.shutdown(wait=False, cancel_futures=True)
            raise
    print("what the kernel has counted, as the scenarios explain it, in the order of the combinations:")
    for name, values in table.items():
        print(f"    {name:30}" + "".join(f"{value:5}" for value in values))
    if not wanted:
        print("proves: 9293-SHLD-3 close with unread data, and data after close, reset the kernel's connection\n"
              "proves: 9293-MUST-10 the kernel and plywire open at once\n"
              "proves: 9293-SEG-SYNSENT-6 the kernel and plywire open at once\n"
              "proves: 9293-SEG-FINWAIT1-3 the kernel and plywire close at once\n"
              "proves: 9293-SEG-FINWAIT1-4 data follows plywire's half-close\n"
              "proves: 9293-SEND-ESTAB-1 data follows the kernel's half-close")
    return 0


if __name__ == "__main__":
    sys.exit(main())
