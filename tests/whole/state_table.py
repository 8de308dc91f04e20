"""The table of the TCP machine that the tests execute is what its generator writes from the CSV."""

import sys

from support.tools import arguments, run

source, _, _ = arguments()
run(sys.executable, source / "tests/rfc/state_table.py", "--check")
