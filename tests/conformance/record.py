"""Runs a test script and keeps what it says it has proved.

    record.py REPORT SCRIPT ARGUMENT...

The script prints a line `proves: ID words` for each requirement that it has shown. They are kept in REPORT if it exits
with 0. A script that fails, or is stopped, leaves an empty REPORT; one that is skipped (77), none. The exit code is the
script's.
"""

import pathlib
import signal
import subprocess
import sys

SKIPPED = 77
report = pathlib.Path(sys.argv[1])
report.parent.mkdir(parents=True, exist_ok=True)
report.write_text("")
proofs = []
command = [sys.executable, "-u", *sys.argv[2:]]
with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as script:
    signal.signal(signal.SIGTERM, lambda *_: script.terminate())  # and then wait for what it still says
    for line in script.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        if line.startswith("proves: "):
            proofs.append(line)
if script.returncode == 0:
    report.write_text("".join(proofs))
elif script.returncode == SKIPPED:
    report.unlink()
sys.exit(script.returncode)
