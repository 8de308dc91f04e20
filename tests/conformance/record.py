"""Runs a test script and keeps what it says it has proved.

    record.py REPORT SCRIPT ARGUMENT...

The script prints a line `proves: ID words` for each requirement that it has shown. They are kept in REPORT only if it
exits with 0; else there is no REPORT. The exit code is the script's.
"""

import pathlib
import subprocess
import sys

report = pathlib.Path(sys.argv[1])
report.unlink(missing_ok=True)
proofs = []
command = [sys.executable, "-u", *sys.argv[2:]]
with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as script:
    for line in script.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        if line.startswith("proves: "):
            proofs.append(line)
if script.returncode == 0:
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("".join(proofs))
sys.exit(script.returncode)
