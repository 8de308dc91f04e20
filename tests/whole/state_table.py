"""The table of the TCP machine that the tests execute is what its generator writes from the CSV, and every scenario that
was made by running the table is a trace test."""

import csv
import sys

from support.tools import arguments, run

source, _, _ = arguments()
rfc = source / "tests/rfc"
run(sys.executable, rfc / "state_table.py", "--check")

traces = (rfc / "tcp_scenarios.cpp").read_text()
with open(rfc / "state_scenarios.csv", newline="") as file:
    scenarios = dict.fromkeys(row["scenario"] for row in csv.DictReader(file))
if missing := [name for name in scenarios if f"[scenario:{name}]" not in traces]:
    sys.exit(f"no test in tests/rfc/tcp_scenarios.cpp bears the tag of {missing}")
