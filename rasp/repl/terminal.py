"""The editor at a terminal: history, completion, colours, entries of several lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, completion_is_selected
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer

from rasp.elaboration.scope import Scope
from rasp.repl.reading import INDENT, ORDERS, PROMPT, Entry, all_of, continuation_prompt, read_entry
from rasp.syntax.highlighting import BUILTINS, COMMANDS, KEYWORDS, RaspLexer

COMMAND_STARTS = (
    "set example",
    "set s-op example",
    "set selector example",
    "show example",
    "show s-op example",
    "show selector example",
    "examples on",
    "examples off",
    "full seq display on",
    "full seq display off",
    *ORDERS,
)
"""Commands in full, to be completed where an entry begins."""

WORDS = (*KEYWORDS, *BUILTINS, *COMMANDS, "out")


class TerminalReader:
    """Reads entries with an editor; Enter ends an entry that is complete, and else begins a new line."""

    def __init__(self, scope: Scope) -> None:
        self._prompt: PromptSession[str] = PromptSession(
            PROMPT,
            history=history(),
            completer=NameCompleter(scope),
            complete_while_typing=False,
            lexer=PygmentsLexer(RaspLexer),
            multiline=True,
            prompt_continuation=continuation,
            key_bindings=bindings(),
            enable_history_search=True,
        )

    def read(self, first_line: int) -> Entry:
        while True:
            try:
                text = self._prompt.prompt()
            except KeyboardInterrupt:
                continue  # the entry is dropped
            if text.strip():
                return read_entry(text, first_line) or all_of(text, first_line)


class NameCompleter(Completer):
    """The names that are known, the words of the language and, at the start of an entry, the commands."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        entry = document.text_before_cursor.lstrip()
        commands = list(matching(entry, COMMAND_STARTS)) if entry else []
        yield from commands
        if commands and " " in entry:
            return  # its words have been told apart from names already
        word = document.get_word_before_cursor()
        if word and (word[-1].isalnum() or word[-1] == "_"):
            yield from matching(word, self._known(word))

    def _known(self, word: str) -> Iterator[str]:
        """Private names are offered once their `_` is there."""
        names = {name for scope in self._scope.around() for name in scope.names}
        yield from sorted(
            name for name in {*names, *WORDS} if word.startswith("_") or not name.startswith("_")
        )


def matching(start: str, words: Iterable[str]) -> Iterator[Completion]:
    """What may follow the start of a word."""
    return (Completion(word, -len(start)) for word in words if word.startswith(start) and word != start)


def bindings() -> KeyBindings:
    """Enter and Tab, as entries need them."""
    keys = KeyBindings()

    @keys.add("enter", filter=~completion_is_selected)
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if not buffer.text.strip() or read_entry(buffer.text) is not None:
            buffer.validate_and_handle()
        else:
            buffer.newline(copy_margin=True)

    @keys.add("enter", filter=completion_is_selected)
    def _take(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None

    @keys.add("tab", filter=Condition(nothing_before_cursor))
    def _tab(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(INDENT)

    return keys


def nothing_before_cursor() -> bool:
    """Whether the cursor stands at the start of its line, or behind blanks."""
    from prompt_toolkit.application import get_app

    return not get_app().current_buffer.document.current_line_before_cursor.strip()


def continuation(width: int, line: int, wrapped: int) -> AnyFormattedText:
    """What stands before the entry's further lines."""
    from prompt_toolkit.application import get_app

    if wrapped:
        return ""
    lines = get_app().current_buffer.text.split("\n")
    return continuation_prompt("\n".join(lines[:line]))


def history() -> History:
    """The entries of earlier dialogues, kept in a file; only those of this one if there can be none."""
    file = history_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.open("a").close()
    except OSError:
        return InMemoryHistory()
    return FileHistory(file)


def history_file() -> Path:
    """In the XDG folder for what programs remember."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "rasp" / "history"
