"""The units of the wire floors on other machines: big-endian (s390x, under qemu-user) and 32-bit (i686).

The tests are the same sources that the other builds compile; cross/ has a small stand-in for Catch2.
"""

import concurrent.futures
import os
import pathlib
import shutil
import tempfile

from support.tools import arguments, run, skip

MACHINES = {  # name: (compiler, what runs its programs)
    "s390x": ("s390x-linux-gnu-g++", ["qemu-s390x"]),
    "i686": ("i686-linux-gnu-g++", [] if os.uname().machine == "x86_64" else ["qemu-i386"]),
}
FLOORS = ["base", "bytes", "describe", "headers"]
FLAGS = ["-std=c++23", "-O1", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-DPLYWIRE_SAMPLED"]

source, _, compiler = arguments()
if "clang" in compiler:
    skip("the cross compilers are g++, and the g++ build has run them")
cross = source / "tests/whole/cross"
include = [f"-I{source / 'include'}", f"-I{cross}", f"-I{source / 'tests'}"]
sources = [cross / "main.cpp", *(path for floor in FLOORS for path in sorted((source / "tests/unit" / floor).glob("*.cpp")))]

missing = [tool for cross_compiler, runner in MACHINES.values() for tool in (cross_compiler, *runner) if not shutil.which(tool)]
if missing:
    skip(f"{', '.join(missing)} not installed")

with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    # Boost's headers are the host's, in a folder of their own: the rest of /usr/include is not for other machines.
    os.symlink("/usr/include/boost", f"{folder}/boost")

    def compile_one(machine, path):
        compiled = pathlib.Path(folder, f"{machine}_{path.parent.name}_{path.stem}.o")
        run(MACHINES[machine][0], *FLAGS, *include, "-isystem", folder, "-c", path, "-o", compiled)
        return compiled

    work = {machine: [pool.submit(compile_one, machine, path) for path in sources] for machine in MACHINES}
    for machine, (cross_compiler, runner) in MACHINES.items():
        program = pathlib.Path(folder, machine)
        run(cross_compiler, "-static", *(compiled.result() for compiled in work[machine]), "-o", program)
        print(f"{machine}: {run(*runner, program)}", end="")
