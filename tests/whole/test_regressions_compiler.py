"""Mistakes of the compiler that were found once, each as the smallest program that showed it."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

import compiler
import rasp
from compiler.fuzzing.loop import answers
from compiler.pipeline import attempt
from compiler.precision import Dtype
from compiler.program.saving import as_saved, saved_program
from compiler.request import request
from rasp.errors import EvaluationError
from rasp.graph.sops import Constant
from rasp.words import Atom

EVERY = 'every = selector_width(select(tokens, "a", ==) or select(tokens, "a", !=));'
"""As many as the length."""

CASES: list[tuple[str, str | tuple[Atom, ...], int, bool]] = [
    # a truth value made a number by + 0, * 1 or unary plus can be averaged
    ('x = aggregate(full_s, (tokens == "a") + 0);', "ab", 4, True),
    ('x = aggregate(full_s, +(tokens == "a"), 0);', "ab", 4, True),
    # copies from several parts of a selector must not add up where both select
    ("x = length * aggregate(select(indices, 0, ==) or select(tokens, tokens, ==), 1);", "ab", 5, False),
    # the output's places among its labels are not its codes
    ("x = aggregate(full_s, 0 * indices) * (indices * indices) * 2;", "d", 3, True),
    # a mean of means: the nearest fraction first, then the scale
    (
        's = select(tokens, "b", ==) or select(tokens, tokens, >); '
        "x = aggregate(full_s, aggregate(s, 2 ^ indices));",
        "ab",
        5,
        True,
    ),
    # values that may be strings or numbers: what looks like a copy of labels can be a mean
    ("x = aggregate(select(tokens, tokens, <), aggregate(select(1, indices, ==), 0, 1));", (0, 1), 3, False),
    # a string as default of a mean of numbers
    ('x = aggregate(select(indices, tokens_asis, !=), tokens_asis, "a");', (1, 7), 3, True),
    # terms that cancel in a comparison
    ("s = aggregate(select(1, indices, ==), 0); x = (indices > s) < (s * 0);", ")", 3, True),
    # a mean over parts that is one value can still index a list
    (
        "x = [3, 4][aggregate(select(indices, 5, >) or select(indices, indices, ==), indices % 2)];",
        "a",
        8,
        True,
    ),
    # half an index lies among the indices, and is none of them
    ("x = aggregate(select(indices, indices / 2, ==), tokens, 7);", (0, 1), 5, True),
    ("x = aggregate(select(indices, (length - 1) / 2, ==), tokens);", (0, 1), 5, True),
    # columns with features of a mean are named after its values
    (
        "m = aggregate(select(indices, indices, >), indices); x = aggregate(select(m, 15 / 2, ==), m);",
        "d",
        13,
        True,
    ),
    # a table over `a` and `a + b + d` never knows `b + d` alone
    (
        'a = count(tokens, "a"); b = count(tokens, "b"); d = count(tokens, "c"); '
        'c = indicator(tokens == "a") * indices; x = a * ((a + c) + (b + d));',
        "abc",
        2,
        True,
    ),
    # a mean less what is always 0
    (
        'x = (aggregate(full_s, indices) - aggregate(select(tokens == "a", True, ==), 0)) * 1;',
        "a",
        24,
        True,
    ),
    # a table over means that comes out as one value
    (
        "x = round((1 / aggregate(full_s, indicator(indices == 0)))"
        " * aggregate(full_s, indicator(indices == 0)));",
        "z",
        17,
        False,
    ),
    # a default whose denominator makes the codes of means too large
    (
        "v = 9/10 if indices == 0 else (3/4 if indices == 1 else 2/3);"
        'x = aggregate(select(tokens, "b", ==), v, 1/13);',
        "ab",
        11,
        True,
    ),
    # a bool that stands for an equal fraction, which can be averaged
    ('x = average(shift(tokens == "a", 1, 0.0));', "ab", 4, True),
    ('x = average(shift(tokens == "a", 1, 0.0));', "ab", 4, False),
    ("x = aggregate(full_s, max(indices == 0, 0.0));", "a", 4, True),
    ("x = aggregate(full_s, [1.0, False, True, 0.0][indices]);", "a", 4, True),
    (
        'x = aggregate(select(indices, 0, ==) or select(tokens, "a", ==), shift(tokens == "a", 1, 0.0));',
        "ab",
        4,
        True,
    ),
    # two s-ops that are both the length: one coefficient took the place of the other
    ("x = length + selector_width(select(indices, 0, >=));", "ab", 4, True),
    ("x = length - 2 * selector_width(select(indices, 0, >=)) + indices;", "ab", 4, True),
    (
        "b = selector_width(select(indices, 0, >=)); x = aggregate(select(indices, length + b, ==), 1, 9);",
        "ab",
        4,
        True,
    ),
    (f"{EVERY} x = aggregate(select(indices, every + length - 1 - indices, ==), indices, 9);", "ab", 4, True),
    (f"{EVERY} x = aggregate(select(indices, length + every - 1, ==), indices, 9);", "ab", 4, True),
    # selectors that the values decide
    ("x = aggregate(select(indices, 9, ==), tokens_int);", "12", 3, True),
    ("x = has_focus(select(tokens_int, 5, >));", "12", 3, True),
]


@pytest.mark.parametrize(("source", "vocab", "length", "optimize"), CASES)
def test_model_equals_interpreter(
    source: str, vocab: str | tuple[Atom, ...], length: int, optimize: bool
) -> None:
    sop = rasp.parse(source).main
    asked = request(vocab, length, optimize=optimize)
    compiled, certificate = attempt(as_saved(sop, asked).sop, asked)
    assert certificate.certified
    inputs = [list(x) for n in range(1, length + 1) for x in itertools.product(vocab, repeat=n)]
    defined: list[tuple[list[Atom], list[Atom]]] = []
    for x in inputs:
        try:
            defined.append((x, sop(x)))
        except EvaluationError:
            continue
    assert defined
    for (x, expected), answer in zip(defined, answers(compiled, [x for x, _ in defined]), strict=True):
        assert answer == expected, x


def test_a_mean_is_compared_with_a_sum_of_which_a_part_is_there() -> None:
    source = """
    m = aggregate(select(indices, indices, <=), indicator(tokens == "a"));
    f = has_focus(select(indices, 1, ==) and select(tokens, "b", ==));
    e = has_focus(select(indices, 3, ==) and select(tokens, "b", ==));
    x = m > indicator(tokens == "a" and f) + indicator(e) / 2;
    """
    sop, rng = rasp.parse(source).main, random.Random(1)
    model = compiler.compile(sop, "ab", 17)  # short means are integers of some unit, these are not
    for x in (rng.choices("ab", k=length) for length in range(1, 18)):
        assert model(x) == sop(x)
    assert compiler.recheck(model).ok


@pytest.mark.parametrize(
    ("vocab", "length", "message"),
    [
        (None, 3, "a list of tokens"),
        ((), 3, "the vocabulary is empty"),
        ((1, "a"), 3, "mixes numbers and strings"),
        (("a", "a"), 3, "holds 'a' twice"),
        ((float("nan"),), 3, "cannot be a token"),
        (([],), 3, "a token is a string"),
        (range(10**9), 3, "more than 16,384 tokens"),
        ("ab", 0, "at least 1"),
        ("ab", 2.5, "at least 1"),
        ("ab", 10**9, "at most 16,384"),
        pytest.param("ab", 10**5000, "a number of very many digits, and at most 16,384", id="huge"),
        pytest.param("ab", -(10**5000), "at least 1, not a number of very many digits", id="least"),
    ],
)
def test_impossible_settings(vocab: object, length: object, message: str) -> None:
    with pytest.raises(rasp.CompileError, match=message):
        compiler.compile(rasp.tokens, vocab, length)  # type: ignore[arg-type]


def test_shared_selectors_are_visited_once() -> None:
    selector = rasp.select(rasp.tokens, rasp.tokens, "==")
    for _ in range(40):
        selector = selector & (selector | selector)
    model = compiler.compile(rasp.selector_width(selector), "ab", 4, optimize=False)
    assert model("aab") == [2, 2, 1]


def test_a_function_without_a_value_for_combinations_that_never_meet() -> None:
    """Both branches of a condition must have a value, so the saved program had none at all."""
    either = rasp.where(rasp.indices == 0, 10, rasp.indices)
    table = {(10, 0): "first", **{(i, i): "later" for i in range(1, 5)}}
    sop = rasp.map(lambda a, i: table[a, i], either, rasp.indices)
    model = compiler.compile(sop, "ab", 5)
    assert model("abb") == sop("abb") == ["first", "later", "later"]
    assert rasp.parse(model.program).main("abb") == ["first", "later", "later"]


def test_equal_numbers_are_one_to_a_python_function() -> None:
    """The mean 1 of a fraction's type was another argument than the int that domains list."""
    third = rasp.map(lambda x: "third" if x / 3 == 1 / 3 else "no", rasp.average(rasp.tokens_int))
    model = compiler.compile(third, "12", 3)
    for x in (list(x) for n in (1, 2, 3) for x in itertools.product("12", repeat=n)):
        assert model(x) == third(x)
    assert third("11") == ["third", "third"]


