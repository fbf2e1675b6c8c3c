"""What a dialogue needs: statements one at a time, what each shows, and whether an entry is finished."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import rasp
from rasp.elaboration.functions import Function
from rasp.elaboration.statements import Commanded, Drawn, Event, Failed, Loaded, Shown
from rasp.errors import InputError, RaspSyntaxError
from rasp.graph.labels import label
from rasp.graph.sops import Applied
from rasp.session import Session
from rasp.syntax import tree
from rasp.syntax.parser import parse_statements


def execute(session: Session, text: str) -> list[Event]:
    return [event for statement in parse_statements(text, "entry") for event in session.execute(statement)]


def shown(events: list[Event]) -> list[tuple[str, Any]]:
    return [(event.name, event.value) for event in events if isinstance(event, Shown)]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path, on_error="skip")


def test_what_statements_show(session: Session) -> None:
    assert shown(execute(session, "3 + 4;")) == [("out", 7)]
    assert shown(execute(session, "v = 4;")) == [("v", 4)]
    assert shown(execute(session, "v;")) == [("v", 4)]
    assert shown(execute(session, "True;")) == [("True", True)]
    assert shown(execute(session, "a, b = 1, 2;")) == [("a", 1), ("b", 2)]
    assert shown(execute(session, "for i in [1] { i; }")) == []
    ((name, function),) = shown(execute(session, "def f(a) { return a; }"))
    assert (name, function.signature, function.origin) == ("f", "f(a)", "console")
    assert isinstance(session.names["f"], Function)


def test_an_application_remembers_how_it_came_about(session: Session) -> None:
    ((name, value),) = shown(execute(session, 'indices("ab");'))
    assert name == "out"
    assert isinstance(value, Applied)
    assert (value, value.node, value.given) == ([0, 1], rasp.indices, "ab")


def test_a_failed_entry_raises_and_the_session_goes_on(session: Session) -> None:
    with pytest.raises(rasp.RaspError):
        execute(session, "x = nobody;")
    assert shown(execute(session, "x = 1;")) == [("x", 1)]


def test_fuel_is_for_each_entry(tmp_path: Path) -> None:
    session = Session(tmp_path, fuel=100)
    for _ in range(5):
        execute(session, "x = range(60);")
    with pytest.raises(rasp.LimitError):
        execute(session, "x = range(160);")


def test_commands_are_handed_back(session: Session) -> None:
    (event,) = execute(session, 'set s-op example "abc"')
    assert isinstance(event, Commanded)
    assert isinstance(event.command, tree.SetExample)
    assert (event.command.which, event.value) == ("s-op", "abc")
    events = execute(session, "examples off\nselector examples on\nfull seq display on\nshow example\nexit()")
    assert [type(e.command).__name__ for e in events if isinstance(e, Commanded)] == [
        "Examples",
        "Examples",
        "FullDisplay",
        "ShowExample",
        "Leave",
    ]


def test_draw_hands_back_the_sop(session: Session) -> None:
    (event,) = execute(session, 'draw(indices, "abc");')
    assert event == Drawn("indices", rasp.indices, "abc")


def test_load_tells_statement_by_statement(session: Session, tmp_path: Path) -> None:
    (tmp_path / "lib.rasp").write_text(
        "a = 1;\nb = nobody;\na;\ndef g(x) { return x; }\n3 +;\nc = 2;\nexit\nd = 1;"
    )
    (event,) = execute(session, 'load "lib";')
    assert isinstance(event, Loaded)
    assert event.failed
    kinds = [[type(inner).__name__ for inner in events] for events in event.outcomes]
    assert kinds == [["Shown"], ["Failed"], ["Shown"], ["Shown"], ["Failed"], ["Shown"], ["Commanded"]]
    assert set(session.names) == {"a", "g", "c"}
    function = session.names["g"]
    assert isinstance(function, Function)
    assert function.origin == "lib"
    errors = [inner.error for events in event.outcomes for inner in events if isinstance(inner, Failed)]
    assert [error.span.line for error in errors if error.span] == [2, 5]


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "f(",
        "def f(a) {",
        "def f(a) { return a;",
        "x = [1,\n2",
        "x =",
        "for i in [1]",
        "set example",
        "1 +",
    ],
)
def test_what_more_text_could_finish(text: str) -> None:
    with pytest.raises(RaspSyntaxError) as caught:
        parse_statements(text)
    assert caught.value.unfinished


@pytest.mark.parametrize(
    "text", ["a = 1 b = 2;", "a = 1\nb = 2;", "a = 1 }", 'x = "abc', "def f(a) { x = 1 }", ")"]
)
def test_what_nothing_can_finish(text: str) -> None:
    with pytest.raises(RaspSyntaxError) as caught:
        parse_statements(text)
    assert not caught.value.unfinished


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a = 1\nb = 2;\nc = 3;", {"b", "c"}),
        ("a = 1 +; b = 2;", {"b"}),
        ("def f(a) { x = ; y = 1; return x; } b = 2;", {"b"}),
        ("for i in [1] { x = {1: }; } b = 2;", {"b"}),
        ("def f(a) return a; b = 2;", {"b"}),
        ("a = (1; b = 2;", {"b"}),
        ("for i in [1] { } b = 2;", {"b"}),
        ("a = 1); b = 2;", {"b"}),
        ("def f(a) { return a; b = 2;", set()),
        ("a = ! ? 'b'; b = 2;", {"b"}),
    ],
)
def test_reading_goes_on_behind_a_mistake(text: str, left: set[str]) -> None:
    program = rasp.parse(text, on_error="skip")
    assert set(program) == left
    assert len(program.errors) == 1


def test_entries_count_their_lines_from_where_they_begin() -> None:
    with pytest.raises(RaspSyntaxError) as caught:
        parse_statements("a = 1;\nb = ;", "console", first_line=7)
    assert str(caught.value).startswith("console:8:5: ")
    assert "    b = ;\n        ^" in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("indices + 1", "( indices + 1 )"),
        ('tokens == "a"', "( tokens == a )"),
        ("max(indices, 2)", "max(indices , 2)"),
        ("select(1, 1, ==)", "plain select"),
        ("full_s", "full_s"),
        ("not indices", "( not indices )"),
        ("round(indices / 2)", "round(( indices / 2 ))"),
        ("1 if indices else 0.5", "( 1 if indices else 0.5 )"),
        ("[5, 6][indices]", "[...][indices]"),
        ("indices in [1]", "( indices in [...] )"),
        ("indices + indices * indices + indices * 17", "s-op"),
        ("full_s and full_s and full_s and full_s and full_s", "selector"),
    ],
)
def test_labels_of_nodes_without_a_name(expression: str, expected: str) -> None:
    nodes = rasp.parse(f"l = [{expression}];")["l"]
    assert isinstance(nodes, list)
    (node,) = nodes
    assert isinstance(node, rasp.Node)
    assert label(node) == expected


def test_a_label_of_a_deep_graph_is_short_and_quick() -> None:
    node = rasp.indices
    for _ in range(3_000):
        node = node + node
    assert label(node) == "s-op"


def test_a_saved_model_is_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(rasp.LoadError) as refused:
        rasp.load("mine")
    assert "rasp apply mine" in (refused.value.hint or "")


def test_a_name_that_a_program_has_not() -> None:
    """As of any mapping, and with the names that there are."""
    program = rasp.parse("x = 1;\ny = indices;")
    assert ("z" in program, program.get("z")) == (False, None)
    with pytest.raises(KeyError) as refused:
        program["z"]
    assert str(refused.value) == "undefined name: <source> has nothing called 'z'\n  hint: it has x, y"


def test_options_of_another_kind() -> None:
    with pytest.raises(InputError, match="a list of folders"):
        rasp.parse("x = 1;", allow_path="folder")
    with pytest.raises(InputError, match="a number of steps"):
        rasp.parse("x = 1;", fuel=0)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("step = indices; x = indices + 1;", "step"),
        ("x = indices; y = indices + 1;", "y"),
        ("x = indices; y = indices + 1; halt = y == 3;", "y"),
        ("halt = indices == 3; x = indices + 1;", "x"),
        ("halt = indices == 3;", "halt"),
        ("step = select(1, 1, ==); x = indices + 1;", "x"),
    ],
)
def test_what_a_program_takes_as_its_step(text: str, step: str) -> None:
    """`halt` says when a run ends, and is the step only where there is nothing else."""
    program = rasp.parse(text)
    assert program.step is program[step]
