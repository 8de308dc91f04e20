"""A connection that nobody watches runs no more instructions, and takes no more octets, than one of a machine without a
word about observers in it. That the comparison can tell is shown with an observer that counts."""

import pathlib
import re
import shutil
import sys
import tempfile

from support.tools import arguments, run, skip

HOOK = re.compile(r"^ *(?:if \(.*\) )?(?:(?:c|block_)\.)?watch\.\w+\(.*\);.*\n", re.MULTILINE)
# What else there is of observers, beside the file of that name and the slot: the member, and the way to ask for it.
OTHERS = re.compile(r"^ *(?:\[\[no_unique_address\]\] watcher<|constexpr decltype\(auto\) observer\(\)).*\n",
                    re.MULTILINE)
PROGRAM = """\
#include <plywire/machine/connection.hpp>
#include <plywire/machine/kernel_policies.hpp>
using namespace plywire;
struct counter {
    unsigned long seen = 0;
    template <class Seen>
    constexpr void sees(Seen const&, instant) { ++seen; }
};
struct large : tcp::linux_like {};
struct small : tcp::minimal<> {};
struct watched : tcp::minimal<> { using observer = counter; };
#ifdef WATCHED
using driven = watched;
#else
using driven = small;
#endif
template class tcp::connection<large>;
template <unsigned long Octets> void weighs() {} // the size is in the name
template void weighs<sizeof(tcp::connection<large>)>();
template void weighs<sizeof(tcp::connection<driven>)>();
std::size_t drive(tcp::connection<driven>& c, view<tcp::header> segment, mutable_bytes room, instant now) {
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

# Large functions stay by themselves: which of them a compiler puts into their callers depends on the least thing.
SMALL_INLINES = (["-mllvm", "-inline-threshold=30"] if "clang" in compiler else
                 ["-fno-inline-functions-called-once", "-fno-ipa-sra", "-fno-ipa-cp", "--param=max-inline-insns-single=1",
                  "--param=max-inline-insns-auto=1"])


def code(folder, include, *options):
    """How many instructions each function has: registers, and the numbers of the compiler's own symbols, may differ."""
    run(compiler, "-std=c++23", "-O2", "-DNDEBUG", *SMALL_INLINES, f"-I{include}", *options, "-c",
        folder / "program.cpp", "-o", folder / "program.o")
    found, function = {}, None
    for line in run("objdump", "-d", "--no-show-raw-insn", folder / "program.o").splitlines():
        if match := re.match(r"[0-9a-f]+ <(.+)>:", line):
            function = re.sub(r"\.\d+", "", match[1])
        elif function and re.match(r"\s+[0-9a-f]+:\s", line) and not re.search(r"\s(nop|xchg\s+%ax,%ax|data16)", line):
            found[function] = found.get(function, 0) + 1
    return found


def costs(watched, free):
    """What takes more instructions, or is there at all, for observers. Fewer are the optimizer's luck, not a cost."""
    return [f"{function}: {count} instructions, without hooks {free.get(function, 'none')}"
            for function, count in sorted(watched.items())
            if count > free.get(function, 0) and "8observerEv" not in function]  # who asks for the observer


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "program.cpp").write_text(PROGRAM)
    shutil.copytree(source / "include", folder / "include")
    removed = 0
    for header in (folder / "include/plywire/machine").glob("*.hpp"):
        if header.name in ("observer.hpp", "policies.hpp"):
            continue
        text, count = HOOK.subn("", header.read_text())
        text = OTHERS.sub("", text)
        if left := re.search(r"^.*\bwatch(er)?\b.*$", text, re.MULTILINE):
            sys.exit(f"{header.name}: a hook that is not a statement on one line cannot be taken out:\n{left[0]}")
        header.write_text(text)
        removed += count
    assert removed > 30, f"only {removed} hooks found"

    with_hooks, without = code(folder, source / "include"), code(folder, folder / "include")
    print(f"{removed} hooks, {len(with_hooks)} functions, {sum(with_hooks.values())} instructions, "
          f"without hooks {sum(without.values())}")
    assert sum(with_hooks.values()) > 1000
    if found := costs(with_hooks, without):
        sys.exit("\n".join(found))
    if not costs(code(folder, source / "include", "-DWATCHED"), without):
        sys.exit("an observer that counts seems to cost nothing either: this test cannot tell")
