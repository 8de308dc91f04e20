"""The house rules, as a test. house_rules_self_test.py shows that each of them catches what it should.

    house_rules.py ROOT
"""

import pathlib
import re
import subprocess
import sys

FLOORS = ["base", "bytes", "describe", "headers", "io", "machine", "protocols", "socket", "stack", "with", "world"]
NOT_BELOW = {"machine": {"io"}, "io": {"describe", "headers"}}  # lower floors that a floor still does not know
COSTLY = {"ranges", "chrono", "memory", "functional", "iostream", "regex"}  # 0.13 to 0.2 s of a compiler's time apiece
COSTLY_BUT_NEEDED = set()  # (header, include) pairs that cannot do without
BRIDGED = re.compile(r"range/|asio|boost/asio|pcap|catch2/")  # other people's libraries: with/ only
OF_LINUX = re.compile(r"(linux|net|netinet|netpacket|arpa|sys)/|(unistd|fcntl|poll|ifaddrs)\.h$")
LONGEST_HEADER = 600  # lines
OUR_MACHINES = re.compile(r"/(?:home|work|root|Users)/\w")
LATER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")

INCLUDE = re.compile(r"^\s*#\s*include\s*[<\"]([^>\"]+)[>\"]", re.MULTILINE)
DEFINE = re.compile(r"^\s*#\s*define\s+(\w+)", re.MULTILINE)
REFUSAL = re.compile(r"^#if(?:ndef __linux__| !defined\(__linux__\))\n#\s*error \"plywire: ", re.MULTILINE)


def floor_of(name):
    return name.split("/")[1] if name.count("/") == 2 else None


def rules_of_headers(root):
    """Complaints about the public headers."""
    include = root / "include"
    texts = {path.relative_to(include).as_posix(): path.read_text() for path in sorted(include.rglob("*"))
             if path.is_file()}
    umbrella = texts.pop("plywire/plywire.hpp", "")
    graph = {}
    for name, text in texts.items():
        floor = floor_of(name)
        if floor not in FLOORS or not name.endswith(".hpp"):
            yield f"{name}: a header lies at plywire/<floor>/<name>.hpp, one folder deep"
            continue
        includes = INCLUDE.findall(text)
        graph[name] = [included for included in includes if included.startswith("plywire/")]
        for included in graph[name]:
            other = floor_of(included)
            if included not in texts:
                yield f"{name}: includes {included}, which is not there"
            elif FLOORS.index(other) > FLOORS.index(floor):
                yield f"{name}: includes {included}, a higher floor"
            elif other in NOT_BELOW.get(floor, ()):
                yield f"{name}: {floor}/ does not know {other}/, but includes {included}"
        for included in includes:
            if included in COSTLY and floor not in ("with", "world") and (name, included) not in COSTLY_BUT_NEEDED:
                yield f"{name}: includes <{included}>, which costs every user a fifth of a second"
            if BRIDGED.match(included) and floor != "with":
                yield f"{name}: includes <{included}>, which belongs into with/"
        if "#pragma once" not in text:
            yield f"{name}: has no #pragma once"
        if text.count("\n") > LONGEST_HEADER:
            yield f"{name}: is longer than {LONGEST_HEADER} lines"
        for macro in DEFINE.findall(text):
            if not macro.startswith("PLYWIRE_VERSION"):
                yield f"{name}: defines the macro {macro}"
    yield from (f"{name}: includes itself in the end: {' > '.join(cycle)}" for name, cycle in cycles(graph))
    yield from rules_of_umbrella(umbrella, texts, *linux_only(graph, texts))
    yield from rules_of_slots(texts)


