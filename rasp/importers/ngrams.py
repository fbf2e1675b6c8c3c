"""A small language model from a text, as RASP source: the character that most often follows the last two.

What follows is counted in the text, read as a ring: its end is followed by its beginning, so that every pair
in it is followed by something. Where two characters follow equally often, the one that did so first is taken.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rasp.errors import InputError, RaspError
from rasp.graph.atoms import shown
from rasp.notation import dump_json, read_vocab
from rasp.session import parse
from rasp.syntax.formatter import format_source

BEFORE = " "
"""What counts as the character before the first."""

OWN_NAMES = frozenset({"tokens", "pair", "known", "after_one", "after_two"})


@dataclass(frozen=True)
class NextCharacters:
    """What follows a character, and what follows a pair of them where that is something else."""

    after_one: Mapping[str, str]
    after_two: Mapping[str, str]

    def after(self, text: str) -> str:
        """What comes after a text; InputError if its last character was not in the text that was counted."""
        if not text or text[-1] not in self.after_one:
            raise InputError(f"nothing is known of what follows {text[-1:]!r}")
        return self.after_two.get((BEFORE + text)[-2:], self.after_one[text[-1]])

    def continuation(self, prompt: str, steps: int) -> str:
        """What comes after the prompt, one character at a time."""
        text = prompt
        for _ in range(steps):
            text += self.after(text)
        return text[len(prompt) :]


def next_characters(text: str) -> NextCharacters:
    """Count what follows what. White space counts as one blank wherever it stands, also at the end.

    Raises InputError if the text is blank, or holds a quotation mark, which no string of RASP can hold.
    """
    if not isinstance(text, str):
        raise InputError(f"what is counted is a text, a string, not {shown(text)}")
    if '"' in text:
        raise InputError(
            "the text must not hold a quotation mark, as no string of RASP can",
            hint="take them out first: tr -d '\"' < TEXT | rasp ngram -",
        )
    words = text.split()
    if not words:
        raise InputError("the text is empty: there is nothing to count")
    ring = " ".join(words) + BEFORE
    after_one = most_frequent((ring[place - 1], ring[place]) for place in range(len(ring)))
    after_two = most_frequent((ring[place - 2] + ring[place - 1], ring[place]) for place in range(len(ring)))
    exceptions = {pair: char for pair, char in after_two.items() if after_one[pair[1]] != char}
    return NextCharacters(after_one, exceptions)


def most_frequent(followed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each first part its most frequent second one, in the order of the alphabet."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for context, character in followed:
        counts[context][character] += 1
    return {context: counts[context].most_common(1)[0][0] for context in sorted(counts)}


def ngram_program(
    text: str, name: str, source: str = "a text", prompts: Sequence[str] = (), steps: int = 20
) -> str:
    """The source of a program called `name` that continues texts as `text` would, to be compiled causally.

    Its header says what the text is (`source`), and shows what `steps` characters it puts behind each of
    `prompts`. Raises InputError for a text that cannot be counted, a prompt that ends in another character,
    or a name that is none, or that belongs to the language, its library or the program itself.
    """
    check_name(name)
    known = next_characters(text)
    lines = [*header(known, source, prompts, steps), "", *body(known, name)]
    return format_source("\n".join(lines) + "\n")


def check_name(name: str) -> None:
    """Raise InputError if a program cannot assign the name, or the one written here uses it itself."""
    if not isinstance(name, str) or name in OWN_NAMES or not re.fullmatch("[A-Za-z_][A-Za-z_0-9]*", name):
        raise InputError(f"the program cannot be called {shown(name)}")
    try:
        assignable = name in parse(f"{name} = 1;")  # not so for a command such as `exit`
    except RaspError as error:
        raise InputError(f"the program cannot be called {shown(name)}: {error.message}") from None
    if not assignable:
        raise InputError(f"the program cannot be called {shown(name)}: that is a command")


def header(known: NextCharacters, source: str, prompts: Sequence[str], steps: int) -> list[str]:
    """The comment lines that a library program starts with."""
    shown = [
        "Made to generate (causal): the character that most often followed the last two in a text.",
        *(f"example: {json.dumps(text)} -> {answers(known, text)}" for text in prompts[:1]),
        *(
            f"generate: {json.dumps(text)} -> {json.dumps(known.continuation(text, steps))}"
            for text in prompts
        ),
        f"vocab: {vocabulary(known)}",
        f"source: counted in {' '.join(source.split())} by `rasp ngram`, which wrote this program.",
    ]
    return [f"# {line}" for line in shown]


def answers(known: NextCharacters, text: str) -> str:
    """What comes after each beginning of the text, as JSON."""
    return json.dumps([known.after(text[:end]) for end in range(1, 1 + len(text))])


def vocabulary(known: NextCharacters) -> str:
    """All characters; the blank stands first, where nobody cuts it off. Those that would not be read as such
    stand in a JSON list.
    """
    characters = sorted(known.after_one)
    text = "".join(characters)
    try:
        plain = read_vocab(text) == characters
    except InputError:
        plain = False
    return text if plain else dump_json(characters)


def body(known: NextCharacters, name: str) -> list[str]:
    """The program itself."""
    return [
        "tokens = tokens_asis;",
        f'pair = shift(tokens, 1, "{BEFORE}") + tokens;',
        "",
        "# After one character, if nothing is said of the pair.",
        *dictionary("after_one", known.after_one),
        "",
        "# After a pair, where that is something else.",
        *dictionary("after_two", known.after_two),
        "",
        f"{name} = after_one[tokens];",
        "for known in after_two {",
        f"{name} = after_two[known] if pair == known else {name};",
        "}",
    ]


def dictionary(name: str, entries: Mapping[str, str]) -> list[str]:
    """The assignment of a dict."""
    written = ", ".join(f'"{key}": "{value}"' for key, value in entries.items())
    return [f"{name} = {{{written}}};"]
