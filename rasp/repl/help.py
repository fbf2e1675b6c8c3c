"""What `help` says: the comment above a definition, or a sentence about the language, and an example.

What an example gives is always computed, in a session of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from rasp.elaboration.functions import Function
from rasp.elaboration.library import library_names
from rasp.elaboration.statements import Shown
from rasp.errors import Span, UndefinedNameError
from rasp.graph.sops import Applied
from rasp.graph.values import Value
from rasp.repl.display import Display
from rasp.repl.paint import Paint
from rasp.session import Session, library_program, library_program_names
from rasp.syntax.parser import parse_statements

COMMANDS = {
    "set example E": "take E, a string or list, as the running example",
    "set s-op example E": "the same for s-ops alone, or for `selector`s",
    "show example": "the running examples (also `show s-op example`)",
    "examples on|off": "show results on the running example, or do not (also `s-op examples on`)",
    "full seq display on|off": "show input and output in two aligned rows",
    'load "FILE";': "run FILE.rasp and take over its names",
    "draw(S, INPUT);": "draw the flow of an s-op to comp_flows/S(INPUT).svg",
    "layers NAME": "layers and heads by the rule of the paper",
    "compile NAME": "compile to a transformer, over the running example's tokens",
    "verify NAME": "compile, and compare with the interpreter on all or many inputs",
    "help [NAME]": "this list; or what NAME means, with an example",
    "exit": "leave (also `quit`, Ctrl-D); Ctrl-C drops what is being written",
}


@dataclass(frozen=True)
class Topic:
    """How a part of the language is written, what it means, and a statement or two that show it."""

    form: str
    meaning: str
    example: str


EXAMPLES = {
    "full_s": 'full_s("abc");',
    "length": 'length("abc");',
    "selector_width": 'selector_width(select(tokens, tokens, ==))("hello");',
    "has_focus": 'has_focus(select(indices, indices, <))("abc");',
    "count": 'count(tokens, "l")("hello");',
    "contains": 'contains(tokens, "l")("hello");',
    "max": 'max(indices, 2)("hello");',
    "min": 'min(indices, 2)("hello");',
    "average": 'average(indices)("abcd");',
    "load_from_location": 'load_from_location(tokens, 1)("abc");',
    "shift": 'shift(tokens, 1, "-")("abc");',
    "mark_last_instance": 'mark_last_instance(tokens, "l")("hello");',
    "mark_first_instance": 'mark_first_instance(tokens, "l")("hello");',
    "select_from_last": 'select_from_last(tokens, "l")("hello");',
    "select_from_first": 'select_from_first(tokens, "l")("hello");',
    "sort": 'sort(tokens, tokens)("hello");',
    "select_next_identical": 'select_next_identical(tokens)("noon");',
}
"""An example for each name of the library; what the names mean is said in the library itself."""

_TERNARY = Topic(
    "a if condition else b",
    "A choice; with an s-op as the condition, position by position.",
    '("x" if indices > 1 else tokens)("abcd");',
)
_LOGIC = Topic(
    "a and b, a or b, not a",
    "For s-ops position by position, for selectors entry by entry. `and` and `or` group from the left; "
    "`not` binds tighter than `==`.",
    '(not (tokens == "b") and indices > 0)("abc");',
)
_COMPARISON = Topic(
    "a == b, a != b, a < b, a <= b, a > b, a >= b",
    "A comparison; with an s-op, position by position. Within `select` the sign stands alone.",
    '(tokens == "b")("abc");',
)
_ARITHMETIC = Topic(
    "a + b, a - b, a * b, a / b, a % b, a ^ b",
    "Numbers, exactly (`/` is no rounding, `%` the remainder, `^` the power); with an s-op, position by "
    "position. `+` also joins strings and lists.",
    '(indices / 2 + 1)("abcd");',
)
TOPICS = {
    "s-op": Topic(
        "x = indices + 1;",
        "A value at each position of the input: a string, a number or a bool. `tokens` and `indices` are "
        "s-ops, and so is whatever is computed from them. `s([3, 1])` is its answer on an input.",
        '(indices + 1)("abc");',
    ),
    "selector": Topic(
        "s = select(tokens, tokens, ==);",
        "For each position (row) the positions that it selects (columns): what `select` makes, and `and`, "
        "`or` and `not` of selectors. `aggregate` and `selector_width` read it.",
        'select(indices, indices, <=)("abc");',
    ),
    "select": Topic(
        "select(k, q, op)",
        "The selector whose row i has column j where `k[j] op q[i]`; op is one of == != < > <= >=.",
        'select(indices, indices, <)("abc");',
    ),
    "aggregate": Topic(
        "aggregate(selector, values) or aggregate(selector, values, default)",
        "For each row the mean of the values selected; one alone as it is; if none, the default or 0. The "
        "default may be an s-op.",
        'aggregate(select(indices, length - 1 - indices, ==), tokens)("abc");',
    ),
    "only": Topic(
        "only(selector, values) or only(selector, values, default)",
        "For each row the value that all selected positions hold, which must not differ; if none is "
        "selected, the default or 0. Numbers are not averaged, which makes for smaller models.",
        'only(select(tokens, "b", ==), indices, -1)("abc");',
    ),
    "tokens": Topic(
        "tokens", "The input, each token as a string. It may be assigned anew.", 'tokens("abc");'
    ),
    "tokens_str": Topic("tokens_str", "The input, each token as a string.", "tokens_str([1, 2]);"),
    "tokens_int": Topic("tokens_int", "The input, each token as an int.", 'tokens_int("123");'),
    "tokens_float": Topic("tokens_float", "The input, each token as a float.", 'tokens_float(["1", "2.5"]);'),
    "tokens_bool": Topic(
        "tokens_bool", "Whether each token is neither 0 nor empty.", "tokens_bool([0, 1, 2]);"
    ),
    "tokens_asis": Topic("tokens_asis", "The input as it is.", "tokens_asis([3, 1]);"),
    "indices": Topic("indices", "The positions, from 0.", 'indices("abc");'),
    "out": Topic("out", "The value last evaluated.", "3 + 4;\nout * 2;"),
    "True": Topic("True", "The bool; also the int 1.", "True + 1;"),
    "False": Topic("False", "The bool; also the int 0.", "indices == 1 and False;"),
    "round": Topic("round(x)", "The nearest int; halves go to the even one.", 'round(indices / 2)("abcd");'),
    "indicator": Topic(
        "indicator(s)", "1 where the s-op is true, else 0.", 'indicator(tokens == "a")("aba");'
    ),
    "range": Topic(
        "range(n), range(from, to) or range(from, to, step)", "A list of ints.", "range(2, 8, 3);"
    ),
    "zip": Topic("zip(l, m)", "The pairs of two or more lists.", "zip([1, 2], [3, 4]);"),
    "len": Topic("len(l)", "How long a list is. (`length` is that of the input.)", "len([5, 6]);"),
    "def": Topic(
        "def name(a, b) { x = a + b; return x; }",
        "A function. It has one `return`, at its end; what it assigns stays inside.",
        "def twice(a) { return a + a; }\ntwice(indices);",
    ),
    "for": Topic(
        "for i in list { x = i; }",
        "Runs its statements for each item of a list or key of a dict.",
        "x = 0;\nfor i in [1, 2, 3] { x = x + i; }\nx;",
    ),
    "in": Topic(
        "x in list, or x in s",
        "Whether a list or the values of an s-op hold x. It binds loosest of all: put it in brackets.",
        '(tokens in ["a", "b"])("abc");',
    ),
    "load": Topic('load "name";', "Runs name.rasp and takes over its names, but those with `_` first.", ""),
    "draw": Topic("draw(s);  or  draw(s, input);", "Draws an s-op's layers and heads.", ""),
    "if": _TERNARY,
    "else": _TERNARY,
    "and": _LOGIC,
    "or": _LOGIC,
    "not": _LOGIC,
}
TOPICS["return"] = TOPICS["def"]
TOPICS |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _COMPARISON)
TOPICS |= dict.fromkeys(("+", "-", "*", "/", "%", "^"), _ARITHMETIC)


def overview(paint: Paint) -> str:
    """All commands, a line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {paint.value(command.ljust(width))}  {meaning}" for command, meaning in COMMANDS.items()]
    return "\n".join([*lines, "Statements end in `;`. `help select` explains a word of the language."])


