"""The checked-in single header is what `./dev single-header` would write, and includes only what it may."""

import difflib
import re
import sys

from support.tools import arguments, run

source, _, compiler = arguments()
written = run(sys.executable, source / "cmake/single_header.py", "--print", source)
checked_in = (source / "single_include/plywire.hpp").read_text()
if written != checked_in:
    difference = difflib.unified_diff(checked_in.splitlines(), written.splitlines(), "checked in", "now", lineterm="", n=1)
    sys.exit("\n".join(list(difference)[:40]) + "\nsingle_include/plywire.hpp is not current: ./dev single-header")

include = re.compile(r'^\s*#\s*include\s*([<"][^>"]*[>"])', re.MULTILINE)
standard_or_hana = re.compile(r"<[a-z_0-9]+>|<boost/hana[/.].*>")
linux_part = re.compile(r"#if defined\(__linux__\)\n.*?\n#endif", re.DOTALL)
included = include.findall(linux_part.sub("", checked_in))
if not included:
    sys.exit("single_include/plywire.hpp includes nothing, which cannot be")
if strangers := [name for name in included if not standard_or_hana.fullmatch(name)]:
    sys.exit(f"single_include/plywire.hpp includes {strangers}")

# It stands alone: no folder of ours is searched.
run(compiler, "-std=c++23", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-fsyntax-only",
    "-include", source / "single_include/plywire.hpp", "-x", "c++", "/dev/null")
