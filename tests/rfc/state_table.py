#!/usr/bin/env python3
"""Writes state_table.inc from state_table.csv: the TCP machine of RFC 9293 as data that a test can execute.

    state_table.py          writes state_table.inc anew
    state_table.py --check  says whether it is current

A row of the CSV: in `state`, when `event` comes, rows are taken by ascending `order`; of those with one order the first
whose `expr` holds; `then` says whether the event is done with (stop) or the next order follows (next), in the new state
after a move. Conditions and actions are translated to C++ here; what they are about is state_model.hpp.
"""
import csv
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent

STATES = ["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
          "CLOSING", "LAST-ACK", "TIME-WAIT"]
EVENTS = {
    "user.OPEN_PASSIVE": "open_passive", "user.OPEN_ACTIVE": "open_active", "user.SEND": "send",
    "user.RECEIVE": "receive", "user.CLOSE": "close", "user.ABORT": "abort", "user.STATUS": "status", "seg": "segment",
    "tmo.USER": "user_timeout", "tmo.RTX": "retransmission", "tmo.PERSIST": "persist", "tmo.DELACK": "delayed_ack",
    "tmo.KEEPALIVE": "keep_alive", "tmo.2MSL": "time_wait_over", "tmo.FINWAIT2": "finish_wait_over",
}
ACK = "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>"
ANSWERS = {
    "": "nothing",
    "<SEQ=ISS><CTL=SYN>": "syn",
    "<SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>": "syn_ack",
    ACK: "ack",
    ACK + "~": "ack",
    ACK + " (throttled)": "ack",
    ACK + " (challenge, throttled)": "ack",
    ACK + "<DATA>": "what_is_queued",
    "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>": "what_is_queued",
    "(queued data,) <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>": "what_is_queued",
    "(remaining data, then FIN)": "what_is_queued",
    "(remaining data, then FIN, then LAST-ACK)": "what_is_queued",
    "<SEQ=SEG.ACK><CTL=RST>": "reset_as_acknowledged",
    "<SEQ=SND.NXT><CTL=RST>": "reset",
    "<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>": "reset_with_ack",
    "(front segment again)": "front_again",
    "(probe: 1 byte of new data or retransmission)": "probe",
    "(window update if SWS rule allows)~": "window_update",
    "<SEQ=SND.NXT-1><ACK=RCV.NXT><CTL=ACK>": "keep_alive_probe",
    "(SYN cookie: <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> without TCB) or nothing": "cookie_or_nothing",
}
NOTICES = [  # first match wins
    (r"^$|^\(pending until|R1 reached|^CLOSE: ok|after repeated failures", "nothing"),
    (r"^ok: data|^ok: state", "ok"),
    (r"^ok: connected", "connected"),
    (r"^ok", "ok"),
    (r"^\(pending\)", "pending"),
    (r"^data available", "data"),
    (r"^urgent data", "urgent"),
    (r"^SEND completed", "completed"),
    (r"^connection closing", "end_of_stream"),
    (r"^error: connection closing \(end of stream\)", "error_end_of_stream"),
    (r"^error: connection closing", "error_closing"),
    (r"refused", "refused"),
    (r"^error: connection reset", "reset"),
    (r"user timeout", "timed_out"),
    (r"already exists", "error_exists"),
    (r"does not exist", "error_not_connected"),
    (r"insufficient resources$", "error_resources"),
    (r"remote socket unspecified|invalid remote", "error_remote"),
    (r"illegal for this process", "error_resources"),
]
NAMES = {
    "F.SYN": "t.segment.syn", "F.ACK": "t.segment.ack", "F.RST": "t.segment.rst", "F.FIN": "t.segment.fin",
    "F.URG": "t.segment.urg", "SEG.SEQ": "t.segment.number", "SEG.ACK": "t.segment.acknowledgment",
    "SEG.LEN": "t.segment.length()", "SEG.TSVAL": "t.segment.stamp", "SND.UNA": "t.snd_una", "SND.NXT": "t.snd_nxt",
    "SND.WND": "t.snd_wnd", "MAX.SND.WND": "t.max_snd_wnd", "RCV.NXT": "t.rcv_nxt", "RCV.WND": "t.rcv_wnd",
    "TS.RECENT": "t.ts_recent", "ISS": "t.iss", "IRS": "t.irs", "True": "true", "and": "&&", "or": "||", "not": "!",
    "ok": "t.has_room()", "remote": "t.remote_given", "bad_remote": "t.remote_is_bad", "unread": "t.unread",
    "sendq": "t.send_queue", "seg_ts": "t.segment.stamped", "old_ts": "t.stamps_agreed",
    "idle24d": "t.idle_24_days", "acceptable": "t.acceptable()", "sec_mismatch": "t.security_differs",
    "P.mls": "t.p_security", "P.ack5961": "t.p_narrow_acks", "P.half_duplex": "t.p_half_duplex",
    "P.tw_reuse": "t.p_time_wait_reuse", "P.rfc1337": "t.p_ignore_resets", "P.fw2_timeout": "t.p_finish_wait_ends",
    "listener": "t.listener", "rtxq": "t.something_in_flight()", "fin_acked": "t.finish_acknowledged()",
    "text": "t.text()", "inorder": "t.in_order()", "keepalive": "t.keep_alive", "bad_addr": "t.address_is_bad",
    "backlog_full": "t.backlog_is_full", "origin": "t.origin", "'active'": "opening::active",
    "'passive'": "opening::passive", "close_pending": "t.close_pending",
}
ACTIONS = {  # None: about something that the model leaves out (buffers, round trips, congestion)
    "ISS=new_iss()": "t.iss = t.new_iss;", "SND.UNA=ISS": "t.snd_una = t.iss;", "SND.NXT=ISS+1": "t.snd_nxt = t.iss + 1;",
    "SND.NXT=ISS+1;": "t.snd_nxt = t.iss + 1;", "origin='active'": "t.origin = opening::active;",
    "origin='passive'": "t.origin = opening::passive;", "start('rtx')": None, "stop('rtx')": None,
    "queue_data()": "t.queue_data();", "transmit()": None, "if_urgent: SND.UP=SND.NXT+len": None,
    "queue_receive()": None, "read()": "t.read();", "delete_tcb()": "t.delete_tcb();", "flush()": "t.flush();",
    "FIN_SEQ=SND.NXT": "t.close_pending = true;", "SND.NXT=SND.NXT+1": None,  # the FIN follows what is queued
    "close_pending=True": "t.close_pending = true;", "RCV.NXT=SEG.SEQ+1": "t.rcv_nxt = t.segment.number + 1;",
    "IRS=SEG.SEQ": "t.take_synchronize();", "hold_text()": None, "SND.UNA=SEG.ACK": "t.take_acknowledgment();",
    "set_window()": "t.set_window();", "then_text()": "t.then_text = true;",
    "drop_text_and_fin()": "t.drop_text_and_fin();", "drop_acked()": None, "update_window()": "t.update_window();",
    "update_window_if(SEG.ACK==SND.UNA)": "if (t.segment.acknowledgment == t.snd_una) t.update_window();",
    "cc_on_ack()": None, "cc_on_dupack()": None, "cc_on_rto()": None, "RTO=min(2*RTO,max_rto)": None, "back off": None,
    "start('persist')": None, "ignore()": None, "hold()": "t.hold();", "deliver()": "t.deliver();",
    "RCV.UP=max(RCV.UP,SEG.UP)": "t.take_urgent();", "RCV.NXT=RCV.NXT+1": "t.take_finish();",
    "start('2msl')": "t.start_time_wait();", "stop('2msl')": None, "start('finwait2')": None,
}
TOKEN = re.compile(r"'\w+'|[A-Za-z_][\w.]*|\d+|[()+\-,<>=!]+|\s+")


