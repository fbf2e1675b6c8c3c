"""`rasp iterate`: a step taken until something ends it, by the interpreter and by a saved model."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from rasp import interrupts
from tests.support.command_line import Ran, assert_refused, rasp_command

FLOOD = "~.#...#."
COUNTDOWN = """# vocab: 0:10
# grid: 2 x 2
halt = tokens_asis == 3;
step = tokens_asis - 1 if tokens_asis > 0 else 0;
"""
OVER = """# vocab: 0:10
step = tokens_asis + 4;
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs with a step of their own, and models of them."""
    folder = tmp_path_factory.mktemp("steps")
    (folder / "countdown.rasp").write_text(COUNTDOWN)
    (folder / "over.rasp").write_text(OVER)
    (folder / "bits.rasp").write_text("step = tokens_asis;\nhalt = indicator(tokens_asis == 3);\n")
    (folder / "turn.rasp").write_text("step = shift(tokens, 1, tokens[-1]);\n")
    for name, target in (("countdown.rasp", "model"), ("countdown.rasp:halt", "halt")):
        made = rasp_command("compile", folder / name, "--max-length", 8, "-o", folder / target)
        assert made.code == 0, made
    return folder


def test_a_program_of_the_library() -> None:
    ran = rasp_command("iterate", "maze_step", FLOOD)
    assert ran == Ran(
        0, "[~, ~, #, ., ~, ~, #, .] (strings)\nfixpoint after 2 steps: nothing changes any more\n", ""
    )


def test_the_limit_says_so() -> None:
    ran = rasp_command("iterate", "maze_step", FLOOD, "--max-steps", 1)
    assert (ran.code, ran.out.splitlines()[1]) == (0, "stopped after 1 step, the limit")
    assert ran.err == "--max-steps 1 ended the run; a larger one lets it go on\n"


def test_the_last_s_op_is_the_step_though_halt_stands_behind_it(tmp_path: Path) -> None:
    down = "# vocab: 0:10\nnext = tokens_asis - 1 if tokens_asis > 0 else 0;\nhalt = tokens_asis == 3;\n"
    (tmp_path / "down.rasp").write_text(down)
    assert rasp_command("iterate", tmp_path / "down.rasp", "[7, 0]").out.startswith("[3, 0] (ints)\nhalted")


@pytest.mark.parametrize(
    ("until", "end"), [((), "halted after 4 steps"), (("--until", "fixpoint"), "fixpoint after 7 steps")]
)
def test_halt(folder: Path, until: tuple[str, ...], end: str) -> None:
    """By the interpreter and by the models."""
    ran = rasp_command("iterate", folder / "countdown.rasp", "[7, 0]", *until)
    assert ran.code == 0
    assert ran.out.splitlines()[1].startswith(end)
    assert rasp_command("iterate", folder / "model", "[7, 0]", "--halt", folder / "halt", *until) == ran


def test_json_and_a_position_that_is_watched(folder: Path) -> None:
    wanted = {
        "reason": "halt",
        "state": [3, 0],
        "steps": 4,
        "watched": [[0, 7], [1, 6], [2, 5], [3, 4], [4, 3]],
    }
    words = ("[7, 0]", "--json", "--watch", 0)
    assert json.loads(rasp_command("iterate", folder / "countdown.rasp", *words).out) == wanted
    of_model = rasp_command("iterate", folder / "model", *words, "--halt", folder / "halt")
    assert json.loads(of_model.out) == wanted
    told = rasp_command("iterate", "maze_step", FLOOD, "--watch", -3).out.splitlines()
    assert told[:2] == ["       0  .", "       2  ~"]


def test_leaving_the_vocabulary_is_a_no(folder: Path) -> None:
    ran = rasp_command("iterate", folder / "over.rasp", "[1, 3]")
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "[5, 7] (ints)",
        "left the vocabulary after 1 step: position 1 would hold 11",
    ]
    facts = json.loads(rasp_command("iterate", folder / "over.rasp", "[1, 3]", "--json").out)
    assert facts["outside"] == {"position": 1, "value": 11}
    assert (
        rasp_command("iterate", folder / "over.rasp", "[1, 3]", "--vocab", "0:12", "--max-steps", 2).code == 0
    )


@pytest.mark.parametrize("of", ["countdown.rasp", "model"])
def test_the_trace_can_be_read_as_inputs(folder: Path, tmp_path: Path, of: str) -> None:
    file = tmp_path / "trace.jsonl"
    assert rasp_command("iterate", folder / of, "[2, 1]", "--trace", file, "--until", "fixpoint").code == 0
    assert file.read_text() == "[2, 1]\n[1, 0]\n[0, 0]\n"
    assert list(tmp_path.iterdir()) == [file]


def test_a_trace_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    ran = rasp_command("iterate", folder / "countdown.rasp", "[2]", "--trace", tmp_path / "no" / "file")
    assert_refused(ran, "cannot write", "No such file or directory")
    assert_refused(
        rasp_command("iterate", folder / "countdown.rasp", "[2]", "--trace", tmp_path), "it is a folder"
    )


def page_data(file: Path) -> dict[str, Any]:
    """What a page was made with."""
    text = file.read_text().partition('<script type="application/json" id="data">')[2]
    data: dict[str, Any] = json.loads(text.partition("</script>")[0])
    return data


def test_a_page_has_the_states_and_how_they_end(folder: Path, tmp_path: Path) -> None:
    """Of a program that says its vocabulary, of one that does not, and of a saved model."""
    page = tmp_path / "page.html"
    ran = rasp_command("iterate", folder / "countdown.rasp", "[5, 0]", "--page", page)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, f"{page} has the run")
    data = page_data(page)
    assert data["run"] == {"first": [6, 1], "changes": [[0, 5], [0, 4]], "ending": "halted after 2 steps"}
    assert (data["vocab"], data["grid"]) == ([*range(10)], {"columns": 2, "rows": 2, "sets": False})
    rasp_command("iterate", folder / "model", "[5, 0]", "--halt", folder / "halt", "--page", page, "--json")
    of_model = page_data(page)
    assert (of_model["run"], of_model["grid"]) == (data["run"], data["grid"])
    rasp_command("iterate", folder / "turn.rasp", "ba", "--max-steps", 3, "--page", page)
    data = page_data(page)
    assert (data["vocab"], len(data["run"]["changes"]), data["grid"]) == (["a", "b"], 3, None)


@pytest.mark.parametrize("page", ["/dev/full", "no/page.html", ".", "/proc/page.html"])
def test_a_page_that_cannot_be_written_is_told_first(folder: Path, page: str) -> None:
    ran = rasp_command("iterate", folder / "countdown.rasp", "[2]", "--page", folder / page)
    assert_refused(ran, f"cannot write {folder / page}: ")


def test_a_page_of_what_has_no_model(tmp_path: Path) -> None:
    """Nothing is written, and the refusal says why."""
    means = "aggregate(past, aggregate(past, aggregate(past, tokens_asis)))"
    (tmp_path / "means.rasp").write_text(f"past = select(indices, indices, <=);\nstep = {means};\n")
    ran = rasp_command(
        "iterate", tmp_path / "means.rasp", "[1]", "--vocab", "0:3", "--page", tmp_path / "page"
    )
    assert_refused(ran, "means.rasp:2:8: compile error: ")
    assert [file.name for file in tmp_path.iterdir()] == ["means.rasp"]


def test_a_mistake_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "bad.rasp").write_text("step = tokens_asis - 1 / tokens_asis;\n")
    ran = rasp_command("iterate", tmp_path / "bad.rasp", "[1]", "--trace", tmp_path / "trace")
    assert_refused(ran, "bad.rasp:1:22: division by zero", ", in step 2")
    assert [file.name for file in tmp_path.iterdir()] == ["bad.rasp"]


@pytest.mark.skipif(os.name != "posix", reason="signals are another matter elsewhere")
@pytest.mark.parametrize("json_too", [(), ("--json",)])
def test_ctrl_c_gives_the_state_so_far(folder: Path, tmp_path: Path, json_too: tuple[str, ...]) -> None:
    trace = tmp_path / "trace.jsonl"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # the background ignores it
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    words = ("--max-steps", 10**9, "--trace", trace, *json_too)
    try:
        ran = rasp_command("iterate", folder / "turn.rasp", "abc", *words)
    finally:
        signal.signal(signal.SIGINT, before)
    assert ran.code == interrupts.INTERRUPTED
    last = json.loads(trace.read_text().splitlines()[-1])
    if json_too:
        facts = json.loads(ran.out)
        assert (facts["reason"], facts["state"]) == ("stopped", last)
    else:
        assert ran.out.splitlines()[0] == f"[{', '.join(last)}] (strings)"
        assert ran.out.splitlines()[1].startswith("interrupted after ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("maze_step", "~x"), "position 1 holds 'x', which is not in the vocabulary"),
        (("maze_step", "~", "--max-steps", "0"), "0 is not in the range x>=1"),
        (("maze_step", "~", "--until", "halt"), "maze_step has no s-op `halt`"),
        (("maze_step", "~", "--watch", "1"), "there is no position 1 to watch: the input has 1 tokens"),
        (("maze_step", "~", "--page", "x", "--trace", "x"), "--page and --trace name one file"),
        (("maze_step", "~", "--halt", "x"), "--halt belongs to a saved model"),
        (("model", "[1]", "--vocab", "0:3"), "a saved model has its own --vocab"),
        (("model", "[1]", "--until", "halt"), "--until halt needs --halt DIR"),
        (("model", "[1]", "--halt", "model"), "a model whose answers are truth values"),
        (("model", "[1,2,3,4,5,6,7,8,9]"), "the input has 9 tokens, but the model takes at most 8"),
        (
            ("bits.rasp", "[1]"),
            "bits.rasp:2:8: input error: what halts a run must be an s-op of truth values",
        ),
        (("bits.rasp", "[1]"), "hint: a comparison makes truth values: `halt = tokens_asis == 1;`"),
        (("model", "[10]"), "position 0 holds 10, which is not in the vocabulary"),
    ],
)
def test_what_is_no_run(folder: Path, words: tuple[str, ...], said: str) -> None:
    given = [folder / word if word in ("model", "bits.rasp") else word for word in words]
    assert_refused(rasp_command("iterate", *given), said)


def test_verify_compares_every_state(folder: Path) -> None:
    ran = rasp_command("verify", folder / "model", "--steps", 12, "--samples", 20)
    assert ran.code == 0
    assert ran.out.startswith("equal in every state of all ")
    facts = json.loads(rasp_command("verify", folder / "model", "--steps", 3, "--samples", 9, "--json").out)
    assert (facts["ok"], facts["steps"]) == (True, 3)
    assert facts["states"] > facts["inputs"]


def test_a_certificate_speaks_of_every_step(folder: Path) -> None:
    ran = rasp_command("verify", folder / "model", "--certificate", "--steps", 2)
    assert_refused(ran, "--certificate proves every step; leave --steps out")


def test_verify_takes_the_step_that_iterate_takes(tmp_path: Path) -> None:
    """The file's last s-op is `halt`, which gives a token, too."""
    file = tmp_path / "up.rasp"
    file.write_text("# vocab: 0:4\nstep = min(tokens_asis + 1, 3);\nhalt = tokens_asis == 3;\n")
    facts = json.loads(rasp_command("iterate", file, "[0, 2]", "--until", "fixpoint", "--json").out)
    assert (facts["state"], facts["steps"]) == ([3, 3], 3)
    words = ("--max-length", 2, "--steps", 9, "--exhaustive", "--json")
    facts = json.loads(rasp_command("verify", file, *words).out)
    assert (facts["ok"], facts["inputs"], facts["states"]) == (True, 20, 60)  # `halt` stays after two
