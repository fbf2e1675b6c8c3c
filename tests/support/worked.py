"""Worked examples: a program of two lines, one stage of its way to a model, and the text that stage gives.

The text stands in the test as a literal, for people to read. After a change on purpose,
`RASP_UPDATE_GOLDEN=1 pytest FILES` (in one process) writes the literals in these files anew, as it does with
the golden files: read the difference before committing it.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import compiler
import rasp
from compiler.certificate.claiming import Claiming
from compiler.certificate.claims import Claims, numbered
from compiler.graph.terms import Term, reachable
from compiler.pipeline import Compiled, run
from compiler.rechecking.stream import Stream
from compiler.request import Request, request
from rasp.graph.sops import SOp
from rasp.words import Atom
from runtime.places import apart
from tests.support.derivations import claimed_of

if TYPE_CHECKING:
    from runtime.model import Model

COUNT = """
    copies = selector_width(select(tokens, tokens, ==));
    answer = "twice" if copies == 2 else "not";
"""
"""How often does the token here occur in the input? A head counts, neurons compare."""

FIRST = """
    first = aggregate(select(indices, 0, ==), tokens);
    answer = first == tokens;
"""
"""Is the token here the same as the first? A head copies, neurons compare."""

DIGITS = """
    less = selector_width(select(tokens_asis, tokens_asis, <));
    answer = less * less;
"""
"""How many tokens are less, squared? One read, of which each of several heads counts a digit."""

TWO_PARTS = """
    start = select(indices, 0, ==) and select(indices, indices, ==);
    before = aggregate(select(indices, indices - 1, ==) or start, tokens);
    answer = before == tokens;
"""
"""Is the token the same as the one before? One read, of which each of two heads copies a part."""

BY_MEANS = """
    first = indicator(indices == 0);
    at_first = select(indices, 0, ==);
    its_length = round(1 / aggregate(full_s, first));
    def its_selector_width(sel) {
        with_first = aggregate(sel or at_first, first);
        first_selected = aggregate(sel and at_first, 1, 0);
        return round(1 / with_first - 1 + first_selected);
    }
    def its_has_focus(sel) { return aggregate(sel, 1, 0) > 0; }
    def its_count(seq, atom) { return round(its_length * aggregate(full_s, indicator(seq == atom))); }
    def its_contains(seq, atom) { return aggregate(full_s, indicator(seq == atom)) > 0; }
"""
"""How the original counts and asks, having nothing but `aggregate`."""


def sop_of(program: str) -> SOp:
    """The last s-op of a program."""
    return rasp.parse(program).main


def stages(
    program: str,
    vocab: Iterable[Atom] = "ab",
    max_length: int = 3,
    causal: bool = False,
    optimize: bool = True,
    keep: tuple[str, ...] = (),
) -> Compiled:
    """All stages of a program's way, for two letters and up to three of them."""
    return run(sop_of(program), request(vocab, max_length, causal, optimize, keep=keep))


@cache
def digits() -> Model:
    """The model of `DIGITS`, for 16 numbers and up to four of them."""
    return compiler.compile(sop_of(DIGITS), range(16), 4)


@cache
def model(program: str, causal: bool = False) -> Model:
    """The model of a program, for two letters and up to three of them; made once, and left as it is."""
    return compiler.compile(sop_of(program), "ab", 3, causal)


def asked(vocab: Iterable[Atom] = "ab", max_length: int = 3, causal: bool = False) -> Request:
    """What worked examples are compiled for."""
    return request(vocab, max_length, causal)


def named(root: Term, name: str) -> Term:
    """The term below a root that people see under a name."""
    [found] = [term for term in reachable(root) if term.title == name]
    return found


def claims_of(made: Compiled) -> Claims:
    """What the certificate of a compiled program claims."""
    claiming = Claiming(made.lowered, made.schedule, made.stored.columns, made.settled)
    return claiming.claims(made.asked.optimize)


def stream_of(made: Compiled) -> Stream:
    """The residual stream of a compiled program, as its certificate describes it."""
    config, weights = apart(made.stored.config, made.stored.weights)
    return Stream(config, weights, claimed_of(made.settled), numbered(made.settled.root), claims_of(made))


def lines(found: Iterable[object]) -> str:
    """One thing a line."""
    return "\n".join(map(str, found))


# Texts in the tests themselves ------------------------------------------------------------------------


def assert_text(actual: str, expected: str) -> None:
    """The text is the literal in the test, whose indentation does not count.

    With RASP_UPDATE_GOLDEN set, a literal that differs is written anew in the file of the test.
    """
    found = "\n".join(line.rstrip() for line in actual.strip("\n").splitlines())
    if os.environ.get("RASP_UPDATE_GOLDEN") and found != inspect.cleandoc(expected):
        frame = inspect.currentframe()
        assert frame is not None
        assert frame.f_back is not None
        _rewrite(frame.f_back, found)
        return
    assert found == inspect.cleandoc(expected)


_sources: dict[Path, str] = {}
"""The files as they were when they were imported: the line numbers of frames are theirs."""

_edits: dict[Path, dict[tuple[int, int], str]] = {}
"""For each file, the lines [first, last) that become others."""


def _rewrite(caller: FrameType, text: str) -> None:
    """Write a text into the call of `assert_text` that is running, as its last argument."""
    path = Path(caller.f_code.co_filename)
    source = _sources.setdefault(path, path.read_text())
    old = source.splitlines()
    call = _call_at(ast.parse(source), caller.f_lineno)
    literal = call.args[1]
    assert isinstance(literal, ast.Constant)
    assert literal.end_lineno is not None
    assert '"""' not in text
    margin = " " * (call.col_offset + 4)
    head, tail = old[literal.lineno - 1][: literal.col_offset], old[literal.end_lineno - 1]
    body = [(margin + line).rstrip() for line in text.splitlines()]
    quotes = 'r"""' if "\\" in text else '"""'
    made = [head + quotes, *body, margin + '"""' + tail[literal.end_col_offset :]]
    edits = _edits.setdefault(path, {})
    edits[literal.lineno - 1, literal.end_lineno] = "\n".join(made)
    for (first, last), replacement in sorted(edits.items(), reverse=True):
        old[first:last] = replacement.split("\n")
    path.write_text("\n".join(old) + "\n")


def _call_at(tree: ast.Module, line: int) -> ast.Call:
    """The call of `assert_text` that a line belongs to."""
    [found] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == assert_text.__name__
        and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return found
