"""A set is opened again: it passes as it was written, and every change to it is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.lab import candidates
from compiler.lab.bench import INDEX, MODELS, BenchError, write
from compiler.lab.candidates import CONNECTIONS, PAIRS_FILE, TESTS_FILE, Wanted
from compiler.lab.checking import check, check_model, index


def test_what_is_written_passes_and_what_is_changed_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "library", lambda: ("sort", "hist2"))
    folder = tmp_path / "set"
    write(folder, 2, Wanted())
    found = list(check(folder))
    assert [(each.name, each.wrong) for each in found] == [("00000", None), ("00001", None), (INDEX, None)]
    assert sum(each.compared for each in found) == 48

    entry = index(folder)[0]
    one = folder / MODELS / "00000"
    for file, changed, complaint in (
        (TESTS_FILE, wrong_test((one / TESTS_FILE).read_text()), "the test says"),
        (PAIRS_FILE, wrong_pair((one / PAIRS_FILE).read_text()), "a pair says"),
        (CONNECTIONS, "{}", "is not what the weights say"),
        ("program.rasp", "x = indices;", "program.rasp"),
    ):
        before = (one / file).read_bytes()
        (one / file).write_text(changed)
        wrong = check_model((one, entry)).wrong
        assert wrong is not None
        assert complaint in wrong
        (one / file).write_bytes(before)
    (folder / INDEX).write_text("")
    with pytest.raises(BenchError, match="has 0 models of 2"):
        index(folder)


def wrong_test(text: str) -> str:
    tests = json.loads(text)
    tests[0]["answer"] = [*tests[0]["answer"][::-1], "a"]
    return json.dumps(tests)


def wrong_pair(text: str) -> str:
    pairs = json.loads(text)
    pairs[-1]["other_answer"] = pairs[-1]["answer"]
    return json.dumps(pairs)
