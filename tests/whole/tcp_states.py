"""docs/tcp_states.md and docs/tcp_states.svg are what the table of machine/states.hpp says.

With a fourth argument, --write, they are written anew (`./dev docs`).
"""

import difflib
import pathlib
import sys
import tempfile
from xml.sax.saxutils import escape

from support.tools import arguments, run

GUARDS = {
    "opened passively": "the connection came from LISTEN",
    "opened actively": "the connection came from SYN-SENT",
    "CLOSE pending": "CLOSE was called before the connection was established, with text queued",
    "with ACK": "the segment has an acceptable ACK: it acknowledges our SYN",
    "without ACK": "the segment has no ACK: both sides open at once",
    "our FIN acknowledged": "the segment acknowledges our FIN, and with it all our text",
    "nothing unsent": "all text before the FIN has been sent at least once, so that the FIN is the next to leave",
    "nobody reads": "the application has gone and will not read (RFC 9293 section 3.6.1)",
}
# Where the states stand, as in RFC 9293 figure 5.
PLACES = {
    "CLOSED": (400, 40), "LISTEN": (400, 150), "SYN-RECEIVED": (150, 260), "SYN-SENT": (650, 260),
    "ESTABLISHED": (400, 370), "FIN-WAIT-1": (150, 480), "CLOSE-WAIT": (650, 480), "FIN-WAIT-2": (80, 600),
    "CLOSING": (320, 600), "LAST-ACK": (650, 600), "TIME-WAIT": (320, 710), "CLOSED ": (650, 710),
}
WIDTH, HEIGHT = 140, 36
# The ends of states, which would hide the rest: in the table below the picture, not in it.
ENDS = ("RST", "ABORT", "gave up", "unreachable", "text")


def table(source, compiler):
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "tcp_states"
        run(compiler, "-std=c++23", "-I", source / "include", source / "tests/whole/tcp_states.cpp", "-o", program)
        return [tuple(line.split("\t")) for line in run(program).splitlines()]


def cause(row):
    _, step, event, guard, _ = row
    text = step or event
    return f"{text}, {guard}" if guard else text


def moves(rows):
    """{(from, to): causes} of those that the pictures show."""
    shown = {}
    for row in rows:
        start, step, event, _, to = row
        ends = (step or event) in ENDS and to == "CLOSED" and start not in ("SYN-SENT", "LISTEN")
        if not ends:
            shown.setdefault((start, to), []).append(cause(row))
    return shown


def mermaid(rows):
    lines = ["```mermaid", "stateDiagram-v2", "    direction TB", "    [*] --> CLOSED"]
    name = lambda state: state.replace("-", "_")
    for state in PLACES:
        if "-" in state:
            lines.append(f"    state \"{state}\" as {name(state)}")
    for (start, to), causes in moves(rows).items():
        lines.append(f"    {name(start)} --> {name(to)}: {' or '.join(causes)}")
    return lines + ["```"]


def document(rows):
    used = {row[3] for row in rows} - {""}
    if used != set(GUARDS):
        sys.exit(f"tests/whole/tcp_states.py says nothing, or too much, of the guards {sorted(used ^ set(GUARDS))}")
    lines = ["# The states of a TCP connection", "",
             "Written from the table in `include/plywire/machine/states.hpp` by `./dev docs`; a test holds it current. The table is the",
             "program: a move that has no row here does not compile, and a test goes through every row.", "",
             "![the states and the moves between them](tcp_states.svg)", "",
             "The picture is laid out as figure 5 of RFC 9293; CLOSED stands in it twice. It leaves out how connections end at once (RST,",
             "ABORT, giving up): those are in the table.", ""]
    lines += mermaid(rows)
    lines += ["", "## All moves", "",
              "*Noticed at* is the step of RFC 9293 section 3.10.7.4 in which a segment is looked at; *gave up* means that the peer has not",
              "answered for as long as the policy waits (user time-out, R2, keep-alive); *time over* is 2 MSL, or the bound of FIN-WAIT-2",
              "when nobody uses the connection any more; *FIN sent* is what queued text holds up.", "",
              "| from | event | noticed at | if | to |", "|---|---|---|---|---|"]
    for start, step, event, guard, to in rows:
        lines.append(f"| {start} | {event} | {step} | {guard} | {to} |")
    lines += ["", "## What the conditions mean", "", "| if | means |", "|---|---|"]
    lines += [f"| {guard} | {meaning} |" for guard, meaning in GUARDS.items()]
    return "\n".join(lines) + "\n"


