"""`help NAME` for every name: of the language, its library, the dialogue's commands and the programs."""

from __future__ import annotations

import re

import pytest

import programs
from rasp.elaboration.library import library_names
from rasp.elaboration.scope import BASE_NAMES
from rasp.repl.help import COMMANDS, TOPICS
from rasp.syntax.highlighting import BUILTINS, KEYWORDS
from tests.support.command_line import rasp_command

WORDS = {word for form in COMMANDS for word in re.findall(r"\b[a-z]+\b", form.replace("s-op", ""))}
NAMES = sorted(
    {*library_names(), *BASE_NAMES, *TOPICS, *KEYWORDS, *BUILTINS, *WORDS, *programs.names(), "quit"}
)


@pytest.mark.parametrize("name", NAMES)
def test_help(name: str) -> None:
    told = rasp_command("repl", stdin=f"help {name}\n".encode()).out
    assert "nothing is called" not in told, told
    assert len(told.splitlines()) >= 2


def test_help_is_an_order_and_no_statement() -> None:
    told = rasp_command("repl", stdin=b"help;\n")
    assert "stand without `;`" in told.out + told.err
