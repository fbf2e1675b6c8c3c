"""The library's programs compiled at the settings of their cases, each once in a run of the tests."""

from __future__ import annotations

from functools import cache

import rasp
from compiler.pipeline import Compiled, run
from compiler.request import Request
from runtime.weights import size
from tests.support.program_cases import CASES, Case, Setting

_CASES = {case.name: case for case in CASES}


def compiled(case: Case, setting: Setting) -> Compiled:
    """The program with all stages of its compilation, on the way to no model and no certificate."""
    return _compiled(case.name, setting)


@cache
def _compiled(name: str, setting: Setting) -> Compiled:
    asked = Request(setting.vocab, setting.max_length, _CASES[name].causal)
    return run(rasp.load(name).main, asked)


def layers_and_parameters(case: Case, setting: Setting) -> tuple[int, int]:
    """How large the program's model is."""
    found = compiled(case, setting)
    return found.schedule.depth, size(found.stored.weights).parameters
