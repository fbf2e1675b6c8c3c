"""The least of what is selected: what a program asks for in other words, and what it may be said of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

import rasp
from compiler.graph.building import build
from compiler.graph.meaning import values_of
from compiler.graph.terms import Kind, dump, reachable
from compiler.selections.facts import Selections
from compiler.values import extremes
from compiler.values.settling import Wording, settle
from rasp.errors import CompileError, EvaluationError
from tests.compiler.selections.shapes import Example, examples
from tests.support.sweeps import sweep
from tests.support.worked import asked, assert_text, sop_of

LEAST: frozenset[Wording] = frozenset({"least"})


def by_least(program: str) -> str:
    return dump(settle(build(sop_of(program), asked()), asked(), LEAST).root)


def test_whether_any_lies_before_is_whether_the_least_does() -> None:
    """Nothing of my class lies before me, unless its first position does. Where the class were empty, the
    answer would be 2, before which no position lies.
    """
    assert_text(
        by_least(
            """
            same = select(tokens, tokens, ==);
            answer = has_focus(same and select(indices, indices, <));
            """
        ),
        """
        %0 tokens_str = tokens_str
        %1 same = select(%0, %0, ==)
        %2 = indices
        %3 = least(%1, %2, 2)
        %4 answer = (%3 < %2)
        """,
    )


def test_what_nothing_beats_is_the_largest() -> None:
    """The positions at which no deeper one is found hold the greatest depth: minus the least of minus depth.
    The flag of them is needed no more.
    """
    assert_text(
        by_least(
            """
            depth = selector_width(select(tokens, "a", ==) and select(indices, indices, <=));
            beaten = has_focus(select(depth, depth, >));
            answer = aggregate(select(beaten, False, ==), depth);
            """
        ),
        """
        %0 tokens_str = tokens_str
        %1 = "a"
        %2 = select(%0, %1, ==)
        %3 = indices
        %4 = select(%3, %3, <=)
        %5 = (%2 and %4)
        %6 = 1
        %7 = select(%6, %6, ==)
        %8 depth = selector_width(%5)
        %9 = (-%8)
        %10 = least(%7, %9, 0)
        %11 answer = (-%10)
        """,
    )


FLAGS = ("not has_focus({})", "selector_width({}) == 0", "0 == selector_width({})", "selector_width({}) < 1")
NO_FLAGS = ("selector_width({}) == 1", "selector_width({}) <= 1", "selector_width({}) != 0", "has_focus({})")


@pytest.mark.parametrize(("flag", "is_one"), [*((f, True) for f in FLAGS), *((f, False) for f in NO_FLAGS)])
def test_a_count_of_none_is_a_question_too(flag: str, is_one: bool) -> None:
    """However it is said that nothing is deeper, the greatest depth is read; not where something may be."""
    told = by_least(
        f"""
        depth = selector_width(select(tokens, "a", ==) and select(indices, indices, <=));
        answer = aggregate(select({flag.format("select(depth, depth, >)")}, True, ==), depth);
        """
    )
    assert ("aggregate" not in told) is is_one, told


def test_a_selector_may_ask_for_a_count_of_none() -> None:
    told = by_least(
        """
        depth = selector_width(select(tokens, "a", ==) and select(indices, indices, <=));
        deeper = selector_width(select(depth, depth, >));
        answer = aggregate(select(deeper, 0, ==), depth);
        """
    )
    assert "aggregate" not in told, told


def test_what_is_asked_of_others_is_not_the_least() -> None:
    """An "a" that no "b" precedes need not be the first "a": the flag stays, and only the question whether
    there is a "b" is put to the first one.
    """
    assert_text(
        by_least(
            """
            after_b = has_focus(select(tokens, "b", ==) and select(indices, indices, <));
            answer = aggregate(select(tokens == "a" and not after_b, True, ==), indices, -1);
            """
        ),
        """
        %0 tokens_str = tokens_str
        %1 = "a"
        %2 = (%0 == %1)
        %3 = "b"
        %4 = select(%0, %3, ==)
        %5 = indices
        %6 = True
        %7 = least(%4, %5, 2)
        %8 after_b = (%7 < %5)
        %9 = (not %8)
        %10 = (%2 and %9)
        %11 = select(%10, %6, ==)
        %12 answer = aggregate(%11, %5, -1)
        """,
    )


def yes(*_: Any) -> bool:
    return True


EITHER = """
    copies = selector_width(select(tokens, tokens, ==));
    rarer = has_focus({}select(copies, copies, >));
    answer = rarer or has_focus(select(copies, copies, ==) and select(indices, indices, <));
"""


def test_either_of_two_is_told_by_what_is_not_equal() -> None:
    """My own count is among those of which the least is read: if that is another, it is smaller."""
    told = by_least(EITHER.format(""))
    assert told.count("!=") == 2
    assert "(%" in told
    assert "!=" not in by_least(EITHER.format('select(tokens, "a", ==) and '))


def test_what_is_not_among_the_selected_may_be_unequal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A "b" is not, where only an "a" is selected."""
    example = Example(EITHER.format('select(tokens, "a", ==) and '), asked())
    assert list(different(example)) == [[]]
    monkeypatch.setattr(extremes, "_selects_itself", yes)
    assert any(different(example))


SHAPES = ("extremes", "nothing there", "same position")


def different(example: Example) -> Iterator[list[Any]]:
    """The inputs on which a program settled by way of the least gives something else, and None at the end if
    something is read as the least.
    """
    request = example.asked
    try:
        built = build(rasp.parse(example.text).main, request)
        settled = settle(built, request, LEAST)
    except CompileError:
        return
    if all(term.kind is not Kind.LEAST for term in reachable(settled.root)):
        return
    for length in range(1, request.max_length + 1):
        for tokens in map(list, itertools.product(request.vocab, repeat=length)):
            try:
                right = values_of(built.root, tokens, request.causal)
            except EvaluationError:
                continue
            if values_of(settled.root, tokens, request.causal) != right:
                yield tokens
    yield []


@pytest.mark.parametrize("tried", sweep([12, 300], [12]))
@pytest.mark.parametrize("shape", SHAPES)
def test_no_input_tells_the_least_apart(shape: str, tried: int) -> None:
    found = [(example.text, list(different(example))) for example in examples(shape, tried)]
    for text, inputs in found:
        assert inputs in ([], [[]]), (text, inputs[0])
    assert sum(bool(inputs) for _, inputs in found) >= tried / 6


def one(*_: Any) -> int:
    return 1


CONDITIONS = {
    "what beats a key is selected with it": (Selections, "_is_beaten_by_selected", yes),
    "what is selected and lies on that side beats": (Selections, "_selected_beat", yes),
    "the source grows with what is compared, or falls": (extremes, "_direction", one),
    "no query lies below the default": (extremes, "_nothing", lambda *_: 0),
}
"""By side condition: where it is asked for, and what leaves it out."""


@pytest.mark.parametrize("condition", sweep(CONDITIONS, list(CONDITIONS)[2:]))
def test_without_this_condition_some_input_does(condition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    home, name, without = CONDITIONS[condition]
    monkeypatch.setattr(home, name, without)
    assert any(any(different(example)) for shape in SHAPES for example in examples(shape, 200))
