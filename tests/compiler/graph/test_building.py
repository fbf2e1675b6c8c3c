"""Building: from the s-ops of a program to terms, and which term each of them became."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import compiler
from compiler.graph.building import build, builds
from compiler.graph.meaning import values_of
from compiler.graph.terms import Kind, render
from rasp.graph.sops import SOp
from rasp.words import Atom
from tests.support.worked import asked, assert_text, lines, sop_of

NEGATED = """
    begins = indices == 0;
    answer = not (not begins);
"""


def test_what_each_s_op_became() -> None:
    """Node by node, operands first: the second `not` has become what the first one negates."""
    built = build(sop_of(NEGATED), asked())
    assert_text(
        lines(
            f"{node.name or 'unnamed'}: {render(term, depth=2)}"
            for node, term in built.terms.items()
            if isinstance(node, SOp)
        ),
        """
        indices: indices
        unnamed: 0
        begins: (indices == 0)
        unnamed: (not begins)
        answer: (indices == 0)
        """,
    )


def test_remainders_before_sums() -> None:
    """Where there is a remainder of sums, and not where what is added up is small already, or no number."""
    total = "s = length * aggregate(full_s, {}); answer = (3 * s - length) % 5;"
    texts = [total.format(x) for x in ("indices", "indices % 5", "indicator(tokens == 3)", "tokens")]
    found = [[render(each.root, depth=9) for each in builds(sop_of(text), asked())] for text in texts]
    assert [len(each) for each in found] == [
        1 + (x == "indices") for x in ("indices", "other", "other", "other")
    ]
    assert "(indices % 5)" in found[0][1]
    assert "(indices % 5)" not in found[0][0]


def test_remainders_before_rounded_sums() -> None:
    """Where what is added up is whole by its form and the vocabulary, rounding it stands in no way."""
    text = "s = select(tokens, tokens, <); answer = round(selector_width(s) * aggregate(s, {})) % 5;"
    wholes: dict[str, Sequence[Atom]] = {
        "tokens_asis": (1, 2, 7),
        "tokens_int": "17",
        "tokens_asis - indices % 3 * 2": (1, 7),
        "tokens_asis if indices > 1 else 0 - tokens_asis": (1, 7),
        "tokens_int * 2 ^ indices": "01",
        "tokens_int * 2 ^ (length - 1 - indices)": "01",
        "tokens_int * 2 ^ (length - indices - 1)": "01",
    }
    others: dict[str, Sequence[Atom]] = {
        "tokens_asis": (1, Fraction(5, 2)),
        "tokens_asis / 2": (1, 2),
        "tokens_float": (1, 2),
        "tokens_int * 2 ^ (length - 2 - indices)": "01",
        "tokens_int * 2 ^ (indices - 1)": "01",
    }
    for cases, count in ((wholes, 2), (others, 1)):
        for values, vocab in cases.items():
            assert len(builds(sop_of(text.format(values)), asked(vocab))) == count, values


SELECTORS = [
    "select(tokens_int, tokens_int, <)",
    "select(tokens_int, tokens_int, ==) and select(indices, indices, <)",
    "select(tokens_int, tokens_int, ==) and select(indices, indices, >)",
    "select(tokens_int, tokens_int, >) and select(indices, 2, !=)",
    "select(tokens_int, tokens_int, <=) and select(tokens_int, 1, ==)",
    "not select(indices, indices, <)",
    "select(tokens_int, indices, ==) or select(indices, indices, <)",
]


def test_what_is_counted_apart_is_counted_together() -> None:
    """Wherever no key is selected by both, and nowhere else."""
    request, found = asked(range(3), 4), 0
    for one, other in product(SELECTORS, repeat=2):
        text = f"answer = selector_width({one}) + selector_width({other});"
        every = builds(sop_of(text), request)
        both = sop_of(f"answer = selector_width(({one}) and ({other}));")
        inputs = [list(each) for n in (1, 2, 3, 4) for each in product(range(3), repeat=n)]
        overlap = any(any(both(each)) for each in inputs)
        assert len(every) == 1 or not overlap, (one, other)
        if len(every) == 2:
            found += 1
            assert every[1].root.kind is Kind.WIDTH
            assert all(values_of(every[1].root, each, False) == sop_of(text)(each) for each in inputs)
    assert found == 16


def test_a_rank_that_is_added_up_is_a_rank() -> None:
    """So what has one is copied, not averaged."""
    text = (
        "before = selector_width(select(tokens_int, tokens_int, ==) and select(indices, indices, <));"
        "rank = selector_width(select(tokens_int, tokens_int, <)) + before;"
        "largest = aggregate(select(rank, length - 1, ==), tokens_int);"
        "answer = largest - aggregate(select(rank, 0, ==), tokens_int);"
    )
    model = compiler.compile(sop_of(text), "0123456789", 24)
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()
    assert model("31415926535897932384") == [8] * 20
