"""An exercise: one Markdown file with the task, its settings, a skeleton, hints and a hidden reference.

`programs/exercises/README.md` describes the file for those who write one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rasp.errors import InputError, RaspError
from rasp.learning.inputs import GENERATORS
from rasp.notation import read_json_input, read_vocab
from rasp.words import Atom

MEASURES = ("layers", "heads", "parameters")
"""What a size is made of, the most important first."""

SETTINGS = ("topic", "stars", "vocab", "max-length", "causal", "inputs", "without", "budget")
SECTIONS = ("Examples", "Skeleton", "Hints", "Reference")
LONGEST = 64
MOST_STARS = 3


class ExerciseError(RaspError):
    """An exercise file that is not as it should be, or an exercise that does not exist."""

    kind = "exercise error"


@dataclass(frozen=True)
class Example:
    """An input and its answer, as the file gives them in JSON."""

    text: str
    input: tuple[Atom, ...]
    output: Any


@dataclass(frozen=True)
class Exercise:
    """One exercise; `name` is also that of the s-op to write.

    `stars` say how hard it is, from 1 to 3 (0: that is not said), `inputs` are the generators of random
    inputs, `without` the library names that a solution may not use, `budget` the largest size that passes,
    by measure.
    """

    name: str
    title: str
    statement: str
    examples: tuple[Example, ...]
    skeleton: str
    hints: tuple[str, ...]
    reference: str
    topic: str
    vocab: tuple[Atom, ...]
    max_length: int
    causal: bool
    inputs: tuple[str, ...]
    without: tuple[str, ...]
    budget: Mapping[str, int]
    stars: int = 0


def read_exercise(text: str, name: str, file: str) -> Exercise:
    """The exercise that a file's text describes; raises ExerciseError naming the `file` if it is not one."""
    try:
        return _exercise(text, name)
    except ExerciseError as error:
        raise ExerciseError(f"{file}: {error.message}", hint=error.hint) from None


def _exercise(text: str, name: str) -> Exercise:
    head, sections = _sections(text)
    title, settings, statement = _head(head)
    return Exercise(
        name=name,
        title=title,
        statement=statement,
        examples=tuple(_examples(sections["Examples"])),
        skeleton=_code(sections["Skeleton"], "Skeleton"),
        hints=tuple(_hints(sections["Hints"])),
        reference=_code(sections["Reference"], "Reference"),
        topic=settings["topic"],
        vocab=tuple(_vocab(settings["vocab"])),
        max_length=_max_length(settings["max-length"]),
        causal=_yes_or_no("causal", settings.get("causal", "no")),
        inputs=_generators(settings.get("inputs", "any")),
        without=tuple(_words(settings.get("without", ""))),
        budget=dict(map(_limit, _words(settings.get("budget", "")))),
        stars=_stars(settings.get("stars", "0")),
    )


def _sections(text: str) -> tuple[list[str], dict[str, list[str]]]:
    """The lines before the first `## ` heading, and those below each; headings within code do not count."""
    head: list[str] = []
    sections: dict[str, list[str]] = {}
    current, in_code = head, False
    for line in text.splitlines():
        in_code ^= line.startswith("```")
        if line.startswith("## ") and not in_code:
            title = line[3:].strip()
            if title not in SECTIONS or title in sections:
                raise ExerciseError(
                    f"there is no place for a section {title!r}",
                    hint=f"the sections are {', '.join(SECTIONS)}",
                )
            current = sections.setdefault(title, [])
        else:
            current.append(line)
    missing = [title for title in SECTIONS if title not in sections]
    if missing:
        raise ExerciseError(f"the section {missing[0]!r} is missing")
    return head, sections


