"""A second checker, of another kind: small models, every input, every number between two exact fractions.

It knows nothing of claims, s-ops or domains. Each number of the machine lies between two fractions, in
whatever order a machine adds up. It is known where all that is added are multiples of one unit whose
magnitudes stay below 2^24 units (in float64 2^53); else the two are a rounding for each addition further
apart. At the end the answer is certain, or it is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from rasp.errors import EvaluationError
from rasp.graph.sops import SOp
from rasp.words import Atom
from runtime import Model
from runtime.places import apart
from runtime.weights import Array, Layer, NumberOutput

EXP_ROUNDINGS = 16
ZERO = Fraction(0)
SMALLEST = Fraction(1, 1 << 100)
"""What is smaller and not 0 may be no normal number, and is not reckoned with."""


class Uncertain(Exception):
    """Numbers that could be too different things."""


@dataclass(frozen=True)
class Interval:
    low: Fraction
    high: Fraction

    @property
    def size(self) -> Fraction:
        return max(abs(self.low), abs(self.high))

    @property
    def known(self) -> bool:
        return self.low == self.high


Terms = list[tuple[int, Fraction]]
Stream = list[list[Interval]]


def point(number: float | Fraction) -> Interval:
    fraction = Fraction(number)
    if fraction and abs(fraction) < SMALLEST:
        raise Uncertain("a number that may not be normal")
    return Interval(fraction, fraction)


NOTHING = Interval(ZERO, ZERO)


def times(interval: Interval, factor: Fraction) -> Interval:
    ends = sorted((interval.low * factor, interval.high * factor))
    return Interval(*ends)


def wider(interval: Interval, by: Fraction) -> Interval:
    return Interval(interval.low - by, interval.high + by)


def columns_of(matrix: Array) -> list[Terms]:
    """For each column of a matrix its entries that are not 0."""
    return [
        [(int(row), Fraction(float(matrix[row, column]))) for row in matrix[:, column].nonzero()[0]]
        for column in range(matrix.shape[1])
    ]


def fractions(array: Array) -> list[Fraction]:
    return [Fraction(float(number)) for number in array]


def _zeros(number: int) -> int:
    return (number & -number).bit_length() - 1 if number else 0


@dataclass(frozen=True)
class Machine:
    """A number format: so many bits, and `exp` of less than minus `dead` is 0, of more than minus `alive` a
    normal number.
    """

    bits: int
    dead: int
    alive: int

    @property
    def exact(self) -> int:
        """All whole numbers up to this are numbers of the format."""
        return 1 << self.bits

    @property
    def rounding(self) -> Fraction:
        return Fraction(1, self.exact)

    def added(self, parts: Sequence[Interval]) -> Interval:
        """The sum in any order."""
        parts = [part for part in parts if part.low or part.high]
        low, high = sum((p.low for p in parts), ZERO), sum((p.high for p in parts), ZERO)
        total = sum((p.size for p in parts), ZERO)
        if all(part.known for part in parts):
            if len(parts) < 3 and all(self._short(number) for number in (low, *(part.low for part in parts))):
                return Interval(low, high)  # one addition, and the format holds all three
            unit = Fraction(1, math.lcm(*(part.low.denominator for part in parts)))
            whole = [int(part.low / unit) for part in parts]
            unit *= math.gcd(*whole) or 1
            if unit.denominator & (unit.denominator - 1) == 0 and total < self.exact * unit:
                return Interval(low, high)
        return wider(Interval(low, high), (len(parts) + 1) * self.rounding * total)

    def linear(self, row: Sequence[Interval], terms: Terms, bias: Fraction) -> Interval:
        """A sum of products and a bias."""
        return self.added([*(times(row[place], weight) for place, weight in terms), point(bias)])

    def power(self, score: Interval) -> Interval:
        """exp, of a number that is not above 0."""
        if score.low == score.high == 0:
            return point(1)
        if score.high < -self.dead:
            return NOTHING
        if score.low < -self.alive:
            raise Uncertain("a power that may be 0 or not")
        error = (EXP_ROUNDINGS + 1) * self.rounding
        low, high = Fraction(math.exp(score.low)), Fraction(math.exp(score.high))
        return Interval(low * (1 - error), high * (1 + error))

    def mixed(self, powers: Sequence[Interval], values: Sequence[Interval]) -> Interval:
        """The sum of powers times values over the sum of powers."""
        pairs = [(p, v) for p, v in zip(powers, values, strict=True) if p.high]
        once, all_known = all(p == point(1) for p, _ in pairs), all(v.known for _, v in pairs)
        alike = all_known and all(v == pairs[0][1] for _, v in pairs)
        if once and alike and self.added([v for _, v in pairs]).known:
            return pairs[0][1]
        parts = [
            Interval(min(ends), max(ends))
            for p, v in pairs
            for ends in [[a * b for a in (p.low, p.high) for b in (v.low, v.high)]]
        ]
        top, below = self.added(parts), self.added([p for p, _ in pairs])
        ends = [a / b for a in (top.low, top.high) for b in (below.low, below.high)]
        found = Interval(min(ends), max(ends))
        if once and all_known and top.low == 0 == top.high:
            return found
        return wider(found, 4 * self.rounding * found.size)

    def updated(
        self, stream: Stream, updates: Sequence[Sequence[Interval]], biases: Sequence[Fraction]
    ) -> Stream:
        """`x + (update + bias)`, each rounded: a large bias rounds to whole numbers."""
        return [
            [self._updated(x, update, bias) for x, update, bias in zip(row, more, biases, strict=True)]
            for row, more in zip(stream, updates, strict=True)
        ]

    def _updated(self, x: Interval, update: Interval, bias: Fraction) -> Interval:
        if update == NOTHING and not bias:
            return x
        if bias >= self.exact >> 1:
            if not x.known or update.size + bias >= self.exact or bias - update.size < self.exact >> 1:
                raise Uncertain("what is rounded is too large or too small")
            low, high = (round(bias + end) for end in (update.low, update.high))
            near = min(
                abs(bias + end - math.floor(bias + end) - Fraction(1, 2)) for end in (update.low, update.high)
            )
            if low != high or near == 0:
                raise Uncertain("what is rounded may be either of two")
            return self.added([x, point(low)])
        return self.added([x, self.added([update, point(bias)])])

    def attention(self, stream: Stream, layer: Layer, causal: bool) -> Stream:
        """What the heads of one layer add."""
        updates: list[list[list[Interval]]] = [[[] for _ in row] for row in stream]
        for head in range(layer.w_q.shape[0]):
            q, k, v = (
                [
                    [
                        self.linear(row, terms, bias)
                        for terms, bias in zip(columns_of(weight[head]), fractions(b[head]), strict=True)
                    ]
                    for row in stream
                ]
                for weight, b in ((layer.w_q, layer.b_q), (layer.w_k, layer.b_k), (layer.w_v, layer.b_v))
            )
            for query, asks in enumerate(q):
                seen = range(query + 1) if causal else range(len(stream))
                scores = [self._score(asks, k[key]) for key in seen]
                largest = max(score.low for score in scores)
                if not all(score.known for score in scores):
                    raise Uncertain("a score that is not exact")
                powers = [self.power(self.added([score, point(-largest)])) for score in scores]
                found = [
                    self.mixed(powers, [v[key][dim] for key in seen]) for dim in range(layer.w_v.shape[2])
                ]
                for dim, value in enumerate(found):
                    for place in layer.w_o[head, dim].nonzero()[0]:
                        updates[query][place].append(
                            times(value, Fraction(float(layer.w_o[head, dim, place])))
                        )
        summed = [[self._product(parts) for parts in row] for row in updates]
        return self.updated(stream, summed, fractions(layer.b_o))

    def _score(self, query: Sequence[Interval], key: Sequence[Interval]) -> Interval:
        if not all(side.known for side in (*query, *key)):
            raise Uncertain("a query or a key that is not exact")
        return self.added([point(a.low * b.low) for a, b in zip(query, key, strict=True)])

    def _product(self, parts: Sequence[Interval]) -> Interval:
        """A sum of products, one of which alone is rounded once where it is not short."""
        found = self.added(parts)
        if len(parts) == 1 and not (found.known and self._short(found.low)):
            return wider(found, self.rounding * found.size)
        return found

    def neurons(self, stream: Stream, layer: Layer) -> Stream:
        """What the neurons of one layer add."""
        into, bias, out = columns_of(layer.w_in), fractions(layer.b_in), columns_of(layer.w_out)
        updates = []
        for row in stream:
            before = [self.linear(row, terms, b) for terms, b in zip(into, bias, strict=True)]
            hidden = [Interval(max(ZERO, b.low), max(ZERO, b.high)) for b in before]
            updates.append([self.linear(hidden, terms, ZERO) for terms in out])
        return self.updated(stream, updates, fractions(layer.b_out))

    def logits(self, model: Model, tokens: Sequence[Atom]) -> Stream:
        """The logits of every position of an input."""
        config, weights = apart(model.config, model.weights)
        ids = [0, *(1 + config.vocab.index(token) for token in tokens)]
        stream = [
            [
                self.added([point(a), point(b)])
                for a, b in zip(map(float, token), map(float, position), strict=True)
            ]
            for token, position in zip(
                weights.token_embedding[ids], weights.position_embedding[: len(ids)], strict=True
            )
        ]
        for layer in weights.layers:
            if layer.w_q.shape[0]:
                stream = self.attention(stream, layer, config.causal)
            if layer.w_in.shape[1]:
                stream = self.neurons(stream, layer)
        ends = list(zip(columns_of(weights.unembedding), fractions(weights.unembedding_bias), strict=True))
        return [[self.linear(row, terms, bias) for terms, bias in ends] for row in stream[1:]]

    def _short(self, number: Fraction) -> bool:
        """Whether the format holds it."""
        power_of_two = number.denominator & (number.denominator - 1) == 0
        return (
            power_of_two and (number.numerator >> max(0, _zeros(number.numerator))).bit_length() <= self.bits
        )


MACHINES = {"float32": Machine(24, 104, 87), "float64": Machine(53, 746, 708)}


def certain(model: Model, tokens: Sequence[Atom], answer: Sequence[Atom]) -> bool:
    """Whether the answers to an input are these, whatever rounding does."""
    output = model.config.output
    try:
        found = MACHINES[model.config.dtype].logits(model, tokens)
    except Uncertain:
        return False
    for row, right in zip(found, answer, strict=True):
        if isinstance(output, NumberOutput):
            assert not isinstance(right, str)
            wanted = Fraction(right) / output.scale
            off = max(abs(row[0].low - wanted), abs(row[0].high - wanted))
            near = off < Fraction(1, 2 * output.max_denominator**2)
            if wanted.denominator > output.max_denominator or not near:
                return False
            continue
        if right not in output.labels:
            return False
        own = row[output.labels.index(right)]
        others = [each for label, each in zip(output.labels, row, strict=True) if label != right]
        if any(other.high >= own.low for other in others):
            return False
    return True


def always_right(model: Model, sop: SOp) -> bool:
    """Whether that is so of every input that the program answers."""
    config = model.config
    for length in range(1, config.max_length + 1):
        for tokens in product(config.vocab, repeat=length):
            try:
                answer = sop(list(tokens), causal=config.causal)
            except EvaluationError:
                continue
            if not certain(model, tokens, answer):
                return False
    return True
