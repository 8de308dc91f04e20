"""tshark reads the capture that the handshake example writes, and has nothing to complain of."""

import pathlib
import shutil
import tempfile

from support.tools import arguments, run, skip

source, build, compiler = arguments()
if not shutil.which("tshark"):
    skip("tshark is not installed: see ./dev setup")

with tempfile.TemporaryDirectory() as folder:
    capture = pathlib.Path(folder, "handshake.pcap")
    run(build / "bin/handshake", capture)

    def lines_of(*command):
        return [line for line in run(*command).splitlines() if not line.startswith("Running as user")]

    checked = ["tshark", "-r", capture, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
               "-o", "tcp.relative_sequence_numbers:FALSE"]

    complaints = lines_of(*checked, "-Y", "_ws.malformed || _ws.short || tcp.analysis.flags || "
                          "_ws.expert.severity >= 0x600000 || ip.checksum.status != 1 || tcp.checksum.status != 1")
    assert not complaints, complaints

    fields = lines_of(*checked, "-T", "fields", "-e", "tcp.flags.str", "-e", "tcp.seq", "-e", "tcp.ack")
    segments = [line.replace("·", "").split() for line in fields]
    assert segments[:3] == [["S", "836", "0"], ["AS", "486", "837"], ["A", "837", "487"]], segments
    assert [flags for flags, _, _ in segments[-4:]] == ["AF", "A", "AF", "A"], segments
    assert len(segments) == 9, segments
    print(f"tshark: {len(segments)} packets, no complaint")
