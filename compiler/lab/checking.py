"""A data set of compiled models opened again: each is proved from its weights, and beside its program."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rasp
from compiler.lab.bench import ASKED, INDEX, MODELS, BenchError
from compiler.lab.candidates import CIRCUIT, CONNECTIONS, PAIRS_FILE, TESTS_FILE, answers, dumps
from compiler.rechecking.proof import recheck
from compiler.verification.comparison import expected
from compiler.workers import ALONE, Crew, results
from rasp.errors import RaspError
from rasp.records import from_data
from rasp.words import Atom
from runtime.inspection.circuit import to_json
from runtime.model import load


@dataclass(frozen=True)
class Checked:
    """What came out for one model: how many answers were compared, and what is wrong."""

    name: str
    compared: int
    wrong: str | None


def index(folder: Path) -> list[dict[str, Any]]:
    """The list of the set's models. Raises BenchError if `folder` is no finished set."""
    try:
        taken = [json.loads(line) for line in (folder / INDEX).read_text(encoding="utf-8").splitlines()]
        asked = json.loads((folder / ASKED).read_text(encoding="utf-8"))
        wanted = int(asked["models"])
    except OSError as error:
        name = Path(error.filename or folder).name
        raise BenchError(f"{folder} is no finished data set: {name}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BenchError(f"{folder} is no finished data set: its list is damaged ({error})") from None
    if len(taken) != wanted:
        raise BenchError(f"{folder} has {len(taken)} models of {wanted}")
    return taken


def check(folder: Path, crew: Crew = ALONE) -> Iterator[Checked]:
    """Every model of the set; at last, under the name of the index, whether its parts share no behaviour."""
    taken = index(folder)
    yield from results(check_model, [(folder / MODELS / entry["name"], entry) for entry in taken], crew)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for entry in taken:
        parts[entry["behaviour"]].add(entry["part"])
    shared = [behaviour for behaviour, those in parts.items() if len(those) > 1]
    yield Checked(INDEX, 0, f"behaviours in several parts: {', '.join(shared)}" if shared else None)


def check_model(given: tuple[Path, dict[str, Any]]) -> Checked:
    """One model: its files are whole, its proof holds, its circuit and its tests are as they say."""
    folder, entry = given
    try:
        compared, wrong = _compared(folder, entry)
    except (OSError, ValueError, KeyError) as error:
        compared, wrong = 0, f"a file is missing or damaged: {error}"
    except RaspError as error:
        compared, wrong = 0, error.message
    return Checked(folder.name, compared, wrong)


def _compared(folder: Path, entry: dict[str, Any]) -> tuple[int, str | None]:
    model = load(folder)
    if model.config.style == "exact" and (problem := recheck(model).problem) is not None:
        return 0, f"not proved: {problem}"
    for file, graph in ((CIRCUIT, model.circuit()), (CONNECTIONS, model.connections())):
        if (folder / file).read_bytes() != dumps(to_json(graph)):
            return 0, f"{file} is not what the weights say"
    tests = json.loads((folder / TESTS_FILE).read_text(encoding="utf-8"))
    inputs, stored = (
        [from_data(tuple[Atom, ...], test[which], TESTS_FILE) for test in tests]
        for which in ("input", "answer")
    )
    if len(tests) != entry["tests"]:
        return 0, f"{len(tests)} tests instead of {entry['tests']}"
    program = rasp.parse(model.program).main
    for one, answer, got in zip(inputs, stored, answers(model, inputs), strict=True):
        right = expected(program, one, model.config.causal)
        if not (got == list(answer) == right):
            return 0, f"on {list(one)} the test says {list(answer)}, the model {got}, the program {right}"
    for pair in json.loads((folder / PAIRS_FILE).read_text(encoding="utf-8")):
        for which, said in (("clean", "answer"), ("other", "other_answer")):
            one, answer = (from_data(tuple[Atom, ...], pair[name], PAIRS_FILE) for name in (which, said))
            if not (answers(model, [one])[0] == list(answer) == expected(program, one, model.config.causal)):
                return 0, f"on {list(one)} a pair says {list(answer)}, which is wrong"
    return len(tests), None
