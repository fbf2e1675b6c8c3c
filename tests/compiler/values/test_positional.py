"""What positions and the length alone decide."""

from __future__ import annotations

from fractions import Fraction

import pytest

import compiler
from compiler.graph.building import build
from compiler.graph.meaning import all_values
from compiler.graph.terms import Kind, reachable
from compiler.request import Request
from compiler.values import positional
from compiler.values.positional import Positional
from compiler.values.settling import settle
from tests.support.worked import asked, named, sop_of

MIDDLE = "middle = round(length / 2); first_half = indices < middle;"
PROGRAMS = (
    f"{MIDDLE} answer = (indices if first_half else indices - middle) + 0 * tokens_int;",
    "before = select(indices, indices - 1, ==);"
    "side = aggregate(before, indices % 3, 7) - length; answer = side * tokens_int;",
    "turn = selector_width(select(indices % 2, indices % 3, ==));answer = turn - length == tokens_int;",
    "seen = aggregate(select(indices, indices, <), indices, 1 / 2); answer = seen - length < tokens_int;",
    "odd = select(indices % 2, 1, ==);"
    "answer = tokens_int if has_focus(odd) else aggregate(odd, indices, -1);",
)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("text", PROGRAMS)
def test_domains_hold_what_there_is_at_every_position(text: str, causal: bool) -> None:
    """And of what is decided, but for the output, sums and copies, nothing else."""
    request = asked(range(3), 5, causal)
    settled = settle(build(sop_of(text), request), request)
    decided = Positional(request)
    met: dict[int, set[object]] = {}
    for n in range(1, 6):
        for index, row in all_values(settled.root, [n % 3] * n, causal).items():
            met.setdefault(index, set()).update(map(str, row))
    exact = 0
    for term in (t for t in reachable(settled.root) if not t.is_selector):
        values = {str(value) for value in settled.domains.get(term).values or ()}
        if (found := decided.values(term)) is not None:
            assert met[term.index] <= values
            if term is not settled.root and term.kind in (Kind.MAP, Kind.WIDTH, Kind.EXISTS):
                assert {str(value) for value in found} == met[term.index] == values
                exact += 1
    assert exact


def test_what_is_copied_from_some_positions_only_is_carried() -> None:
    """The copy takes fewer values than there are to be copied."""
    even = "select(indices, 2 * (indices % 2), ==)"
    text = f"side = aggregate({even}, indices, 7) % 3; answer = side == tokens_int;"
    model = compiler.compile(sop_of(text), range(3), 5)
    assert compiler.recheck(model).ok
    assert model([0, 1, 2, 2, 0]) == sop_of(text)([0, 1, 2, 2, 0])


def test_of_what_is_not_decided_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(range(3), 5)
    text = "kept = indices % 2; marked = tokens_int > indices; answer = (kept - length) * marked;"
    root = build(sop_of(text), asked(range(3), 5)).root
    assert Positional(request).values(named(root, "kept")) == {0, 1}
    assert Positional(request).values(named(root, "marked")) is None
    assert Positional(request).values(root) is None
    replaceable = build(sop_of(text), Request(tuple(range(3)), 5, keep=("kept",))).root
    assert all(Positional(request).values(t) is None for t in reachable(replaceable) if t.is_kept)
    monkeypatch.setattr(positional, "MAX_WORK", 20)
    assert Positional(request).values(named(root, "kept")) is None
    monkeypatch.setattr(positional, "MAX_LENGTH", 4)
    assert Positional(request).values(named(root, "kept")) is None


@pytest.mark.parametrize(
    ("addend", "ends"),
    [
        ("tokens_int * 2^(length - 1 - indices)", (0, 62)),
        ("indices - tokens_int", (-3, 10)),
        ("tokens_int * selector_width(select(tokens, tokens, ==))", None),
        ("tokens", None),
    ],
)
def test_the_largest_addends_of_every_position_together(addend: str, ends: tuple[int, int] | None) -> None:
    request = asked(range(3), 5)
    root = build(sop_of(f"answer = {addend};"), request).root
    found = Positional(request).sums(root)
    assert found == (None if ends is None else tuple(map(Fraction, ends)))


WOVEN = """
    half = (length - length % 2) / 2;
    from = indices / 2 if indices % 2 == 0 else half + (indices - 1) / 2;
    answer = aggregate(select(indices, from, ==), tokens, "?");
""".replace("from", "origin")
"""The second half between the first: every query finds its key, which no closed form says."""


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("text", [*PROGRAMS, WOVEN])
def test_selections_are_what_there_is_at_every_position(text: str, causal: bool) -> None:
    request = asked(range(3), 5, causal)
    root = settle(build(sop_of(text), request), request).root
    decided, looked_at = Positional(request), 0
    for term in (t for t in reachable(root) if t.is_selector):
        rows = decided.selected(term)
        if rows is not None:
            looked_at += 1
            found = [all_values(term, [0] * n, causal)[term.index] for n in range(1, 6)]
            seen = [
                [chosen and (key <= query or not causal) for key, chosen in enumerate(row)]
                for rows_of_one in found
                for query, row in enumerate(rows_of_one)
            ]
            assert rows == seen
    assert looked_at or text == PROGRAMS[0]  # which reads nothing
    same = build(sop_of("x = selector_width(select(tokens, tokens, ==));"), request).root.args[0]
    assert Positional(request).selected(same) is None


@pytest.mark.parametrize("length", [5, 17])
def test_what_finds_its_key_at_every_position_needs_no_default(length: int) -> None:
    model = compiler.compile(sop_of(WOVEN), "abc", length)
    assert (model.size.layers, model.size.heads) == (2, 1)
    assert "?" not in repr(model.config.output)
    assert compiler.recheck(model).ok
    for n in range(1, length + 1):
        tokens = ["abc"[i * i % 3] for i in range(n)]
        assert model(tokens) == sop_of(WOVEN)(tokens)


def test_what_adds_up_no_more_than_one_is_still_a_sum() -> None:
    text = "answer = length * aggregate(select(indices, indices, !=), tokens_int) + selector_width(full_s);"
    model = compiler.compile(sop_of(text), "012", 2)
    assert compiler.recheck(model).ok
    for tokens in ("2", "12", "20", "22"):
        assert model(tokens) == sop_of(text)(tokens)
