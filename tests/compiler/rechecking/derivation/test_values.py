"""That s-ops have values of their domains only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

import compiler
import rasp
from compiler.certificate.derived import Derived, ReadClaim
from compiler.graph.building import build
from compiler.graph.terms import Graph, Kind, reachable
from compiler.ranges.domains import Domain, Means, int_domain, make_domain
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.derivation.values import Closed, _all_in, _as_fractions, _as_sums, _multiple
from compiler.rechecking.proof import recheck
from compiler.rechecking.report import Unproved
from compiler.request import Request
from compiler.values.inference import Domains
from compiler.values.settling import Settled, Wording, settle
from rasp.errors import TooLargeError
from rasp.graph.sops import SOp
from rasp.words import Atom, Operator
from tests.support.derivations import claimed_of, term
from tests.support.lengths import EVERYTHING, Swept
from tests.support.program_cases import CASES, Case

WORDINGS: list[tuple[Wording, ...]] = [(), ("least", "whole"), ("counted", "fractions")]


def settled(main: SOp, asked: Request, wording: tuple[Wording, ...] = ()) -> Settled:
    return settle(build(main, asked), asked, wording)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_else_comes_up(case: Case) -> None:
    asked = Request(case.small.vocab, case.small.max_length, case.causal)
    found = settled(rasp.load(case.name).main, asked)
    Closed(claimed_of(found)).require([found.root])


@pytest.mark.slow
@pytest.mark.parametrize("swept", EVERYTHING, ids=lambda swept: swept.name)
def test_nothing_else_comes_up_at_more_lengths(swept: Swept) -> None:
    for length in (3, 16):
        for wording in WORDINGS:
            try:
                found = settled(swept.main, Request(tuple(swept.vocab), length, swept.causal), wording)
            except TooLargeError:
                continue
            Closed(claimed_of(found)).require([found.root])


PROGRAMS = """
    indices % 3
    length
    aggregate(select(tokens_int, 2, <), indices)
    aggregate(full_s, indices) * 2 - 1
    aggregate(full_s, indices) + aggregate(full_s, tokens_int)
    selector_width(select(tokens, tokens, ==))
    round(aggregate(full_s, tokens_int) * length)
    selector_width(select(tokens, tokens, !=)) * aggregate(select(tokens, tokens, !=), tokens_int)
    length - 1 - indices
    9 if indices < 2 else indices
    tokens_int if tokens_int + 1 else indices
    1 if tokens_int - 1 else 3
    aggregate(select(tokens_int, 2, ==), indices, 7)
"""


def less(domain: Domain) -> Domain:
    """A domain without its largest value."""
    if isinstance(domain, Means):
        return Means(domain.low, domain.high - 1, domain.max_denominator, domain.scale)
    return make_domain(domain.values[:-1])


@pytest.mark.parametrize("text", [line.strip() for line in PROGRAMS.strip().splitlines()])
def test_a_value_that_is_not_claimed_is_missed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of no s-op the largest value may be left out."""
    found = settled(rasp.parse(f"x = {text};").main, Request((1, 2, 5), 6))
    Closed(claimed_of(found)).require([found.root])
    claimed = less(found.domains.get(found.root))
    monkeypatch.setitem(found.domains._domains, found.root.index, claimed)
    with pytest.raises(Unproved):
        Closed(claimed_of(found)).require([found.root])


def test_a_model_by_a_wrong_domain_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler takes a count to be one less than it can be, in the model and in its proof."""
    monkeypatch.setattr(Domains, "_infer_width", lambda self, term: int_domain(0, 2))
    model = compiler.compile(rasp.load("hist").main, "ab", 4)
    assert model("aaaa") != [4, 4, 4, 4]
    assert "it is not shown that" in (recheck(model).problem or "")


FRACTIONS = """
    aggregate(select(tokens_int, 2, ==), indices)
    aggregate(select(tokens_int, 2, ==), indices) * 3
    aggregate(select(tokens_int, 2, ==), indices - 5) * -3
    aggregate(select(tokens_int, 2, ==), indices) * indicator(tokens_int > 1)
    +aggregate(select(tokens_int, 2, ==), indices)
    (tokens_int > 1) * aggregate(select(tokens_int, 2, ==), indices)
    aggregate(select(tokens_int, 2, ==), indices) - tokens_int
    aggregate(select(tokens_int, 2, ==), indices) + 1
    aggregate(select(tokens_int, 2, ==), indices) - aggregate(full_s, tokens_int)
    aggregate(select(tokens_int, 2, ==), indices) + aggregate(select(tokens_int, 2, ==), indices) - 1
    aggregate(select(tokens_int, 2, ==), indices) - 3 * aggregate(select(tokens_int, 2, ==), indices) + 1 / 2
