"""Whatever is thrown at the language: a RaspError or a value, never another exception, never a hang."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import compiler
import rasp
from rasp.drawing.flow import flow_of
from rasp.errors import InputError
from rasp.graph.sops import Member, Node
from rasp.session import library_program, library_program_names
from rasp.syntax.parser import read_words
from tests.support.paths import CONFORMANCE
from tests.support.sweeps import sweep

FUEL = 20_000
INPUTS = ["ab", [2, 0, 1], "a"]

_WORDS = (
    "if else not and or def return for in round indicator load draw set show example examples on off exit "
    "quit s-op selector select( aggregate( range( zip( len( full tokens tokens_int indices length full_s a b "
    "f max sort selector_width True out ( ) ( ) [ ] [ ] { } , , ; ; : = = + - * / % ^ == <= >= < > != 0 1 2 "
    '3 0.5 10000000000 "a" "b" "" # " . ! \n é'
)
WORDS = _WORDS.split(" ")

VALID = [library_program(name) for name in library_program_names()]
VALID += [
    f"{case['program']}\n{case['expr']};"
    for path in sorted(CONFORMANCE.glob("*.json"))
    for case in json.loads(path.read_text())
    if not case["error"]
]

random_texts = st.one_of(
    st.text(max_size=80),
    st.binary(max_size=80).map(lambda data: data.decode("latin-1")),
    st.text(alphabet='ab01=;(){}[],"#+-<>!^ \n\t.', max_size=60),
)
word_sequences = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)


@st.composite
def mutated_programs(draw: st.DrawFn) -> str:
    """A valid program with a few words removed, doubled, swapped or replaced."""
    text = draw(st.sampled_from(VALID))
    words = [word.text for word in read_words(text)[0]]
    for _ in range(draw(st.integers(1, 4))):
        if not words:
            break
        at = draw(st.integers(0, len(words) - 1))
        match draw(st.sampled_from(["remove", "double", "swap", "replace"])):
            case "remove":
                del words[at]
            case "double":
                words.insert(at, words[at])
            case "swap":
                other = draw(st.integers(0, len(words) - 1))
                words[at], words[other] = words[other], words[at]
            case "replace":
                words[at] = draw(st.sampled_from(WORDS))
    return " ".join(words)


_LEAVES = (
    '0 1 -1 2 0.5 7 True False out "" "a" "12" [] {} [1,2] ["a",indices] {"a":1,2:"b"} x y f tokens '
    "tokens_int tokens_asis tokens_bool indices length full_s max selector_width sort 1000000 200000"
)
LEAVES = _LEAVES.split(" ")
BINARY = ["+", "-", "*", "/", "%", "^", "==", "<", "<=", ">", ">=", "and", "or", "in"]


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """All constructs of the language around smaller expressions of any type."""
    comparison = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    several = st.lists(inner, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(BINARY), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(BINARY), inner),
        st.builds("({} {})".format, st.sampled_from(["not", "-", "+"]), inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("select({}, {}, {})".format, inner, inner, comparison),
        st.builds("aggregate({}, {})".format, inner, several),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}({})".format, inner, several),
        st.builds("{}({})".format, st.sampled_from(["round", "indicator", "len", "range", "zip"]), several),
        st.builds("[{}]".format, several),
        st.builds("{{{}: {}}}".format, inner, inner),
        st.builds("[{} for x in {}]".format, inner, inner),
        st.builds("{{{}: {} for x, y in {}}}".format, inner, inner, inner),
    )


expressions = st.recursive(st.sampled_from(LEAVES), _larger, max_leaves=8)
expression_programs = st.builds(
    "x = {};\ny = {};\ndef f(a) {{ x = {}; return x, a; }}\nfor x in {} {{ z = {}; }}\nv = {};".format,
    *[expressions] * 6,
)


@pytest.fixture(scope="module", autouse=True)
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A working directory without files to load."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        yield


def exercise(text: str) -> None:
    """Run, evaluate, check and format a text; only a RaspError may come out."""
    try:
        program = rasp.parse(text, fuel=FUEL, on_error="skip")
    except rasp.RaspError as error:
        check_readable(error)
        return
    for skipped in program.errors:
        check_readable(skipped)
    for value in list(program.values())[:5]:
        if isinstance(value, Node):
            evaluate(value)
    # What stands behind `exit` is not run, so it may hold mistakes that only the formatter would find.
    if not program.errors and "exit" not in text and "quit" not in text:
        formatted = rasp.format_source(text)
        assert rasp.format_source(formatted) == formatted
        words, comments = read_words(text)
        new_words, new_comments = read_words(formatted)
        assert [word.text for word in new_words] == [word.text for word in words]
        assert [comment.text for comment in new_comments] == [comment.text for comment in comments]
        assert all(str(finding) for finding in rasp.check(program))


def check_readable(error: rasp.RaspError) -> None:
    """A message of its own, not one that leaks from Python."""
    text = str(error)
    assert error.message
    assert "object at 0x" not in text
    assert "Traceback" not in text


def evaluate(node: Node) -> None:
    for given_input in INPUTS:
        try:
            values = node(given_input, causal=True)
        except rasp.RaspError as error:
            check_readable(error)
        else:
            assert len(values) == len(given_input)


@settings(deadline=None, max_examples=250)
@given(random_texts)
def test_random_text(text: str) -> None:
    exercise(text)


@settings(deadline=None, max_examples=250)
@given(word_sequences)
def test_random_words(text: str) -> None:
    exercise(text)


@settings(deadline=None, max_examples=250)
@given(mutated_programs())
def test_mutated_programs(text: str) -> None:
    exercise(text)


@settings(deadline=None, max_examples=125)
@given(expression_programs)
def test_ill_typed_programs(text: str) -> None:
    exercise(text)


RUNAWAYS = {
    "a huge range": "x = range(10^9);",
    "a huger range": "x = range(10^300);",
    "a loop over many items": "t = 0; for i in range(400000) { for j in range(400000) { t = t + 1; } }",
    "endless recursion": "def f(n) { return f(n + 1); } x = f(0);",
    "recursion in two functions": "def f(n) { return g(n); } def g(n) { return f(n); } x = f(0);",
    "recursion through a loop": "def f(n) { for i in [1] { x = f(n); } return 1; } x = f(0);",
    "recursion that branches": "def f(n) { return f(n - 1) + f(n - 1) if n > 0 else 1; } x = f(60);",
    "doubling strings": 's = "ab"; for i in range(100) { s = s + s; }',
    "doubling lists": "l = [1]; for i in range(100) { l = l + l; }",
    "many long lists": "l = []; for i in range(100) { l = l + [range(400000)]; }",
    "a list repeated": "l = [1, 2] * 10^12;",
    "a string repeated": 's = "ab" * 10^12;',
    "a huge power": "x = 10^(10^10);",
    "a tower of powers": "x = 2; for i in range(100) { x = x * x; }",
    "a growing fraction": "x = 1/3; for i in range(100) { x = x * x; }",
    "a power of a fraction": "x = (1/3)^(10^7);",
    "a power beyond all floats": "x = (10^3000)^(1/7);",
    "a growing s-op": "s = indices + 2; for i in range(100) { s = s * s; } x = s([1, 2, 3]);",
    "a growing string s-op": 's = tokens; for i in range(100) { s = s + s; } x = s("abc");',
    "a long input": "x = length(range(300000));",
    "a long numeral": "x = " + "9" * 100_000 + ";",
    "round brackets": "x = " + "(" * 20_000 + "1" + ")" * 20_000 + ";",
    "open brackets": "x = " + "[" * 100_000,
    "square brackets": "x = " + "[" * 3_000 + "]" * 3_000 + ";",
    "minus signs": "x = " + "-" * 20_000 + "1;",
    "nots": "x = " + "not " * 20_000 + "1;",
    "nested loops": "for i in [1] { " * 2_000 + "x = 1; " + "}" * 2_000,
    "nested conditionals": "x = " + "1 if 1 if " * 5_000 + "1 else 1;",
    "calls of calls": "x = indices" + "(1)" * 20_000 + ";",
}
"""Programs that would take for ever, or all memory."""


@pytest.mark.parametrize("name", sweep(RUNAWAYS, list(RUNAWAYS)[::2]))
def test_runaway_programs_are_stopped(name: str) -> None:
    with pytest.raises(rasp.RaspError) as caught:
        rasp.parse(RUNAWAYS[name])
    assert len(str(caught.value)) < 3_000


def test_a_long_chain_of_sops_is_evaluated() -> None:
    program = rasp.parse("s = indices; for i in range(5000) { s = s + (s == i); }")
    # Each step adds 1 where s is i: position 0 climbs all the way, position 1 is one step behind from i = 1.
    assert program.main("ab") == [5_000, 5_000]


def test_a_chain_that_doubles_at_each_step_is_walked_once() -> None:
    program = rasp.parse("s = indices; for i in range(200) { s = (s + s) % 1000; }")
    expected = [0, 1]
    for _ in range(200):
        expected = [2 * value % 1000 for value in expected]
    assert program.main("ab") == expected


def test_lists_that_share_their_parts_are_compared_once() -> None:
    doubled = "a = [1]; b = [1]; for i in range(100) { a = [a, a]; b = [b, b]; }"
    program = rasp.parse(f"{doubled} same = a == b; less = a < b; s = indices;")
    assert program["same"] is True
    assert program["less"] is False
    assert rasp.check(program)


def test_a_long_sum_in_one_expression() -> None:
    assert rasp.parse("x = 1" + " + 1" * 400 + ";")["x"] == 401


class Letter(str):
    """Strings of a class of their own, which print as something else."""

    def __str__(self) -> str:
        return "Letter"


@pytest.mark.parametrize(
    "given_input",
    [b"abc", bytearray(b"abc"), memoryview(b"abc"), np.bytes_(b"abc"), {1, 2}, frozenset("ab")],
    ids=lambda value: type(value).__name__,
)
def test_bytes_and_sets_are_no_inputs(given_input: Any) -> None:
    with pytest.raises(InputError) as caught:
        rasp.load("sort").main(given_input)
    assert caught.value.message in (
        "the input is bytes: give a string, or a list of tokens",
        "the input is a set, which has no order",
    )


@pytest.mark.parametrize(
    ("given_input", "message"),
    [
        (None, "expected an input (a string or a list), got None"),
        (10**5_000, "expected an input (a string or a list), got a number of very many digits"),
        (
            [b"a"],
            "bad element in the input: a value of type bytes is neither a number nor a string nor a bool",
        ),
        ([[1]], "bad element in the input: a value of type list is neither a number nor a string nor a bool"),
        (np.eye(2), "bad element in the input: a value of type ndarray is neither a number nor a string"),
        ([float("nan")], "bad element in the input: nan is not a number that a program can work with"),
        ([np.float32("inf")], "bad element in the input: inf is not a number that a program can work with"),
        ([10**5_000], "bad element in the input: a number of 16,610 bits; numbers may have 14,000"),
    ],
    ids=["None", "a huge number", "bytes", "a list", "a matrix", "nan", "inf", "huge"],
)
def test_what_is_no_input(given_input: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        rasp.tokens(given_input)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("given_input", "plain"),
    [
        (np.array(["a", "b"]), ["a", "b"]),
        (np.str_("ab"), ["a", "b"]),
        ([Letter("a")], ["a"]),
        (np.array([True, False]), [True, False]),
        (np.array([3, 1]), [3, 1]),
        (np.array([3, 1], dtype=np.uint8), [3, 1]),
        (np.array([0.5, 2]), [Fraction(1, 2), Fraction(2)]),
        (range(3), [0, 1, 2]),
        ((True, 1), [True, 1]),
        ((letter for letter in "ab"), ["a", "b"]),
        ({"a": 1, "b": 2}, ["a", "b"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_answers_hold_plain_values(given_input: Any, plain: list[Any]) -> None:
    answer = rasp.tokens(given_input)
    assert answer == plain
    assert [type(value) for value in answer] == [type(value) for value in plain]


def test_an_input_of_too_many_pairs_is_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasp.graph.interpreter.select_rows", lambda *_: pytest.fail("selects already"))
    for name, most in (("reverse", 4_000), ("sort", 2_828)):
        sop = rasp.load(name).main
        with pytest.raises(
            InputError, match=f"{most + 1:,} tokens, .* 64,000,000 pairs are the limit"
        ) as caught:
            sop(range(most + 1))
        assert caught.value.hint == f"the interpreter runs this program on up to {most:,} tokens"
        with pytest.raises(InputError, match="pairs are the limit"):
            flow_of(sop, range(most + 1))


@pytest.mark.parametrize("size", [30, 31])
def test_an_input_of_just_so_many_pairs_is_answered(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasp.graph.interpreter.MAX_PAIRS", 4 * 30**2)  # two selectors and two aggregates
    reverse = rasp.load("reverse").main
    if size == 30:
        assert reverse(range(size)) == list(range(size))[::-1]
    else:
        with pytest.raises(InputError, match=r"31 tokens, which makes 3,844 pairs .* in 4 selectors"):
            reverse(range(size))


def test_a_long_list_is_searched_by_hash() -> None:
    even = rasp.member(rasp.tokens * rasp.indices, range(0, 100_000, 2))
    assert isinstance(even, Member)
    assert isinstance(even.searched, frozenset)
    assert even(range(3_000, 0, -1)) == [
        (3_000 - i) * i % 2 == 0 and (3_000 - i) * i < 100_000 for i in range(3_000)
    ]
    model = compiler.compile(even, range(300), 100)
    assert model([299, 299, 2]) == even([299, 299, 2]) == [True, False, True]


def test_a_list_holds_what_is_equal_to_its_items() -> None:
    found = rasp.member(rasp.tokens, [1, Fraction(5, 2), "1"])
    assert found([1, True, 1.0, 2.5, 2, False]) == [True, True, True, True, False, False]
    assert found("12") == [True, False]


def test_programs_without_selectors_take_long_inputs() -> None:
    answer = (rasp.tokens + 1)(range(100_000))
    assert answer[-1] == 100_000


def test_inputs_too_long_for_the_interpreter_are_verified_with_the_oracle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reverse = rasp.load("reverse").main
    model = compiler.compile(reverse, "ab", 6)
    monkeypatch.setattr("rasp.graph.interpreter.MAX_PAIRS", 4 * 3**2)
    report = compiler.verify(reverse, model, exhaustive=True)
    assert (report.inputs, report.differing, report.undefined) == (126, 0, 0)
