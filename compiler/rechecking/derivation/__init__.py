"""The text of a program led to the terms that are compiled, each step shown by statements of its own."""
