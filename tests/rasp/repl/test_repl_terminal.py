"""The dialogue at a real terminal: editing, history, completion, interrupts, colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

pexpect = pytest.importorskip("pexpect")
pytest.importorskip("prompt_toolkit")

# Other tests may have loaded JAX, which warns of forks; one that becomes another program at once is harmless.
pytestmark = pytest.mark.filterwarnings(r"ignore:os\.fork\(\) was called:RuntimeWarning")

UP, TAB, CTRL_C, CTRL_D, ENTER = "\x1b[A", "\t", "\x03", "\x04", "\r"


class Terminal:
    """A `rasp repl` at a pseudo-terminal; its history lies below `home`."""

    def __init__(self, home: Path, *arguments: str, **environment: str) -> None:
        settings = {
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "TERM": "xterm",
            "NO_COLOR": "1",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "PYTHONPATH": str(ROOT),
        }
        self.child: Any = pexpect.spawn(
            sys.executable,
            list(arguments or ("-m", "rasp", "repl")),
            env={**os.environ, **settings, **environment},
            cwd=str(home),
            encoding="utf-8",
            timeout=600,  # ends a test that hangs, however busy the machine is
            dimensions=(40, 120),
        )

    def write(self, text: str) -> None:
        self.child.send(text)

    def shows(self, text: str) -> None:
        """Wait until the text appears."""
        self.child.expect_exact(text)

    def leaves(self) -> int:
        """Wait until the dialogue has ended; its exit code."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus)


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Any]:
    """Opens terminals that share a home folder, and closes them."""
    opened: list[Terminal] = []

    def opener(*arguments: str, **environment: str) -> Terminal:
        opened.append(Terminal(tmp_path, *arguments, **environment))
        return opened[-1]

    yield opener
    for terminal in opened:
        terminal.child.close(force=True)


def test_a_dialogue_with_history_across_runs(terminals: Any, tmp_path: Path) -> None:
    first = terminals()
    first.shows('Running example: "hello"')
    first.shows(">>")
    first.write("def twice(a) {" + ENTER)
    first.shows("..")
    first.write("return a + a; }" + ENTER)
    first.shows("console function: twice(a)")
    first.write("twice(20) + 2;" + ENTER)
    first.shows("value: out =  42")
    first.write(CTRL_D)
    assert first.leaves() == 0
    assert (tmp_path / "state" / "rasp" / "history").is_file()

    second = terminals()
    second.shows(">>")
    second.write(UP + UP)  # the definition, as one entry
    second.write(ENTER)
    second.shows("console function: twice(a)")
    second.write("twice(3);" + ENTER)
    second.shows("value: out =  6")
    second.write("exit" + ENTER)
    assert second.leaves() == 0


def test_completion_of_names_words_and_commands(terminals: Any) -> None:
    terminal = terminals()
    terminal.shows(">>")
    terminal.write("selector_w" + TAB)
    terminal.shows("idth")
    terminal.write("(full_s);" + ENTER)
    terminal.shows("[5]*5 (ints)")
    terminal.write("my_own_name = 41;" + ENTER)
    terminal.shows("value: my_own_name =  41")
    terminal.write("my_o" + TAB)
    terminal.shows("wn_name")
    terminal.write(" + 1;" + ENTER)
    terminal.shows("value: out =  42")
    terminal.write("show se" + TAB)
    terminal.shows("lector")
    terminal.write(ENTER)
    terminal.shows('\tselector example: "hello"')
    terminal.write("agg" + TAB + "(full_s, ind" + TAB)
    terminal.shows("indic")  # `indices` and `indicator` are offered
    terminal.write(CTRL_C)
    terminal.write("7;" + ENTER)
    terminal.shows("value: out =  7")


def test_an_interrupt_drops_the_entry(terminals: Any) -> None:
    terminal = terminals()
    terminal.shows(">>")
    terminal.write("def f(a) {" + ENTER)
    terminal.shows("..")
    terminal.write("x = 1;" + CTRL_C)
    terminal.shows(">>")
    terminal.write("6 * 7;" + ENTER)
    terminal.shows("value: out =  42")
    terminal.write("nobody;" + ENTER)
    terminal.shows("undefined name: nothing is called `nobody`")
    terminal.write("8;" + ENTER)
    terminal.shows("value: out =  8")
    terminal.write(CTRL_D)
    assert terminal.leaves() == 0


def test_colours(terminals: Any) -> None:
    terminal = terminals(NO_COLOR="")
    terminal.shows(">>")
    terminal.write('x = "a"; # note' + ENTER)
    terminal.shows('\x1b[90m    value: x =\x1b[0m  \x1b[36m"a"\x1b[0m')
    terminal.write("nobody;" + ENTER)
    terminal.shows("\x1b[31mconsole:2:1: undefined name")
