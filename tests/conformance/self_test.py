"""Shows that conformance.py notices what it must: in a made-up tree, one mistake at a time."""

import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import conformance

REQUIREMENTS = """\
id,level,layer,rfc,section,requirement,priority
9293-MUST-1,MUST,tcp,9293,3.1,"Do, or do not.",core
9293-SHLD-1,SHOULD,tcp,9293,3.2,Try.,expected
5961-3,MUST NOT,tcp-sec,5961,3,Harm.,expected
9293-MUST-9,MUST,tcp,9293,3.3,Fly.,beyond
826-1,MUST,arp,826,2,Ask.,core
"""
HEADER = 'struct lazy { using gives_up = rules<"9293-SHLD-1">; };\n'
SCRIPT = 'print("proves: 9293-SHLD-1 with a kernel")\n'


def case(name, tags, success="true", skips="0"):
    return (f'<TestCase name="{name}" tags="{tags}" filename="{{tree}}/tests/rfc/a.cpp" line="1">'
            f'<OverallResult success="{success}" skips="{skips}"/></TestCase>')


GOOD = case("it does", "[tcp][9293-MUST-1][9293-3.1][826-2.]") + case("lazy is", "[gives-up:9293-SHLD-1]") + case(
    "it harms nobody", "[5961-3]")

# name -> (what conformance must say, files that differ from the good tree; None: there is no such file)
MISTAKES = {
    "a tag that is no id": ("9293-MUST-2, which is no requirement", {"suite": GOOD + case("x", "[9293-MUST-2]")}),
    "a section that looks like an id": ("826-2, which is no requirement", {"suite": GOOD + case("x", "[826-2]")}),
    "a MUST that nobody proves": ("1 requirement that must be proved: 9293-MUST-1",
                                  {"suite": GOOD.replace("[9293-MUST-1]", "")}),
    "a MUST NOT that nobody proves": ("1 requirement that must be proved: 5961-3",
                                      {"suite": GOOD.replace("[5961-3]", "")}),
    "a test that fails proves nothing": (
        "must be proved: 9293-MUST-1", {"suite": GOOD.replace('"true"', '"false"', 1)}),
    "a test that is skipped proves nothing": (
        "must be proved: 9293-MUST-1", {"suite": GOOD.replace('skips="0"', 'skips="1"', 1)}),
    "a suite that crashed": ("has not run to its end", {"suite": GOOD + "<TestCase"}),
    "a suite that has not run": ("has not run", {"suite": None}),
    "a document that is old": ("is not what the tests say", {"docs/conformance.md": "old\n"}),
    "a document that is missing": ("is not what the tests say", {"docs/conformance.md": None}),
    "not applicable without a reason": (
        "has no reason", {"tests/conformance/not_applicable.csv": "id,reason\n9293-SHLD-1,\n"}),
    "not applicable, but proved": (
        "is proved by", {"tests/conformance/not_applicable.csv": "id,reason\n9293-MUST-1,no\n"}),
    "not applicable, and unknown": (
        "is no requirement", {"tests/conformance/not_applicable.csv": "id,reason\n9293-X,no\n"}),
    "a rule given up in silence": ("no test shows it", {"suite": GOOD.replace("[gives-up:9293-SHLD-1]", "[tcp]")}),
    "a rule given up that is none": (
        "gives up 9293-SHLD-2", {"include/plywire/a.hpp": HEADER.replace("SHLD-1", "SHLD-2")}),
    "a script that proves what is no requirement": ("9293-SHLD-7, which is no requirement",
                                                    {"reports/a.proofs": "proves: 9293-SHLD-7 it\n"}),
    "a script that has failed": ("is not what the tests say", {"reports/a.proofs": ""}),
}


def run(what, tree):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = conformance.main(what, str(tree), str(tree / "reports"))
    return code, said.getvalue()


def lay_out(tree, changes):
    suite = changes.get("suite", GOOD)
    files = {
        "tests/conformance/requirements.csv": REQUIREMENTS,
        "tests/conformance/not_applicable.csv": "id,reason\n",
        "include/plywire/a.hpp": HEADER,
        "tests/whole/a.py": SCRIPT,
        "reports/suites.txt": "suite\n",
        "reports/suite.xml": suite and "<Catch2TestRun>" + suite.replace("{tree}", str(tree)) + "</Catch2TestRun>",
        "reports/a.proofs": "proves: 9293-SHLD-1 with a kernel\n",
    } | {name: text for name, text in changes.items() if name != "suite"}
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            (tree / name).unlink(missing_ok=True)
        else:
            (tree / name).write_text(text)


def recorded(folder, exit_code):
    """What record.py keeps of a script that proves something and exits so; None: nothing."""
    script, report = folder / "script.py", folder / "script.proofs"
    script.write_text(SCRIPT + f"raise SystemExit({exit_code})\n")
    report.write_text("proves: what was once proved\n")
    record = [sys.executable, pathlib.Path(__file__).parent / "record.py", report, script]
    code = subprocess.run(record, stdout=subprocess.DEVNULL, check=False).returncode
    return code, report.read_text() if report.exists() else None


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for code, kept in ((0, "proves: 9293-SHLD-1 with a kernel\n"), (1, ""), (77, None)):
            if (found := recorded(pathlib.Path(folder), code)) != (code, kept):
                wrong.append(f"record.py, of a script that exits with {code}: {found}")
    with tempfile.TemporaryDirectory() as folder:
        good = pathlib.Path(folder) / "good"
        (good / "docs").mkdir(parents=True)
        lay_out(good, {})
        code, said = run("report", good)
        if code != 0 or "MUST         1 of   1 tested (100 %)" not in said:
            wrong.append(f"a good tree: {code} {said}")
        written = (good / "docs/conformance.md").read_text()
        (good / "reports/a.proofs").unlink()  # the script is skipped: believed as written
        if (said := run("check", good)) != (0, ""):
            wrong.append(f"a good tree with a script skipped: {said}")
        for index, (name, (words, changes)) in enumerate(MISTAKES.items()):
            tree = pathlib.Path(folder) / str(index)
            (tree / "docs").mkdir(parents=True)
            lay_out(tree, {"docs/conformance.md": written} | changes)
            code, said = run("check", tree)
            if code == 0 or words not in said:
                wrong.append(f"{name}: {code}, said: {said}")
    for words in wrong:
        print(f"self-test: {words}")
    print(f"{len(MISTAKES)} mistakes tried")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
