"""Values as the dialogue shows them.

The layout, down to its tabs and blanks, is that of the original implementation (dialogues of it are in
tests/transcripts.json), so some of the spacing below has no reason but that. Its matrices and rows are
aligned here whatever the width of the tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from rasp.drawing import EXAMPLE
from rasp.elaboration.functions import Function, Primitive
from rasp.errors import RaspError
from rasp.graph.atoms import decimal
from rasp.graph.labels import label
from rasp.graph.sops import Applied, Node, Selector, SOp
from rasp.graph.values import Value, input_sequence, show
from rasp.limits import deep_recursion
from rasp.notation import show_atom, show_sequence, type_name
from rasp.repl.paint import Paint
from rasp.words import Atom

TABS = " \t\t\t"
"""What the lines of a selector's matrix begin with."""

MOST_PARTS = 10_000
"""Elements of nested lists and dicts that one display shows."""

MOST_INDENT = 60
"""Tabs before the innermost lists and dicts that are still opened."""


@dataclass(frozen=True)
class Settings:
    """What the dialogue's commands change: the running examples, and what is shown of them."""

    sop_example: Value = EXAMPLE
    selector_example: Value = EXAMPLE
    sop_examples: bool = True
    selector_examples: bool = True
    full: bool = False


@dataclass
class Display:
    """Shows one value. `apply` gives the answer of an s-op or selector on an example; it may raise."""

    settings: Settings
    apply: Callable[[Node, Value], Applied]
    paint: Paint
    left: int = MOST_PARTS

    def named(self, name: str, value: Value) -> str:
        """A value that was evaluated or assigned, under its name."""
        with deep_recursion():
            return self._block(value, name, "")

    def application(self, applied: Applied) -> str:
        """What an s-op or selector gave on an input."""
        equals, given = self.paint.note("\t = "), input_sequence(applied.given)
        if isinstance(applied.node, Selector):
            return "\n".join([equals, *self._matrix(given, applied)])
        if not self.settings.full:
            return f"{equals} {self._sequence(applied)}"
        if all_equal(applied):
            return f"{equals}  {self._identical(applied)}"
        return "\n".join([equals, *self._rows(given, applied)])

    def _block(self, value: Value, name: str | None, indent: str) -> str:
        """A value's lines; all but the first begin with the indent. Without a name it is part of another."""
        note = self.paint.note
        if isinstance(value, Node):
            kind = "selector" if isinstance(value, Selector) else "s-op"
            title = name or label(value)
            head = f"{note(f'     {kind}:')} {title}"
            return f"\n{indent}".join([head, *self._example(value, title)])
        if isinstance(value, Function | Primitive):
            return f"{note(f'     {value.origin} function:')} {value.signature}"
        if isinstance(value, (list, dict)):
            return self._collection(value, name, indent)
        of = "" if name is None else f" {name} ="
        return f"{note(f'    value:{of}')}  {self.paint.value(show(value))}"

    # S-ops and selectors

    def _example(self, node: Node, title: str) -> Iterator[str]:
        """The lines that show a node on the running example."""
        settings, note = self.settings, self.paint.note
        is_sop = isinstance(node, SOp)
        if not (settings.sop_examples if is_sop else settings.selector_examples):
            return
        example = settings.sop_example if is_sop else settings.selector_example
        given = input_sequence(example)
        on_example = note(f" \t Example: {title}({python_notation(example)})")
        try:
            answer = self.apply(node, example)
        except RaspError as error:
            yield f"{on_example} has no value:"
            yield from self.paint.mistake(str(error)).split("\n")
            return
        if not is_sop:
            yield note(" \t Example:")
            yield from self._matrix(given, answer)
        elif not settings.full:
            yield f"{on_example} {note('=')} {self._sequence(answer)}"
        elif all_equal(answer):
            yield f"{on_example} {note('=')} {self._identical(answer)}"
        else:
            yield note(" \t Example:")
            yield from self._rows(given, answer)

    def _matrix(self, given: Sequence[Atom], rows: Sequence[Value]) -> Iterator[str]:
        """A selector's matrix: a row for each query, a column for each key."""
        names = [plain(token) for token in given]
        widths = [max(1, cell_len(name)) for name in names]
        widest = max(widths)
        yield f"{TABS} {' ' * widest}   {' '.join(names)}"
        for name, row in zip(names, rows, strict=True):
            assert isinstance(row, list)
            cells = [
                "1".rjust(width) if cell else " " * width for cell, width in zip(row, widths, strict=True)
            ]
            yield f"{TABS} {right(name, widest)} | {self.paint.value(' '.join(cells))}"

    def _rows(self, given: Sequence[Atom], answer: Sequence[Value]) -> Iterator[str]:
        """The full display: the input, and below it the output."""
        values = atoms(answer)
        hidden = commoner(values)
        inputs = [full(token) for token in given]
        outputs = ["" if value is hidden else full(value) for value in values]
        widest = max(map(cell_len, inputs + outputs))
        for title, cells, row in (("input:  ", inputs, given), ("output: ", outputs, values)):
            line = self.paint.value(" ".join(right(cell, widest) for cell in cells))
            yield self.paint.note(f" \t\t{title}") + f" {line} \t ({type_name(row)})"

    def _sequence(self, values: Sequence[Value]) -> str:
        return self.paint.value(show_sequence(atoms(values), bare=True))

    def _identical(self, values: Sequence[Value]) -> str:
        return f"{self._sequence(values)} {self.paint.note('[skipped full display: identical values]')}"

    # Lists and dicts

    def _collection(self, value: list[Value] | dict[Atom, Value], name: str | None, indent: str) -> str:
        """Atoms in one line; whatever holds more is opened, each part shown in its own way."""
        is_list = isinstance(value, list)
        head = f"     {'list' if is_list else 'dict'}: " + ("" if name is None else f"{name} = ")
        parts = value if isinstance(value, list) else list(value.values())
        if all(isinstance(part, Atom) for part in parts):
            return f"{self.paint.note(head)}{self.paint.value(python_notation(value))}"
        opening, closing = "[]" if is_list else "{}"
        if len(indent) > MOST_INDENT:
            return f"{self.paint.note(head)}{opening}...{closing}"
        lines = [f"{self.paint.note(head)}{indent} {opening}"]
        lines += (
            self._list_parts(value, indent) if isinstance(value, list) else self._dict_parts(value, indent)
        )
        lines.append(f"{indent}{' ' * len(head)}{closing}")
        return "\n".join(lines)

    def _list_parts(self, items: list[Value], indent: str) -> Iterator[str]:
        inner = indent + "\t\t"
        for item in items:
            if self._is_too_much():
                yield f"{inner}    ..."
                return
            yield inner + self._block(item, None, inner)

    def _dict_parts(self, entries: dict[Atom, Value], indent: str) -> Iterator[str]:
        inner = indent + "\t\t\t"
        for key, value in entries.items():
            if self._is_too_much():
                yield f"{inner}    ..."
                return
            yield f"{inner} {self.paint.value(show(key))} :{self._block(value, None, inner)}"

    def _is_too_much(self) -> bool:
        self.left -= 1
        return self.left < 0


