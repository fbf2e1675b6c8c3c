"""The forward pass over the graph: decides, operands first, how each s-op's value will reach its readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.graph.conjunctions import EQUAL, Conjunction, Part
from compiler.graph.terms import READS, TOKEN, Kind, Term
from compiler.lowering.demands import raw_feature
from compiler.lowering.digits import adds_up, split, weighed
from compiler.lowering.gates import find_gate
from compiler.lowering.grids import find_grid
from compiler.lowering.parts import in_parts, most_selected, part_dims
from compiler.lowering.plan import USUAL, Plan, Read, Scored, Way
from compiler.lowering.quotients import find_quotient
from compiler.lowering.scores import Dim, Mode, least_dims, literal_dims
from compiler.ranges.domains import Labels, Means, Numbers
from compiler.underway import go_on
from compiler.values.inference import Domains
from compiler.values.relations import Selected
from compiler.values.unproved import naming_means
from rasp.errors import CompileError, TooLargeError


def make_plan(root: Term, domains: Domains, way: Way = USUAL) -> Plan:
    """What is decided for a whole program.

    Raises:
        CompileError: an s-op depends on too many combinations of values to be computed.
    """
    plan = Plan(root, domains, way)
    for term in list(plan.terms):
        go_on()
        with naming_means(term, domains):
            if term.kind in READS:
                _plan_read(plan, term)
            else:
                _plan_elementwise(plan, term)
    return plan


def _plan_elementwise(plan: Plan, term: Term) -> None:
    """Tokens, indices, constants and what is computed at each position."""
    variable = _find_variable(plan, term)
    plan.variables[term.index] = variable
    if variable is term and term.kind is Kind.MAP:
        layer = _plan_computed(plan, term)
        plan.ready_layers[term.index] = plan.mlp_layers[term.index] = layer
    else:
        plan.ready_layers[term.index] = _ready(plan, term, variable)


def _plan_computed(plan: Plan, term: Term) -> int:
    """The layer of a table or a gate: a small table, of which there may be any feature, with the gate as
    another way to its code; a gate, if the table is large, late or impossible.
    """
    if term.is_fraction:
        quotient = find_quotient(plan, term)
        plan.gates[term.index] = quotient
        plan.variables[term.index] = None
        return quotient.layer
    gate = None if term.is_kept else find_gate(plan, term)
    try:
        grid = find_grid(plan, term)
        large = not grid.fits(plan.way.comfortable)
    except CompileError:
        gate = gate or (None if term.is_kept else find_gate(plan, term, real=True))
        if gate is None:
            raise
        grid, large = None, True
    if gate is None and grid is not None and _is_mean(plan, term) and (large or plan.way.small_tables):
        gate = find_gate(plan, term, real=True)
        large = gate is not None and (gate.layer <= grid.layer or plan.way.small_tables)
    wanted = gate is not None and not plan.way.tables_first
    if grid is None or (gate and wanted and (gate.layer < grid.layer or large)):
        assert gate is not None
        plan.gates[term.index] = gate
        plan.variables[term.index] = None
        return gate.layer
    plan.grids[term.index] = grid
    if gate is not None and wanted and gate.layer == grid.layer:
        plan.alternatives[term.index] = gate
    return grid.layer


def _is_mean(plan: Plan, term: Term) -> bool:
    """Whether a term is not kept and carried as a fraction: of such, all values are in one large table."""
    return not term.is_kept and isinstance(plan.domains.get(term), Means)


def _ready(plan: Plan, term: Term, variable: Term | None) -> int:
    """The layer after which the code of what needs no table of its own can be read."""
    if variable is not None:
        return 0 if variable.kind in (Kind.TOKENS, Kind.INDICES) else plan.ready(variable)
    if term.kind is Kind.CONST:
        return 0
    form = plan.code_form(term)
    if form is None:
        return plan.mlp_layer(term)
    return max((plan.ready(leaf) for leaf in form.coefficients), default=0)


def _find_variable(plan: Plan, term: Term) -> Term | None:
    """The one variable that the term is a function of, if it is; itself if it takes a table."""
    match term.kind:
        case Kind.TOKENS:
            return TOKEN
        case Kind.INDICES:
            return term
        case Kind.CONST:
            return None
    if term.is_kept or term.is_fraction:
        return term
    arguments = [a for a in term.args if a.kind is not Kind.CONST]
    variables = [plan.variable(a) for a in arguments]
    if variables and variables[0] is not None and all(v is variables[0] for v in variables):
        return variables[0]
    form = plan.domains.forms[term.index]
    numeric = not isinstance(plan.domains.get(term), Labels)
    if set(form.coefficients) != {term} and numeric and _carries_code(plan, term):
        return None
    return term


def _carries_code(plan: Plan, term: Term) -> bool:
    """Whether an affine term is worth keeping as a form (else it is a table like any other)."""
    return plan.code_form(term) is not None or isinstance(plan.domains.get(term), Means)


def _plan_read(plan: Plan, term: Term) -> None:
    selected = plan.domains.reads[term.index]
    digits: tuple[str, ...] = ()
    if any(literal.relation != EQUAL for conjunction in selected.conjunctions for literal in conjunction):
        undivided = _undivided(plan, term)
        digits = weighed(plan.domains, selected.conjunctions, undivided)
        parts = selected.conjunctions if undivided else split(plan.domains, selected.conjunctions)
        selected = replace(selected, conjunctions=parts)
    picks, mode = selected.picks, _mode(term, selected)
    heads = [(each, part) for each in selected.conjunctions for part in _parts(plan, term, each)]
    planned, span = tuple(_score(plan, conjunction, part, mode) for conjunction, part in heads), 0
    if term.kind is Kind.LEAST:
        planned, span = _prefer_least(plan, term, planned)
    needed = [0]
    for scored in planned:
        for dim in scored.dims:
            needed += [plan.feature_ready(dim.queries, dim.query), plan.feature_ready(dim.keys, dim.key)]
    source = term.args[1] if len(term.args) > 1 else None
    if source is not None:
        needed.append(plan.ready(source))
    read = Read(term, planned, mode, picks, 1 + max(needed), span, digits)
    variable = term if _is_variable(plan, term, picks, source, read.layer) else None
    if variable is None and source is not None:
        needed.append(plan.feature_ready(source, raw_feature(plan, read)))
        read = replace(read, layer=1 + max(needed))
    plan.variables[term.index] = variable
    plan.ready_layers[term.index] = read.layer
    plan.reads[term.index] = read


def _undivided(plan: Plan, term: Term) -> str:
    """Why a read compares orders whole; empty where it compares them digit by digit."""
    asked = plan.domains.asked
    if asked.heads == "fewest" or not asked.optimize:
        return "no more heads are asked for"
    if not adds_up(plan.domains, term):
        return "what is read does not add up over digits"
    return "" if plan.way.digits else "so the whole model is the smallest"


def _prefer_least(plan: Plan, term: Term, planned: Sequence[Scored]) -> tuple[tuple[Scored, ...], int]:
    """The conjunction of a LEAST with a score that prefers small values, and how far that ranges.

    Raises:
        CompileError: the values are carried as fractions, which no whole scores tell apart.
    """
    (scored,) = planned
    source = term.args[1]
    values = plan.domains.get(source)
    if not isinstance(values, Numbers):
        raise TooLargeError(
            f"{term.title} is the least of {values.text}",
            reason="the least of too many means",
            span=term.span,
            hint="compare counts instead of means",
        )
    dims, span = least_dims(source, values, scored.dims)
    encodings = (*scored.encodings, f"-{source.title}: the least scores most (1 dim)")
    return (replace(scored, dims=dims, encodings=encodings, order=(len(dims) - 1,)),), span


def _parts(plan: Plan, term: Term, conjunction: Conjunction) -> tuple[Part | None, ...]:
    """The parts of the positions that a count or a sum is read in, a head for each."""
    if term.kind not in (Kind.WIDTH, Kind.SUM):
        return (None,)
    found = in_parts(plan.domains, term, conjunction)
    if found != (None,):
        plan.embed_positions()
    return found


def _is_variable(plan: Plan, term: Term, picks: bool, source: Term | None, layer: int) -> bool:
    """Whether any feature can be copied along with the value, without delaying the head."""
    if term.kind is Kind.EXISTS:
        return True
    if not picks or source is None or isinstance(plan.domains.get(term), Means):
        return False
    return source.kind is Kind.CONST or plan.feature_layer(source) < layer


def _mode(term: Term, selected: Selected) -> Mode:
    if term.kind in (Kind.WIDTH, Kind.SUM):
        return "count"
    if term.kind is Kind.EXISTS or len(selected.conjunctions) > 1:
        return "half"
    return "none" if selected.always else "half"


def _score(plan: Plan, conjunction: Conjunction, part: Part | None, mode: Mode) -> Scored:
    dims: list[Dim] = []
    encodings = []
    literals = []
    for literal in conjunction:
        keys, queries = plan.domains.get(literal.keys), plan.domains.get(literal.queries)
        computed = literal.queries.kind is not Kind.CONST and plan.variable(literal.queries) is None
        found, encoding = literal_dims(literal, keys, queries, mode != "none", computed)
        literals.append((literal, tuple(range(len(dims), len(dims) + len(found)))))
        dims.extend(found)
        encodings.append(f"{literal.text}: {encoding}")
    most, first = most_selected(conjunction, plan.domains.asked.max_length), len(dims)
    if part is not None:
        most = min(most, part.size)
        dims.extend(part_dims(plan.domains, part))
        encodings.append(f"{part.text}: as many as one head adds up ({len(dims) - first} dims)")
    of_part = tuple(range(first, len(dims)))
    return Scored(tuple(dims), tuple(encodings), tuple(literals), most, part=part, part_dims=of_part)
