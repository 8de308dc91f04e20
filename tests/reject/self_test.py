"""Shows that the harness for rejected programs fails where it should.    self_test.py COMPILER [FLAG...]"""

import os
import sys
import tempfile

from reject import complaint

MISTAKE = """
#ifdef MISTAKE
static_assert(sizeof(int) == 0, "plywire: %s");
#endif
"""

CASES = {  # what it shows: (source, the beginning of the expected complaint)
    "an honest test passes": ("// expect: plywire: no\n" + MISTAKE % "no", None),
    "a misspelt include": ("// expect: plywire: no\n#include <plywire/basee.hpp>\n" + MISTAKE % "no", "without the mistake"),
    "a misspelt include in the mistake": ("// expect: plywire: no\n#ifdef MISTAKE\n#include <no.hpp> // plywire: no\n#endif\n",
                                          "with the mistake no error"),
    "a mistake that compiles": ("// expect: plywire: no\n", "with the mistake it compiles"),
    "other words": ("// expect: plywire: no\n" + MISTAKE % "yes", "with the mistake no error"),
    "words that only stand in the echoed source": ("// expect: plywire: no\n#ifdef MISTAKE\nint x = nothing; // plywire: no\n#endif\n",
                                                   "with the mistake no error"),
    "no words": ("\n" + MISTAKE % "no", "the first line"),
}

with tempfile.TemporaryDirectory() as folder:
    source = os.path.join(folder, "case.cpp")
    for name, (text, expected) in CASES.items():
        with open(source, "w") as file:
            file.write(text)
        answer = complaint(source, sys.argv[1:])
        if (answer is None) != (expected is None) or (expected and not answer.startswith(expected)):
            sys.exit(f"{name}: expected {expected!r}, but the harness said {answer!r}")
