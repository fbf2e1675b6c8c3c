"""A saved model read with numpy alone, and the checker run alone on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import compiler
import rasp
from compiler.rechecking.saved import arrays, of_arrays, read
from rasp.errors import ModelError
from runtime import Model
from runtime.saving.storage import weights_bytes
from runtime.weights import named_arrays

ALONE = """
import sys
from compiler.rechecking.__main__ import main
code = main(sys.argv[1:])
rooms = {".".join(name.split(".")[:2]) for name in sys.modules if name.startswith(("compiler.", "runtime."))}
print(*sorted(rooms))
packages = {name for name in ("jax", "safetensors", "networkx", "click", "rich") if name in sys.modules}
print(*sorted(packages))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def model() -> Model:
    return compiler.compile(rasp.load("hist").main, "abc", 4)


def alone(*arguments: str, code: str = ALONE) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=100, check=False
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_the_same_arrays_come_back(model: Model) -> None:
    back = named_arrays(of_arrays(arrays(weights_bytes(model.weights))))
    for name, array in named_arrays(model.weights).items():
        assert np.array_equal(back[name], array), name


def test_the_checker_runs_alone(tmp_path: Path, model: Model) -> None:
    """Nothing of what chooses weights or finds out values, and no package but numpy and the parser's."""
    model.save(tmp_path / "hist")
    code, (said, needs, rooms, packages) = alone(str(tmp_path / "hist"))
    assert code == 0
    assert said.startswith("proved from the weights: ")
    assert needs.startswith("needs IEEE float32; ")
    assert {"compiler.rechecking", "runtime.weights"} <= {*rooms.split()}
    chooses = ("lowering", "layout", "ways", "pipeline", "advice", "verification", "values", "selections")
    assert {f"compiler.{room}" for room in chooses}.isdisjoint(rooms.split())
    assert packages == ""


def test_what_it_says_of_a_wrong_model(tmp_path: Path, model: Model) -> None:
    wrong = model.weights.unembedding_bias[::-1].copy()
    weights = {**named_arrays(model.weights), "unembedding_bias": wrong}
    Model(model.config, of_arrays(weights), model.certificate, model.program).save(tmp_path / "wrong")
    code, lines = alone("--steps", str(tmp_path / "wrong"))
    assert code == 1
    assert lines[0].startswith("not proved: output: the right label wins")
    assert "layer 1 attention" in lines[2]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "program.rasp", "certificate.json"])
def test_what_is_no_model(tmp_path: Path, model: Model, name: str) -> None:
    model.save(tmp_path / "model")
    (tmp_path / "model" / name).write_bytes(b"\x01\xff")
    with pytest.raises(ModelError, match="model"):
        read(tmp_path / "model")
