"""The reference interpreter's answers for whole arrays of inputs at once, exactly.

Every s-op is an array of codes of its own values, so that a value is computed once, by the
interpreter's own `apply`, however often it occurs; selectors are arrays of bools. Sums are integers over a
common denominator, and a mean is the pair of a sum and a count: nothing is ever rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rasp.errors import EvaluationError, InputError, LimitError
from rasp.graph.atoms import checked, shown, to_atom
from rasp.graph.interpreter import apply, convert
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Elementwise,
    Exists,
    Indices,
    Node,
    Read,
    Select,
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    Width,
    in_order,
)
from rasp.words import Atom, Comparison
from runtime.transformer.tokens import as_sequence, shown_vocab

Codes = NDArray[np.int64]
Bools = NDArray[np.bool_]

UNDEFINED = -1
UNKNOWN = -2

DENSE = 1 << 22
"""The largest keys that are looked up in an array; those that spread further go through a dict."""

EXACT_SINGLE, EXACT_DOUBLE = 1 << 24, 1 << 53
"""Up to here floats of 32 and 64 bits hold every integer, and sums of them."""

EXACT = 1 << 62
"""Integers that may come near this are Python's ints."""

ENTRIES = 1 << 22
"""Entries of a selector's array that are computed at once."""


MEMORY = 1 << 31
"""Bytes that the arrays of one input's pairs of positions may take."""


