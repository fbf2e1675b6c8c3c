"""The lines of a text that say on their own what a statement of the model's program makes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compiler.program.mentions import below, bound_inside, made_at, names_in
from rasp.elaboration.library import library_names
from rasp.errors import RaspError
from rasp.graph.sops import Node, SOp, in_order
from rasp.syntax import tree
from rasp.syntax.parser import read_statements
from runtime.sources import UsersLine

COMMENT = re.compile(r'("[^"\n]*")|#[^\n]*')


def users_lines(sop: SOp, text: str, places: Mapping[Node, int]) -> tuple[UsersLine, ...]:
    """The assignments of a text, to one name each and in no function or loop, that made a node below an s-op;
    `places` are the numbers of the statements that make nodes. Where a function of the user is called, the
    line does not say what is computed, and is left out.
    """
    made = made_at(list(in_order(sop)), text)
    plain: dict[str, tuple[str, ...]] = {}
    found: list[UsersLine] = []
    for statement in read_statements(text, ""):
        if isinstance(statement, RaspError):
            break
        if not isinstance(statement, tree.Assignment) or len(statement.targets) != 1:
            for name in _assigned(statement):
                plain.pop(name, None)
            continue
        [target], [value, *_] = statement.targets, statement.values
        named = {name.text for name in names_in(value)} - bound_inside(statement)
        before = tuple(dict.fromkeys(line for name in plain if name in named for line in plain[name]))
        formula = " ".join(COMMENT.sub(r"\1", value.span.text()).split())
        nodes = [node for node in made.get((target.text, _inner(value).span.offsets), ()) if node in places]
        if len(nodes) == 1 and _calls(value) <= library_names().keys():
            found.append(UsersLine(places[nodes[0]], target.text, formula, before))
        if nodes or target.text == "tokens":
            plain.pop(target.text, None)
        else:
            plain[target.text] = (*before, f"{target.text} = {formula};")
    return tuple(found)


def _inner(value: tree.Expression) -> tree.Expression:
    """An expression without brackets around it."""
    while isinstance(value, tree.Parenthesised):
        value = value.inner
    return value


def _assigned(statement: tree.Syntax) -> set[str]:
    """The names that a statement gives a value, itself or within."""
    inner = [each for each in below(statement) if isinstance(each, tree.Assignment)]
    return {target.text for each in inner for target in each.targets}


def _calls(value: tree.Expression) -> set[str]:
    """The names of what an expression calls; empty for what has none."""
    called = [each.callee for each in below(value) if isinstance(each, tree.Call)]
    return {callee.text if isinstance(callee, tree.Name) else "" for callee in called}