# How an arrow goes: which side it leaves, points between, which side it meets, and where its words stand. What is not here
# goes straight. (x, y) of the words is their middle.
ROUTES = {
    ("CLOSED", "LISTEN"): ([(375, 58), (375, 132)], (322, 98)),
    ("LISTEN", "CLOSED"): ([(425, 132), (425, 58)], (466, 98)),
    ("CLOSED", "SYN-SENT"): ([(470, 34), (690, 34), (690, 242)], (740, 140)),
    ("SYN-SENT", "CLOSED"): ([(640, 242), (640, 48), (470, 48)], (592, 70)),
    ("LISTEN", "SYN-SENT"): ([(470, 150), (610, 150), (610, 242)], (548, 140)),
    ("LISTEN", "SYN-RECEIVED"): ([(330, 144), (130, 144), (130, 242)], (172, 134)),
    ("SYN-RECEIVED", "LISTEN"): ([(180, 242), (180, 160), (330, 160)], (262, 178)),
    ("SYN-SENT", "SYN-RECEIVED"): ([(580, 260), (220, 260)], (400, 250)),
    ("SYN-RECEIVED", "ESTABLISHED"): ([(190, 278), (190, 364), (330, 364)], (262, 340)),
    ("SYN-SENT", "ESTABLISHED"): ([(610, 278), (610, 370), (470, 370)], (650, 330)),
    ("SYN-RECEIVED", "FIN-WAIT-1"): ([(130, 278), (130, 462)], (38, 372)),
    ("ESTABLISHED", "FIN-WAIT-1"): ([(350, 388), (350, 480), (220, 480)], (310, 440)),
    ("ESTABLISHED", "CLOSE-WAIT"): ([(450, 388), (450, 480), (580, 480)], (480, 440)),
    ("FIN-WAIT-1", "FIN-WAIT-2"): ([(100, 498), (100, 582)], (24, 536)),
    ("FIN-WAIT-1", "CLOSING"): ([(200, 498), (200, 540), (320, 540), (320, 582)], (262, 532)),
    ("CLOSE-WAIT", "LAST-ACK"): ([(650, 498), (650, 582)], (718, 536)),
    ("FIN-WAIT-2", "TIME-WAIT"): ([(80, 618), (80, 710), (250, 710)], (100, 660)),
    ("FIN-WAIT-2", "CLOSED"): ([(60, 618), (60, 766), (650, 766), (650, 728)], (190, 758)),
    ("CLOSING", "TIME-WAIT"): ([(320, 618), (320, 692)], (390, 656)),
    ("LAST-ACK", "CLOSED"): ([(650, 618), (650, 692)], (726, 656)),
    ("TIME-WAIT", "CLOSED"): ([(390, 710), (580, 710)], (485, 702)),
}


def svg(rows):
    shown = moves(rows)
    if set(shown) != set(ROUTES):
        sys.exit(f"tests/whole/tcp_states.py draws no arrow, or one too many, for {sorted(set(shown) ^ set(ROUTES))}")
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="-70 0 900 790" font-family="sans-serif" font-size="11">',
           '  <title>The states of a TCP connection, from machine/states.hpp</title>',
           '  <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
           '<path d="M0,0 L8,4 L0,8 z"/></marker></defs>',
           '  <rect x="-70" width="900" height="790" fill="white"/>']
    for move, causes in shown.items():
        points, (x, y) = ROUTES[move]
        path = " ".join(f"{px},{py}" for px, py in points)
        out.append(f'  <polyline points="{path}" fill="none" stroke="black" marker-end="url(#tip)"/>')
        for i, line in enumerate(causes):
            out.append(f'  <text x="{x}" y="{y + 12 * i}" text-anchor="middle">{escape(line)}</text>')
    for state, (x, y) in PLACES.items():
        out.append(f'  <rect x="{x - WIDTH // 2}" y="{y - HEIGHT // 2}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#eef3fa" '
                   'stroke="black"/>')
        out.append(f'  <text x="{x}" y="{y + 5}" text-anchor="middle" font-size="14">{state.strip()}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


source, _, compiler = arguments()
rows = table(source, compiler)
for path, text in ((source / "docs/tcp_states.md", document(rows)), (source / "docs/tcp_states.svg", svg(rows))):
    if "--write" in sys.argv[4:]:
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        old = path.read_text() if path.exists() else ""
        difference = difflib.unified_diff(old.splitlines(), text.splitlines(), "checked in", "now", lineterm="", n=1)
        sys.exit("\n".join(list(difference)[:40]) + f"\n{path.name} is not current: ./dev docs")
