"""RASP programs, as data. Each file's header says what it means; this module finds and reads them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

_KEYS = ("example", "generate", "run", "vocab", "length", "grid", "source")


_FOLDERS = ("fixpoints", "machines")
"""Where the programs lie that are steps."""

_GROUPS = {
    "First steps": "identity length first caesar reverse palindrome rotate shift_right swap_neighbours",
    "Counting": "hist hist2 count_a count_words running_count count_less_freq bigram_counts word_frequencies "
    "nth_occurrence first_occurrences previous_same frac_prevs majority parity",
    "Order": "sort sort_unique sort_freq sort_pairs rank median maximum running_maximum most_freq "
    "most_frequent_first dedupe",
    "Brackets and stacks": "dyck1_ptf dyck2_ptf shuffle_dyck2 matching_bracket greatest_depth stack_top",
    "Numbers": "addition binary_increment gray_code gray_decode fizzbuzz sum_mod_7 windowed_sum peaks",
    "Text and runs": "title_case reverse_words detect_abc distance_to_last_a anbncn run_starts "
    "position_in_run longest_run fill_blanks slide_blanks",
    "Machines, a step at a time": "rule110 maze_step subleq_step",
    "Machines that run on (rasp iterate)": "machines/subleq machines/accumulator machines/brainfuck "
    "machines/turing machines/life machines/rule110",
    "Fixpoints (rasp iterate)": "fixpoints/parity fixpoints/addition fixpoints/sort fixpoints/dyck2 "
    "fixpoints/roots fixpoints/reachable fixpoints/maze fixpoints/sudoku",
    "Generating (causal)": "aab_next auto_count auto_reverse auto_addition auto_dyck auto_induction "
    "auto_text auto_subleq",
}
"""What the programs are about, those that come first being the simplest."""


@dataclass(frozen=True)
class Example:
    """An input and what the program answers, as JSON values (a string stands for its characters)."""

    input: Any
    output: Any


@dataclass(frozen=True)
class Run:
    """An input, the state in which a run from it ends, and after how many steps, as JSON values."""

    input: Any
    end: Any
    steps: int


@dataclass(frozen=True)
class Header:
    """What the comment lines at the top of a program say.

    `vocab` is a vocabulary that suits the program, as the command line takes it. `generations` are prompts
    and what a causal model continues them with; a program that has any is made for the causal mode. A step
    says what its `runs` come to, and for which `length` of states it is made; `grid: 8x8` tells the page that
    shows it that a state is 8 columns and 8 rows, `grid: 9x9 of sets` that each token is a set of numbers.
    """

    name: str
    meaning: str
    examples: tuple[Example, ...]
    generations: tuple[Example, ...]
    vocab: str
    source: str
    runs: tuple[Run, ...] = ()
    length: int | None = None


def names() -> list[str]:
    """The names of all library programs, sorted."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name.removesuffix(".rasp") for file in files if file.name.endswith(".rasp"))


def steps() -> list[str]:
    """The names of all library programs that are steps of runs, such as machines/life, sorted."""
    found = [(folder, file.name) for folder in _FOLDERS for file in _folder(folder).iterdir()]
    return sorted(
        f"{folder}/{name.removesuffix('.rasp')}" for folder, name in found if name.endswith(".rasp")
    )


def _folder(name: str) -> Traversable:
    return resources.files(__name__).joinpath(name)


def groups() -> dict[str, list[str]]:
    """The names of all library programs by what they are about."""
    there = [*names(), *steps()]
    found = {group: [name for name in listed.split() if name in there] for group, listed in _GROUPS.items()}
    rest = [name for name in there if not any(name in members for members in found.values())]
    return {**found, "More": rest} if rest else found


def read(name: str) -> str:
    """The source text of a library program or step; FileNotFoundError if there is none of that name."""
    return resources.files(__name__).joinpath(f"{name}.rasp").read_text(encoding="utf-8")


def header(name: str) -> Header:
    """The header of a library program."""
    meaning, *fields = _header_fields(read(name))
    values: dict[str, list[str]] = {key: [] for key in _KEYS}
    for field in fields:
        key, _, value = field.partition(": ")
        values[key].append(value)
    return Header(
        name=name,
        meaning=meaning,
        examples=tuple(map(_example, values["example"])),
        generations=tuple(map(_example, values["generate"])),
        vocab=values["vocab"][0],
        source=values["source"][0],
        runs=tuple(map(_run, values["run"])),
        length=int(values["length"][0]) if values["length"] else None,
    )


def said(source: str, key: str) -> str | None:
    """What the header of any program's text says for a key such as `vocab`, first of all; None if nothing."""
    values = (
        field.removeprefix(f"{key}: ") for field in _header_fields(source) if field.startswith(f"{key}: ")
    )
    return next(values, None)


def _header_fields(source: str) -> list[str]:
    """The comment lines before the first other line; one that starts with no key continues the one above."""
    fields: list[str] = []
    for line in source.splitlines():
        if not line.startswith("# "):
            break
        text = line.removeprefix("# ")
        if not fields or text.split(":")[0] in _KEYS:
            fields.append(text)
        else:
            fields[-1] += " " + text
    return fields


def _run(text: str) -> Run:
    given, end, steps = re.fullmatch(r"(.*) -> (.*) after ([0-9]+) steps?", text).groups()  # type: ignore[union-attr]
    return Run(json.loads(given), json.loads(end), int(steps))


def _example(text: str) -> Example:
    given, answer = text.split(" -> ")
    return Example(json.loads(given), json.loads(answer))
