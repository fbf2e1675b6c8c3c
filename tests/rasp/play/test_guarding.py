"""Who is answered by the playground's server: its own page, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from rasp.play.guarding import LARGEST_BODY, refusal

TOKEN, PORT = "secret", 4321
OWN = {"host": "127.0.0.1:4321"}


def scope(path: str = "/secret/boot", method: str = "GET", **headers: str) -> dict[str, Any]:
    given = {key.replace("_", "-"): value for key, value in {**OWN, **headers}.items()}
    pairs = [(key.encode(), value.encode()) for key, value in given.items()]
    return {"type": "http", "path": path, "method": method, "headers": pairs}


@pytest.mark.parametrize(
    "asked",
    [
        scope(),
        scope(host="localhost:4321"),
        scope(sec_fetch_site="same-origin"),
        scope(sec_fetch_site="none"),
        scope("/secret/do/look", "POST", origin="http://127.0.0.1:4321"),
    ],
)
def test_the_page_is_answered(asked: dict[str, Any]) -> None:
    assert refusal(asked, TOKEN, PORT) is None


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (scope(host="evil.example:4321"), "127.0.0.1 only"),  # a name of somebody else that leads here
        (scope(host="127.0.0.1:4322"), "127.0.0.1 only"),
        (scope(host=""), "127.0.0.1 only"),
        (scope(sec_fetch_site="cross-site"), "own page"),
        (scope(sec_fetch_site="same-site"), "own page"),
        (scope("/secret/do/look", "POST"), "own page"),
        (scope("/secret/do/look", "POST", origin="null"), "own page"),  # the page of a model, in its sandbox
        (scope("/secret/do/look", "POST", origin="http://evil.example"), "own page"),
        (scope("/secret/do/look", "POST", origin="http://127.0.0.1:4322"), "own page"),
        (scope("/"), "token"),
        (scope("/boot"), "token"),
        (scope("/secre/boot"), "token"),
        (scope("/secretx/boot"), "token"),
        (scope("/secret"), "token"),
        (scope("/sécret/boot"), "token"),
        (scope(content_length=str(LARGEST_BODY + 1)), "too much"),
    ],
)
def test_others_are_not(asked: dict[str, Any], why: str) -> None:
    said = refusal(asked, TOKEN, PORT)
    assert said is not None
    assert why in said
