"""`rasp play`: the playground in the browser."""

from __future__ import annotations

import contextlib
import socket
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rasp import interrupts
from rasp.commands.completing import programs_and_files
from rasp.errors import RaspError

if TYPE_CHECKING:
    from uvicorn import Config

WORKER = "rasp.commands.playing_worker"
JUDGE = "rasp.commands.judging_worker"
HOST = "127.0.0.1"


@click.command()
@click.argument("program", metavar="[PROGRAM]", required=False, shell_complete=programs_and_files)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="P", help="Serve here. [default: a free port]"
)
@click.option("--browser/--no-browser", default=True, help="Open the page in the browser, or do not.")
def play(program: str | None, port: int, browser: bool) -> None:
    """Open the playground: write programs in the browser, and watch them and their models at work.

    The page is served to this computer alone, at the address that is printed, until Ctrl-C. PROGRAM is what
    it begins with: a library program, a .rasp file, or an address that somebody has shared (what follows
    the # is enough). Progress in the exercises is kept in .rasp-learn.json, as "rasp learn" does.

    \b
    Examples:
      rasp play
      rasp play sort
      rasp play --no-browser --port 8080
    """
    fragment = fragment_of(program)
    try:
        import uvicorn

        from rasp.play.server import Kitchen, application, new_token
    except ImportError as error:
        raise RaspError(
            f"the playground needs the package {error.name}", hint='pip install "rasp-compiler[play]"'
        ) from None
    from runtime.view.page import empty_page

    with listening(port) as opened:
        actual = opened.getsockname()[1]
        token = new_token()
        kitchen = Kitchen(WORKER, JUDGE, empty_page(), Path())
        address = f"http://{HOST}:{actual}/{token}/{fragment}"
        click.echo(f"The playground is at\n  {address}\nCtrl-C ends it.")
        settings = uvicorn.Config(
            application(kitchen, token, actual),
            log_config=None,  # the default one closes the streams of other libraries' logs
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        serve(settings, opened, address if browser else None)


def serve(settings: Config, opened: socket.socket, address: str | None) -> None:
    """Serve until Ctrl-C, which ends this as any command; open the page as soon as somebody answers."""
    from uvicorn import Server

    class Ours(Server):
        """Ctrl-C stays what it is here: uvicorn would first wait for open pages, and complain of them."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            with super().capture_signals(), interrupts.at_once():
                yield

    if address is not None:
        webbrowser.open(address)  # the socket listens already, so the browser waits
    Ours(settings).run(sockets=[opened])


def listening(port: int) -> socket.socket:
    """A socket of this computer alone; RaspError if the port is taken."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, port))
        opened.listen(64)
    except OSError as error:
        opened.close()
        raise RaspError(
            f"port {port} cannot be used: {error.strerror}", hint="without --port, a free one is taken"
        ) from None
    return opened


def fragment_of(program: str | None) -> str:
    """What the address says after its # so that the page begins with this program."""
    if program is None:
        return ""
    before, sharp, after = program.partition("#")
    if sharp and (not before or before.startswith("http")):
        return f"#{after}"
    from rasp.commands.sources import load_program
    from rasp.play.sharing import packed

    loaded = load_program(program)
    return packed(loaded.source, loaded.name or "")
