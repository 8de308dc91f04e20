"""A connection that nobody watches runs the same instructions as one of a machine without a word about observers in it."""

import pathlib
import re
import shutil
import sys
import tempfile

from support.tools import arguments, run, skip

HOOK = re.compile(r"^ *(?:(?:c|block_)\.)?watch\.\w+\(.*\);.*\n", re.MULTILINE)
PROGRAM = """\
#include <plywire/machine/connection.hpp>
using namespace plywire;
template class tcp::connection<>;
std::size_t drive(tcp::connection<tcp::minimal<>>& c, view<tcp::header> segment, mutable_bytes room, instant now) {
    (void)c.open(1, 2, tcp::sequence(3), now);
    c.segment_arrives(segment, now);
    c.time_passes(now);
    (void)c.send(room, now);
    (void)c.receive(room, now);
    (void)c.close(now);
    c.detach(now);
    return c.emit(room, internet_sum(), now);
}
"""

source, _, compiler = arguments()
if not shutil.which("objdump"):
    skip("objdump is not installed")
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "program.cpp").write_text(PROGRAM)
    shutil.copytree(source / "include", folder / "include")
    removed = 0
    for header in (folder / "include/plywire/machine").glob("*.hpp"):
        text, count = HOOK.subn("", header.read_text())
        header.write_text(text)
        removed += count
    assert removed > 20, f"only {removed} hooks found"

    def code(include):
        run(compiler, "-std=c++23", "-O2", "-DNDEBUG", f"-I{include}", "-c", folder / "program.cpp", "-o", folder / "program.o")
        # How many instructions each function has: registers, and the numbers of the compiler's own symbols, may differ.
        found, function = {}, None
        for line in run("objdump", "-d", "--no-show-raw-insn", folder / "program.o").splitlines():
            if match := re.match(r"[0-9a-f]+ <(.+)>:", line):
                function = re.sub(r"\.\d+", "", match[1])
            elif function and re.match(r"\s+[0-9a-f]+:\s", line) and not re.search(r"\s(nop|xchg\s+%ax,%ax|data16)", line):
                found[function] = found.get(function, 0) + 1
        return found

    with_hooks, without = code(source / "include"), code(folder / "include")
    print(f"{removed} hooks, {len(with_hooks)} functions, {sum(with_hooks.values())} instructions")
    assert sum(with_hooks.values()) > 1000
    for function in with_hooks | without:
        if with_hooks.get(function) != without.get(function):
            sys.exit(f"{function}: {with_hooks.get(function)} instructions, without hooks {without.get(function)}")
