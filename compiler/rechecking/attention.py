"""Heads re-checked: what they select, what they read there, and what they write.

For the head of each conjunction it is shown, over all values that keys and queries can take, that every
literal that holds scores the same and every one that fails at least so much less, so that `exp` gives
exactly 0 to all keys that are not selected and the same to all that are (of a LEAST: to all that are selected
and hold the least value); that BOS takes what is claimed; and that the weighted mean of the values, times the
output weight, is what the written column is claimed to hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from compiler.certificate.claims import HeadClaim
from compiler.certificate.needs import exp_allowed
from compiler.graph.conjunctions import EQUAL, Literal
from compiler.graph.terms import Kind, Term
from compiler.ranges.domains import Listed
from compiler.rechecking.coverage import claimed_digits, claimed_literals
from compiler.rechecking.literals import Margin, literal_margin, values_along
from compiler.rechecking.report import Steps, Unproved
from compiler.rechecking.stream import Floats, Held, Reading, Stream, lowest_bit
from compiler.rounding import EXP_ROUNDINGS, sum_error
from rasp.words import Atom
from runtime.weights import Layer

NEAR = 2.0**-8
"""No error of a mean may be larger; its readers say what they can bear."""

MAX_BOS_SCORE = 60.0
"""Far enough from where exp of minus this underflows."""


@dataclass(frozen=True, eq=False)
class Scores:
    """The readings of a head's queries and keys, and the score of BOS as a key for every token."""

    queries: Reading
    keys: Reading
    bos: float


def check_attention(stream: Stream, number: int, every: Sequence[HeadClaim], steps: Steps) -> None:
    """The attention of one layer, and what BOS holds after it. `every`: the claims about all layers."""
    claims = [claim for claim in every if claim.layer == number]
    layer, now = stream.weights.layers[number - 1], 2 * number - 1
    by_head: dict[int, list[HeadClaim]] = {}
    for claim in claims:
        by_head.setdefault(claim.head, []).append(claim)
    if not by_head.keys() <= set(range(layer.w_q.shape[0])):
        raise Unproved("a head is claimed that does not exist")
    writers = _writers(stream, number, every)
    for head, reads in by_head.items():
        scores = _scores(stream, layer, head, now, steps)
        for claim in reads:
            term = stream.term(claim.term)
            margin = _selection(stream, layer, scores, claim, steps)
            columns = [c for c, (h, _, held) in writers.items() if h == head and held.subject is term]
            for column in columns:
                _, dim, held = writers[column]
                most = _most_selected(stream, claim)
                _value(stream, layer, (head, dim, column), held, scores.bos - margin.high, most, steps)
    _nothing_else(layer, stream.size, by_head, writers)
    _update_bos(stream, layer, writers)


def _writers(stream: Stream, number: int, every: Sequence[HeadClaim]) -> dict[int, tuple[int, int, Held]]:
    """For each column written: the head, its value dim, and what is held; each from one head's one dim."""
    layer, found = stream.weights.layers[number - 1], {}
    heads: dict[int, list[HeadClaim]] = {}
    for claim in every:
        heads.setdefault(stream.term(claim.term).index, []).append(claim)
    for column, held in stream.writes(2 * number - 1).items():
        mine = [] if held.subject is None else heads.get(held.subject.index, [])
        if len(mine) != len(held.columns):
            raise Unproved(f"column {stream.name(column)} is not written by one head for each of its parts")
        claim = mine[held.columns.index(column)]
        writing = np.argwhere(layer.w_o[:, :, column] != 0).tolist()
        if claim.layer != number or len(writing) != 1 or writing[0][0] != claim.head:
            raise Unproved(f"column {stream.name(column)} is not written by its head alone")
        found[column] = (claim.head, writing[0][1], held)
    return found


