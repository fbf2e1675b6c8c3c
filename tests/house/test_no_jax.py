"""No pass loads JAX: importing the stages, or what a model is, leaves it alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

STAGES = ("graph", "values", "program", "lowering", "layout", "certificate", "rechecking")
"""The rooms of the compiler's stages."""

EXTRA = (ROOT / "rasp" / "play" / "server.py",)
"""What an extra is needed for."""

NUMPY_ONLY = ("saving", "inspection", "view")
"""The rooms of the runtime that work on arrays of NumPy."""


def modules() -> list[str]:
    """All modules that must do without JAX."""
    files = [
        *(file for room in STAGES for file in (ROOT / "compiler" / room).glob("*.py")),
        *(ROOT / "compiler").glob("*.py"),
        *(file for room in NUMPY_ONLY for file in (ROOT / "runtime" / room).glob("*.py")),
        *(ROOT / "runtime" / f"{name}.py" for name in ("weights", "statements", "places")),
        *(
            file
            for file in (ROOT / "rasp").rglob("*.py")
            if file.parent.name != "commands" and file not in EXTRA
        ),
    ]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return sorted(name.removesuffix(".__init__") for name in names if not name.endswith("__main__"))


def loaded_by(*statements: str) -> set[str]:
    """The modules that are loaded after running these statements in a new process."""
    code = "\n".join([*statements, "import sys", "print(*sys.modules)"])
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_importing_the_stages_loads_no_jax() -> None:
    assert len(modules()) > 100
    every = f"for name in {modules()!r}: importlib.import_module(name)"
    assert "jax" not in loaded_by("import importlib", every)


def test_running_the_stages_loads_no_jax() -> None:
    loaded = loaded_by(
        "import compiler, rasp",
        "for stage in compiler.STAGES: compiler.emit(rasp.load('hist').main, stage, 'ab', 4)",
    )
    assert "compiler.layout.assembly" in loaded
    assert "jax" not in loaded


def test_a_model_loads_it() -> None:
    assert "jax" in loaded_by("import compiler, rasp", "compiler.compile(rasp.load('hist').main, 'ab', 4)")


@pytest.mark.parametrize(
    "words",
    [
        ("run", "hist", "abc"),
        ("check", "hist"),
        ("compile", "hist", "--vocab", "ab", "--max-length", "4", "--emit", "graph"),
        ("compile", "hist", "--vocab", "ab", "--max-length", "4", "--emit", "weights"),
    ],
)
def test_commands_that_make_no_model_load_none(words: tuple[str, ...]) -> None:
    loaded = loaded_by("import rasp.cli", f"rasp.cli.rasp({list(words)!r}, standalone_mode=False)")
    assert "jax" not in loaded
