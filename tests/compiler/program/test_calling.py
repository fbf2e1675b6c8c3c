"""Which values calls of library functions gave."""

from __future__ import annotations

import rasp
from compiler.program.calling import Naming, called
from rasp.graph.sops import Node, in_order
from runtime.statements import Call, Mention


def calls(text: str) -> dict[Node, Call]:
    main = rasp.parse(text).main
    named = Naming({node: number for number, node in enumerate(in_order(main)) if node.name is not None}, {})
    return {node: call for node in in_order(main) if (call := called(node, named)) is not None}


def test_a_call_has_its_arguments_as_they_are_named() -> None:
    [call] = calls("x = indices + 1; n = count(x, 2); answer = n + 1;").values()
    [mention] = call.mentions
    assert call.text == "count(x, 2)"
    assert (mention.start, mention.end) == (6, 7)


def test_calls_in_the_librarys_own_lines_are_none() -> None:
    """`mark_last_instance` calls `has_focus`, which is nothing that the user wrote."""
    [call] = calls('answer = mark_last_instance(tokens, "a");').values()
    assert call.text == 'mark_last_instance(tokens_str, "a")'


def test_an_argument_that_is_no_statement_of_the_program_makes_none() -> None:
    main = rasp.parse("n = count(indices + 1, 2);").main
    assert called(main, Naming({main: 0}, {})) is None
    assert called(main, Naming(dict.fromkeys(in_order(main), 0), {})) == Call(
        "count(x, 2)", (Mention(6, 7, 0),)
    )


def test_functions_of_the_user_are_no_calls_of_the_library() -> None:
    assert calls("def f(x) { return x + 1; } answer = f(indices);") == {}