def _scores(stream: Stream, layer: Layer, head: int, now: int, steps: Steps) -> Scores:
    """Queries and keys, exact; BOS sees itself alone, and as a key it scores the same for every token."""
    q = stream.read(layer.w_q[head].astype(float), layer.b_q[head].astype(float), now)
    k = stream.read(layer.w_k[head].astype(float), layer.b_k[head].astype(float), now)
    q.require_exact("the queries")
    k.require_exact("the keys")
    marks = _marks_bos(stream, layer, head)
    query = stream.at_bos(layer.w_q[head].astype(float), layer.b_q[head].astype(float))
    key = stream.at_bos(layer.w_k[head].astype(float), layer.b_k[head].astype(float))
    own, size = float(query @ key), float(np.abs(query) @ np.maximum(np.abs(key), k.total))
    others = float(np.abs(query) @ np.where(marks, 0.0, k.total))
    steps.add(
        "BOS sees itself alone",
        stream.underflow,
        own - others - (len(query) + 2) * 2 * stream.rounding * size,
    )
    to_bos = layer.w_q[head].astype(float) @ key
    for column in np.flatnonzero(to_bos).tolist():
        held = stream.owner[column]
        if held is None or held.subject is not None:
            raise Unproved(f"the score of BOS depends on {stream.name(column)}")
    bits = int(np.min((q.bits + lowest_bit(key))[(q.total > 0) & (key != 0)], initial=60))
    steps.add("the score of BOS is exact", float(q.total @ np.abs(key)) / 2.0**bits, stream.shown)
    return Scores(q, k, float(layer.b_q[head].astype(float) @ key))


def _marks_bos(stream: Stream, layer: Layer, head: int) -> NDArray[np.bool_]:
    """Which dims have a key that is 0 at every token."""
    at_tokens = np.array([f is not None and f.subject is not None for f in stream.owner])
    marks: NDArray[np.bool_] = (layer.b_k[head] == 0) & (layer.w_k[head][at_tokens] == 0).all(axis=0)
    return marks


def _selection(stream: Stream, layer: Layer, scores: Scores, claim: HeadClaim, steps: Steps) -> Margin:
    """The head selects exactly the keys of one conjunction of the read's selector."""
    term, domains = stream.term(claim.term), stream.domains
    every = domains.conjunctions(term.args[0])
    conjunction, dims = _claimed_conjunction(stream, claim, every)
    whole = all(literal.digit is None for literal in conjunction)
    dims += [claim.order, claim.part_dims]
    scored = {d for mine in dims for d in mine}
    live = (scores.queries.total > 0) & ~_marks_bos(stream, layer, claim.head)
    if sum(map(len, dims)) != len(scored) or set(np.flatnonzero(live).tolist()) - scored:
        raise Unproved(f"the scores of {term.title} have dims that belong to no literal, or to two")
    copies = term.kind in (Kind.AGGREGATE, Kind.LEAST)
    ordered = len(every) == 1 and whole and copies and domains.reads[term.index].always
    margins = [
        literal_margin(stream, layer, claim.head, literal, list(mine), ordered)
        for literal, mine in zip(conjunction, dims[:-2], strict=True)
    ]
    margins += _part_margin(stream, layer, claim)
    least = _least_margin(stream, layer, claim, term, steps)
    total = Margin(
        sum(m.low for m in margins),
        sum(m.high for m in margins),
        min((m.gap for m in margins), default=1e9),
        sum(m.size for m in margins) + least.size,
    )
    used = scores.queries.bits + scores.keys.bits
    bits = int(np.min(used[live], initial=60))
    steps.add("scores are exact (in units of their lowest bit)", total.size / 2.0**bits, stream.shown)
    steps.add("unselected keys fall short", stream.underflow, total.gap - (least.high - least.low))
    if ordered:
        steps.add("BOS falls short", stream.underflow, total.low + least.low - scores.bos)
        return total
    if total.low != total.high:
        raise Unproved(f"what {term.title} selects does not score the same for every query")
    unselected = total.low - total.gap + least.high
    steps.add("unselected keys fall short of BOS", stream.underflow, scores.bos - unselected)
    if term.kind not in (Kind.WIDTH, Kind.SUM):
        steps.add("BOS falls short of selected keys", stream.underflow, total.low + least.low - scores.bos)
    return total


