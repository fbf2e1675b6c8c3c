"""What the page knows from the start: the words of the language with their meanings, and programs to pick."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import programs
from rasp.elaboration.functions import Function
from rasp.elaboration.library import library_names
from rasp.repl.help import EXAMPLES, TOPICS, comment_above
from rasp.syntax.highlighting import BASE_NAMES, BUILTINS, KEYWORDS, LIBRARY

FIRST = "hist"
"""The program that the page begins with."""


def boot_data() -> dict[str, Any]:
    """Words, completions and programs."""
    return {
        "words": {
            "keywords": [*KEYWORDS, "True", "False"],
            "builtins": BUILTINS,
            "bases": BASE_NAMES,
            "library": LIBRARY,
        },
        "completions": list(completions()),
        "groups": [
            {"title": group, "programs": [program(name) for name in names]}
            for group, names in programs.groups().items()
        ],
        "first": FIRST,
    }


def completions() -> Iterator[dict[str, str]]:
    """Every word that a program can use: how it is written, and what it means."""
    library = library_names()
    for name in LIBRARY:
        value = library[name]
        form = value.signature if isinstance(value, Function) else name
        example = EXAMPLES.get(name, "")
        yield {"label": name, "detail": form.removeprefix(name), "info": f"{comment_above(value)}\n{example}"}
    for name in dict.fromkeys([*BUILTINS, *BASE_NAMES, *KEYWORDS]):
        topic = TOPICS.get(name)
        if topic is None:
            yield {"label": name, "detail": "", "info": ""}
        else:
            yield {"label": name, "detail": "", "info": f"{topic.form}\n{topic.meaning}\n{topic.example}"}


def program(name: str) -> dict[str, Any]:
    """A program of the library with the input that its header names first."""
    header = programs.header(name)
    known: list[programs.Example | programs.Run] = [*header.generations, *header.examples, *header.runs]
    shown = known[0]
    text = shown.input if isinstance(shown.input, str) else json.dumps(shown.input, ensure_ascii=False)
    return {
        "name": name,
        "meaning": header.meaning,
        "source": programs.read(name),
        "input": text,
        "causal": bool(header.generations),
    }
