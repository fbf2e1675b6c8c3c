"""That what is claimed of selections is so."""

from __future__ import annotations

from typing import Any

import pytest

import compiler
import rasp
from compiler.graph.building import Built, build
from compiler.graph.conjunctions import conjunctions
from compiler.graph.terms import READS, Graph, Term, reachable
from compiler.rechecking.derivation.inputs import Inputs
from compiler.rechecking.derivation.known import Known
from compiler.rechecking.derivation.selections import Selections
from compiler.rechecking.derivation.text import require_text
from compiler.rechecking.proof import recheck
from compiler.rechecking.report import Unproved
from compiler.request import Request
from compiler.selections import facts
from compiler.values.inference import Domains
from compiler.values.relations import Relations
from compiler.values.settling import Settled, settle
from rasp.errors import RaspError
from rasp.graph.sops import SOp
from tests.compiler.selections.shapes import SHAPES, Example, examples
from tests.support.derivations import claimed_of, term
from tests.support.derivations import known as facts_of
from tests.support.lengths import EVERYTHING, Swept
from tests.support.program_cases import CASES, Case


def made(main: SOp, asked: Request) -> tuple[Built, Settled]:
    built = build(main, asked)
    return built, settle(built, asked, ())


def require(main: SOp, asked: Request) -> None:
    built, settled = made(main, asked)
    known = Known(claimed_of(settled))
    require_text(main, {}, built.graph, settled.rounds, settled.root, known)
    Selections(built.graph, known, asked).require(settled.root)


def yes(*_: Any) -> bool:
    return True


def no(*_: Any) -> bool:
    return False


PREVIOUS = "aggregate(select(tokens, tokens, ==) and select(indices, indices, <), tokens, '-')"
FOUND = "aggregate(select(has_focus(select(tokens, 'a', ==)), False, ==), indices, -1)"
RANK = "aggregate(select(selector_width(select(tokens, tokens, <)), indices, ==), indices, -1)"

TOO_MUCH = {
    "one value": (Relations, "at_most_one_value", yes, "aggregate(select(tokens, tokens, ==), indices, -1)"),
    "one value of a selection": (facts.Selections, "at_most_one_value", yes, "aggregate(full_s, indices)"),
    "one value of some": (facts.Selections, "_alike", yes, "aggregate(select(indices, 0, !=), tokens, '-')"),
    "one key": (facts.Selections, "at_most_one", yes, PREVIOUS),
    "one key of another": (Relations, "at_most_one", yes, "aggregate(select(indices, 0, !=), tokens, '-')"),
    "always": (Relations, "always", yes, "aggregate(select(tokens, 'a', ==), indices, -1)"),
    "always, a count": (Relations, "always", yes, "selector_width(select(tokens, 'a', ==))"),
    "itself": (facts.Selections, "_selects_itself", yes, PREVIOUS),
    "an extreme": (facts.Selections, "_selects_an_extreme", yes, FOUND),
    "a position": (
        Relations,
        "_is_an_index",
        yes,
        "aggregate(select(indices, indices + 1, ==), tokens, '-')",
    ),
    "positions": (Relations, "_takes_every_index", yes, RANK),
    "never all": (Relations, "never_all", yes, "selector_width(select(tokens, tokens, ==))"),
    "never mine": (facts.Selections, "never_mine", yes, "selector_width(select(indices, 1, ==))"),
    "a literal that holds": (Relations, "decided", yes, PREVIOUS),
    "a literal that does not": (Relations, "decided", no, PREVIOUS),
    "a literal by values": (Domains, "_truth", yes, "selector_width(select(tokens, 'a', ==))"),
    "no literal by values": (Domains, "_truth", no, "selector_width(select(tokens, 'a', ==))"),
}
"""What the compiler takes to be so, and of what it is not so."""