def _least_margin(stream: Stream, layer: Layer, claim: HeadClaim, term: Term, steps: Steps) -> Margin:
    """What the values of a LEAST add to the scores: the same for every query, and so much more for
    each value than for any larger one. Of any other read, nothing.
    """
    if (term.kind is Kind.LEAST) != bool(claim.order):
        raise Unproved(f"only the least is read by order, and {term.title} is claimed to be read otherwise")
    if not claim.order:
        return Margin(0.0, 0.0, 1e9, 0.0)
    source, dims, now = term.args[1], list(claim.order), 2 * claim.layer - 1
    w_q, b_q = layer.w_q[claim.head][:, dims].astype(float), layer.b_q[claim.head][dims].astype(float)
    w_k, b_k = layer.w_k[claim.head][:, dims].astype(float), layer.b_k[claim.head][dims].astype(float)
    query = stream.read(w_q, b_q, now).along([]).constant
    keys = stream.read(w_k, b_k, now)
    axis = keys.axis(source)
    ranks, values = values_along(stream, axis, source)
    if stream.domains.get(source).values is None or any(isinstance(value, str) for value in values):
        raise Unproved(f"{source.title} is not one of a few numbers")
    line = keys.along([axis]).line[ranks >= 0]
    scores, ranks = line @ query, ranks[ranks >= 0]
    by_rank = sorted(set(zip(ranks.tolist(), scores.tolist(), strict=True)))
    falls = [a - b for (_, a), (_, b) in pairwise(by_rank)]  # below 0 if equal values score otherwise
    gap = min(falls, default=1e9)
    steps.add("larger values fall short", stream.underflow, gap)
    size = float(np.abs(line).max(axis=0, initial=0.0) @ np.abs(query))
    return Margin(float(scores.min()), float(scores.max()), gap, size)


def _part_margin(stream: Stream, layer: Layer, claim: HeadClaim) -> list[Margin]:
    """What a part of the positions adds to the scores: the same for all keys in it, and less for others."""
    if (claim.part is None) != (not claim.part_dims):
        raise Unproved("a head is claimed to read a part of the positions, and nothing scores it, or no part")
    if claim.part is None:
        return []
    now, dims = 2 * claim.layer - 1, list(claim.part_dims)
    w_q, b_q = layer.w_q[claim.head][:, dims].astype(float), layer.b_q[claim.head][dims].astype(float)
    w_k, b_k = layer.w_k[claim.head][:, dims].astype(float), layer.b_k[claim.head][dims].astype(float)
    query = stream.read(w_q, b_q, now).along([]).constant
    axis = stream.occurring.term_axis(stream.domains.positions)
    line = stream.read(w_k, b_k, now).along([axis]).line
    scores, mine = line @ query, np.arange(axis.size) // claim.part.size == claim.part.number
    if not mine.any() or np.ptp(scores[mine]):
        raise Unproved(f"the {claim.part.text} do not score the same")
    level = float(scores[mine][0])
    gap = level - float(scores[~mine].max(initial=-np.inf))
    size = float(np.abs(line).max(axis=0, initial=0.0) @ np.abs(query))
    return [Margin(level, level, min(gap, 1e9), size)]


def _most_selected(stream: Stream, claim: HeadClaim) -> int:
    """How many keys one query of a head selects at most: no two have one position, and all are in its part of
    them, or have the position that is asked for, or all of its digits above some in common.
    """
    most = stream.config.max_length if claim.part is None else claim.part.size
    for literal in claim.literals:
        if stream.term(literal.keys).kind is not Kind.INDICES:
            continue
        if literal.digit is None:
            most = 1 if frozenset(literal.relation) == EQUAL else most
        elif literal.digit.above is not None:
            most = min(most, literal.digit.above)
    return most


def _claimed_conjunction(
    stream: Stream, claim: HeadClaim, every: Sequence[tuple[Literal, ...]]
) -> tuple[tuple[Literal, ...], list[tuple[int, ...]]]:
    """The conjunction that the head is claimed to read, and the dims of its literals."""
    claimed = claimed_literals(stream, claim)
    size = stream.weights.layers[claim.layer - 1].w_q.shape[2]
    if any(not 0 <= dim < size for dims in (*claimed.values(), claim.order, claim.part_dims) for dim in dims):
        raise Unproved("a score is claimed of a dim that does not exist")
    for conjunction in every:
        keys = [(x.keys.index, x.queries.index, x.relation) for x in conjunction]
        if len(keys) == len(claim.literals) and set(keys) == claimed.keys():
            digits = claimed_digits(stream, claim)
            parts = (replace(x, digit=digits[key]) for x, key in zip(conjunction, keys, strict=True))
            return tuple(parts), [claimed[key] for key in keys]
    raise Unproved(f"the selector of {stream.term(claim.term).title} has no such conjunction")


