"""Programs and dialogues: where texts are run, statement by statement, and what is left of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Literal, NoReturn

import rasp.drawing.shown  # noqa: F401 - hands in how notebooks show s-ops
from rasp.elaboration.files import Elaborator
from rasp.elaboration.functions import Function
from rasp.elaboration.library import file_scope
from rasp.elaboration.loader import Loader
from rasp.elaboration.statements import Event, Failed, Loaded, leaves
from rasp.errors import InputError, LoadError, MissingName, NotCallableError, RaspError
from rasp.graph.atoms import shown
from rasp.graph.sops import Applied, Node, Selector, SOp
from rasp.graph.values import Value
from rasp.limits import DEFAULT_FUEL, Fuel, deep_recursion
from rasp.paths import as_path
from rasp.syntax.parser import read_statements
from rasp.syntax.tree import Statement

SHOWN_NAMES = 8
"""Of a program, where it is shown in short."""

OnError = Literal["raise", "skip"]


class Session:
    """A persistent environment in which statements are carried out one after the other.

    `folder` is where `load` looks, `allow_path` names further folders that loaded files may lie in. With
    `on_error="skip"` a mistake within a loaded file is told of and skipped; one in a statement given to
    `execute` is always raised. `fuel` bounds the steps of each statement. `main_file` is the file that the
    session is for, if any: loading it again is told of as a circle.
    """

    def __init__(
        self,
        folder: str | Path = ".",
        *,
        allow_path: Sequence[str | Path] = (),
        on_error: OnError = "raise",
        fuel: int = DEFAULT_FUEL,
        main_file: Path | None = None,
    ) -> None:
        self.scope = file_scope()
        if isinstance(allow_path, str) or not isinstance(allow_path, Sequence):
            raise InputError(f"allow_path is a list of folders, not {shown(allow_path)}")
        loader = Loader(as_path(folder), tuple(map(as_path, allow_path)))
        self._fuel = fuel
        self._elaborator = Elaborator(loader=loader, skip_mistakes=on_error == "skip", main_file=main_file)

    def execute(self, statement: Statement, fuel: Fuel | None = None) -> list[Event]:
        """Carry out one `statement`, as `rasp.syntax.parser` reads it, and say what a dialogue shows of it.

        `fuel`: the steps that it may take, shared with others (without: as many as the session gives each).
        Raises `RaspError` if it fails.
        """
        self._elaborator.fuel = fuel or Fuel(self._fuel)
        with deep_recursion():
            return self._elaborator.execute(statement, self.scope)

    def run_file(self, source: Source) -> Loaded:
        """Carry out the text of a file, `source`, as `load` does. Raises `RaspError` at the first mistake."""
        self._elaborator.fuel = Fuel(self._fuel)
        with deep_recursion():
            return self._elaborator.run_file(source.name, source.text, source.file, self.scope)

    def apply(self, node: Node, given: Value, fuel: Fuel | None = None) -> Applied:
        """The answer of an s-op or selector, `node`, on an input `given` as a string or a list, as a value of
        the language. `fuel`: as for `execute`. Raises `RaspError` if there is none.
        """
        self._elaborator.fuel = fuel or Fuel(self._fuel)
        with deep_recursion():
            return self._elaborator.apply(node, given)

    @property
    def names(self) -> Mapping[str, Value]:
        """The names assigned in this environment, in the order of their last assignment."""
        return self.scope.names


@dataclass(frozen=True, eq=False, repr=False)
class Program(Mapping[str, Value]):
    """What a source leaves behind: a mapping from every name in its own scope to the name's value.

    `name`: that of the program, if it has one; `file`: what messages call its text, `source`;
    `values_by_name`: what the mapping maps; `errors`: with `on_error="skip"`, those of the statements that
    failed and were skipped.
    """

    name: str | None
    file: str
    source: str = field(repr=False)
    values_by_name: Mapping[str, Value] = field(repr=False)
    errors: tuple[RaspError, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(list(self)[:SHOWN_NAMES]) + (", ..." if len(self) > SHOWN_NAMES else "")
        return f"<Program {self.name or self.file}: {names or 'no names'}>"

    def __getitem__(self, name: str) -> Value:
        if name in self.values_by_name:
            return self.values_by_name[name]
        names = ", ".join(list(self)[:SHOWN_NAMES]) + (", ..." if len(self) > SHOWN_NAMES else "")
        hint = f"it has {names}" if names else "it has no names"
        raise MissingName(f"{self.name or self.file} has nothing called {shown(name)}", hint=hint)

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def __call__(self, *inputs: object) -> NoReturn:
        """Raises `RaspError`, whatever the `inputs`: what has answers is an s-op, such as `main`."""
        raise NotCallableError("a program has several s-ops", hint="`program.main` is the one it is about")

    @property
    def main(self) -> SOp:
        """The s-op named like the file, else the last s-op defined; raises `RaspError` if there is none."""
        named = self.values_by_name.get(self.name or "")
        if isinstance(named, SOp):
            return named
        last = self._last()
        if last is not None:
            return last
        program = self.name or "the program"
        selector = next((name for name, value in self.items() if isinstance(value, Selector)), None)
        if selector is None:
            function = next((name for name, value in self.items() if isinstance(value, Function)), None)
            called = f", or what a function gives: `x = {function}(tokens);`" if function else ""
            raise RaspError(
                f"{program} defines no s-op", hint=f"an s-op is a value such as `x = indices + 1;`{called}"
            )
        raise RaspError(
            f"{program} defines no s-op, only the selector `{selector}`",
            hint=f"read by it: `x = selector_width({selector});` or `x = aggregate({selector}, tokens);`",
        )

    @property
    def step(self) -> SOp:
        """What is taken as a step: the s-op `step`, else `main`; where that is `halt`, which says when a run
        ends, the last s-op but that. Raises `RaspError` if there is no s-op.
        """
        named, halt = self.values_by_name.get("step"), self.values_by_name.get("halt")
        if isinstance(named, SOp):
            return named
        main = self.main
        other = self._last(halt) if main is halt else None
        return main if other is None else other

    def _last(self, halt: Value | None = None) -> SOp | None:
        """The last s-op that is not `halt`, if there is one."""
        sops = [each for each in self.values_by_name.values() if isinstance(each, SOp) and each is not halt]
        return sops[-1] if sops else None


def parse(
    source: str,
    *,
    file: str = "<source>",
    folder: str | Path = ".",
    name: str | None = None,
    allow_path: Sequence[str | Path] = (),
    on_error: OnError = "raise",
    fuel: int = DEFAULT_FUEL,
    main_file: Path | None = None,
) -> Program:
    """Run a program's text, `source`.

    `file`: what messages call it; `name`: the program's name, which its main s-op has, if any has it;
    `folder`: where `load` looks; `allow_path`: further folders that loaded files may lie in; `fuel`: the
    steps that the whole program may take; `main_file`: where the text lies, so that no file it loads loads
    it. Raises `RaspError` at the first statement that fails; with `on_error="skip"` failing statements are
    skipped, as in a dialogue, and their errors are in the program's `errors`.
    """
    session = Session(folder, allow_path=allow_path, on_error=on_error, main_file=main_file)
    budget = Fuel(fuel)
    errors: list[RaspError] = []
    for statement in read_statements(source, file):
        try:
            if isinstance(statement, RaspError):
                raise statement
            events = session.execute(statement, budget)
            errors += failures(events)
            if leaves(events):
                break
        except RaspError as error:
            if on_error == "raise":
                raise
            errors.append(error)
    return Program(name, file, source, dict(session.names), tuple(errors))


def failures(events: Sequence[Event]) -> Iterator[RaspError]:
    """The errors that were skipped, also those in loaded files."""
    for event in events:
        if isinstance(event, Failed):
            yield event.error
        elif isinstance(event, Loaded):
            for inner in event.outcomes:
                yield from failures(inner)


def load(
    path_or_name: str | Path,
    *,
    allow_path: Sequence[str | Path] = (),
    on_error: OnError = "raise",
    fuel: int = DEFAULT_FUEL,
) -> Program:
    """Run the program in a `.rasp` file, or the library program of that name.

    `path_or_name`: a path, also as a string that ends in `.rasp` or names a folder, or else a name;
    `allow_path`, `on_error` and `fuel` are those of `parse`. Raises `LoadError` if there is no such file or
    program, and otherwise as `parse` does.
    """
    found = find_source(path_or_name)
    return parse(
        found.text,
        file=found.file,
        folder=found.folder,
        name=found.name,
        allow_path=allow_path,
        on_error=on_error,
        fuel=fuel,
        main_file=found.path,
    )


@dataclass(frozen=True)
class Source:
    """A program's text, its name, how messages call its file, and where it `load`s from.

    `path` is where the file lies; None for a library program.
    """

    text: str
    name: str
    file: str
    folder: Path = Path()
    path: Path | None = None


def find_source(path_or_name: str | Path) -> Source:
    """The text of a `.rasp` file, or of the library program of that name, which may name a folder of the
    library (`machines/life`); raises `LoadError`.
    """
    if not isinstance(path_or_name, (str, PathLike)):
        raise LoadError(f"a program is loaded by its path or its name, not by {shown(path_or_name)}")
    text = str(path_or_name)
    if isinstance(path_or_name, str) and is_library_name(text):
        return Source(library_program(text), text.rpartition("/")[2], f"{text}.rasp")
    path = Path(path_or_name)
    if not text.endswith(".rasp") or not path.is_file():
        raise LoadError(f"there is no RASP program at {text}", hint=_where_it_may_be(path))
    return Source(Loader.read(path), path.stem, text, path.parent, path.resolve())


def _where_it_may_be(path: Path) -> str:
    """What may be meant by the path of a program that is not there."""
    if path.is_dir():
        return "this is a folder; a program is a file whose name ends in .rasp"
    if path.suffix != ".rasp":
        return "the name of a program file ends in .rasp"
    if path.name == str(path) and path.stem in library_program_names():
        return f"the library has {path.stem}: leave out the ending"
    return "is it in another folder? programs of the library are named without ending"


STEPS = ("machines", "fixpoints")
"""Folders of the library whose programs are steps."""


def is_library_name(text: str) -> bool:
    """Whether this is no path but the name of a library program, perhaps in one of the folders of steps."""
    plain = text.partition("/")[2] if text.startswith(tuple(f"{folder}/" for folder in STEPS)) else text
    return not text.endswith(".rasp") and "/" not in plain and "\\" not in plain


def is_saved_model(name: str) -> bool:
    """Whether there is a folder of this name that holds a model."""
    return (Path(name) / "config.json").is_file()


def library_program(name: str) -> str:
    """The source of one of the programs that come with the package; raises `LoadError`."""
    entry = files("programs").joinpath(f"{name}.rasp")
    if not name.replace("_", "").replace("/", "").isalnum() or not entry.is_file():
        known = [*library_program_names(), *library_step_names()]
        near = get_close_matches(name.lower(), known, n=1)
        raise LoadError(
            f"the library has no program called {name}",
            hint=f"{name} is a saved model: `rasp apply {name}` asks it, `rasp show {name}` shows its program"
            if is_saved_model(name)
            else f"did you mean {name}.rasp?"
            if Path(f"{name}.rasp").is_file()
            else f"did you mean {near[0]}?"
            if near
            else "`rasp list` shows its programs; the name of a program file ends in .rasp",
        )
    return entry.read_text(encoding="utf-8")


def library_step_names() -> list[str]:
    """The names of the steps that come with the package, such as machines/life."""
    found = [(folder, e.name) for folder in STEPS for e in files("programs").joinpath(folder).iterdir()]
    return sorted(
        f"{folder}/{name.removesuffix('.rasp')}" for folder, name in found if name.endswith(".rasp")
    )


def library_program_names() -> list[str]:
    """The names of the programs that come with the package, sorted."""
    entries = files("programs").iterdir()
    return sorted(e.name.removesuffix(".rasp") for e in entries if e.name.endswith(".rasp"))
