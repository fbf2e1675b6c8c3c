"""Who is answered: the page that this server has sent, and nobody else.

Any page that is open in the browser can send requests to 127.0.0.1. What keeps them out: every address begins
with a token that only the page knows (and whoever started the server); the Host must be this machine's, so
that no name of somebody else leads here; and the Origin, where the browser names one, must be this server.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

NAMES = ("127.0.0.1", "localhost")
LARGEST_BODY = 2_000_000
"""Bytes of a request."""

SAFE = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cache-control": b"no-store",
}
"""Headers of every answer."""


@dataclass(frozen=True)
class Guarded:
    """An application behind these checks."""

    app: App
    token: str
    port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        why = refusal(scope, self.token, self.port)
        if why is not None:
            await refuse(send, why)
            return
        inner = dict(scope, path=scope["path"][len(self.token) + 1 :])
        inner.pop("raw_path", None)
        await self.app(inner, receive, with_headers(send))


def refusal(scope: Scope, token: str, port: int) -> str | None:
    """Why a request is not answered; None if it is."""
    headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
    hosts = [f"{name}:{port}" for name in NAMES]
    if headers.get(b"host", b"").decode("latin-1") not in hosts:
        return "This server answers on 127.0.0.1 only."
    if not of_this_page(headers, hosts, scope["method"]):
        return "This server answers its own page only."
    if not has_token(scope["path"], token):
        return "Open the address that `rasp play` has printed: it has a token in it."
    if int(headers.get(b"content-length", b"0") or 0) > LARGEST_BODY:
        return "That is too much for one request."
    return None


def of_this_page(headers: Mapping[bytes, bytes], hosts: list[str], method: str) -> bool:
    """Whether the browser says that its own page asks, or somebody who typed the address."""
    origin = headers.get(b"origin")
    if origin is None:
        return method == "GET" and headers.get(b"sec-fetch-site", b"none") in (b"none", b"same-origin")
    return origin.decode("latin-1") in [f"http://{host}" for host in hosts]


def has_token(path: str, token: str) -> bool:
    """Whether an address begins with the token, compared in the same time whatever it is."""
    first = path[1 : len(token) + 1]
    rest = path[len(token) + 1 :]
    return hmac.compare_digest(first.encode(), token.encode()) and rest.startswith("/")


async def refuse(send: Send, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *SAFE.items()]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": why.encode()})


def with_headers(send: Send) -> Send:
    """Send what is answered with the headers that every answer has."""

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = [(name, value) for name, value in message["headers"] if name.lower() not in SAFE]
            message = {**message, "headers": [*given, *SAFE.items()]}
        await send(message)

    return sent
