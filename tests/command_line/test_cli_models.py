"""`rasp compile`, `apply`, `verify` and `generate`: answers, exit codes, bad input, nothing half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import assert_refused, rasp_command

SIZES = ("layers", "heads", "d_model", "d_head", "d_mlp", "parameters", "nonzeros")


@pytest.fixture(scope="module")
def reverse_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "reverse"
    assert rasp_command("compile", "reverse", "--vocab", "abc", "--max-length", 5, "-o", folder).code == 0
    return folder


@pytest.fixture(scope="module")
def aab_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "aab"
    options = ["--vocab", "ab", "--max-length", "10", "--causal", "-o", str(folder)]
    assert rasp_command("compile", "aab_next", *options).code == 0
    return folder


def test_compile_tells_the_size() -> None:
    ran = rasp_command("compile", "reverse", "--vocab", "abc", "--max-length", 5)
    figures = dict(line.split(maxsplit=1) for line in ran.out.splitlines())
    assert figures["layers"] == "2"
    assert figures["outputs"] == "3: a b c"
    facts = json.loads(rasp_command("compile", "reverse", "--vocab", "abc", "--max-length", 5, "--json").out)
    assert set(SIZES) < set(facts)
    assert f"{facts['parameters']:,}" == figures["parameters"]


def test_compile_reports_what_each_step_costs() -> None:
    options = ["reverse", "--vocab", "abc", "--max-length", 5]
    plain, ran = (rasp_command("compile", *options, *more).out for more in ([], ["--report"]))
    assert "s-op" not in plain
    table, running = (part.splitlines() for part in ran.split("\n\n")[1:3])
    assert table[0].split()[:3] == ["s-op", "line", "layer"]
    total = next(line.split()[1] for line in ran.splitlines() if line.startswith("parameters"))
    assert table[-1].split()[:2] == ["all", total]
    assert running[0].startswith("a pass over 1 x ")
    facts = json.loads(rasp_command("compile", *options, "--report", "--json").out)
    assert sum(cost["parameters"] for cost in facts["costs"]) == facts["parameters"]
    assert facts["warnings"] == []


def test_compile_warns_of_a_step_that_takes_most(tmp_path: Path) -> None:
    file = tmp_path / "mistyped.rasp"
    file.write_text(
        "c = selector_width(select(tokens_int, tokens_int, ==));\n"
        "s = selector_width(select(tokens_int + c, tokens_int * c, <));\n"
    )
    options = [file, "--vocab", "0:40", "--max-length", 20, "--heads", "fewest"]
    ran = rasp_command("compile", *options)
    assert ran.code == 0
    assert ran.out.startswith("program")
    assert ran.err.startswith(f"{file}:2:43: warning: `(tokens_int * c)` takes ")
    assert ran.err.splitlines()[2].strip() == "^" * len("tokens_int * c")
    facts = json.loads(rasp_command("compile", *options, "--json").out)
    assert facts["warnings"] == [ran.err.strip()]


def test_a_long_vocabulary_and_a_mean_fit_the_table() -> None:
    ran = rasp_command("compile", "frac_prevs", "--vocab", "abcdefghijklmnopqrstuvwx", "--max-length", 4)
    assert ran.code == 0
    assert "24: a b c d e f g h i j ... x" in ran.out


@pytest.mark.parametrize("stage", ["ast", "graph", "domains", "schedule", "layout", "weights"])
def test_emit(stage: str) -> None:
    ran = rasp_command("compile", "reverse", "--vocab", "abc", "--max-length", 5, "--emit", stage)
    assert ran.code == 0, ran.err
    assert "reverse" in ran.out


def test_apply(reverse_model: Path) -> None:
    assert rasp_command("apply", reverse_model, "abc").out == "[c, b, a] (strings)\n"
    assert rasp_command("apply", reverse_model, '["a", "b"]', "--json").out == '["b", "a"]\n'


def test_apply_lines(reverse_model: Path, tmp_path: Path) -> None:
    lines = b'"abc"\n\n["a", "b"]\n'
    answers = '["c", "b", "a"]\n["b", "a"]\n'
    file = tmp_path / "inputs.jsonl"
    file.write_bytes(lines)
    assert rasp_command("apply", reverse_model, "--file", file).out == answers
    assert rasp_command("apply", reverse_model, "-", stdin=lines).out == answers
    text = b"abc\n\nab\n"
    assert rasp_command("apply", reverse_model, "-", stdin=text).out == answers.replace(", ", ", ")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (b'"abd"', ["line 2", "'d'"]),
        (b'["a",', ["line 2", "JSON"]),
        (b"7", ["line 2", "7"]),
        (b"\xff", ["line 2", "UTF-8"]),
        (b"[]", ["line 2", "empty"]),
        (b"[[1]]", ["line 2", "[1]"]),
    ],
)
def test_a_bad_line_is_named_before_anything_is_answered(
    reverse_model: Path, tmp_path: Path, line: bytes, parts: list[str]
) -> None:
    file = tmp_path / "inputs.jsonl"
    file.write_bytes(b'"abc"\n' + line + b"\n")
    assert_refused(rasp_command("apply", reverse_model, "--file", file), *parts)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["abd"], ["'d'"]),
        (["abcabc"], ["6", "5"]),
        ([""], ["empty"]),
        (["[1, 2]"], ["1"]),
        ([], ["INPUT"]),
        (["abc", "--file", "x"], ["INPUT"]),
        (["--file", "no-such-file"], ["no-such-file"]),
    ],
)
def test_apply_refuses(reverse_model: Path, arguments: list[str], parts: list[str]) -> None:
    assert_refused(rasp_command("apply", reverse_model, *arguments), *parts)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "program.rasp", "certificate.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "changed"])
def test_a_damaged_model_is_refused(reverse_model: Path, tmp_path: Path, name: str, damage: str) -> None:
    for file in reverse_model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    damaged = tmp_path / name
    data = damaged.read_bytes()
    if damage == "missing":
        damaged.unlink()
    else:
        damaged.write_bytes(data[: len(data) // 2] if damage == "truncated" else data[:-2] + b"\x07\x07")
    assert_refused(rasp_command("apply", tmp_path, "abc"), name)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    assert_refused(rasp_command("apply", tmp_path / "nothing", "abc"), "nothing")
    assert_refused(rasp_command("apply", tmp_path, "abc"), "config.json")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["reverse", "--vocab", '["a", 1]', "--max-length", "5"], ["vocabulary"]),
        (["reverse", "--vocab", "[0.5, true]", "--max-length", "5"], ["vocabulary"]),
        (["reverse", "--vocab", "", "--max-length", "5"], ["empty"]),
        (["reverse", "--vocab", "5:5", "--max-length", "5"], ["empty"]),
        (["reverse", "--vocab", "aba", "--max-length", "5"], ['"a"', "twice"]),
        (["reverse", "--vocab", "0:99999999999", "--max-length", "5"], ["million"]),
        (["reverse", "--vocab", "abc", "--max-length", "0"], ["0"]),
        (["revers", "--vocab", "abc", "--max-length", "5"], ["reverse"]),
        (["hist2:same", "--vocab", "abc", "--max-length", "5"], ["selector"]),
        (["reverse", "--vocab", "abc", "--max-length", "5", "--emit", "soup"], ["soup"]),
    ],
)
def test_compile_refuses_and_writes_nothing(tmp_path: Path, arguments: list[str], parts: list[str]) -> None:
    folder = tmp_path / "model"
    assert_refused(rasp_command("compile", *arguments, "-o", folder), *parts)
    assert list(tmp_path.iterdir()) == []


def test_compile_does_not_replace_a_folder_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    options = ["--vocab", "abc", "--max-length", "5", "-o", str(tmp_path)]
    assert_refused(rasp_command("compile", "reverse", *options), "thesis.tex")
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_verify_a_program_and_a_model(reverse_model: Path) -> None:
    by_name = rasp_command("verify", "reverse", "--vocab", "abc", "--max-length", 4, "--exhaustive", "--json")
    assert by_name.code == 0, by_name.err
    assert json.loads(by_name.out)["inputs"] == 3 + 9 + 27 + 81
    saved = rasp_command("verify", reverse_model, "--samples", 50)
    assert saved.code == 0, saved.err


def test_verify_says_no_with_exit_code_1(tmp_path: Path) -> None:
    """A model whose program is not the one that it computes."""
    import rasp
    import runtime

    folder = tmp_path / "wrong"
    assert rasp_command("compile", "reverse", "--vocab", "abc", "--max-length", 4, "-o", folder).code == 0
    model = runtime.load(folder)
    wrong = runtime.Model(model.config, model.weights, program="tokens = tokens_asis;\nanswer = tokens;\n")
    assert rasp.parse(wrong.program).main("ab") == ["a", "b"]
    wrong.save(folder)
    ran = rasp_command("verify", folder, "--exhaustive")
    assert ran.code == 1
    assert "differ" in ran.out
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["reverse", "--vocab", "ab", "--max-length", "3", "--exhaustive", "--samples", "5"], ["only one"]),
        (["no-such-thing", "--vocab", "ab", "--max-length", "3"], ["no-such-thing"]),
    ],
)
def test_verify_refuses(arguments: list[str], parts: list[str]) -> None:
    assert_refused(rasp_command("verify", *arguments), *parts)


def test_verify_takes_a_models_own_settings(reverse_model: Path) -> None:
    assert_refused(rasp_command("verify", reverse_model, "--vocab", "abc"), "own")


def test_generate(aab_model: Path) -> None:
    assert rasp_command("generate", aab_model, "a", "--steps", 8).out == "abaabaaba\n"
    assert rasp_command("generate", aab_model, "a", "--steps", 8, "--stop", "b").out == "ab\n"
    assert rasp_command("generate", aab_model, "a", "--steps", 0).out == "a\n"
    by_meaning = ("generate", aab_model, "a", "--steps", 8, "--by-meaning")
    assert rasp_command(*by_meaning).out == rasp_command(*by_meaning, "--check").out == "abaabaaba\n"
    assert rasp_command("generate", aab_model, "a", "--steps", 8, "--check").code == 2


def test_generate_refuses(aab_model: Path, reverse_model: Path) -> None:
    assert rasp_command("generate", reverse_model, "a", "--steps", 2).code == 2
    assert_refused(rasp_command("generate", aab_model, "c", "--steps", 2), "'c'")
    assert_refused(rasp_command("generate", aab_model, "a", "--steps", 2, "--stop", "x"), "'x'")
    ran = rasp_command("generate", aab_model, "a", "--steps", 20)
    assert ran.code == 2
    assert ran.out.startswith("abaabaaba")
    assert ran.out.endswith("\n")  # so that the message has a line of its own in a terminal


def test_export(reverse_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "arrays"
    ran = rasp_command("export", reverse_model, "--to", "safetensors", "-o", out, "--json")
    assert ran.code == 0, ran.err
    assert set(json.loads(ran.out)["files"]) == {
        str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()
    }


def test_export_refuses(reverse_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert_refused(rasp_command("export", reverse_model, "--to", "floppy", "-o", out), "floppy", "gpt2")
    assert_refused(rasp_command("export", reverse_model, "--to", "gpt2", "-o", out), "causal")
    assert_refused(rasp_command("export", tmp_path, "--to", "gpt2", "-o", out), "config.json")
    assert not out.exists()


def test_generating_from_a_model_that_is_not_causal_names_the_flag(reverse_model: Path) -> None:
    assert_refused(
        rasp_command("generate", reverse_model, "a", "--steps", "1"), "only a causal model", "with --causal"
    )