@pytest.mark.parametrize("lie", TOO_MUCH)
def test_what_is_not_so_is_not_shown(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, says, text = TOO_MUCH[lie]
    main, asked = rasp.parse(f"main = {text.replace(chr(39), chr(34))};").main, Request(("a", "b"), 3)
    require(main, asked)
    monkeypatch.setattr(owner, name, says)
    with pytest.raises(Unproved, match="it is not shown that"):
        require(main, asked)


@pytest.mark.parametrize("lie", ["one value of a selection", "always", "never all"])
def test_a_model_by_what_is_not_so_is_not_proved(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler believes it, in the model and in its proof."""
    owner, name, says, text = TOO_MUCH[lie]
    monkeypatch.setattr(owner, name, says)
    main = rasp.parse(f"main = {text.replace(chr(39), chr(34))};").main
    model = compiler.compile(main, "ab", 3)
    assert "it is not shown that" in (recheck(model).problem or "")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_claims_about_library_programs_are_shown(case: Case) -> None:
    require(rasp.load(case.name).main, Request(case.small.vocab, case.small.max_length, case.causal))


@pytest.mark.slow
@pytest.mark.parametrize("swept", EVERYTHING, ids=lambda swept: swept.name)
def test_claims_at_more_lengths_are_shown(swept: Swept) -> None:
    for length in (2, 5, 16):
        asked = Request(tuple(swept.vocab), length, swept.causal)
        try:
            made(swept.main, asked)
        except RaspError:
            continue
        require(swept.main, asked)


A = 'select(tokens, "a", ==)'


@pytest.mark.parametrize(
    ("selector", "claimed", "so"),
    [
        (f"select(length, length + 1, <) and {A}", [A], True),
        (f"select(length, length + 1, <) and {A}", [], False),
        (f"select(length, length + 1, <=) and {A}", ["select(length, length + 1, <=)"], False),
        (f"select(length, length, <) and {A}", [], True),
        (f'select(aggregate({A}, tokens), "b", <)', [], False),  # a string and a number
    ],
)
def test_the_ways_of_a_selector(selector: str, claimed: list[str], so: bool) -> None:
    graph, asked = Graph(causal=False), Request(("a", "b"), 4)
    ways = [conjunctions(term(graph, way))[0] for way in claimed]
    assert Selections(graph, facts_of(graph, asked), asked).falls_into(term(graph, selector), ways) is so


@pytest.mark.parametrize(
    ("selector", "claimed", "so"),
    [
        (f"select(indices, indices * indices + 1000, <) and {A}", [A], True),
        (f"select(indices, indices * indices + 999, <) and {A}", [A], False),
        (f"select(indices, indices * indices + 1000, >=) and {A}", [], True),
        (f"select(indices, indices * indices + 999, >=) and {A}", [], False),
        (f"select(indices * indices + 999, indices, >=) and {A}", [A], True),
        (f"select(indices, indices * indices + 999, <=) and {A}", [A], True),
        (f"select(indices * indices, indices - 1000, >) and {A}", [A], True),
        (f"select(indices * indices, indices - 999, >) and {A}", [A], False),
    ],
)
def test_a_comparison_of_many_values(selector: str, claimed: list[str], so: bool) -> None:
    """By which are the least and the largest, where not each is compared with each."""
    graph, asked = Graph(causal=False), Request(("a", "b"), 1000)
    ways = [conjunctions(term(graph, way))[0] for way in claimed]
    assert Selections(graph, facts_of(graph, asked), asked).falls_into(term(graph, selector), ways) is so


def wrongly_shown(main: SOp, asked: Request) -> list[tuple[str, Term]]:
    """What the statements show, and the interpreter contradicts on some input."""
    built, settled = made(main, asked)
    shown, tried = Selections(built.graph, Known(claimed_of(settled)), asked), Inputs(asked)
    wrong = []
    for read in reachable(settled.root):
        if read.kind not in READS or not tried.tells(read.args):
            continue
        ways = conjunctions(read.args[0])
        if shown.found.always(ways) and not tried.always(read):
            wrong.append(("always", read))
        if shown.never_mine(ways) and not tried.never_mine(read):
            wrong.append(("never mine", read))
        if shown.keys.at_most_one(ways) and not tried.at_most_one(read):
            wrong.append(("at most one", read))
        if len(read.args) > 1 and shown.keys.hold_alike(ways, read.args[1]) and not tried.hold_alike(read):
            wrong.append(("one value", read))
    return wrong


def short(example: Example) -> Request:
    return Request(example.asked.vocab, 4, example.asked.causal)


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_shown_that_an_input_contradicts(shape: str) -> None:
    """All statements are asked of all selections, claimed or not."""
    for example in examples(shape, 2):
        assert not wrongly_shown(rasp.parse(example.text).main, short(example))


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_shown_that_some_input_contradicts(shape: str) -> None:
    for example in examples(shape, 40):
        assert not wrongly_shown(rasp.parse(example.text).main, short(example))
