"""The machines of the library, said independently in Python: how states follow one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

State = list[int]


def run(step: Callable[[State], State], state: Sequence[int], most: int) -> Iterator[State]:
    """The states of a run, until nothing changes any more."""
    current = list(state)
    yield current
    for _ in range(most):
        following = step(current)
        if following == current:
            return
        current = following
        yield current


def wrapped(value: int, bits: int) -> int:
    """What is left of a number in a word of so many bits, with a sign."""
    half = 1 << bits - 1
    return (value + half) % (2 * half) - half


def subleq(state: State) -> State:
    """One instruction of SUBLEQ on words of 10 bits."""
    at = state[0]
    if at < 0:
        return state
    found = list(state)
    a, b, c = (read(state, at + i) for i in range(3))
    found[1] = -512
    if b == -1:
        found[1] = read(state, a)
        found[0] = wrapped(at + 3, 10)
        return found
    result = wrapped(read(state, b) - read(state, a), 10)
    if 2 <= b < len(state):
        found[b] = result
    found[0] = c if result <= 0 else wrapped(at + 3, 10)
    return found


def read(state: State, address: int) -> int:
    """The word at an address, 0 where there is none."""
    return state[address] if 0 <= address < len(state) else 0


def accumulator(state: State) -> State:
    """One instruction of the machine with an accumulator, on words of 12 bits."""
    at, held, stack, given, _ = state[:5]
    code, operand = read(state, at), read(state, at + 1)
    direct = read(state, operand)
    indirect = read(state, direct)
    found, pc, port, write = list(state), at + 2, -2048, None
    match code:
        case 0:
            pc = at
        case 1 | 2 | 3:
            held = (operand, direct, indirect)[code - 1]
        case 4 | 5:
            write = (operand, direct)[code - 4], held
        case 6 | 7 | 8:
            held += (operand, direct, indirect)[code - 6]
        case 9 | 10:
            held -= (direct, indirect)[code - 9]
        case 11:
            pc = operand
        case 12 | 13 | 14 | 15:
            if (held == 0, held != 0, held < 0, held > 0)[code - 12]:
                pc = operand
        case 16 | 17:
            held = int((held < direct, held == direct)[code - 16])
        case 18:
            stack, write, pc = stack - 1, (stack - 1, at + 2), operand
        case 19:
            pc, stack = read(state, stack), stack + 1
        case 20:
            stack, write = stack - 1, (stack - 1, held)
        case 21:
            held, stack = read(state, stack), stack + 1
        case 22:
            held, given = read(state, given), given + 1
        case 23:
            port = held
    if write is not None and 5 <= write[0] < len(state):
        found[write[0]] = within(write[1])
    found[:5] = [within(pc), within(held), within(stack), within(given), port]
    return found


def within(value: int) -> int:
    """The nearest number that a word of 12 bits holds."""
    return max(-2048, min(2047, value))


def brainfuck(state: State) -> State:
    """One instruction of Brainfuck, or one bracket on the way of a jump, in cells of 0 to 127."""
    at, cell_at, _, depth = state[:4]
    code, cell = read(state, at), read(state, cell_at)
    found = list(state)
    jumps = depth != 0
    found[2] = -1
    if code == 6 and (jumps or cell == 0):
        depth += 1
    elif code == 7 and (jumps or cell != 0):
        depth -= 1
    elif not jumps:
        cell_at += {1: 1, 2: -1}.get(code, 0)
        found[2] = cell if code == 5 else -1
        if 4 <= found[1] < len(state):
            found[found[1]] = (cell + {3: 1, 4: -1}.get(code, 0)) % 128
    stands = code == 8 and not jumps
    at += 0 if stands else 1 if depth >= 0 else -1
    found[0], found[1], found[3] = ((value + 16) % 144 - 16 for value in (at, cell_at, depth))
    return found


BEAVER = {
    "A0": "1RB",
    "A1": "1LB",
    "B0": "1LA",
    "B1": "0LC",
    "C0": "1RH",
    "C1": "1LD",
    "D0": "1RD",
    "D1": "0RA",
}


def turing(state: list[str]) -> list[str]:
    """One step of the busy beaver with four states."""
    head = next((i for i, cell in enumerate(state) if cell in BEAVER), None)
    if head is None:
        return state
    symbol, way, following = [*BEAVER[state[head]]]
    found = [*state[:head], symbol, *state[head + 1 :]]
    to = head + (1 if way == "R" else -1)
    if 0 <= to < len(state):
        found[to] = following + found[to]
    return found


def life(state: State) -> State:
    """One generation on a torus of 8 by 8."""
    cells = {divmod(i, 8) for i, cell in enumerate(state) if cell}
    around = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]

    def lives(row: int, column: int) -> bool:
        count = sum(((row + down) % 8, (column + right) % 8) in cells for down, right in around)
        return count == 3 or (count == 2 and (row, column) in cells)

    return [int(lives(*divmod(i, 8))) for i in range(64)]


def rule110(state: State) -> State:
    """One generation of Rule 110, by the digits of its number."""
    padded = [0, *state, 0]
    return [110 >> (4 * a + 2 * b + c) & 1 for a, b, c in zip(padded, padded[1:], padded[2:], strict=False)]


def parity(state: State) -> State:
    """Pairs of bits combined."""
    return [read(state, 2 * i) ^ read(state, 2 * i + 1) for i in range(len(state))]


def addition(state: State) -> State:
    """Each position keeps its digit and gets the carry of the next one."""
    return [value % 10 + (read(state, i + 1) > 9) for i, value in enumerate(state)]


def roots(state: State) -> State:
    """Each node points to its parent's parent."""
    return [read(state, parent) for parent in state]


