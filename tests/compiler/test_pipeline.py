"""The compiler's passes one by one, by worked examples."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rasp
from compiler.graph.building import build
from compiler.graph.conjunctions import conjunctions
from compiler.graph.terms import Kind, Term, reachable, render
from compiler.lowering.features import affine_in, choose_basis, key
from compiler.lowering.lines import _from_anchor, _knots
from compiler.pipeline import run
from compiler.ranges.domains import Means
from compiler.request import Request, request
from compiler.values.inference import Domains
from rasp.graph.sops import SOp
from tests.support.worked import BY_MEANS, COUNT, asked, assert_text, sop_of

NUMBERS, LETTERS = Request((0, 1, 2), 4), Request(("a", "b"), 4)


def term(source: str, causal: bool = False, numeric: bool = False, before: str = "") -> Term:
    """The simplified term of an expression."""
    program = rasp.parse(f"{before} answer = {source};")
    sop = program["answer"]
    assert isinstance(sop, SOp)
    return build(sop, replace(NUMBERS if numeric else LETTERS, causal=causal)).root


@pytest.mark.parametrize(
    ("source", "simplified"),
    [
        ("selector_width(select(tokens, tokens, ==))", "selector_width(select(tokens_str, tokens_str, ==))"),
        ("length", "selector_width(full_s)"),
        ("selector_width(select(indices, indices, <=))", "(indices + 1)"),
        ("selector_width(select(indices, indices, <))", "indices"),
        ('count(tokens, "a")', 'sum(select(1, 1, ==), indicator((tokens_str == "a")))'),
        ("round(length * aggregate(full_s, indices))", "sum(full_s, indices)"),
        (
            '(indices + 1) * aggregate(select(indices, indices, <=), indicator(tokens == "x"))',
            'sum(select(indices, indices, <=), indicator((tokens_str == "x")))',
        ),
        ('has_focus(select(tokens, "a", ==))', 'has_focus(select(tokens_str, "a", ==))'),
        (
            'contains(tokens, "a")',
            'has_focus(select(indicator((tokens_str == "a")), 1, ==))',
        ),
        ("2 + 3 + indices", "(5 + indices)"),
        ("not (not (indices == 1))", "(indices == 1)"),
        ("has_focus(select(1, 1, ==))", "True"),
    ],
)
def test_simplified_to(source: str, simplified: str) -> None:
    found = term(source)
    object.__setattr__(found, "name", None)
    assert render(found).replace("tokens = ", "") == simplified


@pytest.mark.parametrize(
    ("source", "simplified"),
    [
        ("length", "(indices + 1)"),
        ("has_focus(select(indices, indices, >))", "False"),
        ("has_focus(select(indices, indices, <))", "(indices > 0)"),
        (
            'has_focus(select(tokens, "a", ==) and select(indices, indices, <))',
            '((selector_width(select(tokens_str, "a", ==)) - indicator((tokens_str == "a"))) > 0)',
        ),
        ("selector_width(select(indices, indices, <=))", "(indices + 1)"),
    ],
)
def test_simplified_under_the_causal_mask(source: str, simplified: str) -> None:
    found = term(source, causal=True)
    object.__setattr__(found, "name", None)
    assert render(found) == simplified


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    "call",
    [
        "length",
        "selector_width(select(tokens, tokens, ==))",
        "selector_width(select(indices, 1, >) or select(tokens, tokens, !=))",
        "has_focus(select(tokens, tokens, ==) and select(indices, indices, <))",
        'count(tokens, "a")',
        'contains(tokens, "a")',
    ],
)
def test_what_a_program_counts_by_means_is_the_librarys_count(call: str, causal: bool) -> None:
    ours, its = (term(text, causal, before=BY_MEANS) for text in (call, f"its_{call}"))
    for each in (*reachable(ours), *reachable(its)):
        object.__setattr__(each, "name", None)
    assert render(its) == render(ours)


def test_a_product_of_strings_is_no_sum() -> None:
    found = term("length * aggregate(select(indices, 0, ==), tokens)")
    assert Kind.SUM not in {t.kind for t in reachable(found)}


@pytest.mark.parametrize(
    ("selector", "parts"),
    [
        ("select(tokens, tokens, <)", [["<"]]),
        ("select(tokens, tokens, <) or select(tokens, tokens, ==)", [["<="]]),
        ("not select(tokens, tokens, <)", [["=>"]]),
        ("select(tokens, tokens, <) and select(tokens, tokens, >)", []),
        ("select(tokens, tokens, <) or not select(tokens, tokens, <)", [[]]),
        ("select(tokens, tokens, ==) and select(indices, indices, <)", [["=", "<"]]),
        (
            "select(tokens, tokens, <) or select(tokens, tokens, ==) and select(indices, indices, <)",
            [["<="], ["<"]],
        ),
    ],
)
def test_conjunctions(selector: str, parts: list[list[str]]) -> None:
    program = rasp.parse(f"s = {selector}; answer = aggregate(s, 1);")
    sop = program["answer"]
    assert isinstance(sop, SOp)
    found = conjunctions(build(sop, replace(LETTERS, optimize=False)).root.args[0])
    texts = [sorted("".join(sorted(x.relation)) for x in part) for part in found]
    if parts == [["<="], ["<"]]:  # (a or b) and c, as `and` and `or` group from the left
        assert texts == [["<", "<="]]
    else:
        assert texts == [sorted(p) for p in parts]


@pytest.mark.parametrize(
    ("selector", "one", "always"),
    [
        ("select(indices, indices, ==)", True, True),
        ("select(indices, length - 1 - indices, ==)", True, True),
        ("select(indices, indices - 1, ==)", True, False),
        ("select(indices, indices / 2, ==)", True, False),
        ("select(2 * indices + length, indices, ==)", True, False),
        ("select(tokens, tokens, ==)", False, True),
        ("select(indices, indices, <)", False, False),
        ("select(selector_width(select(indices, indices, <)), indices, ==)", True, True),
        (
            "select(selector_width(select(tokens, tokens, <) or (select(tokens, tokens, ==) "
            "and select(indices, indices, <))), indices, ==)",
            True,
            True,
        ),
        ("select(selector_width(select(tokens, tokens, <)), indices, ==)", False, False),
        ("select(selector_width(select(tokens, tokens, ==)), indices, ==)", False, False),
        ("select(indices, indices + 0 * length, ==)", True, True),
        ("select(indices, length, ==)", True, False),
        ("select(indices % 2, indices % 2, ==) and select(indices, indices, ==)", True, True),
        ("select(indices, indices, ==) or select(tokens, tokens, ==)", False, True),
    ],
)
def test_relations(selector: str, one: bool, always: bool) -> None:
    found = term(f"aggregate({selector}, tokens_int)", numeric=True)
    relations = Domains(found, request(range(4), 6)).relations
    parts = conjunctions(found.args[0])
    assert relations.at_most_one(parts) is one
    assert relations.always(parts) is always


MARKED = 'tokens == "a"'
BEFORE = f"selector_width(select(indices, indices, <) and select({MARKED}, True, ==))"

DOWNWARD = BEFORE.replace("select(indices, indices, <)", "select(-indices, -indices, <)")


@pytest.mark.parametrize(
    ("selector", "causal", "one"),
    [
        (f"select({BEFORE}, indices, ==) and select({MARKED}, True, ==)", False, True),
        (f"select({BEFORE}, indices, ==) and select({MARKED}, True, ==)", True, True),
        (f"select({BEFORE}, indices, ==)", False, False),
        (f"select({BEFORE}, indices, ==) and select({MARKED}, False, ==)", False, False),
        (f"select({BEFORE.replace('<', '>')}, indices, ==) and select({MARKED}, True, ==)", False, True),
        (f"select({DOWNWARD}, indices, ==) and select({MARKED}, True, ==)", True, False),
        (
            f"select({BEFORE} + indicator({MARKED}), indices, ==) and select({MARKED}, True, ==)",
            False,
            True,
        ),
    ],
)
def test_counts_number_what_is_marked(selector: str, causal: bool, one: bool) -> None:
    found = term(f"aggregate({selector}, indices)", causal=causal)
    relations = Domains(found, request("abc", 6, causal)).relations
    assert relations.at_most_one(conjunctions(found.args[0])) is one


def test_ranks_are_not_distinct_under_the_causal_mask() -> None:
    equal_before = "select(tokens, tokens, ==) and select(indices, indices, <)"
    rank = f"selector_width(select(tokens, tokens, <) or ({equal_before}))"
    found = term(f"aggregate(select({rank}, indices, ==), tokens_int)", causal=True)
    relations = Domains(found, request("123", 6, True)).relations
    assert not relations.at_most_one(conjunctions(found.args[0]))


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("indices", {0, 1, 2, 3}),
        ("indices % 2", {0, 1}),
        ("indices == 2", {False, True}),
        ("length", {1, 2, 3, 4}),
        ("tokens_int + indices", {0, 1, 2, 3, 4, 5}),
        ("aggregate(select(indices, indices - 1, ==), tokens_int, 9)", {0, 1, 2, 9}),
        ("aggregate(select(tokens_int, 7, ==), tokens_int)", {0}),
        ("1 / (indices - 1)", {-1, Fraction(1, 1), Fraction(1, 2)}),
    ],
)
def test_domains(source: str, values: set[rasp.Atom]) -> None:
    found = term(source, numeric=True)
    domain = Domains(found, request(range(3), 4)).get(found)
    assert set(domain.values or ()) == values


def test_many_means_are_real() -> None:
    found = term('aggregate(select(indices, indices, <=), indicator(tokens == "x"))')
    domain = Domains(found, request("ax", 64)).get(found)
    assert isinstance(domain, Means)
    assert (domain.low, domain.high) == (Fraction(0), Fraction(1))
    assert domain.max_denominator == 64


features = st.integers(2, 7).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(-3, 3), min_size=size, max_size=size).map(lambda f: np.array(f, dtype=np.int64)),
        min_size=1,
        max_size=6,
    )
)


@given(features)
def test_a_basis_carries_every_feature(asked: list[np.ndarray[tuple[int], np.dtype[np.int64]]]) -> None:
    basis = choose_basis(asked)
    assert len(basis.columns) <= min(len(asked), len(asked[0]) - 1)
    for feature in asked:
        combination = basis.combinations[key(feature)]
        total = np.full(len(feature), combination.constant, dtype=object)
        for place, weight in combination.weights:
            total = total + basis.columns[place].astype(object) * weight
        assert list(total) == feature.tolist()


@given(st.integers(-5, 5), st.integers(-5, 5), st.lists(st.integers(-9, 9), min_size=2, unique=True))
def test_affine_in(a: int, b: int, codes: list[int]) -> None:
    values = np.array(sorted(codes), dtype=np.int64)
    found = affine_in(a * values + b, values)
    assert found == (Fraction(a), Fraction(b))
    bent = values.copy()
    bent[0] -= 1
    assert len(values) == 2 or affine_in(bent, values) is None


lines = st.lists(st.integers(0, 60), min_size=2, max_size=12, unique=True).flatmap(
    lambda points: st.tuples(
        st.just(sorted(points)),
        st.lists(
            st.lists(st.integers(-9, 9), min_size=len(points), max_size=len(points)), min_size=1, max_size=3
        ),
    )
)


@given(lines, st.booleans())
def test_piecewise_linear_functions(line: tuple[list[int], list[list[int]]], from_middle: bool) -> None:
    points = np.array(line[0], dtype=np.int64)
    wanted = np.array(line[1], dtype=np.int64).T
    knots, changes = _knots(points, np.arange(len(points)), wanted)
    anchor = len(knots) // 2 if from_middle else 0
    found = _from_anchor((), (), knots, changes, wanted[0], int(points[-1]), anchor)
    assert found is not None
    assert found.noise == 0
    assert all((found.at(Fraction(int(p))) == row).all() for p, row in zip(points, wanted, strict=True))
    assert all(float(t).is_integer() for t in found.thresholds)


@pytest.mark.parametrize(
    ("source", "vocab", "values"),
    [
        ("tokens_asis + indicator(tokens_asis - 9 < 0)", range(10), set(range(1, 10))),
        ("tokens_asis + indicator(tokens_asis - tokens_asis[0] < 0)", range(26), set(range(26))),
        ("1 if tokens_asis == 0 and tokens_asis == 1 else 2", range(2), {2}),
        ("tokens_asis + indices", range(2), set(range(6))),
    ],
)
def test_outputs_that_cannot_be_are_no_labels(source: str, vocab: range, values: set[int]) -> None:
    root = term(source, causal=True, numeric=True)
    domain = Domains(root, request(vocab, 5, causal=True)).get(root)
    assert domain.values is not None
    assert set(domain.values) == values


def test_the_passes_one_after_the_other() -> None:
    """A program of two lines on its way: how much there is of it after each pass."""
    made = run(sop_of(COUNT), asked())
    assert_text(
        "\n".join(
            [
                f"built: {len(reachable(made.built.root))} terms of {len(made.built.terms)} nodes",
                f"settled: {made.settled.domains.get(made.settled.root).text}",
                f"lowered: {len(made.lowered.heads)} head, {len(made.lowered.hidden)} hidden layer",
                f"scheduled: {made.schedule.depth} layer",
                f"stored: {made.stored.weights.layers[0].w_in.shape[1]} neurons, "
                f"{len(made.stored.config.columns)} columns",
            ]
        ),
        """
        built: 8 terms of 8 nodes
        settled: {"not", "twice"}
        lowered: 1 head, 1 hidden layer
        scheduled: 1 layer
        stored: 2 neurons, 4 columns
        """,
    )
