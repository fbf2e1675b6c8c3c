"""An assembler for `subleq.rasp`: `python -m programs.machines.subleq hello` prints the state to begin with,
and with `--trace` the prompt of which `auto_subleq.rasp` generates the trace. A file of one's own ends in
`.subleq`.

A line is `label: operation operands ; remark`. Operands are numbers, labels, or a sum such as `list+2`.
Beside `subleq a b c` (c is the next instruction where it is left out) there are operations made of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from programs.machines.files import printed_state, text_of, value

FIRST = 2
"""The address of the first word: before it are the program counter and the port."""

SILENT = -512
"""What the port holds while nothing is printed."""

MADE = {
    "jump c": "Z Z c",
    "halt": "Z Z -1",
    "print a": "a -1",
    "sub a b": "a b",
    "add a b": "a Z, Z b, Z Z",
    "move a b": "b b, a Z, Z b, Z Z",
    "jle a c": "Z a c",
    "load p x": "@+15 @+15, p Z, Z @+15, Z Z, x x, 0 Z, Z x, Z Z",
    "store x p": "@+36 @+36, p Z, Z @+36, Z Z, @+37 @+37, p Z, Z @+37, Z Z, @+43 @+43, p Z, Z @+43, Z Z, "
    "0 0, x Z, Z 0, Z Z",
}
"""Each operation as instructions: `sub a b` takes a from b, `move a b` copies a to b, `jle a c` jumps where a
is 0 or less, `load p x` copies what p points at. Z is a word that holds 0, @ the address of the operation
itself.
"""


def assembled(source: str, size: int) -> list[int]:
    """The state that a run of the program begins with, in a memory of so many words."""
    words: list[str] = []
    labels: dict[str, int] = {}
    for number, line in enumerate(source.splitlines(), 1):
        *named, text = line.partition(";")[0].split(":")
        labels |= {label.strip(): FIRST + len(words) for label in named}
        if text.strip():
            try:
                words += translated(*text.split(), at=FIRST + len(words))
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from None
    labels["Z"] = FIRST + len(words)
    values = [value(word, labels) for word in [*words, "0"]]
    if len(values) > size:
        raise ValueError(f"the program takes {len(values)} words, and the memory has {size}")
    return [FIRST, SILENT, *values, *[0] * (size - len(values))]


def translated(operation: str, *operands: str, at: int) -> list[str]:
    """The words of one operation at an address."""
    if operation == "word":
        return list(operands)
    made = {form.split()[0]: (form.split()[1:], text) for form, text in MADE.items()}
    names, text = made.get(operation, ([], " ".join(operands)))
    if operation not in made and operation != "subleq":
        raise ValueError(f"there is no operation {operation}")
    if operation in made and len(operands) != len(names):
        raise ValueError(f"{operation} takes {len(names)} operands, not {len(operands)}")
    given = {**dict(zip(names, operands, strict=bool(names))), "@": str(at)}
    words: list[str] = []
    for instruction in text.split(","):
        parts = ["+".join(given.get(part, part) for part in word.split("+")) for word in instruction.split()]
        words += [*parts, str(at + len(words) + 3)] if len(parts) == 2 else parts
    return words


def printed(states: list[list[int]]) -> list[int]:
    """The words that a run has printed."""
    return [state[1] for state in states[1:] if state[1] != SILENT]


def program(name: str, size: int = 320) -> list[int]:
    """The state that one of the programs in `code`, or a file, begins with."""
    return assembled(text_of(name, ".subleq"), size)


def prompt(name: str) -> list[int]:
    """How many words one of the programs has, the words, and the address of its first instruction: after this
    a model of `auto_subleq.rasp` generates the trace of its run.
    """
    words = program(name)[FIRST:]
    while words and words[-1] == 0:
        words.pop()
    return [len(words), *words, FIRST]


def instructions(trace: Sequence[int]) -> list[list[int]]:
    """Of what follows a prompt: of each instruction that has been run to its end a, b, what is at a, what is
    written at b, and the next program counter.
    """
    return [[*trace[i : i + 5]] for i in range(0, len(trace) - 4, 5)]


def printed_in(trace: Sequence[int]) -> list[int]:
    """The words that are printed in what follows a prompt."""
    return [subtracted for _, b, subtracted, *_ in instructions(trace) if b == -1]


if __name__ == "__main__":
    printed_state(
        "python -m programs.machines.subleq [--trace] PROGRAM",
        lambda words: (prompt if words[0] == "--trace" else program)(words[-1]),
    )
