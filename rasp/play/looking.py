"""What a program is, as far as the language alone can tell: its values on an input, its mistakes, its names.

Everything here is plain data for the page. Nothing is compiled, so that it is there at every keystroke.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import programs
from rasp.advice.checking import check
from rasp.drawing import flow_of, svg
from rasp.drawing.flow import title
from rasp.elaboration.functions import Function
from rasp.elaboration.statements import Shown
from rasp.errors import LoadError, RaspError, Span
from rasp.graph.interpreter import Row, check_length, masked, node_values
from rasp.graph.sops import Node, Read, Selector, SOp, in_order, operands
from rasp.graph.values import Value, describe
from rasp.limits import DEFAULT_FUEL, Fuel, deep_recursion
from rasp.notation import (
    could_be_misread,
    read_header,
    read_header_input,
    read_input,
    read_vocab,
    show_atom,
    to_json,
)
from rasp.session import Program, Session
from rasp.syntax.parser import read_statements
from rasp.syntax.tree import Assignment, Load, Statement, Syntax, children
from rasp.words import Atom

FILE = "program.rasp"
NOWHERE = Path("/nowhere")
"""Where a program of the page could load from."""

LEAST_LENGTH = 10
MOST_TOKENS = 200
"""The longest input that is shown."""

WIDEST_MATRIX = 64
LONGEST_TEXT = 60
MOST_STATES = 200
"""How often a program is applied to its own answer."""

Data = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """What the page sends: a program and its settings as they are typed; empty ones are guessed."""

    source: str
    input: str = ""
    vocab: str = ""
    length: int | None = None
    causal: bool | None = None
    name: str = ""


@dataclass(frozen=True)
class Settings:
    """The input's tokens, and what the program is compiled for."""

    tokens: tuple[Atom, ...]
    vocab: tuple[Atom, ...]
    length: int
    causal: bool


@dataclass
class Ran:
    """What running a text has left: the program, its mistakes, and what each statement has made."""

    program: Program
    problems: list[RaspError] = field(default_factory=list)
    made: list[tuple[Statement, str, Value]] = field(default_factory=list)

    @property
    def main(self) -> SOp:
        """What the page shows: the program's answer; its step, if the last s-op says when a run ends."""
        main = self.program.main
        return self.program.step if main is self.program.get("halt") else main


# Running -----------------------------------------------------------------------------------------------


def ran(source: str, name: str = "") -> Ran:
    """Run a text statement by statement; one that fails is skipped."""
    session, fuel = Session(NOWHERE), Fuel(DEFAULT_FUEL)
    problems: list[RaspError] = []
    made: list[tuple[Statement, str, Value]] = []
    for statement in read_statements(source, FILE):
        if isinstance(statement, RaspError):
            problems.append(statement)
            continue
        before = {} if isinstance(statement, Assignment) else dict(session.names)
        try:
            refuse_load(statement)
            events = session.execute(statement, fuel)
        except RaspError as error:
            problems.append(error)
            continue
        shown = {event.name: event.value for event in events if isinstance(event, Shown)}
        made += [
            (statement, key, value) for key, value in {**shown, **new(statement, session, before)}.items()
        ]
    program = Program(name or None, FILE, source, dict(session.names), tuple(problems))
    return Ran(program, problems, made)


def new(statement: Statement, session: Session, before: Mapping[str, Value]) -> Mapping[str, Value]:
    """The names that a statement has given values; of an assignment they are its own, whatever was before."""
    if isinstance(statement, Assignment):
        return {target.text: session.names[target.text] for target in statement.targets}
    return {key: value for key, value in session.names.items() if before.get(key) is not value}


def refuse_load(statement: Syntax) -> None:
    """Raise LoadError at a `load`: a program of the page is one text, and reads no files."""
    pending = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, Load):
            raise LoadError(
                "the playground reads no files", span=node.span, hint="paste what the file holds in here"
            )
        pending += children(node)


# Settings ----------------------------------------------------------------------------------------------


def settings(given: Given) -> Settings:
    """What was typed, and what goes without saying; raises RaspError where that cannot be read."""
    tokens = tuple(read_input(given.input)) if given.input else example_of(given.source)
    if len(tokens) > MOST_TOKENS:
        raise RaspError(f"the input has {len(tokens):,} tokens; the playground shows up to {MOST_TOKENS}")
    vocab = tuple(read_vocab(given.vocab)) if given.vocab else guessed_vocabulary(given.source, tokens)
    length = max(LEAST_LENGTH, len(tokens)) if given.length is None else given.length
    causal = is_causal(given.source) if given.causal is None else given.causal
    return Settings(tokens, vocab, length, causal)


def is_causal(source: str) -> bool:
    """Whether the header says that the program is made for the causal mode."""
    return programs.said(source, "generate") is not None


def example_of(source: str) -> tuple[Atom, ...]:
    """The first input of the program's header; else some text."""
    given = read_header_input(source, FILE)
    return tuple("hello") if given is None else tuple(given)


