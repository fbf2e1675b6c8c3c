"""Any relation between finitely many keys and queries as a selector of the language.

The six comparisons suffice. If any two queries select the same keys or none in common, numbering those
sets makes the relation an equality of numbers. If of any two sets one holds the other, numbering them by
size makes it an order. And every relation is the intersection of such orders: one for each chain of
nested sets, which lets all other queries pass; an `and` of selectors is a single attention head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from rasp.errors import OperandError
from rasp.graph.operators import OPERATIONS
from rasp.graph.sops import LookUp, Select, Selector, SelectorAnd, SOp
from rasp.words import Atom, Comparison, Operator

Keys = frozenset[Atom]


def selector_of_table(
    keys: SOp, queries: SOp, every: Sequence[Atom], chosen: Mapping[Atom, Keys]
) -> Selector:
    """The selector that selects for each query value its set of key values; `every` lists the key values."""
    for comparison in Comparison:
        if all(chosen[query] == _compared(comparison, query, every) for query in chosen):
            return Select(keys, queries, comparison)
    if _disjoint(chosen):
        return _numbered(keys, queries, every, chosen, Comparison.EQ)
    others = {query: frozenset(every) - some for query, some in chosen.items()}
    if _disjoint(others):
        return _numbered(keys, queries, every, others, Comparison.NE)
    first, *rest = (_nested(keys, queries, every, chosen, chain) for chain in _chains(chosen))
    selector: Selector = first
    for part in rest:
        selector = SelectorAnd(selector, part)
    return selector


def _compared(comparison: Comparison, query: Atom, every: Sequence[Atom]) -> Keys | None:
    """The keys that compare with the query, None if they cannot be compared."""
    compare = OPERATIONS[Operator(comparison.value)]
    try:
        return frozenset(key for key in every if compare(key, query))
    except OperandError:
        return None


def _disjoint(chosen: Mapping[Atom, Keys]) -> bool:
    """Whether no two different sets share a key."""
    return not any(one & other for one, other in combinations(set(chosen.values()), 2))


def _numbered(
    keys: SOp, queries: SOp, every: Sequence[Atom], chosen: Mapping[Atom, Keys], comparison: Comparison
) -> Select:
    """Disjoint sets, numbered. Keys in none of them and queries without keys have numbers of their own."""
    numbers = {some: number for number, some in enumerate(dict.fromkeys(chosen.values())) if some}
    number_of_key = {key: number for some, number in numbers.items() for key in some}
    of_keys = {key: number_of_key.get(key, len(numbers)) for key in every}
    of_queries = {query: numbers.get(some, -1) for query, some in chosen.items()}
    return Select(LookUp((keys,), of_keys), LookUp((queries,), of_queries), comparison)


def _chains(chosen: Mapping[Atom, Keys]) -> list[list[Keys]]:
    """The different sets in chains, in each of which every set holds the ones before it."""
    chains: list[list[Keys]] = []
    for some in sorted(dict.fromkeys(chosen.values()), key=len):
        for chain in chains:
            if chain[-1] <= some:
                chain.append(some)
                break
        else:
            chains.append([some])
    return chains


def _nested(
    keys: SOp, queries: SOp, every: Sequence[Atom], chosen: Mapping[Atom, Keys], chain: list[Keys]
) -> Select:
    """What the queries of one chain select; those of other chains select everything."""
    last = len(chain)
    of_keys = {key: next((n for n, some in enumerate(chain) if key in some), last) for key in every}
    of_queries = {query: chain.index(some) if some in chain else last for query, some in chosen.items()}
    return Select(LookUp((keys,), of_keys), LookUp((queries,), of_queries), Comparison.LE)
