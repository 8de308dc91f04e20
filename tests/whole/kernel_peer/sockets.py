"""The two sides of a scenario: the kernel, by its sockets and counters, and plywire, by kernel_tcp_peer."""

import array
import contextlib
import errno
import fcntl
import hashlib
import json
import random
import socket
import struct
import subprocess
import termios
import threading
import time

from support.namespaces import Failed

KERNEL, PLYWIRE = "10.9.0.1", "10.9.0.2"
STEP_SECONDS = 15  # no step of a connection may take longer

# What must not move unless the scenario explains it.
WATCHED = ("TcpInErrs", "TcpInCsumErrors", "TcpOutRsts", "TcpEstabResets", "TcpAttemptFails", "TcpExtPAWSActive",
           "TcpExtPAWSEstab", "TcpExtTCPChallengeACK", "TcpExtTCPSYNChallenge", "TcpExtListenOverflows",
           "TcpExtListenDrops", "TcpExtEmbryonicRsts", "TcpExtTWRecycled", "TcpExtTCPTimeWaitOverflow",
           "TcpExtTCPReqQFullDrop", "TcpExtTCPBacklogDrop", "IpInHdrErrors", "IpInAddrErrors")
WATCHED_PREFIX = "TcpExtTCPAbort"

NOISE = random.Random(9293).randbytes(1 << 18)  # what is sent: this over and over, from somewhere on
LISTENS, TIME_WAIT = "0A", "06"  # as /proc/net/tcp writes states
CLOSED, CLOSE_WAIT = 7, 8         # as TCP_INFO does


def all_counters():
    """All counters of this network namespace, by the names that nstat gives them."""
    counters = {}
    for file in ("snmp", "netstat"):
        with open(f"/proc/self/net/{file}") as lines:
            rows = [line.split() for line in lines]
        for names, values in zip(rows[::2], rows[1::2]):
            counters |= {names[0][:-1] + name: int(value) for name, value in zip(names[1:], values[1:])}
    return counters


def watched(counters):
    return {name: value for name, value in counters.items() if name in WATCHED or name.startswith(WATCHED_PREFIX)}


def kernel_states():
    """How many of the kernel's connections are in which state; listeners do not count."""
    states = {}
    with open("/proc/self/net/tcp") as lines:
        next(lines)
        for line in lines:
            state = line.split()[3]
            if state != LISTENS:
                states[state] = states.get(state, 0) + 1
    return states


