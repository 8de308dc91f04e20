"""Stands in for a program that a packetdrill script calls to configure the kernel: writes what it is told to the file
that the adapter reads, and changes nothing.

    stand_in.py NAME ARGUMENTS...
"""

import os
import pathlib
import sys

SETTINGS = pathlib.Path(os.environ["PLYWIRE_PACKETDRILL_SETTINGS"])
SYSCTLS = "/proc/sys/"


def tell(name, value):
    with SETTINGS.open("a") as file:
        file.write(f"{name}={value}\n")


def known(name):
    """What has been said last, or 1: most switches are on."""
    values = dict(line.split("=", 1) for line in SETTINGS.read_text().splitlines())
    return values.get(name, "1")


def name_of(path):
    return path.removeprefix(SYSCTLS).replace("/", ".")


def sysctl(arguments):
    for word in arguments:
        name, equals, value = word.partition("=")
        if equals:
            tell(name, value)
        elif not word.startswith("-"):
            print(known(word) if "-n" in arguments else f"{word} = {known(word)}")


def tc(arguments):
    """Only whether the queue of the device takes anything at all is of interest."""
    if "qdisc" in arguments and "limit" in arguments:
        tell("tc.limit", arguments[arguments.index("limit") + 1])
    elif "qdisc" in arguments:
        tell("tc.limit", "")


def set_sysctls(arguments):
    """packetdrill's set_sysctls.py: sets files below /proc/sys, and leaves a script behind that undoes it."""
    for word in arguments:
        path, _, value = word.partition("=")
        tell(name_of(path), value)
    undo = pathlib.Path(f"/tmp/sysctl_restore_{os.environ['PACKETDRILL_PID']}.sh")
    undo.write_text("#!/bin/sh\n")  # there is nothing to undo
    undo.chmod(0o755)


def the_real(name, arguments):
    path = os.environ["PLYWIRE_PACKETDRILL_PATH"]
    os.environ["PATH"] = path
    os.environ.pop("LD_PRELOAD", None)
    os.execvp(name, [name, *arguments])


def main(name, *arguments):
    if name == "sysctl":
        sysctl(arguments)
    elif name == "tc":
        tc(arguments)
    elif name == "python3" and arguments and arguments[0].endswith("set_sysctls.py"):
        set_sysctls(arguments[1:])
    elif name == "cat" and arguments and arguments[0].startswith(SYSCTLS):
        print(known(name_of(arguments[0])))
    elif name in ("python3", "cat"):
        the_real(name, arguments)
    # ip, ethtool, nstat: what they say is no business of plywire's


if __name__ == "__main__":
    main(*sys.argv[1:])
