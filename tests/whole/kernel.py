"""plywire's programs against the Linux kernel's own network stack, over TUN and over TAP.

    kernel.py SOURCE BUILD COMPILER

Everything happens in network namespaces made here and removed at the end; addresses are 10.9.x.y and exist nowhere else.
Exit code 77: skipped, with the reason.
"""

import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from support.namespaces import Failed, Namespace, expect, reason_to_skip

ADDRESS = "10.9.0.2"  # plywire's; the kernel has .1


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


class Checks:
    """What is tried over one medium. Every method whose name begins with check_ is a step."""

    def __init__(self, namespace, medium, programs, scratch):
        self.namespace, self.medium, self.programs, self.scratch = namespace, medium, programs, scratch
        self.site = scratch / "site"
        self.url = f"http://{ADDRESS}"

    def curl(self, *arguments, seconds=20):
        return self.namespace.check("curl", "--silent", "--show-error", "--max-time", seconds, *arguments,
                                    seconds=seconds + 5)

    def status(self, *arguments):
        return self.curl("--output", "/dev/null", "--write-out", "%{http_code}", *arguments)

    def start_server(self):
        log = self.scratch / "http_server.log"
        self.server = self.namespace.start(log, self.programs / "http_server", f"--{self.medium}", "ply0", "--address",
                                           f"{ADDRESS}/24", "--root", self.site)
        there = lambda: self.namespace.run("ip", "link", "show", "ply0").returncode == 0
        self.namespace.wait_until("http_server makes its interface", there, self.server)
        said = lambda: "ip link set ply0 up" in log.read_text()
        self.namespace.wait_until("http_server says what to do", said, self.server)
        commands = re.findall(r"^\s+(ip .*)$", log.read_text(), re.MULTILINE)
        expect(len(commands) == 2, f"http_server names two ip commands, not {commands}")
        for command in commands:  # as it says, word for word
            self.namespace.check(*command.split())

    def check_ping(self):
        """the kernel's ping is answered"""
        out = self.namespace.check("ping", "-c", 5, "-i", 0.1, "-W", 2, ADDRESS)
        expect(" 0% packet loss" in out, out)
        return re.search(r"rtt .*", out)[0]

    def check_ping_of_1400_octets(self):
        """a ping of 1400 octets comes back whole"""
        out = self.namespace.check("ping", "-c", 3, "-i", 0.1, "-W", 2, "-s", 1400, "-p", "5a", ADDRESS)
        expect(" 0% packet loss" in out and "1408 bytes from" in out and "wrong data" not in out, out)

    def check_ping_flood(self):
        """2000 pings as fast as they are answered"""
        out = self.namespace.check("ping", "-f", "-q", "-c", 2000, "-w", 15, ADDRESS)
        expect(" 0% packet loss" in out, out)
        return re.search(r"time (\d+)ms", out)[0]

    def check_small_file(self):
        """a small file"""
        expect(self.curl(f"{self.url}/hello.txt") == "hello, world\n", "the file's content")
        expect("\nhello.txt\n" in "\n" + self.curl(f"{self.url}/"), "a listing")

    def check_head(self):
        """HEAD says the length and sends nothing"""
        head = self.curl("--head", f"{self.url}/hello.txt")
        expect("HTTP/1.1 200 OK" in head and "Content-Length: 13" in head, head)

    def check_ranges(self):
        """parts of a file"""
        file = f"{self.url}/hello.txt"
        expect(self.curl("--range", "7-11", file) == "world", "bytes 7-11")
        expect(self.curl("--range", "-3", file) == "ld\n", "the last three")
        expect(self.status("--range", "0-0", file) == "206", "206 for a part")
        expect(self.status("--range", "13-", file) == "416", "416 for what is not there")

    def check_refusals(self):
        """404, 405 and 400"""
        expect(self.status(f"{self.url}/nothing") == "404", "404 for a file that is not there")
        expect(self.status("--data", "x=1", f"{self.url}/hello.txt") == "405", "405 for POST")
        expect(self.status("--path-as-is", f"{self.url}/../../etc/passwd") == "400", "400 for climbing")
        expect(self.status("--path-as-is", f"{self.url}/%2e%2e/etc/passwd") == "400", "400 for climbing in disguise")

    def check_nonsense(self):
        """nonsense is answered with 400 and the end of the connection"""
        out = self.namespace.check(sys.executable, "-c", f"""
import socket
s = socket.create_connection(("{ADDRESS}", 80), 5)
s.settimeout(5)
s.sendall(b"\\x16\\x03\\x01 nonsense\\r\\n\\r\\n" + b"more" * 1000)
answer = b""
while piece := s.recv(65536):
    answer += piece
print(answer.split(b"\\r\\n")[0].decode())
""")
        expect(out == "HTTP/1.1 400 Bad Request\n", out)

    def check_keep_alive(self):
        """three files over one connection; a connection each with Connection: close"""
        urls = [f"{self.url}/hello.txt"] * 3
        outputs = ["--output", "/dev/null"] * 3
        write = ["--write-out", "%{num_connects} "]
        expect(self.curl(*outputs, *write, *urls) == "1 0 0 ", "keep-alive")
        expect(self.curl(*outputs, *write, "--header", "Connection: close", *urls) == "1 1 1 ", "close")

    def check_pipelining(self):
        """three requests in one segment, three answers in order"""
        out = self.namespace.check(sys.executable, "-c", f"""
import re, socket
s = socket.create_connection(("{ADDRESS}", 80), 5)
s.settimeout(5)
one = b"GET /%s HTTP/1.1\\r\\nHost: x\\r\\n%s\\r\\n"
s.sendall(one % (b"hello.txt", b"") + one % (b"nothing", b"") + one % (b"hello.txt", b"Connection: close\\r\\n"))
answer = b""
while piece := s.recv(65536):
    answer += piece
print(*[status.decode() for status in re.findall(rb"HTTP/1.1 (\\d+)", answer)])
""")
        expect(out == "200 404 200\n", out)

    def check_100_mebibytes(self):
        """100 MiB arrive with equal SHA-256"""
        out = self.scratch / "large.out"
        speed = self.curl("--output", out, "--write-out", "%{speed_download}", f"{self.url}/large", seconds=90)
        expect(sha256_of(out) == sha256_of(self.site / "large"), "the SHA-256 differs")
        out.unlink()
        return f"{float(speed) / 1e6:.0f} MB/s"

    def check_50_connections(self):
        """50 connections at once, 1 MiB each"""
        folder = self.scratch / "parallel"
        folder.mkdir()
        arguments = []
        for n in range(50):
            first = n << 20
            arguments += ["--next"] if n else []
            arguments += ["--silent", "--show-error", "--max-time", 60, "--fail", "--range",
                          f"{first}-{first + (1 << 20) - 1}", "--output", folder / str(n), "--write-out",
                          "%{num_connects} ", f"{self.url}/large"]
        begin = time.monotonic()
        out = self.namespace.check("curl", "--parallel", "--parallel-immediate", "--parallel-max", 50, *arguments,
                                   seconds=70)
        took = time.monotonic() - begin
        expect(out.split().count("1") == 50, f"50 connections, not {out}")
        with open(self.site / "large", "rb") as file:
            for n in range(50):
                expect((folder / str(n)).read_bytes() == file.read(1 << 20), f"part {n} differs")
        shutil.rmtree(folder)
        return f"{took:.2f} s"

    def check_rough_clients(self):
        """100 downloads torn off by resets, 300 idle connections, a reader that stalls, a tiny window"""
        out = self.namespace.check(sys.executable, "-c", f"""
import socket, struct, time

def get(path, fields="", window=None):
    s = socket.socket()
    if window:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    s.settimeout(20)
    s.connect(("{ADDRESS}", 80))
    s.sendall(f"GET {{path}} HTTP/1.1\\r\\nHost: x\\r\\n{{fields}}\\r\\n".encode())
    return s

def body_octets(s, at_once=1 << 20):
    answer = b""
    while piece := s.recv(at_once):
        answer += piece
    return len(answer) - answer.index(b"\\r\\n\\r\\n") - 4

for n in range(100):
    s = get("/large")
    s.recv(1 + n * 1000)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
idle = [socket.create_connection(("{ADDRESS}", 80), 5) for n in range(300)]
megabytes = "Range: bytes=0-7999999\\r\\nConnection: close\\r\\n"
assert body_octets(get("/hello.txt", "Connection: close\\r\\n")) == 13
stalled = get("/large", megabytes)
time.sleep(2)  # its window is closed meanwhile, and must be probed
assert body_octets(stalled) == 8000000
assert body_octets(get("/large", megabytes.replace("7999999", "99999"), 4096), 500) == 100000
half_closed = get("/large", megabytes.replace("Connection: close\\r\\n", ""))
half_closed.shutdown(socket.SHUT_WR)
assert body_octets(half_closed) == 8000000
print("all")
""")
        expect(out == "all\n", out)

    def check_closed_port(self):
        """a port where nobody listens refuses at once"""
        done = self.namespace.run("curl", "--silent", "--max-time", 5, f"http://{ADDRESS}:81/")
        expect(done.returncode == 7, f"curl's exit status is {done.returncode}, not 7 (connection refused)")

    def check_udp_echo(self):
        """udp_echo returns 200 datagrams of all lengths; another port is answered by ICMP"""
        self.namespace.interface(self.medium, "ply1", 1)
        program = self.namespace.start(self.scratch / "udp_echo.log", self.programs / "udp_echo", f"--{self.medium}",
                                       "ply1", "--address", "10.9.1.2/24", "--port", 7)
        out = self.namespace.check(sys.executable, "-c", """
import os, socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("10.9.1.2", 7))
s.settimeout(0.2)
for attempt in range(50):  # until the program is there
    try:
        s.send(b"?")
        s.recv(10)
        break
    except OSError:
        time.sleep(0.1)
s.settimeout(2)
time.sleep(0.1)
s.setblocking(False)
try:
    while True: s.recv(10)
except OSError:
    s.settimeout(2)
for n in range(200):
    sent = os.urandom((0, 1, 2, 3, 100, 511, 1471, 1472)[n % 8])
    s.send(sent)
    got = s.recv(65536)
    assert got == sent, (n, len(got), len(sent))
print("all")
""")
        expect(out == "all\n", out)
        out = self.namespace.check(sys.executable, "-c", """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect(("10.9.1.2", 9))
s.send(b"x")
try:
    s.recv(1)
except ConnectionRefusedError:
    print("refused")
""")
        expect(out == "refused\n", f"a port where nobody listens: {out}")
        self.stop(program)

    def check_ping_of_ours(self):
        """plywire's ping is answered by the kernel"""
        self.namespace.interface(self.medium, "ply2", 2)
        out = self.namespace.check(self.programs / "ping", f"--{self.medium}", "ply2", "--address", "10.9.2.2/24",
                                   "--count", 20, "--interval", 100, "10.9.2.1")
        # The kernel takes a moment to notice that somebody attached, and drops what it sends until then; over TAP that
        # may be its answer to the first ARP request.
        answered = re.search(r"^20 sent, (\d+) answered$", out, re.MULTILINE)
        expect(answered and int(answered[1]) >= 10, out)
        return f"{answered[1]} of 20"

    def check_fetch(self):
        """100 MiB from a web server of the kernel's arrive with equal SHA-256"""
        self.namespace.interface(self.medium, "ply3", 3)
        server = self.namespace.start(self.scratch / "server.log", sys.executable, "-m", "http.server", "--directory",
                                      self.site, "--bind", "10.9.3.1", 8000)
        listening = lambda: ":8000" in self.namespace.run("ss", "-Hltn").stdout
        self.namespace.wait_until("the kernel's web server listens", listening, server)
        out = self.scratch / "fetched"
        begin = time.monotonic()
        self.namespace.check("sh", "-c", '"$@" >"$0"', out, self.programs / "fetch", f"--{self.medium}", "ply3",
                             "--address", "10.9.3.2/24", "http://10.9.3.1:8000/large", seconds=90)
        took = time.monotonic() - begin
        expect(sha256_of(out) == sha256_of(self.site / "large"), "the SHA-256 differs")
        done = self.namespace.run(self.programs / "fetch", f"--{self.medium}", "ply3", "--address", "10.9.3.2/24",
                                  "http://10.9.3.1:8001/")
        expect("connection refused" in done.stderr, f"a port where nobody listens: {done.stderr}")
        server.kill()
        for broken in (b"HTTP/1.", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.0 200 OK\r\ncontent-length: 100\r\n\r\nshort"):
            self.fetch_is_told(broken)
        out.unlink()
        return f"{(self.site / 'large').stat().st_size / took / 1e6:.0f} MB/s"

    def fetch_is_told(self, broken):
        """What ends before it is whole is no success, and no crash."""
        answer = ("import socket, sys\n"
                  "listener = socket.create_server(('10.9.3.1', 8002))\n"
                  "print('listens', flush=True)\n"
                  "client, _ = listener.accept()\n"
                  "client.recv(1000)\n"
                  f"client.sendall({broken!r})\n"
                  "client.close()\n")
        log = self.scratch / "broken_server.log"
        server = self.namespace.start(log, sys.executable, "-c", answer)
        self.namespace.wait_until("a server of broken answers listens", lambda: "listens" in log.read_text(), server)
        done = self.namespace.run(self.programs / "fetch", f"--{self.medium}", "ply3", "--address", "10.9.3.2/24",
                                  "http://10.9.3.1:8002/")
        expect(done.returncode == 1, f"the answer {broken!r}: status {done.returncode}")
        server.wait(5)

    def check_command_lines(self):
        """misspelt options and addresses that no host can have are refused"""
        for words in (("--prot", "8080"), ("--port",), ("--port", "0"), ("unexpected",)):
            done = self.namespace.run(self.programs / "http_server", f"--{self.medium}", "ply5", "--address",
                                      "10.9.5.2/24", *words)
            expect(done.returncode == 1 and "usage" in done.stderr, f"{words}: {done.stderr}")
        for address in ("10.9.5.3/31", "10.9.5.2/32", "10.9.5.255/24", "10.9.5.0/24", "224.0.0.1/24", "127.0.0.1/8"):
            done = self.namespace.run(self.programs / "http_server", f"--{self.medium}", "ply5", "--address", address)
            expect(done.returncode == 1 and "--address must" in done.stderr, f"{address}: {done.stderr}")

    def check_end(self):
        """SIGTERM ends the server in good order"""
        self.stop(self.server)

    def stop(self, program):
        program.send_signal(signal.SIGTERM)
        try:
            status = program.wait(5)
        except subprocess.TimeoutExpired:
            raise Failed("the program does not end on SIGTERM")
        expect(status == 0, f"the program ended with status {status}")

    def run(self):
        self.start_server()
        for name, check in vars(Checks).items():
            if name.startswith("check_"):
                begin = time.monotonic()
                try:
                    figure = check(self)
                except Failed as failure:
                    raise Failed(f"{self.medium}: {check.__doc__}: {failure}")
                took = f"{time.monotonic() - begin:.2f} s"
                print(f"{self.medium}: {check.__doc__}: passed in {took}" + (f" ({figure})" if figure else ""), flush=True)


def make_site(folder):
    folder.mkdir()
    (folder / "hello.txt").write_text("hello, world\n")
    with open(folder / "large", "wb") as file:
        for _ in range(100):
            file.write(os.urandom(1 << 20))


def main():
    if reason := reason_to_skip("curl", "ping"):
        print(f"SKIPPED: {reason}")
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what is below is cleaned up
    programs = pathlib.Path(sys.argv[2]) / "bin"
    with tempfile.TemporaryDirectory() as scratch:
        make_site(pathlib.Path(scratch) / "site")
        for medium in ("tun", "tap"):
            with contextlib.closing(Namespace(f"plywire-{os.getpid()}-{medium}")) as namespace:
                try:
                    Checks(namespace, medium, programs, pathlib.Path(scratch)).run()
                except Failed as failure:
                    print(f"FAILED {failure}")
                    for log in sorted(pathlib.Path(scratch).glob("*.log")):
                        print(f"--- {log.name}\n{log.read_text()[-4000:]}")
                    return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