def _head(lines: list[str]) -> tuple[str, dict[str, str], str]:
    """Title, settings and statement."""
    if not lines or not lines[0].startswith("# "):
        raise ExerciseError("the first line must be the title, after `# `")
    settings: dict[str, str] = {}
    rest = 1
    for rest in range(1, len(lines) + 1):
        if rest == len(lines):
            break
        item = re.fullmatch(r"- ([a-z-]+):\s*(.*?)\s*", lines[rest])
        if item is None and lines[rest].strip():
            break
        if item is not None:
            settings[_setting(item[1])] = item[2]
    missing = [key for key in ("topic", "vocab", "max-length") if not settings.get(key)]
    if missing:
        raise ExerciseError(f"the setting `{missing[0]}` is missing", hint=f"write `- {missing[0]}: ...`")
    statement = "\n".join(lines[rest:]).strip()
    if not statement:
        raise ExerciseError("there is no statement below the settings")
    return lines[0][2:].strip(), settings, statement


def _setting(key: str) -> str:
    if key not in SETTINGS:
        raise ExerciseError(f"there is no setting `{key}`", hint=f"the settings are {', '.join(SETTINGS)}")
    return key


def _code(lines: list[str], section: str) -> str:
    """The one fenced block of a section."""
    fences = [place for place, line in enumerate(lines) if line.startswith("```")]
    if len(fences) != 2:
        raise ExerciseError(f"the section {section!r} needs one block of code between lines of ```")
    return "\n".join(lines[fences[0] + 1 : fences[1]]) + "\n"


def _examples(lines: list[str]) -> Iterator[Example]:
    texts = [line.strip() for line in lines if line.strip() and not line.startswith("```")]
    if not texts:
        raise ExerciseError("there are no examples")
    for text in texts:
        given, arrow, answer = text.partition(" -> ")
        try:
            yield Example(text, tuple(read_json_input(given)), json.loads(answer if arrow else "?"))
        except (InputError, ValueError):
            raise ExerciseError(
                f"the example `{text}` is not readable", hint='write it as `"ab" -> ["b", "a"]`, both in JSON'
            ) from None


def _hints(lines: list[str]) -> Iterator[str]:
    """The items of a numbered or bulleted list; indented lines belong to the item above."""
    items: list[str] = []
    for line in lines:
        item = re.match(r"(?:\d+\.|-)\s+", line)
        if item:
            items.append(line[item.end() :])
        elif items:
            items[-1] += "\n" + line.strip()
        elif line.strip():
            raise ExerciseError("the hints must be a list: `1. ...`")
    return (item.strip() for item in items)


def _vocab(text: str) -> list[Atom]:
    try:
        return read_vocab(text)
    except InputError as error:
        raise ExerciseError(error.message) from None


def _max_length(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST:
        raise ExerciseError(f"`max-length` must be a number from 1 to {LONGEST}, not {text!r}")
    return int(text)


def _stars(text: str) -> int:
    if text not in map(str, range(MOST_STARS + 1)):
        raise ExerciseError(f"`stars` must be a number from 1 to {MOST_STARS}, not {text!r}")
    return int(text)


def _yes_or_no(key: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise ExerciseError(f"`{key}` must be yes or no, not {text!r}")
    return text == "yes"


def _generators(text: str) -> tuple[str, ...]:
    names = tuple(_words(text))
    for name in names:
        if name not in GENERATORS:
            raise ExerciseError(
                f"there are no inputs called {name!r}", hint=f"there are {', '.join(GENERATORS)}"
            )
    return names


def _words(text: str) -> Iterator[str]:
    return (word.strip() for word in text.split(",") if word.strip())


def _limit(text: str) -> tuple[str, int]:
    """`2 layers` or `1 head` as the measure and its limit."""
    parts = re.fullmatch(r"([0-9]{1,9}) ([a-z]+)", text)
    measure = parts[2] if parts and parts[2].endswith("s") else f"{parts[2] if parts else ''}s"
    if parts is None or measure not in MEASURES:
        raise ExerciseError(
            f"the budget {text!r} is not readable", hint=f"write a number and one of {', '.join(MEASURES)}"
        )
    return measure, int(parts[1])
