"""The scenarios of kernel_tcp.py, played inside the network namespace that it has made.

    scenarios.py PEER TIMESTAMPS SACK SCALING SHORT_CONNECTIONS LOST_PERCENT [TEXT]

PEER is the program kernel_tcp_peer; the next three are 0 or 1, and the kernel is set up that way already. Prints a line
for each scenario that has a figure, and at the end by how much the kernel's counters have moved as one line of JSON.
"""

import collections
import contextlib
import errno
import json
import pathlib
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kernel_peer.sockets import (KERNEL, PLYWIRE, STEP_SECONDS, TIME_WAIT, Peer, Talk, all_counters, connected,
                                 kernel_states, listener, watched)
from support.namespaces import Failed, expect

MEBI = 1 << 20
TCP_FASTOPEN_CONNECT = 30  # <linux/tcp.h>
KERNEL_CONNECTS, PLYWIRE_CONNECTS = "the kernel connects", "plywire connects"

Scenario = collections.namedtuple("Scenario", "name kernel plywire moves kernel_ended plywire_ended time_wait prepare",
                                  defaults=({}, "end of stream", "end of stream", None, lambda made: None))


def small_window(made):
    """What the kernel takes before its application reads is a few segments."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)


# Names, the steps of both sides, which of the kernel's watched counters move and by how much, how each side's stream
# ends, and who is in TIME-WAIT afterwards (K, P, both, nobody; None where the two race for it).
#
# The kernel counts in EstabResets what leaves ESTABLISHED or CLOSE-WAIT for CLOSED otherwise than by LAST-ACK, in
# OutRsts each RST it sends, in TCPAbortOnClose a close() with unread data, in TCPAbortOnData a close() with a linger
# time of 0 and data that comes after close() together with the acknowledgment of its FIN.
SCENARIOS = (
    # -- data
    Scenario("bulk from the kernel", f"send:{12 * MEBI} shutdown receive close", "receive close", time_wait="K"),
    Scenario("bulk to the kernel", "receive close", f"send:{12 * MEBI} shutdown receive close", time_wait="P"),
    Scenario("bulk both ways at once", f"exchange:{6 * MEBI} close", f"exchange:{6 * MEBI} close"),
    Scenario("an echo", f"exchange:{MEBI} close", "echo close", time_wait="K"),
    Scenario("one octet to and fro", "send:1 receive:1 " * 20 + "close", "receive:1 send:1 " * 20 + "receive close",
             kernel_ended="open", time_wait="K"),
    Scenario("the kernel's reader sleeps", "pause:700 receive close", f"send:{2 * MEBI} close",
             plywire_ended="open", time_wait="P"),
    Scenario("plywire's reader sleeps", f"send:{2 * MEBI} close", "pause:700 receive close",
             kernel_ended="open", time_wait="K"),
    Scenario("the kernel sends while its own window is closed",
             "pause:1300 send:1000000 drained shutdown receive close", "exchange:200000 close", prepare=small_window),
    Scenario("plywire sends while its own window is closed", f"exchange:{2 * MEBI} close",
             "pause:1300 send:1000000 drained shutdown receive close"),
    Scenario("plywire aborts before a closed window", "unread:1000 gone", "send:200000 pause:1300 abort",
             {"TcpEstabResets": 1}, "connection reset", "open", time_wait="nobody", prepare=small_window),
    Scenario("the kernel lingers for 0 s before a closed window", "send:400000 pause:300 abort", "unread:1000 gone",
             {"TcpExtTCPAbortOnData": 1, "TcpOutRsts": 1, "TcpEstabResets": 1},
             "open", "connection reset", time_wait="nobody"),
    # -- orderly ends
    Scenario("the kernel closes first", "send:1000 close", "receive close", kernel_ended="open", time_wait="K"),
    Scenario("plywire closes first", "receive close", "send:1000 close", plywire_ended="open", time_wait="P"),
    Scenario("the kernel closes without a word", "close", "receive close", kernel_ended="open", time_wait="K"),
    Scenario("plywire closes without a word", "receive close", "close", plywire_ended="open", time_wait="P"),
    Scenario("the kernel closes first, plywire later", "send:1000 close", "receive pause:60 close", kernel_ended="open",
             time_wait="K"),
    Scenario("plywire closes first, the kernel later", "receive pause:60 close", "send:1000 close",
             plywire_ended="open", time_wait="P"),
    Scenario("the kernel half-closes and data follows", "send:1000 shutdown receive close",
             "receive send:300000 close", plywire_ended="end of stream", time_wait="K"),
    Scenario("plywire half-closes and data follows", "receive send:300000 close", "send:1000 shutdown receive close",
             time_wait="P"),
    Scenario("both half-close as they will", "send:1000 shutdown receive close", "send:1000 shutdown receive close"),
    # -- resets
    Scenario("the kernel closes with unread data", "unread:1000 close", "send:1000 receive",
             {"TcpExtTCPAbortOnClose": 1, "TcpOutRsts": 1, "TcpEstabResets": 1},
             "open", "connection reset", time_wait="nobody"),
    Scenario("plywire closes with unread data", "send:1000 receive", "unread:1000 close",
             {"TcpEstabResets": 1}, "connection reset", "open", time_wait="nobody"),
    Scenario("the kernel closes with unread data behind plywire's FIN", "unread:1000 finished close",
             "send:1000 shutdown receive", {"TcpExtTCPAbortOnClose": 1, "TcpOutRsts": 1, "TcpEstabResets": 1},
             "open", "connection reset", time_wait="nobody"),
    Scenario("plywire closes with unread data behind the kernel's FIN", "send:1000 shutdown receive",
             "unread:1000 finished close", {}, "connection reset", "open", time_wait="nobody"),
    Scenario("the kernel lingers for 0 s", "send:1000 receive:1000 drained abort", "receive:1000 send:1000 receive",
             {"TcpExtTCPAbortOnData": 1, "TcpOutRsts": 1, "TcpEstabResets": 1},
             "open", "connection reset", time_wait="nobody"),
    Scenario("plywire aborts", "receive:1000 send:1000 receive", "send:1000 receive:1000 drained abort",
             {"TcpEstabResets": 1}, "connection reset", "open", time_wait="nobody"),
    Scenario("the kernel lingers for 0 s after plywire's half-close", "receive abort", "send:1000 shutdown receive",
             {"TcpExtTCPAbortOnData": 1, "TcpOutRsts": 1, "TcpEstabResets": 1},
             "end of stream", "connection reset", time_wait="nobody"),
    Scenario("plywire aborts after the kernel's half-close", "send:1000 shutdown receive", "receive abort",
             {}, "connection reset", "end of stream", time_wait="nobody"),
    Scenario("the kernel lingers for 0 s after its half-close", "shutdown pause:40 abort", "receive gone",
             {"TcpExtTCPAbortOnData": 1, "TcpOutRsts": 1}, "open", "connection reset", time_wait="nobody"),
    Scenario("plywire aborts after its half-close", "receive gone", "shutdown pause:40 abort",
             {"TcpEstabResets": 1}, "connection reset", "open", time_wait="nobody"),
    Scenario("data after the kernel's close", "close", "receive pause:40 send:100 gone",
             {"TcpOutRsts": 1}, "open", "connection reset", time_wait="nobody"),
    Scenario("data with the acknowledgment of the kernel's close", "close", "receive send:100 gone",
             {"TcpExtTCPAbortOnData": 1, "TcpOutRsts": 1}, "open", "connection reset", time_wait="nobody"),
    Scenario("data after plywire's close", "receive send:100 gone", "close",
             {"TcpEstabResets": 1}, "connection reset", "open", time_wait="nobody"),
)


# Where packets are lost: data comes whole and no reset comes all the same.
BAD_WEATHER = (
    Scenario("bulk from the kernel", f"send:{MEBI} shutdown receive close", "receive close"),
    Scenario("bulk to the kernel", "receive close", f"send:{MEBI} shutdown receive close"),
    Scenario("bulk both ways at once", "exchange:200000 close", "exchange:200000 close"),
    Scenario("an echo", "exchange:100000 close", "echo close"),
    Scenario("the kernel half-closes and data follows", "send:1000 shutdown receive close",
             "receive send:100000 close"),
    Scenario("plywire half-closes and data follows", "receive send:100000 close",
             "send:1000 shutdown receive close"),
)


class Stage:
    """Where the scenarios are played: the peer, and what the kernel has counted so far."""

    def __init__(self, peer, timestamps, sack, scaling, short_connections, lost_percent):
        self.peer = peer
        self.agreed = {"timestamps": timestamps, "sack": sack, "scaling": scaling}
        self.short_connections = short_connections
        self.lost_percent = lost_percent
        self.port = 1000
        self.begin = all_counters()
        self.explained = collections.Counter()
        self.explained_resets = 0  # that plywire sends for segments without a connection
        self.time_waits = self.both_time_waits()

    def next_port(self):
        self.port += 1
        return self.port

    def both_time_waits(self):
        """How many connections are in TIME-WAIT in the kernel, and how many in plywire."""
        return kernel_states().get(TIME_WAIT, 0), self.peer.statistics()["time_waits"]

    def settles(self, seconds=8):
        """Waits until neither has anything but TIME-WAITs."""
        end = time.monotonic() + seconds
        while self.peer.statistics()["others"]:
            expect(time.monotonic() < end, f"plywire's connections do not end: {self.peer.statistics()}")
            time.sleep(0.002)
        while left := {state: many for state, many in kernel_states().items() if state != TIME_WAIT}:
            expect(time.monotonic() < end, f"the kernel's connections do not end: {left}")
            time.sleep(0.002)

    def moved(self):
        """By how much each watched counter has moved since the beginning."""
        begin = watched(self.begin)
        return {name: value - begin.get(name, 0) for name, value in watched(all_counters()).items()}

    def counters_are_explained(self, moves):
        """The watched counters stand where the scenarios so far say; they have a moment to get there."""
        self.explained.update(moves)
        end = time.monotonic() + 1
        while True:
            wrong = {name: value for name, value in self.moved().items() if value != self.explained[name]}
            if not wrong:
                return
            if time.monotonic() > end:
                told = ", ".join(f"{name} {value} (explained: {self.explained[name]})" for name, value in wrong.items())
                again = {name: value - self.begin.get(name, 0) for name, value in all_counters().items()
                         if name in ("TcpRetransSegs", "TcpExtTCPTimeouts", "TcpExtTCPLossProbes")}
                raise Failed(f"since the beginning these counters have moved: {told}; sent again: {again}")
            time.sleep(0.01)

    def time_waits_are(self, who, many=1):
        """So many connections more than before are in TIME-WAIT: the kernel's (K), plywire's (P), both or nobody's."""
        if who is None or self.lost_percent:
            self.time_waits = self.both_time_waits()
            return
        expected = tuple(now + many * (who in (name, "both")) for now, name in zip(self.time_waits, "KP"))
        end = time.monotonic() + 2
        while (found := self.both_time_waits()) != expected:
            expect(time.monotonic() < end, f"TIME-WAITs of the kernel and of plywire: {found}, not {expected}")
            time.sleep(0.005)
        self.time_waits = found

    def options_are_as_agreed(self, told):
        # The kernel's own shift may be 0 where its buffer is small; plywire's is not.
        found = {"timestamps": told["timestamps"], "sack": told["sack"], "scaling": int(told["receive_shift"] > 0)}
        expect(found == self.agreed, f"agreed on {found}, not on {self.agreed}")

    def connection(self, role, plywire_steps, prepare=lambda made: None, from_port=0, port=None):
        """A connection opened by one of the two; plywire does its steps."""
        port = port or self.next_port()
        if role == KERNEL_CONNECTS:
            self.peer.say("listen", port, 1, plywire_steps)
            expect(self.peer.hear("listens", port)["listens"], f"plywire does not listen on port {port}")
            return port, connected(port, from_port, prepare)
        with contextlib.closing(listener(port)) as waiting:
            prepare(waiting)
            self.peer.say("connect", port, 1, 1, from_port, plywire_steps)
            return port, waiting.accept()[0]

    def same_data(self, kernel, told):
        for one, other, octets, others in (
                ("the kernel", "plywire", (kernel.sent_octets, kernel.sent.hexdigest()),
                 (told["received"], told["received_sha256"])),
                ("plywire", "the kernel", (told["sent"], told["sent_sha256"]),
                 (kernel.received_octets, kernel.received.hexdigest()))):
            expect(octets == others, f"{one} has sent {octets[0]} octets ({octets[1][:8]}), {other} has received "
                                     f"{others[0]} ({others[1][:8]})")

    def ends_are(self, kernel, told, kernel_ended, plywire_ended):
        expect((kernel.ended, told["ended"]) == (kernel_ended, plywire_ended),
               f"the kernel's side ended with \"{kernel.ended}\" and plywire's with \"{told['ended']}\", not with "
               f"\"{kernel_ended}\" and \"{plywire_ended}\"")

    def play(self, scenario, role):
        port, made = self.connection(role, scenario.plywire, scenario.prepare)
        begin = time.monotonic()
        with contextlib.closing(made):
            kernel = Talk(made).run(scenario.kernel)
            told = self.peer.hear("ended", port)
        took = time.monotonic() - begin
        self.ends_are(kernel, told, scenario.kernel_ended, scenario.plywire_ended)
        if not scenario.moves and "connection reset" not in (kernel.ended, told["ended"]):
            self.same_data(kernel, told)
        if told["sent"] + told["received"] > 0:
            self.options_are_as_agreed(told)
        self.settles()
        self.counters_are_explained(scenario.moves)
        self.time_waits_are(scenario.time_wait)
        octets = told["sent"] + told["received"]
        again = f", {told['retransmissions']} segments again" if told["retransmissions"] else ""
        return f"{octets * 8 / took / 1e9:.2f} Gbit/s{again}" if octets >= MEBI else ""


