"""What the dialogue does beyond the language: compile, verify, layers, help and pictures."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from rasp.errors import InputError, RaspError
from rasp.graph.sops import SOp
from rasp.graph.values import Value, describe, input_sequence
from rasp.repl.display import Display, python_notation
from rasp.repl.help import explain, overview
from rasp.repl.reading import Order
from rasp.session import Session
from rasp.words import Atom

SHORTEST = 8
"""Tokens that a model takes at least, however short the running example is."""

PICTURES = Path("comp_flows")
LONGEST_INPUT = 40  # characters of an input in a picture's file name


class Models(Protocol):
    """What makes models of s-ops: the dialogue itself knows no compiler."""

    def compiled(self, name: str, sop: SOp, vocab: list[Atom], longest: int) -> str:
        """Compile, and tell the model's size and what is certain about it."""

    def verified(self, sop: SOp, vocab: list[Atom], longest: int) -> str:
        """Compile, and compare the model with the interpreter."""


def carry_out(order: Order, session: Session, display: Display, models: Models) -> str:
    """Do it and say what came of it, in lines of text; raises `RaspError`."""
    if order.word == "help":
        return overview(display.paint) if order.name is None else explain(order.name, session, display)
    if order.name is None:
        raise RaspError(f"`{order.word}` needs the name of an s-op", hint=f"write `{order.word} NAME`")
    sop = session.scope.look_up(order.name)
    if not isinstance(sop, SOp):
        raise RaspError(f"`{order.word}` is for s-ops; `{order.name}` is {describe(sop)}")
    if order.word == "layers":
        return layers(order.name, sop)
    vocab, longest = alphabet(input_sequence(display.settings.sop_example))
    if order.word == "compile":
        return models.compiled(order.name, sop, vocab, longest)
    alone = f"{order.name} over {len(vocab)} tokens, up to {longest} of them: "
    return alone + models.verified(sop, vocab, longest)


def alphabet(example: Sequence[Atom]) -> tuple[list[Atom], int]:
    """The vocabulary and the longest input that the running example stands for."""
    kinds = {type(token) for token in example}
    if len(kinds) > 1:
        raise InputError(
            "a model needs tokens of one type; the running example has several",
            hint='choose another, as in `set example "abc"`',
        )
    return sorted(set(example)), max(SHORTEST, len(example))


def layers(name: str, sop: SOp) -> str:
    """Layers and heads by the rule of "Thinking Like Transformers", and how many heads a model has where that
    are more: those that `draw` shows.
    """
    from rasp.drawing import flow_of

    flow = flow_of(sop)
    heads = [len(stage.heads) for stage in flow.stages]
    if not flow.layers:
        return f"{name}: no layer, each position by itself"
    own = in_model(sum(heads), sum(flow.heads_by_layer))
    lines = [f"{name}: {counted(flow.layers, 'layer')}, {counted(sum(heads), 'head')}{own}"]
    for stage, drawn in zip(flow.stages[1:], flow.heads_by_layer, strict=True):
        own = in_model(len(stage.heads), drawn)
        names = ", ".join(head.name for head in stage.heads)
        shown = names and f" ({names})"
        lines.append(f"  layer {stage.number}: {counted(len(stage.heads), 'head')}{own}{shown}")
    return "\n".join(lines)


def in_model(heads: int, drawn: int) -> str:
    """How many heads a model has, where that are more."""
    return f", {drawn} in a model" if drawn > heads else ""


def picture_file(name: str, given: Value, taken: Collection[Path]) -> Path:
    """Where the picture of this s-op on this input goes; with a number if that is taken."""
    shown = re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", given if isinstance(given, str) else python_notation(given))
    base = f"{name}({shown[:LONGEST_INPUT]})"
    first = PICTURES / f"{base}.svg"
    others = (PICTURES / f"{base}-{number}.svg" for number in itertools.count(2))
    return next(file for file in itertools.chain([first], others) if file not in taken)


def draw(file: Path, name: str, sop: SOp, given: Value) -> None:
    """Write the picture of an s-op's computation on an input."""
    from rasp.drawing import flow_of, note, svg

    flow = flow_of(sop, given)
    picture = svg(flow, name, note(flow, None))
    try:
        PICTURES.mkdir(exist_ok=True)
        file.write_text(picture, encoding="utf-8", errors="replace")
    except OSError as error:
        raise RaspError(f"cannot write {file}: {error.strerror}") from None


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
