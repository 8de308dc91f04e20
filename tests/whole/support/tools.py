"""What the scripts of tests/whole share."""

import pathlib
import subprocess
import sys

SKIPPED = 77


def arguments():
    """SOURCE BUILD COMPILER, as CMake gives them to every script."""
    return pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]


def run(*command, **options):
    """Runs a command to its end; if it fails, shows it and what it printed, and ends the test."""
    result = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}\nended with {result.returncode}")
    return result.stdout


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)
