"""`python -m rasp` is the `rasp` command."""

from rasp.cli import main

main()
