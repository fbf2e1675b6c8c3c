"""The playground in a real browser. Needs the extra `play`, Chromium and its driver."""

from __future__ import annotations

import importlib.util
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rasp import interrupts, processes
from tests.support.browser import Browser, browser

LONG = "n = 0;\nfor i in range(600) {\n    n = n + selector_width(select(indices + i, indices, <));\n}\n"
HOSTILE = "<img src=x onerror=window.hacked=1>"

if importlib.util.find_spec("uvicorn") is None:
    pytest.skip("THE PLAYGROUND WAS NOT TESTED: pip install '.[play]'", allow_module_level=True)


@dataclass(frozen=True)
class Playground:
    """The playground in a browser's window."""

    window: Browser
    address: str

    def fresh(self, fragment: str = "") -> None:
        """The page as it is when it is opened."""
        self.window.open("about:blank")
        self.window.open(self.address + fragment)
        self.window.wait("document.body.dataset.drawn")

    def write(self, source: str, typed: str | None = None) -> None:
        """Put a program into the editor, and an input into its field."""
        self.window.run("editor.set(arguments[0]); changed()", source)
        if typed is not None:
            self.window.paste("#input", typed)

    def answer(self) -> list[str]:
        return self.window.texts("#answer .cell")

    def wait_for_answer(self, *values: str) -> None:
        text = "".join(values)
        self.window.wait(
            f"[...document.querySelectorAll('#answer .cell')].map((c) => c.textContent).join('') === {text!r}"
        )

    def in_frame(self, script: str) -> Any:
        """What a script in the page of the model returns."""
        return self.window.in_frame("#panel-model iframe", script)


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """`rasp play` in a folder: its address. Ctrl-C ends it."""
    command = [sys.executable, "-P", "-m", "rasp", "play", "--no-browser", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=processes.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
            process.send_signal(signal.SIGINT)
            _, last = process.communicate(timeout=60)
            assert process.returncode == interrupts.INTERRUPTED
            assert last == "The playground has ended.\n"
        finally:
            process.kill()


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    if shutil.which("chromedriver") is None:
        pytest.skip("THE BROWSER TESTS DID NOT RUN: install chromium and chromium-driver")
    folder = tmp_path_factory.mktemp("learner")
    with serving(folder) as address, browser() as window:
        yield Playground(window, address)


def test_a_program_is_typed_and_its_values_are_seen(play: Playground) -> None:
    play.fresh()
    assert play.answer() == ["1", "1", "2", "2", "1"]  # the page begins with hist on "hello"
    play.write("")
    play.window.run("editor.focus()")
    play.window.press(*"first = aggregate(select(indices, 0, ==), tokens);")
    play.window.paste("#input", "cab")
    play.wait_for_answer("c", "c", "c")
    assert play.window.texts("#panel-values .grid.main .cell") == ["c", "c", "c"]
    assert play.window.run("return document.querySelectorAll('#panel-values .matrix').length") == 1
    play.window.wait("state.made && state.made.certified && state.made.view.input === 'cab'")
    play.window.wait("document.body.dataset.drawn")
    assert play.in_frame(
        "return [...document.querySelectorAll('#answers td')].map((c) => c.textContent)"
    ) == [
        "c",
        "c",
        "c",
    ]
    assert play.window.complaints() == []


def test_a_mistake_is_marked_and_mended(play: Playground) -> None:
    play.fresh()
    play.write('x = tokns == "a";', "aba")
    play.window.wait("document.querySelector('.cm-lintRange-error')")
    assert play.window.texts(".cm-lintRange-error") == ["tokns"]
    assert "did you mean" in play.window.texts("#trouble")[0]
    assert play.window.run("return document.getElementById('save-model').disabled")
    play.write('x = tokens == "a";')
    play.wait_for_answer("T", "F", "T")
    assert play.window.run("return document.querySelector('.cm-lintRange-error') === null")
    play.window.wait("!document.getElementById('save-model').disabled")


def test_names_are_completed(play: Playground) -> None:
    play.fresh()
    play.write("")
    play.window.run("editor.focus()")
    play.window.press(*"x = selector_w")
    play.window.wait("document.querySelector('.cm-tooltip-autocomplete')")
    assert "selector_width" in play.window.texts(".cm-completionLabel")


def test_an_exercise_is_solved(play: Playground) -> None:
    play.fresh()
    play.window.click("#exercises")
    play.window.click('#lessons .item[data-name="copies"]')
    play.window.wait("!document.getElementById('lesson').hidden")
    play.window.click("#check")
    play.window.wait("document.getElementById('verdict').dataset.verdict === 'wrong'", 60)
    play.window.wait("document.querySelectorAll('#pair .matrix').length === 2")
    assert play.window.texts("#verdict .cell.wrong") == ["1", "1"]
    play.window.click("#hint")
    play.window.wait("document.querySelectorAll('#lesson .hint').length === 1")
    play.write("copies = selector_width(select(tokens, tokens, ==));")
    play.window.run("editor.focus()")
    play.window.press_together("\ue009", "\ue007")  # Ctrl-Enter
    play.window.wait("document.getElementById('verdict').dataset.verdict === 'correct'", 60)
    assert play.window.run("return document.querySelector('#verdict .medal.gold') !== null")
    assert play.window.texts("#solved") == ["1/37"]
    play.window.press_together("\ue009", "\ue007")  # once more: the next one
    play.window.wait("state.exercise && state.exercise.name !== 'copies'")
    assert play.window.complaints() == []


def test_a_machine_is_stepped(play: Playground) -> None:
    play.fresh()
    play.window.click("#pick")
    play.window.paste("#filter", "rule110")
    play.window.click("#programs .item")
    play.window.click("#tab-iterate")
    play.window.wait("document.querySelectorAll('#panel-iterate .grid').length > 2")
    before = play.window.run("return document.getElementById('input').value")
    expected = play.answer()
    play.window.wait("state.run && state.run.view")
    shown = "return [document.getElementById('when')?.textContent, run.at]"
    play.window.click("#states button.at", 2)
    play.window.wait("document.querySelector('#states .lit')?.dataset.step === '2'")
    said, at = play.window.in_frame("#panel-iterate iframe", shown)
    assert (said.startswith("state 2 of "), at) == (True, 2)
    play.window.in_frame("#panel-iterate iframe", "document.getElementById('earlier').click()")
    play.window.wait("document.querySelector('#states .lit')?.dataset.step === '1'")
    play.window.click("#step")
    play.window.wait(f"document.getElementById('input').value !== {before!r}")
    play.window.wait(f"state.seen.tokens.join() === {','.join(expected)!r}")


def test_an_address_is_shared_and_opened_again(play: Playground) -> None:
    play.fresh()
    source = '# shared\nx = "é" if indices > 0 else tokens;\n'
    play.write(source, "ab")
    play.window.paste("#vocab", "abc")
    play.wait_for_answer("a", "é")
    play.window.click("#share")
    fragment = play.window.run("return location.hash")
    play.fresh(fragment)
    assert play.window.run("return editor.text") == source
    play.wait_for_answer("a", "é")
    assert play.window.run("return [given().input, given().vocab]") == ["ab", "abc"]
    play.fresh("#not-a-program")
    assert "no program" in play.window.texts("#toast")[0]


def test_an_edited_program_of_the_library_is_not_called_so(play: Playground) -> None:
    play.fresh()
    assert play.window.run("return [given().name, document.getElementById('name').textContent]") == [
        "hist",
        "hist",
    ]
    written = play.window.run("return editor.text")
    play.write("x = tokens;", "ab")
    play.wait_for_answer("a", "b")
    play.window.wait("state.made && state.made.view && state.made.view.input === 'ab'")
    shown = play.window.run("return [given().name, document.getElementById('name').textContent]")
    assert shown == ["", "program"]
    assert play.window.run("return unpacked(packed()).name") == ""
    assert "hist" not in play.in_frame("return document.querySelector('h1').textContent")
    play.write(written)  # as it was: it is hist again
    play.window.wait("document.getElementById('name').textContent === 'hist'")
    assert play.window.run("return given().name") == "hist"


def test_a_runaway_program_says_so_and_the_next_keystroke_works(play: Playground) -> None:
    play.fresh()
    play.write(LONG, "ab" * 100)
    play.window.wait("document.querySelector('#panel-values > .waiting')")
    play.write("x = indices;", "ab")
    play.wait_for_answer("0", "1")
    assert play.window.texts("#panel-values > .note") == []


def test_foreign_text_stays_text(play: Playground) -> None:
    play.fresh()
    play.write(f'# {HOSTILE}\nx = "{HOSTILE}" if indices > 0 else tokens;\n', '["<b>", "<i>"]')
    play.window.wait("state.made && state.seen && state.seen.tokens.includes('<b>')")
    for tab in ("values", "drawing", "model", "explain", "size", "iterate"):
        play.window.click(f"#tab-{tab}")
    play.window.wait("state.explained")
    assert f'"{HOSTILE}"' in play.answer()
    assert play.window.run("return window.hacked === undefined")
    assert play.window.run("return [...document.images].map((each) => each.alt)") == [
        "The flow of the program by layers and heads"
    ]
    assert play.in_frame("return [window.hacked === undefined, document.images.length]") == [True, 0]


def test_a_cell_of_the_model_is_kept(play: Playground) -> None:
    """On this page, too: the frame is a page of its own."""
    play.fresh()
    play.window.click("#tab-model")
    found = play.in_frame(
        "const canvas = document.querySelector('figure canvas');"
        "const at = canvas.getBoundingClientRect();"
        "const place = {bubbles: true, clientX: at.right - 10, clientY: at.bottom - 10};"
        "canvas.dispatchEvent(new MouseEvent('click', place));"
        "return [state.pinned && state.pinned.kind, document.getElementById('detail').textContent];"
    )
    assert found[0] == "head"
    assert "weight" in found[1]


@pytest.mark.slow
def test_a_step_of_the_model_lights_its_line_in_the_editor(play: Playground) -> None:
    play.fresh()
    play.write('first = aggregate(select(indices, 0, ==), tokens);\nanswer = first == "c";', "cab")
    play.window.wait("state.made && state.made.view.input === 'cab'")
    play.window.click("#tab-model")
    play.window.wait("document.body.dataset.drawn")
    play.in_frame("goToStep(1)")
    play.window.wait("document.querySelector('.cm-line.lit')")
    assert play.window.texts(".cm-line.lit") == ["first = aggregate(select(indices, 0, ==), tokens);"]
    play.in_frame("endSteps()")
    play.window.wait("!document.querySelector('.cm-line.lit')")


LETTERS = "abcdefghijklmnopqrstuvwxyzabcdef"
SIXTEEN = 'names = {"a": "sixteen_letters_", "b": "b"};\na_rather_long_name_of_an_s_op = names[tokens];'


@pytest.mark.parametrize(
    ("width", "source", "typed"),
    [
        (1366, "back = aggregate(select(indices, length - 1 - indices, ==), tokens);", LETTERS),
        (1366, SIXTEEN, "abab"),
        (1920, SIXTEEN, "ababababab"),
        (390, SIXTEEN, "ab"),
    ],
)
def test_values_and_names_are_not_cut(play: Playground, width: int, source: str, typed: str) -> None:
    """And what can be seen without scrolling is: 32 letters, on a small screen."""
    play.window.resize(width, 800)
    play.fresh()
    play.write(source, typed)
    play.window.wait(f"state.seen.tokens.length === {len(typed)} && state.seen.main")
    play.window.wait(
        "document.querySelectorAll('#panel-values .grid.main .cell').length === state.seen.tokens.length"
    )
    cut = "each.scrollWidth > each.clientWidth + 1"
    shown = "[...document.querySelectorAll('#panel-values :is(.cell, .grid:not(.unnamed) .name)')]"
    assert play.window.run(f"return {shown}.filter((each) => {cut}).map((each) => each.textContent)") == []
    if typed == LETTERS:
        panel = "document.querySelector('#panel-values')"
        assert play.window.run(f"return {panel}.scrollWidth <= {panel}.clientWidth")
    assert play.window.run("return document.documentElement.scrollWidth") <= width
    play.window.resize(1440, 1000)


def test_of_a_step_that_says_when_it_ends_the_tabs_show_the_step(play: Playground) -> None:
    play.fresh()
    play.write("next = tokens_int - 1 if tokens_int > 0 else 0;\nhalt = tokens_int == 0;", "[3, 1]")
    play.wait_for_answer("2", "0")
    play.window.wait("state.made && state.made.view && state.made.view.input === '[3, 1]'")
    play.window.wait("document.body.dataset.drawn")
    play.window.run("openTab('explain')")
    play.window.wait("document.querySelector('#panel-explain').textContent.includes('next = tokens_int - 1')")
    assert "halt" not in play.window.texts("#panel-explain pre")[0]
