"""The way to the terms as JSON, and what is no such way."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from compiler.certificate.derived_json import domain_data, domain_of, from_data, to_data
from compiler.certificate.deriving import derived_of
from compiler.graph.building import build
from compiler.graph.terms import Graph
from compiler.ranges.domains import Domain, Means, int_domain, labels, make_domain, multiples
from compiler.request import Request
from compiler.values.settling import Wording, settle
from rasp.errors import ModelError
from tests.support.worked import assert_text, lines, sop_of, stages

ZERO = Fraction(0)
FRACTIONS: tuple[Wording, ...] = ("fractions",)

EVERYTHING = """
    text = "abc"[indices % 3] if tokens == "a" else "c";
    table = {"a": 1, "b": True, "c": 1/2}[text];
    found = only(select(indices, 1, <) and not select(tokens, "b", ==), table, 2);
    answer = indicator(found in [1, 1/2]) + aggregate(select(tokens, tokens, ==), indices, 0);
"""


def test_there_and_back() -> None:
    derived = derived_of(stages(EVERYTHING).settled)
    data = to_data(derived)
    back = from_data(json.loads(json.dumps(data)))
    assert back == derived
    assert to_data(back) == data


def test_fractions_there_and_back() -> None:
    asked = Request(("a", "b"), 4)
    sop = sop_of(
        'mean = aggregate(select(tokens, "a", ==) or select(indices, 1, <), indices);'
        "answer = indices / length + mean;"
    )
    derived = derived_of(settle(build(sop, asked), asked, FRACTIONS))
    assert sum("fraction" in str(term.data) for term in derived.terms) == 2
    data = to_data(derived)
    assert to_data(from_data(json.loads(json.dumps(data)))) == data
    made = derived.made(Graph(causal=False))
    assert sum(term.is_fraction for term in made) == 2


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        (int_domain(0, 9), "0+1*10"),
        (make_domain([3, 5, 7, 9, 20, 21]), "3+2*4 20 21"),
        (make_domain([False, True]), "0 1; truths"),
        (make_domain([False, 2]), "0 2; truths 0"),
        (make_domain([Fraction(1, 2), Fraction(2), 3]), "1 4 6 of 1/2; fractions 4"),
        (multiples(np.arange(4), Fraction(3)), "0+1*4 of 3"),
        (make_domain([1, "a", "b"]), [1, "a", "b"]),
        (labels([Fraction(1, 3), "x"]), [{"fraction": "1/3"}, "x"]),
        (Means(Fraction(-1), Fraction(2), 40, Fraction(1, 2)), "-1 to 2 by 40 of 1/2"),
        (
            Means(Fraction(0), Fraction(1), 3, Fraction(1), (Fraction(0), Fraction(1, 3))),
            "0 to 1 by 3; 0 1/3",
        ),
    ],
)
def test_values_as_text(domain: Domain, text: Any) -> None:
    assert domain_data(domain) == text
    back = domain_of(text)
    assert (type(back), back.scale, back.ends) == (type(domain), domain.scale, domain.ends)
    assert [(type(v), v) for v in back.values or ()] == [(type(v), v) for v in domain.values or ()]


WRONG = """
    1 0
    0+1*99999999999
    0+0*3
    0 2; truths
    0 1; lies
    3 to 1 by 2
    0 to 1 by 0
    0 to 1 by 2; 1/2 0
    0+1*3 of -1
    0+1*3 of 0
    1/2
    ["b", "a"]
    []
    [1, 1]
    [null]
"""


@pytest.mark.parametrize("text", [line.strip() for line in WRONG.strip().splitlines()])
def test_what_are_no_values(text: str) -> None:
    data = json.loads(text) if text.startswith("[") else text
    with pytest.raises((ValueError, KeyError, TypeError, ModelError)):
        domain_of(data)


BROKEN: dict[str, dict[str, Any]] = {
    "no round": {"rounds": []},
    "a round of other terms": {"rounds": ["0>9"]},
    "a selector for an s-op": {"rounds": ["0>1"]},
    "another root": {"root": -1},
    "a selector is the root": {"root": 1},
    "values of a selector": {"values": {"1": "0 1"}},
    "nothing that reads": {"reads": {"0": "always"}},
    "what is said of no read": {"reads": {"2": "never"}},
    "no selector": {"ways": {"2": ["0 = 0"]}},
    "a selector is compared": {"ways": {"1": ["1 = 0"]}},
    "no way to compare": {"ways": {"1": ["0 ! 0"]}},
    "a kind that is none": {"terms": [["length", ""]]},
    "an operand after it": {"terms": [["exists", "0"]]},
    "a value is selected": {"terms": [["indices", ""], ["width", "0"]]},
    "too few operands": {"terms": [["indices", ""], ["map", "0", ["op", "+"]]]},
    "more than it has": {"terms": [["indices", "", 3]]},
    "no such function": {"terms": [["indices", ""], ["map", "0", ["python", "os"]]]},
    "a fraction that divides nothing": {
        "terms": [["indices", ""], ["map", "0 0", ["fraction", "op", "+"]]],
    },
    "no such conversion": {"terms": [["tokens", "", "id"]]},
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_way(what: str) -> None:
    terms = [["indices", ""], ["select", "0 0", "=="], ["width", "1"]]
    good: dict[str, Any] = {"terms": terms, "root": 2, "rounds": [""], "values": {"2": "1"}}
    good |= {"reads": {"2": "always, not mine"}, "ways": {"1": ["0 = 0", ""]}}
    assert from_data(good).root == 2
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError, ModelError)):
        from_data(good | {"root": 0, "values": {}} | BROKEN[what])


def test_how_short_it_is() -> None:
    data = to_data(derived_of(stages("answer = 2 * indices;").settled))
    assert_text(
        lines(f"{name}: {json.dumps(part)}" for name, part in data.items()),
        """
        terms: [["const", "", 2], ["indices", ""], ["map", "0 1", ["op", "*"]]]
        root: 2
        rounds: [""]
        values: {"2": "0 2 4"}
        """,
    )
