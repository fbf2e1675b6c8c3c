"""From the PROGRAM argument to the s-op that it means."""

from __future__ import annotations

import re
from pathlib import Path

from rasp.commands.options import allowed_folders
from rasp.commands.python_files import is_python, needs_text, value_of
from rasp.errors import RaspError
from rasp.graph.sops import Selector, SOp
from rasp.session import Program, load


def split_name(argument: str) -> tuple[str, str | None]:
    """`PROGRAM:NAME` as its two parts; a path that has a colon of its own stays whole."""
    program, colon, name = argument.rpartition(":")
    if colon and re.fullmatch("[A-Za-z_][A-Za-z_0-9]*", name) and not Path(argument).is_file():
        return program, name
    return argument, None


def load_program(path: str) -> Program:
    """A program by its path or its name in the library; it may load from where --allow-path says."""
    if is_python(path):
        raise needs_text(path)
    return load(path, allow_path=allowed_folders())


def load_value(argument: str) -> SOp | Selector:
    """The s-op or selector that PROGRAM or PROGRAM:NAME means; RaspError if there is none."""
    path, name = split_name(argument)
    if is_python(path):
        return value_of(path, name)
    program = load_program(path)
    if name is None:
        return program.main
    if name not in program:
        raise RaspError(f'{path} has no name "{name}"', hint=_nearest(name, list(program)))
    value = program[name]
    if not isinstance(value, SOp | Selector):
        raise RaspError(f'"{name}" of {path} is neither an s-op nor a selector')
    return value


def load_sop(argument: str) -> SOp:
    """The s-op that PROGRAM or PROGRAM:NAME means; RaspError if it is a selector or nothing."""
    value = load_value(argument)
    if isinstance(value, Selector):
        raise RaspError(f"{argument} is a selector; only an s-op can be compiled")
    return value


def load_step(argument: str) -> SOp:
    """The s-op that PROGRAM means if it is taken as a step: the one named `step`, if there is one."""
    path, name = split_name(argument)
    return load_sop(argument) if name is not None or is_python(path) else load_program(path).step


def source_of(argument: str) -> str:
    """The text of PROGRAM; nothing for one in Python."""
    path, _ = split_name(argument)
    return "" if is_python(path) else load_program(path).source


def syntax_tree(argument: str) -> str:
    """The syntax tree of PROGRAM as text."""
    from rasp.syntax.parser import parse_statements
    from rasp.syntax.text import syntax_text

    program, _ = split_name(argument)
    return syntax_text(parse_statements(load_program(program).source, program))


def _nearest(name: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(sorted(known)) or 'none'}"
