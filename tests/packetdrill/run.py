#!/usr/bin/env python3
"""Runs packetdrill scripts against plywire, in virtual time and without privileges.

    run.py [--flags linux|freebsd] [--packetdrill PROGRAM] [--adapter FILE] [-D NAME=VALUE]... [--verbose]
           [--summary] SCRIPT_OR_FOLDER...

Prints pass or fail for every .pkt file, with packetdrill's own words for a failure, and a line of totals. Exit code 0:
all passed; 1: some failed; 77: skipped, with the reason. Scripts run as they are: what their shell commands say to
`sysctl`, `tc`, `ip`, `ethtool` and `nstat` is handed to the adapter by stand-ins on PATH, and changes nothing here.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 30  # of real time, for one script
ADDRESS = "192.168.44.2"  # the host's, see world.cpp
TCP_INFO = "tcpi_"  # how a script's Python code names what getsockopt(TCP_INFO) tells
STAND_INS = ["cat", "ethtool", "ip", "nstat", "python3", "sysctl", "tc"]


def stand_ins(folder):
    """A folder for PATH in which those names are all stand_in.py."""
    for name in STAND_INS:
        program = folder / name
        program.write_text(f"#!/bin/sh\nexec {sys.executable} {HERE}/stand_in.py {name} \"$@\"\n")
        program.chmod(0o755)
    return folder


def run(script, arguments, path):
    """(passed, what packetdrill said)"""
    with tempfile.TemporaryDirectory(prefix="plywire_packetdrill_") as folder:
        settings = pathlib.Path(folder) / "settings"
        settings.touch()
        environment = dict(os.environ, PATH=f"{path}:{os.environ['PATH']}", PLYWIRE_PACKETDRILL_SETTINGS=str(settings),
                           PLYWIRE_PACKETDRILL_PATH=os.environ["PATH"], TMPDIR=folder)
        command = ["env", f"LD_PRELOAD={arguments.adapter}", arguments.packetdrill, f"--so_filename={arguments.adapter}",
                   f"--so_flags={arguments.flags}", "--ip_version=ipv4", f"--local_ip={ADDRESS}",
                   *(word for given in arguments.define for word in ("-D", given)), script.name]
        program = subprocess.Popen(command, cwd=script.parent, env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace")
        try:
            said = program.communicate(timeout=SECONDS)[0].strip()
        except subprocess.TimeoutExpired:
            program.kill()
            program.communicate()
            return False, f"still running after {SECONDS} s"
        finally:  # see set_sysctls in stand_in.py; `env` has become packetdrill
            pathlib.Path(f"/tmp/sysctl_restore_{program.pid}.sh").unlink(missing_ok=True)
        if program.returncode < 0:
            said += f"\nended by signal {-program.returncode}"
        return program.returncode == 0, said


def print_summary(folders):
    """A table in Markdown."""
    print("| folder | scripts | passed | failed | of these on tcp_info |\n| --- | ---: | ---: | ---: | ---: |")
    for folder, counts in sorted(folders.items()):
        failed = counts["scripts"] - counts["passed"]
        print(f"| {folder} | {counts['scripts']} | {counts['passed']} | {failed} | {counts['needs tcp_info']} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scripts", nargs="+", type=pathlib.Path, metavar="SCRIPT_OR_FOLDER")
    parser.add_argument("--flags", default="linux", help="the personality: linux, freebsd or plain")
    parser.add_argument("--packetdrill", default="packetdrill", help="the program, if it is not on PATH")
    parser.add_argument("--adapter", type=pathlib.Path, default=HERE.parents[1] / "build/lib/plywire_packetdrill.so")
    parser.add_argument("-D", "--define", action="append", default=[], metavar="NAME=VALUE",
                        help="what a script leaves open")
    parser.add_argument("--summary", action="store_true", help="end with a table: folder, scripts, passed, failed; and of "
                        "those that failed, how many assert on tcp_info")
    parser.add_argument("--verbose", action="store_true", help="packetdrill's words for scripts that pass too")
    arguments = parser.parse_args()
    program = shutil.which(arguments.packetdrill)
    if program is None:
        print(f"SKIPPED: {arguments.packetdrill} is not on PATH; docs/packetdrill.md says where it comes from")
        return 77
    arguments.packetdrill = str(pathlib.Path(program).resolve())
    arguments.adapter = arguments.adapter.resolve()
    if not arguments.adapter.exists():
        sys.exit(f"{arguments.adapter} is not there: build the target plywire_packetdrill")
    scripts = [found for given in arguments.scripts
               for found in (sorted(given.rglob("*.pkt")) if given.is_dir() else [given])]
    if not scripts:
        sys.exit("no scripts there")
    passed = 0
    folders = {}
    with tempfile.TemporaryDirectory(prefix="plywire_stand_ins_") as folder:
        path = stand_ins(pathlib.Path(folder))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for script, (good, said) in zip(scripts, pool.map(lambda s: run(s.resolve(), arguments, path), scripts)):
                passed += good
                counts = folders.setdefault(script.parent, collections.Counter())
                counts["scripts"] += 1
                counts["passed"] += good
                counts["needs tcp_info"] += not good and TCP_INFO in script.read_text(errors="replace")
                print(f"{'pass' if good else 'fail'}  {script}", flush=True)
                if said and (not good or arguments.verbose):
                    print("      " + said.replace("\n", "\n      "), flush=True)
    if arguments.summary:
        print_summary(folders)
    print(f"{passed} of {len(scripts)} passed")
    return 0 if passed == len(scripts) else 1


if __name__ == "__main__":
    sys.exit(main())
