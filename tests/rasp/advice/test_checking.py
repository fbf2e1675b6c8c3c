"""Warnings: each is given where it should be, and the library's programs are clean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rasp
from rasp.advice.facts import Facts
from rasp.graph.sops import in_order
from rasp.session import library_program_names

WARNED: list[tuple[str, str, str]] = [
    # program, what the warning is about, part of its message
    ("x = 1; y = tokens;", "x", "the name `x` is never used"),
    ("unused = indices + 1; y = tokens;", "unused", "never used"),
    ("sel = full_s; y = tokens;", "sel", "never used"),
    ("def f(a, b) { return a; } y = f(tokens, 1);", "b", "the parameter `b`"),
    ("def f(a) { c = a; return a; } y = f(tokens);", "c", "the name `c`"),
    ("def f(a) { return a; } y = tokens;", "f", "the function `f`"),
    ("y = tokens; for i in [1, 2] { y = y + y; }", "i", "the loop variable `i`"),
    ("y = sort(tokens, [indices for i in [1]][0]);", "i", "the loop variable `i`"),
    ("_p = 1; def f(a) { return a; }", "_p", "never used"),
    ("y = selector_width(select(tokens, 1, ==));", "select(tokens, 1, ==)", "never select"),
    ("y = selector_width(select(indices, -1, ==));", "select(indices, -1, ==)", "never select"),
    ("y = selector_width(select(indices, length, >=));", "select(indices, length, >=)", "never select"),
    ("y = selector_width(select(1, 2, ==));", "select(1, 2, ==)", "never select"),
    (
        "y = selector_width(select(indices, indices, <) and select(indices, indices, >));",
        "select(indices, indices, <) and select(indices, indices, >)",
        "never select",
    ),
    ("p = select(tokens, tokens, ==); y = selector_width(p and not p);", "p and not p", "never select"),
    ("y = selector_width(select(1, 1, ==));", "select(1, 1, ==)", "always selects"),
    ("y = selector_width(select(indices, 0, >=));", "select(indices, 0, >=)", "always selects"),
    ("y = selector_width(select(tokens, 1, !=));", "select(tokens, 1, !=)", "always selects"),
    ("y = selector_width(not select(length, 0, ==));", "select(length, 0, ==)", "never select"),
    ("y = indices >= 0;", "indices >= 0", "True on every input"),
    ("y = indices < length;", "indices < length", "True on every input"),
    ("y = length - indices == 0;", "length - indices == 0", "False on every input"),
    ("y = tokens == 1;", "tokens == 1", "False on every input"),
    ("y = indicator(indices) > 1;", "indicator(indices) > 1", "False on every input"),
    ("y = not indices == 1;", "not indices == 1", "(not x) == y"),
    ('y = not tokens in ["a"];', 'not tokens in ["a"]', "(not x) in l"),
    ("l = [1]; y = indices in l if True else l;", "indices in l if True else l", "binds loosest"),
    ('y = tokens == "a" and tokens in ["b"];', 'tokens == "a" and tokens in ["b"]', "binds loosest"),
    ("y = 0 < indices < 2;", "0 < indices < 2", "compares a bool"),
    ("y = indices if 1 else 2 if 3 else 4;", "indices if 1 else 2 if 3 else 4", "(a if p else b)"),
    (
        "y = indices > 3 or indices > 2 and indices > 1;",
        "indices > 3 or indices > 2 and indices > 1",
        "`a or b",
    ),
    ("y = indices ^ 2 ^ 3;", "indices ^ 2 ^ 3", "(a ^ b) ^ c"),
    ("y = -indices ^ 2;", "-indices ^ 2", "(-a) ^ b"),
    ("y = indices % 4 * 2;", "indices % 4 * 2", "looser"),
]

CLEAN = [
    "y = tokens;",
    "def f(a) { return a; } def g(b) { return f(b); }",
    "tokens = tokens_asis; _helper = indices + 1; y = _helper;",
    "y = tokens; for _ in [1, 2] { y = y + y; }",
    "def f(k) { return indices >= k; } a = f(0); b = f(1); y = a and b;",
    "y = not (indices == 1);",
    'y = (tokens in ["a"]) and indices > 0;',
    'y = indices if tokens == "a" else (1 if indices > 1 else 2);',
    "y = (indices > 3 or indices > 2) and indices > 1;",
    "y = selector_width(select(tokens, tokens, ==) and select(indices, indices, <=));",
    "y = length - 1 - indices > indices;",
    "y = tokens_asis == 1;",
    "y = selector_width(select(indices, 20, ==));",
]


CAUSALLY: list[tuple[str, str, str]] = [
    # program, what the warning is about, part of its message
    ("y = tokens[-1];", "tokens[-1]", "the index -1 gives the value at the current position"),
    ("y = tokens[-2];", "tokens[-2]", "gives the value 1 position before the current one"),
    ("y = tokens[-3];", "tokens[-3]", "gives the value 2 positions before the current one"),
    ("y = selector_width(select(indices, indices, >));", "select(indices, indices, >)", "never selects"),
    ("y = selector_width(select(indices, indices + 1, >=));", "select(indices, indices + 1, >=)", "never"),
    ("y = selector_width(not select(indices, indices, <=));", "not select(indices, indices, <=)", "never"),
    ("y = selector_width(select(indices, length, ==));", "select(indices, length, ==)", "`length` is"),
    (
        "y = selector_width(select(tokens, tokens, ==) and select(indices, indices, >));",
        "select(indices, indices, >)",
        "never selects",
    ),
    ('y = shift(tokens, -1, "_");', 'shift(tokens, -1, "_")', "a selector of `shift` never selects"),
    (
        'y = mark_last_instance(tokens, "a");',
        'mark_last_instance(tokens, "a")',
        "a selector of `mark_last_instance` never selects",
    ),
    ("def f(n) { return shift(tokens, n, 0); } y = f(-2);", "shift(tokens, n, 0)", "never selects"),
    ("y = length - 1 - indices;", "length - 1", "`length` is `indices + 1`"),
    ("n = length; y = n * 2;", "n * 2", "`length` is `indices + 1`"),
]

CAUSALLY_CLEAN = [
    "y = selector_width(select(indices, indices, <=));",
    "y = selector_width(select(indices, indices, <));",
    "y = tokens[0];",
    'y = shift(tokens, 1, "_");',
    'y = count(tokens, "a");',
    'def f(n) { return shift(tokens, n, "_"); } y = f(-2) == f(2);',
    "y = selector_width(select(indices, 2 * indices - 3, ==));",
]


@pytest.mark.parametrize(("program", "part", "message"), CAUSALLY, ids=lambda text: text[:50])
def test_causal_warnings(program: str, part: str, message: str) -> None:
    plain, causal = rasp.check(program), rasp.check(program, causal=True)
    added = [finding for finding in causal if finding not in plain]
    assert [finding.span.text() for finding in added] == [part]
    assert message in added[0].message


@pytest.mark.parametrize("program", CAUSALLY_CLEAN)
def test_no_causal_warnings(program: str) -> None:
    assert rasp.check(program, causal=True) == rasp.check(program) == []


def test_what_holds_only_for_all_positions_is_not_said_causally() -> None:
    always = "y = selector_width(select(length, indices, >));"
    assert "always selects everything" in rasp.check(always)[0].message
    assert all("always" not in finding.message for finding in rasp.check(always, causal=True))


LOOKING_AHEAD = {
    *("addition", "palindrome", "reverse", "shuffle_dyck2", "anbncn", "binary_increment", "maze_step"),
    *("median", "peaks", "reverse_words", "rotate", "rule110", "sum_mod_7"),
}
"""Programs that ask for what comes later."""


@pytest.mark.parametrize("name", library_program_names())
def test_library_programs_causally(name: str) -> None:
    findings = rasp.check(rasp.load(name), causal=True)
    assert bool(findings) == (name in LOOKING_AHEAD)


@pytest.mark.parametrize(("program", "part", "message"), WARNED, ids=lambda text: text[:50])
def test_warnings(program: str, part: str, message: str) -> None:
    findings = rasp.check(program)
    assert [f.span.text() for f in findings if message in f.message] == [part]
    assert str(findings[0]).startswith("<source>:1:")


@pytest.mark.parametrize("program", CLEAN)
def test_clean_programs(program: str) -> None:
    assert rasp.check(program) == []


@pytest.mark.parametrize("name", library_program_names())
def test_library_programs_are_clean(name: str) -> None:
    assert rasp.check(rasp.load(name)) == []


def test_a_constant_comparison_is_constant_on_inputs() -> None:
    for program, _, message in WARNED:
        if "on every input" in message:
            expected = message.startswith("True")
            for given in ("a", "ab", "1b", "abcabc", [1, 0, 2]):
                assert set(rasp.parse(program).main(given)) == {expected}


def test_a_failing_program_is_an_error() -> None:
    with pytest.raises(rasp.RaspError):
        rasp.check("x = nobody;")


NUMBERS = st.recursive(
    st.sampled_from(
        [
            "indices",
            "length",
            "0",
            "1",
            "-1",
            "2.5",
            "tokens_int",
            "indicator(tokens_bool)",
            "[3, 5][indices % 2]",
        ]
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%"]), inner),
        st.builds("({} if {} > 1 else {})".format, inner, inner, inner),
        st.builds("aggregate(select({}, {}, <), {})".format, inner, inner, inner),
        st.builds("aggregate(full_s, {}, 7)".format, inner),
        st.builds("-{}".format, inner),
        st.builds("({} in [1, 2])".format, inner),
    ),
    max_leaves=5,
)
SIGNS = st.sampled_from(["==", "<", "<=", ">", ">="])
SELECTORS = st.recursive(
    st.builds("select({}, {}, {})".format, NUMBERS, NUMBERS, SIGNS),
    lambda inner: st.one_of(
        st.builds("(not {})".format, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    ),
    max_leaves=3,
)


@pytest.mark.parametrize("causal", [False, True])
@settings(deadline=None, max_examples=150)
@given(expression=st.one_of(st.builds("({} {} {})".format, NUMBERS, SIGNS, NUMBERS), SELECTORS))
def test_what_is_said_of_every_input_holds_on_some(causal: bool, expression: str) -> None:
    # Plain parts may divide by zero, and an expression of plain numbers alone makes no node.
    node = rasp.parse(f"v = {expression};", on_error="skip").get("v")
    if not isinstance(node, rasp.Node):
        return
    for each in in_order(node):
        always = Facts(each, causal=causal).always(each)
        if always is None:
            continue
        for given_input in ([0], [1, 2], [0, 5, 3], [2, 2, 2, 1]):
            try:
                answer = each(given_input, causal=causal)
            except rasp.RaspError:
                continue  # it divides by zero there
            assert set(entries(answer, causal)) == {always}


def entries(answer: list[Any], causal: bool) -> list[bool]:
    """An s-op's values; a selector's entries, causally those whose key is not after the query."""
    if not isinstance(answer[0], list):
        return answer
    return [entry for query, row in enumerate(answer) for entry in (row[: query + 1] if causal else row)]
