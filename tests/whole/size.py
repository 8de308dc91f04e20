"""What a connection and the code of TCP weigh, for each set of policies, stays below a bound; and what is given up makes
the code smaller. bench/size.py prints the figures."""

import importlib.util
import pathlib
import shutil
import sys
import tempfile

from support.tools import arguments, skip

# Octets of a connection without its buffers where pointers have 64 bits, and of the code at -Os, no more than a tenth
# above what they were when the bound was set. lwIP's block takes 216 to 328 octets, AIpStack's 416, that of Linux over 2,000.
BOUNDS = {
    "minimal": (128, 22_000),
    "defaults": (288, 25_600),
    "linux_like": (336, 28_200),
    "freebsd_like": (288, 25_700),
}
TIME_WAITS = {"TIME-WAIT, IPv4": 48, "TIME-WAIT, IPv6": 72}

source, _, compiler = arguments()
if not shutil.which("size"):
    skip("size is not installed")
if "clang" in compiler:
    skip("the bounds are those of g++")
if sys.maxsize < 2**32:
    skip("the bounds are those of machines of 64 bits")

spec = importlib.util.spec_from_file_location("bench_size", source / "bench/size.py")
bench = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)
bench.COMPILER[0] = compiler

problems = []
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    measured = bench.connections(folder)
    types = bench.printed_sizes(folder, "#include <plywire/protocols/tcp_time_waits.hpp>\n" + bench.DEVICE,
                                [bench.TYPES[what] for what in TIME_WAITS])
assert measured.keys() == BOUNDS.keys()
for policies, (octets, code) in measured.items():
    most_octets, most_code = BOUNDS[policies]
    print(f"{policies}: {octets} octets, at most {most_octets}; code {code}, at most {most_code}")
    if octets > most_octets or code > most_code:
        problems.append(policies)
    if code < most_code // 2:
        problems.append(f"{policies}: too little code to be all of it")
for what, octets in zip(TIME_WAITS, types):
    if octets > TIME_WAITS[what]:
        problems.append(f"{what}: {octets}")
if not measured["minimal"][1] < measured["defaults"][1] < measured["linux_like"][1]:
    problems.append("less is asked for, and it is no less code")
if problems:
    sys.exit("\n".join(["over the bound, or not plausible:", *problems]))
