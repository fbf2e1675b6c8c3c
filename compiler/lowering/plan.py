"""How each s-op's value will reach its readers, and after which layer: the forward pass over the graph.

An s-op is one of
- a *function of one variable* (a token, a position, a copied value, a materialised table): any feature
  of it is a feature of that variable, and costs nothing of its own;
- *affine* in several of those, or *raw* (a count, a sum, a mean: one number from a head): its code is a
  linear form; any other feature takes neurons;
- a *table*: anything else; its features are computed by neurons from a few coordinates.

The earliest layers follow from this: attention of layer l reads what is ready after layer l-1, and the
MLP of layer l reads what the attention of layer l has brought.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from compiler.graph.conjunctions import Conjunction, Literal
from compiler.graph.meaning import call
from compiler.graph.terms import READS, Kind, Term, reachable
from compiler.lowering.evaluation import Evaluator
from compiler.lowering.features import Feature, affine_in, is_dyadic
from compiler.lowering.grids import Grid, find_grid
from compiler.lowering.scores import Dim, Mode, literal_dims
from compiler.values.affine import Affine
from compiler.values.domains import Domain
from compiler.values.inference import Domains

TOKEN = Term(-1, Kind.TOKENS, (), data="id", name="tokens")
"""The variable that all token conversions are functions of: the place in the vocabulary."""


@dataclass(frozen=True, eq=False)
class Part:
    """One conjunction of a selector as the products of a head's score (`scored`: which are whose)."""

    dims: tuple[Dim, ...]
    encodings: tuple[str, ...]
    scored: tuple[tuple[Literal, tuple[int, ...]], ...]


@dataclass(frozen=True, eq=False)
class Read:
    """How attention computes one AGGREGATE, WIDTH, SUM or EXISTS: a head per part."""

    term: Term
    parts: tuple[Part, ...]
    mode: Mode
    picks: bool
    layer: int


