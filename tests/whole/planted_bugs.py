"""Mistakes that are easy to make in a TCP machine are found by the tests: each is planted into a copy of the headers, with
which the run against the table, the scenarios, the small worlds and the claims are built; they must fail.

What is replaced must stand exactly once in the file, so a machine that has been rewritten says here that its mistakes
have to be planted anew. Which test has found what is printed."""

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.tools import arguments, run

source, build, compiler = arguments()

TABLE = "tests/rfc/tcp_table.cpp"
SCENARIOS = "tests/rfc/tcp_scenarios.cpp"
WORLDS = "tests/unit/machine/small_worlds.cpp"
HANDSHAKE, RESETS, CLOSES = (f"tests/claims/machine_{what}.cpp" for what in ("handshake", "resets", "closes"))
# what, file of include/plywire/machine, text, replacement, the tests that must find it
MISTAKES = [
    ("no mistake at all", "sequence.hpp", "constexpr bool before(", "constexpr bool before(",
     [TABLE, SCENARIOS, WORLDS, HANDSHAKE, RESETS, CLOSES]),
    ("comparison that does not go round", "sequence.hpp",
     "constexpr bool before(sequence a, sequence b) { return a - b < 0; }",
     "constexpr bool before(sequence a, sequence b) { return a.value() < b.value(); }",
     [TABLE, SCENARIOS, WORLDS, HANDSHAKE]),
    ("no challenge ACK", "answers.hpp", "if (c.challenges.get().allows(now)) c.acknowledge_now = true;",
     "(void)c, (void)now;", [TABLE, SCENARIOS, WORLDS, RESETS]),
    ("no challenge ACK for a SYN", "receive_path.hpp",
     "        return return_to_listen(c);\n    }\n    challenge(c, now);\n}",
     "        return return_to_listen(c);\n    }\n    (void)now;\n}", [TABLE, SCENARIOS]),
    ("TIME-WAIT not restarted", "receive_path.hpp",
     "start_time_wait(c, now);\n        return verdict::outside;", "return verdict::outside;",
     [TABLE, SCENARIOS, WORLDS, CLOSES]),
]


# Whether the test finds the mistake in the headers.
def finds(headers, test):
    options = ["-std=c++23", "-I", headers, "-I", source / "tests", source / test]
    if test.startswith("tests/claims/"):  # to compile is to pass
        return subprocess.run([compiler, *options, "-fsyntax-only"], stderr=subprocess.DEVNULL).returncode != 0
    program = f"{headers}_{Path(test).stem}"
    # Sampled: a sample of the cases finds them too, and takes a second.
    run(compiler, "-O1", "-DPLYWIRE_SAMPLED", *options, "-o", program, "-lCatch2Main", "-lCatch2")
    return subprocess.run([program, "--abort"], stdout=subprocess.DEVNULL, timeout=300).returncode != 0


def plant(work, number, mistake):
    what, file, text, replacement, tests = mistake
    headers = work / f"mistake_{number}"
    shutil.copytree(source / "include", headers)
    path = headers / "plywire/machine" / file
    before = path.read_text()
    if before.count(text) != 1:
        sys.exit(f"{what}: {file} has no such place, or several")
    path.write_text(before.replace(text, replacement))
    for test in tests:
        found = finds(headers, test)
        if found == (text == replacement):
            return f"{what}: {test} {'fails' if found else 'does not find it'}"
        print(f"{what}: {test} {'finds it' if found else 'passes'}", flush=True)
    return None


with tempfile.TemporaryDirectory() as folder:
    with ThreadPoolExecutor(2) as pool:
        problems = list(pool.map(lambda it: plant(Path(folder), *it), enumerate(MISTAKES)))
if problems := [problem for problem in problems if problem]:
    sys.exit("\n".join(problems))
