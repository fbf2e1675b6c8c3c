"""Programs over maximum lengths: whether they compile, and how large they become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import rasp
from compiler.pipeline import attempt
from compiler.request import request
from rasp.errors import TooLargeError
from rasp.graph.sops import SOp
from rasp.words import Atom
from runtime.weights import size
from tests.support.program_cases import CASES
from tests.whole.test_ordinary import PROGRAMS

LONGEST = 40

TOTAL = "total = round(aggregate(full_s, tokens_int) * length);"
TWOS_COMPLEMENT = """
weight = 2^(length - 1 - indices);
signed = (0 - weight) if indices == 0 else weight;
x = round(aggregate(full_s, tokens_int * signed) * length);
"""


@dataclass(frozen=True)
class Swept:
    """A program, and over what it is compiled at every length."""

    name: str
    main: SOp
    vocab: Sequence[Atom]
    causal: bool = False

    def parameters(self, lengths: Iterable[int]) -> list[int | None]:
        """How many parameters the models have; None where there is none."""
        return [self._parameters(length) for length in lengths]

    def _parameters(self, length: int) -> int | None:
        try:
            compiled, certificate = attempt(self.main, request(self.vocab, length, self.causal))
        except TooLargeError:
            return None
        return size(compiled.stored.weights).parameters if certificate.certified else None


def text(name: str, source: str, vocab: str) -> Swept:
    return Swept(name, rasp.parse(source).main, tuple(vocab))


NUMBERS = [
    text("a total", f"{TOTAL} x = total;", "0123456789"),
    text("a remainder of a total", f"{TOTAL} x = total % 7;", "0123456789"),
    text("two's complement", TWOS_COMPLEMENT, "01"),
    text("a mean so far", "x = aggregate(select(indices, indices, <=), tokens_int);", "0123"),
    text("where a mean is not 0", "x = indices if average(tokens_int) else 3;", "0123456789"),
    text("a mean among the positions", "x = has_focus(select(average(tokens_int), indices, ==));", "01239"),
    text("a mean of the others", "x = aggregate(select(indices, indices, !=), tokens_int, 1) + 1;", "0123"),
    text(
        "two means",
        "x = aggregate(full_s, tokens_int) + aggregate(select(tokens, tokens, ==), indices);",
        "012",
    ),
]
"""Programs whose numbers grow fast with the length."""


def library() -> Iterator[Swept]:
    """Every library program over both its vocabularies."""
    for case in CASES:
        main = rasp.load(case.name).main
        for vocab in dict.fromkeys((case.small.vocab, case.large.vocab)):
            yield Swept(f"{case.name} over {len(vocab)}", main, vocab, case.causal)


def ordinary() -> Iterator[Swept]:
    """Programs as people write them."""
    for name, program in PROGRAMS.items():
        main = rasp.parse(program.text).main
        for causal in (False, True):
            if program.causal >= causal:
                yield Swept(f"{name}{' causal' if causal else ''}", main, tuple(program.vocab), causal)


EVERYTHING = [*NUMBERS, *library(), *ordinary()]
