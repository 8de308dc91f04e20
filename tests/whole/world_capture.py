"""tshark reads the capture of a world that the example bad_path writes: its times, its interface and its directions."""

import pathlib
import shutil
import tempfile

from support.tools import arguments, run, skip

source, build, compiler = arguments()
if not shutil.which("tshark"):
    skip("tshark is not installed: see ./dev setup")

with tempfile.TemporaryDirectory() as folder:
    capture = pathlib.Path(folder, "world.pcapng")
    run(build / "bin/bad_path", capture)

    def packets(*arguments):
        lines = run("tshark", "-r", capture, "-T", "fields", *arguments).splitlines()
        return [line.split("\t") for line in lines if not line.startswith("Running as user")]

    fields = ["frame.time_epoch", "frame.interface_name", "frame.packet_flags_direction", "ip.src", "udp.length"]
    seen = packets(*(word for field in fields for word in ("-e", field)))
    assert len(seen) > 150, len(seen)
    assert seen[0] == ["1.000000000", "left", "0x00000002", "10.9.0.1", "10"], seen[0]
    for _, interface, direction, sender, _ in seen:
        assert interface == "left"
        assert (direction in ("0x00000002", "2")) == (sender == "10.9.0.1") or sender not in ("10.9.0.1", "10.9.0.2")
    times = [float(time) for time, *_ in seen]
    assert times == sorted(times)
    assert not packets("-Y", "_ws.short", "-e", "frame.number")
    print(f"tshark: {len(seen)} packets")