"""


@pytest.mark.parametrize("text", [line.strip() for line in FRACTIONS.strip().splitlines()])
def test_fractions_have_no_more_than_is_claimed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither larger ones nor smaller ones, and no larger denominators."""
    found = settled(rasp.parse(f"x = {text};").main, Request((1, 2, 5), 80))
    Closed(claimed_of(found)).require([found.root])
    claimed = found.domains.get(found.root)
    assert isinstance(claimed, Means)
    for wrong in (
        replace(claimed, high=claimed.high - 1),
        replace(claimed, low=claimed.low + 1),
        replace(claimed, max_denominator=claimed.max_denominator - 1),
        replace(claimed, scale=claimed.scale * 2),
        replace(claimed, listed=(claimed.low, claimed.high)),
        replace(claimed, low=-claimed.high - 1, high=-claimed.low),
    ):
        monkeypatch.setitem(found.domains._domains, found.root.index, wrong)
        assert not Closed(claimed_of(found)).shown(found.root)


TRUE_OR_NOT = {
    'tokens == "a"': True,
    "has_focus(select(tokens, tokens, <))": True,
    'aggregate(select(indices, 0, ==), tokens == "a")': True,
    '(tokens == "a") if indices == 0 else (tokens == "b")': True,
    'indicator(tokens == "a")': False,
    '(tokens == "a") if indices == 0 else 1': False,
    'aggregate(select(indices, indices + 1, ==), tokens == "a")': False,  # 0 at the end
    '(tokens == "a") * 1': False,
    '+(tokens == "a")': False,
    'round(tokens == "a")': False,
    '1 if tokens == "a" else True': False,
    '1 if tokens == "a" else indices == 0': False,
    '1 if tokens == "a" and indices > 0 else True': False,
}


