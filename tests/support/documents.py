"""The pages under programs/docs, and the code blocks in them, carried out.

A block of `sh` is commands, one a line: `  # answer` behind a command is what it says, and `  # exits with 1`
the code with which it ends. A block of `text` below it is all that the last command said. A block of `python`
is a dialogue, as doctest knows it. A block of `rasp` with a title is the file of that name; without one its
comments say what the statements give. `<!-- needs: NAME -->` above a block names a package without which it
is not carried out.

A page is carried out from top to bottom in one folder of its own.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rasp.errors import RaspError
from rasp.session import Session
from tests.support.command_line import rasp_command
from tests.support.language_lines import check_line, lines
from tests.support.paths import ROOT

DOCS = ROOT / "programs" / "docs"

GENERATED = ("reference/command-line.md", "reference/python.md", "gallery.md", "language.md")
"""Pages whose blocks other tests carry out or compare, whole."""

FENCE = re.compile(
    r'^(?:<!-- needs: (?P<needs>\w+) -->\n)?```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n'
    r"(?P<text>.*?)^```$",
    flags=re.MULTILINE | re.DOTALL,
)

ENDS = re.compile(r"exits with (\d+)")
SHELL = re.compile(r"[|<>&;$]")
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def pages() -> list[str]:
    """All pages that are carried out, by their way from the folder."""
    found = (str(file.relative_to(DOCS)) for file in sorted(DOCS.rglob("*.md")))
    return [name for name in found if name not in GENERATED]


class Wrong(AssertionError):
    """A block does not do what the page says."""


@dataclass
class Run:
    """A page that is being carried out: what it has said last, and its Python names."""

    page: str
    said: str = ""
    names: dict[str, Any] = field(default_factory=dict)

    def block(self, language: str, title: str | None, text: str) -> str:
        """Carry a block out; its text as it should be."""
        if title is not None:
            Path(title).write_text(text, encoding="utf-8")
            return text
        kinds: dict[str, Callable[[str], str]] = {
            "sh": self.commands,
            "text": self.output,
            "python": self.dialogue,
            "rasp": self.statements,
        }
        if language not in kinds:
            raise Wrong(f"{self.page}: a block of {language!r} is not carried out by anything")
        return kinds[language](text)

    def commands(self, text: str) -> str:
        return "".join(f"{self.command(line)}\n" for line in text.splitlines())

    def command(self, line: str) -> str:
        command, gap, promised = re.fullmatch(r"(.*?)(?:( +# )(.*))?", line).groups("")  # type: ignore[union-attr]
        if not command.strip():
            return line
        if "pip install" in command or command.startswith("mkdocs "):
            names_what_there_is(command)
            return line
        code, self.said = carried_out(command)
        ends = ENDS.fullmatch(promised)
        if code != (int(ends[1]) if ends else 0):
            raise Wrong(f"{self.page}: {command!r} ended with {code}:\n{self.said}")
        return line if ends or not promised else f"{command}{gap}{self.said.strip()}"

    def output(self, text: str) -> str:
        return text if same(text) == same(self.said) else f"{self.said.strip(chr(10))}\n"

    def dialogue(self, text: str) -> str:
        checker, parts = doctest.OutputChecker(), doctest.DocTestParser().parse(text, self.page)
        if not any(isinstance(part, doctest.Example) for part in parts):
            raise Wrong(f"{self.page}: a block of python without >>>")
        made = ""
        for part in parts:
            if isinstance(part, str):
                made += part
                continue
            got = self.example(part.source)
            right = checker.check_output(part.want, got, OPTIONS)
            shown = part.source.splitlines()
            made += "".join(f"{'...' if i else '>>>'} {line}".rstrip() + "\n" for i, line in enumerate(shown))
            made += part.want if right else got
        return made

    def example(self, source: str) -> str:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            try:
                exec(compile(source, self.page, "single"), self.names)
            except RaspError as error:  # any other is a page that is out of date, not what it shows
                last = traceback.format_exception_only(error)[-1].rstrip()
                return f"Traceback (most recent call last):\n    ...\n{last}\n"
        return said.getvalue()

    def statements(self, text: str) -> str:
        session = Session(Path.cwd())
        for line in lines(text, self.page):
            check_line(session, line)
        return text


def carried_out(command: str) -> tuple[int, str]:
    """The code with which a command ends, and what it says: its answer, or its complaint if it fails."""
    if command.startswith("rasp ") and not SHELL.search(re.sub(r"'[^']*'|\"[^\"]*\"", "", command)):
        ran = rasp_command(*shlex.split(command)[1:])
        return ran.code, ran.out or ran.err
    command = re.sub(r"(?<![-.\w/])rasp (?=[a-z])", f"{shlex.quote(sys.executable)} -m rasp ", command)
    done = subprocess.run(
        ["bash", "-c", command],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout or done.stderr


def names_what_there_is(command: str) -> None:
    """Installing and building are not done in a test of pages; what the commands name has to be there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extras in re.findall(r"\[([\w,]+)\]", command):
        assert set(extras.split(",")) <= set(project["optional-dependencies"]), command
    for file in re.findall(r"-f (\S+)", command):
        assert (ROOT / file).exists(), command


def same(text: str) -> str:
    """Output without what differs from run to run and from line end to line end."""
    stripped = "\n".join(line.rstrip() for line in text.strip().splitlines())
    unhurried = re.sub(r" in \d+\.\d+ s, [\d,]+ a second", "", stripped)
    return re.sub(r"\d+\.\d+ s\b", "0.00 s", unhurried)


def needed(text: str) -> Iterator[re.Match[str]]:
    """The blocks of a page that can be carried out here."""
    for block in FENCE.finditer(text):
        if block["needs"] is None or importlib.util.find_spec(block["needs"]) is not None:
            yield block


def as_it_should_be(page: str) -> str:
    """The text of a page with what its blocks really say, carried out in the working folder."""
    text = (DOCS / page).read_text(encoding="utf-8")
    run, made, end = Run(page), "", 0
    for block in needed(text):
        made += text[end : block.start("text")] + run.block(block["language"], block["title"], block["text"])
        end = block.end("text")
    return made + text[end:]