def explain(name: str, session: Session, display: Display) -> str:
    """What a name or word means; raises `UndefinedNameError` if it is neither."""
    paint = display.paint
    try:
        value: Value | None = session.scope.look_up(name)
    except UndefinedNameError as error:
        value = None
        if name not in TOPICS and (about := command_help(name, paint) or program_help(name, paint)):
            return about
        if name not in TOPICS:
            near = get_close_matches(name, TOPICS, n=1)
            error.hint = error.hint or (f"did you mean `{near[0]}`?" if near else None)
            raise
    if name in library_names() and value is library_names()[name]:
        form = value.signature if isinstance(value, Function) else name
        return page(paint, form, comment_above(value), shown_example(EXAMPLES[name], display))
    if name in TOPICS and name not in session.names:
        topic = TOPICS[name]
        return page(paint, topic.form, topic.meaning, shown_example(topic.example, display))
    assert value is not None
    return page(paint, "", comment_above(value), display.named(name, value))


def command_help(name: str, paint: Paint) -> str:
    """The commands of the dialogue that this word belongs to, a line each; nothing if there is none."""
    forms = [form for form in COMMANDS if name in re.findall(r"(?<!-)\b[a-z]+\b(?!-)", form)]
    also = {"quit": "exit", "selector": "set s-op example E"}
    forms = forms or [form for form in COMMANDS if form == also.get(name)]
    return "\n".join(f"  {paint.value(form)}\n  {COMMANDS[form]}" for form in forms)