class Talk:
    """One connection of the kernel's. Knows the steps of kernel_peer/main.cpp, but for `go`."""

    def __init__(self, connected, seed=0):
        self.socket = connected
        self.socket.settimeout(STEP_SECONDS)
        self.sent, self.received = hashlib.sha256(), hashlib.sha256()
        self.sent_octets = self.received_octets = 0
        self.ended = "open"
        self.seed = seed
        self.problem = None

    def run(self, steps):
        try:
            for step in steps.split():
                what, _, number = step.partition(":")
                getattr(self, what)(*([int(number)] if number else []))
        except (ConnectionResetError, BrokenPipeError):
            self.ended = "connection reset"
        except TimeoutError:
            raise Failed(f"the kernel's side: {step}: not within {STEP_SECONDS} s "
                         f"({self.sent_octets} octets sent, {self.received_octets} received)")
        return self

    def send(self, octets):
        while octets > 0:
            begin = (self.seed * 7919 + self.sent_octets) % len(NOISE)
            octets -= self.send_some(memoryview(NOISE)[begin:begin + octets])

    def send_some(self, piece):
        taken = self.socket.send(piece)
        self.sent.update(piece[:taken])
        self.sent_octets += taken
        return taken

    def receive(self, octets=None):
        while octets is None or octets > 0:
            piece = self.socket.recv(1 << 18 if octets is None else min(octets, 1 << 18))
            if not piece:
                self.ended = "end of stream"
                if octets is not None:
                    raise Failed(f"the stream ends {octets} octets early")
                return
            self.received.update(piece)
            self.received_octets += len(piece)
            octets = None if octets is None else octets - len(piece)

    def echo(self, octets=None):
        while octets is None or octets > 0:
            piece = memoryview(self.socket.recv(1 << 16))
            if not piece:
                self.ended = "end of stream"
                return
            self.received.update(piece)
            self.received_octets += len(piece)
            octets = None if octets is None else octets - len(piece)
            while piece:
                piece = piece[self.send_some(piece):]

    def exchange(self, octets):
        def sends():
            try:
                self.send(octets)
                self.shutdown()
            except OSError as problem:
                self.problem = problem
        sender = threading.Thread(target=sends)
        sender.start()
        try:
            self.receive()
        finally:
            sender.join(STEP_SECONDS)
        if self.problem:
            raise self.problem

    def wait_for(self, condition, what):
        end = time.monotonic() + STEP_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise Failed(f"the kernel's side: {what}: not within {STEP_SECONDS} s")
            time.sleep(0.001)

    def octets_in(self, queue):
        answer = array.array("i", [0])
        fcntl.ioctl(self.socket, queue, answer)
        return answer[0]

    def unread(self, octets):
        self.wait_for(lambda: self.octets_in(termios.FIONREAD) >= octets, f"unread:{octets}")

    def drained(self):
        self.wait_for(lambda: self.octets_in(termios.TIOCOUTQ) == 0, "drained")

    def state(self):
        return self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]

    def finished(self):
        self.wait_for(lambda: self.state() == CLOSE_WAIT, "finished")

    def gone(self):
        self.wait_for(lambda: self.state() == CLOSED, "gone")
        if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (errno.ECONNRESET, errno.EPIPE):
            raise ConnectionResetError

    def pause(self, milliseconds):
        time.sleep(milliseconds / 1000)

    def shutdown(self):
        with contextlib.suppress(OSError) if self.ended == "connection reset" else contextlib.nullcontext():
            self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def abort(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def listener(port, backlog=1024):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((KERNEL, port))
    made.listen(backlog)
    made.settimeout(STEP_SECONDS)
    return made


def connected(port, from_port=0, prepare=lambda made: None):
    made = socket.socket()
    made.settimeout(STEP_SECONDS)
    prepare(made)
    if from_port:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((KERNEL, from_port))
    made.connect((PLYWIRE, port))
    return made


class Peer:
    """kernel_tcp_peer: told by lines, heard by lines of JSON."""

    def __init__(self, *command):
        self.program = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.heard, self.news = [], threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.program.stdout:
            with self.news:
                self.heard.append(json.loads(line))
                self.news.notify_all()
        with self.news:
            self.heard.append({"gone": True})
            self.news.notify_all()

    def say(self, *words):
        self.program.stdin.write(" ".join(map(str, words)) + "\n")
        self.program.stdin.flush()

    def hear(self, key, port=None, seconds=STEP_SECONDS):
        """The oldest line with this key, and about this port if one is named."""
        end = time.monotonic() + seconds
        with self.news:
            while True:
                for line in self.heard:
                    if key in line and (port is None or line.get("port") == port):
                        self.heard.remove(line)
                        return line
                if any("gone" in line for line in self.heard):
                    raise Failed(f"kernel_tcp_peer has ended with status {self.program.wait()}")
                if not self.news.wait(end - time.monotonic()) and time.monotonic() > end:
                    raise Failed(f"plywire's side: {key}: not within {seconds} s")

    def statistics(self):
        self.say("statistics")
        return self.hear("malformed")

    def close(self):
        with contextlib.suppress(OSError):
            self.program.stdin.close()
        try:
            status = self.program.wait(5)
        except subprocess.TimeoutExpired:
            self.program.kill()
            self.program.wait()
            raise Failed("kernel_tcp_peer does not end")
        if status != 0:
            raise Failed(f"kernel_tcp_peer has ended with status {status}")
