"""How each s-op's value will reach its readers, and after which layer: what has been decided.

An s-op is one of
- a *function of one variable* (a token, a position, a copied value, a materialised table): any feature
  of it is a feature of that variable, and costs nothing of its own;
- *affine* in several of those, or *raw* (a count, a sum, a mean: one number from a head): its code is a
  linear form; any other feature takes neurons;
- a *gate*: a choice or a comparison of affine forms, as one number that a few neurons compute from them;
- a *table*: anything else; its features are computed by neurons from a few coordinates.

The earliest layers follow from this: attention of layer l reads what is ready after layer l-1, and the
MLP of layer l reads what the attention of layer l has brought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.graph.conjunctions import Literal, Part
from compiler.graph.meaning import call
from compiler.graph.terms import READS, TOKEN, Kind, Term, reachable
from compiler.lowering.coordinates import COMFORTABLE_POINTS, FEW_POINTS, FormCoordinate, Grid
from compiler.lowering.features import Feature, affine_in, is_dyadic
from compiler.lowering.scores import Dim, Mode
from compiler.ranges.affine import AffineForm
from compiler.ranges.domains import MAX_CODE, Labels, Means, Numbers, common_unit, places
from compiler.values.inference import Domains
from compiler.values.wholes import ARITHMETIC, calculated
from rasp.words import Operator


def applied(domains: Domains, term: Term, operands: Iterable[Feature]) -> Feature:
    """The rank of an elementwise s-op's value at each of several points, from those of its operands' values
    there: -1 where one has none, or the s-op.
    """
    assert term.function is not None, term.title
    operands = list(operands)
    ranks = domains.get(term).ranks
    if (truths := compared(domains, term, operands)) is not None:
        return np.array([ranks.get(False, -1), ranks.get(True, -1), -1], dtype=np.int64)[truths]
    if (whole := whole_numbers(domains, term, operands)) is not None:
        return whole
    listings = [domains.get(a).values or () for a in term.args]
    points = list(zip(*(operand.tolist() for operand in operands), strict=True))
    ranked: dict[tuple[int, ...], int] = {}
    for point in points:
        if point not in ranked:
            args = [known[rank] for known, rank in zip(listings, point, strict=True)]
            value = call(term.function, args) if min(point) >= 0 else None
            ranked[point] = -1 if value is None else ranks.get(value, -1)
    return np.array([ranked[point] for point in points], dtype=np.int64)


def compared(domains: Domains, term: Term, operands: Sequence[Feature]) -> Feature | None:
    """Whether a comparison of numbers on lattices holds (1) or not (0) at each point, -1 where an operand has
    no value; None for any other s-op. All points at once: programs compare far more often than they do
    anything else.
    """
    if term.operator not in COMPARED:
        return None
    known = [found for a in term.args if isinstance(found := domains.get(a), Numbers)]
    if len(known) < 2:
        return None
    unit = common_unit(known[0].scale, known[1].scale)
    times = [int(found.scale / unit) for found in known]
    if max(times) > MAX_CODE:
        return None
    left, right = (each.codes[operand] * k for each, operand, k in zip(known, operands, times, strict=True))
    truths = COMPARED[term.operator](left, right).astype(np.int64)
    truths[(operands[0] < 0) | (operands[1] < 0)] = -1
    return truths


def whole_numbers(domains: Domains, term: Term, operands: Sequence[Feature]) -> Feature | None:
    """The same for arithmetic of whole numbers, all points at once; None for any other s-op, and where it has
    no value at some point.
    """
    if term.operator not in ARITHMETIC:
        return None
    known = [known.wholes for a in (*term.args, term) if not isinstance(known := domains.get(a), Means)]
    numbers = [each for each in known if each is not None]
    if len(numbers) != 3 or not all((operand >= 0).all() for operand in operands):
        return None
    left, right, own = numbers
    found = calculated(term, left[operands[0]], right[operands[1]])
    return None if found is None else places(found, own)


COMPARED: dict[Operator | None, Callable[[Feature, Feature], NDArray[np.bool_]]] = {
    Operator.EQ: np.equal,
    Operator.NE: np.not_equal,
    Operator.LT: np.less,
    Operator.LE: np.less_equal,
    Operator.GT: np.greater,
    Operator.GE: np.greater_equal,
}


@dataclass(frozen=True, eq=False)
class Scored:
    """One conjunction of a selector as the products of a head's score (`literals`: which are whose, `order`:
    which prefer smaller values, for LEAST; `part`: of which positions, if not of all, and `part_dims`, which
    say so). It selects at most `most` keys.
    """

    dims: tuple[Dim, ...]
    encodings: tuple[str, ...]
    literals: tuple[tuple[Literal, tuple[int, ...]], ...]
    most: int
    order: tuple[int, ...] = ()
    part: Part | None = None
    part_dims: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Read:
    """How attention computes one AGGREGATE, WIDTH, SUM, EXISTS or LEAST: a head per conjunction. What is
    selected scores no less than -`span`. `digits`: by how many its orders are compared, and why.
    """

    term: Term
    conjunctions: tuple[Scored, ...]
    mode: Mode
    picks: bool
    layer: int
    span: int = 0
    digits: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Gate:
    """A term's code as start + the sum of weight * relu(form), for forms of the codes of others that the MLP
    of the layer can read. `real`: there are means among them.
    """

    term: Term
    layer: int
    start: Fraction
    units: tuple[tuple[AffineForm, Fraction], ...]
    real: bool = False

    @property
    def leaves(self) -> list[Term]:
        """What is read, each once."""
        return list(dict.fromkeys(leaf for form, _ in self.units for leaf in form.coefficients))


@dataclass(frozen=True, eq=False)
class Quotient:
    """A term's code as one number over another, its divisor: a neuron for each value of that, which reads how
    far from it the divisor is by its code and a feature, `squares`: the square of its code less `middle`.
    """

    term: Term
    layer: int
    squares: Feature
    middle: int
    real = True


@dataclass(frozen=True)
class Way:
    """What only the finished model shows to be cheaper or dearer. `tables_first`: where there may be a table,
    there is no gate. `ranked`: an output whose codes lie far apart is read by its rank among the labels.
    `digits`: orders are compared digit by digit where that is smaller. `small_tables`: what a large
    table would hold is computed step by step, if need be in a later layer. `branches`: what would be a table
    is built of its branches along one coordinate, where that takes fewer neurons.
    """

    tables_first: bool = False
    ranked: bool = False
    digits: bool = False
    small_tables: bool = False
    branches: bool = False

    @property
    def comfortable(self) -> int:
        """How many points a table may have that is built at once."""
        return FEW_POINTS if self.small_tables else COMFORTABLE_POINTS


USUAL = Way()


class Plan:
    """The decisions for one graph, which `compiler.lowering.planning` makes operands first, and what
    follows from them.
    """

    def __init__(self, root: Term, domains: Domains, way: Way) -> None:
        self.domains = domains
        self.way = way
        self.terms = [term for term in reachable(root) if not term.is_selector]
        self.reads: dict[int, Read] = {}
        self.grids: dict[int, Grid] = {}
        self.coordinates: dict[object, FormCoordinate | None] = {}
        self.gates: dict[int, Gate | Quotient] = {}
        self.alternatives: dict[int, Gate] = {}
        self.variables: dict[int, Term | None] = {}
        self.ready_layers: dict[int, int] = {}
        self.mlp_layers: dict[int, int] = {TOKEN.index: 0}
        self._maps: dict[int, Feature] = {}

    def embed_positions(self) -> None:
        """Let heads read positions, also of a program that never speaks of them."""
        positions = self.domains.positions
        if positions.index not in self.variables:
            self.terms.insert(0, positions)
            self.variables[positions.index] = positions
            self.ready_layers[positions.index] = 0

    # What a term is ----------------------------------------------------------------------------------

    def variable(self, term: Term) -> Term | None:
        """The one variable the term is a function of, if it is."""
        return TOKEN if term is TOKEN else self.variables[term.index]

    def ranks(self, term: Term) -> Feature:
        """For each value of the term's variable: the rank of the term's value in its domain, -1 where it
        has none.
        """
        pending = [term]
        while pending:
            top = pending[-1]
            variable = self.variable(top)
            operands = () if top is variable or top.kind is not Kind.MAP else top.args
            missing = [a for a in operands if a.kind is not Kind.CONST and a.index not in self._maps]
            if missing and top.index not in self._maps:
                pending += missing
                continue
            pending.pop()
            if top.index not in self._maps:
                self._maps[top.index] = self._compute_ranks(top)
        return self._maps[term.index]

    def _compute_ranks(self, term: Term) -> Feature:
        variable = self.variable(term)
        assert variable is not None
        domain = self.domains.get(term)
        if term is variable:
            return np.arange(self.size(term), dtype=np.int64)
        if term.kind is Kind.TOKENS:
            values = self.domains.tokens[term.index]
            return np.array([-1 if v is None else domain.ranks[v] for v in values], dtype=np.int64)
        constant = np.zeros(self.size(variable), dtype=np.int64)
        operands = [constant if a.kind is Kind.CONST else self._maps[a.index] for a in term.args]
        return applied(self.domains, term, operands)

    def size(self, variable: Term) -> int:
        """How many values a variable has."""
        return len(self.domains.asked.vocab) if variable is TOKEN else self.domains.finite(variable).size

    def is_raw(self, term: Term) -> bool:
        """Whether attention or a gate delivers the term as one number and nothing else of it."""
        return term.index in self.gates or (term.kind in READS and self.variables[term.index] is None)

    def code_form(self, term: Term) -> AffineForm | None:
        """The term's code as a form over its leaves' codes, exact in float32; None if it needs a table."""
        form = self.domains.forms[term.index]
        domain = self.domains.get(term)
        if set(form.coefficients) == {term}:
            return form if self.is_raw(term) else None
        if isinstance(domain, Labels):
            return None
        constant, coefficients = form.constant, dict[Term, Fraction]()
        for leaf, coefficient in form.coefficients.items():
            leaf_domain = self.domains.get(leaf)
            if isinstance(leaf_domain, Numbers) and leaf_domain.size == 1:
                constant += coefficient * leaf_domain.ends[0]
                continue
            mixed = isinstance(leaf_domain, Means) and isinstance(domain, Numbers)
            if leaf_domain.scale is None or mixed:
                return None
            coefficients[leaf] = coefficient * leaf_domain.scale / domain.scale
        code = AffineForm(constant / domain.scale, coefficients)
        exact = all(is_dyadic(c) for c in (code.constant, *coefficients.values()))
        return code if exact or isinstance(domain, Means) else None

    def reads_code(self, term: Term, feature: Feature) -> bool:
        """Whether a feature of an affine or raw term is just its code, scaled and shifted."""
        if self.variable(term) is not None or term.kind is Kind.CONST:
            return False
        domain = self.domains.get(term)
        if isinstance(domain, Means) or self.code_form(term) is None:
            return False
        found = affine_in(feature, domain.codes)
        return found is not None and is_dyadic(found[0]) and is_dyadic(found[1])

    # Layers -------------------------------------------------------------------------------------------

    def ready(self, term: Term) -> int:
        """The layer after which the term's code can be read (0: from the embedding on)."""
        return self.ready_layers[term.index]

    def feature_layer(self, term: Term) -> int:
        """The layer after which any feature of the term can be read."""
        variable = self.variable(term)
        if variable is not None:
            return 0 if variable is TOKEN else self.ready_layers[variable.index]
        return self.mlp_layer(term)

    def feature_ready(self, term: Term | None, feature: Feature | None) -> int:
        """The layer after which one feature can be read."""
        if term is None or feature is None:
            return 0
        if self.reads_code(term, feature):
            return self.ready(term)
        return self.feature_layer(term)

    def mlp_layer(self, term: Term) -> int:
        """The layer whose MLP computes features of an affine or raw term from its code."""
        form = self.domains.forms[term.index]
        return max([1, *(self.inputs_ready(leaf) for leaf in form.coefficients)])

    def inputs_ready(self, term: Term) -> int:
        """The first layer whose MLP can read the term's code."""
        variable = self.variable(term)
        if variable is None and not self.is_raw(term):
            return self.mlp_layer(term) if self.code_form(term) else self.ready(term) + 1
        source = term if variable is None else variable
        if source.kind is Kind.MAP:
            return self.mlp_layers[source.index] + 1
        return 0 if source is TOKEN else self.ready_layers[source.index]
