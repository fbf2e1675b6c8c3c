"""Programs made from a text: counts, source, the library's program, what its model generates, the command.

After a change on purpose, `RASP_UPDATE_GOLDEN=1 pytest tests/rasp/importers/test_ngrams.py` writes
auto_text.rasp anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import compiler
import programs
import rasp
from rasp.elaboration.library import library_names
from rasp.elaboration.scope import FIXED_NAMES
from rasp.errors import InputError
from rasp.importers.ngrams import next_characters, vocabulary
from rasp.syntax.highlighting import BUILTINS, COMMANDS, KEYWORDS
from tests.support.command_line import assert_refused, rasp_command

FOLDER = Path(programs.__file__).parent
TEXT = (FOLDER / "auto_text.txt").read_text(encoding="utf-8")


def test_the_library_program_is_what_the_text_gives() -> None:
    source = rasp.ngram_program(TEXT, "auto_text", "auto_text.txt", prompts=["the s", "big"], steps=28)
    path = FOLDER / "auto_text.rasp"
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        path.write_text(source, encoding="utf-8")
    assert source == path.read_text(encoding="utf-8")


def test_the_compiled_model_continues_as_the_counts_say() -> None:
    known = next_characters(TEXT)
    main = rasp.load("auto_text").main
    model = compiler.compile(main, vocab=vocabulary(known), max_length=64, causal=True)
    assert model.certificate.certified
    assert (model.size.layers, model.size.heads) == (1, 1)
    assert "".join(map(str, model.generate("s", 40))) == "tream carries follow up. the stream carr"
    for prompt in known.after_one:
        assert "".join(map(str, model.generate(prompt, 50))) == known.continuation(prompt, 50)


def test_counts() -> None:
    known = next_characters("abac\n ab")
    # The ring is "abac ab ": a is followed by b, c, b; "ba" only by c; both ends meet at the blank.
    assert known.after_one == {" ": "a", "a": "b", "b": "a", "c": " "}
    assert known.after_two == {"ba": "c"}
    assert known.continuation("a", 4) == "bac "
    assert known.after("b") == "a"
    with pytest.raises(InputError, match="follows 'x'"):
        known.after("ax")


def test_equally_frequent_the_first_one_wins() -> None:
    assert next_characters("ab ac").after_one["a"] == "b"
    assert next_characters("ac ab").after_one["a"] == "c"


@pytest.mark.parametrize(("text", "message"), [("", "empty"), (" \n", "empty"), ('say "a"', "quotation")])
def test_texts_that_cannot_be_counted(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rasp.ngram_program(text, "next")


@pytest.mark.parametrize("name", ["pair", "tokens", "two words", "", "a;b", "3", None, 5])
def test_names_that_cannot_be_had(name: Any) -> None:
    with pytest.raises(InputError, match="cannot be called"):
        rasp.ngram_program("text", name)


WORDS = ["length", "count", "True", "indices", "range", "out", "tokens_asis", "if", "full_s", "get"]


@pytest.mark.parametrize("name", WORDS)
def test_names_that_are_taken(name: str) -> None:
    with pytest.raises(InputError, match=f"the program cannot be called '{name}': "):
        rasp.ngram_program("text", name)


@pytest.mark.parametrize("name", sorted({*KEYWORDS, *BUILTINS, *COMMANDS, *FIXED_NAMES, *library_names()}))
def test_names_of_the_language_are_refused_or_work(name: str) -> None:
    try:
        source = rasp.ngram_program("text", name)
    except InputError:
        return
    program = rasp.parse(source, name=name)
    assert program.main is program[name]


def test_what_is_no_text() -> None:
    with pytest.raises(InputError, match="a text, a string, not a bytes"):
        rasp.ngram_program(b"text", "next")  # type: ignore[arg-type]


def test_a_prompt_outside_the_text() -> None:
    with pytest.raises(InputError, match="follows 'z'"):
        rasp.ngram_program("text", "next", prompts=["tz"])


@settings(deadline=None, max_examples=60)
@given(st.text("ab#\\{\n é", min_size=1).filter(str.strip), st.data())
def test_any_text_gives_the_program_that_continues_it(text: str, data: st.DataObject) -> None:
    known = next_characters(text)
    main = rasp.parse(rasp.ngram_program(text, "following")).main
    prompt = data.draw(st.text(sorted(known.after_one), min_size=1, max_size=6))
    expected = [known.after(prompt[:end]) for end in range(1, 1 + len(prompt))]
    assert main(prompt, causal=True) == expected


def test_the_command_writes_a_program_that_compiles_and_generates(tmp_path: Path) -> None:
    text, program, model = tmp_path / "rain.txt", tmp_path / "rain-model.rasp", tmp_path / "model"
    text.write_text("rain on rain\non the main\n")
    ran = rasp_command("ngram", text, "-o", program, "--prompt", "th")
    assert ran.code == 0, ran.err
    assert ran.out == f"{program}: compile it with --causal --vocab ' aehimnort'\n"
    source = program.read_text()
    assert source == rasp.ngram_program(text.read_text(), "rain_model", "rain.txt", prompts=["th"])
    assert rasp_command("check", program).code == 0
    assert rasp_command("fmt", "--check", program).code == 0
    options = ("--causal", "--vocab", " aehimnort", "--max-length", 20, "-o", model)
    assert rasp_command("compile", program, *options).code == 0
    known = next_characters(text.read_text())
    assert rasp_command("generate", model, "th", "--steps", 9).out == f"th{known.continuation('th', 9)}\n"


def test_the_command_without_a_file_to_write(tmp_path: Path) -> None:
    ran = rasp_command("ngram", "-", stdin=b"abc")
    assert ran.out == rasp.ngram_program("abc", "text", "standard input")
    text = tmp_path / "2 days.txt"
    text.write_text("abc")
    assert rasp_command("ngram", text).out == rasp.ngram_program("abc", "_2_days", "2 days.txt")
    assert rasp_command("ngram", text, "--name", "x").out == rasp.ngram_program("abc", "x", "2 days.txt")


def test_what_the_command_refuses(tmp_path: Path) -> None:
    assert_refused(rasp_command("ngram", tmp_path / "none.txt"), "cannot read", "none.txt")
    assert_refused(rasp_command("ngram", "-", stdin=b' "'), "quotation mark", "tr -d")
    assert_refused(rasp_command("ngram", "-", stdin=b"\xff"), "UTF-8")
    assert_refused(rasp_command("ngram", "-", "--name", "tokens", stdin=b"a"), "cannot be called 'tokens'")
    assert_refused(rasp_command("ngram", "-", "--prompt", "z", stdin=b"a"), "follows 'z'")
    assert_refused(rasp_command("ngram", "-", "-o", tmp_path / "no" / "p.rasp", stdin=b"a"), "cannot write")
