"""The dialogue: statements and commands, one entry after the other, and what it shows of them."""