def test_a_python_function_that_tells_true_from_one() -> None:
    """It may, where it only ever gets bools; where it may get either, no column holds the difference."""
    first = rasp.select(rasp.indices, rasp.indices, "<") & rasp.select(rasp.indices, 0, "==")
    is_one = rasp.tokens == "1"
    model = compiler.compile(rasp.map(str, is_one), "12", 3)
    assert model("121") == ["True", "False", "True"]
    before = rasp.aggregate(first, is_one, default=0)
    with pytest.raises(rasp.CompileError, match="than for equal arguments of other types"):
        compiler.compile(rasp.map(str, before), "12", 3)
    with pytest.raises(rasp.CompileError, match="than for equal arguments of other types"):
        compiler.compile(rasp.map(str, rasp.map(lambda x: x, before)), "12", 3)
    with pytest.raises(rasp.CompileError, match="than for equal arguments of other types"):
        compiler.compile(rasp.map(lambda x, place: str(x), before, rasp.indices), "12", 3)
    alike = rasp.map(lambda x: "yes" if x else "no", before)
    assert compiler.compile(alike, "12", 3)("112") == alike("112") == ["no", "yes", "yes"]


def test_a_callable_that_cannot_be_hashed() -> None:
    class Plus:
        __hash__ = None  # type: ignore[assignment]

        def __init__(self, summand: int) -> None:
            self.summand = summand

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Plus)

        def __call__(self, x: int) -> int:
            return x + self.summand

    sop = rasp.map(Plus(1), rasp.tokens_int) + rasp.map(Plus(10), rasp.tokens_int)
    assert compiler.compile(sop, "12", 3)("12") == sop("12") == [13, 15]


