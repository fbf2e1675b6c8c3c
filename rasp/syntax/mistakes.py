"""What to say about a syntax error, given the words read and those that would have been right.

The typical mistakes are a table of small functions, tried in order; the first that recognises the mistake
gives the message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rasp.errors import RaspSyntaxError, Span, UnfinishedError
from rasp.syntax.building import Word

BRACKETS = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}
CLOSING = {"RPAR": "LPAR", "RSQB": "LSQB", "RBRACE": "LBRACE"}
COMMANDS = {"SET", "SHOW", "EXAMPLES", "EXIT", "QUIT", "FULL_SEQ_DISPLAY"}
KEYWORDS = (
    {"IF", "ELSE", "NOT", "AND", "OR", "DEF", "RETURN", "FOR", "IN", "ROUND", "INDICATOR", "LOAD", "DRAW"}
    | {"ON", "OFF", "EXAMPLE", "SELECTOR"}
    | COMMANDS
)
OPERATORS = {"PLUS", "MINUS", "STAR", "SLASH", "PERCENT", "CARET"} | {
    *("EQ", "NE", "LE", "GE", "LT", "GT", "AND", "OR")
}
OPERANDS = {"NAME", "INT", "FLOAT", "STRING"}
OPENERS = {"SELECT", "AGGREGATE", "RANGE", "ZIP", "LEN", "ROUND", "INDICATOR"}


LOOP = "write `for i in range(n) { ... }`"
CONDITIONAL = "write `a if condition else b`"
STRAIGHT_QUOTES = 'strings are written with straight double quotes: "a"'


@dataclass(frozen=True)
class Mistake:
    """A message, a hint if there is one, and where the caret goes if not at the guilty word."""

    message: str
    hint: str | None = None
    span: Span | None = None


@dataclass(frozen=True)
class Situation:
    """The words of a statement up to the guilty one, which is None where the text ended instead."""

    words: list[Word]
    guilty: Word | None
    expected: set[str]

    @property
    def previous(self) -> Word | None:
        return self.words[-1] if self.words else None

    def before(self, *types: str) -> bool:
        """Do the words right before the guilty one have these types?"""
        return [word.type for word in self.words[len(self.words) - len(types) :]] == list(types)

    def open_brackets(self) -> list[int]:
        """Where in `words` the brackets stand that are still open, outermost first."""
        stack: list[int] = []
        for position, word in enumerate(self.words):
            if word.type in BRACKETS:
                stack.append(position)
            elif word.type in CLOSING and stack:
                stack.pop()
        return stack

    def innermost(self) -> Word | None:
        """The innermost bracket that is still open."""
        stack = self.open_brackets()
        return self.words[stack[-1]] if stack else None

    def called(self) -> str:
        """The type of the word before the innermost open bracket: what its contents are arguments of."""
        stack = self.open_brackets()
        return self.words[stack[-1] - 1].type if stack and stack[-1] > 0 else ""

    def is_guilty(self, *types: str) -> bool:
        return self.guilty is not None and self.guilty.type in types

    def next_statement_begins(self) -> bool:
        """Does the guilty word, on a line of its own, belong to a new statement, though brackets are open?"""
        inside = self.innermost()
        if self.guilty is None or self.previous is None or inside is None or inside.type == "LBRACE":
            return False
        if self.guilty.type in ("DEF", "LOAD", "DRAW", "RETURN"):
            return True
        name_before = self.guilty.type == "EQUAL" and self.previous.type == "NAME" and len(self.words) > 1
        return name_before and self.previous.span.line > self.words[-2].span.end_line

    def in_head(self, word: str) -> bool:
        """Is this the part of a `def` or `for` before its braces?"""
        return self.first() == word and not any(each.type in ("LBRACE", "IN") for each in self.words)

    def first(self) -> str:
        return self.words[0].type if self.words else ""

    def behind_previous(self) -> Span | None:
        """The place right behind the last good word, where something is missing."""
        if self.previous is None:
            return None
        span = self.previous.span
        line, column = span.end_line, span.end_column
        return Span(span.file, line, column, line, column + 1, span.source, span.first_line)


def explain(words: list[Word], expected: set[str], *, at_end: bool) -> RaspSyntaxError:
    """The error for a statement of which `words` were read, the last being the guilty one unless the text
    ended (`at_end`); `expected` are the terminals that could have stood there.
    """
    guilty = None if at_end else words[-1]
    situation = Situation(words if at_end else words[:-1], guilty, expected)
    mistake = next(filter(None, (rule(situation) for rule in RULES)), None) or _generic(situation)
    span = mistake.span or (guilty.span if guilty else situation.behind_previous())
    kind = UnfinishedError if at_end else RaspSyntaxError
    return kind(mistake.message, span=span, hint=mistake.hint)


# Characters that do not belong


def _unclosed_string(s: Situation) -> Mistake | None:
    if s.is_guilty("UNCLOSED_STRING"):
        return Mistake("this string is not closed", 'a string ends with `"` on the line where it begins')
    return None


def _unknown_character(s: Situation) -> Mistake | None:
    if not s.is_guilty("UNKNOWN") or s.guilty is None:
        return None
    character = s.guilty.text
    if character == ".":
        digits = s.previous is not None and s.previous.type == "INT"
        if digits or s.previous is None or s.previous.type not in OPERANDS | set(CLOSING):
            return Mistake("a number needs digits on both sides of its point", "write 0.5 or 5.0")
        return Mistake("unexpected `.`", "there are no attributes or methods in RASP")
    hints = {
        "&": "write `and`",
        "|": "write `or`",
        "!": "write `not`",
        "?": CONDITIONAL,
        **dict.fromkeys("'`\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}", STRAIGHT_QUOTES),
        "\\": "a backslash has no meaning outside a string",
        "@": "there are no matrices; selectors are combined by `and`, `or` and `not`",
    }
    hint = hints.get(character)
    if hint is None and character.isalpha():
        hint = "names are made of the letters A to Z and a to z, digits and `_`"
    shown = f"`{character}`" if character.isprintable() else f"U+{ord(character):04X}"
    return Mistake(f"unexpected character {shown}", hint)


# Operators of other languages


def _assignment_sign(s: Situation) -> Mistake | None:
    if not s.is_guilty("EQUAL"):
        return None
    last = s.previous
    if last is not None and last.type in OPERATORS - {"AND", "OR"}:
        if last.type in ("EQ", "LT", "GT"):
            return Mistake(f"`{last.text}=` is not an operator", "equality is written `==`")
        return Mistake(
            f"there is no `{last.text}=`", f"write the name twice: `x = x {last.text} 1;`", last.span
        )
    if len(s.words) == 1 and last is not None and last.type in KEYWORDS:
        return Mistake(f"`{last.text}` is a word of the language and cannot be assigned", None, last.span)
    if s.in_head("DEF"):
        return Mistake("a parameter has no default", "each call gives all values: `f(tokens, 2)`")
    if s.in_head("FOR"):
        return Mistake("a loop has no `=`", LOOP)
    if s.words and [word.type for word in s.words] == ["NAME", *["EQUAL", "NAME"] * (len(s.words) // 2)]:
        return Mistake(
            "`=` assigns a value, it does not compare",
            "to compare, write `==`; names are given values one by one: `b = 1; a = b;`",
        )
    if s.open_brackets() or any(word.type == "EQUAL" for word in s.words) or s.first() in KEYWORDS:
        return Mistake("`=` assigns a value, it does not compare", "to compare, write `==`")
    span = s.words[0].span.until(s.words[-1].span) if s.words else None
    hint = "lists and dicts never change; make a new one" if s.before("RSQB") else None
    if [word.type for word in s.words] == ["NAME", "MINUS", "NAME"]:
        hint = f"a name has no hyphen: `{s.words[0].text}_{s.words[2].text}`"
    return Mistake("only names can be assigned", hint or "to compare, write `==`", span)


def _doubled_operator(s: Situation) -> Mistake | None:
    if s.is_guilty("STAR") and s.before("STAR"):
        return Mistake("there is no `**`", "power is written `^`")
    if s.is_guilty("SLASH") and not s.words:
        return Mistake("a statement does not begin with `/`", "a comment begins with `#`")
    if s.is_guilty("GT") and s.before("LT"):
        return Mistake("there is no `<>`", "unequal is written `!=`", s.words[-1].span)
    if s.is_guilty("SEMICOLON") and (s.before("PLUS", "PLUS") or s.before("MINUS", "MINUS")):
        sign = s.words[-1].text
        return Mistake(
            f"there is no `{sign}{sign}`", f"write the name twice: `x = x {sign} 1;`", s.words[-1].span
        )
    if s.is_guilty("SLASH") and s.before("SLASH"):
        return Mistake("there is no `//`", "the floor is `round((a - a % b) / b)`; a comment begins with `#`")
    return None


def _not_in(s: Situation) -> Mistake | None:
    if s.is_guilty("NOT") and s.previous is not None and s.previous.type in OPERANDS | set(CLOSING):
        return Mistake("`not` cannot follow a value", "write `not (x in l)`")
    return None


# Statements that do not exist, or are used in the wrong place


def _foreign_statement(s: Situation) -> Mistake | None:
    first = s.words[0] if s.words else s.guilty
    if first is None:
        return None
    if not s.words:
        if first.type == "IF":
            return Mistake("there is no `if` statement", "write `x = a if condition else b;`")
        if first.type == "RETURN":
            return Mistake("`return` outside a function")
        if first.type == "ELSE":
            return Mistake("`else` without an `if` before it")
        if first.type == "SEMICOLON":
            return Mistake("an empty statement", "no second `;`, and none behind a `}`")
    if first.type == "NAME" and first.text == "while":
        return Mistake("there is no `while` loop", LOOP, first.span)
    if first.type == "NAME" and first.text in ("import", "from") and len(s.words) == 1:
        return Mistake(f"there is no `{first.text}`", 'write `load "name";`', first.span)
    if s.is_guilty("IF") and s.innermost() is not None and s.before("LBRACE"):
        return Mistake("there is no `if` statement", "write `x = a if condition else b;`")
    return None


def _command(s: Situation) -> Mistake | None:
    if s.words and s.is_guilty("SEMICOLON") and "$END" in s.expected:
        return Mistake("this command takes no semicolon")
    if s.guilty is not None and "$END" in s.expected:
        return Mistake(
            f"expected the end of this command, got {_came(s)}", "a command stands on its own line"
        )
    if s.is_guilty(*COMMANDS) and s.innermost() is not None and s.guilty is not None:
        return Mistake(f"`{s.guilty.text}` is a command, and not allowed inside a function or loop")
    return None


def _load(s: Situation) -> Mistake | None:
    if s.before("LOAD") and len(s.words) == 1:
        return Mistake("`load` needs the name of a file in quotes", 'write `load "name";`')
    return None


def _function_body(s: Situation) -> Mistake | None:
    if s.is_guilty("RBRACE") and "RETURN" in s.expected:
        return Mistake("a function must end with `return`", "write `return value;` before the `}`")
    if s.guilty is not None and s.expected == {"RBRACE"}:
        return Mistake("`return` must be the last statement of a function")
    if s.before("RETURN") and s.is_guilty("SEMICOLON"):
        return Mistake("`return` needs a value")
    if s.expected == {"LBRACE"} or (s.first() in ("FOR", "DEF") and "LBRACE" in s.expected and s.guilty):
        what = "function" if s.first() == "DEF" else "loop"
        return Mistake(f"the body of a {what} stands in braces `{{` `}}`")
    return None


# Brackets and commas


def _wrong_bracket(s: Situation) -> Mistake | None:
    if not s.is_guilty(*CLOSING) or s.guilty is None:
        return None
    opened = s.innermost()
    if opened is None:
        return Mistake(f"`{s.guilty.text}` closes nothing", "is there one bracket too many?")
    if CLOSING[s.guilty.type] != opened.type:
        missing = BRACKETS[opened.type]
        return Mistake(
            f"expected `{missing}` to close the `{opened.text}` of line {opened.span.line}, "
            f"column {opened.span.column}, got `{s.guilty.text}`"
        )
    return None


def _comma(s: Situation) -> Mistake | None:
    if s.is_guilty("RPAR", "RSQB", "RBRACE") and s.before("COMMA"):
        return Mistake("a comma needs something behind it", "leave out the last comma")
    if s.is_guilty("COMMA") and s.before("COMMA"):
        return Mistake("two commas in a row")
    inside = s.innermost()
    if s.is_guilty("COMMA") and inside is not None and inside.type == "LPAR":
        if s.called() in ("ROUND", "INDICATOR"):
            return Mistake(f"`{s.called().lower()}` takes one argument")
        if s.called() == "SELECT":
            return Mistake("`select` takes three arguments: keys, queries and a comparison")
        if s.called() == "AGGREGATE":
            return Mistake("`aggregate` takes a selector, values and at most one default")
        return Mistake("there are no tuples", "write a list: `[a, b]`")
    indexing = inside is not None and inside.type == "LSQB" and s.called() in OPENERS | {"NAME"}
    if s.is_guilty("COMMA") and inside is not None and indexing:
        name = s.words[s.open_brackets()[-1] - 1].text
        return Mistake("an index is one value", f"a call has round brackets: `{name}(...)`", inside.span)
    return None


def _arguments(s: Situation) -> Mistake | None:
    if s.called() == "SELECT" and "EQ" in s.expected and "PLUS" not in s.expected:
        return Mistake(
            f"expected a comparison, got {_came(s)}",
            "the third argument of `select` is one of == != < <= > >=, without quotes",
        )
    if s.is_guilty("RPAR") and s.called() == "SELECT":
        return Mistake(
            "`select` needs three arguments: keys, queries and a comparison",
            "write for example `select(indices, indices, <)`",
        )
    if s.is_guilty("RPAR") and s.called() == "AGGREGATE":
        return Mistake("`aggregate` needs a selector and values")
    if s.is_guilty("RPAR") and s.before("LPAR") and s.called() in OPENERS:
        return Mistake(f"`{s.called().lower()}` needs an argument")
    return None


def _colon(s: Situation) -> Mistake | None:
    inside = s.innermost()
    if s.is_guilty("COLON") and len(s.words) == 1 and s.first() == "NAME":
        return Mistake("unexpected `:`", "a value is given by `=` alone: `x = 1;`")
    if s.is_guilty("COLON") and inside is not None and inside.type == "LSQB":
        return Mistake("there are no slices", "pick single items: `[l[i] for i in range(2)]`")
    if s.is_guilty("RBRACE", "COMMA") and s.expected >= {"COLON"}:
        return Mistake("an entry of a dict is written `key: value`")
    if s.is_guilty("FOR") and inside is not None and inside.type == "LBRACE" and s.expected >= {"COLON"}:
        return Mistake(
            "an entry of a dict is written `key: value`", "a list has square brackets: `[a for a in l]`"
        )
    return None


def _missing_else(s: Situation) -> Mistake | None:
    if "ELSE" not in s.expected or s.guilty is None:
        return None
    if any(word.type == "FOR" for word in s.words[(s.open_brackets() or [len(s.words)])[-1] :]):
        return Mistake("a comprehension has no `if`, and a conditional needs an `else`")
    return Mistake("a conditional needs an `else`", CONDITIONAL)


def _keyword_as_name(s: Situation) -> Mistake | None:
    if s.guilty is None:
        return None
    if s.guilty.type in KEYWORDS and "NAME" in s.expected:
        return Mistake(f"`{s.guilty.text}` is a word of the language and cannot be a name")
    if s.expected == {"NAME"} or (s.first() == "DEF" and s.expected == {"NAME", "RPAR"}):
        return Mistake(f"expected a name, got {_came(s)}", LOOP if s.in_head("FOR") else None)
    return None


# Something is missing


def _missing_semicolon(s: Situation) -> Mistake | None:
    if "SEMICOLON" not in s.expected or s.guilty is None or s.previous is None:
        return None
    if s.is_guilty("FOR") and s.guilty.span.line == s.previous.span.end_line and s.previous.type in OPERANDS:
        return Mistake(
            "expected an operator or `;`, got `for`", "a comprehension is a list: `[a for a in l]`"
        )
    new_line = s.guilty.span.line > s.previous.span.end_line
    starts = s.guilty.type in {"DEF", "FOR", "LOAD", "DRAW", "RETURN", "RBRACE"} | COMMANDS
    if new_line or starts:
        return Mistake(
            "missing `;` at the end of this statement", "every statement ends with `;`", s.behind_previous()
        )
    if s.previous.type == "INT" and s.guilty.type == "NAME" and _touching(s.previous, s.guilty):
        return Mistake(
            f"`{s.previous.text}{s.guilty.text}` is neither a number nor a name",
            "numbers have no exponent, and names do not begin with a digit",
            s.previous.span.until(s.guilty.span),
        )
    if s.guilty.type in OPERANDS | OPENERS | {"LBRACE"}:
        foreign = FOREIGN_WORDS.get(s.guilty.text) or FOREIGN_WORDS.get(s.previous.text)
        return Mistake(
            f"expected an operator or `;`, got {_came(s)}", foreign or "is a `;` missing before it?"
        )
    if s.guilty.type == "COMMA" and s.first() not in KEYWORDS:
        return Mistake("unexpected `,`", "several values in a row are written as a list: `[a, b]`")
    return None


FOREIGN_WORDS = {
    "is": "equality is written `==`",
    "xor": "for truth values write `!=`",
    **dict.fromkeys(("lambda", "function", "fun", "fn"), "functions are written `def f(a) { return a; }`"),
    **dict.fromkeys(("let", "var", "const", "int", "float", "bool", "string"), "write `x = 1;` alone"),
}
"""What to write instead of words that other languages have, where two words stand side by side."""


def _touching(left: Word, right: Word) -> bool:
    return (left.span.end_line, left.span.end_column) == (right.span.line, right.span.column)


def _missing_bracket(s: Situation) -> Mistake | None:
    opened = s.innermost()
    if opened is None or not (s.guilty is None or s.is_guilty("SEMICOLON") or s.next_statement_begins()):
        return None
    if (
        s.is_guilty("SEMICOLON")
        and s.previous is not None
        and s.previous.type in OPERATORS | {"COMMA", "NOT"}
    ):
        return None
    missing = BRACKETS[opened.type]
    return Mistake(f"missing `{missing}`: this `{opened.text}` is never closed", None, opened.span)


def _bracket_before_statement(s: Situation) -> Mistake | None:
    return _missing_bracket(s) if s.next_statement_begins() else None


def _missing_operand(s: Situation) -> Mistake | None:
    if s.previous is not None and s.previous.type in OPERATORS | {"NOT", "IN", "IF", "ELSE", "EQUAL"}:
        hint = CONDITIONAL if s.is_guilty("IF") else None
        return Mistake(f"expected an expression after `{s.previous.text}`, got {_came(s)}", hint)
    return None


def _unfinished(s: Situation) -> Mistake | None:
    if s.guilty is None and "SEMICOLON" in s.expected:
        return Mistake("missing `;` at the end of this statement", "every statement ends with `;`")
    return None


def _missing_comma(s: Situation) -> Mistake | None:
    inside = s.innermost()
    if inside is not None and "COMMA" in s.expected and s.is_guilty(*OPERANDS, *OPENERS):
        return Mistake(f"expected `,` or `{BRACKETS[inside.type]}`, got {_came(s)}")
    return None


def _lonely_names(s: Situation) -> Mistake | None:
    if s.is_guilty("SEMICOLON") and s.expected == {"EQUAL", "COMMA"}:
        return Mistake("several names need a `=` and values behind them", "write `a, b = 1, 2;`")
    return None


RULES: list[Callable[[Situation], Mistake | None]] = [
    _unclosed_string,
    _unknown_character,
    _bracket_before_statement,
    _foreign_statement,
    _assignment_sign,
    _doubled_operator,
    _not_in,
    _command,
    _load,
    _wrong_bracket,
    _function_body,
    _comma,
    _colon,
    _missing_else,
    _arguments,
    _lonely_names,
    _missing_semicolon,
    _missing_bracket,
    _unfinished,
    _missing_operand,
    _keyword_as_name,
    _missing_comma,
]


def _came(s: Situation) -> str:
    return "the end of the text" if s.guilty is None else f"`{s.guilty.text}`"


def _generic(s: Situation) -> Mistake:
    """What was expected and what came, in general terms."""
    if "INT" in s.expected:
        wanted = "an expression" if s.words else "a statement"
    elif "IN" in s.expected and "PLUS" not in s.expected:
        wanted = "`in`"
    elif len(s.expected) == 1:
        wanted = f"`{NAMES_OF_TERMINALS.get(next(iter(s.expected)), next(iter(s.expected)).lower())}`"
    elif "RPAR" in s.expected:
        wanted = "`)`"
    elif "RSQB" in s.expected:
        wanted = "`]`"
    elif "RBRACE" in s.expected:
        wanted = "`}`"
    else:
        return Mistake(f"unexpected {_came(s)}")
    return Mistake(f"expected {wanted}, got {_came(s)}")


NAMES_OF_TERMINALS = {
    "SEMICOLON": ";",
    "COMMA": ",",
    "COLON": ":",
    "EQUAL": "=",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "LBRACE": "{",
    "RBRACE": "}",
}
"""How the grammar's terminals are written, where that is not their name in small letters."""
