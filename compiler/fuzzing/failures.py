"""What the fuzzer found to go wrong: as RASP that can be saved and checked again, and as data."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from compiler.fuzzing.shrinking import Case
from compiler.verification.sampling import count_inputs
from rasp.graph.atoms import decimal
from rasp.records import to_data
from rasp.words import Atom

Status = Literal["ok", "refused", "mismatch", "crash"]

ALL_OF = 100_000
"""Where there are at most so many inputs, a failure is checked again on all of them."""


@dataclass(frozen=True)
class Failure:
    """A program that went wrong, shrunk, as RASP that can be run."""

    seed: int
    status: Status
    detail: str
    case: Case
    text: str

    def report(self) -> str:
        """The program with what to know about it, and how to check it again, as comments."""
        case, file = self.case, f"fuzz-{self.seed}.rasp"
        obstacle = not_for_verify(case)
        about = [
            f"{self.status}: seed {self.seed}",
            f"vocabulary {list(case.asked.vocab)!r}, maximum length {case.asked.max_length}"
            + (", causal" if case.asked.causal else "")
            + ("" if case.asked.optimize else ", not optimized"),
            *self.detail.strip().splitlines(),
            f"to check it again, save this as {file} and run"
            + (f" (`rasp verify` will not do: {obstacle})" if obstacle else ""),
            command(case, file),
        ]
        return "".join(f"# {line}\n" for line in about) + self.text

    def facts(self) -> dict[str, Any]:
        """The same as plain data; fractions as `{"fraction": "1/3"}`, exactly."""
        case = self.case
        return {
            "seed": self.seed,
            "status": self.status,
            "detail": self.detail,
            "vocab": to_data(case.asked.vocab),
            "max_length": case.asked.max_length,
            "causal": case.asked.causal,
            "optimize": case.asked.optimize,
            "input": to_data(case.inputs),
            "program": self.text,
        }


def command(case: Case, file: str) -> str:
    """A shell's command that compares the program saved as `file` with what it compiles to.

    `rasp verify` where that can be told all of the case's setting, else some Python that does the same.
    """
    every = count_inputs(len(case.asked.vocab), case.asked.max_length) <= ALL_OF
    if not_for_verify(case):
        asked = case.asked
        setting = f"{list(asked.vocab)!r}, {asked.max_length}, {asked.causal}, {asked.optimize}"
        lines = [
            "import compiler, rasp",
            "from fractions import Fraction",
            f"main = rasp.load({json.dumps(file)}).main",
            f"model = compiler.compile(main, {setting})",
            f"print(compiler.verify(main, model, exhaustive={every}).summary())",
        ]
        return shlex.join(["python", "-c", "; ".join(lines)])
    vocab = f"[{', '.join(token_text(token) for token in case.asked.vocab)}]"
    options = [*(["--causal"] if case.asked.causal else []), *(["--exhaustive"] if every else [])]
    return shlex.join(
        ["rasp", "verify", file, "--vocab", vocab, "--max-length", str(case.asked.max_length), *options]
    )


def not_for_verify(case: Case) -> str:
    """Why `rasp verify` cannot compile the case as the fuzzer did; nothing where it can."""
    rounded = [token for token in case.asked.vocab if not is_exact(token)]
    if rounded:
        return f"--vocab takes decimals, and {rounded[0]} is none"
    return "" if case.asked.optimize else "it always optimizes"


def token_text(token: Atom) -> str:
    """A token as --vocab takes it: JSON; a fraction as a decimal, which may be rounded."""
    return decimal(token) if isinstance(token, Fraction) else json.dumps(token)


def is_exact(token: Atom) -> bool:
    """Whether that text means the very same token."""
    return not isinstance(token, Fraction) or Fraction(decimal(token)) == token