def identifier(name):
    return "state::" + name.lower().replace("-", "_")


def condition(expr):
    text = ""
    for token in TOKEN.findall(expr):
        if token in ("le", "lt"):
            text += {"le": "not_after", "lt": "before"}[token]
        elif re.match(r"['A-Za-z_]", token):
            text += NAMES[token]
        elif token == " " and text.endswith("!"):
            pass
        else:
            text += {"==": " == ", "!=": " != ", ">": " > ", ",": ", ", "+": " + ", "-": " - "}.get(token, token)
    return text


def effect(actions):
    parts = [ACTIONS[part.strip()] for part in actions.split(";") if part.strip()]
    return " ".join(part for part in parts if part)


def notices(text):
    """Joined by ' | ' only where one of several is meant."""
    for pattern, name in NOTICES:
        if re.search(pattern, text):
            return name
    raise SystemExit("state_table.py: no notice for " + text)


def written():
    with open(here / "state_table.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["state"] in STATES for row in rows)
    out = ["// Written by state_table.py from state_table.csv; do not edit. What it means: state_model.hpp.",
           "", '#include "rfc/state_model.hpp"', "", "#include <array>", "", "namespace table {", ""]
    conditions = {}
    effects = {}
    for row in rows:
        for text, translate, known in ((row["expr"], condition, conditions), (row["actions"], effect, effects)):
            known.setdefault(translate(text), len(known))
    for text, i in conditions.items():
        out += wrapped(f"inline bool if_{i}([[maybe_unused]] model const& t) {{ return ", text, "; }")
    out.append("")
    for text, i in effects.items():
        if text:
            out += wrapped(f"inline void do_{i}(model& t) {{ ", text, " }")
        else:
            out.append(f"inline void do_{i}(model&) {{}}")
    out += ["", f"inline constexpr std::array<row, {len(rows)}> rows = {{{{"]
    for row in sorted(rows, key=lambda r: (STATES.index(r["state"]), list(EVENTS).index(r["event"]))):
        stays = row["next_state"] == "="
        to = identifier(row["state"] if stays else row["next_state"])
        out.append(f'    {{"{row["id"]}", {identifier(row["state"])}, happening::{EVENTS[row["event"]]}, '
                   f'{round(float(row["order"]) * 100)}, if_{conditions[condition(row["expr"])]},')
        out.append(f'     {to}, answer::{ANSWERS[row["segments_sent"]]}, notice::{notices(row["notify"])}, '
                   f'do_{effects[effect(row["actions"])]}, {"true" if row["then"] == "stop" else "false"}}},')
    out += ["}};", "", "} // namespace table", ""]
    return "\n".join(out)


def wrapped(before, text, after):
    line = before + text + after
    if len(line) <= 120:
        return [line]
    lines, line = [before.rstrip()], "   "
    for word in text.split(" "):
        if len(line) + 1 + len(word) > 119:
            lines.append(line)
            line = "   "
        line += " " + word
    return lines + [line + after]


if __name__ == "__main__":
    target = here / "state_table.inc"
    if sys.argv[1:] == ["--check"]:
        if target.read_text() != written():
            sys.exit("tests/rfc/state_table.inc is not what state_table.py writes from state_table.csv")
    else:
        target.write_text(written())
