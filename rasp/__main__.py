"""Where the `rasp` command starts, also as `python -m rasp`: Ctrl-C is seen to before anything is loaded."""


def main() -> None:
    """Run the command line of this process, and exit with its code."""
    import _signal  # type: ignore[import-not-found] # built in; `signal` is Python, and slow to load

    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _end)
    from rasp import interrupts

    interrupts.end_at_once()
    from rasp.cli import main as run

    run()


def _end(number: int, frame: object) -> None:
    """What Ctrl-C does until `rasp.interrupts` is there."""
    import os  # loaded ever since Python started

    os.write(2, b"interrupted\n")
    os._exit(130)


if __name__ == "__main__":
    main()
