"""Pages of the documentation that are made from the code: the reference and the gallery, with its pictures.

`python -m tests.support.generated_pages` writes them all anew; tests compare them with what is there.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import click

import compiler
import programs
import rasp
import runtime
from rasp.cli import rasp as command_line
from rasp.commands.drawn import compiled
from rasp.drawing import Compiled, flow_of, note, svg
from rasp.notation import read_vocab
from rasp.session import Program
from runtime.weights import Size
from tests.support.documents import DOCS
from tests.support.theory_figures import FIGURES

MADE = "*This page is made from the code by `python -m tests.support.generated_pages`.*\n"
LONGEST = 16
"""The maximum length of the gallery's models."""


def commands(command: click.Command, name: str = "rasp") -> Iterator[tuple[str, click.Command]]:
    """All commands, those of groups included, by what one writes."""
    yield name, command
    if isinstance(command, click.Group):
        for inner in sorted(command.commands):
            yield from commands(command.commands[inner], f"{name} {inner}")


def command_line_page() -> str:
    parts = [command_part(name, command) for name, command in commands(command_line)]
    ends = (
        "Every command ends with 0 if all is well, with 1 where the answer is no (an answer differs, "
        "an exercise is wrong, there are warnings), and with 2 after a mistake of the user. "
        "Messages go to standard error, answers to standard output.\n"
    )
    return "\n".join(["# The command line\n", MADE, ends, *parts])