class Plan:
    """The decisions for one graph, made operands first."""

    def __init__(self, root: Term, domains: Domains) -> None:
        self.domains = domains
        self.terms = reachable(root)
        self.reads: dict[int, Read] = {}
        self.grids: dict[int, Grid] = {}
        self._variables: dict[int, Term | None] = {}
        self._maps: dict[int, Feature] = {}
        self._ready: dict[int, int] = {}
        self._table_layer: dict[int, int] = {TOKEN.index: 0}
        self._evaluators: dict[tuple[object, ...], Evaluator] = {}
        for term in self.terms:
            if not term.is_selector:
                self._plan(term)

    # What a term is ----------------------------------------------------------------------------------

    def variable(self, term: Term) -> Term | None:
        """The one variable the term is a function of, if it is."""
        return TOKEN if term is TOKEN else self._variables[term.index]

    def places(self, term: Term) -> Feature:
        """For each value of the term's variable: the place of the term's value in its domain, -1 where it
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
                self._maps[top.index] = self._compute_places(top)
        return self._maps[term.index]

    def size(self, variable: Term) -> int:
        """How many values a variable has."""
        return len(self.domains.vocab) if variable is TOKEN else self.domains.finite(variable).size

    def is_raw(self, term: Term) -> bool:
        """Whether attention delivers the term as one number and nothing else of it."""
        return term.kind in READS and self._variables[term.index] is None

    def code_form(self, term: Term) -> Affine | None:
        """The term's code as a form over its leaves' codes, exact in float32; None if it needs a table."""
        form = self.domains.relations.affine.get(term)
        domain = self.domains.get(term)
        if set(form.parts) == {term}:
            return form if self.is_raw(term) else None
        if domain.scale is None:
            return None
        constant, parts = form.constant, dict[Term, Fraction]()
        for leaf, coefficient in form.parts.items():
            leaf_domain = self.domains.get(leaf)
            if isinstance(leaf_domain, Domain) and leaf_domain.numeric and leaf_domain.size == 1:
                constant += coefficient * Fraction(leaf_domain.values[0])
                continue
            if leaf_domain.scale is None or not isinstance(leaf_domain, type(domain)):
                return None
            parts[leaf] = coefficient * leaf_domain.scale / domain.scale
        code = Affine(constant / domain.scale, parts)
        exact = all(is_dyadic(c) for c in (code.constant, *parts.values()))
        return code if exact or not isinstance(domain, Domain) else None

    # Layers -------------------------------------------------------------------------------------------

    def ready(self, term: Term) -> int:
        """The layer after which the term's code can be read (0: from the embedding on)."""
        return self._ready[term.index]

    def feature_layer(self, term: Term) -> int:
        """The layer after which any feature of the term can be read."""
        variable = self.variable(term)
        if variable is not None:
            return 0 if variable is TOKEN else self._ready[variable.index]
        return self.table_layer(term)

    def table_layer(self, term: Term) -> int:
        """The layer whose MLP computes features of an affine or raw term from its code."""
        form = self.domains.relations.affine.get(term)
        return max([1, *(self.inputs_ready(leaf) for leaf in form.parts)])

    def inputs_ready(self, term: Term) -> int:
        """The first layer whose MLP can read the term's code."""
        variable = self.variable(term)
        if variable is None and not self.is_raw(term):
            return self.table_layer(term) if self.code_form(term) else self.ready(term) + 1
        source = term if variable is None else variable
        if source.kind is Kind.MAP:
            return self._table_layer[source.index] + 1
        return 0 if source is TOKEN else self._ready[source.index]

    # Planning -----------------------------------------------------------------------------------------

    def _plan(self, term: Term) -> None:
        if term.kind in READS:
            self._plan_read(term)
            return
        variable = self._find_variable(term)
        self._variables[term.index] = variable
        if variable is term and term.kind is Kind.MAP:
            grid = find_grid(self, term)
            self.grids[term.index] = grid
            self._ready[term.index] = self._table_layer[term.index] = grid.layer
        elif variable is not None:
            self._ready[term.index] = (
                0 if variable.kind in (Kind.TOKENS, Kind.INDICES) else self.ready(variable)
            )
        elif term.kind is Kind.CONST:
            self._ready[term.index] = 0
        else:
            form = self.code_form(term)
            if form is None:
                self._ready[term.index] = self.table_layer(term)
            else:
                self._ready[term.index] = max((self.ready(leaf) for leaf in form.parts), default=0)

    def _find_variable(self, term: Term) -> Term | None:
        match term.kind:
            case Kind.TOKENS:
                return TOKEN
            case Kind.INDICES:
                return term
            case Kind.CONST:
                return None
        if term.is_kept:
            return term
        arguments = [a for a in term.args if a.kind is not Kind.CONST]
        variables = [self.variable(a) for a in arguments]
        if variables and variables[0] is not None and all(v is variables[0] for v in variables):
            return variables[0]
        form = self.domains.relations.affine.get(term)
        numeric = self.domains.get(term).numeric
        if set(form.parts) != {term} and numeric and self._carries_code(term):
            return None
        return term

    def _carries_code(self, term: Term) -> bool:
        """Whether an affine term is worth keeping as a form (else it is a table like any other)."""
        self._variables[term.index] = None
        if self.code_form(term) is not None:
            return True
        domain = self.domains.get(term)
        return not isinstance(domain, Domain)

    def _compute_places(self, term: Term) -> Feature:
        variable = self.variable(term)
        assert variable is not None
        domain = self.domains.get(term)
        if term is variable:
            return np.arange(self.size(term), dtype=np.int64)
        if term.kind is Kind.TOKENS:
            values = self.domains.token_values(term)
            return np.array([-1 if v is None else domain.places[v] for v in values], dtype=np.int64)
        assert term.function is not None
        columns = [self._argument_places(a, variable) for a in term.args]
        listings = [self.domains.get(a).listing or () for a in term.args]
        result = np.full(self.size(variable), -1, dtype=np.int64)
        for i, point in enumerate(zip(*columns, strict=True)):
            if min(point) >= 0:
                value = call(term.function, [v[p] for v, p in zip(listings, point, strict=True)])
                result[i] = -1 if value is None else domain.places.get(value, -1)
        return result

    def _argument_places(self, argument: Term, variable: Term) -> list[int]:
        if argument.kind is Kind.CONST:
            return [0] * self.size(variable)
        return [int(p) for p in self._maps[argument.index]]

    def _plan_read(self, term: Term) -> None:
        picks = term.kind is Kind.AGGREGATE and self.domains.picks(term)
        parts = self.domains.parts(term.args[0])
        mode = self._mode(term, len(parts))
        planned = tuple(self._plan_part(part, mode) for part in parts)
        needed = [0]
        for part in planned:
            for dim in part.dims:
                needed += [self._needs(dim.queries, dim.query), self._needs(dim.keys, dim.key)]
        source = term.args[1] if len(term.args) > 1 else None
        if source is not None:
            needed.append(self.ready(source))
        layer = 1 + max(needed)
        variable = term if self._is_variable(term, picks, source, layer) else None
        self._variables[term.index] = variable
        self._ready[term.index] = layer
        self.reads[term.index] = Read(term, planned, mode, picks, layer)

    def _is_variable(self, term: Term, picks: bool, source: Term | None, layer: int) -> bool:
        """Whether any feature can be copied along with the value, without delaying the head."""
        if term.kind is Kind.EXISTS:
            return True
        if not picks or source is None or not isinstance(self.domains.get(term), Domain):
            return False
        return source.kind is Kind.CONST or self.feature_layer(source) < layer

    def _mode(self, term: Term, parts: int) -> Mode:
        if term.kind in (Kind.WIDTH, Kind.SUM):
            return "count"
        if term.kind is Kind.EXISTS or parts > 1:
            return "half"
        return "none" if self.domains.relations.always(self.domains.parts(term.args[0])) else "half"

    def _plan_part(self, part: Conjunction, mode: Mode) -> Part:
        dims: list[Dim] = []
        encodings = []
        scored = []
        for literal in part:
            keys, queries = self.domains.get(literal.keys), self.domains.get(literal.queries)
            found, encoding = literal_dims(literal, keys, queries, mode != "none")
            scored.append((literal, tuple(range(len(dims), len(dims) + len(found)))))
            dims.extend(found)
            encodings.append(f"{literal.text}: {encoding}")
        return Part(tuple(dims), tuple(encodings), tuple(scored))

    def _needs(self, term: Term | None, feature: Feature | None) -> int:
        """The layer after which one feature can be read."""
        if term is None or feature is None:
            return 0
        if self.reads_code(term, feature):
            return self.ready(term)
        return self.feature_layer(term)

    def reads_code(self, term: Term, feature: Feature) -> bool:
        """Whether a feature of an affine or raw term is just its code, scaled and shifted."""
        if self.variable(term) is not None or term.kind is Kind.CONST:
            return False
        domain = self.domains.get(term)
        if not isinstance(domain, Domain) or self.code_form(term) is None:
            return False
        found = affine_in(feature, domain.codes)
        return found is not None and is_dyadic(found[0]) and is_dyadic(found[1])

    def evaluator(self, grid: Grid) -> Evaluator:
        """The evaluator of the grid's coordinates, shared by all tables over the same ones."""
        key = tuple(c.key for c in grid.coordinates)
        return self._evaluators.setdefault(key, Evaluator(self, grid))
