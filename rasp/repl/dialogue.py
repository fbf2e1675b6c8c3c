"""The dialogue itself: carries out entries, and writes what there is to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rasp.advice.checking import check_entry
from rasp.elaboration.statements import Commanded, Drawn, Event, Failed, Loaded, Shown, leaves
from rasp.errors import InputError, RaspError
from rasp.graph.sops import Applied
from rasp.graph.values import Value, input_sequence
from rasp.limits import Fuel
from rasp.repl.display import Display, Settings, python_notation
from rasp.repl.orders import Models, carry_out, draw, picture_file
from rasp.repl.paint import Paint
from rasp.repl.reading import Entry
from rasp.session import Session, Source, failures
from rasp.syntax import tree
from rasp.syntax.tree import Statement


class Dialogue:
    """A session with its running examples.

    `models` makes models of s-ops, `write` takes what is shown, in whole lines, `remark` the warnings and
    notes that the original dialogue does not have; mistakes are shown and never raised.
    """

    def __init__(
        self,
        session: Session,
        models: Models,
        write: Callable[[str], None],
        remark: Callable[[str], None],
        paint: Paint | None = None,
    ) -> None:
        self.session = session
        self._models = models
        self.settings = Settings()
        self.paint = paint or Paint()
        self._pictures: set[Path] = set()  # that the entry has drawn; the next entry may draw them anew
        self._write = write
        self._remark = remark

    def carry_out(self, entry: Entry) -> bool:
        """Do what an entry says; False if it ends the dialogue."""
        self._pictures.clear()
        if entry.order is not None:
            try:
                self.write(carry_out(entry.order, self.session, self.display(), self._models))
            except RaspError as error:
                error.locate(entry.order.span)
                self.report(error)
            return True
        shown: list[Value] = []
        done: list[Statement] = []
        for part in entry.parts:
            try:
                if isinstance(part, RaspError):
                    raise part
                events = self.session.execute(part)
                for event in events:
                    self.show(event)
            except RaspError as error:
                self.report(error)
                continue
            if leaves(events):
                return False
            done.append(part)
            shown += [event.value for event in events if isinstance(event, Shown)]
        self._look_again(done, shown)
        return True

    def run_file(self, source: Source) -> None:
        """Load a file before the first entry."""
        self.show(self.session.run_file(source))

    def write(self, text: str) -> None:
        """Show lines of text."""
        self._write(text + "\n")

    def report(self, error: RaspError) -> None:
        """Show a mistake."""
        self.write(self.paint.mistake(str(error)))

    def display(self) -> Display:
        """What shows values as the settings have it now."""
        fuel = Fuel()  # for all of the examples that one value shows
        return Display(self.settings, lambda node, given: self.session.apply(node, given, fuel), self.paint)

    def show(self, event: Event) -> None:
        """Show what came of a statement; commands are obeyed. Raises `RaspError` if that is not possible."""
        match event:
            case Shown(name="out", value=Applied() as applied, assigned=False):
                self.write(self.display().application(applied))
            case Shown(name=name, value=value):
                self.write(self.display().named(name, value))
            case Failed(error=error):
                self.report(error)
            case Commanded():
                self._obey(event)
            case Drawn():
                self._draw(event)
            case Loaded():
                self._loaded(event)

    def _look_again(self, statements: Sequence[Statement], values: Sequence[Value]) -> None:
        """Warn of what the statements hardly mean."""
        try:
            findings = check_entry(statements, values)
        except RaspError:
            return  # too deep to be looked at; whoever uses it is told
        for finding in findings:
            self._remark(self.paint.warning(str(finding)) + "\n")

    # Commands

    def _obey(self, event: Commanded) -> None:
        match event.command:
            case tree.SetExample(which=which):
                self._set_example(which, event)
            case tree.ShowExample(which=which):
                self._show_example(which)
            case tree.Examples(which=which, on=on):
                if which != "selector":
                    self.settings = replace(self.settings, sop_examples=on)
                if which != "s-op":
                    self.settings = replace(self.settings, selector_examples=on)
            case tree.FullDisplay(on=on):
                self.settings = replace(self.settings, full=on)

    def _set_example(self, which: tree.Which | None, event: Commanded) -> None:
        value = event.value
        assert isinstance(event.command, tree.SetExample)
        assert value is not None
        try:
            input_sequence(value)
        except InputError as error:
            error.locate(event.command.value.span)
            raise
        if which != "selector":
            self.settings = replace(self.settings, sop_example=value)
        if which != "s-op":
            self.settings = replace(self.settings, selector_example=value)

    def _show_example(self, which: tree.Which | None) -> None:
        examples = {"s-op": self.settings.sop_example, "selector": self.settings.selector_example}
        for kind, example in examples.items():
            if which in (None, kind):
                shown = self.paint.value(python_notation(example))
                self.write(self.paint.note(f"\t{kind} example:") + f" {shown}")

    def _draw(self, event: Drawn) -> None:
        """Show an s-op's value as an application does, and write its picture."""
        given = self.settings.sop_example if event.input is None else event.input
        self.write(self.display().application(self.session.apply(event.sop, given)))
        file = picture_file(event.name, given, self._pictures)
        draw(file, event.name, event.sop, given)
        self._pictures.add(file)
        self._remark(self.paint.note(f"\t drawn: {file}\n"))

    # Loaded files

    def _loaded(self, event: Loaded, listed: bool = True) -> None:
        """Show the names that a file has given, without examples: each once, or where any statement failed,
        at each statement that mentions it, with the mistakes between. Of files that the file has loaded
        itself (not `listed`), only the mistakes are shown. Commands are obeyed on the way.
        """
        before = self.settings
        self.settings = replace(before, sop_examples=False, selector_examples=False)
        failed = any(True for _ in failures([event]))
        merged: dict[str, Value] = {}
        for inner in (inner for events in event.outcomes for inner in events):
            if isinstance(inner, Shown):
                if not listed or not is_public(inner):
                    continue
                if failed:
                    self.write(self.display().named(inner.name, inner.value))
                else:
                    merged.pop(inner.name, None)
                    merged[inner.name] = inner.value
            else:
                self._in_file(inner)
        for name, value in merged.items():
            self.write(self.display().named(name, value))
        self.settings = replace(
            self.settings, sop_examples=before.sop_examples, selector_examples=before.selector_examples
        )

    def _in_file(self, event: Event) -> None:
        """Show what is no name of a loaded file's; a mistake is told of, and the file goes on."""
        try:
            if isinstance(event, Loaded):
                self._loaded(event, listed=False)
            else:
                self.show(event)
        except RaspError as error:
            self.report(error)


def is_public(shown: Shown) -> bool:
    """Whether a loaded file shows this: names assigned or mentioned, but those of its own and mere values."""
    return not shown.name.startswith("_") and (shown.assigned or shown.name != "out")
