"""What the reference says beyond the conformance cases: exact numbers, causal reading, programs, `load`."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import rasp
from rasp.elaboration.functions import Function
from rasp.errors import InputError, LoadError, OperandError, ReservedNameError, UndefinedNameError
from rasp.graph.atoms import decimal
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Exists,
    Node,
    Operation,
    Select,
    SelectorAnd,
    SelectorOr,
    Width,
    in_order,
)
from rasp.syntax.parser import parse_statements
from rasp.words import Operator
from tests.support.worked import BY_MEANS


def value(expression: str, program: str = "") -> Any:
    return rasp.parse(f"{program}\n_value = {expression};")["_value"]


def values(expression: str, given: object, causal: bool = False) -> list[Any]:
    node = value(expression)
    assert isinstance(node, Node)
    return node(given, causal=causal)


# Exact numbers


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0.1 + 0.2 == 0.3", True),
        ("1 / 3 * 3 == 1", True),
        ("9 ^ 0.5", Fraction(3)),
        ("64 ^ (1 / 3)", Fraction(4)),
        ("2 ^ 0.5", Fraction(2**0.5)),
        ("2 ^ 2.0", Fraction(4)),
        ("2 ^ -1", Fraction(1, 2)),
        ("0 ^ 0", 1),
        ("True ^ 2", 1),
        ("7.5 % 2", Fraction(3, 2)),
        ("-7 % 3", 2),
        ("6 / 3", Fraction(2)),
        ("1 == 1.0", True),
        ("round(2.5)", 2),
        ("round(0 - 1.5)", -2),
        ('"ab" * (0 - 10^100)', ""),
        ('"" * 10^100', ""),
    ],
)
def test_numbers_are_exact(expression: str, expected: object) -> None:
    got = value(expression)
    assert got == expected
    assert type(got) is type(expected)


def test_means_are_exact_where_floats_would_round() -> None:
    thirds = values("aggregate(full_s, indicator(indices == 0)) == 1 / 49", range(49))
    assert thirds == [True] * 49
    assert values("aggregate(full_s, tokens_float) == 0.1", [0.1] * 3) == [True] * 3


def test_float_inputs_become_the_decimal_they_print_as() -> None:
    assert values("tokens_asis * 3", [0.1]) == [Fraction(3, 10)]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(2), "2.0"),
        (Fraction(1, 3), "0.3333333333333333"),
        (Fraction(-1, 4), "-0.25"),
        (Fraction(0), "0.0"),
        (Fraction(10) ** 400, "1e+400"),
        (Fraction(1, 10**400), "1e-400"),
    ],
)
def test_fractions_print_as_decimals(number: Fraction, text: str) -> None:
    assert decimal(number) == text


@pytest.mark.parametrize(
    ("conversion", "given", "expected"),
    [
        ("tokens_int", ["12", " -3 ", "+4", True, 2.9, -2.9], [12, -3, 4, 1, 2, -2]),
        ("tokens_float", ["1", "-2.5", "1e2", 3, True], [1, Fraction(-5, 2), 100, 3, 1]),
        ("tokens_str", [True, 1, 2.5, "x"], ["True", "1", "2.5", "x"]),
        ("tokens_bool", ["0", "", 0, 0.0, 2], [True, False, False, False, True]),
    ],
)
def test_conversions(conversion: str, given: list[Any], expected: list[Any]) -> None:
    got = values(conversion, given)
    assert got == expected
    assert {type(item) for item in got} == {
        {"tokens_int": int, "tokens_float": Fraction, "tokens_str": str, "tokens_bool": bool}[conversion]
    }


@pytest.mark.parametrize("token", ["", "a", "1.5", "1_0", "٣", "1e3", "0x1"])
def test_strings_that_are_no_ints(token: str) -> None:
    with pytest.raises(OperandError):
        values("tokens_int", [token])


@pytest.mark.parametrize("token", ["nan", "inf", "1/3", "1e", "--1", "1e999999999"])
def test_strings_that_are_no_numbers(token: str) -> None:
    with pytest.raises(rasp.EvaluationError):
        values("tokens_float", [token])


@pytest.mark.parametrize("given", ["", [], {}, 5, None, [None], [[1]], [float("nan")], [float("inf")]])
def test_unsuitable_inputs(given: object) -> None:
    with pytest.raises(InputError):
        values("indices", given)


def test_an_input_is_a_string_a_list_or_the_keys_of_a_dict() -> None:
    assert values("tokens_asis", "ab") == ["a", "b"]
    assert values("tokens_asis", (1, 2)) == [1, 2]
    assert values("tokens_asis", {"p": 1, "q": 2}) == ["p", "q"]


# Causal reading


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("length", [1, 2, 3, 4]),
        ('count(tokens, "a")', [1, 1, 2, 2]),
        ("tokens[-1]", ["a", "b", "a", "c"]),
        ("tokens[0]", ["a", "a", "a", "a"]),
        ("selector_width(not select(indices, indices, <))", [1, 1, 1, 1]),
        ("selector_width(select(indices, indices, >))", [0, 0, 0, 0]),
        ("aggregate(full_s, indices)", [0, Fraction(1, 2), 1, Fraction(3, 2)]),
        ('shift(tokens, -1, "_")', ["_", "_", "_", "_"]),
    ],
)
def test_causal_reading_masks_later_keys(expression: str, expected: list[Any]) -> None:
    assert values(expression, "abac", causal=True) == expected


def test_a_causal_selector_is_displayed_masked() -> None:
    assert values("not select(indices, 1, ==)", "abc", causal=True) == [
        [True, False, False],
        [True, False, False],
        [True, False, True],
    ]


# The graph


def shape(node: Node) -> Any:
    """A node as nested tuples, to compare structure."""
    match node:
        case Operation(operator=operator, args=args):
            return (operator.value, *map(shape, args))
        case Constant(value=atom):
            return atom
        case Aggregate(selector=selector, values=read, default=default):
            return ("aggregate", shape(selector), shape(read), default)
        case Width(selector=selector):
            return ("width", shape(selector))
        case Exists(selector=selector):
            return ("exists", shape(selector))
        case Select(keys=keys, queries=queries, comparison=comparison):
            return ("select", shape(keys), shape(queries), comparison.value)
        case SelectorAnd(left=left, right=right):
            return ("and", shape(left), shape(right))
        case SelectorOr(left=left, right=right):
            return ("or", shape(left), shape(right))
    return node.name


FULL = ("select", 1, 1, "==")
IS_A = ("select", ("indicator", ("==", "tokens_str", "a")), 1, "==")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("full_s", FULL),
        ("length", ("width", FULL)),
        ("selector_width(select(tokens, 0, <))", ("width", ("select", "tokens_str", 0, "<"))),
        ("has_focus(full_s)", ("exists", FULL)),
        ('count(tokens, "a")', ("width", IS_A)),
        ('contains(tokens, "a")', ("exists", IS_A)),
        ('"a" in tokens', ("exists", IS_A)),
        ("tokens[2]", ("aggregate", ("select", "indices", 2, "=="), "tokens_str", None)),
        (
            "tokens[-1]",
            ("aggregate", ("select", "indices", ("+", ("width", FULL), -1), "=="), "tokens_str", None),
        ),
    ],
)
def test_counts_and_questions_are_one_node(expression: str, expected: Any) -> None:
    assert shape(value(expression)) == expected


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    "call",
    [
        "length",
        "selector_width(select(tokens, tokens, ==))",
        "selector_width(select(indices, indices, >))",
        "selector_width(select(indices, 1, >=) and select(tokens, tokens, !=))",
        "has_focus(select(tokens, tokens, ==) and select(indices, indices, <))",
        "has_focus(full_s)",
        'count(tokens, "a")',
        "count(indices, indices)",
        "count(indices, 1)",
        'contains(tokens, "b")',
        "contains(tokens, tokens)",
    ],
)
def test_counts_are_what_the_reference_makes_of_means(call: str, causal: bool) -> None:
    program: Any = rasp.parse(f"{BY_MEANS}ours = {call}; its = its_{call};")
    for length in range(1, 5):
        for tokens in itertools.product("abc", repeat=length):
            ours, its = (program[name](list(tokens), causal) for name in ("ours", "its"))
            assert list(map(repr, ours)) == list(map(repr, its)), tokens


def test_base_nodes_and_the_library_are_shared_between_programs() -> None:
    one, other = value("[length, indices, full_s, tokens]"), value("[length, indices, full_s, tokens]")
    assert all(a is b for a, b in zip(one, other, strict=True))


def test_a_name_is_bound_once_and_base_sops_keep_theirs() -> None:
    program = rasp.parse("a = indices + 1; b = a; c = indices; def f(x) { y = x * 2; return y; } d = f(a);")
    a, b, c, d = (program[name] for name in "abcd")
    assert isinstance(a, Node)
    assert isinstance(d, Node)
    assert a is b
    assert a.name == "a"
    assert c is rasp.indices
    assert rasp.indices.name == "indices"
    assert d.name == "d"
    assert d.call is not None
    assert d.call.function == "f"


def test_every_node_a_program_makes_has_its_place() -> None:
    program = rasp.parse("x = 1 + indices;\ny = tokens[-1];\nz = 1 in tokens;", file="here.rasp")
    for name in "xyz":
        node = program[name]
        assert isinstance(node, Node)
        assert node.span is not None
        assert (node.span.file, node.span.line) == ("here.rasp", "xyz".index(name) + 1)
    made = [each for each in in_order(*(program[name] for name in "xyz")) if each.span]  # type: ignore[arg-type]
    assert len(made) > 6


# Programs


def test_a_program_maps_all_names_of_its_scope() -> None:
    program = rasp.parse("_a = 1; for i in [3] { b = i; } s = indices; def f(x) { local = x; return local; }")
    assert set(program) == {"_a", "i", "b", "s", "f"}
    assert program["i"] == 3
    assert isinstance(program["f"], Function)
    assert "tokens" not in program


def test_main_is_named_like_the_file_or_last(tmp_path: Path) -> None:
    (tmp_path / "best.rasp").write_text("best = indices; other = tokens; sel = full_s;")
    (tmp_path / "rest.rasp").write_text("best = indices; other = tokens + tokens; sel = full_s;")
    assert rasp.load(tmp_path / "best.rasp").main is rasp.indices
    assert rasp.load(tmp_path / "rest.rasp").main.name == "other"
    with pytest.raises(rasp.RaspError, match="no s-op"):
        rasp.parse("x = 1;").main  # noqa: B018


def test_functions_can_be_called_from_python() -> None:
    program = rasp.parse("def f(a, b) { return a + b, a * b; }")
    function = program["f"]
    assert isinstance(function, Function)
    assert function(2, 3) == [5, 6]
    assert function.signature == "f(a, b)"


def test_errors_are_raised_at_the_first_failing_statement_or_skipped() -> None:
    text = "a = 1;\nb = nobody;\nc = 2 +;\nd = 3;"
    with pytest.raises(UndefinedNameError):
        rasp.parse(text)
    program = rasp.parse(text, on_error="skip")
    assert dict(program) == {"a": 1, "d": 3}
    assert [type(error).__name__ for error in program.errors] == ["UndefinedNameError", "RaspSyntaxError"]


def test_a_failing_statement_keeps_what_its_loop_had_done() -> None:
    program = rasp.parse(
        "t = 0; for i in [1, 2, nobody] { t = i; } for i in [1, 0] { t = 1 / i; }", on_error="skip"
    )
    assert (program["t"], program["i"]) == (1, 0)


def test_functions_see_outer_names_as_they_are_when_called() -> None:
    assert value("f(1)", "k = 1; def f(a) { return a + k; } k = 10;") == 11


def test_a_parameter_named_length_does_not_reach_negative_indices() -> None:
    assert value("f(tokens)", "def f(length) { return length[-1]; }")("abc") == ["c"] * 3


def test_arguments_are_evaluated_once() -> None:
    nested = "f(" * 60 + "1" + ")" * 60
    assert value(nested, "def f(a) { return a + 1; }") == 61


def test_applied_values_are_lists() -> None:
    assert value("tokens('abc')".replace("'", '"')) == ["a", "b", "c"]
    assert value('[x + x for x in tokens("ab")]') == ["aa", "bb"]


def test_out_is_the_value_last_evaluated_and_the_input_after_an_application() -> None:
    assert rasp.parse("3 + 4; x = out;")["x"] == 7
    assert rasp.parse('indices("ab"); x = out;')["x"] == "ab"
    assert rasp.parse("a, b = 1, 2; x = out;")["x"] == 2


def test_commands_have_no_effect_in_a_program() -> None:
    program = rasp.parse(
        'set example "abc"\nexamples off\nfull seq display on\nshow example\nx = 1;\nexit\ny = 2;'
    )
    assert dict(program) == {"x": 1}


def test_keywords_are_names_where_no_bracket_follows() -> None:
    assert value("select + aggregate", "select = 1; aggregate = 2;") == 3
    assert value("full + seq + display", "full = 1; seq = 2; display = 3;") == 6


# load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    main = tmp_path / "main"
    (main / "sub").mkdir(parents=True)
    (main / "lib.rasp").write_text('load "sub/deep"; public = deep + 1; _private = 1;')
    (main / "sub" / "deep.rasp").write_text("deep = 1;")
    (main / "one.rasp").write_text('load "two";')
    (main / "two.rasp").write_text('load "one";')
    (main / "self.rasp").write_text('load "self";')
    (main / "reserved.rasp").write_text("max = 3;")
    (main / "binary.rasp").write_bytes(b"\xff\xfe")
    (main / "notes.txt").write_text("x = 1;")
    (main / "bad.rasp").write_text("x = 1;\ny = x +;\n")
    (tmp_path / "secret.rasp").write_text("secret = 1;")
    (main / "link.rasp").symlink_to(tmp_path / "secret.rasp")
    (main / "loop.rasp").symlink_to(main / "loop.rasp")
    return main


def test_loaded_names_are_public_and_paths_start_at_the_main_folder(folder: Path) -> None:
    assert set(rasp.parse('load "lib";', folder=folder)) == {"deep", "public"}


def test_loading_inside_a_function_makes_locals(folder: Path) -> None:
    program = rasp.parse('def f(a) { load "lib"; return public; } x = f(1);', folder=folder)
    assert program["x"] == 2
    assert "public" not in program


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "there is no file"),
        ("lib.rasp", "there is no file"),
        ("notes.txt", "there is no file"),
        ("sub", "there is no file"),
        ("", "not the name of a file"),
        ("a\0b", "not the name of a file"),
        ("x" * 5000, "cannot be looked up"),
        ("../secret", "outside the folder"),
        ("../main/lib", "`..`"),
        ("/etc/passwd", "outside the folder"),
        ("link", "outside the folder"),
        ("loop", "cannot be looked up"),
        ("binary", "not text in UTF-8"),
        ("self", r"self\.rasp -> self\.rasp"),
        ("one", r"one\.rasp -> two\.rasp -> one\.rasp"),
    ],
)
def test_what_cannot_be_loaded(folder: Path, name: str, message: str) -> None:
    with pytest.raises(LoadError, match=message):
        rasp.parse(f'load "{name}";', folder=folder)


def test_allowed_paths_may_be_reached(folder: Path) -> None:
    for name in ("../secret", "link"):
        program = rasp.parse(f'load "{name}";', folder=folder, allow_path=[folder.parent])
        assert program["secret"] == 1


def test_a_file_cannot_assign_library_names(folder: Path) -> None:
    with pytest.raises(ReservedNameError):
        rasp.parse('load "reserved";', folder=folder)


def test_an_error_in_a_loaded_file_says_who_loads_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(rasp.RaspSyntaxError) as caught:
        rasp.parse('load "bad";', file="main.rasp")
    text = str(caught.value)
    assert text.startswith("bad.rasp:2:8: syntax error: expected an expression after `+`")
    assert "in bad.rasp, loaded at main.rasp:1:1" in text


def test_a_file_that_loads_itself_through_the_main_file(folder: Path) -> None:
    with pytest.raises(LoadError, match=r"one\.rasp -> two\.rasp -> one\.rasp"):
        rasp.load(folder / "one.rasp")


@pytest.mark.parametrize("name", ["nosuchprogram", "nosuch.rasp", "../sort", "a b", ""])
def test_unknown_programs(name: str) -> None:
    with pytest.raises(LoadError):
        rasp.load(name)


def test_statements_end_where_the_grammar_says() -> None:
    text = 'a = 1; b = 2;\ndef f(x) { return x; } c = {"k": 1};\nfor i in {"a": 1} { d = i; } '
    text += "set example [1,\n2]\n5;"
    assert len(parse_statements(text)) == 7


def test_operators_cover_the_whole_language() -> None:
    assert {operator.value for operator in Operator} >= {
        "+",
        "-",
        "*",
        "/",
        "%",
        "^",
        "==",
        "and",
        "or",
        "not",
    }
