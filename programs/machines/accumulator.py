"""An assembler for `accumulator.rasp`: `python -m programs.machines.accumulator toolbox 1 5 0` prints the
state to begin with, where the numbers are what the program reads. A file of one's own ends in `.acc`.

A line is `label: OPERATION operand ; remark`; an operand is a number or a label, `word` puts numbers into the
memory, and `text` the codes of the characters after it, with 0 at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

from programs.machines.files import printed_state, text_of, value

FIRST = 5
"""The address of the first word: before it are the registers."""

SILENT = -2048
"""What the port holds while nothing is printed."""

OPERATIONS = (
    *("HALT", "SET", "LOAD", "LOADX", "STORE", "STOREX", "ADDI", "ADD", "ADDX", "SUB", "SUBX", "JUMP"),
    *("JZ", "JNZ", "JN", "JP", "LESS", "SAME", "CALL", "RET", "PUSH", "POP", "IN", "OUT"),
)
"""What an instruction does, by its code. X: by way of the word at the operand; JZ and so on: jump if the
accumulator is 0, is not, is negative, is positive; LESS and SAME: 1 if it is less than, or the same as, the
word.
"""


def instructions(source: str) -> int:
    """How many instructions a program has."""
    return sum(words[0] in OPERATIONS for words in map(str.split, statements(source)[1]) if words)


def statements(source: str) -> tuple[dict[str, int], list[str]]:
    """The labels with the number of the statement that each stands before, and the statements."""
    labels: dict[str, int] = {}
    found: list[str] = []
    for line in source.splitlines():
        *named, text = line.partition(";")[0].split(":")
        labels |= {label.strip(): len(found) for label in named}
        found += [text.strip()] if text.strip() else []
    return labels, found


def assembled(source: str, size: int, given: Sequence[int] = ()) -> list[int]:
    """The state that a run of the program begins with, in a memory that ends before address `size`."""
    labels, found = statements(source)
    parts = [translated(statement) for statement in [*found, *(f"word {number}" for number in given)]]
    starts = [FIRST + sum(map(len, parts[:number])) for number in range(len(parts) + 1)]
    places = {label: starts[number] for label, number in labels.items()}
    words = [value(word, places) for part in parts for word in part]
    if FIRST + len(words) >= size:
        raise ValueError(f"the program takes {len(words)} words, and the memory has {size - FIRST}")
    registers = [FIRST, 0, size, starts[len(found)], SILENT]
    return [*registers, *words, *[0] * (size - FIRST - len(words))]


def translated(statement: str) -> list[str]:
    """The words of one statement, labels as they are."""
    operation, _, rest = statement.partition(" ")
    if operation == "word":
        return rest.split()
    if operation == "text":
        return [*(str(ord(character)) for character in rest), "0"]
    if operation not in OPERATIONS:
        raise ValueError(f"there is no operation {operation}")
    return [str(OPERATIONS.index(operation)), rest.strip() or "0"]


def printed(states: Sequence[Sequence[int]]) -> str:
    """The characters that a run has printed."""
    return "".join(chr(state[4]) for state in states[1:] if state[4] != SILENT)


def source(name: str) -> str:
    """The text of one of the programs in `code`, or of a file."""
    return text_of(name, ".acc")


if __name__ == "__main__":
    printed_state(
        "python -m programs.machines.accumulator PROGRAM [NUMBER...]",
        lambda words: assembled(source(words[0]), 768, [value(word, {}) for word in words[1:]]),
    )