class Seen:
    """The values that an s-op has had so far, each once: 1, 1.0 and True are three different ones."""

    def __init__(self) -> None:
        self.atoms: list[Atom] = []
        self._codes: dict[tuple[type, Atom], int] = {}
        self._scaled: tuple[int, NDArray[Any]] | None = None
        self.code(0)  # what stands for a value where there is none

    def code(self, value: Atom) -> int:
        """The value's code, made if it is new."""
        key = (type(value), value)
        if key not in self._codes:
            self._codes[key] = len(self.atoms)
            self.atoms.append(value)
            self._scaled = None
        return self._codes[key]

    def are(self, kind: type) -> Bools:
        """For each value, whether it is of this very type."""
        return np.array([type(atom) is kind for atom in self.atoms])

    @property
    def scaled(self) -> tuple[int, NDArray[Any]]:
        """A common denominator, and for each value its numerator over that (0 for a string)."""
        if self._scaled is None:
            numbers = [Fraction(0) if isinstance(a, str) else Fraction(a) for a in self.atoms]
            common = math.lcm(*(number.denominator for number in numbers))
            numerators = [number.numerator * (common // number.denominator) for number in numbers]
            fits = max(map(abs, numerators)) < EXACT_DOUBLE
            self._scaled = common, np.array(numerators, dtype=np.int64 if fits else object)
        return self._scaled


class Memo:
    """A function from integers to codes, computed once for each integer."""

    def __init__(self) -> None:
        self._dense = np.full(16, UNKNOWN, dtype=np.int64)
        self._sparse: dict[int, int] = {}

    def look_up(self, keys: NDArray[Any], compute: Callable[[int], int]) -> Codes:
        """The codes of an array of keys, none of them negative."""
        if keys.dtype == object or keys.max(initial=0) >= DENSE:
            return self._look_up_sparse(keys, compute)
        largest = int(keys.max(initial=0))
        if largest >= self._dense.size:
            wider = np.full(2 * largest, UNKNOWN, dtype=np.int64)
            wider[: self._dense.size] = self._dense
            self._dense = wider
        codes: Codes = self._dense[keys]
        missing = np.flatnonzero(codes == UNKNOWN)
        if missing.size:
            for key in np.unique(keys.ravel()[missing]).tolist():
                self._dense[key] = compute(key)
            codes = self._dense[keys]
        return codes

    def _look_up_sparse(self, keys: NDArray[Any], compute: Callable[[int], int]) -> Codes:
        distinct, inverse = np.unique(keys.ravel(), return_inverse=True)
        for key in distinct.tolist():
            if key not in self._sparse:
                self._sparse[key] = compute(key)
        codes = np.array([self._sparse[key] for key in distinct.tolist()], dtype=np.int64)
        return codes[inverse].reshape(keys.shape)


@dataclass
class Remembered:
    """What an oracle keeps about one s-op from batch to batch; a memo is good for one `setting` only."""

    seen: Seen = field(default_factory=Seen)
    memo: Memo = field(default_factory=Memo)
    setting: tuple[object, ...] = ()

    def memo_for(self, *setting: object) -> Memo:
        if setting != self.setting:
            self.memo, self.setting = Memo(), setting
        return self.memo


@dataclass(frozen=True)
class Answers:
    """The codes [B, n] of an s-op on B inputs, which inputs have an answer at all, and what codes mean."""

    codes: Codes
    defined: Bools
    atoms: Sequence[Atom]

    def row(self, number: int) -> list[Atom] | None:
        """The values on one input, None where it is undefined."""
        if not self.defined[number]:
            return None
        return [self.atoms[code] for code in self.codes[number].tolist()]


class Oracle:
    """An s-op over a vocabulary, ready for batches of inputs.

    Raises InputError if the s-op is none, or the vocabulary holds something that is no token.
    """

    def __init__(self, sop: SOp, vocab: Iterable[Atom], causal: bool = False) -> None:
        if not isinstance(sop, SOp):
            raise InputError(f"an oracle answers for an s-op, not for {shown(sop)}")
        self.sop = sop
        self.vocab = tuple(map(to_atom, vocab))
        self.causal = causal
        self.order = tuple(in_order(sop))
        self._remembered = {node: Remembered() for node in self.order if isinstance(node, SOp)}
        self._ids = {(type(atom), atom): number for number, atom in enumerate(self.vocab)}
        self._selectors = sum(isinstance(node, Selector) for node in self.order)

    def __call__(self, inputs: Sequence[Sequence[Atom]]) -> list[list[Atom] | None]:
        """The answers to inputs of any lengths, None where the reference interpreter raises.

        Raises InputError for what is no input over the vocabulary, LimitError where one is too long.
        """
        if isinstance(inputs, str | bytes) or not isinstance(inputs, Sequence | np.ndarray):
            raise InputError("a batch is a list of inputs, each a string or a list of tokens")
        encoded = [self._encode(one) for one in inputs]
        answers: list[list[Atom] | None] = [None] * len(encoded)
        by_length: dict[int, list[int]] = {}
        for number, ids in enumerate(encoded):
            by_length.setdefault(len(ids), []).append(number)
        for numbers in by_length.values():
            found = self.answers(np.array([encoded[number] for number in numbers]))
            for row, number in enumerate(numbers):
                answers[number] = found.row(row)
        return answers

    def _encode(self, inputs: object) -> list[int]:
        """One input as the numbers of its tokens in the vocabulary."""
        sequence = as_sequence(inputs)
        if not len(sequence):
            raise InputError("the input is empty: the oracle needs at least one token")
        self._check_length(len(sequence))
        try:
            return [self._ids[type(token), token] for token in sequence]  # type: ignore[index]
        except (KeyError, TypeError):  # not in the vocabulary, or in another class than the vocabulary's
            return [self._id(position, token) for position, token in enumerate(sequence)]

    def _id(self, position: int, token: object) -> int:
        """The number of a token in the vocabulary. True, 1 and 1.0 are three different ones."""
        try:
            atom = to_atom(token)
            return self._ids[type(atom), atom]
        except (InputError, LimitError, KeyError):
            raise InputError(
                f"position {position} holds {shown(token)}, which is not in the vocabulary "
                f"{shown_vocab(self.vocab)}"
            ) from None

    def _check_length(self, n: int) -> None:
        """Raise LimitError if the arrays of one input's pairs would not fit into the memory."""
        size = n * n * (self._selectors + 8)  # a byte for each selector; an aggregate needs one float
        if self._selectors and size > MEMORY:
            raise LimitError(
                f"an input of {n:,} tokens needs about {size:,} bytes for its pairs of positions in "
                f"{self._selectors:,} selectors; {MEMORY:,} are the limit"
            )

    def answers(self, ids: Codes) -> Answers:
        """The answers to inputs of one length n >= 1, given as numbers of tokens [B, n].

        Raises LimitError if they are too long.
        """
        self._check_length(np.shape(ids)[1])
        parts = list(self._batches(np.asarray(ids)))
        codes = np.concatenate([part.codes[self.sop] for part in parts])
        return Answers(codes, np.concatenate([part.defined for part in parts]), self.seen(self.sop).atoms)

    def traced(self, ids: Codes) -> dict[Node, Answers]:
        """The answers of every s-op of the program, to inputs as `answers` takes them."""
        self._check_length(np.shape(ids)[1])
        batch = self._evaluate(np.asarray(ids))
        return {
            node: Answers(batch.codes[node], batch.defined, known.seen.atoms)
            for node, known in self._remembered.items()
        }

    def chosen(self, ids: Codes, selectors: Iterable[Selector]) -> dict[Selector, Bools]:
        """What selectors of the program select, [B, n, n], on inputs as `answers` takes them; in a causal
        program nothing that is after the query.
        """
        self._check_length(np.shape(ids)[1])
        batch = self._evaluate(np.asarray(ids))
        before = np.tri(batch.n, dtype=bool) if self.causal else np.ones((batch.n, batch.n), bool)
        return {each: batch.chosen[each] & before for each in selectors}

    def seen(self, sop: SOp) -> Seen:
        """The values that an s-op of the program has had so far."""
        return self._remembered[sop].seen

    def _batches(self, ids: Codes) -> Iterator[Batch]:
        rows = max(1, ENTRIES // ids.shape[1] ** 2)
        for start in range(0, max(len(ids), 1), rows):
            yield self._evaluate(ids[start : start + rows])

    def _evaluate(self, ids: Codes) -> Batch:
        batch = Batch(self, ids)
        for node in self.order:
            batch.evaluate(node)
        return batch


class Batch:
    """One batch on its way through the graph: the codes of s-ops [B, n], the bools of selectors [B, n, n]."""

    def __init__(self, oracle: Oracle, ids: Codes) -> None:
        self.ids = ids
        self.n = ids.shape[1]
        self.oracle = oracle
        self.codes: dict[Node, Codes] = {}
        self.chosen: dict[Node, Bools] = {}
        self.defined: Bools = np.ones(len(ids), dtype=bool)

    def evaluate(self, node: Node) -> None:
        """Add the values of a node whose operands have theirs."""
        match node:
            case Select():
                self.chosen[node] = self._select(node)
            case SelectorAnd(left=left, right=right):
                self.chosen[node] = self.chosen[left] & self.chosen[right]
            case SelectorOr(left=left, right=right):
                self.chosen[node] = self.chosen[left] | self.chosen[right]
            case SelectorNot(operand=operand):
                self.chosen[node] = ~self.chosen[operand]
            case SOp():
                known = self.oracle._remembered[node]
                self.codes[node] = self._checked(self._sop(node, known), known.seen)

    def _checked(self, codes: Codes, seen: Seen) -> Codes:
        """The codes, inputs with none or with values of two types struck from the defined ones."""
        if codes.min(initial=0) == UNDEFINED:
            self.defined &= (codes != UNDEFINED).all(axis=1)
            codes = np.where(codes == UNDEFINED, 0, codes)
        texts = seen.are(str)
        if texts.any():
            of_text = texts[codes]
            self.defined &= of_text.all(axis=1) | ~of_text.any(axis=1)
        return codes

    def _sop(self, node: SOp, known: Remembered) -> Codes:
        seen = known.seen
        match node:
            case Tokens(conversion=conversion):
                vocab = self.oracle.vocab
                return known.memo.look_up(
                    self.ids, lambda i: value_code(seen, lambda: convert(conversion, vocab[i]))
                )
            case Indices():
                row = np.array([seen.code(i) for i in range(self.n)])
                return np.broadcast_to(row, self.ids.shape)
            case Constant(value=value):
                return np.full(self.ids.shape, seen.code(value))
            case Elementwise():
                return self._elementwise(node, known)
            case Aggregate():
                return self._aggregate(node, known)
            case Width():
                counts = np.asarray(np.sum(self._read(node), axis=2))
                return known.memo.look_up(counts, seen.code)
            case Exists():
                truths = np.any(self._read(node), axis=2).astype(np.int64)
                return known.memo.look_up(truths, lambda truth: seen.code(bool(truth)))
        raise TypeError(f"no such node: {node!r}")

    def _elementwise(self, node: Elementwise, known: Remembered) -> Codes:
        operands = [self.oracle.seen(arg) for arg in node.args]
        # Room to grow, so that a memo serves many batches.
        radices = [1 << len(seen.atoms).bit_length() for seen in operands]

        def compute(key: int) -> int:
            values = []
            for seen, radix in zip(reversed(operands), reversed(radices), strict=True):
                key, code = divmod(key, radix)
                values.append(seen.atoms[code])
            return value_code(known.seen, lambda: apply(node, tuple(reversed(values))))

        keys: NDArray[Any] = np.zeros(
            self.ids.shape, dtype=object if math.prod(radices) >= EXACT else np.int64
        )
        for arg, radix in zip(node.args, radices, strict=True):
            keys = keys * radix + self.codes[arg]
        return known.memo_for(*radices).look_up(keys, compute)

    def _select(self, node: Select) -> Bools:
        left, right = self.oracle.seen(node.keys), self.oracle.seen(node.queries)
        ranks = joint_ranks([*left.atoms, *right.atoms])
        keys = ranks[: len(left.atoms)][self.codes[node.keys]]
        queries = ranks[len(left.atoms) :][self.codes[node.queries]]
        if node.comparison not in (Comparison.EQ, Comparison.NE):
            texts = left.are(str)[self.codes[node.keys][:, 0]], right.are(str)[self.codes[node.queries][:, 0]]
            self.defined &= texts[0] == texts[1]
        return COMPARE[node.comparison](keys[:, None, :], queries[:, :, None])

    def _read(self, node: Read) -> Bools:
        """What is selected, of what can be seen."""
        chosen = self.chosen[node.selector]
        return chosen & np.tri(self.n, dtype=bool) if self.oracle.causal else chosen

    def _aggregate(self, node: Aggregate, known: Remembered) -> Codes:
        chosen = self._read(node)
        codes, read = self.codes[node.values], self.oracle.seen(node.values)
        if node.only:
            return self._sole(node, known.seen, chosen)
        common, numerators = read.scaled
        bound = self.n * max(map(abs, numerators.tolist()))
        counts, positions, sums = read_sums(chosen, numerators[codes], bound)
        self._strike_means(codes, counts, read)
        radix = self.n + 1

        def compute(key: int) -> int:
            total, count = divmod(key, radix)
            return value_code(known.seen, lambda: checked(Fraction(total - bound, common * count)))

        memo = known.memo_for(radix, common, bound)
        means = memo.look_up(np.where(counts > 1, (sums + bound) * radix + counts, 1), compute)
        return np.where(counts > 1, means, self._one_or_none(node, known.seen, counts, positions))

    def _sole(self, node: Aggregate, seen: Seen, chosen: Bools) -> Codes:
        """The codes of what the first selected position holds; inputs on which another one that is selected
        holds something else are undefined.
        """
        places = joint_ranks(self.oracle.seen(node.values).atoms)[self.codes[node.values]]
        first: Codes = chosen.argmax(axis=2)
        same = places[:, None, :] == np.take_along_axis(places, first, axis=1)[:, :, None]
        self.defined &= (same | ~chosen).all(axis=(1, 2))
        counts: Codes = np.asarray(chosen.any(axis=2), dtype=np.int64)
        return self._one_or_none(node, seen, counts, first)

    def _one_or_none(self, node: Aggregate, seen: Seen, counts: Codes, positions: Codes) -> Codes:
        """The codes where one is selected (the value itself, at that position) or none (the default)."""
        atoms = self.oracle.seen(node.values).atoms
        codes, default = self.codes[node.values], node.default
        single = np.take_along_axis(codes, np.where(counts == 1, positions, 0), axis=1)
        read = _translated(codes, atoms, seen)[single]
        if isinstance(default, SOp):
            own = self.codes[default]
            return np.where(counts == 0, _translated(own, self.oracle.seen(default).atoms, seen)[own], read)
        return np.where(counts == 0, seen.code(0 if default is None else default), read)

    def _strike_means(self, codes: Codes, counts: NDArray[np.integer], seen: Seen) -> None:
        """Inputs on which a mean of strings or of bools is asked for are undefined."""
        if counts.max(initial=0) > 1:
            no_mean = seen.are(str)[codes].all(axis=1) | seen.are(bool)[codes].all(axis=1)
            self.defined &= ~(no_mean & (counts > 1).any(axis=1))


def _translated(codes: Codes, atoms: Sequence[Atom], seen: Seen) -> Codes:
    """For each code of an s-op the code of the same value among others; only what occurs is added to them."""
    present = np.zeros(len(atoms), dtype=bool)
    present[codes.ravel()] = True
    return np.array([seen.code(a) if there else 0 for a, there in zip(atoms, present, strict=True)])


COMPARE: dict[Comparison, Callable[[Any, Any], Bools]] = {
    Comparison.EQ: np.equal,
    Comparison.NE: np.not_equal,
    Comparison.LT: np.less,
    Comparison.LE: np.less_equal,
    Comparison.GT: np.greater,
    Comparison.GE: np.greater_equal,
}


def read_sums(chosen: Bools, numerators: NDArray[Any], bound: int) -> tuple[Codes, Codes, NDArray[Any]]:
    """For each row: how many are chosen, the sum of their positions, and the sum of their numerators.

    As one product where floats carry such integers exactly, which is far the fastest: none exceeds `bound`.
    """
    n = chosen.shape[2]
    largest = max(bound, n * n)
    if largest >= EXACT_DOUBLE:
        wide = np.where(chosen, numerators.astype(object)[:, None, :], 0).sum(axis=2)
        counts, positions, _ = read_sums(chosen, np.zeros_like(numerators, dtype=np.int64), 0)
        return counts, positions, wide
    kind = np.float32 if largest < EXACT_SINGLE else np.float64
    parts = np.empty((*numerators.shape, 3), dtype=kind)
    parts[..., 0], parts[..., 1], parts[..., 2] = 1, np.arange(n), numerators
    counts, positions, sums = np.moveaxis((chosen.astype(kind) @ parts).astype(np.int64), 2, 0)
    return counts, positions, sums


def value_code(seen: Seen, compute: Callable[[], Any]) -> int:
    """The code of a computed value, `UNDEFINED` where there is none."""
    try:
        return seen.code(compute())
    except EvaluationError:
        return UNDEFINED


def joint_ranks(atoms: Sequence[Atom]) -> NDArray[np.unsignedinteger]:
    """Each atom's place among all in ascending order, numbers before strings; equal atoms share theirs."""
    ordered = sorted(set(atoms), key=lambda atom: (isinstance(atom, str), atom))
    places = {atom: place for place, atom in enumerate(ordered)}
    # The narrower the numbers, the faster the comparison of all keys with all queries.
    return np.array([places[atom] for atom in atoms], dtype=np.min_scalar_type(len(ordered)))
