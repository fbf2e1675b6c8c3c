"""What compiles at a maximum length compiles at every smaller one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

import rasp
from compiler.pipeline import attempt
from compiler.request import request
from rasp.errors import TooLargeError
from rasp.graph.sops import SOp
from rasp.words import Atom
from tests.support.program_cases import CASES, Case

LONGEST = 40

FEW = (1, 2, 3, 5, 8, 12)
"""Lengths that are tried quickly."""

EXAMPLES: dict[str, tuple[str, Sequence[Atom]]] = {
    "after the first": (
        'where = aggregate(select(mark_first_instance(tokens, "a"), True, ==), indices, -2);'
        'x = aggregate(select(indices, where + 1, ==), tokens, "?");',
        "abc",
    ),
    "first occurrences in order": (
        "same = select(tokens, tokens, ==); earlier = select(indices, indices, <);"
        "is_first = not has_focus(same and earlier);"
        "born = aggregate(same and select(is_first, True, ==), indices);"
        "x = selector_width(select(born, born, <));",
        "abc",
    ),
    "greatest depth": (
        'opened = selector_width(select(tokens, "(", ==) and select(indices, indices, <=));'
        'closed = selector_width(select(tokens, ")", ==) and select(indices, indices, <=));'
        "depth = opened - closed; beaten = has_focus(select(depth, depth, >));"
        "x = aggregate(select(beaten, False, ==), depth);",
        "()",
    ),
    "a mean compared": ('x = indices < aggregate(select(tokens, "|", ==), indices);', "ab|"),
    "from the bar": ('x = indices - only(select(tokens, "|", ==), indices);', "ab|"),
    "a default of its own": (
        'x = indices - aggregate(select(tokens, "a", ==) and select(indices, 0, ==), indices, 99);',
        "ab",
    ),
    "after the colon": ('x = aggregate(select_from_first(tokens, ":"), indices, -1);', "ab:"),
    "a remainder of a count": ('x = selector_width(select(tokens, "a", ==)) % 7;', "ab"),
    "median": (
        "v = tokens_int; lower = select(v, v, <) or (select(v, v, ==) and select(indices, indices, <));"
        "x = aggregate(select(selector_width(lower), (length - 1 - length % 2) / 2, ==), v);",
        "0123",
    ),
    "signs": (
        "next = aggregate(select(indices, indices + 1, ==), tokens_int);"
        "x = tokens_int - 2 * next if tokens_int < next else tokens_int;",
        "0123456789",
    ),
}


def works(sop: SOp, vocab: Sequence[Atom], length: int, causal: bool = False) -> bool:
    try:
        return attempt(sop, request(vocab, length, causal))[1].certified
    except TooLargeError:
        return False


def first_that_works_again(found: Iterable[bool]) -> bool:
    """Whether one length works after one that did not."""
    refused = False
    for each in found:
        if each and refused:
            return True
        refused = refused or not each
    return False


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_at_few_lengths(name: str) -> None:
    text, vocab = EXAMPLES[name]
    sop = rasp.parse(text).main
    assert not first_that_works_again(works(sop, vocab, length) for length in FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_at_all_lengths(name: str) -> None:
    text, vocab = EXAMPLES[name]
    sop = rasp.parse(text).main
    assert not first_that_works_again(works(sop, vocab, length) for length in range(1, LONGEST + 1))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_library_at_few_lengths(case: Case) -> None:
    """None is refused at all. All lengths are swept in `test_jumps`."""
    main = rasp.load(case.name).main
    assert all(works(main, case.small.vocab, length, case.causal) for length in (1, 2, 5))