def rules_of_slots(texts):
    """What tcp::defaults names stands in each of the lists of slots."""
    policies = texts.get("plywire/machine/policies.hpp", "")
    listings = {"slots_of": texts.get("plywire/machine/slots.hpp", ""),
                "connection_policies": "", "check_policies": "", "names_every_slot": ""}
    for what in list(listings)[1:]:
        if match := re.search(rf"^(?:concept {what} =|consteval bool {what}\(\)).*?^(?:}}|$)", policies, re.M | re.S):
            listings[what] = match[0]
    if not (defaults := re.search(r"^struct defaults \{.*?^\};", policies, re.MULTILINE | re.DOTALL)):
        return
    for slot in re.findall(r"^    using (\w+) =", defaults[0], re.MULTILINE):
        for what in ("slots_of", "connection_policies", "check_policies"):
            if not re.search(rf"\btypename P::{slot}\b", listings[what]):
                yield f"machine/: {what} forgets the slot {slot}"
    for constant in re.findall(r"^    static constexpr [\w:]+ (\w+) =", defaults[0], re.MULTILINE):
        if not re.search(rf"\bP::{constant}\b", listings["names_every_slot"]):
            yield f"machine/: names_every_slot forgets {constant}"
        if not re.search(rf"\bP::{constant}\b", texts.get("plywire/machine/satisfies.hpp", "")):
            yield f"machine/: satisfies.hpp does not say what {constant} gives up"


def cycles(graph):
    """One (header, path back to it) for each cycle of the include graph."""
    done, path = set(), []

    def visit(name):
        if name in path:
            yield name, path[path.index(name):] + [name]
        elif name not in done:
            path.append(name)
            for included in graph.get(name, ()):
                yield from visit(included)
            path.pop()
            done.add(name)

    for name in graph:
        yield from visit(name)


def linux_only(graph, texts):
    """The headers that include Linux's, and with them all that include those: they exist on Linux only."""
    def unconditional(text):
        depth = 0
        for line in text.splitlines():
            depth -= line.startswith("#endif")
            if depth == 0:
                yield line
            depth += line.startswith("#if")

    direct = {name for name in graph
              if any(OF_LINUX.match(included) for included in INCLUDE.findall("\n".join(unconditional(texts[name]))))}
    found = set(direct)
    while more := {name for name in graph if name not in found and found.intersection(graph[name])}:
        found |= more
    return direct, found


def rules_of_umbrella(umbrella, texts, include_linux, linux):
    depth, listed = 0, {}
    for line in umbrella.splitlines():
        depth -= line.startswith("#endif")
        if match := INCLUDE.match(line):
            listed[match[1]] = depth
        depth += line.startswith("#if")
    for part in (0, 1):
        names = [name for name in listed if listed[name] == part]
        if names != sorted(names):
            yield "plywire.hpp: is not in the order of the listing, floor by floor"
    for name, text in texts.items():
        if floor_of(name) == "with":
            continue
        if name not in listed:
            yield f"plywire.hpp: forgets {name}"
        elif listed[name] != (1 if name in linux else 0):
            yield f"plywire.hpp: {name} stands {'outside' if name in linux else 'inside'} the part for Linux"
        if name in include_linux and not REFUSAL.search(text):
            yield f"{name}: includes Linux's headers, but does not refuse elsewhere with `#error \"plywire: ...\"`"
    for name in listed:
        if floor_of(name) == "with":
            yield f"plywire.hpp: includes {name}, a bridge to another library"


def rules_of_tree(root):
    """Complaints about any file of ours."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
    paths = [root / name for name in listing.stdout.split("\0") if name] if listing.returncode == 0 else root.rglob("*")
    for path in sorted(paths):
        if not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # a capture, a corpus file
        for number, line in enumerate(text.splitlines(), 1):
            if OUR_MACHINES.search(line):
                yield f"{path.relative_to(root)}:{number}: names a folder of somebody's machine"
            if LATER.search(line):
                yield f"{path.relative_to(root)}:{number}: leaves something for later"


def complaints(root):
    yield from rules_of_headers(root)
    yield from rules_of_tree(root)


if __name__ == "__main__":
    found = list(complaints(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found))
    sys.exit(bool(found))
