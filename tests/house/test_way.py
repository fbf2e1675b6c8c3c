"""The way of a program: the files that `reverse` enters from text to answer are those that a README tells."""

from __future__ import annotations

import subprocess
import sys

from tests.support.paths import ROOT

FOLLOW = """
import sys
from pathlib import Path

import compiler, programs, rasp, runtime.model

root = Path(rasp.__file__).parents[1]
compiler.compile(rasp.load("hist").main, "ab", 2)("ab")  # what is loaded once is no part of the way
entered = {}


def follow(frame, event, argument):
    file = Path(frame.f_code.co_filename)
    if event == "call" and file.is_relative_to(root) and file.suffix == ".py":
        name = file.relative_to(root).as_posix()
        if name.split("/")[0] in ("rasp", "compiler", "runtime") and not name.endswith("__init__.py"):
            entered.setdefault(name)


text = (root / "programs" / "reverse.rasp").read_text()
sys.setprofile(follow)
model = compiler.compile(rasp.parse(text).main, "abc", 8)
answer = model("abc")
sys.setprofile(None)
assert answer == list("cba")
print(*entered, sep="\\n")
"""


FORTH_AND_BACK = """
import sys
from pathlib import Path

import rasp
from compiler.graph.building import build
from compiler.lowering.builder import lower
from compiler.request import request
from compiler.values.settling import settle

root = Path(rasp.__file__).parents[1]
asked = request("abc", 8)
settled = settle(build(rasp.load("reverse").main, asked), asked)
way = {}


def follow(frame, event, argument):
    code = frame.f_code
    file = Path(code.co_filename)
    if event == "call" and file.is_relative_to(root / "compiler") and not code.co_name.startswith("<"):
        way.setdefault((file.relative_to(root).as_posix(), code.co_qualname))


sys.setprofile(follow)
lower(settled.root, settled.domains)
sys.setprofile(None)
print(*(file for file, _ in way), sep="\\n")
"""
"""Each function and property is met once, where it is called first."""

MOST_RETURNS = 36
"""How often lowering `reverse` comes back to a file (see compiler/README.md)."""


def listed() -> list[str]:
    """The files of the table "The way of `reverse`" in compiler/README.md."""
    text = (ROOT / "compiler" / "README.md").read_text()
    table = text.partition("## The way of `reverse`")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    return [name.strip(" `") for row in rows for name in row[3].split(",")]


def printed(script: str) -> list[str]:
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.split()


def test_the_way_of_reverse_is_the_way_in_the_readme() -> None:
    assert listed() == printed(FOLLOW)


def test_lowering_seldom_comes_back_to_a_file() -> None:
    way = printed(FORTH_AND_BACK)
    entries = [file for file, before in zip(way, [None, *way], strict=False) if file != before]
    assert len(entries) - len(set(entries)) <= MOST_RETURNS
