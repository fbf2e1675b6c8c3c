"""`rasp compress` and `rasp train`: what cannot be done is refused before anything is learned."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.command_line import Ran, assert_refused, rasp_command

pytest.importorskip("optax", reason="RESEARCH WAS NOT TESTED: pip install '.[lab]'")

COMPRESS = ("compress", "hist", "--vocab", "ab", "--max-length", 3, "-d")
TRAIN = ("train", "hist", "--vocab", "ab", "--max-length", 3)
"""Each learns for seconds or minutes, once it begins."""


@pytest.fixture(autouse=True)
def no_learning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever begins to learn fails; a folder with somebody's file, a file, and nothing else."""

    def learning(*_: object, **__: object) -> NoReturn:
        raise AssertionError("it began to learn")

    monkeypatch.setattr("compiler.lab.compressing.descend", learning)
    monkeypatch.setattr("compiler.lab.teaching.examples", learning)
    monkeypatch.setattr("compiler.lab.bench.begun", learning)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    (tmp_path / "file").touch()


def refused(words: tuple[object, ...], *parts: str) -> None:
    """It is refused in these words, and leaves nothing."""
    ran: Ran = rasp_command(*words)
    assert_refused(ran, *parts)
    assert sorted(str(each) for each in Path().rglob("*")) == ["file", "mine", "mine/notes.txt"]


PLOTS = [
    ("missing/plot.svg", "cannot write missing/plot.svg: No such file or directory"),
    ("mine", "cannot write mine: it is a folder"),
    ("plot.png", "a plot is written as SVG, not as png: name it NAME.svg"),
]


@pytest.mark.parametrize("command", [(*COMPRESS, 3), TRAIN], ids=["compress", "train"])
@pytest.mark.parametrize(("plot", "words"), PLOTS)
def test_plots(command: tuple[object, ...], plot: str, words: str) -> None:
    refused((*command, "--plot", plot), words)


@pytest.mark.parametrize("command", [(*COMPRESS, 3), TRAIN], ids=["compress", "train"])
def test_extras_that_are_missing(command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optax", None)
    refused(command, "training needs optax", "rasp-compiler[lab]")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    refused((*command, "--plot", "plot.svg"), "figures need matplotlib", "rasp-compiler[lab]")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("mine", "it holds other files (notes.txt); choose another folder"),
        ("file", "it is a file, not a folder"),
        ("file/below", "cannot save to file/below: Not a directory"),
    ],
)
def test_folders_of_compressed_models(output: str, words: str) -> None:
    refused((*COMPRESS, 3, "-o", output), words)


def test_a_plot_in_the_folder_of_the_model() -> None:
    refused((*COMPRESS, 3, "-o", "out", "--plot", "out/plot.svg"), "put the plot beside it")


def test_directions_and_seeds() -> None:
    refused((*COMPRESS, "3-99"), "the stream of 10 columns has 1 to 10 directions, not 11")
    for command in ((*COMPRESS, 3), TRAIN):
        for seed in (-5, 1 << 31):
            refused((*command, "--seed", seed), f"{seed} is not in the range 0<=x<=2147483647")


def test_programs_without_tokens() -> None:
    Path("mine/notes.txt").write_text("")
    program = Path("mine/program.rasp")
    for command in (("compress", program, "-d", 3), ("train", program)):
        program.write_text("x = tokens;")
        ran = rasp_command(*command)
        assert_refused(ran, "a program is compiled for a vocabulary")
        program.unlink()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--heads", 65), "65 heads do not fit: a stream of 64 numbers has 64 at most"),
        (("--layers", 101), "101 is not in the range 1<=x<=100"),
        (("--max-length", 1000), "too long to learn from: what heads select of them takes 42 GB"),
        (("--keep", "file"), "cannot write file/1-1-0-0.npz: Not a directory"),
        (("--cluster", "nowhere"), "there is no cluster at nowhere"),
    ],
)
def test_trainings(more: tuple[object, ...], words: str) -> None:
    if "--cluster" in more:
        pytest.importorskip("distributed")
    refused((*TRAIN, *more), words)


def test_the_longest_inputs_are_named() -> None:
    refused((*TRAIN, "--max-length", 1000), "use --max-length 435")
    with pytest.raises(AssertionError, match="it began to learn"):
        rasp_command(*TRAIN, "--max-length", 435)


def test_a_state_of_another_training() -> None:
    Path("mine/notes.txt").rename("mine/1-1-0-0.npz")
    assert_refused(rasp_command(*TRAIN, "--keep", "mine"), "mine/1-1-0-0.npz is damaged")


def test_data_sets() -> None:
    pytest.importorskip("distributed")
    refused(("bench", "set", "--count", 1, "--cluster", "nowhere"), "there is no cluster at nowhere")