@pytest.mark.parametrize("text", TRUE_OR_NOT)
def test_no_number_is_taken_for_a_truth_value(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of numbers 0 and 1 there is a mean, and a certificate may claim that they are False and True."""
    found = settled(rasp.parse(f"made = {text};")["made"], Request(("a", "b"), 40))  # type: ignore[arg-type]
    claimed = claimed_of(found)
    assert Closed(claimed).shown(found.root)
    honest, truths = claimed.get, make_domain([False, True])
    monkeypatch.setattr(claimed, "get", lambda term: truths if term is found.root else honest(term))
    assert Closed(claimed).shown(found.root) is TRUE_OR_NOT[text]


A, B, C = (f"selector_width(select(tokens, {token}, ==))" for token in (1, 2, 5))


@pytest.mark.parametrize(
    ("text", "length", "claims", "count", "so"),
    [
        ("length - 1 - indices", 600, {}, 600, True),
        ("length - 1 - indices", 40, {}, 39, False),
        (f"{A} - 1 - indices", 600, {}, 600, False),
        (f"{A} + {B}", 600, {}, 1201, True),
        (f"{A} + {B}", 40, {}, 80, False),
        (f"{A} + {B} + {C}", 120, {f"{A} + {B}": 241}, 340, False),
    ],
)
def test_of_many_numbers_all_must_be_claimed(
    text: str, length: int, claims: dict[str, int], count: int, so: bool
) -> None:
    """Nothing is shown by what is claimed of the s-op itself."""
    assert shown({text: range(count), **{each: range(n) for each, n in claims.items()}}, length) is so


WHOLE_FRACTIONS = {
    "tokens_int / 1": True,
    "tokens_int / 1 + indices - indices": True,
    "(tokens_int - tokens_int % 2) / 2 * 2 + tokens_int % 2": True,
    "tokens_int * 1": False,
    "round(tokens_int / 1)": False,
    "tokens_int / 1 if indices == 0 else tokens_int": False,
    "{1: 1, 2: 2, 5: 5}[tokens_int]": False,
}


@pytest.mark.parametrize("text", WHOLE_FRACTIONS)
def test_no_int_is_taken_for_a_fraction(text: str) -> None:
    """With an int a list can be indexed, and with the fraction that it equals it cannot."""
    assert shown({text: [Fraction(n) for n in (1, 2, 5)]}, 4) is WHOLE_FRACTIONS[text]
    assert shown({text: (1, 2, 5)}, 4)  # an int may stand for a fraction


def test_what_no_fraction_indexes_is_not_shown_by_ints() -> None:
    """Where the list has one value that may be claimed to be a fraction."""
    looked_up = "[7, 7, 7, 7, 7, 7][tokens_int / 1]"
    assert not shown({f"{looked_up} / 1 + indices - indices": [Fraction(7)], looked_up: [7]}, 4)


def test_the_tens_of_a_sum_are_proved() -> None:
    """They are whole fractions, of more sums than cases of quotients are looked at."""
    text = "s = round(length * average(tokens_int)); x = ((s - s % 10) / 10) % 10;"
    proved = compiler.recheck(compiler.compile(rasp.parse(text).main, "0123456789", 27))
    assert proved.ok, proved.summary()


@pytest.mark.parametrize(("values", "so"), [((1, 2, 5, 7), True), ((1, 2, 5), False)])
def test_a_number_may_be_0_among_too_many(values: Sequence[Atom], so: bool) -> None:
    text = "tokens_int if aggregate(select(tokens_int, 2, ==), indices) else 7"
    assert shown({text: values}, 200) is so


@pytest.mark.parametrize(("values", "so"), [(range(1, 180), True), (range(2, 180), False)])
def test_the_values_of_one_s_op_are_tried_one_by_one(values: Sequence[Atom], so: bool) -> None:
    """Where they are too many with those of all others."""
    assert shown({f"({A} + indices) if {A} > 5 else ({A} + {B} + 1)": values}, 90) is so


def shown(claims: dict[str, Sequence[Atom]], length: int) -> bool:
    """Whether it is shown that the first s-op has no other values than are claimed of it."""
    graph, asked = Graph(causal=False), Request((1, 2, 5), length)
    terms = [term(graph, each) for each in claims]
    domains = {number: make_domain(values) for number, values in enumerate(claims.values())}
    return Closed(Claimed(Derived((), 0, ({},), domains), terms, asked)).shown(terms[0])


@pytest.mark.parametrize(("values", "so"), [((2, 6, 30), True), ((2, 6), False), ((7,), False)])
def test_what_is_claimed_of_a_kept_s_op_does_not_show_itself(values: Sequence[Atom], so: bool) -> None:
    graph, asked = Graph(causal=False), Request((1, 2, 5), 4)
    kept = graph.keep(term(graph, "tokens_int + tokens_int * tokens_int"), "x", rasp.indices)
    claimed = Claimed(Derived((), 0, ({},), {0: make_domain(values)}), [kept], asked)
    assert Closed(claimed).shown(kept) is so


@pytest.mark.parametrize(
    ("comparison", "not_mine", "most", "so"),
    [("==", False, 30, True), ("==", False, 29, False), ("!=", True, 25, True), ("!=", True, 24, False)],
)
def test_a_sum_is_as_large_as_all_that_it_adds(comparison: str, not_mine: bool, most: int, so: bool) -> None:
    """Where it leaves out its own position, it adds one value less."""
    graph, asked = Graph(causal=False), Request((1, 2, 5), 6)
    selector = term(graph, f"select(tokens, tokens, {comparison})")
    summed = graph.make(Kind.SUM, (selector, term(graph, "tokens_int")))
    reads = {0: ReadClaim(not_mine=not_mine)}
    claimed = Claimed(Derived((), 0, ({},), {0: int_domain(0, most)}, reads), [summed], asked)
    assert Closed(claimed).shown(summed) is so


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("length", [1, 2, 5, 12])
def test_what_others_add_less_my_index_is_proved(length: int, causal: bool) -> None:
    text = """
        others = select(indices, indices, !=);
        total = selector_width(others) * aggregate(others, tokens_int);
        odd = (total - indices) % 2;
    """
    odd = rasp.parse(text).main
    model = compiler.compile(odd, range(5), length, causal)
    assert recheck(model).problem is None
    assert compiler.verify(odd, model, samples=50).ok


WEIGHTED = "tokens_int * 2^indices"


@pytest.mark.parametrize(
    ("addend", "low", "high", "so"),
    [
        (WEIGHTED, 0, 126, True),  # 2 * (2^6 - 1), where six times the largest addend would be 384
        (WEIGHTED, 0, 125, False),
        (f"0 - {WEIGHTED}", -126, 0, True),
        (f"0 - {WEIGHTED}", -125, 0, False),
        ("indices - 2", -3, 6, True),  # what is above 0 or below may be left out
        ("indices - 2", -3, 5, False),
        ("indices - 2", -2, 6, False),
        ("selector_width(select(tokens, tokens, !=))", 0, 5, False),  # other tokens count
        ("0 - tokens_int if length == 1 else tokens_int", -2, 12, True),
        ("0 - tokens_int if length == 1 else tokens_int", 0, 12, False),
        ("100 if length == 6 else 0", 0, 600, False),  # it is claimed to be no more than 64
        ("1 / indices", 0, 64, False),
    ],
)
@pytest.mark.parametrize("causal", [False, True])
def test_a_sum_is_no_larger_than_its_largest_addends_position_by_position(
    addend: str, low: int, high: int, so: bool, causal: bool
) -> None:
    graph, asked = Graph(causal), Request((0, 2), 6, causal)
    added = term(graph, addend)
    summed = graph.make(Kind.SUM, (term(graph, "select(tokens, tokens, ==)"), added))
    domains = {0: int_domain(low, high), 1: int_domain(-64, 64)}
    claimed = Claimed(Derived((), 0, ({},), domains, {0: ReadClaim()}), [summed, added], asked)
    assert Closed(claimed).shown(summed) is so


def test_of_what_may_be_replaced_no_sum_is_known() -> None:
    graph, asked = Graph(causal=False), Request((0, 2), 6)
    added = graph.keep(term(graph, WEIGHTED), "x", rasp.indices)
    summed = graph.make(Kind.SUM, (term(graph, "select(tokens, tokens, ==)"), added))
    domains = {0: int_domain(0, 126), 1: int_domain(0, 64)}
    claimed = Claimed(Derived((), 0, ({},), domains, {0: ReadClaim()}), [summed, added], asked)
    assert not Closed(claimed).shown(summed)


@pytest.mark.parametrize(
    ("operator", "claimed", "so"),
    [
        (Operator.ADD, int_domain(0, 6), True),
        (Operator.ADD, int_domain(1, 7), False),
        (Operator.ADD, int_domain(0, 5), False),
        (Operator.SUB, int_domain(-4, 2), True),
        (Operator.SUB, int_domain(-3, 2), False),
        (Operator.SUB, int_domain(-5, 1), False),
        (Operator.MUL, int_domain(0, 9), False),
    ],
)
def test_sums_have_no_more_than_is_claimed(operator: Operator, claimed: Domain, so: bool) -> None:
    """Of 0 to 2 and 0 to 4, all of them."""
    assert _as_sums(operator, [int_domain(0, 2), int_domain(0, 4)], claimed) is so


def test_of_numbers_too_large_for_one_unit_no_sums_are_known() -> None:
    large, small = make_domain([0, 2**20]), make_domain([0, Fraction(1, 2**50)])
    for one, other in ((large, small), (small, large)):
        assert not _as_sums(Operator.ADD, [one, other], large)


MEANS = Means(Fraction(0), Fraction(3), 40, Fraction(1))


@pytest.mark.parametrize(
    ("operator", "factor", "claimed", "so"),
    [
        (Operator.MUL, 3, replace(MEANS, scale=Fraction(3)), True),
        (Operator.MUL, 3, MEANS, False),
        (Operator.MUL, 0, MEANS, False),
        (Operator.DIV, 2, replace(MEANS, scale=Fraction(1, 2)), True),
        (Operator.DIV, 2, replace(MEANS, high=Fraction(3, 2)), False),  # thrice a fortieth, by 2
        (Operator.DIV, 0, MEANS, False),
    ],
)
def test_multiples_of_fractions_are_claimed(
    operator: Operator, factor: int, claimed: Means, so: bool
) -> None:
    numbers = make_domain([factor])
    assert _as_fractions(operator, [MEANS, numbers], claimed) is so
    if operator is Operator.MUL:
        assert _as_fractions(operator, [numbers, MEANS], claimed) is so


@pytest.mark.parametrize(
    ("text", "number", "factor"),
    [
        ("indices + 0.5", Fraction(1, 2), 1),
        ("1 - indices", 1, -1),
        ("3 * (indices + 2) - indices", 6, 2),
        ("indices - 3 * indices + 1", 1, -2),
        ("(indices + 2) * 3", 6, 3),
    ],
)
def test_how_often_an_s_op_is_added_up(text: str, number: Fraction, factor: int) -> None:
    graph = Graph(causal=False)
    assert _multiple(term(graph, text)) == (
        Fraction(number),
        Fraction(factor),
        graph.indices(),
    )


@pytest.mark.parametrize(
    ("text", "common"),
    [
        ("(tokens_int + 1) * (indices + 2)", ""),
        ("(tokens_int + 1) * (tokens_int + 2)", "tokens_int"),
        ("(tokens_int + 1) * (tokens_int + 1 + indices)", "tokens_int + 1"),
    ],
)
def test_what_several_operands_are_made_of(text: str, common: str) -> None:
    graph, asked = Graph(causal=False), Request((1, 2, 5), 4)
    root = term(graph, text)
    shared = Closed(Claimed(Derived((), 0, ({},), {}), [root], asked))._shared(root)
    wanted = reachable(term(graph, common)) if common else ()
    assert shared == frozenset(wanted)


def test_a_product_is_no_multiple() -> None:
    graph = Graph(causal=False)
    square = term(graph, "indices * indices")
    assert _multiple(square) == (Fraction(0), Fraction(1), square)


@pytest.mark.parametrize(
    ("numbers", "claimed", "so"),
    [
        ((2, 6), (0, 2, 6), True),
        ((0, 2), (0, 2), True),
        ((1, 3), (0, 2), False),
        ((Fraction(1, 2), Fraction(3, 2)), (0, 1), False),
        ((Fraction(1, 2), 1), (0, 1), False),
        ((Fraction(1, 2), 1), (0, Fraction(1, 2), 1), True),
    ],
)
def test_numbers_are_claimed_in_another_unit(
    numbers: Sequence[Atom], claimed: Sequence[Atom], so: bool
) -> None:
    """Halves are no whole numbers."""
    assert _as_sums(Operator.ADD, [make_domain([0]), make_domain(numbers)], make_domain(claimed)) is so


@pytest.mark.parametrize(("length", "so"), [(30, True), (100, True), (101, False)])
def test_of_so_many_positions_sums_are_looked_at(length: int, so: bool) -> None:
    graph, asked = Graph(causal=False), Request((0, 2), length)
    added = term(graph, "tokens_int * indices")
    summed = graph.make(Kind.SUM, (term(graph, "select(tokens, tokens, ==)"), added))
    most = length * (length - 1)
    domains = {0: int_domain(0, most), 1: int_domain(0, 2 * length)}
    claimed = Claimed(Derived((), 0, ({},), domains, {0: ReadClaim()}), [summed, added], asked)
    assert Closed(claimed).shown(summed) is so


@pytest.mark.parametrize(
    ("claimed", "so"),
    [
        (Means(Fraction(-1, 2), Fraction(9, 2), 80, Fraction(1)), True),
        (Means(Fraction(-1, 2), Fraction(17, 4), 80, Fraction(1)), False),
        (Means(Fraction(0), Fraction(9, 2), 80, Fraction(1)), False),
        (Means(Fraction(-1, 2), Fraction(9, 2), 40, Fraction(1)), False),
    ],
)
def test_what_fractions_and_halves_add_up_to(claimed: Means, so: bool) -> None:
    halves = make_domain([Fraction(-1, 2), 1, Fraction(3, 2)])
    assert _as_fractions(Operator.ADD, [MEANS, halves], claimed) is so


@pytest.mark.parametrize(
    ("number", "so"),
    [(Fraction(1, 40), True), (Fraction(1, 41), False), (4, False), (-1, False), (3, True)],
)
def test_a_number_is_one_of_the_fractions(number: Atom, so: bool) -> None:
    """That are claimed of a whole s-op: neither too large nor of too large a denominator."""
    assert _all_in([number], MEANS) is so


@pytest.mark.parametrize("values", [(0, 1), (0, Fraction(1, 2), 299)])
def test_of_means_of_means_few_are_not_all(values: Sequence[Atom]) -> None:
    assert not shown({"aggregate(full_s, aggregate(full_s, indices))": values}, 300)


@pytest.mark.parametrize(("start", "so"), [(0, True), (4, False)])
def test_sums_of_multiples_of_four_are_such(start: int, so: bool) -> None:
    graph, asked = Graph(causal=False), Request((0, 2), 6)
    added = term(graph, "tokens_int * 2^(indices + 1)")
    summed = graph.make(Kind.SUM, (term(graph, "select(tokens, tokens, ==)"), added))
    domains = {0: make_domain(range(start, 253, 4)), 1: make_domain([0, 4, 8, 16, 32, 64, 128])}
    claimed = Claimed(Derived((), 0, ({},), domains, {0: ReadClaim()}), [summed, added], asked)
    assert Closed(claimed).shown(summed) is so
