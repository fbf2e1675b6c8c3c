"""Files and folders as people name them, wherever Python takes one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import compiler
import rasp
import runtime
from rasp.errors import InputError
from rasp.paths import as_path


def test_strings_and_paths() -> None:
    assert as_path("a/b") == as_path(Path("a") / "b") == Path("a/b")


MODEL = compiler.compile(rasp.tokens, vocab="ab", max_length=2)


@pytest.mark.parametrize(
    "call",
    [
        MODEL.save,
        MODEL.view("ab").save,
        runtime.load,
        lambda given: runtime.export(MODEL, "safetensors", given),
        lambda given: rasp.parse("x = 1;", folder=given),
        lambda given: rasp.parse("x = 1;", allow_path=[given]),
    ],
)
@pytest.mark.parametrize("given", [5, None, b"x", ["m"]])
def test_what_names_no_file_is_told(call: Callable[[object], object], given: object) -> None:
    with pytest.raises(InputError, match="by a string or a Path, not by "):
        call(given)


@pytest.mark.parametrize(
    "call",
    [
        lambda given: runtime.export(given, "safetensors", "folder"),
        lambda given: rasp.check(given),
        lambda given: rasp.evaluate(given, "ab"),
        lambda given: rasp.show(given),
    ],
)
def test_what_is_of_another_kind_is_told(call: Callable[[object], object]) -> None:
    """Where files are not what is meant, either."""
    with pytest.raises(rasp.RaspError, match=r"not 5"):
        call(5)