def atoms(values: Sequence[Value]) -> list[Atom]:
    """The values of an s-op on an input: all of them are atoms."""
    return [value for value in values if isinstance(value, Atom)]


def python_notation(value: Value) -> str:
    """An example, or a list or dict of atoms, on one line: strings within lists and dicts in Python's way."""
    if isinstance(value, list):
        return f"[{', '.join(_element(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_element(key)}: {_element(item)}' for key, item in value.items())}}}"
    return show(value)


def _element(value: Value) -> str:
    return repr(value) if isinstance(value, str) else show(value)


def plain(token: Atom) -> str:
    """A token in the margin of a matrix."""
    return str(token) if isinstance(token, int | str) else decimal(token)


def full(atom: Atom) -> str:
    """An atom in the full display: T and F, decimals in full."""
    return show_atom(atom) if isinstance(atom, bool) else plain(atom)


def right(text: str, width: int) -> str:
    """The text with blanks before it; wide characters take two cells."""
    return " " * (width - cell_len(text)) + text


def commoner(values: Sequence[Atom]) -> bool | None:
    """Of bools, the one that occurs more often; None if neither does, or if they are not all bools."""
    trues, bools = sum(value is True for value in values), sum(isinstance(value, bool) for value in values)
    return None if bools < len(values) or 2 * trues == bools else 2 * trues > bools


def all_equal(values: Sequence[Value]) -> bool:
    """Whether a sequence of more than one value repeats the same."""
    return len(values) > 1 and all(value == values[0] for value in values)