def closes_at_once(stage, role):
    """both close at once"""
    port, made = stage.connection(role, "receive:1000 send:1000 go close")
    kernel = Talk(made).run("send:1000 receive:1000")
    stage.peer.say("freeze")
    stage.peer.hear("frozen")
    kernel.run("close")  # its FIN waits at the interface until plywire's has left
    stage.peer.say("go")
    stage.peer.say("thaw")
    stage.ends_are(kernel, told := stage.peer.hear("ended", port), "open", "open")
    stage.same_data(kernel, told)
    stage.settles()
    stage.counters_are_explained({})
    stage.time_waits_are("both")


def half_closes_at_once(stage, role):
    """both half-close at once, with data"""
    port, made = stage.connection(role, "send:10 receive:1000 go send:1000 shutdown receive close")
    kernel = Talk(made).run("receive:10 send:1000")
    stage.peer.say("freeze")
    stage.peer.hear("frozen")
    kernel.run("send:1000 shutdown")
    stage.peer.say("go")
    stage.peer.say("thaw")
    kernel.run("receive close")
    stage.ends_are(kernel, told := stage.peer.hear("ended", port), "end of stream", "end of stream")
    stage.same_data(kernel, told)
    stage.settles()
    stage.counters_are_explained({})
    stage.time_waits_are("both")


