"""No model grows unnoticed: parameters of many programs, against tests/golden/sizes.txt, and layers and
parameters of every library program at both of its settings, against tests/golden/programs.txt.

After a change on purpose, `RASP_UPDATE_GOLDEN=1 pytest -m "" tests/house/test_sizes.py` writes the files
anew: read the difference before committing it.
"""

from __future__ import annotations

import os

import pytest

from tests.support.compiled import layers_and_parameters
from tests.support.complaints import SIZES, measured_sizes, recorded_sizes
from tests.support.paths import GOLDEN
from tests.support.program_cases import CASES, Setting

PROGRAMS = GOLDEN / "programs.txt"


@pytest.mark.slow
def test_no_model_is_larger_than_recorded() -> None:
    measured = measured_sizes()
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        SIZES.write_text("".join(f"{size} {name}\n" for name, size in measured.items()))
    recorded = recorded_sizes()
    assert measured.keys() == recorded.keys()
    assert all(size for name, size in measured.items() if recorded[name])
    grown = {name: (size, recorded[name]) for name, size in measured.items() if size > recorded[name] > 0}
    assert not grown, f"more parameters than recorded: {grown}"


def test_hardly_any_is_refused() -> None:
    assert sum(not size for size in recorded_sizes().values()) <= 5


def setting_text(setting: Setting) -> str:
    """How many tokens there are, and how many of them an input has at most."""
    return f"{len(setting.vocab)}x{setting.max_length}"


def recorded_programs() -> dict[str, tuple[int, int]]:
    """Layers and parameters by program and setting."""
    rows = (line.rsplit(" ", 2) for line in PROGRAMS.read_text().splitlines())
    return {name: (int(layers), int(parameters)) for name, layers, parameters in rows}


def test_no_library_program_has_more_layers_or_parameters_than_recorded() -> None:
    measured = {
        f"{case.name} {setting_text(setting)}": layers_and_parameters(case, setting)
        for case in CASES
        for setting in (case.small, case.large)
    }
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        rows = (f"{name} {layers} {count}\n" for name, (layers, count) in measured.items())
        PROGRAMS.write_text("".join(rows))
    recorded = recorded_programs()
    assert measured.keys() == recorded.keys()
    deeper = {name: layers for name, (layers, _) in measured.items() if layers > recorded[name][0]}
    assert not deeper, f"more layers than recorded: {deeper}"
    grown = {name: count for name, (_, count) in measured.items() if count > recorded[name][1]}
    assert not grown, f"more parameters than recorded: {grown}"