def guessed_vocabulary(source: str, tokens: Sequence[Atom]) -> tuple[Atom, ...]:
    """The vocabulary of the header, if it has all of the tokens; else each of them once."""
    known = read_header(source, "vocab", read_vocab, FILE) or []
    kinds = {type(token) for token in known}
    if known and all(token in known and type(token) in kinds for token in tokens):
        return tuple(known)
    distinct: list[Atom] = []
    for token in tokens:
        if token not in distinct:
            distinct.append(token)
    return tuple(sorted(distinct, key=lambda token: (str(type(token)), token)))


# Values ------------------------------------------------------------------------------------------------


def values_of(
    roots: Iterable[Node], tokens: Sequence[Atom], causal: bool
) -> tuple[Mapping[Node, Row], Mapping[Node, RaspError]]:
    """What every node is on the input, and why some have no value; those made of them have none either."""
    nodes = list(in_order(*roots))
    check_length(nodes, len(tokens))
    values: dict[Node, Row] = {}
    failed: dict[Node, RaspError] = {}
    for node in nodes:
        cause = next((failed[each] for each in operands(node) if each in failed), None)
        if cause is not None:
            failed[node] = cause
            continue
        try:
            values[node] = node_values(node, list(tokens), values, causal)
        except RaspError as error:
            error.locate(node.span, node.site)
            failed[node] = error
    return values, failed


def row_of(
    statement: Statement,
    name: str,
    value: Value,
    values: Mapping[Node, Row],
    failed: Mapping[Node, RaspError],
) -> Data:
    """One name of the program, with its values."""
    head = {"line": statement.span.line, "end_line": statement.span.end_line, "name": name}
    if isinstance(value, Node) and value in failed:
        return {**head, "kind": kind_of(value), "error": failed[value].message}
    if isinstance(value, SOp):
        return {**head, "kind": "s-op", "values": list(map(short, values[value]))}
    if isinstance(value, Selector):
        return {**head, "kind": "selector", "matrix": matrix_text(values[value])}
    if isinstance(value, Function):
        return {**head, "kind": "function", "text": value.signature}
    return {**head, "kind": "value", "text": cut(describe(value))}


def rows_of(
    made: Sequence[tuple[Statement, str, Value]], values: Mapping[Node, Row], failed: Mapping[Node, RaspError]
) -> Iterator[Data]:
    """A row for each name and, before it, for each selector that is first read for it and has none."""
    named = {value for _, _, value in made if isinstance(value, Selector)}
    for statement, name, value in made:
        nodes = in_order(value) if isinstance(value, SOp) else ()
        for selector in dict.fromkeys(node.selector for node in nodes if isinstance(node, Read)):
            if selector not in named and selector in values:
                named.add(selector)
                yield {**row_of(statement, title(selector), selector, values, failed), "unnamed": True}
        yield row_of(statement, name, value, values, failed)


def kind_of(value: Value) -> str:
    if isinstance(value, Function):
        return "function"
    return "s-op" if isinstance(value, SOp) else "selector" if isinstance(value, Selector) else "value"


def matrix_text(rows: Row) -> list[str]:
    """A selector's rows as 0 and 1; nothing if it is too wide to be shown."""
    if len(rows) > WIDEST_MATRIX:
        return []
    return ["".join("1" if chosen else "0" for chosen in row) for row in rows]


def short(value: Atom) -> str:
    """A value as it stands in a cell."""
    if isinstance(value, bool):
        return "T" if value else "F"
    return cut(show_atom(value, quoted=could_be_misread(value)))


def cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


# Problems ----------------------------------------------------------------------------------------------


def problem(error: RaspError, severity: str = "error") -> Data:
    """A mistake with its place in the text; that of the call that led to it, where it is in the library."""
    return placed(error.message, place_of(error), error.hint, severity)


def place_of(error: RaspError) -> Span | None:
    if error.span is not None and error.span.file == FILE:
        return error.span
    sites = error.site.chain() if error.site is not None else []
    return next((site.span for site in sites if site.span is not None and site.span.file == FILE), None)


def placed(message: str, span: Span | None, hint: str | None, severity: str) -> Data:
    where = (
        {"line": 0}
        if span is None
        else {
            "line": span.line,
            "column": span.column,
            "end_line": span.end_line,
            "end_column": span.end_column,
        }
    )
    return {**where, "message": message, "hint": hint, "severity": severity}


def warnings(program: Program, causal: bool) -> Iterator[Data]:
    """What is legal but hardly meant, in a program without mistakes."""
    if program.errors:
        return
    try:
        found = check(program, causal)
    except RaspError:
        return  # it is told of as a mistake
    for finding in found:
        yield placed(finding.message, finding.span, finding.hint, "warning")


# All together ------------------------------------------------------------------------------------------


