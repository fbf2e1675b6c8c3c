"""The way to the terms that are compiled as JSON, and from JSON that may be anything."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, get_args

import numpy as np

from compiler.certificate.derived import Compared, Derived, ReadClaim, TermClaim
from compiler.graph.conjunctions import ANYTHING
from compiler.graph.terms import READS, SELECTORS, Kind, ReadAs, typed
from compiler.ranges.domains import MAX_UNITS, Codes, Domain, Labels, Means, Numbers, labels, multiples
from rasp import records
from rasp.words import Atom, Comparison, Conversion, Operator

LONGEST = 1 << 23
"""Of more values than this no s-op is claimed to be one."""

LONGEST_FRACTION = 2_000
"""Characters of a fraction that is read."""

FEW = 3
"""So many numbers at least are written down as a start, a step and a count."""


def to_data(derived: Derived) -> dict[str, Any]:
    """Plain JSON data."""
    told = {
        "terms": [_term_data(term) for term in derived.terms],
        "root": derived.root,
        "rounds": [" ".join(f"{a}>{b}" for a, b in each.items()) for each in derived.rounds],
        "values": {str(number): domain_data(domain) for number, domain in derived.domains.items()},
        "reads": {str(number): text for number, each in derived.reads.items() if (text := _read_data(each))},
        "ways": {str(number): [_way_data(way) for way in ways] for number, ways in derived.ways.items()},
    }
    return {name: part for name, part in told.items() if part or name not in ("reads", "ways")}


def from_data(data: Mapping[str, Any]) -> Derived:
    """What `to_data` wrote; ValueError, KeyError, TypeError, AttributeError or ModelError for other data."""
    terms = list[TermClaim]()
    for each in data["terms"]:
        terms.append(_term(each, terms))
    rounds = tuple(_round(text, terms) for text in data["rounds"])
    if not rounds:
        raise ValueError("no round of replacements")
    root, values = _number(data["root"], len(terms)), data["values"]
    domains = {_number(number, len(terms)): domain_of(each) for number, each in values.items()}
    if any(terms[number].kind in SELECTORS for number in (root, *domains)):
        raise ValueError("a selector has no values")
    reads = {_of_kind(number, terms, READS): _read(text) for number, text in data.get("reads", {}).items()}
    ways = {
        _of_kind(number, terms, SELECTORS): tuple(_way(text, terms) for text in each)
        for number, each in data.get("ways", {}).items()
    }
    return Derived(tuple(terms), root, rounds, domains, reads, ways)


def _number(text: str | int, count: int) -> int:
    number = int(text)
    if not 0 <= number < count:
        raise ValueError(f"there is no term {number}")
    return number


def _round(text: str, terms: Sequence[TermClaim]) -> dict[int, int]:
    found: dict[int, int] = {}
    for pair in text.split():
        before, after = (_number(each, len(terms)) for each in pair.split(">"))
        if (terms[before].kind in SELECTORS) != (terms[after].kind in SELECTORS):
            raise ValueError("a selector is no s-op")
        found[before] = after
    return found


# selections -------------------------------------------------------------------------------------------


def _of_kind(number: str, terms: Sequence[TermClaim], kinds: Collection[Kind]) -> int:
    found = _number(number, len(terms))
    if terms[found].kind not in kinds:
        raise ValueError(f"term {found} selects nothing")
    return found


_SAID = {"always": "always", "not mine": "not_mine", "one key": "one_key", "one value": "one_value"}
"""What is said of a read, and the field that says it."""


def _read_data(claim: ReadClaim) -> str:
    return ", ".join(words for words, name in _SAID.items() if getattr(claim, name))


def _read(text: str) -> ReadClaim:
    return ReadClaim(**{_SAID[words]: True for words in text.split(", ") if words})


def _way_data(way: Sequence[Compared]) -> str:
    return ", ".join(f"{x.keys} {x.relation} {x.queries}" for x in way)


def _way(text: str, terms: Sequence[TermClaim]) -> tuple[Compared, ...]:
    return tuple(_compared(each, terms) for each in text.split(", ") if each)


def _compared(text: str, terms: Sequence[TermClaim]) -> Compared:
    keys, relation, queries = text.split()
    numbers = [_number(each, len(terms)) for each in (keys, queries)]
    if any(terms[number].kind in SELECTORS for number in numbers) or not set(relation) <= ANYTHING:
        raise ValueError("what is compared are s-ops")
    return Compared(numbers[0], relation, numbers[1])


# terms ------------------------------------------------------------------------------------------------


def _term_data(term: TermClaim) -> list[Any]:
    """Its kind, the numbers of its operands, and what else it is, if anything."""
    own = _own_data(term.kind, term.data)
    return [term.kind.name.lower(), " ".join(map(str, term.args)), *([] if own is None else [own])]


def _own_data(kind: Kind, data: Any) -> Any:
    match kind:
        case Kind.TOKENS:
            return data
        case Kind.CONST:
            return _atom_data(data[1])
        case Kind.SELECT:
            return data.value
        case Kind.AGGREGATE | Kind.LEAST:
            default = None if data.default is None else _atom_data(data.default[1])
            return [default, data.only, data.unread]
        case Kind.MAP:
            return _function_data(data)
    return None


def _function_data(data: Any) -> list[Any]:
    match data:
        case ("op", operator):
            return ["op", operator.value]
        case ("list" | "member" as what, items):
            return [what, *(_atom_data(value) for _, value in items)]
        case ("dict", items):
            return ["dict", *([_atom_data(key), _atom_data(value)] for (_, key), (_, value) in items)]
        case ("fraction", inner):
            return ["fraction", *_function_data(inner)]
    return list(data)


def _term(data: Sequence[Any], before: Sequence[TermClaim]) -> TermClaim:
    name, operands, *own = data
    kind = Kind[name.upper()]
    args = tuple(_number(each, len(before)) for each in operands.split())
    term = TermClaim(kind, args, _own(kind, *own))
    selecting = "".join("s" if before[a].kind in SELECTORS else "v" for a in args)
    if selecting != _operands(term):
        raise ValueError(f"a {name} of other operands than it has")
    return term


def _own(kind: Kind, data: Any = None) -> Hashable:
    match kind:
        case Kind.TOKENS if data in get_args(Conversion):
            return str(data)
        case Kind.CONST:
            return typed([_atom(data)])[0]
        case Kind.SELECT:
            return Comparison(data)
        case Kind.AGGREGATE | Kind.LEAST:
            default, only, unread = data
            return ReadAs(
                None if default is None else typed([_atom(default)])[0], only is True, unread is True
            )
        case Kind.MAP:
            return _function(*data)
    if data is not None:
        raise ValueError("a term with more than it has")
    return None


def _function(what: str, *rest: Any) -> Hashable:
    match what, rest:
        case "op", [str() as operator]:
            return ("op", Operator(operator))
        case "list" | "member", _:
            return (what, typed(map(_atom, rest)))
        case "dict", _:
            keys, values = [_atom(key) for key, _ in rest], [_atom(value) for _, value in rest]
            return ("dict", tuple(zip(typed(keys), typed(values), strict=True)))
        case "text" | "kept", [str() as text]:
            return (what, text)
        case "mean", []:
            return ("mean",)
        case "fraction", ["mean"] | ["op", "/"]:
            return ("fraction", _function(*rest))
    raise ValueError(f"there is no such function: {what}")


def _operands(term: TermClaim) -> str:
    """Which operands a term has: selectors, and s-ops."""
    if term.kind is not Kind.MAP:
        return _SIDES[term.kind]
    match term.data:
        case ("op", Operator.NEG | Operator.POS | Operator.NOT | Operator.ROUND | Operator.INDICATOR):
            return "v"
        case ("op", Operator.CHOOSE):
            return "vvv"
        case ("op", _) | ("mean",) | ("fraction", _):
            return "vv"
    return "v"


_SIDES = {
    **dict.fromkeys((Kind.TOKENS, Kind.INDICES, Kind.CONST), ""),
    **dict.fromkeys((Kind.AGGREGATE, Kind.SUM, Kind.LEAST), "sv"),
    **dict.fromkeys((Kind.WIDTH, Kind.EXISTS, Kind.NOT), "s"),
    **dict.fromkeys((Kind.AND, Kind.OR), "ss"),
    Kind.SELECT: "vv",
}


def _atom_data(value: Atom) -> Any:
    return records.to_data(value)


def _atom(data: Any) -> Atom:
    value: Atom = records.from_data(Atom, data, "a value of the certificate")
    return value


# values -----------------------------------------------------------------------------------------------


def domain_data(domain: Domain) -> Any:
    """All values of an s-op: a list, or text for numbers, as codes and what these are multiples of. Whole
    numbers that are no ints are named besides.
    """
    if isinstance(domain, Labels):
        return [_atom_data(value) for value in domain.values]
    unit = "" if domain.scale == 1 else f" of {domain.scale}"
    if isinstance(domain, Means):
        listed = "" if domain.listed is None else "; " + " ".join(map(str, domain.listed))
        return f"{domain.low} to {domain.high} by {domain.max_denominator}{unit}{listed}"
    named = (_named(name, kind, domain) for name, kind in _TYPES.items())
    return f"{' '.join(_progressions(domain.codes))}{unit}{''.join(named)}"


_TYPES: Mapping[str, type[bool | Fraction]] = {"truths": bool, "fractions": Fraction}


def _named(name: str, kind: type, domain: Numbers) -> str:
    """The codes of whole numbers of a type; if all are, its name only."""
    mine = np.array([type(value) is kind and Fraction(value).denominator == 1 for value in domain.values])
    if mine.all():
        return f"; {name}"
    return f"; {name} {' '.join(_progressions(domain.codes[mine]))}" if mine.any() else ""


def _progressions(codes: Codes) -> Iterator[str]:
    """Integers as text, those that follow one another in equal steps together: 0 2 4 6 9 is "0+2*4 9"."""
    steps = np.diff(codes)
    edges = [*(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(steps)]
    start = 0
    for edge in edges:
        if edge - start >= FEW:
            yield f"{codes[start]}+{steps[start]}*{edge - start + 1}"
            start = edge + 1
        elif edge >= start:
            yield from map(str, codes[start:edge].tolist())
            start = edge
    yield from map(str, codes[start:].tolist())


def domain_of(data: Any) -> Domain:
    """The domain that `domain_data` wrote."""
    if isinstance(data, list):
        values = [_atom(each) for each in data]
        ranked = sorted(dict.fromkeys(values), key=lambda value: (isinstance(value, str), value))
        if not values or ranked != values:
            raise ValueError("values that are not in order")
        return labels(values)
    text, *more = data.split("; ")
    text, _, unit = text.partition(" of ")
    scale = _positive(unit) if unit else Fraction(1)
    if " to " in text:
        return _means(text, scale, [_fraction(each) for each in more[0].split()] if more else None)
    found = multiples(_codes(text.split()), scale)
    for each in more:
        found = _typed(found, *each.split())
    return found


def _typed(numbers: Numbers, name: str, *parts: str) -> Numbers:
    """Numbers of which some are no ints; all, if none is named."""
    mine = np.isin(numbers.codes, _codes(parts)) if parts else np.ones(numbers.size, dtype=bool)
    kind = _TYPES[name]
    values = tuple(kind(v) if m else v for v, m in zip(numbers.values, mine.tolist(), strict=True))
    if values != numbers.values:
        raise ValueError("truth values that are none")
    return Numbers(values, numbers.codes, numbers.scale)


def _means(text: str, scale: Fraction, listed: list[Fraction] | None) -> Means:
    ends, _, most = text.partition(" by ")
    low, high = map(_fraction, ends.split(" to "))
    if listed is not None and (not listed or sorted(set(listed)) != listed):
        raise ValueError("fractions that are not in order")
    if low > high or int(most) < 1:
        raise ValueError("fractions between no bounds")
    return Means(low, high, int(most), scale, None if listed is None else tuple(listed))


def _codes(parts: Iterable[str]) -> Codes:
    """The integers that `_progressions` wrote, which must grow."""
    pieces: list[Codes] = []
    left = LONGEST
    for part in parts:
        first, _, more = part.partition("+")
        step, _, count = more.partition("*")
        start, by, times = int(first), int(step or 1), int(count or 1)
        left -= times
        if not times > 0 or left < 0 or by < 1 or max(abs(start), by * times) >= MAX_UNITS:
            raise ValueError("more or larger numbers than there are")
        pieces.append(start + by * np.arange(times, dtype=np.int64))
    codes = np.concatenate(pieces)
    if (np.diff(codes) <= 0).any():
        raise ValueError("numbers that are not in order")
    return codes


def _positive(text: str) -> Fraction:
    number = _fraction(text)
    if number <= 0:
        raise ValueError("a unit that is not positive")
    return number


def _fraction(text: str) -> Fraction:
    if len(text) > LONGEST_FRACTION:
        raise ValueError("a fraction of too many digits")
    return records.fraction(text)
