"""`rasp completion`: what shells complete, and how they are told."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

VARIABLE = "_RASP_COMPLETE"
"""The environment variable by which a shell asks what could come next."""

SHELLS = ("bash", "zsh", "fish")


def programs_and_files(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Library programs, and the files and folders that begin like this."""
    import programs

    known = [
        CompletionItem(name) for name in [*programs.names(), *programs.steps()] if name.startswith(begun)
    ]
    files = [CompletionItem(path) for path in beginning(begun, (".rasp", ".py"))]
    return [*known, *files] or [CompletionItem(begun, type="file")]


def folders(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Folders, which is what a saved model is."""
    return [CompletionItem(begun, type="dir")]


def beginning(begun: str, endings: tuple[str, ...]) -> list[str]:
    """Programs' files and saved models that lie where the path begun leads."""
    folder, _, name = begun.rpartition("/")
    place = Path(f"{folder}/" if "/" in begun else ".")
    try:
        entries = sorted(place.iterdir())
    except OSError:
        return []
    fitting = [
        entry.name
        for entry in entries
        if entry.name.startswith(name)
        and (entry.name.endswith(endings) or (entry / "config.json").is_file())
        and (name or not entry.name.startswith("."))
    ]
    return [f"{folder}/{each}" if "/" in begun else each for each in fitting]


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the lines that teach a SHELL to complete commands, options, programs and folders.

    \b
    Examples:
      rasp completion bash >> ~/.bashrc
      rasp completion zsh >> ~/.zshrc
      rasp completion fish > ~/.config/fish/completions/rasp.fish
    """
    command = click.get_current_context().find_root().command
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(command, {}, "rasp", VARIABLE).source())
