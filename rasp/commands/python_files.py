"""Programs in Python files: `tool.py:name` means what the file calls `name`."""

from __future__ import annotations

import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from rasp.errors import LoadError, RaspError, Span
from rasp.graph.sops import Selector, SOp


def is_python(path: str) -> bool:
    """Whether a PROGRAM argument means a Python file."""
    return path.endswith(".py")


def needs_text(path: str) -> LoadError:
    """What a command says that works on the text of a program."""
    return LoadError(f"{path} is Python, and this needs a program's text", hint="give a .rasp file")


def nodes_of(path: str) -> dict[str, SOp | Selector]:
    """The s-ops and selectors that a Python file defines, by name, in its order; the file is run.

    Names that it imports from `rasp` are not its own. Raises RaspError if there is no such file or it fails.
    """
    from rasp import embedded
    from rasp.elaboration.library import library_names

    given = {id(value) for value in (*vars(embedded).values(), *library_names().values())}
    found = {name: value for name, value in vars(run(path)).items() if isinstance(value, SOp | Selector)}
    return {name: value for name, value in found.items() if id(value) not in given}


def run(path: str) -> Any:
    """A Python file as a module, with its own folder on the path as if Python ran it."""
    file = Path(path)
    if not file.is_file():
        raise LoadError(f"there is no Python file at {path}")
    spec = spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise LoadError(f"{path} cannot be run as Python")
    module = module_from_spec(spec)
    sys.path.insert(0, str(file.resolve().parent))
    sys.modules[file.stem] = module
    try:
        spec.loader.exec_module(module)
    except RaspError as error:
        error.locate(place_in(path, error))
        raise
    except (Exception, SystemExit) as error:  # whatever the file does is its own mistake
        said = error.msg if isinstance(error, SyntaxError) else error
        raise LoadError(f"{path} fails: {type(error).__name__}: {said}", span=place_in(path, error)) from None
    finally:
        sys.path.pop(0)
    return module


def place_in(path: str, error: BaseException) -> Span | None:
    """The line of the file in which an error arose."""
    here, frames = Path(path).resolve(), traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == here]
    number = error.lineno if isinstance(error, SyntaxError) else (lines[-1] if lines else None)
    source = here.read_text(encoding="utf-8", errors="replace")
    if number is None or number > len(source.splitlines()):
        return None
    text = source.splitlines()[number - 1]
    start = len(text) - len(text.lstrip()) + 1
    return Span(path, number, start, number, len(text.rstrip()) + 1, source)


def value_of(path: str, name: str | None) -> SOp | Selector:
    """What the file calls by this name; without one, the s-op called like the file, else the last one."""
    nodes = nodes_of(path)
    sops = [each for each, value in nodes.items() if isinstance(value, SOp)]
    if name is None:
        name = Path(path).stem if Path(path).stem in sops else (sops[-1] if sops else None)
    if name is None:
        hint = "an s-op is made of those that `rasp` has, such as tokens"
        if nodes:
            hint = f"{next(iter(nodes))} is a selector, to be read by aggregate or selector_width"
        raise RaspError(f"{path} defines no s-op", hint=hint)
    if name not in nodes:
        defined = ", ".join(nodes) or "none"
        raise RaspError(f'{path} has no s-op or selector "{name}"', hint=f"it has {defined}")
    return nodes[name]