@pytest.mark.parametrize("optimize", [True, False])
@pytest.mark.parametrize(
    "source",
    [
        "x = tokens_int + 1;",
        "x = -tokens_int;",
        "x = length * aggregate(full_s, tokens_int);",
        "x = selector_width(select(tokens_int, 1, ==));",
        "x = [1, 2][indices + 5] + indices;",
        "x = 1 / (0 * indices) + indices;",
    ],
)
def test_what_has_no_value_anywhere_is_refused(source: str, optimize: bool) -> None:
    with pytest.raises(rasp.CompileError, match=r"has no (value|answer) on any input"):
        compiler.compile(rasp.parse(source).main, "ab", 3, optimize=optimize)


@pytest.mark.parametrize("length", [8, 13, 20])
def test_a_string_as_default_of_means_with_many_denominators(length: int) -> None:
    """It was refused as "values of both kinds in one place" where the means are no integers of one unit."""
    source = 'm = aggregate(select(tokens, "a", ==), indicator(indices == 0), "none"); x = m == "none";'
    sop, rng = rasp.parse(source).main, random.Random(1)
    model = compiler.compile(sop, "ab", length)
    for x in (["b"] * length, *(rng.choices("ab", k=n) for n in range(1, length + 1))):
        assert model(x) == sop(x)


def test_a_python_function_of_too_many_combinations() -> None:
    """All were tried, before anything was refused: it took hours."""
    mean = rasp.average(rasp.tokens)
    sop = rasp.map(lambda a, b, c: a + b + c, mean, mean, mean)
    with pytest.raises(rasp.CompileError, match="too many combinations of values"):
        compiler.compile(sop, range(5), 12)


def test_a_python_function_with_more_values_than_conditions_may_nest() -> None:
    sop = rasp.map(lambda a, i: a % 2 + i, rasp.tokens, rasp.indices)
    assert rasp.parse(saved_program(sop, request(range(450), 3)).text).main([7, 449]) == [1, 2]


HARD = {
    "an `or` of many": "x = selector_width("
    + " or ".join(f'select(tokens, "{letter}", ==)' for letter in "abcdefghijklmnopqrstuvwxyz")
    + ");",
    "products of shared": 'x = indicator(tokens == "a"); for i in range(40) { x = x * x; } x = x - x;',
    "choices of shared": "x = indices; for i in range(40) { x = x if x > 1 else x + 1; }"
    "x = round(length * aggregate(full_s, x));",
    "a mean doubled often": 'm = average(indicator(tokens == "a")); '
    "for i in range(60) { m = m + m; } x = length * m;",
    "a number as one side of an `or`": "n = +aggregate(select(indices, indices, <), 2); "
    "x = selector_width(select(1, n or (0 if indices == 0 else 0), ==));",
    "a long chain of choices": 'x = tokens; for i in range(300) { x = "b" if x == "a" else "a"; }',
}
"""Small programs that once took for ever, or ran out of stack."""