def aborts_at_once(stage, role):
    """both abort at once"""
    port, made = stage.connection(role, "receive:1000 send:1000 go abort")
    kernel = Talk(made).run("send:1000 receive:1000")
    stage.peer.say("freeze")
    stage.peer.hear("frozen")
    kernel.run("abort")
    stage.peer.say("go")
    stage.peer.say("thaw")
    stage.ends_are(kernel, told := stage.peer.hear("ended", port), "open", "open")
    stage.settles()
    stage.counters_are_explained({"TcpExtTCPAbortOnData": 1, "TcpOutRsts": 1, "TcpEstabResets": 1})
    stage.time_waits_are("nobody")


def refusals(stage, role):
    """a port where nobody listens"""
    port = stage.next_port()
    if role == KERNEL_CONNECTS:
        try:
            connected(port).close()
            raise Failed("the connection is not refused")
        except ConnectionRefusedError:
            pass
        stage.explained_resets += 1
        stage.counters_are_explained({"TcpAttemptFails": 1})
    else:
        stage.peer.say("connect", port, 1, 1, 0, "receive")
        ended = stage.peer.hear("ended", port)["ended"]
        expect(ended == "connection refused", f"plywire's side ended with \"{ended}\"")
        stage.counters_are_explained({"TcpOutRsts": 1})
    stage.settles()
    stage.time_waits_are("nobody")


