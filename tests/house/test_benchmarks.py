"""The benchmark's own parts, on tiny sizes and without Tracr."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

import compiler
import rasp
from tests.benchmarks import felt, growth, meaning, report, runs
from tests.benchmarks.__main__ import main
from tests.benchmarks.comparison import correct
from tests.benchmarks.ours import main_sop
from tests.benchmarks.tasks import TASKS, random_inputs
from tests.benchmarks.worker import Measured, Request, Worker
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are started as modules of the checkout."""
    monkeypatch.chdir(ROOT)


@pytest.mark.slow
def test_one_command_measures_and_prints(tmp_path: Path) -> None:
    command = ["--no-tracr", "--no-long", "--sizes", "3x3", "--programs", "hist,dyck1"]
    result = CliRunner().invoke(main, [*command, "--json"])
    assert result.exit_code == 0, result.output
    measured = json.loads(result.stdout)
    assert [row["program"] for row in measured["rows"]] == ["hist", "dyck1"]
    for row in measured["rows"]:
        assert row["right"] == row["inputs"] == 50
        assert "error" not in row
        assert row["certified"]
        assert set(row["per_second"]) == {"1", "256"}
        assert row["compile_seconds"] > 0
        assert row["parameters"] > row["d_model"]
        assert len(report.cells(row, measured["machine"])) == len(
            report.table(measured["rows"], measured["machine"]).columns
        )
    assert measured["machine"]["product_flops"] > 0
    assert set(measured["felt"]["start_seconds"]) == set(felt.STARTS)
    assert len(felt.summary(measured["felt"])) == 3


@pytest.mark.parametrize("text", ["5", "5x", "1x5", "27x5", "5x0"])
def test_sizes_that_are_none_are_refused(text: str) -> None:
    result = CliRunner().invoke(main, ["--sizes", text])
    assert result.exit_code == 2


@pytest.mark.slow
def test_a_measurement_that_takes_too_long_is_ended() -> None:
    worker = Worker(sys.executable, "tests.benchmarks.ours")
    request = Request("hist", ["a", "b"], 3, [["a", "b"]], [1])
    assert worker.ask(request, limit=0.0)["error"] == "over 0 s"
    measured = worker.ask(request, limit=100.0)
    worker.stop()
    assert measured["answers"] == [[1, 1]]


def test_a_failure_is_reported_with_its_reason() -> None:
    worker = Worker(sys.executable, "tests.benchmarks.ours")
    measured = worker.ask(Request("no such program", ["a"], 3, [], []), limit=100.0)
    worker.stop()
    assert "no such program" in measured["error"]


def test_answers_are_compared_exactly_or_within_tolerance() -> None:
    assert correct([1, "a"], [1, "a"], 0.0)
    assert not correct([0.3334], [1 / 3], 0.0)
    assert correct([0.3334], [1 / 3], 0.005)
    assert not correct([0.34], [1 / 3], 0.005)
    assert not correct([None], [0], 0.005)
    assert not correct(["1"], [1], 0.005)


def test_inputs_are_the_same_in_every_run() -> None:
    task = TASKS["sort_unique"]
    inputs = random_inputs(task, task.vocab(5), 8, 20)
    assert inputs == random_inputs(task, task.vocab(5), 8, 20)
    assert all(len(set(one)) == len(one) for one in inputs)


@pytest.mark.parametrize("size", range(2, 27))
def test_vocabularies_hold_each_token_once(size: int) -> None:
    for task in TASKS.values():
        vocab = task.vocab(size)
        assert len(set(vocab)) == len(vocab)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_program_of_ours(name: str) -> None:
    assert main_sop(TASKS[name]) is not None


def test_what_running_takes_stands_beside_what_was_measured() -> None:
    """Of the largest batch; a row without it, as Tracr's are, has empty cells there."""
    running = asdict(compiler.compile(rasp.load("hist").main, "abc", 4).running(batch=256))
    row = {"program": "hist", "vocabulary": 3, "length": 4, "system": "ours"}
    machine = {"device": "cpu", "cores": 2, "jax": "1", "product_flops": 1e9}
    shown = report.cells({**row, "running": running}, machine)
    assert len(shown) == len(report.cells(row, machine)) == len(report.table([row], machine).columns)
    operations, weights, cache, intensity, nonzero = shown[-6:-1]
    assert (operations, cache) == (f"{running['operations']:,}", f"{running['cache_bytes_a_token']:,}")
    assert (weights, nonzero) == (f"{running['weight_bytes']:,}", f"{running['nonzero']:.0%}")
    assert float(intensity) > 1


def test_plot_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra [plot])")
    rows = [
        {"program": "hist", "system": system, "length": n, "parameters": n * n, "again_seconds": n / 100}
        for system in ("ours", "tracr")
        for n in (5, 10)
    ]
    report.plot(rows, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000


@pytest.mark.slow
def test_what_is_the_same_everywhere_is_computed_once() -> None:
    """At batch 1, where others at work on the machine count least; 64 is measured by hand."""
    (small, _) = runs.measured((1,), seconds=0.6)
    assert small.lean > 2 * small.whole


@pytest.mark.slow
def test_tokens_a_second_are_measured_both_ways() -> None:
    one = meaning.measured("hist", 40, added=10)
    assert (one.name, one.context) == ("hist", 40)
    assert min(one.cached, one.meant) > 0


class Small(Worker):
    """A compiler that takes a second for every token, and has no model that takes longer than it may."""

    def ask(self, request: Request, limit: float) -> Measured:
        seconds = len(request.vocab)
        return {"error": f"over {limit:g} s"} if seconds > limit else {"parameters": seconds * request.length}


def test_a_line_of_the_plot_ends_at_the_first_size_that_is_not_compiled() -> None:
    sizes = [(4, 2), (8, 2), (16, 2), (32, 2)]
    line = list(growth.grow(Small("", ""), "ours", "sort", "vocabulary", sizes, limit=8.0))
    assert [row.get("parameters") for row in line] == [8, 16, None]
    assert line[-1]["error"] == "over 8 s"


def test_growth_is_drawn_for_light_and_dark(tmp_path: Path) -> None:
    """Nothing is drawn behind, and neither the ink is black nor white."""
    pytest.importorskip("matplotlib")
    sizes = [(4, 2), (8, 2)]
    line = list(growth.grow(Small("", ""), "ours", "sort", "vocabulary", sizes, limit=8.0))
    (tmp_path / "measured").write_text("\n".join(map(json.dumps, line)))
    command = ["--measured", str(tmp_path / "measured"), "--plot", str(tmp_path / "growth.svg")]
    assert CliRunner().invoke(growth.main, command).exit_code == 0
    drawn = (tmp_path / "growth.svg").read_text()
    assert "sort, this compiler" in drawn
    assert growth.GREY in drawn
    assert "#ffffff" not in drawn
    assert "#000000" not in drawn
