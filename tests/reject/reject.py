"""Proves that a mistake does not compile, and that the compiler says why in our words.

    reject.py SOURCE COMPILER [FLAG...]

The first line of SOURCE is `// expect: WORDS`. SOURCE is compiled twice: as it stands it must compile; with -DMISTAKE the
compiler must fail, and WORDS must stand in the text of an error or a note (not in a line of source that it echoes).
"""

import os
import re
import subprocess
import sys

DIAGNOSTIC = re.compile(r"^\S+:\d+:(?:\d+:)? (?:error|note): (.*)$", re.MULTILINE)


def compile_source(source, command):
    environment = dict(os.environ, LC_ALL="C")
    return subprocess.run([*command, "-fsyntax-only", "-fdiagnostics-color=never", "-fmessage-length=0", source],
                          env=environment, capture_output=True, text=True)


def complaint(source, command):
    """What is wrong with the test in SOURCE, or None."""
    with open(source) as file:
        first_line = file.readline()
    if not (expected := re.fullmatch(r"// expect: (.+)\n", first_line)):
        return "the first line must be `// expect: WORDS`"
    words = expected[1].strip()
    without = compile_source(source, command)
    if without.returncode != 0:
        return f"without the mistake it must compile, but:\n{without.stderr}"
    mistaken = compile_source(source, [*command, "-DMISTAKE"])
    if mistaken.returncode == 0:
        return "with the mistake it compiles"
    if not any(words in text for text in DIAGNOSTIC.findall(mistaken.stderr)):
        return f"with the mistake no error or note says `{words}`:\n{mistaken.stderr}"
    return None


if __name__ == "__main__":
    if answer := complaint(sys.argv[1], sys.argv[2:]):
        sys.exit(f"{sys.argv[1]}: {answer}")
