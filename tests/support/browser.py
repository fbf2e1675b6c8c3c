"""A headless Chromium, driven through chromedriver's own HTTP interface (WebDriver)."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that the WebDriver standard gives to references
# Frames stand still in a tab or an iframe that nobody sees; nothing is put off to them there either.
DRAWN = """
const done = arguments[arguments.length - 1];
requestAnimationFrame(() => requestAnimationFrame(done));
setTimeout(done, 1000);
"""
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1440,1000",
]


class Browser:
    """One browser window."""

    def __init__(self, address: str) -> None:
        self.address = address
        options = {"args": FLAGS}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.address += f"/session/{answer['sessionId']}"

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=600) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    def open(self, page: Path | str) -> None:
        """Go to a file, or to an address."""
        address = page if isinstance(page, str) else page.resolve().as_uri()
        self._send("POST", "/url", {"url": address})

    def resize(self, width: int, height: int) -> None:
        """Lay the page out for a window of this size, also one narrower than windows can be."""
        self._send(
            "POST",
            "/goog/cdp/execute",
            {
                "cmd": "Emulation.setDeviceMetricsOverride",
                "params": {
                    "width": width,
                    "height": height,
                    "deviceScaleFactor": 1,
                    "mobile": width < 600,
                },
            },
        )

    def scheme(self, name: str) -> None:
        """What the system prefers: light or dark."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self._send(
            "POST",
            "/goog/cdp/execute",
            {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}},
        )

    def click(self, selector: str, place: int = 0) -> None:
        """Click the element that is found at this place."""
        query = {"using": "css selector", "value": selector}
        found = self._send("POST", "/elements", query)[place]
        self._send("POST", f"/element/{found[ELEMENT]}/click", {})

    def click_at(self, selector: str, x: int, y: int, place: int = 0) -> None:
        """Click a point of an element, x and y pixels from its middle."""
        query = {"using": "css selector", "value": selector}
        found = self._send("POST", "/elements", query)[place]
        steps: list[dict[str, Any]] = [
            {"type": "pointerMove", "duration": 0, "origin": found, "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._send("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": steps}]})

    def tap(self, x: int, y: int) -> None:
        """Tap a point of the window with a finger."""
        steps: list[dict[str, Any]] = [
            {"type": "pointerMove", "duration": 0, "origin": "viewport", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        finger = {"type": "pointer", "id": "finger", "parameters": {"pointerType": "touch"}, "actions": steps}
        self._send("POST", "/actions", {"actions": [finger]})

    def wait(self, condition: str, seconds: float = 20) -> Any:
        """What a JavaScript expression comes to, as soon as that is true."""
        end = time.monotonic() + seconds
        while True:
            found = self.run(f"return {condition}")
            if found:
                return found
            assert time.monotonic() < end, f"after {seconds} seconds this is not so: {condition}"
            time.sleep(0.03)

    def run(self, script: str, *arguments: object) -> Any:
        """What a JavaScript function body returns, once the frame the page put things off to is drawn."""
        self._send("POST", "/execute/async", {"script": DRAWN, "args": []})
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def type(self, selector: str, text: str) -> None:
        """Clear a field and type into it, key by key."""
        found = self._send("POST", "/element", {"using": "css selector", "value": selector})
        self._send("POST", f"/element/{found[ELEMENT]}/clear", {})
        self._send("POST", f"/element/{found[ELEMENT]}/value", {"text": text})

    def paste(self, selector: str, text: str) -> None:
        """Put a text into a field at once."""
        self.run(
            "const field = document.querySelector(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input'))",
            selector,
            text,
        )

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._send("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    def press_together(self, *keys: str) -> None:
        """Press keys at once: the last one while the others are held."""
        strokes = [{"type": "keyDown", "value": key} for key in keys]
        strokes += [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._send("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    def in_frame(self, selector: str, script: str) -> Any:
        """What a JavaScript function body returns that is run in a frame's page."""
        found = self._send("POST", "/element", {"using": "css selector", "value": selector})
        self._send("POST", "/frame", {"id": found})
        try:
            return self.run(script)
        finally:
            self._send("POST", "/frame", {"id": None})

    def point(self, selector: str, place: int = 0) -> None:
        """Move the pointer over the element that is found at this place."""
        query = {"using": "css selector", "value": selector}
        found = self._send("POST", "/elements", query)[place]
        move = {"type": "pointerMove", "duration": 0, "origin": found, "x": 0, "y": 0}
        self._send("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [move]}]})

    def texts(self, selector: str) -> list[str]:
        """The text of every element that is found."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector
        )
        return found

    def complaints(self) -> list[str]:
        """Errors and refused requests since the last call."""
        return [entry["message"] for entry in self._send("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self._send("GET", "/screenshot")))

    def close(self) -> None:
        self._send("DELETE", "")


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser for the time of a block; skips the test where Chromium and its driver are not installed."""
    driver = shutil.which("chromedriver")
    if driver is None or (shutil.which("chromium") or shutil.which("google-chrome")) is None:
        pytest.skip("needs Chromium and chromedriver (Debian: chromium, chromium-driver)")
    with subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            started = next(
                found for line in process.stdout if (found := re.search(r"successfully on port (\d+)", line))
            )
            window = Browser(f"http://127.0.0.1:{started[1]}")
            try:
                yield window
            finally:
                window.close()
        finally:
            process.terminate()
