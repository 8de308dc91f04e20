"""Network namespaces, in which plywire meets the Linux kernel. Whoever makes one removes it."""

import os
import shutil
import subprocess
import sys
import time

STEP_SECONDS = 30  # no command may take longer, but for the one that says so


class Failed(Exception):
    pass


class Namespace:
    """A network namespace and the programs that run in it."""

    def __init__(self, name):
        self.name = name
        self.programs = []
        subprocess.run(["ip", "netns", "add", name], check=True, capture_output=True, text=True)
        # Else the kernel talks of itself on every new interface.
        self.run("sh", "-c", "for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $f; done")

    def run(self, *command, seconds=STEP_SECONDS):
        """The finished command; its exit status is the caller's business."""
        try:
            return subprocess.run(["ip", "netns", "exec", self.name, *map(str, command)], capture_output=True,
                                  text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{' '.join(map(str, command))}: still running after {seconds} s")

    def check(self, *command, seconds=STEP_SECONDS):
        """The output of a command that must succeed."""
        done = self.run(*command, seconds=seconds)
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, log, *command):
        """A program that goes on running; `ip netns exec` becomes it, so the process is its own."""
        with open(log, "w") as out:
            program = subprocess.Popen(["ip", "netns", "exec", self.name, *map(str, command)], stdout=out, stderr=out)
        self.programs.append(program)
        return program

    def interface(self, medium, name, network):
        """An interface that stays, with the kernel's address on it; a program attaches to it by its name."""
        self.check("ip", "tuntap", "add", "dev", name, "mode", medium)
        self.check("ip", "address", "add", f"10.9.{network}.1/24", "dev", name)
        self.check("ip", "link", "set", name, "up")

    def wait_until(self, what, condition, program, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            if program.poll() is not None:
                raise Failed(f"{what}: the program ended with status {program.returncode}")
            if time.monotonic() > end:
                raise Failed(f"{what}: not within {seconds} s")
            time.sleep(0.02)

    def close(self):
        for program in self.programs:
            if program.poll() is None:
                program.kill()
                program.wait()
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)


def expect(condition, what):
    if not condition:
        raise Failed(what)


def reason_to_skip(*tools):
    """Why a test that needs these tools, root and TUN interfaces cannot run here; None when it can."""
    if sys.platform != "linux":
        return "TUN and TAP exist on Linux only"
    if os.geteuid() != 0:
        return "needs root, for network namespaces and interfaces"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    for tool in ("ip", *tools):
        if not shutil.which(tool):
            return f"{tool} is not installed: see ./dev setup"
    name = f"plywire-{os.getpid()}-try"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"no network namespaces: {tried.stderr.strip()}"
    made = subprocess.run(["ip", "-n", name, "tuntap", "add", "dev", "ply0", "mode", "tun"], capture_output=True,
                          text=True)
    subprocess.run(["ip", "netns", "delete", name], capture_output=True)
    return f"no TUN interfaces: {made.stderr.strip()}" if made.returncode != 0 else None
