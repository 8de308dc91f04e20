"""Shows that every house rule catches what it forbids, in a small tree made for the purpose."""

import pathlib
import sys
import tempfile

from house_rules import complaints

TREE = {  # a tree without a fault
    "include/plywire/base/low.hpp": "#pragma once\n#include <array>\n",
    "include/plywire/bytes/middle.hpp": "#pragma once\n#include <plywire/base/low.hpp>\n",
    "include/plywire/io/other.hpp": "#pragma once\n#include <plywire/bytes/middle.hpp>\n",
    "include/plywire/io/tun.hpp": '#pragma once\n#ifndef __linux__\n#error "plywire: Linux"\n#endif\n#include <linux/if_tun.h>\n',
    "include/plywire/machine/tcp.hpp": "#pragma once\n#include <plywire/bytes/middle.hpp>\n",
    "include/plywire/machine/policies.hpp": "#pragma once\nstruct defaults {\n    using push = int;\n"
                                            "    static constexpr bool sack = true;\n};\n"
                                            "concept names_every_slot = requires {\n    P::sack;\n};\n\n"
                                            "concept connection_policies =\n    some<typename P::push>;\n\n"
                                            "consteval bool check_policies() {\n    some<typename P::push>;\n}\n",
    "include/plywire/machine/satisfies.hpp": "#pragma once\nbool b = !P::sack;\n",
    "include/plywire/machine/slots.hpp": "#pragma once\nusing slots_of = list<typename P::push>;\n",
    "include/plywire/with/range_v3.hpp": "#pragma once\n#include <range/v3/all.hpp>\n#include <functional>\n",
    "include/plywire/plywire.hpp": "#pragma once\n#include <plywire/base/low.hpp>\n#include <plywire/bytes/middle.hpp>\n"
                                   "#include <plywire/io/other.hpp>\n#include <plywire/machine/policies.hpp>\n"
                                   "#include <plywire/machine/satisfies.hpp>\n#include <plywire/machine/slots.hpp>\n"
                                   "#include <plywire/machine/tcp.hpp>\n"
                                   "#if defined(__linux__)\n#include <plywire/io/tun.hpp>\n#endif\n",
}


def appended(name, text):
    return {f"include/plywire/{name}": TREE[f"include/plywire/{name}"] + text}


UMBRELLA = TREE["include/plywire/plywire.hpp"]
POLICIES = "include/plywire/machine/policies.hpp"
CASES = {  # expected complaint: what to change in the tree
    "a higher floor": appended("base/low.hpp", "#include <plywire/machine/tcp.hpp>\n"),
    "machine/ does not know io/": appended("machine/tcp.hpp", "#include <plywire/io/other.hpp>\n"),
    "io/ does not know headers/": {"include/plywire/headers/udp.hpp": "#pragma once\n"}
                                  | appended("io/other.hpp", "#include <plywire/headers/udp.hpp>\n"),
    "which is not there": appended("bytes/middle.hpp", "#include <plywire/base/no.hpp>\n"),
    "one folder deep": {"include/plywire/base/detail/deep.hpp": "#pragma once\n"},
    "includes itself in the end": {"include/plywire/base/a.hpp": "#pragma once\n#include <plywire/base/b.hpp>\n",
                                   "include/plywire/base/b.hpp": "#pragma once\n#include <plywire/base/a.hpp>\n"},
    "includes <chrono>": appended("machine/tcp.hpp", "#include <chrono>\n"),
    "belongs into with/": appended("machine/tcp.hpp", "  # include <boost/asio.hpp>\n"),
    "defines the macro": appended("base/low.hpp", "#define HELPFUL 1\n"),
    "is longer than": appended("base/low.hpp", "\n" * 600),
    "has no #pragma once": {"include/plywire/base/low.hpp": "// empty\n"},
    "forgets plywire/io/other.hpp": {"include/plywire/plywire.hpp": UMBRELLA.replace("#include <plywire/io/other.hpp>\n", "")},
    "io/tun.hpp stands outside": {"include/plywire/plywire.hpp": UMBRELLA.replace("#if defined(__linux__)\n", "")},
    "low.hpp stands inside": {"include/plywire/plywire.hpp": UMBRELLA.replace("#pragma once\n", "#if 1\n")},
    "a bridge to another": {"include/plywire/plywire.hpp": UMBRELLA + "#include <plywire/with/range_v3.hpp>\n"},
    "order of the listing": {"include/plywire/plywire.hpp": "#include <plywire/machine/tcp.hpp>\n" + UMBRELLA},
    "does not refuse elsewhere": {"include/plywire/io/tun.hpp": "#pragma once\n#include <linux/if_tun.h>\n"},
    "slots_of forgets the slot push": {"include/plywire/machine/slots.hpp": "#pragma once\n"},
    "connection_policies forgets the slot push": {POLICIES: TREE[POLICIES].replace("P::push", "P::pull", 1)},
    "check_policies forgets the slot push": {POLICIES: TREE[POLICIES].replace("    some<typename P::push>;\n}", "}")},
    "names_every_slot forgets sack": {POLICIES: TREE[POLICIES].replace("    P::sack;\n", "")},
    "satisfies.hpp does not say": {"include/plywire/machine/satisfies.hpp": "#pragma once\n"},
    "somebody's machine": {"examples/hello.cpp": "// see /" + "home/me/notes\n"},
    "for later": {"examples/hello.cpp": "// TO" + "DO: write it\n"},
}

failures = 0
for expected, changes in {None: {}, **CASES}.items():
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (TREE | changes).items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = list(complaints(pathlib.Path(folder)))
        if bool(found) != bool(expected) or (expected and not any(expected in complaint for complaint in found)):
            failures += 1
            print(f"expected {expected or 'no complaint'!r}, got {found}")
sys.exit(failures != 0)