@pytest.mark.parametrize("source", HARD.values(), ids=HARD.keys())
def test_what_once_took_for_ever(source: str) -> None:
    sop = rasp.parse(source).main
    model = compiler.compile(sop, "ab", 4)
    for x in ("a", "ba", "abba"):
        assert model(x) == sop(x)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("for i in range(40) { s = s and (select(tokens, i, ==) or select(indices, i, ==)); }", "disjoint"),
        ("for i in range(500) { s = s and select(tokens, i, !=); }", "more than 400 pairs"),
        pytest.param(
            "m = average(tokens); for i in range(60) { m = m * tokens + m; } x = length * m;",
            "too many combinations",
            marks=pytest.mark.slow,
        ),
        ("x = length * average(200003 if tokens == 0 else tokens);", "takes too many values"),
    ],
)
def test_what_is_refused_at_once(source: str, message: str) -> None:
    program = f"tokens = tokens_asis; s = full_s; {source}"
    program += "" if "x =" in source else "x = selector_width(s);"
    with pytest.raises(rasp.CompileError, match=message):
        compiler.compile(rasp.parse(program).main, range(40), 20)


def test_keeping_what_is_always_the_same_is_refused() -> None:
    """It was dropped, and `intervene` then said to compile with it kept."""
    folded = rasp.parse("v = [1.0, 0.5][aggregate(select(indices, 5, ==), 1)]; w = v[1];").main
    with pytest.raises(rasp.CompileError, match="v cannot be kept: it is always the same"):
        compiler.compile(folded, "a", 2, keep=["v"])
    single = rasp.parse("v = 3 if indices == 0 else 0; w = (indices + v / 2) * (indices + v / 2);").main
    with pytest.raises(rasp.CompileError, match="v cannot be kept: it is always the same"):
        compiler.compile(single, "a", 1, keep=["v"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"keep": None}, "keep takes a list of names of s-ops"),
        ({"keep": [5]}, "keep takes a list of names of s-ops"),
        ({"keep": "x"}, "not a string"),
        ({"dtype": []}, "there is no number format"),
        ({"dtype": "float16"}, "there is no number format"),
    ],
)
def test_arguments_of_other_types(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(rasp.CompileError, match=message):
        compiler.compile(rasp.tokens, "ab", 3, **arguments)
    with pytest.raises(rasp.CompileError, match="there is no stage"):
        compiler.emit(rasp.tokens, [], "ab", 3)  # type: ignore[arg-type]


def test_a_python_function_of_constants_alone_is_saved_as_an_s_op() -> None:
    low = rasp.map(lambda a, b: "low" if a < b else "high", Constant(5), Constant(10))
    text = saved_program(low, request("ab", 3)).text
    assert rasp.parse(text).main("ab") == ["low", "low"]


@pytest.mark.parametrize(
    "source",
    [
        "x = selector_width(select(tokens, 3, <));",
        'x = has_focus(select("a", indices, >=));',
        'x = has_focus(select("a", 1, <));',
        'x = has_focus(select("a", 1, <) or select(tokens, "a", ==));',
    ],
)
def test_strings_are_in_no_order_with_numbers(source: str) -> None:
    with pytest.raises(rasp.CompileError, match="compares strings with numbers"):
        compiler.compile(rasp.parse(source).main, "ab", 3)
    mixed = source.replace(", <)", ", ==)").replace(", >=)", ", !=)")
    sop = rasp.parse(mixed).main
    assert compiler.compile(sop, "ab", 3)("ab") == sop("ab")


@pytest.mark.parametrize("power", [58, 61, 200])
@pytest.mark.parametrize(
    "source",
    [
        "r = indices / {} < tokens - 20;",
        "r = max(indices / {}, tokens - 20) > 0;",
        "r = 1 if indices / {} + 40 > tokens + 20 else indices;",
    ],
)
def test_tiny_fractions_beside_large_numbers(source: str, power: int) -> None:
    """In units of the one the other was too large for 64 bits, which wrap around: a wrong answer, proved."""
    sop = rasp.parse("tokens = tokens_asis;" + source.format(2**power)).main
    model = compiler.compile(sop, range(32), 20)
    assert compiler.recheck(model).ok
    tokens = [0, 31, 20, 21, 19, 20, *range(6, 20)]
    assert model(tokens) == sop(tokens)


FAR_APART = "s = aggregate(select(indices, 4, ==), True); r = s if s else {};"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "other",
    [
        "True - 2 ^ tokens",
        "1 / 3 - 3 ^ tokens",
        "10000 * tokens",
        "tokens / 4096 + 2 ^ tokens",
        "272 * tokens",
    ],
)
def test_a_truth_value_among_numbers_far_apart(other: str, dtype: Dtype) -> None:
    """No number tells it from 1, and labels were read by codes too large for exact logits: 31/32 for True."""
    sop = rasp.parse(FAR_APART.replace("{}", other).replace("tokens", "tokens_asis")).main
    model = compiler.compile(sop, (-5, 10), 5, dtype=dtype)
    assert compiler.recheck(model).ok
    for tokens in ([-5] * 5, [10, -5, 10, -5, 10], [-5], [10], [-5, 10, 10]):
        assert model(tokens) == sop(tokens)
        assert list(map(type, model(tokens))) == list(map(type, sop(tokens)))