def look(given: Given) -> Data:
    """Everything about a program that the page shows without a model."""
    done = ran(given.source, given.name)
    problems = [problem(error) for error in done.problems]
    names = {name: kind_of(value) for name, value in done.program.items()}
    facts: Data = {"names": [{"name": name, "kind": kind} for name, kind in names.items()], "main": None}
    try:
        chosen = settings(given)
    except RaspError as error:
        causal = bool(given.causal)
        problems += warnings(done.program, causal)
        return {**facts, "problems": problems, "wrong_settings": error.message, "rows": []}
    problems += warnings(done.program, chosen.causal)
    facts |= {
        "tokens": [show_atom(token) for token in chosen.tokens],
        "vocab": vocabulary_text(chosen.vocab),
        "length": chosen.length,
        "causal": chosen.causal,
    }
    try:
        with deep_recursion():
            return {**facts, **at_work(done, chosen, problems)}
    except RaspError as error:
        return {**facts, "problems": [*problems, problem(error)], "rows": []}


def at_work(done: Ran, chosen: Settings, problems: list[Data]) -> Data:
    """The values, the answer and the drawing."""
    main = main_of(done)
    nodes = [value for _, _, value in done.made if isinstance(value, Node)]
    values, failed = values_of([*nodes, *([] if main is None else [main])], chosen.tokens, chosen.causal)
    if chosen.causal:
        values = {n: masked(rows) if isinstance(n, Selector) else rows for n, rows in values.items()}
    rows = list(rows_of(done.made, values, failed))
    told = {id(error): error for error in failed.values()}
    problems = [*problems, *map(problem, told.values())]
    answer = values.get(main) if main is not None else None
    return {
        "rows": rows,
        "problems": problems,
        "main": None if main is None else next((n for n, v in done.program.items() if v is main), "out"),
        "answer": None if answer is None else list(map(short, answer)),
        "next": None if answer is None else next_input(answer, chosen),
        "drawing": drawing(main, chosen, bool(told)),
    }


def main_of(done: Ran) -> SOp | None:
    try:
        return done.main
    except RaspError:
        return None


def next_input(answer: Sequence[Atom], chosen: Settings) -> str | None:
    """The answer as the next input, if the program could take it: a machine's next state."""
    known = set(map(type, chosen.vocab))
    fits = all(token in chosen.vocab and type(token) in known for token in answer)
    return input_text(answer) if fits and len(answer) == len(chosen.tokens) else None


def input_text(tokens: Sequence[Atom]) -> str:
    """Tokens as they are typed into the input field."""
    text = "".join(token for token in tokens if isinstance(token, str))
    plain = len(text) == len(tokens) and list(text) == list(tokens) and not text.lstrip().startswith("[")
    return text if plain and text else json.dumps(to_json(list(tokens)), ensure_ascii=False)


def vocabulary_text(vocab: Sequence[Atom]) -> str:
    """A vocabulary as it is typed: characters, a range of ints, or a list."""
    ints = [token for token in vocab if type(token) is int]
    if len(ints) == len(vocab) > 2 and ints == list(range(ints[0], ints[0] + len(ints))) and ints[0] >= 0:
        return f"{ints[0]}:{ints[-1] + 1}"
    text = input_text(vocab)
    try:
        return text if tuple(read_vocab(text)) == tuple(vocab) else json_list(vocab)
    except RaspError:
        return json_list(vocab)


def json_list(tokens: Sequence[Atom]) -> str:
    return json.dumps(to_json(list(tokens)), ensure_ascii=False)


def drawing(main: SOp | None, chosen: Settings, failed: bool) -> str | None:
    """The picture of the flow, with values where there are any."""
    if main is None:
        return None
    try:
        return svg(flow_of(main, None if failed else list(chosen.tokens), chosen.causal))
    except RaspError:
        return None


@dataclass(frozen=True)
class Stepped:
    """A run of a program that is taken as a step: every state, and how it ended."""

    states: list[tuple[Atom, ...]]
    ending: str


def stepped(given: Given) -> Stepped:
    """The run of a program, as `rasp iterate` takes its steps."""
    chosen = settings(given)
    done = ran(given.source, given.name)
    said = done.program.get("halt")
    states: list[tuple[Atom, ...]] = []
    with deep_recursion():
        run = done.program.step.iterate(
            list(chosen.tokens),
            vocab=chosen.vocab,
            max_steps=MOST_STATES,
            halt=said if isinstance(said, SOp) else None,
            causal=chosen.causal,
            each=lambda _, state: states.append(state),
        )
    back = next((number for number, state in enumerate(states) if state in states[:number]), None)
    ending = run.summary()
    if back is not None and run.reason == "limit":
        ending = f"the state after step {states.index(states[back])} comes back in step {back}"
        states = states[:back]
    return Stepped(states, ending)


def iterate(given: Given) -> Data:
    """Every state of a run as it is shown, and how it ended."""
    found = stepped(given)
    return {"states": [list(map(short, state)) for state in found.states], "ending": found.ending}
