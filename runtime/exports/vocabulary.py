"""Tokens and labels as text, and the tokenizer files that Hugging Face's classes read.

Ids are those of our runtime, 0 for the beginning and 1 + place in the vocabulary, with one more at the end
for padding. There is no id for unknown tokens: a tokenizer that meets one raises an error, where a model
would give a wrong answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from runtime.weights import Atom

EVERY_CHARACTER = {"type": "Split", "pattern": {"Regex": ""}, "behavior": "Isolated", "invert": False}


@dataclass(frozen=True)
class Texts:
    """The text of each token; `style` says how to cut an input into them, None if no text can be cut so."""

    words: tuple[str, ...]
    style: Literal["characters", "words"] | None
    bos: str
    pad: str

    @property
    def bos_id(self) -> int:
        return 0

    @property
    def pad_id(self) -> int:
        return 1 + len(self.words)

    @property
    def count(self) -> int:
        """How many ids there are."""
        return 2 + len(self.words)

    def join(self, atoms: Sequence[Atom]) -> str:
        """An input as text."""
        return ("" if self.style == "characters" else " ").join(atom_text(atom) for atom in atoms)


def texts(vocab: Sequence[Atom]) -> Texts:
    """How these tokens look as text."""
    words = unique_texts(vocab)
    style: Literal["characters", "words"] | None = "words"
    if all(len(word) == 1 for word in words):
        style = "characters"
    if any(not word or any(is_surrogate(letter) for letter in word) for word in words):
        style = None
    if style == "words" and any(len(word.split()) != 1 or word.split()[0] != word for word in words):
        style = None
    return Texts(words, style, bos=special("bos", words), pad=special("pad", words))


def is_surrogate(letter: str) -> bool:
    """Half of a character, which UTF-8 cannot write."""
    return 0xD800 <= ord(letter) < 0xE000


def special(name: str, words: Sequence[str]) -> str:
    """A name for a special token that is no ordinary one."""
    text = f"<{name}>"
    while text in words:
        text = f"<{text}>"
    return text


def unique_texts(atoms: Sequence[Atom]) -> tuple[str, ...]:
    """A different text for each atom: strings get quotes where a number looks the same."""
    plain = [atom_text(atom) for atom in atoms]
    if len(set(plain)) == len(plain):
        return tuple(plain)
    return tuple(json.dumps(atom) if isinstance(atom, str) else atom_text(atom) for atom in atoms)


def atom_text(atom: Atom) -> str:
    """A string as itself, a bool as true or false, a fraction as a decimal if it has one."""
    if isinstance(atom, bool):
        return str(atom).lower()
    if isinstance(atom, Fraction):
        decimal = float(atom)
        return repr(decimal) if Fraction(repr(decimal)) == atom else str(atom)
    return str(atom)


def dumps(data: Any) -> bytes:
    """JSON as the exports write it."""
    return (json.dumps(data, indent=1, allow_nan=False) + "\n").encode()


def tokenizer_files(given: Texts, max_length: int, padding_side: str) -> dict[str, bytes]:
    """tokenizer.json and tokenizer_config.json, which put the beginning in front of every input."""
    if given.style is None:
        return {}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added(0, given.bos), added(given.pad_id, given.pad)],
        "normalizer": None,
        "pre_tokenizer": EVERY_CHARACTER if given.style == "characters" else {"type": "WhitespaceSplit"},
        "post_processor": beginning_in_front(given.bos),
        "decoder": {"type": "Fuse"} if given.style == "characters" else None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: number for number, word in enumerate([given.bos, *given.words, given.pad])},
            "unk_token": "",
        },
    }
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": given.bos,
        "pad_token": given.pad,
        "add_bos_token": True,
        "padding_side": padding_side,
        "model_input_names": ["input_ids", "attention_mask"],  # GPT-2 would add an embedding for token types
        "model_max_length": 1 + max_length,
        "clean_up_tokenization_spaces": False,
    }
    return {"tokenizer.json": dumps(tokenizer), "tokenizer_config.json": dumps(config)}


def added(number: int, text: str) -> dict[str, Any]:
    """A special token as tokenizer.json lists it."""
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": number, "content": text, **flags}


def beginning_in_front(bos: str) -> dict[str, Any]:
    """The post-processor that adds the beginning."""
    start = {"SpecialToken": {"id": bos, "type_id": 0}}
    parts = [start, {"Sequence": {"id": "A", "type_id": 0}}]
    return {
        "type": "TemplateProcessing",
        "single": parts,
        "pair": [*parts, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {bos: {"id": bos, "ids": [0], "tokens": [bos]}},
    }
