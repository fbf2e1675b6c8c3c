"""Methods that find circuits, and how well they do against the circuit that is read off the weights.

Each method sees a model and pairs of inputs only: ACDC cuts edges one by one, activation patching cuts each
alone, edge attribution (EAP) asks gradients, and its integrated form (EAP-IG) asks them along a path.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from compiler.lab.patching import Edge, Pairs, Patching, Stream, all_edges, run, true_edges
from runtime.inspection.circuit import Part
from runtime.model import Model

THRESHOLD = 1e-9
"""An edge whose cut moves logits by less, of what another input moves them, is not kept."""

STEPS = 5
"""Points of the path from the other inputs to the clean ones at which EAP-IG takes gradients."""

Scores = dict[Edge, float]


def acdc(model: Model, pairs: Pairs, threshold: float = THRESHOLD) -> set[Edge]:
    """The edges that are left: from the logits back, each is cut if that moves the logits little more."""
    patching = Patching(model, pairs)
    cut: set[Edge] = set()
    damage = 0.0
    for edge in reversed(all_edges(model)):
        more = patching.damage({*cut, edge})
        if more - damage < threshold:
            cut.add(edge)
            damage = more
    return {*all_edges(model)} - cut


def activation_patching(model: Model, pairs: Pairs) -> Scores:
    """How far the logits move when each edge alone is cut."""
    patching = Patching(model, pairs)
    return {edge: patching.damage({edge}) for edge in all_edges(model)}


def eap(model: Model, pairs: Pairs) -> Scores:
    """Edge attribution: what writing another input's values would change to first order, in size."""
    return integrated(model, pairs, 1)


def eap_ig(model: Model, pairs: Pairs) -> Scores:
    """Edge attribution with gradients on the way from the other inputs' embeddings to the clean ones."""
    return integrated(model, pairs, STEPS)


def integrated(model: Model, pairs: Pairs, steps: int) -> Scores:
    """For each edge the product of what its source changes and the mean gradient where it is read, summed
    over inputs; the gradient is that of the logits' squared distance from those of the other inputs.
    """
    patching = Patching(model, pairs)
    edges = all_edges(model)
    places = dict.fromkeys((target, role) for _, target, role in edges)
    totals = {place: np.zeros_like(next(iter(patching.written.values()))) for place in places}

    def distance(moved: Mapping[tuple[Part, str], Any], share: float) -> Any:
        def reading(part: Part, role: str, stream: Stream) -> Any:
            return stream.total + moved[part, role] if (part, role) in moved else stream.total

        start = patching.other["embedding",] * (1 - share)
        logits, _ = run(patching.weights, pairs.clean, patching.causal, reading, jnp, (start, share))
        return jnp.square(logits - patching.other_logits).sum()

    none = {place: jnp.zeros_like(total) for place, total in totals.items()}
    for step in range(1, steps + 1):
        gradients = jax.grad(distance)(none, step / steps)
        totals = {place: totals[place] + np.asarray(gradients[place]) for place in places}
    return {
        (source, target, role): _effect(
            totals[target, role] / steps, patching.other[source] - patching.written[source]
        )
        for source, target, role in edges
    }


def _effect(gradient: Any, change: Any) -> float:
    return float(np.abs((np.asarray(gradient, np.float64) * change).sum(axis=(1, 2))).sum())


METHODS: dict[str, Callable[[Model, Pairs], Scores]] = {
    "activation patching": activation_patching,
    "ACDC": lambda model, pairs: dict.fromkeys(acdc(model, pairs), 1.0),
    "EAP": eap,
    "EAP-IG": eap_ig,
}
"""Each method as a score for every edge; what it does not score is 0."""


@dataclass(frozen=True)
class Found:
    """How what a method found compares with the true edges.

    `precision`: of those found, how many are true; `recall`: of the true ones, how many were found; `area`:
    how often a true edge is ranked above another.
    """

    precision: float
    recall: float
    area: float


def scored(model: Model, scores: Mapping[Edge, float]) -> Found:
    """What the scores find, everything above 0, against the edges that can vary."""
    true, edges = true_edges(model), all_edges(model)
    found = {edge for edge, score in scores.items() if score > 0}
    return Found(
        precision=len(found & true) / len(found) if found else 1.0,
        recall=len(found & true) / len(true) if true else 1.0,
        area=area(
            [scores.get(e, 0.0) for e in edges if e in true],
            [scores.get(e, 0.0) for e in edges if e not in true],
        ),
    )


def area(true: Collection[float], false: Iterable[float]) -> float:
    """The area under the ROC curve: how often a true one has the higher score; half where they are equal."""
    others = [*false]
    if not true or not others:
        return 1.0
    won = sum((a > b) + (a == b) / 2 for a in true for b in others)
    return won / (len(true) * len(others))
