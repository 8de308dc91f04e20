"""Every program in README.md compiles without a warning, runs, and prints what the block of text behind it shows."""

import pathlib
import re
import sys
import tempfile

from support.tools import arguments, run

PROGRAM = re.compile(r"^```cpp\n(.*?)^```\n(?:\n^```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)

source, _, compiler = arguments()
programs = PROGRAM.findall((source / "README.md").read_text())
if not programs:
    sys.exit("README.md shows no program")
with tempfile.TemporaryDirectory() as folder:
    for number, (text, expected) in enumerate(programs, 1):
        file = pathlib.Path(folder, f"program_{number}.cpp")
        file.write_text(text)
        program = file.with_suffix("")
        run(compiler, "-std=c++23", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror",
            "-I", source / "include", "-I", source / "single_include", file, "-o", program)
        printed = run(program, cwd=folder)
        if printed != expected:
            sys.exit(f"program {number} of README.md printed\n{printed}\nand the README shows\n{expected}")