def opens_at_once(stage, role):
    """both open at once"""
    port, ours = stage.next_port(), stage.next_port()
    stage.peer.say("freeze")
    stage.peer.hear("frozen")
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((KERNEL, port))
        made.setblocking(False)
        expect(made.connect_ex((PLYWIRE, ours)) == errno.EINPROGRESS, "the kernel does not begin to connect")
        stage.peer.say("connect", port, 1, 1, ours,
                       "exchange:100000 close" if role == KERNEL_CONNECTS else "receive send:100000 close")
        stage.peer.say("thaw")  # the kernel's SYN waits at the interface until plywire's has left
        made.settimeout(STEP_SECONDS)
        kernel = Talk(made).run("exchange:100000 close")
    stage.ends_are(kernel, told := stage.peer.hear("ended", port), "end of stream", "end of stream")
    stage.same_data(kernel, told)
    stage.settles()
    stage.counters_are_explained({})
    stage.time_waits_are(None)


def reopens(stage, role):
    """a connection's ports are used again during TIME-WAIT"""
    port, from_port = stage.next_port(), stage.next_port() + 50_000
    for turn in range(3):
        steps = "send:1000 close" if role == KERNEL_CONNECTS else "receive pause:20 close"
        port, made = stage.connection(role, steps, from_port=from_port, port=port)
        kernel = Talk(made).run("receive close" if role == KERNEL_CONNECTS else "send:1000 close")
        told = stage.peer.hear("ended", port)
        stage.same_data(kernel, told)
        stage.settles()
    stage.counters_are_explained({})
    stage.time_waits_are("P" if role == KERNEL_CONNECTS else "K")


