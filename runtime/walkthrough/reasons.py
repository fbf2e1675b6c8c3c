"""Why there is a layer, with the program's lines, and which function a group of neurons is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from runtime.inspection.duties import NUMBER, Made
from runtime.inspection.own import CUT
from runtime.inspection.quoting import Quoted
from runtime.inspection.reading import sop_name, together
from runtime.inspection.spoken import Code, Text, listed, printable
from runtime.walkthrough.document import Block, Listing, Paragraph
from runtime.walkthrough.subject import Subject, with_article

MOST_READ = 4


def tell_why(subject: Subject, layer: int, quoted: set[int]) -> Iterator[Block]:
    """Why there is the layer in a sentence, and the lines of the program that it computes, as far as they are
    not among those `quoted` already, to which they are added.
    """
    why = subject.duties.why(layer)
    if why:
        yield Paragraph(why)
    made = [*subject.duties.of_sublayer(2 * layer - 1), *subject.duties.of_sublayer(2 * layer)]
    numbers = [each.of for each in made if each.of is not None]
    lines = [line for of in numbers for line in subject.duties.quoting.lines(of) if line.name]
    if not lines:  # of what has no name, the line in which it stands
        lines = [line for of in numbers if (line := subject.duties.quoting.enclosing(of)) is not None]
    new = {line.statement: line for line in lines if line.statement not in quoted}
    quoted.update(new)
    if new:
        yield Listing(tuple(map(printable, listing([new[number] for number in sorted(new)]))))


def listing(lines: Iterable[Quoted]) -> tuple[str, ...]:
    """Lines of the program, before each those of plain values that it mentions; those of library functions
    below the call that they are carried out for.
    """
    found: list[str] = []
    for call, several in groupby(lines, key=lambda line: line.within):
        if call:
            found += [f"# within {call}:", *(f"    {line}" for line in several)]
        else:
            found += [each for line in several for each in (*line.before, str(line))]
    return tuple(dict.fromkeys(found))


def function_of(subject: Subject, made: Made) -> Text:
    """`4 neurons compute wrong from closes and unmatched: so wrong = False.`"""
    told = subject.duties.function(made)
    if made.how == "rewrites" or not made.neurons:
        return (*told, ".")
    return (*told, *read_by(subject, made), *result(subject, made), ".")


def read_by(subject: Subject, made: Made) -> Text:
    """` from closes = True and unmatched = 0`."""
    told: list[Text] = []
    for group in together(subject.columns, made.reads):
        column = subject.columns[group[0]]
        if column.of is None:
            continue
        told_so = subject.duties.is_told(column)
        name = with_article(subject.duties.name(column)) if told_so else subject.helper(column)
        value: Text = ()
        if (
            len(group) == 1
            and NUMBER.sub("", column.name) == sop_name(column)
            and (told_so or CUT not in sop_name(column))
        ):
            value = (
                equals(name),
                Code(subject.means(group[0], float(subject.before(made.sublayer)[group[0]]))),
            )
        told.append((Code(printable(name)), *value))
    more = len(told) - MOST_READ
    return (
        (" from ", *listed([*told[:MOST_READ], *([(f"{more} more",)] if more > 0 else [])])) if told else ()
    )


def result(subject: Subject, made: Made) -> Text:
    """`: so wrong = False`, if one column holds the value."""
    [column, *more] = made.columns
    told = subject.columns[column]
    if more or told.name != sop_name(told) or not subject.duties.is_told(told):
        return ()
    value = subject.means(column, float(subject.after(made.sublayer)[column]))
    return (": so ", Code(printable(made.name)), equals(made.name), Code(value))


def equals(name: str) -> str:
    """What stands between an s-op and its value: no sign beside those of a formula."""
    return " = " if name.isidentifier() else " is "
