"""What plywire costs a user's compiler: CPU seconds, the median of five, with g++ -O2.

    compile.py [--json FILE]

The reference beside each is a file that includes the same standard and system headers and does nothing.
"""

import json
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "cmake"))
from single_header import paste  # noqa: E402

ROUNDS = 5
COMPILER = ["g++", "-std=c++23", "-O2", f"-I{ROOT / 'include'}", "-c", "-o", "/dev/null", "-x", "c++"]

ONE_HEADER = """\
#include <plywire/describe/parse.hpp>
#include <plywire/headers/udp.hpp>
unsigned port(plywire::bytes_view octets) {
    auto const datagram = plywire::parse<plywire::udp::header>(octets);
    return datagram ? (*datagram)[plywire::udp::destination_port] : 0u;
}
"""
EVERYTHING = "#include <plywire/plywire.hpp>\n"


def cpu_seconds(source):
    """Of one compilation of a source file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*COMPILER, source], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def reference_for(sources):
    """A text that includes what the sources include in the end, but for plywire and Boost."""
    foreign, seen, waiting = set(), set(), list(sources)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for opening, name in re.findall(r"^\s*#\s*include\s*([<\"])([^>\"]+)", path.read_text(), re.MULTILINE):
            if opening == '"':
                waiting.append((path.parent / name).resolve())
            elif name.startswith("plywire/"):
                foreign.update(paste(ROOT / "include", [name], set())[1])
            else:
                foreign.add(name)
    return "".join(f"#include <{name}>\n" for name in sorted(foreign) if not name.startswith("boost/"))


def cost(what, sources, folder):
    reference = folder / "reference.cpp"
    reference.write_text(reference_for(sources))
    with_plywire, without = [], []
    for _ in range(ROUNDS):  # taking turns: a disturbance hits both
        with_plywire.append(sum(cpu_seconds(source) for source in sources))
        without.append(len(sources) * cpu_seconds(reference))
    return {"what": what, "CPU s": round(statistics.median(with_plywire), 2),
            "standard headers alone": round(statistics.median(without), 2)}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "one_header.cpp").write_text(ONE_HEADER)
        (folder / "everything.cpp").write_text(EVERYTHING)
        rows = [cost("include one header, parse it", [folder / "one_header.cpp"], folder),
                cost("include plywire.hpp", [folder / "everything.cpp"], folder)]
        if server := sorted((ROOT / "examples").glob("*http_server.cpp")) or sorted((ROOT / "examples").glob("*http_server/*.cpp")):
            rows.append(cost("examples: the whole http_server", server, folder))
    print(f"  {'':34}{'CPU s':>8}{'standard headers alone':>26}")
    for row in rows:
        print(f"  {row['what']:34}{row['CPU s']:8.2f}{row['standard headers alone']:26.2f}")
    if "--json" in sys.argv:
        pathlib.Path(sys.argv[sys.argv.index("--json") + 1]).write_text(
            json.dumps({"benchmark": "compile", "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