def short_connections(stage, role, kernel_steps, plywire_steps, time_wait):
    """A quarter of all short connections, 8 at a time: 300 octets come back and the connection ends."""
    many, at_once, port = stage.short_connections // 4, 8, stage.next_port()
    done, problems = [], []

    def talks(count, make):
        try:
            for _ in range(count):
                with contextlib.closing(make()) as made:
                    talk = Talk(made, len(done)).run(kernel_steps)
                expect(talk.received.digest() == talk.sent.digest() and talk.received_octets == 300,
                       f"{talk.sent_octets} octets sent and {talk.received_octets} received, which differ")
                done.append(talk)
        except (Failed, OSError) as problem:
            problems.append(problem)

    with contextlib.ExitStack() as stack:
        if role == KERNEL_CONNECTS:
            stage.peer.say("listen", port, many, plywire_steps)
            expect(stage.peer.hear("listens", port)["listens"], f"plywire does not listen on port {port}")
            make = lambda: connected(port)
        else:
            waiting = stack.enter_context(contextlib.closing(listener(port)))
            stage.peer.say("connect", port, many, at_once, 0, plywire_steps)
            make = lambda: waiting.accept()[0]
        begin = time.monotonic()
        threads = [threading.Thread(target=talks, args=(many // at_once + (n < many % at_once), make))
                   for n in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - begin
    expect(not problems, f"{len(done)} of {many} connections; then {problems[:1]}")
    told = stage.peer.hear("ended", port)
    expect(told["unequal"] == 0 and told["received"] == 300 * many and sum(told["ended"].values()) == many and
           set(told["ended"]) <= {"end of stream", "open"}, f"plywire's side: {told}")
    stage.settles(10)
    stage.counters_are_explained({})
    stage.time_waits_are(time_wait, many)
    return f"{many} connections, {many / took:.0f} in a second"


@contextlib.contextmanager
def kernel_setting(name, value):
    """Another value for a while."""
    path = pathlib.Path("/proc/sys/net/ipv4") / name
    before = path.read_text()
    path.write_text(str(value))
    try:
        yield
    finally:
        path.write_text(before)


def both_ways(stage, role, steps="exchange:100000 close", prepare=lambda made: None, connect=None):
    """Data both ways, and a whole end."""
    port, made = stage.connection(role, "exchange:100000 close", prepare) if connect is None else connect()
    with contextlib.closing(made):
        kernel = Talk(made).run(steps)
    stage.ends_are(kernel, told := stage.peer.hear("ended", port), "end of stream", "end of stream")
    stage.same_data(kernel, told)
    stage.settles()
    stage.counters_are_explained({})
    stage.time_waits_are(None)


def congestion_is_notified(stage, role):
    """the kernel offers ECN"""
    with kernel_setting("tcp_ecn", 1):
        both_ways(stage, role)


def cookies(stage, role):
    """the kernel remembers nothing of a SYN but a cookie"""
    before = all_counters().get("TcpExtSyncookiesRecv", 0)
    with kernel_setting("tcp_syncookies", 2):
        both_ways(stage, role)
    expect(role == KERNEL_CONNECTS or all_counters()["TcpExtSyncookiesRecv"] == before + 1, "there was no cookie")


def data_in_the_synchronize(stage, role):
    """the kernel asks for a cookie of TCP Fast Open, or sends data in its SYN"""
    if role != KERNEL_CONNECTS:
        return
    for setting in (0x1, 0x5):
        def opens():
            port = stage.next_port()
            stage.peer.say("listen", port, 1, "exchange:100000 close")
            stage.peer.hear("listens", port)
            made = socket.socket()
            made.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
            made.connect((PLYWIRE, port))  # the SYN waits for the first data
            return port, made
        def tries():
            return sum(value for name, value in all_counters().items() if name.startswith("TcpExtTCPFastOpenActive"))
        with kernel_setting("tcp_fastopen", setting):
            before = tries()
            both_ways(stage, role, connect=opens)
        expect(tries() == before + (setting == 0x5), "no data came in the SYN")


def deferred(stage, role):
    """the kernel waits for data before it takes the handshake's ACK"""
    if role == PLYWIRE_CONNECTS:  # so long that the kernel repeats its SYN,ACK
        both_ways(stage, role, connect=lambda: stage.connection(role, "pause:1300 exchange:100000 close", lambda made:
                                                                made.setsockopt(socket.IPPROTO_TCP,
                                                                                socket.TCP_DEFER_ACCEPT, 3)))


def small_segments(stage, role):
    """the kernel takes segments of 88 octets"""
    both_ways(stage, role, prepare=lambda made: made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 88))


def kept_alive(stage, role):
    """the kernel's keep-alive probes are answered"""
    def probes(made):
        for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 1)):
            made.setsockopt(socket.IPPROTO_TCP, option, value)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    before = all_counters().get("TcpExtTCPKeepAlive", 0)
    both_ways(stage, role, "pause:2600 exchange:100000 close", probes, lambda: stage.connection(
        role, "send:1 pause:2500 exchange:99999 close", probes))
    expect(all_counters()["TcpExtTCPKeepAlive"] > before, "the kernel has not probed")