def command_part(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    paragraphs = re.split(r"\n\n+", inspect.cleandoc(command.help or ""))
    told = "\n\n".join(map(paragraph, paragraphs))
    rows = [
        (param.get_help_record(context) or ("", ""))
        for param in command.params
        if isinstance(param, click.Option) and not param.hidden
    ]
    table = ["| option | meaning |", "|---|---|", *(f"| `{cell(a)}` | {cell(b)} |" for a, b in rows)]
    shown = "\n".join(table) + "\n" if rows else ""
    return f"## {name}\n\n```text\n{usage}\n```\n\n{told}\n\n{shown}"


def paragraph(text: str) -> str:
    """A paragraph of a help text; one after the mark \\b keeps its lines, and is examples here."""
    if not text.startswith("\b"):
        return " ".join(text.split())
    title, _, examples = text.removeprefix("\b\n").partition("\n")
    return f"{title}\n\n```sh\n{inspect.cleandoc(examples)}\n```"


def cell(text: str) -> str:
    """Text in a cell of a table; how wide the names of types are written differs among versions of click."""
    return " ".join(text.split()).replace("|", "\\|")


def python_page() -> str:
    parts = [module_part(module) for module in (rasp, compiler, runtime)]
    return "\n".join(["# Python\n", MADE, *parts])


def module_part(module: ModuleType) -> str:
    found = {name: getattr(module, name) for name in sorted(module.__all__, key=str.lower)}
    parts = [
        part for name, value in found.items() if (part := value_part(f"{module.__name__}.{name}", value))
    ]
    return "\n".join([f"## {module.__name__}\n", f"{first_paragraph(module)}\n", *parts])


def first_paragraph(value: Any) -> str:
    return inspect.cleandoc(value.__doc__ or "").split("\n\n")[0].replace("\n", " ")


def value_part(name: str, value: Any) -> str:
    """What is told of a name that a package exports; nothing of plain types."""
    if inspect.isclass(value):
        methods = [
            value_part(f"{value.__name__}.{key}", member)
            for key, member in vars(value).items()
            if not key.startswith("_")
            and (callable(member) or isinstance(member, property))
            and documented(member)
            and key not in inspect.get_annotations(value)  # what a field is by default
        ]
        return "\n".join([f"### {name}\n", told(value), *methods])
    heading = "####" if name.split(".")[0][0].isupper() else "###"
    if isinstance(value, property):
        return f"{heading} {name}\n\n{told(value)}"
    if callable(value) and inspect.isfunction(inspect.unwrap(value)):
        return f"{heading} {name}\n\n```text\n{name.split('.')[-1]}{signature(value)}\n```\n\n{told(value)}"
    return ""


def documented(member: Any) -> bool:
    return bool(member.__doc__) and not isinstance(member, type)


def told(value: Any) -> str:
    """A docstring as Markdown: what it says of errors as a list."""
    text = inspect.cleandoc(value.__doc__ or "")
    if inspect.isclass(value) and re.match(rf"{value.__name__}\(", text):
        return ""  # what dataclasses say of themselves
    return re.sub(r"^(Raises|Args|Returns):\n", r"\1:\n\n", text, flags=re.MULTILINE) + "\n"


class Bare(str):
    """A type as it stands in the code, without quotes."""

    __repr__ = str.__str__


def signature(function: Any) -> str:
    """What a function takes and gives, as one writes it."""
    found = inspect.signature(function)
    takes = [p.replace(annotation=bare(p.annotation)) for p in found.parameters.values()]
    return str(found.replace(parameters=takes, return_annotation=bare(found.return_annotation)))


def bare(annotation: Any) -> Any:
    return Bare(annotation) if isinstance(annotation, str) else annotation


@cache
def loaded(name: str) -> Program:
    return rasp.load(name)


def is_causal(name: str) -> bool:
    """Programs that generate are made for the causal mode."""
    return bool(programs.header(name).generations)


def picture(name: str) -> str:
    """A program at work on its first example, as `rasp draw` shows it."""
    example = programs.header(name).examples[0].input
    flow = flow_of(loaded(name).main, example, is_causal(name))
    return svg(flow, name, note(flow, made(name)[1]))


def size(name: str) -> Size:
    return made(name)[0]


@cache
def made(name: str) -> tuple[Size, Compiled]:
    """The size of a program's model, and what its drawing says of it."""
    vocab = read_vocab(programs.header(name).vocab)
    model = compiler.compile(loaded(name).main, vocab, LONGEST, causal=is_causal(name))
    return model.size, compiled(model.config, model.weights)


def gallery_page() -> str:
    names = programs.names()
    said = (
        f"The library has {len(names)} programs. Each picture is what `rasp draw` shows of the program on "
        "its first example: selectors as matrices, values as rows, layer by layer. The sizes, and what "
        "is said below a picture, are those of the model for the vocabulary in the program's header and "
        f"inputs of up to {LONGEST} tokens. "
        "Programs whose names begin with `auto_`, and `aab_next`, are made to generate: they are compiled as "
        "causal models.\n"
    )
    head = "| program | layers | heads | d_model | d_mlp | parameters |\n|---|---|---|---|---|---|\n"
    table = head + "".join(map(size_row, names))
    return "\n".join(["# All programs\n", MADE, said, table, *map(program_part, names)])


def size_row(name: str) -> str:
    its = size(name)
    cells = (f"[{name}](#{name})", its.layers, its.heads, its.d_model, its.d_mlp, f"{its.parameters:,}")
    return "| " + " | ".join(map(str, cells)) + " |\n"


def program_part(name: str) -> str:
    its, header = size(name), programs.header(name)
    plural = f"{its.layers} {'layer' if its.layers == 1 else 'layers'}"
    numbers = f"{plural}, {its.heads} head(s) a layer at most, {its.parameters:,} parameters."
    title = f"{name} at work on {header.examples[0].input}".replace("[", "\\[").replace("]", "\\]")
    return f"## {name}\n\n{header.meaning}\n\n{numbers}\n\n![{title}](pictures/{name}.svg)\n"


def made_files() -> dict[Path, str]:
    """Every file that is made from the code, and its text."""
    pictures = {DOCS / "pictures" / f"{name}.svg": picture(name) for name in programs.names()}
    figures = {DOCS / "pictures" / f"{name}.svg": draw() for name, draw in FIGURES.items()}
    texts = {
        DOCS / "reference" / "command-line.md": command_line_page(),
        DOCS / "reference" / "python.md": python_page(),
        DOCS / "gallery.md": gallery_page(),
    }
    return pictures | figures | texts


def main() -> None:
    for file, text in made_files().items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
