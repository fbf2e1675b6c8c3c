"""The two ends of a model re-checked: what the embeddings put into the stream, and how answers are read."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from compiler.graph.terms import TOKEN, Kind, Term
from compiler.ranges.domains import Domain, Listed, Numbers, in_units
from compiler.rechecking.literals import values_along
from compiler.rechecking.points import sample
from compiler.rechecking.report import Steps, Unproved
from compiler.rechecking.stream import Floats, Reading, Stream
from runtime.weights import LabelOutput, NumberOutput


def check_embeddings(stream: Stream) -> None:
    """Every row of both embeddings is what the columns are claimed to hold at first."""
    token = stream.weights.token_embedding[1:].astype(float)
    position = stream.weights.position_embedding[1:].astype(float)
    for column in range(stream.size):
        held = stream.owner[column]
        assert held is not None
        tokens, positions = token[:, column], position[:, column]
        if stream.written(column) > 0:
            fine = (
                np.isin(tokens, (0.0, -stream.snap)).all()
                and (tokens == tokens[0]).all()
                and not positions.any()
            )
        elif held.subject is None:
            fine = not tokens.any() and not positions.any()
        elif held.subject is TOKEN:
            fine = np.array_equal(tokens, held.values) and not positions.any()
        elif held.subject.kind is Kind.INDICES:
            fine = np.array_equal(positions, held.values) and not tokens.any()
        else:
            fine = False
        if not fine:
            raise Unproved(f"the embeddings of {stream.name(column)} are not as claimed")


def check_kept(stream: Stream) -> None:
    """What interventions set: for each value of a kept s-op, what each of its columns holds."""
    known = {term.title: term for term in stream.terms if term.is_kept}
    for kept in stream.config.kept:
        term = known.get(kept.name)
        if term is None:
            raise Unproved(f"{kept.name} is no kept s-op of the program")
        values = sample(stream.domains.get(term))
        mine = {c for c, held in enumerate(stream.owner) if held is not None and held.subject is term}
        if set(kept.columns) != mine or len(kept.columns) != len(mine):
            raise Unproved(f"the columns of {kept.name} are not those that hold it")
        for value, numbers in zip(kept.values, kept.numbers, strict=True):
            if value not in values:
                raise Unproved(f"{kept.name} does not take the value {value!r}")
            rank = values.index(value)
            for column, number in zip(kept.columns, numbers, strict=True):
                held = stream.owner[column]
                if held is None or len(held.columns) > 1 or held.values[rank] != number:
                    raise Unproved(
                        f"{stream.name(column)} does not hold {number} where {kept.name} is {value!r}"
                    )


def check_output(stream: Stream, root: Term, steps: Steps) -> None:
    """Every value of the program's output is decoded to itself."""
    weights, output = stream.weights, stream.config.output
    now = 2 * len(weights.layers) + 1
    reading = stream.read(weights.unembedding.astype(float), weights.unembedding_bias.astype(float), now)
    if isinstance(output, NumberOutput):
        _check_number(stream, root, output, reading, steps)
    else:
        _check_labels(stream, root, output, reading, steps)


def _check_labels(stream: Stream, root: Term, output: LabelOutput, reading: Reading, steps: Steps) -> None:
    """The right label's logit is the largest by more than the errors of both."""
    if stream.domains.get(root).values is None:
        raise Unproved("the output takes too many values to list")
    label = {v: i for i, v in enumerate(output.labels)}
    axis = reading.axis(root)
    spread = reading.along([axis])
    ranks, values = values_along(stream, axis, root)
    logits, ranks = spread.line[ranks >= 0], ranks[ranks >= 0]
    missing = [v for v in values if v not in label]
    if missing:
        raise Unproved(f"the output {missing[0]!r} has no label")
    right = np.array([label[v] for v in values])[ranks]
    rows = np.arange(len(logits))
    own = logits[rows, right]
    logits[rows, right] = -np.inf
    closest = float((own - logits.max(axis=1)).min(initial=np.inf))
    steps.add("the right label wins", 2 * float(spread.error.max()), closest)


def _check_number(stream: Stream, root: Term, output: NumberOutput, reading: Reading, steps: Steps) -> None:
    """The logit is nearer to the right fraction than to any other, which the denominators keep apart. Floats
    would not tell all fractions apart: what is off is worked out in fractions.
    """
    domain, limit = stream.domains.get(root), output.max_denominator
    axis = reading.axis(root)
    spread = reading.along([axis])
    ranks, values = values_along(stream, axis, root)
    logits, ranks = spread.line[ranks >= 0, 0], ranks[ranks >= 0]
    whole = _whole_numbers(domain, output.scale)
    wanted = [] if whole is not None else [Fraction(v) / output.scale for v in values]
    denominator = max((fraction.denominator for fraction in wanted), default=1)
    if not isinstance(domain, Listed):
        denominator = domain.max_denominator if domain.scale == output.scale else limit + 1
    if denominator > limit:
        raise Unproved(f"the output has fractions with denominators above {limit}")
    if whole is not None:  # a difference of floats is rounded once
        off = float(np.abs(logits - whole[ranks]).max(initial=0.0)) * (1 + 2.0**-50)
    else:
        known = zip(logits.tolist(), ranks.tolist(), strict=True)
        off = float(max((abs(Fraction(logit) - wanted[rank]) for logit, rank in known), default=0))
    steps.add(
        "the nearest fraction is the right one",
        off + float(spread.error[0]),
        1 / (2 * limit**2),
    )


def _whole_numbers(domain: Domain, unit: Fraction) -> Floats | None:
    """Values as floats of a unit, where all are whole and so small that these are exact."""
    times = domain.scale / unit if isinstance(domain, Numbers) else Fraction(1, 2)
    if not isinstance(domain, Numbers) or times.denominator > 1:
        return None
    codes = in_units(domain.codes, times)
    return None if codes is None or np.abs(codes).max(initial=0) >= 2**53 else codes.astype(np.float64)