def maze(state: list[str]) -> list[str]:
    """Free cells beside wet ones, with the arrow along which the water comes."""

    def wet(row: int, column: int) -> bool:
        inside = row >= 0 and 0 <= column < 16 and 16 * row + column < len(state)
        return inside and state[16 * row + column] not in "#."

    def flooded(place: int) -> str:
        row, column = divmod(place, 16)
        ways = {
            "v": wet(row - 1, column),
            "^": wet(row + 1, column),
            ">": wet(row, column - 1),
            "<": wet(row, column + 1),
        }
        return next((arrow for arrow, comes in ways.items() if comes), ".")

    return [flooded(i) if cell == "." else cell for i, cell in enumerate(state)]


def dyck2(state: list[str]) -> list[str]:
    """Pairs of neighbours that match become gaps, and other brackets move into a gap at their left."""
    pairs = [i for i in range(len(state) - 1) if "".join(state[i : i + 2]) in ("()", "[]")]
    gone = {place for i in pairs for place in (i, i + 1)}
    found = ["_" if i in gone else bracket for i, bracket in enumerate(state)]
    moves = [i for i in range(len(state) - 1) if state[i] == "_" != state[i + 1] and i + 1 not in gone]
    for i in moves:
        found[i + 1] = "_"
    for i in moves:
        found[i] = state[i + 1]
    return found


def sort(state: State) -> State:
    """Neighbours in order, at even places and then at odd ones."""
    found = list(state)
    for first in (0, 1):
        for i in range(first, len(found) - 1, 2):
            found[i : i + 2] = sorted(found[i : i + 2])
    return found


def reachable(state: State) -> State:
    """The successors of what is reached are reached."""
    told = {node - 64 for node in state if node >= 64}
    return [node + 64 if i in told and node < 64 else node for i, node in enumerate(state)]


def sudoku(state: State) -> State:
    """A digit that is settled elsewhere in the row, column or box is struck out."""

    def groups(place: int) -> tuple[int, int, tuple[int, int]]:
        row, column = divmod(place, 9)
        return row, column, (row // 3, column // 3)

    def left(place: int) -> int:
        mine = groups(place)
        settled = 0
        for other, digits in enumerate(state):
            near = any(a == b for a, b in zip(mine, groups(other), strict=True))
            settled |= digits if near and digits.bit_count() == 1 else 0
        digits = state[place]
        return digits if digits.bit_count() == 1 else digits & ~settled

    return [left(place) for place in range(len(state))]