def program_help(name: str, paint: Paint) -> str:
    """What a program of the library of programs does, and how to get at it; nothing if there is none."""
    if name not in library_program_names():
        return ""
    meaning = library_program(name).splitlines()[0].lstrip("# ")
    note = paint.note("a program of the library; a dialogue begins with it by")
    return f"  {meaning}\n  {note} rasp repl {name}"


def page(paint: Paint, form: str, meaning: str, example: str) -> str:
    """The parts that there are, one below the other."""
    indented = "\n".join(f"  {line}" for line in meaning.splitlines())
    return "\n".join(part for part in (form and f"  {paint.value(form)}", indented, example) if part)


def comment_above(value: Value) -> str:
    """The comment right above the statement that made a function, s-op or selector."""
    span = definition_span(value)
    if span is None:
        return ""
    lines = span.source.split("\n")
    row = end = span.line - span.first_line
    while row > 0 and lines[row - 1].lstrip().startswith("#"):
        row -= 1
    return "\n".join(line.lstrip().lstrip("#").strip() for line in lines[row:end])


def definition_span(value: Value) -> Span | None:
    return value.definition.span if isinstance(value, Function) else getattr(value, "span", None)


def shown_example(example: str, display: Display) -> str:
    """The statements of an example, and below them what the last of them shows."""
    if not example:
        return ""
    lines = [f"  {display.paint.note('>>')} {line}" for line in example.split("\n")]
    session = Session()
    events = [event for statement in parse_statements(example) for event in session.execute(statement)]
    last = events[-1]
    assert isinstance(last, Shown)
    if isinstance(last.value, Applied):
        return "\n".join([*lines, display.application(last.value)])
    return "\n".join([*lines, display.named(last.name, last.value)])