def _value(
    stream: Stream,
    layer: Layer,
    where: tuple[int, int, int],
    held: Held,
    bos_score: float,
    selected: int,
    steps: Steps,
) -> None:
    """The weighted mean of the values times the output weight is what the column holds. `selected`: how many
    keys there may be.
    """
    head, dim, column = where
    term = held.subject
    assert term is not None
    weight, bias = layer.w_v[head][:, [dim]].astype(float), layer.b_v[head][[dim]].astype(float)
    reading = stream.read(weight, bias, stream.written(column))
    factor = float(layer.w_o[head, dim, column])
    always = len(held.columns) == 1 and stream.domains.reads[term.index].always
    if stream.at_bos(weight, bias).any() and (not always or term.kind is not Kind.AGGREGATE):
        raise Unproved(f"the value at BOS is not 0 for {stream.name(column)}")
    values, wanted = _wanted(stream, reading, held)
    largest = float(np.abs(values).max(initial=0.0))
    what = f"{stream.name(column)}: "
    n = stream.config.max_length
    most = selected
    if term.kind in (Kind.WIDTH, Kind.SUM):
        linear = held.slope is not None and held.slope[1] == 0
        if not linear or (values != wanted).any() or reading.error.any():
            raise Unproved(f"the values summed up for {stream.name(column)} are not the claimed ones")
        steps.add(f"{what}nats by which BOS outweighs what is counted", bos_score, MAX_BOS_SCORE)
        error = sum_error(largest, factor, bos_score, selected, stream.rounding)
        _allow_exp(stream, held, (largest, factor, bos_score, selected))
    else:
        error = float(np.abs(values * factor - wanted).max(initial=0.0)) + abs(factor) * float(
            reading.error[0]
        )
        picks = term.kind is Kind.EXISTS or stream.domains.reads[term.index].picks
        single = stream.domains.reads[term.index].at_most_one
        most = 1 if single else n
        plain = not reading.error.any() and most * largest < stream.shown * 2.0 ** min(
            int(reading.bits[0]), 60
        )
        if not (plain and picks and abs(factor) == 1):
            error += abs(factor) * largest * stream.rounding * (4 if plain else most + 4)
        if not always and _at_default(stream, held) != 0:
            raise Unproved(f"{stream.name(column)} is not 0 where nothing is selected")
        if not picks and held.slope is None:
            raise Unproved(f"{stream.name(column)} holds a mean, which no table carries over")
    snapped = _snapped(stream, column, float(layer.b_o[column]))
    if term.kind not in (Kind.WIDTH, Kind.SUM) and most > 1:
        worse = error + abs(factor) * largest * stream.rounding * (most + 4)
        stream.needed.divides_last |= not (snapped and worse < 0.5)
    accept(stream, column, held, error, snapped, what, steps)


def _allow_exp(stream: Stream, held: Held, counted: tuple[float, float, float, int]) -> None:
    """How much worse `exp` could be until what is counted is no longer surely right. Dividing first rounds
    each share twice more, which is the same as a worse `exp`. What is not rounded bears no more than it has.
    """
    allowed = EXP_ROUNDINGS if held.real else exp_allowed(*counted, stream.rounding)
    stream.needed.divides_last |= allowed < EXP_ROUNDINGS + 2
    stream.needed.exp(allowed)


def accept(
    stream: Stream, column: int, held: Held, error: float, snapped: bool, what: str, steps: Steps
) -> None:
    """The error of what is written, before rounding where the column is rounded, is small enough."""
    if snapped:
        if not held.whole or held.bound >= stream.shown / 4:
            raise Unproved(f"{stream.name(column)} is rounded, but its values are not small integers")
        steps.add(what + "rounded to the right integer", error, 0.5)
    elif held.real:
        held.noise = max(held.noise, error)
        steps.add(what + "error", error, NEAR)
    elif error:
        raise Unproved(f"{stream.name(column)} is not exact: off by up to {error:.3g}")


