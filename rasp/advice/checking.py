"""Warnings: what is legal, but hardly meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rasp.advice.causality import causal_surprises
from rasp.advice.facts import Facts
from rasp.advice.usage import unused_names
from rasp.errors import InputError, RaspError, Span, warning_text
from rasp.graph.atoms import shown
from rasp.graph.sops import Node, Operation, Selector, SOp, in_order
from rasp.graph.values import Value
from rasp.limits import deep_recursion
from rasp.session import Program, parse
from rasp.syntax.groupings import unusual_grouping
from rasp.syntax.parser import parse_statements
from rasp.syntax.tree import Expression, Statement, Syntax, children
from rasp.words import COMPARISONS


@dataclass(frozen=True)
class Finding:
    """Something to look at again; `str()` is the whole message, in the form that errors have.

    `message`: what there is, a sentence; `span`: where in the source; `hint`: what to do, if that is known.
    """

    message: str
    span: Span
    hint: str | None = None

    def __str__(self) -> str:
        return warning_text(self.message, self.span, self.hint)


def check(program: Program | str, causal: bool = False) -> list[Finding]:
    """All warnings about a program, in the order of its text.

    `program`: what `load` and `parse` give, or source text; with `causal` also of what makes no sense where
    no position sees later ones. Raises `RaspError` if the program fails.
    """
    if isinstance(program, str):
        program = parse(program)
    if not isinstance(program, Program):
        raise InputError(f"what is checked is a program or its text, not {shown(program)}")
    statements = parse_statements(program.source, program.file)
    values = list(program.values())

    def concerns(span: Span) -> bool:
        return span.file == program.file

    with deep_recursion():
        found = [
            *_unused(program, statements),
            *_groupings(statements),
            *_constants(values, concerns, causal),
            *(_causally(values, concerns) if causal else ()),
        ]
    return sorted(found, key=lambda warning: (warning.span.line, warning.span.column))


def check_entry(statements: Sequence[Statement], values: Sequence[Value]) -> list[Finding]:
    """Warnings about statements of a dialogue that have just been carried out, and what they made.

    A dialogue may use its names later on, so unused ones are no reason to warn.
    """
    places = {(statement.span.file, statement.span.first_line) for statement in statements}
    with deep_recursion():
        made = _constants(values, lambda span: (span.file, span.first_line) in places)
        found = [*_groupings(statements), *made]
    return sorted(found, key=lambda warning: (warning.span.line, warning.span.column))


def _unused(program: Program, statements: list[Statement]) -> Iterator[Finding]:
    """Names never read, but for the program's result and what a file without a result defines."""
    try:
        result = program.main.name if program.name not in program else program.name
        main: object = program.main
    except RaspError:
        result, main = None, None
    for unused in unused_names(statements):
        name = unused.identifier.text
        if unused.top_level:
            is_result = name == result or (main is not None and program.get(name) is main)
            public = main is None and not name.startswith("_")
            iterated = name in ("step", "halt") and isinstance(program.get("step"), SOp)
            if is_result or public or iterated or name == "tokens":
                continue
        yield Finding(f"the {unused.what} `{name}` is never used", unused.identifier.span)


def _groupings(statements: Sequence[Statement]) -> Iterator[Finding]:
    nodes: list[Syntax] = list(statements)
    while nodes:
        node = nodes.pop()
        surprise = unusual_grouping(node) if isinstance(node, Expression) else None
        if surprise is not None:
            yield Finding(surprise, node.span)
        nodes += children(node)


def _constants(
    values: Sequence[Value], concerns: Callable[[Span], bool], causal: bool = False
) -> Iterator[Finding]:
    """Comparisons and selectors that come out the same on every input, wherever the text makes them.

    Only what is written in the places that `concerns` picks is looked at. With `causal`, what is said must
    also hold causally.
    """
    roots = list(_nodes_in(values))
    facts = Facts(*roots)
    also = Facts(*roots, causal=True) if causal else facts
    outcomes: dict[Span, tuple[Node, set[bool | None]]] = {}
    for node in in_order(*roots):
        comparison = isinstance(node, Operation) and node.operator in COMPARISONS
        if node.span is None or not concerns(node.span) or not (comparison or isinstance(node, Selector)):
            continue
        always = facts.always(node)
        agreed = always if also.always(node) is always else None
        outcomes.setdefault(node.span, (node, set()))[1].add(agreed)
    for span, (node, seen) in outcomes.items():
        (always,) = seen if len(seen) == 1 else (None,)
        if always is not None:
            yield _constant_warning(node, always, span)


def _constant_warning(node: Node, always: bool, span: Span) -> Finding:
    if not isinstance(node, Selector):
        return Finding(f"this comparison is {always} on every input", span)
    if always:
        return Finding("this selector always selects everything", span, "the library's `full_s` does that")
    return Finding("this selector can never select anything", span)


def _causally(values: Sequence[Value], concerns: Callable[[Span], bool]) -> Iterator[Finding]:
    """What a program says of later positions, in the places that `concerns` picks; each place once."""
    seen: set[tuple[Span, str]] = set()
    for node, message, hint in causal_surprises(list(_nodes_in(values))):
        span = node.user_span
        if span is not None and concerns(span) and (span, message) not in seen:
            seen.add((span, message))
            yield Finding(message, span, hint)


def check_causal(sop: SOp) -> list[Finding]:
    """Warnings about an s-op that is to run causally, wherever its text lies."""
    with deep_recursion():
        return list(_causally([sop], lambda _: True))


def _nodes_in(values: Sequence[Value]) -> Iterator[Node]:
    """The s-ops and selectors among values, also those within lists and dicts."""
    pending, seen = list(reversed(values)), set()
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Node):
            yield value
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += value.values()