# Both roles, and both as the one who closes first.
SHORT_CONNECTIONS = (
    (KERNEL_CONNECTS, "K", "send:300 shutdown receive close", "echo close"),
    (KERNEL_CONNECTS, "P", "send:300 receive close", "echo:300 close"),
    (PLYWIRE_CONNECTS, "K", "echo:300 close", "send:300 receive close"),
    (PLYWIRE_CONNECTS, "P", "echo close", "exchange:300 close"),
)
SPECIAL = (closes_at_once, half_closes_at_once, aborts_at_once, refusals, opens_at_once, reopens,
           congestion_is_notified, cookies, data_in_the_synchronize, small_segments)
SLOW = (deferred, kept_alive)  # played where there are many short connections



def plays(stage):
    """All scenarios as pairs of a name and what to call."""
    if stage.lost_percent:  # those that do not depend on when something comes
        for scenario in BAD_WEATHER:
            for role in (KERNEL_CONNECTS, PLYWIRE_CONNECTS):
                yield f"{scenario.name}; {role}", lambda: stage.play(scenario, role)
    for scenario in SCENARIOS if not stage.lost_percent else ():
        for role in (KERNEL_CONNECTS, PLYWIRE_CONNECTS):
            yield f"{scenario.name}; {role}", lambda: stage.play(scenario, role)
    for special in SPECIAL + SLOW * (stage.short_connections > 1000) if not stage.lost_percent else ():
        for role in (KERNEL_CONNECTS, PLYWIRE_CONNECTS):
            yield f"{special.__doc__}; {role}", lambda: special(stage, role)
    for role, first, kernel_steps, plywire_steps in SHORT_CONNECTIONS:
        who = "the kernel" if first == "K" else "plywire"
        yield (f"short connections, {who} closes first; {role}",
               lambda: short_connections(stage, role, kernel_steps, plywire_steps, first))


def main():
    program, *numbers = sys.argv[1:]
    timestamps, sack, scaling, many, lost_percent = map(int, numbers[:5])
    wanted = numbers[5] if len(numbers) > 5 else ""  # for trying: only scenarios with this in their name
    peer = Peer(program, "ply0", 1 << 18, lost_percent)
    passed, began = 0, time.monotonic()
    try:
        peer.hear("ready")
        stage = Stage(peer, timestamps, sack, scaling, many, lost_percent)
        for name, play in plays(stage):
            if wanted in name:
                begin = time.monotonic()
                try:
                    figure = play()
                except (Failed, OSError) as failure:
                    raise Failed(f"{name}: {failure}")
                passed += 1
                if figure:
                    print(f"    {name}: passed in {time.monotonic() - begin:.2f} s ({figure})", flush=True)
        told = peer.statistics()
        for name in ("malformed", "bad_checksum", "dropped", "half_open"):
            expect(told[name] == 0, f"plywire has counted: {told}")
        expect(lost_percent or told["resets_sent"] == stage.explained_resets, f"plywire has counted: {told}")
        print(f"    {passed} scenarios passed in {time.monotonic() - began:.1f} s")
        print(json.dumps({"explained": stage.explained, "moved": stage.moved()}))
    except Failed as failure:
        print(f"    FAILED {failure}")
        return 1
    finally:
        peer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