def _wanted(stream: Stream, reading: Reading, held: Held) -> tuple[Floats, Floats]:
    """The head's values for each value of its source, and what the column should then hold."""
    term = held.subject
    assert term is not None
    if len(term.args) < 2:
        values = reading.along([]).constant
        return values, np.array([_at(stream, held, 1)])
    source = term.args[1]
    axis = reading.axis(source)
    values = reading.along([axis]).line[:, 0]
    ranks, atoms = values_along(stream, axis, source)
    known = ranks >= 0
    wanted = {rank: _at(stream, held, atoms[rank]) for rank in set(ranks[known].tolist())}
    return values[known], np.array([wanted[rank] for rank in ranks[known].tolist()])


def _at(stream: Stream, held: Held, value: Atom) -> float:
    """What the columns hold in sum where the subject has a value (for counts and means: by the slope)."""
    assert held.subject is not None
    domain = stream.domains.get(held.subject)
    if held.slope is not None and domain.scale is not None and not isinstance(value, str):
        a, b = held.slope
        return float(a * Fraction(value) / domain.scale + b)
    if value not in domain.ranks:
        raise Unproved(f"{held.subject.title} does not take the value {value}")
    return float(held.values[domain.ranks[value]])


def _at_default(stream: Stream, held: Held) -> float:
    """What the columns hold where nothing is selected."""
    term = held.subject
    assert term is not None
    if term.kind is Kind.EXISTS:
        return _at(stream, held, False)
    domain = stream.domains.get(term)
    if isinstance(domain, Listed) and term.of_nothing not in domain.ranks:
        return 0.0  # nothing selected is an error in the program: there is no right answer
    return _at(stream, held, term.of_nothing)


def _snapped(stream: Stream, column: int, bias: float) -> bool:
    """Whether a column is rounded: it starts at minus `snap`, and the bias is that. Unproved if only one."""
    start = float(stream.weights.token_embedding[1, column])
    if start == -stream.snap and bias == stream.snap:
        stream.needed.bias_apart = True
        return True
    if start == 0 and bias == 0:
        return False
    raise Unproved(f"{stream.name(column)} starts at {start} and is written with a bias of {bias}")


def _nothing_else(
    layer: Layer,
    size: int,
    by_head: dict[int, list[HeadClaim]],
    writers: dict[int, tuple[int, int, Held]],
) -> None:
    """Whatever plays no part is 0: no weight is left unchecked."""
    quiet = np.ones(size, dtype=bool)
    quiet[list(writers)] = False
    if layer.w_o[:, :, quiet].any() or layer.b_o[quiet].any():
        raise Unproved("something is written to columns of other sublayers")
    for head in range(layer.w_q.shape[0]):
        dims = np.array(
            [d not in {j for h, j, _ in writers.values() if h == head} for d in range(layer.w_v.shape[2])]
        )
        if layer.w_v[head][:, dims].any() or layer.b_v[head][dims].any():
            raise Unproved(f"head {head} has values that nothing is claimed of")
        if head not in by_head and any(
            array[head].any() for array in (layer.w_q, layer.b_q, layer.w_k, layer.b_k)
        ):
            raise Unproved(f"head {head} has scores that nothing is claimed of")


def _update_bos(stream: Stream, layer: Layer, writers: dict[int, tuple[int, int, Held]]) -> None:
    """BOS reads only itself: what it holds after this sublayer, as the machine computes it."""
    after, number = stream.bos.copy(), np.dtype(stream.config.dtype).type
    for column, (head, dim, _) in writers.items():
        weight, bias = layer.w_v[head][:, [dim]].astype(float), layer.b_v[head][[dim]].astype(float)
        value = float(stream.at_bos(weight, bias)[0])
        written = number(value * float(layer.w_o[head, dim, column])) + number(layer.b_o[column])
        after[column] = float(number(after[column]) + written)
    stream.bos = after
