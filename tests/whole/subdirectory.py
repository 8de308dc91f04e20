"""A project that takes plywire by add_subdirectory gets the library, and none of our tests, examples and benchmarks."""

import pathlib
import tempfile

from support.tools import arguments, run

source, _, compiler = arguments()
with tempfile.TemporaryDirectory() as folder:
    run("cmake", "-G", "Ninja", "-S", source / "tests/whole/consumer", "-B", folder, f"-DPLYWIRE_SOURCE={source}",
        f"-DCMAKE_CXX_COMPILER={compiler}")
    run("cmake", "--build", folder)
    run(pathlib.Path(folder, "consumer"))
    ours = [line for line in run("ninja", "-C", folder, "-t", "targets", "all").splitlines() if ".cpp.o:" in line]
    assert len(ours) == 1 and "main.cpp" in ours[0], ours
